//! A sorted set in a skip list, with the steps of the last command.

mod drawing;
mod play;
mod scene;
mod table;

use std::rc::Rc;

use redarium_structures::ordered::OrderedSet;
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use self::drawing::Drawing;
use self::play::Play;
use self::scene::Scene;
use self::table::Table;
use super::model::{Picture, SortedSet};
use super::stage::Stage;
use crate::format::grouped;
use crate::protocol::From as Start;

/// What is shown.
#[derive(PartialEq, Properties)]
pub(super) struct Props {
    /// The picture.
    pub(super) picture: Rc<Picture>,
    /// Its members.
    pub(super) set: Rc<SortedSet>,
    /// Hears a line to be written for a person to enter.
    pub(super) on_write: Callback<String>,
    /// Hears where the window is to begin.
    pub(super) on_from: Callback<Start>,
}

#[component]
pub(super) fn SkipList(props: &Props) -> Html {
    let Props { picture, set, .. } = props;
    let (play, before) = use_played(picture, set);
    // What a command took out is there until its last step.
    let scenes = use_memo((Rc::clone(set), before.clone()), |(set, before)| {
        let before = before.as_ref().unwrap_or(set);
        (Rc::new(Scene::new(before)), Rc::new(Scene::new(set)))
    });
    let on_choose = {
        let (on_write, key) = (props.on_write.clone(), picture.key.clone());
        Callback::from(move |member: String| on_write.emit(format!("ZREVRANK {key} {member}")))
    };
    let draw = {
        let (play, on_choose, name) = (Rc::clone(&play), on_choose.clone(), picture.key.clone());
        Callback::from(move |at: usize| {
            let mut frame = play.frames.get(at).cloned().unwrap_or_default();
            let is_over = at == play.len();
            if is_over {
                frame.gone = OrderedSet::new();
            }
            let scene = Rc::clone(if is_over { &scenes.1 } else { &scenes.0 });
            html! { <Drawing name={name.clone()} {scene} {frame} on_choose={on_choose.clone()} /> }
        })
    };
    let table = {
        let (play, set) = (Rc::clone(&play), Rc::clone(set));
        Callback::from(move |at: usize| {
            let shown = before.as_ref().filter(|_| at < play.len()).unwrap_or(&set);
            html! { <Table set={Rc::clone(shown)} on_choose={on_choose.clone()} /> }
        })
    };
    html! {
        <Stage picture="skiplist" class="kind-zset" story={Rc::clone(&play.story)} {draw} {table}>
            { window_controls(set, &props.on_from) }
        </Stage>
    }
}

/// The last command's steps, and the list as it was before if some of it is gone.
#[hook]
fn use_played(picture: &Rc<Picture>, set: &Rc<SortedSet>) -> (Rc<Play>, Option<Rc<SortedSet>>) {
    let played = use_memo((Rc::clone(picture), Rc::clone(set)), |(picture, set)| {
        let Some(trace) = &picture.trace else { return (Rc::default(), None) };
        let before = play::before(trace).cloned().map(Rc::new);
        let over = before.as_deref().unwrap_or(set);
        (Rc::new(Play::new(trace, over)), before)
    });
    (*played).clone()
}

/// Which part of a long list is shown, and the way to others.
fn window_controls(set: &SortedSet, on_from: &Callback<Start>) -> Html {
    let count = crate::state::memory::PICTURE_NODES;
    let len = set.len as usize;
    if len <= count {
        return Html::default();
    }
    let go = |rank: usize| {
        let on_from = on_from.clone();
        Callback::from(move |_: MouseEvent| on_from.emit(Start::Rank(rank)))
    };
    let last = (set.from + count).min(len);
    let jump = {
        let on_from = on_from.clone();
        Callback::from(move |event: Event| {
            let input = event.target_unchecked_into::<HtmlInputElement>();
            let by = input.previous_element_sibling();
            let by = by.map(wasm_bindgen::JsCast::unchecked_into::<HtmlSelectElement>);
            let Ok(number) = input.value().parse::<f64>() else { return };
            if by.is_some_and(|by| by.value() == "score") {
                on_from.emit(Start::Score(number));
            } else {
                on_from.emit(Start::Rank(number.max(0.0) as usize));
            }
        })
    };
    html! {
        <div class="window-controls">
            <button type="button" class="icon-button" aria-label="Lower ranks" title="Lower ranks" disabled={set.from == 0} onclick={go(set.from.saturating_sub(count))}>{ "\u{2190}" }</button>
            <span data-testid="window">{ format!("ranks {}\u{2013}{} of {}", grouped(set.from), grouped(last.saturating_sub(1)), grouped(len)) }</span>
            <button type="button" class="icon-button" aria-label="Higher ranks" title="Higher ranks" disabled={last >= len} onclick={go(last)}>{ "\u{2192}" }</button>
            <span class="spring"></span>
            <label class="jump">
                { "Go to " }
                <select aria-label="Go to a rank or a score">
                    <option value="rank" selected=true>{ "rank" }</option>
                    <option value="score">{ "score" }</option>
                </select>
                <input type="number" aria-label="Rank or score to go to" onchange={jump} />
            </label>
        </div>
    }
}
