//! A tab for each client, with what it does at the moment, and the ways to show consoles.

use std::rc::Rc;

use wasm_bindgen::JsCast as _;
use web_sys::{HtmlElement, HtmlInputElement, ScrollIntoViewOptions, ScrollLogicalPosition};
use yew::prelude::*;

use super::prompt::focus_prompt;
use crate::protocol::{ClientStatus, Mode, Status};
use crate::session::Session;
use crate::state::{Consoles, LayoutChange, Msg, Show};

/// The clients and how they are shown.
#[derive(PartialEq, Properties)]
pub(super) struct Props {
    /// All consoles.
    pub(super) consoles: Rc<Consoles>,
    /// Where the world stands.
    pub(super) status: Rc<Status>,
    /// Whether they stand side by side where there is room.
    pub(super) is_split: bool,
    /// Does what a person wants.
    pub(super) session: Session,
}

#[component]
pub(super) fn Tabs(props: &Props) -> Html {
    let renaming = use_state_eq(|| None::<String>);
    let field = use_node_ref();
    {
        let field = field.clone();
        use_effect_with((*renaming).clone(), move |_| {
            if let Some(field) = field.cast::<HtmlInputElement>() {
                let _ = field.focus();
                field.select();
            }
        });
    }
    let list = use_node_ref();
    {
        let list = list.clone();
        use_effect_with((props.consoles.active, props.consoles.tabs.len()), move |_| {
            let list = list.cast::<HtmlElement>();
            let active = list.and_then(|it| it.query_selector(".tab.active").ok().flatten());
            if let Some(active) = active {
                let nearest = ScrollIntoViewOptions::new();
                nearest.set_block(ScrollLogicalPosition::Nearest);
                nearest.set_inline(ScrollLogicalPosition::Nearest);
                active.scroll_into_view_with_scroll_into_view_options(&nearest);
            }
        });
    }
    let (session, consoles) = (&props.session, &props.consoles);
    let tell = |msg: Msg| {
        let session = session.clone();
        Callback::from(move |_: MouseEvent| session.tell(msg.clone()))
    };
    // Whoever chooses a client by pointer wants to type; with the keyboard one goes on among the tabs.
    let switch = |msg: Msg| {
        let session = session.clone();
        Callback::from(move |event: MouseEvent| {
            session.tell(msg.clone());
            if event.detail() == 1 && gloo::utils::body().client_width() >= 768 {
                focus_prompt();
            }
        })
    };
    let tab = |index: usize, tab: &crate::state::consoles::Tab| {
        if renaming.as_deref() == Some(&*tab.name) {
            return rename_field(session, &tab.name, &tab.title, &field, &renaming);
        }
        let is_active = index == consoles.active;
        let is_only = consoles.tabs.len() == 1;
        let close = {
            let (session, name) = (session.clone(), tab.name.clone());
            Callback::from(move |_: MouseEvent| session.close(&name))
        };
        let rename = {
            let (renaming, name) = (renaming.clone(), tab.name.clone());
            move || renaming.set(Some(name.clone()))
        };
        let ondblclick = {
            let rename = rename.clone();
            Callback::from(move |_: MouseEvent| rename())
        };
        let onkeydown = {
            let (session, name) = (session.clone(), tab.name.clone());
            let count = consoles.tabs.len();
            Callback::from(move |event: KeyboardEvent| {
                let to = match event.key().as_str() {
                    "ArrowLeft" => (index + count - 1) % count,
                    "ArrowRight" => (index + 1) % count,
                    "Home" => 0,
                    "End" => count - 1,
                    "F2" => return rename(),
                    "Delete" => return session.close(&name),
                    _ => return,
                };
                event.prevent_default();
                session.tell(Msg::Switch(to));
                focus_tab(&event, to);
            })
        };
        let status = props.status.clients.iter().find(|it| it.name == tab.name);
        html! {
            <span key={tab.name.clone()} class={classes!("tab", format!("client-{}", tab.colour), is_active.then_some("active"))}>
                <button
                    type="button"
                    role="tab"
                    class="tab-name"
                    data-testid={format!("client-tab-{}", tab.title)}
                    aria-selected={is_active.to_string()}
                    tabindex={if is_active { "0" } else { "-1" }}
                    title="Double-click or F2 renames"
                    onclick={switch(Msg::Switch(index))}
                    {ondblclick}
                    {onkeydown}
                >
                    <span class="client-mark" aria-hidden="true"></span>
                    { tab.title.clone() }
                    if let Some(state) = status.and_then(state_of) { <span class="client-state">{ state }</span> }
                    if tab.has_news { <span class="dot" title="something new"></span> }
                </button>
                if is_active && !is_only {
                    <button type="button" class="tab-close" aria-label={format!("Disconnect {}", tab.title)} onclick={close}>{ "\u{d7}" }</button>
                }
            </span>
        }
    };
    let show = |show: Show, sign: &str, testid: &'static str, title: &'static str| {
        let is_on = consoles.show == show;
        let next = if is_on { Show::Text } else { show };
        html! {
            <button type="button" class="icon-button" data-testid={testid} aria-pressed={is_on.to_string()} aria-label={title} {title} onclick={tell(Msg::Show(next))}>{ sign.to_owned() }</button>
        }
    };
    html! {
        <div class="zone-head tabs">
            <div ref={list} class="tab-list" role="tablist" aria-label="Clients">
                { for consoles.tabs.iter().enumerate().map(|(index, it)| tab(index, it)) }
            </div>
            <button type="button" class="icon-button" data-testid="new-client" aria-label="Connect another client" title="Connect another client" onclick={switch(Msg::AddClient)}>{ "+" }</button>
            <span class="spring"></span>
            if consoles.tabs.len() > 1 {
                <button type="button" class="icon-button split-button" data-testid="split" aria-pressed={props.is_split.to_string()} aria-label="Clients side by side" title="Clients side by side" onclick={tell(Msg::Layout(LayoutChange::Split(!props.is_split)))}>{ "\u{25eb}" }</button>
            }
            { show(Show::Lanes, "\u{2261}", "show-lanes", "The order in which the node did it") }
            { show(Show::Wire, "\u{21c4}", "show-wire", "The bytes that go both ways") }
        </div>
    }
}

/// What a client does at the moment, in a word.
fn state_of(client: &ClientStatus) -> Option<String> {
    Some(match (client.is_blocked, client.mode, client.queued) {
        (true, ..) => "waits".to_owned(),
        (_, Mode::Monitor, _) => "monitor".to_owned(),
        (_, Mode::Subscribed, _) => "subscribed".to_owned(),
        (_, _, Some(queued)) => format!("TX {queued}"),
        _ => return None,
    })
}

/// The field in which a client's name is changed.
fn rename_field(
    session: &Session,
    client: &str,
    title: &str,
    field: &NodeRef,
    renaming: &UseStateHandle<Option<String>>,
) -> Html {
    let done = {
        let (session, renaming) = (session.clone(), renaming.clone());
        let client = client.to_owned();
        move |title: Option<String>| {
            if let Some(title) = title {
                session.tell(Msg::Rename { client: client.clone(), title });
            }
            renaming.set(None);
        }
    };
    let value = |event: &Event| event.target_unchecked_into::<HtmlInputElement>().value();
    let onblur = {
        let done = done.clone();
        Callback::from(move |event: FocusEvent| done(Some(value(&event))))
    };
    let onkeydown = Callback::from(move |event: KeyboardEvent| match event.key().as_str() {
        "Enter" => done(Some(value(&event))),
        "Escape" => done(None),
        _ => {}
    });
    html! {
        <input key={format!("{client}-name")} ref={field} class="tab-rename" data-testid="rename-client" aria-label={format!("New name of {title}")} value={title.to_owned()} maxlength="24" {onblur} {onkeydown} />
    }
}

/// Moves the focus to another tab of the same list.
fn focus_tab(event: &KeyboardEvent, index: usize) {
    let here = event.target().and_then(|it| it.dyn_into::<HtmlElement>().ok());
    let list = here.and_then(|it| it.closest("[role=tablist]").ok().flatten());
    let tabs = list.and_then(|it| it.query_selector_all("[role=tab]").ok());
    let tab =
        tabs.and_then(|it| it.item(index as u32)).and_then(|it| it.dyn_into::<HtmlElement>().ok());
    if let Some(tab) = tab {
        let _ = tab.focus();
    }
}
