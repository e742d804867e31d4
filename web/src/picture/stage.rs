//! What every picture stands on: the player, the switch to the table, and the steps as text.

use std::rc::Rc;

use gloo::timers::callback::Timeout;
use web_sys::HtmlElement;
use yew::prelude::*;

use super::controls::{Controls, Position, has_motion};
use super::tale::Story;

/// What is played.
#[derive(PartialEq, Properties)]
pub(super) struct Props {
    /// The name of the picture, as in `data-testid`.
    pub(super) picture: &'static str,
    /// The class of the key's type.
    pub(super) class: &'static str,
    /// The steps.
    pub(super) story: Rc<Story>,
    /// Draws the state after so many steps.
    pub(super) draw: Callback<usize, Html>,
    /// The same as a table.
    pub(super) table: Callback<usize, Html>,
    /// What stands between the drawing and the text.
    #[prop_or_default]
    pub(super) children: Html,
}

#[component]
pub(super) fn Stage(props: &Props) -> Html {
    let Props { story, .. } = props;
    let steps = story.texts.len();
    let is_table = use_state_eq(|| false);
    let position = use_position(story.serial, steps);
    let at = position.at.min(steps);
    let on_position = {
        let position = position.clone();
        Callback::from(move |to| position.set(to))
    };
    let toggle = {
        let is_table = is_table.clone();
        Callback::from(move |_: MouseEvent| is_table.set(!*is_table))
    };
    let on_step = {
        let position = position.clone();
        Callback::from(move |at| position.set(Position { at, is_playing: false, ..*position }))
    };
    html! {
        <div class={classes!("picture", props.class)} data-testid={format!("picture-{}", props.picture)}>
            <div class="toolbar">
                <Controls position={*position} {steps} {on_position} />
                <button type="button" class="text-button" data-testid="picture-table" aria-pressed={is_table.to_string()} onclick={toggle}>{ "Table" }</button>
            </div>
            { if *is_table { props.table.emit(at) } else { props.draw.emit(at) } }
            { props.children.clone() }
            <Told story={Rc::clone(story)} {at} {on_step} />
        </div>
    }
}

/// Where the player stands; it begins anew with each story and goes on by itself.
#[hook]
fn use_position(serial: u32, steps: usize) -> UseStateHandle<Position> {
    let position = use_state(|| Position::begin(0, false));
    {
        let position = position.clone();
        use_effect_with((serial, steps), move |(_, steps)| {
            position.set(Position::begin(*steps, has_motion()));
        });
    }
    {
        let position = position.clone();
        use_effect_with((*position, steps), move |(now, steps)| {
            let (now, steps) = (*now, *steps);
            let timer = now.is_playing.then(|| {
                Timeout::new(now.step_ms as u32, move || {
                    let at = (now.at + 1).min(steps);
                    position.set(Position { at, is_playing: at < steps, ..now });
                })
            });
            move || drop(timer)
        });
    }
    position
}

/// What happened, as text: the same steps, each of which can be gone to.
#[derive(PartialEq, Properties)]
struct ToldProps {
    story: Rc<Story>,
    at: usize,
    on_step: Callback<usize>,
}

#[component]
fn Told(props: &ToldProps) -> Html {
    let list = use_node_ref();
    let ToldProps { story, at, on_step } = props;
    {
        let list = list.clone();
        use_effect_with((story.serial, *at), move |(_, at)| {
            let current = list.cast::<HtmlElement>().and_then(|list| {
                let step = list.children().item((*at).saturating_sub(1) as u32)?;
                Some((list, wasm_bindgen::JsCast::unchecked_into::<HtmlElement>(step)))
            });
            if let Some((list, step)) = current {
                let (top, bottom) = (step.offset_top(), step.offset_top() + step.offset_height());
                if top < list.scroll_top() || bottom > list.scroll_top() + list.client_height() {
                    list.set_scroll_top(top - list.client_height() / 2);
                }
            }
        });
    }
    if story.texts.is_empty() {
        return html! {
            <section class="story">
                <p class="story-title">{ "The next command on this key shows its way here, step by step." }</p>
            </section>
        };
    }
    html! {
        <section class="story" aria-label="What happened">
            <p class="story-title" data-testid="cost">{ format!("{}.", story.cost) }<span class="muted">{ story.result.clone() }</span></p>
            <ol ref={list} class="steps" data-testid="picture-trace">
                { for story.texts.iter().enumerate().map(|(index, text)| {
                    let on_step = on_step.clone();
                    let onclick = Callback::from(move |_: MouseEvent| on_step.emit(index + 1));
                    let is_current = index + 1 == *at;
                    html! {
                        <li key={index} class={classes!(is_current.then_some("current"), (index < *at).then_some("done"))}>
                            <button type="button" aria-current={is_current.then_some("step")} {onclick}>{ text.clone() }</button>
                        </li>
                    }
                }) }
            </ol>
        </section>
    }
}
