//! The middle of the page: a console for each client.

use std::rc::Rc;

use yew::prelude::*;

use super::help_pane::HelpPane;
use super::lanes_view::LanesView;
use super::links;
use super::output::Offer;
use super::output_view::{Act, OutputView};
use super::prompt::{Prompt, focus_prompt};
use super::tabs::Tabs;
use crate::protocol::{Mode, Status};
use crate::session::Session;
use crate::state::{Consoles, Msg, Show};

/// Commands that the first visit offers.
const FIRST: [&str; 2] = ["SET greeting hello", "ZADD game 4200 ana"];

/// The consoles and the prompt of the one in front.
#[derive(PartialEq, Properties)]
pub struct Props {
    /// All consoles.
    pub consoles: Rc<Consoles>,
    /// Where the world stands.
    pub status: Rc<Status>,
    /// The prompts of all clients, in the order of their consoles.
    pub prompts: Vec<AttrValue>,
    /// Whether the consoles stand side by side where there is room.
    pub is_split: bool,
    /// Whether something has been running for long.
    pub is_slow: bool,
    /// Whether the help pane is open.
    pub is_helping: bool,
    /// Bytes loaded and in all.
    pub loading: Option<(usize, usize)>,
    /// Does what a person wants.
    pub session: Session,
}

/// The zone.
#[component]
pub fn Zone(props: &Props) -> Html {
    let consoles = &props.consoles;
    let subject = use_state(AttrValue::default);
    let tab = consoles.active();
    let (session, client) = (&props.session, &tab.name);
    let on_enter = {
        let (session, client) = (session.clone(), client.clone());
        Callback::from(move |line: String| session.enter(&client, &line))
    };
    let on_clear = {
        let (session, client) = (session.clone(), client.clone());
        Callback::from(move |()| session.tell(Msg::Clear(client.clone())))
    };
    let stop = {
        let session = session.clone();
        Callback::from(move |_: MouseEvent| session.stop())
    };
    let status = props.status.clients.iter().find(|it| it.name == *client);
    let is_blocked = status.is_some_and(|it| it.is_blocked);
    let on_interrupt = {
        let (session, client) = (session.clone(), client.clone());
        Callback::from(move |()| session.interrupt(&client, is_blocked))
    };
    let on_write = {
        let session = session.clone();
        Callback::from(move |line: String| {
            // Where the pane leaves no room for the console it would hide what it has written.
            if gloo::utils::body().client_width() < 768 {
                session.tell(Msg::Help(false));
            }
            session.write(line);
        })
    };
    let on_help_closed = {
        let session = session.clone();
        Callback::from(move |()| {
            session.tell(Msg::Help(false));
            focus_prompt();
        })
    };
    let prompt = props.prompts.get(consoles.active).cloned().unwrap_or_default();
    html! {
        <section class={classes!("zone", "console", props.is_split.then_some("split"))} aria-label="Console">
            <Tabs consoles={Rc::clone(consoles)} status={Rc::clone(&props.status)} is_split={props.is_split} session={session.clone()} />
            if consoles.show == Show::Lanes {
                <LanesView tabs={consoles.tabs.clone()} lanes={Rc::clone(&consoles.lanes)} done={props.status.done} />
            } else {
                <div class="columns">
                    { for consoles.tabs.iter().enumerate()
                        .filter(|(index, _)| props.is_split || *index == consoles.active)
                        .map(|(index, _)| column(props, index)) }
                </div>
            }
            <div class="unseen" aria-live="polite">{ consoles.aloud.clone() }</div>
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
                {prompt}
                history={Rc::clone(&consoles.history)}
                draft={(consoles.draft_serial, consoles.draft.clone())}
                can_interrupt={status.is_some_and(|it| it.mode != Mode::Commands || it.is_blocked)}
                {on_interrupt}
                {on_enter}
                {on_clear}
                db={status.map_or(0, |it| it.db)}
                on_subject={let subject = subject.clone(); move |name| subject.set(name)}
                session={session.clone()}
            />
            if props.is_helping {
                <HelpPane subject={(*subject).clone()} {on_write} on_close={on_help_closed} />
            }
        </section>
    }
}

/// The console of one client.
fn column(props: &Props, index: usize) -> Html {
    let consoles = &props.consoles;
    let Some(tab) = consoles.tabs.get(index) else { return Html::default() };
    let (session, client) = (&props.session, &tab.name);
    let is_active = index == consoles.active;
    let is_alone = consoles.tabs.len() == 1 || !props.is_split;
    let output = if consoles.show == Show::Wire { &tab.wire } else { &tab.output };
    let on_act = {
        let (session, client) = (session.clone(), client.clone());
        let (output, status) = (Rc::clone(&tab.output), Rc::clone(&props.status));
        Callback::from(move |act| match act {
            Act::Take(offer) => session.take(&client, &offer),
            Act::Unfold(id) => session.tell(Msg::Unfold(client.clone(), id)),
            Act::Follow(block, part) => {
                if let Some(place) = links::place(&output, block, &part) {
                    session.follow(&client, &status, place);
                }
            }
            Act::Leave => focus_prompt(),
        })
    };
    let onfocusin = {
        let session = session.clone();
        Callback::from(move |_: FocusEvent| {
            if !is_active {
                session.tell(Msg::Switch(index));
            }
        })
    };
    html! {
        <div key={client.clone()} class={classes!("column", format!("client-{}", tab.colour), is_active.then_some("active"))} {onfocusin}>
            <OutputView name={client.clone()} title={tab.title.clone()} {is_active} output={Rc::clone(output)} {on_act}>
                { if consoles.is_fresh { welcome(session, client) } else { Html::default() } }
                if consoles.show == Show::Wire && output.blocks().is_empty() {
                    <p class="welcome">{ "The bytes of requests and replies appear here. Try PING." }</p>
                }
            </OutputView>
            if !is_alone {
                <div class="column-prompt" title={tab.title.clone()}><span class="client-mark" aria-hidden="true"></span>{ tab.title.clone() }{ " " }{ props.prompts.get(index).cloned().unwrap_or_default() }</div>
            }
        </div>
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
