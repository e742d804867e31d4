//! The zone of the list: a filter above, and only the rows in sight below it.

use std::rc::Rc;

use redarium_structures::order;
use web_sys::{HtmlElement, HtmlInputElement};
use yew::prelude::*;

use super::row::Row;
use crate::format::{counted, grouped, time_left};
use crate::kind::reading;
use crate::protocol::{KeyRow, Status};
use crate::session::Session;
use crate::state::{Memory, Msg};

/// Pixels of a row, as in the style sheet.
const ROW: usize = 32;

/// Rows that are held ready above and below those in sight.
const BEYOND: usize = 12;

/// What the list shows.
#[derive(PartialEq, Properties)]
pub struct Props {
    /// What is looked at.
    pub memory: Rc<Memory>,
    /// Where the world stands.
    pub status: Rc<Status>,
    /// Does what a person wants.
    pub session: Session,
}

/// The zone.
#[component]
pub fn Zone(props: &Props) -> Html {
    let scroller = use_node_ref();
    let active = use_state_eq(|| 0_usize);
    let memory = &props.memory;
    let keys = &memory.keys;

    let measure = {
        let (scroller, session) = (scroller.clone(), props.session.clone());
        let asked = use_mut_ref(|| (usize::MAX, 0));
        Callback::from(move |()| {
            let Some(element) = scroller.cast::<HtmlElement>() else { return };
            let first = element.scroll_top() as usize / ROW;
            let count = element.client_height() as usize / ROW + 2 * BEYOND;
            // Moves within what is held ready ask for nothing.
            let rows = (first.saturating_sub(BEYOND) / 4 * 4, count.max(40));
            if std::mem::replace(&mut *asked.borrow_mut(), rows) != rows {
                session.tell(Msg::Rows { from: rows.0, count: rows.1 });
            }
        })
    };
    {
        let measure = measure.clone();
        use_effect_with((), move |()| {
            measure.emit(());
            let window = gloo::utils::window();
            let resized =
                gloo::events::EventListener::new(&window, "resize", move |_| measure.emit(()));
            move || drop(resized)
        });
    }
    let choose = {
        let (session, active) = (props.session.clone(), active.clone());
        let (keys, db) = (Rc::clone(keys), keys.db);
        Callback::from(move |place: usize| {
            active.set(place);
            if let Some(row) = place.checked_sub(keys.from).and_then(|at| keys.rows.get(at)) {
                session.tell(Msg::Focus(db, row.word.clone()));
                session.write(reading(&row.kind, &row.word));
            }
        })
    };
    let onkeydown = {
        let (active, choose, scroller) = (active.clone(), choose.clone(), scroller.clone());
        let matched = keys.matched;
        Callback::from(move |event: KeyboardEvent| {
            let last = matched.saturating_sub(1);
            let place = match event.key().as_str() {
                "ArrowDown" => (*active + 1).min(last),
                "ArrowUp" => active.saturating_sub(1),
                "PageDown" => (*active + 10).min(last),
                "PageUp" => active.saturating_sub(10),
                "Home" => 0,
                "End" => last,
                "Enter" | " " => {
                    event.prevent_default();
                    choose.emit(*active);
                    return;
                }
                _ => return,
            };
            event.prevent_default();
            active.set(place);
            if let Some(element) = scroller.cast::<HtmlElement>() {
                let (top, height) = (element.scroll_top(), element.client_height());
                let (from, to) = ((place * ROW) as i32, ((place + 1) * ROW) as i32);
                if from < top {
                    element.set_scroll_top(from);
                } else if to > top + height {
                    element.set_scroll_top(to - height);
                }
            }
        })
    };
    let onfilter = {
        let session = props.session.clone();
        Callback::from(move |event: InputEvent| {
            session.tell(Msg::Filter(event.target_unchecked_into::<HtmlInputElement>().value()));
        })
    };
    let onscroll = Callback::from(move |_: Event| measure.emit(()));
    let total = props.status.databases.iter().find(|(db, _)| *db == memory.query.db);
    let total = total.map_or(0, |(_, len)| *len);
    let row = |(at, row): (usize, &KeyRow)| {
        let place = keys.from + at;
        let glows = memory.glowing.iter().any(|(db, word)| *db == keys.db && *word == row.word);
        let serial = if glows { memory.glow_serial } else { 0 };
        let left = row.deadline.map(|at| AttrValue::from(time_left(at - props.status.now)));
        let shown = memory.focus.as_ref();
        html! {
            <Row
                key={format!("{serial} {}", row.word)}
                row={row.clone()}
                {left}
                place={(place, keys.matched)}
                top={place * ROW}
                is_active={place == *active}
                is_shown={shown.is_some_and(|it| it.db == keys.db && it.key == row.word)}
                {glows}
                on_choose={choose.clone()}
            />
        }
    };
    html! {
        <section class="zone keys" aria-label="Keys" data-testid="keyspace">
            <div class="zone-head">
                <h2>{ "Keys" }</h2>
                <span class="count">{ grouped(total) }</span>
                { databases(props) }
            </div>
            <div class="filter">
                <input
                    type="search"
                    data-testid="key-filter"
                    placeholder="Filter: part of a name, or user:*"
                    aria-label="Filter keys"
                    value={memory.query.filter.clone()}
                    autocomplete="off"
                    spellcheck="false"
                    oninput={onfilter}
                />
            </div>
            if total == 0 {
                <p class="empty">{ "Keys appear here as commands make them, with their type, encoding and time to live. " }<code>{ "SET greeting hello" }</code>{ " makes the first one." }</p>
            } else if keys.matched == 0 && !memory.query.filter.is_empty() {
                <p class="empty">{ format!("None of {} fits this filter.", counted(total, "key")) }</p>
            }
            <div
                ref={scroller}
                class="key-list"
                role="listbox"
                aria-label="Keys"
                tabindex="0"
                aria-activedescendant={(keys.matched > 0).then(|| format!("key-{}", *active))}
                {onkeydown}
                {onscroll}
            >
                <div class="key-room" role="presentation" style={format!("height: {}px", keys.matched * ROW)}>
                    { for keys.rows.iter().enumerate().map(row) }
                </div>
            </div>
        </section>
    }
}

/// A choice of the databases that hold anything, if it is more than the first.
fn databases(props: &Props) -> Html {
    let chosen = props.memory.query.db;
    let mut numbers: Vec<usize> = props.status.databases.iter().map(|(db, _)| *db).collect();
    numbers.extend([0, chosen]);
    order::sort(&mut numbers);
    numbers.dedup();
    if numbers == [0] {
        return Html::default();
    }
    let session = props.session.clone();
    let onchange = Callback::from(move |event: Event| {
        let value = event.target_unchecked_into::<web_sys::HtmlSelectElement>().value();
        session.tell(Msg::Database(value.parse().unwrap_or(0)));
    });
    html! {
        <select class="databases" aria-label="Database" {onchange}>
            { for numbers.into_iter().map(|db| html! {
                <option value={db.to_string()} selected={db == chosen}>{ format!("db {db}") }</option>
            }) }
        </select>
    }
}
