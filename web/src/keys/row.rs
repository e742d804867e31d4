//! One key in the list.

use yew::prelude::*;

use crate::format::{counted, grouped};
use crate::kind::kind;
use crate::protocol::KeyRow;

/// One row.
#[derive(PartialEq, Properties)]
pub(super) struct Props {
    /// The key.
    pub(super) row: KeyRow,
    /// What is left of its time.
    pub(super) left: Option<AttrValue>,
    /// Its place among all rows, from 0, and how many there are.
    pub(super) place: (usize, usize),
    /// Pixels from the top.
    pub(super) top: usize,
    /// Whether the keyboard stands on it.
    pub(super) is_active: bool,
    /// Whether its picture is shown.
    pub(super) is_shown: bool,
    /// Whether it has just changed.
    pub(super) glows: bool,
    /// Hears of a click.
    pub(super) on_choose: Callback<usize>,
}

#[component]
pub(super) fn Row(props: &Props) -> Html {
    let KeyRow { word, kind: kind_name, encoding, len, is_dead, .. } = &props.row;
    let kind = kind(kind_name);
    let choose = {
        let (on_choose, place) = (props.on_choose.clone(), props.place.0);
        Callback::from(move |_: MouseEvent| on_choose.emit(place))
    };
    let class = classes!(
        "key",
        kind.class,
        props.is_active.then_some("active"),
        props.is_shown.then_some("shown"),
        props.glows.then_some("glow"),
        is_dead.then_some("dead"),
    );
    let count = counted(*len as usize, kind.unit);
    let left = props.left.clone().map(|left| if *is_dead { "over".into() } else { left });
    let label = format!(
        "{word}, {}, {encoding}, {count}{}",
        kind.name,
        left.as_ref().map_or(String::new(), |left| format!(", {left} left"))
    );
    let title = if *is_dead {
        format!("{word}: its time is over, but it is still in memory until something looks at it")
    } else {
        format!("{word}: {} stored as {encoding}, {count}", kind.name)
    };
    html! {
        <div
            id={format!("key-{}", props.place.0)}
            {class}
            {title}
            role="option"
            aria-label={label}
            aria-selected={props.is_active.to_string()}
            aria-posinset={(props.place.0 + 1).to_string()}
            aria-setsize={props.place.1.to_string()}
            style={format!("top: {}px", props.top)}
            onclick={choose}
        >
            <span class="key-glyph">{ kind.glyph }</span>
            <span class="key-name">{ word.clone() }</span>
            if let Some(left) = left {
                <span class="key-left">{ left }</span>
            }
            <span class="key-encoding">{ encoding.clone() }</span>
            <span class="key-len">{ grouped(*len as usize) }</span>
        </div>
    }
}
