//! A sorted set as a table: the same facts as in the drawing, for reading line by line.

use yew::prelude::*;

use crate::picture::model::{Link, SortedSet};

/// What is listed.
#[derive(PartialEq, Properties)]
pub(super) struct Props {
    /// The members.
    pub(super) set: std::rc::Rc<SortedSet>,
    /// Hears which member a person chooses.
    pub(super) on_choose: Callback<String>,
}

#[component]
pub(super) fn Table(props: &Props) -> Html {
    let set = &props.set;
    let spans = |links: &[Link]| {
        let spans: Vec<String> = links.iter().map(|link| link.span.to_string()).collect();
        spans.join(" \u{b7} ")
    };
    html! {
        <div class="table-room" tabindex="0" role="region" aria-label="Members as a table">
            <table class="members">
                <thead>
                    <tr>
                        <th scope="col">{ "Rank" }</th>
                        <th scope="col">{ "Score" }</th>
                        <th scope="col">{ "Member" }</th>
                        <th scope="col">{ "Levels" }</th>
                        <th scope="col">{ "Spans, level 0 first" }</th>
                    </tr>
                </thead>
                <tbody>
                    <tr>
                        <td></td><td></td><td class="muted">{ "header" }</td>
                        <td>{ set.header.len() }</td><td>{ spans(&set.header) }</td>
                    </tr>
                    { for set.nodes.iter().map(|node| {
                        let (on_choose, member) = (props.on_choose.clone(), node.member.clone());
                        let onclick = Callback::from(move |_: MouseEvent| on_choose.emit(member.clone()));
                        html! {
                            <tr key={node.id}>
                                <td>{ node.rank }</td>
                                <td>{ node.score.clone() }</td>
                                <td><button type="button" class="cell-button" {onclick}>{ node.member.clone() }</button></td>
                                <td>{ node.links.len() }</td>
                                <td>{ spans(&node.links) }</td>
                            </tr>
                        }
                    }) }
                </tbody>
            </table>
        </div>
    }
}
