//! Keys that have no drawing of their own yet: what their encoding means.

use yew::prelude::*;

use crate::format::counted;
use crate::kind::{kind, reading};
use crate::protocol::KeyRow;

/// What an encoding is, in a sentence.
fn meaning(encoding: &str) -> &'static str {
    match encoding {
        "int" => {
            "The string is a whole number, so Redis keeps the 8 bytes of the number and not its digits."
        }
        "embstr" => {
            "A short string lies in one piece with its key and header, so reading it touches one place in memory."
        }
        "raw" => "The string has a piece of memory of its own, often with room to grow.",
        "listpack" => {
            "Small collections are one block of bytes, entry behind entry: compact, and quick enough while they are small."
        }
        "listpackex" => "A listpack in which each field can have a time to live.",
        "intset" => {
            "All members are whole numbers, kept sorted in one array and found by halving it."
        }
        "hashtable" => {
            "Buckets of entries found by the hash of their name: any one in constant time, in no particular order."
        }
        "hashtableex" => "A hash table in which fields can have a time to live.",
        "quicklist" => "A chain of listpacks: both ends are near, the middle is a walk.",
        "skiplist" => {
            "Sorted by score in towers of links, with a hash table beside it for scores by member."
        }
        "stream" => "Entries in listpacks, found by their id through a radix tree.",
        _ => "",
    }
}

/// What is described.
#[derive(PartialEq, Properties)]
pub(super) struct Props {
    /// The key.
    pub(super) row: KeyRow,
    /// Hears a line to be written.
    pub(super) on_write: Callback<String>,
}

#[component]
pub(super) fn Other(props: &Props) -> Html {
    let KeyRow { word, kind: name, encoding, len, .. } = &props.row;
    let kind = kind(name);
    let line = reading(name, word);
    let onclick = {
        let (on_write, line) = (props.on_write.clone(), line.clone());
        Callback::from(move |_: MouseEvent| on_write.emit(line.clone()))
    };
    html! {
        <div class={classes!("other", kind.class)}>
            <div class="other-glyph" aria-hidden="true">{ kind.glyph }</div>
            <p class="other-title">{ format!("{} of {}, stored as {encoding}", kind.name, counted(*len as usize, kind.unit)) }</p>
            <p class="remark">{ meaning(encoding) }</p>
            <div class="chips"><button type="button" class="chip" {onclick}>{ line.clone() }</button></div>
        </div>
    }
}
