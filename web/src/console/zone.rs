//! The middle of the page: a console for each client.

use yew::prelude::*;

use super::output::Offer;
use super::output_view::{Act, OutputView};
use super::prompt::Prompt;
use crate::session::Session;
use crate::state::{Consoles, Msg};
use std::rc::Rc;

/// Commands that the first visit offers.
const FIRST: [&str; 2] = ["SET greeting hello", "ZADD game 4200 ana"];

/// The consoles and the prompt of the one in front.
#[derive(PartialEq, Properties)]
pub struct Props {
    /// All consoles.
    pub consoles: Rc<Consoles>,
    /// The prompt of the one in front.
    pub prompt: AttrValue,
    /// Whether messages arrive there by themselves.
    pub is_listening: bool,
    /// Whether something has been running for long.
    pub is_slow: bool,
    /// Bytes loaded and in all.
    pub loading: Option<(usize, usize)>,
    /// Does what a person wants.
    pub session: Session,
}

/// The zone.
#[component]
pub fn Zone(props: &Props) -> Html {
    let tab = props.consoles.active();
    let (session, client) = (&props.session, &tab.name);
    let on_enter = {
        let (session, client) = (session.clone(), client.clone());
        Callback::from(move |line: String| session.enter(&client, &line))
    };
    let on_act = {
        let (session, client) = (session.clone(), client.clone());
        Callback::from(move |act| match act {
            Act::Take(offer) => session.take(&client, &offer),
            Act::Unfold(id) => session.tell(Msg::Unfold(id)),
        })
    };
    let on_clear = {
        let session = session.clone();
        Callback::from(move |()| session.tell(Msg::Clear))
    };
    let stop = {
        let session = session.clone();
        Callback::from(move |_: MouseEvent| session.stop())
    };
    html! {
        <section class="zone console" aria-label="Console">
            { tabs(props) }
            <OutputView key={client.clone()} name={client.clone()} output={Rc::clone(&tab.output)} on_act={on_act}>
                { if props.consoles.is_fresh { welcome(session, client) } else { Html::default() } }
            </OutputView>
            <div class="unseen" aria-live="polite">{ props.consoles.aloud.clone() }</div>
            if let Some((done, all)) = props.loading {
                <div class="running">
                    <progress max={all.to_string()} value={done.to_string()} aria-label="Loading"></progress>
                    <span>{ format!("{} of {} KB", done / 1024, all / 1024) }</span>
                </div>
            }
            if props.is_slow {
                <div class="running">
                    <span>{ "This takes long." }</span>
                    <button type="button" class="button" data-testid="stop" onclick={stop}>{ "Stop" }</button>
                </div>
            }
            <Prompt
                prompt={props.prompt.clone()}
                history={Rc::clone(&props.consoles.history)}
                draft={(props.consoles.draft_serial, props.consoles.draft.clone())}
                is_listening={props.is_listening}
                {on_enter}
                {on_clear}
            />
        </section>
    }
}

/// The first visit: one line and three ways to begin.
fn welcome(session: &Session, client: &str) -> Html {
    let take = |offer: Offer| {
        let (session, client) = (session.clone(), client.to_owned());
        Callback::from(move |_: MouseEvent| session.take(&client, &offer))
    };
    let load = {
        let (session, client) = (session.clone(), client.to_owned());
        Callback::from(move |_: MouseEvent| session.load_words(&client))
    };
    html! {
        <div class="welcome" data-testid="welcome">
            <p>{ "A whole Redis runs inside this page. It is yours and it is empty: type a command, or begin with one of these." }</p>
            <div class="chips">
                { for FIRST.iter().map(|&line| html! {
                    <button type="button" class="chip" onclick={take(Offer::Run(line.into()))}>{ line }</button>
                }) }
                <button type="button" class="chip words" data-testid="load-words" onclick={load}>{ "Load 6,000 words" }</button>
            </div>
        </div>
    }
}

/// A tab for each client.
fn tabs(props: &Props) -> Html {
    let session = &props.session;
    let add = {
        let session = session.clone();
        Callback::from(move |_: MouseEvent| session.tell(Msg::AddClient))
    };
    let is_only = props.consoles.tabs.len() == 1;
    html! {
        <div class="zone-head tabs">
            <div class="tab-list" role="tablist" aria-label="Clients">
                { for props.consoles.tabs.iter().enumerate().map(|(index, tab)| {
                    let is_active = index == props.consoles.active;
                    let switch = {
                        let session = session.clone();
                        Callback::from(move |_: MouseEvent| session.tell(Msg::Switch(index)))
                    };
                    let close = {
                        let (session, name) = (session.clone(), tab.name.clone());
                        Callback::from(move |_: MouseEvent| {
                            session.disconnect(&name);
                            session.tell(Msg::CloseClient(index));
                        })
                    };
                    html! {
                        <span key={tab.name.clone()} class={classes!("tab", is_active.then_some("active"))}>
                            <button
                                type="button"
                                role="tab"
                                class="tab-name"
                                aria-selected={is_active.to_string()}
                                onclick={switch}
                            >
                                { tab.name.clone() }
                                if tab.has_news { <span class="dot" title="something new"></span> }
                            </button>
                            if is_active && !is_only {
                                <button type="button" class="tab-close" aria-label={format!("Disconnect {}", tab.name)} onclick={close}>{ "\u{d7}" }</button>
                            }
                        </span>
                    }
                }) }
            </div>
            <button type="button" class="icon-button" data-testid="add-client" aria-label="Connect another client" title="Connect another client" onclick={add}>{ "+" }</button>
        </div>
    }
}
