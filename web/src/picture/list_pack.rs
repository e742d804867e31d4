//! A small sorted set as it is: one block of memory, pairs side by side.

use yew::prelude::*;

use super::model::SortedSet;

/// What is drawn.
#[derive(PartialEq, Properties)]
pub(super) struct Props {
    /// The key's word.
    pub(super) name: AttrValue,
    /// The members.
    pub(super) set: std::rc::Rc<SortedSet>,
    /// Hears which member a person chooses.
    pub(super) on_choose: Callback<String>,
    /// Hears lines to be entered.
    pub(super) on_enter: Callback<String>,
}

#[component]
pub(super) fn ListPack(props: &Props) -> Html {
    let Props { name, set, on_choose, on_enter } = props;
    let upgrade = {
        let (on_enter, lines) = (on_enter.clone(), upgrade(name, set));
        Callback::from(move |_: MouseEvent| on_enter.emit(lines.clone()))
    };
    html! {
        <div class="list-pack">
            <div class="strip" role="list" aria-label="Entries of the listpack">
                <span class="strip-edge" title="6 bytes: the length in bytes, and the number of entries">{ "head" }</span>
                { for set.nodes.iter().map(|node| {
                    let (choose, member) = (on_choose.clone(), node.member.clone());
                    let onclick = Callback::from(move |_: MouseEvent| choose.emit(member.clone()));
                    html! {
                        <span key={node.id} role="listitem" class="pair" title={format!("rank {}, at byte {}", node.rank, node.id)}>
                            <button type="button" class="pair-member" {onclick}>{ node.member.clone() }</button>
                            <span class="pair-score">{ node.score.clone() }</span>
                            <span class="pair-offset">{ node.id }</span>
                        </span>
                    }
                }) }
                if set.nodes.len() < set.len as usize {
                    <span class="strip-edge">{ format!("+{}", set.len as usize - set.nodes.len()) }</span>
                }
                <span class="strip-edge" title="1 byte: the end">{ "FF" }</span>
            </div>
            <p class="remark">
                { "A small sorted set is a listpack: one block of bytes, members and scores in order, searched from left to right. The numbers are byte offsets. By default, above 128 members, or with a member longer than 64 bytes, Redis changes it into a skip list." }
            </p>
            <button type="button" class="button" data-testid="upgrade" onclick={upgrade}>{ "Make it a skip list" }</button>
        </div>
    }
}

/// The commands that change the encoding: a new limit, and a member that is added again.
fn upgrade(name: &str, set: &SortedSet) -> String {
    let limit = "CONFIG SET zset-max-listpack-entries 0";
    let Some(node) = set.nodes.first() else { return limit.to_owned() };
    let (score, member) = (&node.score, &node.member);
    format!("{limit}\nZREM {name} {member}\nZADD {name} {score} {member}")
}
