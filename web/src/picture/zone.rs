//! The zone of the picture: what the key is, and what it looks like inside.

use std::rc::Rc;

use yew::prelude::*;

use super::model::{Body, Picture};
use super::other::Other;
use super::skip_list::SkipList;
use super::value::Value;
use crate::format::{counted, time_left};
use crate::kind::kind;
use crate::session::Session;
use crate::state::{Memory, Msg};

/// What the picture shows.
#[derive(PartialEq, Properties)]
pub struct Props {
    /// What is looked at.
    pub memory: Rc<Memory>,
    /// The clock.
    pub now: f64,
    /// The client in front, for whom commands are entered.
    pub client: AttrValue,
    /// Does what a person wants.
    pub session: Session,
}

/// The zone.
#[component]
pub fn Zone(props: &Props) -> Html {
    let memory = &props.memory;
    let shown = memory.picture.as_ref().filter(|picture| {
        memory.focus.as_ref().is_some_and(|it| it.db == picture.db && it.key == picture.key)
    });
    html! {
        <section class="zone memory" aria-label="Memory">
            { head(props, shown.map(AsRef::as_ref)) }
            { body(props, shown) }
        </section>
    }
}

fn body(props: &Props, picture: Option<&Rc<Picture>>) -> Html {
    let Some(picture) = picture else {
        return html! {
            <p class="empty">{ "The memory behind a key is drawn here. " }<code>{ "ZADD game 4200 ana" }</code>{ " makes a sorted set to look at." }</p>
        };
    };
    let Some(row) = &picture.row else {
        return html! {
            <p class="empty">{ format!("{} is gone: it was removed, it expired, or it has not been made yet. Undo may bring it back.", picture.key) }</p>
        };
    };
    let session = props.session.clone();
    let on_write = Callback::from(move |line: String| session.write(line));
    let Some(body) = &picture.body else {
        return html! { <Other row={row.clone()} {on_write} /> };
    };
    let (session, client) = (props.session.clone(), props.client.clone());
    let on_enter = Callback::from(move |lines: String| session.enter(&client, &lines));
    let Body::SkipList(set) = body else {
        return html! {
            <Value
                key={picture.key.clone()}
                picture={Rc::clone(picture)}
                type_name={row.kind.clone()}
                body={Rc::new(body.clone())}
                {on_write}
                {on_enter}
            />
        };
    };
    let session = props.session.clone();
    let on_from = Callback::from(move |from| session.tell(Msg::From(from)));
    html! {
        <SkipList
            key={picture.key.clone()}
            picture={Rc::clone(picture)}
            set={Rc::new(set.clone())}
            {on_write}
            {on_from}
        />
    }
}

fn head(props: &Props, picture: Option<&Picture>) -> Html {
    let Some(picture) = picture else {
        return html! { <div class="zone-head"><h2>{ "Memory" }</h2></div> };
    };
    let session = props.session.clone();
    let is_pinned = props.memory.is_pinned;
    let pin = Callback::from(move |_: MouseEvent| session.tell(Msg::Pin(!is_pinned)));
    let facts = picture.row.as_ref().map(|row| {
        let kind = kind(&row.kind);
        let left = row.deadline.map(|at| time_left(at - props.now));
        html! {
            <>
                <span class={classes!("fact", "fact-kind", kind.class)}><span class="key-glyph">{ kind.glyph }</span>{ kind.name }</span>
                <span class="fact">{ row.encoding.clone() }</span>
                <span class="fact">{ counted(row.len as usize, kind.unit) }</span>
                if let Some(left) = left { <span class="fact">{ left }</span> }
            </>
        }
    });
    html! {
        <div class="zone-head">
            <h2 class="picture-key">{ picture.key.clone() }</h2>
            { facts.unwrap_or_else(|| html! { <span class="fact">{ "there is no such key now" }</span> }) }
            <span class="spring"></span>
            <button
                type="button"
                class="text-button"
                aria-pressed={is_pinned.to_string()}
                title="Stay with this key instead of following the commands"
                onclick={pin}
            >
                { "Pin" }
            </button>
        </div>
    }
}
