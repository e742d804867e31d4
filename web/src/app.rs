//! The whole page as one component: state, session, and where the zones go.

use std::rc::Rc;

use wasm_bindgen::JsCast as _;
use yew::prelude::*;

use crate::console;
use crate::keys;
use crate::picture;
use crate::session::Session;
use crate::splitter::Splitter;
use crate::state::{LEFT, Layout, LayoutChange, Msg, Pane, RIGHT, State};
use crate::storage;
use crate::time_bar::TimeBar;
use crate::top_bar::TopBar;

/// Where the layout is kept from visit to visit.
const LAYOUT: &str = "redarium.layout";

/// Where the lines that were typed are kept.
const HISTORY: &str = "redarium.history";

/// How the page runs.
#[derive(Debug, Default, PartialEq, Properties)]
pub struct Props {
    /// Whether the page does the worker's work itself.
    #[prop_or_default]
    pub in_page: bool,
}

/// The page.
#[component]
pub fn App(props: &Props) -> Html {
    let state = use_reducer_eq(|| {
        let mut state = State::default();
        if let Some(layout) = storage::get::<Layout>(LAYOUT) {
            state.layout = Rc::new(layout.within_bounds());
        }
        if let Some(history) = storage::get(HISTORY) {
            Rc::make_mut(&mut state.consoles).history = Rc::new(history);
        }
        state
    });
    let session = {
        let (dispatch, in_page) = (state.dispatcher(), props.in_page);
        use_memo((), move |()| Session::start(dispatch, in_page))
    };
    let session = (*session).clone();
    {
        let session = session.clone();
        use_effect_with((), move |()| session.clock(1.0));
    }
    {
        let session = session.clone();
        use_effect_with((state.status.epoch, state.memory.look()), move |(_, look)| {
            session.look(look.clone());
        });
    }
    use_effect_with(Rc::clone(&state.layout), |layout| {
        storage::set(LAYOUT, &**layout);
        if let Some(root) = gloo::utils::document().document_element() {
            let _ = match layout.theme.attribute() {
                Some(theme) => root.set_attribute("data-theme", theme),
                None => root.remove_attribute("data-theme"),
            };
        }
    });

    use_effect_with(Rc::clone(&state.consoles.history), |history| {
        storage::set(HISTORY, &**history);
    });

    let ondragover = Callback::from(|event: DragEvent| event.prevent_default());
    let ondrop = {
        let (session, client) = (session.clone(), state.consoles.active().name.clone());
        Callback::from(move |event: DragEvent| {
            event.prevent_default();
            let files = event.data_transfer().and_then(|data| data.files());
            if let Some(file) = files.and_then(|files| files.get(0)) {
                session.layout(LayoutChange::Front(Pane::Console));
                session.load_file(&client, file);
            }
        })
    };
    let onkeydown = {
        let (session, is_helping) = (session.clone(), state.is_helping);
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "F1" {
                event.prevent_default();
                session.layout(LayoutChange::Front(Pane::Console));
                session.tell(Msg::Help(!is_helping));
                return;
            }
            shortcut(&session, &event);
        })
    };

    let layout = &state.layout;
    let client = AttrValue::from(state.consoles.active().name.clone());
    let class = classes!(
        "app",
        layout.keys_folded.then_some("without-keys"),
        layout.memory_folded.then_some("without-memory"),
        layout.drawer.then_some("with-drawer"),
        match layout.front {
            Pane::Keys => "front-keys",
            Pane::Console => "front-console",
            Pane::Memory => "front-memory",
            Pane::Time => "front-time",
        },
    );
    let width = |change: fn(f64) -> LayoutChange| {
        let session = session.clone();
        Callback::from(move |width| session.layout(change(width)))
    };
    html! {
        <div
            {class}
            data-testid="app"
            style={format!("--left: {}px; --right: {}px", layout.left, layout.right)}
            {ondragover}
            {ondrop}
            {onkeydown}
        >
            <TopBar layout={Rc::clone(layout)} client={client.clone()} session={session.clone()} />
            <main class="zones">
                <keys::Zone memory={Rc::clone(&state.memory)} status={Rc::clone(&state.status)} session={session.clone()} />
                <Splitter label="Width of the list of keys" width={layout.left} range={LEFT} on_width={width(LayoutChange::Left)} />
                <console::Zone
                    consoles={Rc::clone(&state.consoles)}
                    status={Rc::clone(&state.status)}
                    prompts={state.consoles.tabs.iter().map(|tab| state.prompt_of(&tab.name).into()).collect::<Vec<AttrValue>>()}
                    is_split={layout.is_split}
                    is_helping={state.is_helping}
                    is_slow={state.is_slow}
                    loading={state.loading}
                    session={session.clone()}
                />
                <Splitter label="Width of the picture" width={layout.right} range={RIGHT} is_mirrored=true on_width={width(LayoutChange::Right)} />
                <picture::Zone memory={Rc::clone(&state.memory)} now={state.status.now} {client} session={session.clone()} />
            </main>
            <TimeBar status={Rc::clone(&state.status)} session={session.clone()} />
            { tab_bar(layout.front, &session) }
        </div>
    }
}

/// Where there is room for one zone: the four things that can be in front.
fn tab_bar(front: Pane, session: &Session) -> Html {
    let panes = [
        (Pane::Keys, "Keys", "\u{25a4}"),
        (Pane::Console, "Console", "\u{276f}"),
        (Pane::Memory, "Memory", "\u{2195}\u{fe0e}"),
        (Pane::Time, "Time", "\u{25f7}"),
    ];
    html! {
        <nav class="tab-bar" aria-label="Zones">
            { for panes.into_iter().map(|(pane, name, sign)| {
                let session = session.clone();
                let onclick = Callback::from(move |_: MouseEvent| session.layout(LayoutChange::Front(pane)));
                let current = (pane == front).then_some("page");
                html! {
                    <button type="button" aria-current={current} data-testid={format!("tab-{}", name.to_ascii_lowercase())} {onclick}>
                        <span class="tab-sign" aria-hidden="true">{ sign }</span>{ name }
                    </button>
                }
            }) }
        </nav>
    }
}

/// Ctrl-Z and Ctrl-Y work wherever no text is being edited.
fn shortcut(session: &Session, event: &KeyboardEvent) {
    let target = event.target();
    let area = target.as_ref().and_then(|it| it.dyn_ref::<web_sys::HtmlTextAreaElement>());
    let field = target.as_ref().and_then(|it| it.dyn_ref::<web_sys::HtmlInputElement>());
    let is_text = area.is_some_and(|area| !area.value().is_empty())
        || field.is_some_and(|input| !input.value().is_empty() && input.type_() != "range");
    if is_text || !(event.ctrl_key() || event.meta_key()) {
        return;
    }
    match (event.key().as_str(), event.shift_key()) {
        ("z", false) => session.undo(),
        ("y", _) | ("Z" | "z", true) => session.redo(),
        _ => return,
    }
    event.prevent_default();
}
