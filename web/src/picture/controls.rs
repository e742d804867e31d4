//! The player's buttons.

use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

/// Milliseconds of one step at normal speed.
const STEP_MS: f64 = 350.0;

/// Steps from which on a trace is shown at its end instead of being played by itself.
const PLAYS_ALONE: usize = 60;

/// Where a trace is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Position {
    /// Steps done.
    pub(super) at: usize,
    /// Whether it goes on by itself.
    pub(super) is_playing: bool,
    /// Milliseconds of a step.
    pub(super) step_ms: f64,
}

impl Position {
    /// A trace that has just come.
    pub(super) fn begin(steps: usize, has_motion: bool) -> Self {
        let plays = has_motion && steps <= PLAYS_ALONE;
        Self { at: if plays { 0 } else { steps }, is_playing: plays && steps > 0, step_ms: STEP_MS }
    }

    fn at(self, at: usize) -> Self {
        Self { at, is_playing: false, ..self }
    }
}

/// Whether a person wants things to move.
pub(super) fn has_motion() -> bool {
    let query = gloo::utils::window().match_media("(prefers-reduced-motion: reduce)");
    !query.ok().flatten().is_some_and(|query| query.matches())
}

/// The buttons.
#[derive(PartialEq, Properties)]
pub(super) struct Props {
    /// Where the trace is.
    pub(super) position: Position,
    /// Its steps.
    pub(super) steps: usize,
    /// Hears where it is to go.
    pub(super) on_position: Callback<Position>,
}

#[component]
pub(super) fn Controls(props: &Props) -> Html {
    let Props { position, steps, on_position } = props;
    let (position, steps) = (*position, *steps);
    let to = |to: Position| {
        let on_position = on_position.clone();
        Callback::from(move |_: MouseEvent| on_position.emit(to))
    };
    let played = if position.is_playing {
        Position { is_playing: false, ..position }
    } else {
        let at = if position.at >= steps { 0 } else { position.at };
        Position { at, is_playing: true, ..position }
    };
    let scrub = {
        let on_position = on_position.clone();
        Callback::from(move |event: InputEvent| {
            let value = event.target_unchecked_into::<HtmlInputElement>().value();
            on_position.emit(position.at(value.parse().unwrap_or(0)));
        })
    };
    let faster = {
        let on_position = on_position.clone();
        Callback::from(move |event: Event| {
            let value = event.target_unchecked_into::<HtmlSelectElement>().value();
            let factor: f64 = value.parse().unwrap_or(1.0);
            on_position.emit(Position { step_ms: STEP_MS / factor, ..position });
        })
    };
    let (sign, label) = if position.is_playing {
        ("\u{2759}\u{2759}", "Pause")
    } else {
        ("\u{25b6}\u{fe0e}", "Play the steps")
    };
    html! {
        <div class="controls" role="group" aria-label="Steps of the last command">
            <button type="button" class="icon-button" data-testid="picture-back" aria-label="One step back" title="One step back" disabled={position.at == 0} onclick={to(position.at(position.at.saturating_sub(1)))}>{ "\u{25c2}" }</button>
            <button type="button" class="icon-button" data-testid="picture-play" aria-label={label} title={label} disabled={steps == 0} onclick={to(played)}>{ sign }</button>
            <button type="button" class="icon-button" data-testid="picture-step" aria-label="One step on" title="One step on" disabled={position.at >= steps} onclick={to(position.at((position.at + 1).min(steps)))}>{ "\u{25b8}" }</button>
            <input type="range" data-testid="picture-scrub" aria-label="Step" aria-valuetext={format!("step {} of {steps}", position.at)} min="0" max={steps.to_string()} value={position.at.to_string()} disabled={steps == 0} oninput={scrub} />
            <span class="step-count">{ format!("{} / {steps}", position.at) }</span>
            <select class="rate" aria-label="Speed of the steps" onchange={faster}>
                { for [("0.5", "\u{d7}\u{bd}"), ("1", "\u{d7}1"), ("2", "\u{d7}2"), ("4", "\u{d7}4")].map(|(value, label)| {
                    let selected = value.parse().is_ok_and(|factor: f64| (STEP_MS / factor - position.step_ms).abs() < 1.0);
                    html! { <option {value} {selected}>{ label }</option> }
                }) }
            </select>
        </div>
    }
}
