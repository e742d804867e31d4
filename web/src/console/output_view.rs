//! The blocks of a console on the screen: all of a few, and of many only those in sight.

use std::rc::Rc;

use wasm_bindgen::JsCast as _;
use wasm_bindgen::closure::Closure;
use web_sys::{HtmlElement, ResizeObserver};
use yew::prelude::*;

use super::links;
use super::output::{Block, Kind, Offer, Output};
use super::reply_menu::ReplyMenu;
use super::window::{Window, window};
use crate::format::counted;

/// Lines up to which everything is drawn.
const DRAW_ALL: usize = 300;

/// Pixels within which the end counts as in sight.
const NEAR_END: i32 = 40;

/// Pixels below the last block of a reply, as in the style sheet.
const GAP: f64 = 8.0;

/// Something that a person does in the output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Act {
    /// A button of an offer.
    Take(Offer),
    /// More of a folded reply.
    Unfold(u32),
    /// A name in a block is followed.
    Follow(u32, String),
    /// Back to the prompt.
    Leave,
}

/// What is shown.
#[derive(PartialEq, Properties)]
pub(super) struct Props {
    /// The client's name.
    pub(super) name: AttrValue,
    /// What it is called.
    pub(super) title: AttrValue,
    /// Whether it is the one in front.
    pub(super) is_active: bool,
    /// The blocks.
    pub(super) output: Rc<Output>,
    /// Hears what a person does.
    pub(super) on_act: Callback<Act>,
    /// Shown above everything.
    #[prop_or_default]
    pub(super) children: Html,
}

/// Where the view is scrolled to, and the size of a character.
#[derive(Debug, Clone, Copy, PartialEq)]
struct View {
    top: f64,
    height: f64,
    columns: usize,
    line: f64,
}

#[component]
pub(super) fn OutputView(props: &Props) -> Html {
    let scroller = use_node_ref();
    let ruler = use_node_ref();
    let is_at_end = use_mut_ref(|| true);
    let last_input = use_mut_ref(|| None);
    let view = use_state_eq(|| View { top: 0.0, height: 800.0, columns: 80, line: 21.0 });

    let measure = {
        let (scroller, ruler, view) = (scroller.clone(), ruler.clone(), view.clone());
        let is_at_end = Rc::clone(&is_at_end);
        Callback::from(move |()| {
            let (Some(element), Some(ruler)) =
                (scroller.cast::<HtmlElement>(), ruler.cast::<HtmlElement>())
            else {
                return;
            };
            let height = element.client_height();
            if height == 0 {
                // Behind a tab.
                return;
            }
            *is_at_end.borrow_mut() =
                element.scroll_top() + height >= element.scroll_height() - NEAR_END;
            let letter = ruler.get_bounding_client_rect();
            let columns = f64::from(element.client_width() - 24) / (letter.width() / 10.0).max(1.0);
            view.set(View {
                // Half a screen is always drawn beyond, so small moves change nothing.
                top: f64::from(element.scroll_top() / 100 * 100),
                height: f64::from(height),
                columns: (columns as usize).max(10),
                line: letter.height().max(1.0),
            });
        })
    };
    {
        let (scroller, is_at_end, measure) =
            (scroller.clone(), Rc::clone(&is_at_end), measure.clone());
        use_effect_with((props.name.clone(), Rc::clone(&props.output)), move |(_, output)| {
            // Whoever enters something wants to see the answer.
            let is_input = |block: &&Rc<Block>| matches!(block.kind, Kind::Input { .. });
            let input = output.blocks().iter().rev().find(is_input).map(|block| block.id);
            if last_input.replace(input) != input {
                *is_at_end.borrow_mut() = true;
            }
            if let Some(element) = scroller.cast::<HtmlElement>()
                && *is_at_end.borrow()
            {
                element.set_scroll_top(element.scroll_height());
                // What came into sight is drawn only now, and may be higher than was thought.
                gloo::timers::callback::Timeout::new(0, move || {
                    measure.emit(());
                    element.set_scroll_top(element.scroll_height());
                })
                .forget();
            }
        });
    }
    {
        let measure = measure.clone();
        let scroller = scroller.clone();
        use_effect_with((), move |()| {
            measure.emit(());
            let resized = Closure::<dyn FnMut()>::new(move || measure.emit(()));
            let observer = ResizeObserver::new(resized.as_ref().unchecked_ref()).ok();
            if let (Some(observer), Some(element)) = (&observer, scroller.cast::<HtmlElement>()) {
                observer.observe(&element);
            }
            move || {
                if let Some(observer) = observer {
                    observer.disconnect();
                }
                drop(resized);
            }
        });
    }

    let on_act = {
        let (on_act, is_at_end) = (props.on_act.clone(), Rc::clone(&is_at_end));
        Callback::from(move |act: Act| {
            // Whoever looks into a long reply reads on from where it was folded.
            if matches!(act, Act::Unfold(_)) {
                *is_at_end.borrow_mut() = false;
            }
            on_act.emit(act);
        })
    };
    let blocks = props.output.blocks();
    let shown = if props.output.lines() <= DRAW_ALL {
        Window { to: blocks.len(), ..Window::default() }
    } else {
        let height = |block: &Rc<Block>| block_height(block, &view);
        window(blocks.iter().map(height), view.top, view.height)
    };
    {
        // The next part of a long reply comes before its end is in sight.
        let on_act = on_act.clone();
        let next = blocks.iter().take(shown.to).skip(shown.from);
        let next = next.rev().find(|it| matches!(it.kind, Kind::Fold { is_wanted: true, .. }));
        use_effect_with(next.map(|block| block.id), move |next| {
            if let Some(id) = *next {
                on_act.emit(Act::Unfold(id));
            }
        });
    }
    let onscroll = Callback::from(move |_: Event| measure.emit(()));
    let onclick = {
        let on_act = on_act.clone();
        Callback::from(move |event: MouseEvent| {
            let target = event.target().and_then(|it| it.dyn_into::<HtmlElement>().ok());
            if let Some(act) = target.and_then(|it| followed(&it)) {
                on_act.emit(act);
            }
        })
    };
    let onkeydown = {
        let on_act = on_act.clone();
        let scroller = scroller.clone();
        Callback::from(move |event: KeyboardEvent| {
            let target = event.target().and_then(|it| it.dyn_into::<HtmlElement>().ok());
            let (Some(target), Some(scroller)) = (target, scroller.cast::<HtmlElement>()) else {
                return;
            };
            let key = event.key();
            let is_plain = !event.ctrl_key() && !event.meta_key() && !event.alt_key();
            if is_plain && key.chars().count() == 1 && key != " " {
                // What is typed belongs to the prompt.
                on_act.emit(Act::Leave);
                return;
            }
            match key.as_str() {
                "Escape" => on_act.emit(Act::Leave),
                "Enter" => match followed(&target) {
                    Some(act) => on_act.emit(act),
                    None => return,
                },
                "ArrowUp" => go(&scroller, &target, ".stop", false),
                "ArrowDown" => go(&scroller, &target, ".stop", true),
                "ArrowLeft" => go(&scroller, &target, ".stop, .follow", false),
                "ArrowRight" => go(&scroller, &target, ".stop, .follow", true),
                _ => return,
            }
            event.prevent_default();
        })
    };
    let room = |pixels: f64| format!("height: {pixels}px");
    let testid = if props.is_active {
        "console-output".to_owned()
    } else {
        format!("console-output-{}", props.title)
    };
    html! {
        <div
            ref={scroller}
            class="output"
            data-testid={testid}
            role="log"
            aria-live="off"
            aria-label={format!("Output of {}. Up and down go from command to command, right to what can be followed", props.title)}
            tabindex="0"
            {onscroll}
            {onclick}
            {onkeydown}
        >
            <span ref={ruler} class="ruler" aria-hidden="true">{ "0000000000" }</span>
            { props.children.clone() }
            <div key="above" style={room(shown.above)}></div>
            <div key="blocks">{ for blocks.iter().take(shown.to).skip(shown.from).map(|block| html! {
                <BlockView key={block.id} block={Rc::clone(block)} on_act={on_act.clone()} />
            }) }</div>
            <div key="below" style={room(shown.below)}></div>
        </div>
    }
}

/// What it means to click this element, if it is a name that can be followed.
fn followed(element: &HtmlElement) -> Option<Act> {
    let block = element.dataset().get("follow")?.parse().ok()?;
    Some(Act::Follow(block, element.text_content()?))
}

/// Moves the focus to the element after or before this one among those that a selector finds.
fn go(scroller: &HtmlElement, from: &HtmlElement, selector: &str, is_forward: bool) {
    let Ok(found) = scroller.query_selector_all(selector) else { return };
    let found: Vec<HtmlElement> =
        (0..found.length()).filter_map(|at| found.item(at)?.dyn_into().ok()).collect();
    let is_before = |it: &&HtmlElement| {
        from.compare_document_position(it) & web_sys::Node::DOCUMENT_POSITION_PRECEDING != 0
    };
    let next = if from == scroller {
        found.last()
    } else if is_forward {
        found.iter().find(|it| *it != from && !is_before(it))
    } else {
        found.iter().rev().find(is_before)
    };
    if let Some(next) = next {
        let _ = next.focus();
    }
}

fn block_height(block: &Block, view: &View) -> f64 {
    let rows = match &block.kind {
        Kind::Offer(_) | Kind::Fold { .. } => block.rows(view.columns) + 2,
        _ => block.rows(view.columns),
    };
    rows as f64 * view.line + if block.is_last { GAP } else { 0.0 }
}

#[derive(PartialEq, Properties)]
struct BlockProps {
    block: Rc<Block>,
    on_act: Callback<Act>,
}

#[component]
fn BlockView(props: &BlockProps) -> Html {
    let Block { id, kind, text, is_last, wire, cause, .. } = &*props.block;
    let is_near = use_state_eq(|| false);
    let act = |act: Act| {
        let on_act = props.on_act.clone();
        Callback::from(move |_: MouseEvent| on_act.emit(act.clone()))
    };
    let class = match kind {
        Kind::Input { .. } => "block input stop",
        Kind::Reply => "block reply",
        Kind::Error => "block error",
        Kind::Push => "block push",
        Kind::Sent => "block sent",
        Kind::Received => "block received",
        Kind::Quiet => "block quiet",
        Kind::Offer(_) => "block offer",
        Kind::Fold { .. } => "block fold",
    };
    let class = classes!(class, is_last.then_some("last"));
    let linked = || {
        let parts = links::parts(kind, text).into_iter();
        parts.map(|(part, leads)| {
            if leads {
                html! {
                    <span class="follow" role="link" tabindex="-1" data-follow={id.to_string()}>{ part.to_owned() }</span>
                }
            } else {
                html! { part.to_owned() }
            }
        })
    };
    match kind {
        Kind::Input { prompt, facts } => {
            let near = |on: bool| {
                let is_near = is_near.clone();
                move || is_near.set(on)
            };
            let (on, off, focused, left) = (near(true), near(false), near(true), near(false));
            html! {
                <div
                    {class}
                    tabindex="-1"
                    onmouseenter={move |_| on()}
                    onmouseleave={move |_| off()}
                    onfocusin={move |_| focused()}
                    onfocusout={move |_| left()}
                >
                    <span class="block-prompt">{ prompt.clone() }{ " " }</span><span class="typed">{ for linked() }</span>
                    if let Some(facts) = facts.as_ref().filter(|_| *is_near) {
                        <ul class="facts" data-testid="facts">{ for facts.lines().into_iter().map(|line| html! { <li>{ line }</li> }) }</ul>
                    }
                </div>
            }
        }
        Kind::Offer(offers) => html! {
            <div {class}>
                <p>{ text.clone() }</p>
                <div class="chips">
                    { for offers.iter().map(|(label, offer)| html! {
                        <button type="button" class={classes!("chip", (!matches!(offer, Offer::Run(_))).then_some("words"))} onclick={act(Act::Take(offer.clone()))}>{ label.clone() }</button>
                    }) }
                </div>
            </div>
        },
        Kind::Fold { lines, .. } => html! {
            <div {class}>
                <button type="button" class="chip words stop" onclick={act(Act::Unfold(*id))}>
                    { format!("Show more of {} below", counted(*lines, "line")) }
                </button>
            </div>
        },
        _ => html! {
            <div {class}>
                if let Some(number) = cause {
                    <span class="cause" title={format!("because of command {number}")} aria-label={format!("because of command {number}")}>{ format!("\u{2190}{number}") }</span>
                }
                <span class="text">{ for linked() }</span>
                if let Some(wire) = wire.as_ref().filter(|wire| !wire.is_empty()) {
                    <ReplyMenu wire={Rc::clone(wire)} />
                }
            </div>
        },
    }
}
