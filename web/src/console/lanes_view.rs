//! Several clients at once: a lane for each, and the order in which the node did what they asked for.

use std::rc::Rc;

use yew::prelude::*;

use crate::state::consoles::Tab;
use crate::state::lanes::{Lanes, Row};

/// Rows that are drawn.
const DRAWN_MAX: usize = 200;

/// The clients and what was done for them.
#[derive(PartialEq, Properties)]
pub(super) struct Props {
    /// The clients.
    pub(super) tabs: Vec<Tab>,
    /// What was done for them.
    pub(super) lanes: Rc<Lanes>,
    /// Things done that are in force; later ones were undone.
    pub(super) done: usize,
}

#[component]
pub(super) fn LanesView(props: &Props) -> Html {
    let scroller = use_node_ref();
    {
        let scroller = scroller.clone();
        use_effect_with(Rc::clone(&props.lanes), move |_| {
            if let Some(element) = scroller.cast::<web_sys::HtmlElement>() {
                element.set_scroll_top(element.scroll_height());
            }
        });
    }
    let rows = props.lanes.rows();
    let rows = rows.get(rows.len().saturating_sub(DRAWN_MAX)..).unwrap_or_default();
    html! {
        <div ref={scroller} class="lanes" data-testid="lanes" tabindex="0" role="region" aria-label="What the node did, in order">
            <table>
                <thead>
                    <tr>
                        <th scope="col"><abbr title="The order in which the node did it">{ "#" }</abbr></th>
                        { for props.tabs.iter().map(|tab| html! {
                            <th scope="col" class={format!("client-{}", tab.colour)}><span class="client-mark" aria-hidden="true"></span>{ tab.title.clone() }</th>
                        }) }
                    </tr>
                </thead>
                <tbody>{ for rows.iter().map(|row| lane(row, props)) }</tbody>
            </table>
            if rows.is_empty() {
                <p class="empty">{ "What the clients do appears here in the order in which the node does it. Try BLPOP jobs 0 in one and RPUSH jobs mail in another." }</p>
            }
        </div>
    }
}

fn lane(row: &Row, props: &Props) -> Html {
    let class = classes!((row.number > props.done).then_some("undone"));
    let number = if row.line.is_some() { row.number.to_string() } else { String::new() };
    html! {
        <tr {class}>
            <th scope="row">{ number }</th>
            { for props.tabs.iter().map(|tab| {
                if tab.name != row.client {
                    return html! { <td></td> };
                }
                let waits = row.line.is_some() && row.text.is_empty();
                html! {
                    <td class={format!("lane client-{}", tab.colour)}>
                        if let Some(line) = &row.line { <div class="lane-line">{ line.clone() }</div> }
                        if waits { <div class="lane-wait">{ "\u{2026} no reply yet" }</div> }
                        <div class={classes!("lane-text", row.is_error.then_some("error"))}>{ row.text.clone() }</div>
                    </td>
                }
            }) }
        </tr>
    }
}
