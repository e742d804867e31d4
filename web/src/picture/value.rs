//! The picture of a value that is drawn as a figure: a listpack, an intset, a string, a hash table or a quicklist.

use std::rc::Rc;

use yew::prelude::*;

use super::figure_view::{FigureView, table};
use super::model::{Body, Cell, Picture};
use super::stage::Stage;
use super::tale::Tale;
use crate::kind::kind;

/// What is shown.
#[derive(PartialEq, Properties)]
pub(super) struct Props {
    /// The picture.
    pub(super) picture: Rc<Picture>,
    /// The type of the key, as TYPE says it.
    pub(super) type_name: AttrValue,
    /// Its memory.
    pub(super) body: Rc<Body>,
    /// Hears a line to be written for a person to enter.
    pub(super) on_write: Callback<String>,
    /// Hears lines to be entered.
    pub(super) on_enter: Callback<String>,
}

#[component]
pub(super) fn Value(props: &Props) -> Html {
    let Props { picture, body, type_name, .. } = props;
    let tale = use_memo((Rc::clone(picture), Rc::clone(body)), |(picture, body)| {
        Tale::new(picture.trace.as_ref(), body)
    });
    let figure_at = {
        let (tale, key, type_name) = (Rc::clone(&tale), picture.key.clone(), type_name.clone());
        move |at: usize| {
            let moment = tale.moments.get(at).or(tale.moments.last());
            moment
                .map(|moment| (moment.body.figure(&key, &type_name), moment.lit.clone()))
                .unwrap_or_default()
        }
    };
    let draw = {
        let (figure_at, on_write) = (figure_at.clone(), props.on_write.clone());
        Callback::from(move |at| {
            let (figure, lit) = figure_at(at);
            html! { <FigureView {figure} {lit} on_write={on_write.clone()} /> }
        })
    };
    let table = Callback::from(move |at| table(&figure_at(at).0.grid));
    let upgrade = upgrade(&picture.key, type_name, body).map(|(name, lines)| {
        let on_enter = props.on_enter.clone();
        let onclick = Callback::from(move |_: MouseEvent| on_enter.emit(lines.clone()));
        html! { <button type="button" class="button" data-testid="upgrade" {onclick}>{ name }</button> }
    });
    html! {
        <Stage picture={body.picture()} class={kind(type_name).class} story={Rc::clone(&tale.story)} {draw} {table}>
            <div class="remark-room">
                <p class="remark">
                    { remark(body) }
                    if !tale.is_replayed { { " The states between the steps are not drawn, as part of them lies outside of what is shown." } }
                </p>
                { upgrade.unwrap_or_default() }
            </div>
        </Stage>
    }
}

/// What this way of storing is good for.
fn remark(body: &Body) -> &'static str {
    match body.picture() {
        "listpack" => {
            "A listpack is one block of bytes, searched from left to right: compact, and quick while it is small. The numbers are byte offsets."
        }
        "intset" => {
            "An intset is one sorted array of whole numbers, searched by halving. One number that needs more bytes widens all of them."
        }
        "string" => {
            "Redis strings are bytes, whatever they mean. The numbers are offsets, as GETRANGE and SETRANGE count them."
        }
        "dict" => {
            "The hash of a name chooses its bucket. A table that is full grows step by step: with each command one bucket moves to a second array."
        }
        "quicklist" => {
            "A quicklist is a chain of listpacks: both ends are near, the middle is a walk from node to node."
        }
        _ => "",
    }
}

/// The commands that change the encoding, and what they do: a new limit, and an element that is written again.
fn upgrade(key: &str, type_name: &str, body: &Body) -> Option<(&'static str, String)> {
    let Body::Strip(strip) = body else { return None };
    let word = |at: usize| strip.cells.get(at).map(|cell: &Cell| cell.text.as_str());
    let first = word(0)?;
    match (body.picture(), type_name) {
        ("listpack", "zset") => {
            let score = word(1)?;
            Some((
                "Make it a skip list",
                format!(
                    "CONFIG SET zset-max-listpack-entries 0\nZREM {key} {first}\nZADD {key} {score} {first}"
                ),
            ))
        }
        ("listpack", "hash") => {
            let value = word(1)?;
            Some((
                "Make it a hash table",
                format!("CONFIG SET hash-max-listpack-entries 0\nHSET {key} {first} {value}"),
            ))
        }
        ("listpack", "set") => Some((
            "Make it a hash table",
            format!(
                "CONFIG SET set-max-listpack-entries 0\nSREM {key} {first}\nSADD {key} {first}"
            ),
        )),
        ("intset", "set") => Some((
            "Make it a hash table",
            format!(
                "CONFIG SET set-max-intset-entries 0 set-max-listpack-entries 0\nSREM {key} {first}\nSADD {key} {first}"
            ),
        )),
        ("listpack", "list") => Some((
            "Make it a quicklist",
            format!("CONFIG SET list-max-listpack-size 4\nRPUSH {key} a b c d"),
        )),
        _ => None,
    }
}
