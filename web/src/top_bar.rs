//! The bar at the top: name, session, what is folded, files, theme, help.

use std::rc::Rc;

use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::session::Session;
use crate::state::{Layout, LayoutChange, Msg, Pane, Theme};

/// What the bar shows.
#[derive(PartialEq, Properties)]
pub struct Props {
    /// Where things are.
    pub layout: Rc<Layout>,
    /// The client in front, which files are loaded for.
    pub client: AttrValue,
    /// Does what a person wants.
    pub session: Session,
}

/// The bar.
#[component]
pub fn TopBar(props: &Props) -> Html {
    let chooser = use_node_ref();
    let Props { layout, session, client } = props;
    let change = |change: LayoutChange| {
        let session = session.clone();
        Callback::from(move |_: MouseEvent| session.layout(change.clone()))
    };
    let choose = {
        let chooser = chooser.clone();
        Callback::from(move |_: MouseEvent| {
            if let Some(input) = chooser.cast::<HtmlInputElement>() {
                input.click();
            }
        })
    };
    let onchange = {
        let (session, client) = (session.clone(), client.clone());
        Callback::from(move |event: Event| {
            let input = event.target_unchecked_into::<HtmlInputElement>();
            if let Some(file) = input.files().and_then(|files| files.get(0)) {
                session.load_file(&client, file);
            }
            // The same file can be chosen again.
            input.set_value("");
        })
    };
    let ontitle = {
        let session = session.clone();
        Callback::from(move |event: Event| {
            let title = event.target_unchecked_into::<HtmlInputElement>().value();
            session.layout(LayoutChange::Title(title));
        })
    };
    let help = {
        let session = session.clone();
        Callback::from(move |_: MouseEvent| {
            session.layout(LayoutChange::Front(Pane::Console));
            session.tell(Msg::Help(true));
        })
    };
    let is_dark = is_dark(layout.theme);
    let other = if is_dark { Theme::Light } else { Theme::Dark };
    let theme_label = if is_dark { "Switch to light" } else { "Switch to dark" };
    html! {
        <header class="top-bar">
            <h1 class="brand">{ logo() }<span>{ "Redarium" }</span></h1>
            <input
                class="session-title"
                aria-label="Name of this session"
                value={layout.title.clone()}
                maxlength="60"
                spellcheck="false"
                autocomplete="off"
                onchange={ontitle}
            />
            <div class="spring"></div>
            <button
                type="button"
                class="text-button drawer-button"
                aria-expanded={layout.drawer.to_string()}
                onclick={change(LayoutChange::Drawer(!layout.drawer))}
            >
                { "Keys" }
            </button>
            <div class="folds" role="group" aria-label="Zones">
                <button type="button" class="text-button" aria-pressed={(!layout.keys_folded).to_string()} onclick={change(LayoutChange::Fold(Pane::Keys))}>{ "Keys" }</button>
                <button type="button" class="text-button" aria-pressed={(!layout.memory_folded).to_string()} onclick={change(LayoutChange::Fold(Pane::Memory))}>{ "Memory" }</button>
            </div>
            <button type="button" class="text-button" data-testid="file-open" title="Commands or words, one a line; dropping a file on the page does the same" onclick={choose}>{ "Open file" }</button>
            <input ref={chooser} class="unseen" type="file" data-testid="file-input" aria-label="File to load" tabindex="-1" {onchange} />
            <button type="button" class="icon-button" data-testid="theme" aria-label={theme_label} title={theme_label} onclick={change(LayoutChange::Theme(other))}>
                { if is_dark { "\u{2600}\u{fe0e}" } else { "\u{263e}\u{fe0e}" } }
            </button>
            <button type="button" class="icon-button" data-testid="help" aria-label="Help" title="Help (F1)" onclick={help}>{ "?" }</button>
        </header>
    }
}

/// Whether a theme is dark on this screen.
pub fn is_dark(theme: Theme) -> bool {
    match theme {
        Theme::Dark => true,
        Theme::Light => false,
        Theme::System => gloo::utils::window()
            .match_media("(prefers-color-scheme: dark)")
            .ok()
            .flatten()
            .is_some_and(|query| query.matches()),
    }
}

/// Three towers of a skip list under glass.
fn logo() -> Html {
    html! {
        <svg class="logo" viewBox="0 0 24 24" width="22" height="22" aria-hidden="true">
            <path class="logo-glass" d="M4 3h16v14a4 4 0 0 1-4 4H8a4 4 0 0 1-4-4z" />
            <path class="logo-lane" d="M7 8h10M7 15.5h10" />
            <circle class="logo-node" cx="7.5" cy="15.5" r="1.8" />
            <circle class="logo-node" cx="12" cy="15.5" r="1.8" />
            <circle class="logo-node" cx="16.5" cy="15.5" r="1.8" />
            <circle class="logo-node first" cx="7.5" cy="8" r="1.8" />
            <circle class="logo-node" cx="16.5" cy="8" r="1.8" />
        </svg>
    }
}
