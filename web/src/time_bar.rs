//! The bar at the bottom: the clock, and the way back and forward through what was done.

use std::rc::Rc;

use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::format::{counted, day, grouped, time_of_day};
use crate::protocol::Status;
use crate::session::Session;

/// Rates that the clock can run at.
const RATES: [u32; 4] = [1, 10, 60, 3600];

/// What the bar shows.
#[derive(PartialEq, Properties)]
pub struct Props {
    /// Where the world stands.
    pub status: Rc<Status>,
    /// Does what a person wants.
    pub session: Session,
}

/// The bar.
#[component]
pub fn TimeBar(props: &Props) -> Html {
    let Props { status, session } = props;
    let rate = use_state_eq(|| 1_u32);
    let is_running = status.rate > 0.0;
    let act = |act: fn(&Session)| {
        let session = session.clone();
        Callback::from(move |_: MouseEvent| act(&session))
    };
    let toggle = {
        let (session, next) = (session.clone(), if is_running { 0.0 } else { f64::from(*rate) });
        Callback::from(move |_: MouseEvent| session.clock(next))
    };
    let faster = {
        let (session, rate) = (session.clone(), rate.clone());
        Callback::from(move |event: Event| {
            let value = event.target_unchecked_into::<web_sys::HtmlSelectElement>().value();
            let chosen = value.parse().unwrap_or(1);
            rate.set(chosen);
            session.clock(f64::from(chosen));
        })
    };
    let scrub = {
        let session = session.clone();
        Callback::from(move |event: InputEvent| {
            let value = event.target_unchecked_into::<HtmlInputElement>().value();
            session.seek(value.parse().unwrap_or(0));
        })
    };
    let is_past = status.done < status.all;
    let (toggle_id, toggle_label, toggle_sign) = if is_running {
        ("clock-pause", "Stop the clock", "\u{2759}\u{2759}")
    } else {
        ("clock-run", "Let the clock run", "\u{25b6}\u{fe0e}")
    };
    html! {
        <footer class="time-bar" aria-label="Time">
            <div class="clock-group" role="group" aria-label="Clock">
                <time class="clock" data-testid="clock" title={format!("{} UTC, the time inside", day(status.now))}>{ time_of_day(status.now) }</time>
                <span class="date">{ day(status.now) }</span>
                <button type="button" class="icon-button" data-testid={toggle_id} aria-label={toggle_label} title={toggle_label} onclick={toggle}>{ toggle_sign }</button>
                <button type="button" class="text-button" data-testid="clock-plus-1s" title="One second later" onclick={act(|session| session.advance(1000))}>{ "+1 s" }</button>
                <button type="button" class="text-button" data-testid="clock-plus-1m" title="One minute later" onclick={act(|session| session.advance(60_000))}>{ "+1 min" }</button>
                <select class="rate" aria-label="Speed of the clock" data-testid="clock-rate" onchange={faster}>
                    { for RATES.iter().map(|&it| html! {
                        <option value={it.to_string()} selected={it == *rate}>{ format!("\u{d7}{it}") }</option>
                    }) }
                </select>
            </div>
            <div class="history-group" role="group" aria-label="History">
                <button type="button" class="icon-button" data-testid="undo" aria-label="Undo" title="Undo the last command" disabled={status.done == 0} onclick={act(Session::undo)}>{ "\u{21b6}" }</button>
                <button type="button" class="icon-button" data-testid="redo" aria-label="Redo" title="Do it again" disabled={!is_past} onclick={act(Session::redo)}>{ "\u{21b7}" }</button>
                <input
                    class="scrubber"
                    type="range"
                    data-testid="scrubber"
                    aria-label="Moment in the history"
                    aria-valuetext={format!("after {} of {}", status.done, counted(status.all, "command"))}
                    min="0"
                    max={status.all.to_string()}
                    value={status.done.to_string()}
                    disabled={status.all == 0}
                    oninput={scrub}
                />
                <span class={classes!("position", is_past.then_some("past"))} data-testid="position" title="Commands in force, of all that were run">
                    { format!("{} / {}", grouped(status.done), grouped(status.all)) }
                    <span class="position-unit">{ if status.all == 1 { " command" } else { " commands" } }</span>
                </span>
            </div>
        </footer>
    }
}
