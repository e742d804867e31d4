//! The words that may follow, in a row under the prompt. The focus stays in the prompt, which says which one is chosen.

use std::rc::Rc;

use web_sys::{Element, ScrollIntoViewOptions, ScrollLogicalPosition};
use yew::prelude::*;

use super::completion::Choice;
use crate::kind::kind;

/// Choices and which of them is chosen.
#[derive(PartialEq, Properties)]
pub(super) struct Props {
    /// The words.
    pub(super) choices: Rc<Vec<Choice>>,
    /// The one that stands in the prompt.
    pub(super) chosen: Option<usize>,
    /// Hears which one was clicked.
    pub(super) on_take: Callback<usize>,
}

#[component]
pub(super) fn Choices(props: &Props) -> Html {
    let active = use_node_ref();
    {
        let active = active.clone();
        use_effect_with(props.chosen, move |_| {
            if let Some(active) = active.cast::<Element>() {
                let nearest = ScrollIntoViewOptions::new();
                nearest.set_block(ScrollLogicalPosition::Nearest);
                nearest.set_inline(ScrollLogicalPosition::Nearest);
                active.scroll_into_view_with_scroll_into_view_options(&nearest);
            }
        });
    }
    if props.choices.is_empty() {
        return html! { <div class="choices"></div> };
    }
    // A press would take the focus from the prompt.
    let onmousedown = Callback::from(|event: MouseEvent| event.prevent_default());
    html! {
        <div
            id="console-completions"
            class="choices"
            role="listbox"
            aria-label="Completions"
            aria-orientation="horizontal"
            data-testid="console-completions"
            tabindex="-1"
            {onmousedown}
        >
            { for props.choices.iter().enumerate().map(|(at, choice)| {
                let is_chosen = props.chosen == Some(at);
                let on_take = props.on_take.clone();
                let onclick = Callback::from(move |_: MouseEvent| on_take.emit(at));
                let look = (!choice.kind.is_empty()).then(|| kind(&choice.kind));
                html! {
                    <div
                        key={at}
                        ref={if is_chosen { active.clone() } else { NodeRef::default() }}
                        id={format!("choice-{at}")}
                        role="option"
                        class={classes!("choice", look.map(|look| look.class))}
                        aria-selected={is_chosen.to_string()}
                        title={choice.note.clone()}
                        {onclick}
                    >
                        if let Some(look) = look {
                            <span class="choice-glyph" aria-hidden="true">{ look.glyph }</span>
                        }
                        { choice.text.clone() }
                        if let Some(look) = look { <span class="unseen">{ format!(", {}", look.name) }</span> }
                    </div>
                }
            }) }
        </div>
    }
}
