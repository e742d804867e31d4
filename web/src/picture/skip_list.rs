//! A sorted set with the steps of the last command: drawing or table, player, and the steps as text.

use std::rc::Rc;

use gloo::timers::callback::Timeout;
use redarium_structures::ordered::OrderedSet;
use web_sys::{HtmlElement, HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use super::controls::{Controls, Position, has_motion};
use super::drawing::Drawing;
use super::list_pack::ListPack;
use super::model::{Picture, SortedSet};
use super::player::{Frame, Play};
use super::scene::Scene;
use super::table::Table;
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
    /// Hears lines to be entered.
    pub(super) on_enter: Callback<String>,
    /// Hears where the window is to begin.
    pub(super) on_from: Callback<Start>,
}

#[component]
pub(super) fn SkipList(props: &Props) -> Html {
    let Props { picture, set, .. } = props;
    let is_table = use_state_eq(|| false);
    let (play, before) = use_played(picture, set);
    let position = use_state_eq(|| Position::begin(0, false));
    {
        let position = position.clone();
        use_effect_with((play.serial, play.len()), move |(_, steps)| {
            position.set(Position::begin(*steps, has_motion()));
        });
    }
    {
        let position = position.clone();
        use_effect_with((*position, play.len()), move |(now, steps)| {
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

    let at = position.at.min(play.len());
    // What a command took out is there until its last step.
    let shown = before.filter(|_| at < play.len()).unwrap_or_else(|| Rc::clone(set));
    let scene = use_memo(Rc::clone(&shown), |set| Scene::new(set));
    let frame = play.frames.get(at).cloned().unwrap_or_default();
    let frame = if at == play.len() { Frame { gone: OrderedSet::new(), ..frame } } else { frame };
    let on_choose = {
        let (on_write, key) = (props.on_write.clone(), picture.key.clone());
        Callback::from(move |member: String| on_write.emit(format!("ZREVRANK {key} {member}")))
    };
    let on_position = {
        let position = position.clone();
        Callback::from(move |to| position.set(to))
    };
    let toggle = {
        let is_table = is_table.clone();
        Callback::from(move |_: MouseEvent| is_table.set(!*is_table))
    };
    let encoding = if set.is_skip_list { "skiplist" } else { "listpack" };
    html! {
        <div class="picture kind-zset" data-testid="picture-skiplist" data-encoding={encoding}>
            <div class="toolbar">
                if set.is_skip_list {
                    <Controls position={*position} steps={play.len()} {on_position} />
                } else {
                    <span class="spring"></span>
                }
                <button type="button" class="text-button" data-testid="table" aria-pressed={is_table.to_string()} onclick={toggle}>{ "Table" }</button>
            </div>
            if *is_table {
                <Table set={Rc::clone(&shown)} {on_choose} />
            } else if set.is_skip_list {
                <Drawing name={picture.key.clone()} {scene} frame={frame.clone()} {on_choose} />
            } else {
                <ListPack name={picture.key.clone()} set={Rc::clone(set)} {on_choose} on_enter={props.on_enter.clone()} />
            }
            { window_controls(set, &props.on_from) }
            if set.is_skip_list {
                <Story play={Rc::clone(&play)} {at} on_step={
                    let position = position.clone();
                    Callback::from(move |at| position.set(Position { at, is_playing: false, ..*position }))
                } />
            }
        </div>
    }
}

/// The last command's steps, and the list as it was before if some of it is gone.
#[hook]
fn use_played(picture: &Rc<Picture>, set: &Rc<SortedSet>) -> (Rc<Play>, Option<Rc<SortedSet>>) {
    let played = use_memo((Rc::clone(picture), Rc::clone(set)), |(picture, set)| {
        let Some(trace) = &picture.trace else { return (Rc::default(), None) };
        let before = trace.before.clone().map(Rc::new);
        let over = before.as_deref().unwrap_or(set);
        (Rc::new(Play::new(trace, over)), before)
    });
    (*played).clone()
}

/// What happened, as text: the same steps, each of which can be gone to.
#[derive(PartialEq, Properties)]
struct StoryProps {
    play: Rc<Play>,
    at: usize,
    on_step: Callback<usize>,
}

#[component]
fn Story(props: &StoryProps) -> Html {
    let list = use_node_ref();
    let StoryProps { play, at, on_step } = props;
    {
        let list = list.clone();
        use_effect_with((play.serial, *at), move |(_, at)| {
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
    if play.is_empty() {
        return html! {
            <section class="story">
                <p class="story-title">{ "The next command on this key shows its way here, step by step." }</p>
            </section>
        };
    }
    html! {
        <section class="story" aria-label="What happened">
            <p class="story-title" data-testid="cost">{ format!("{}.", play.cost) }<span class="muted">{ play.result.clone() }</span></p>
            <ol ref={list} class="steps" data-testid="steps">
                { for play.texts.iter().enumerate().map(|(index, text)| {
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
