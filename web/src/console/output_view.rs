//! The blocks of a console on the screen: all of a few, and of many only those in sight.

use std::rc::Rc;

use web_sys::HtmlElement;
use yew::prelude::*;

use super::output::{Block, Kind, Offer, Output};
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
}

/// What is shown.
#[derive(PartialEq, Properties)]
pub(super) struct Props {
    /// The client's name.
    pub(super) name: AttrValue,
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
        use_effect_with((), move |()| {
            measure.emit(());
            let resized =
                gloo::events::EventListener::new(&gloo::utils::window(), "resize", move |_| {
                    measure.emit(());
                });
            move || drop(resized)
        });
    }

    let blocks = props.output.blocks();
    let shown = if props.output.lines() <= DRAW_ALL {
        Window { to: blocks.len(), ..Window::default() }
    } else {
        let height = |block: &Rc<Block>| block_height(block, &view);
        window(blocks.iter().map(height), view.top, view.height)
    };
    let onscroll = Callback::from(move |_: Event| measure.emit(()));
    let room = |pixels: f64| format!("height: {pixels}px");
    html! {
        <div
            ref={scroller}
            class="output"
            data-testid="console-output"
            role="log"
            aria-live="off"
            aria-label={format!("Output of {}", props.name)}
            tabindex="0"
            {onscroll}
        >
            <span ref={ruler} class="ruler" aria-hidden="true">{ "0000000000" }</span>
            { props.children.clone() }
            <div key="above" style={room(shown.above)}></div>
            <div key="blocks">{ for blocks.iter().take(shown.to).skip(shown.from).map(|block| html! {
                <BlockView key={block.id} block={Rc::clone(block)} on_act={props.on_act.clone()} />
            }) }</div>
            <div key="below" style={room(shown.below)}></div>
        </div>
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
    let Block { id, kind, text, is_last } = &*props.block;
    let act = |act: Act| {
        let on_act = props.on_act.clone();
        Callback::from(move |_: MouseEvent| on_act.emit(act.clone()))
    };
    let class = match kind {
        Kind::Input { .. } => "block input",
        Kind::Reply => "block reply",
        Kind::Error => "block error",
        Kind::Push => "block push",
        Kind::Quiet => "block quiet",
        Kind::Offer(_) => "block offer",
        Kind::Fold { .. } => "block fold",
    };
    let class = classes!(class, is_last.then_some("last"));
    match kind {
        Kind::Input { prompt } => html! {
            <div {class}><span class="block-prompt">{ prompt.clone() }{ " " }</span>{ text.clone() }</div>
        },
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
                <button type="button" class="chip words" onclick={act(Act::Unfold(*id))}>
                    { format!("Show more of {} below", counted(*lines, "line")) }
                </button>
            </div>
        },
        _ => html! { <div {class}>{ text.clone() }</div> },
    }
}
