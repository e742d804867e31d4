//! A skip list as SVG: lanes, towers, links with their spans, and where the search stands.

use std::rc::Rc;

use web_sys::Element;
use yew::prelude::*;

use super::play::Frame;
use super::scene::{Arrow, OUTSIDE, Scene, Tower};
use crate::format::grouped;

/// What is drawn.
#[derive(PartialEq, Properties)]
pub(super) struct Props {
    /// The key's word.
    pub(super) name: AttrValue,
    /// Where everything stands.
    pub(super) scene: Rc<Scene>,
    /// The state of the search.
    pub(super) frame: Frame,
    /// Hears which member a person chooses.
    pub(super) on_choose: Callback<String>,
}

#[component]
pub(super) fn Drawing(props: &Props) -> Html {
    let Props { name, scene, frame, on_choose } = props;
    let scroller = use_node_ref();
    let active = use_state_eq(|| 0_usize);
    {
        let scroller = scroller.clone();
        let looked_at = frame.cursor.map(|(id, _)| id).or(frame.found);
        let middle = looked_at.and_then(|id| scene.tower(id)).map(|tower| tower.x);
        use_effect_with(middle, move |middle| {
            if let (Some(middle), Some(element)) = (*middle, scroller.cast::<Element>()) {
                let (left, width) =
                    (f64::from(element.scroll_left()), f64::from(element.client_width()));
                // Only what leaves the sight moves the picture.
                if middle < left + 60.0 || middle > left + width - 60.0 {
                    element.set_scroll_left((middle - width / 2.0) as i32);
                }
            }
        });
    }
    let members = scene.towers.len().saturating_sub(1);
    let onkeydown = {
        let (active, on_choose, scene) = (active.clone(), on_choose.clone(), Rc::clone(scene));
        let scroller = scroller.clone();
        Callback::from(move |event: KeyboardEvent| {
            let last = members.saturating_sub(1);
            let to = match event.key().as_str() {
                "ArrowRight" => (*active + 1).min(last),
                "ArrowLeft" => active.saturating_sub(1),
                "Home" => 0,
                "End" => last,
                "Enter" | " " => {
                    event.prevent_default();
                    if let Some(tower) = scene.towers.get(*active + 1) {
                        on_choose.emit(tower.member.clone());
                    }
                    return;
                }
                _ => return,
            };
            event.prevent_default();
            active.set(to);
            if let (Some(tower), Some(element)) =
                (scene.towers.get(to + 1), scroller.cast::<Element>())
            {
                element.set_scroll_left((tower.x - f64::from(element.client_width()) / 2.0) as i32);
            }
        })
    };
    let label = format!(
        "Skip list of {name} with {} levels; arrow keys go from member to member, Enter asks for its rank",
        scene.lanes.len()
    );
    let current = scene.towers.get(*active + 1).map(|tower| format!("node-{}", tower.id));
    html! {
        <div
            ref={scroller}
            class="drawing"
            tabindex="0"
            role="listbox"
            aria-label={label}
            aria-orientation="horizontal"
            aria-activedescendant={current}
            {onkeydown}
        >
            <svg width={px(scene.width)} height={px(scene.height)} role="presentation">
                <defs>
                    { marker("head", "arrow-head") }
                    { marker("head-path", "arrow-head on-path") }
                    { marker("head-changed", "arrow-head changed") }
                </defs>
                <g>{ for scene.lanes.iter().map(|&y| html! {
                    <line class="lane" x1="0" x2={px(scene.width)} y1={px(y)} y2={px(y)} />
                }) }</g>
                { end(scene) }
                <g>{ for scene.gaps.iter().map(|gap| html! {
                    <g class="gap">
                        <text x={px(gap.x)} y={px(scene.cards.0 + 18.0)}>{ "\u{22ef}" }</text>
                        <text class="gap-count" x={px(gap.x)} y={px(scene.cards.0 + 36.0)}>{ format!("+{}", grouped(gap.count as usize)) }</text>
                        <title>{ format!("{} members are not drawn", grouped(gap.count as usize)) }</title>
                    </g>
                }) }</g>
                // Lists of their own: only then do keys keep what is already drawn.
                <g>{ for scene.arrows.iter().map(|it| arrow(it, frame)) }</g>
                <g>{ for scene.backs.iter().map(|back| html! {
                    <path
                        key={format!("back-{}", back.from)}
                        class="back"
                        marker-end="url(#head)"
                        d={format!("M{} {} V{} H{} V{}", back.x.0 - 5.0, scene.cards.1, back.y, back.x.1 + 5.0, scene.cards.1 + 3.0)}
                    />
                }) }</g>
                <g>{ for scene.towers.iter().enumerate().map(|(place, it)| {
                    tower(it, scene, frame, place.checked_sub(1) == Some(*active), on_choose)
                }) }</g>
                { cursor(scene, frame) }
            </svg>
        </div>
    }
}

fn px(pixels: f64) -> String {
    // Half pixels are enough, and short.
    format!("{}", (pixels * 2.0).round() / 2.0)
}

fn marker(id: &'static str, class: &'static str) -> Html {
    html! {
        <marker {id} viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto-start-reverse">
            <path {class} d="M0 1 L7 4 L0 7 z" />
        </marker>
    }
}

fn end(scene: &Scene) -> Html {
    let top = scene.lane(scene.lanes.len().saturating_sub(1)) - 8.0;
    let bottom = scene.lane(0) + 8.0;
    html! {
        <g class="list-end">
            <line x1={px(scene.end_x)} x2={px(scene.end_x)} y1={px(top)} y2={px(bottom)} />
            <title>{ "The end: nothing follows" }</title>
        </g>
    }
}

fn arrow(arrow: &Arrow, frame: &Frame) -> Html {
    let edge = (arrow.from, arrow.level);
    let is_path = frame.path.contains(&edge);
    let is_changed = frame.changed.contains(&edge);
    let is_missing = frame.missing.contains(&edge);
    let class = classes!(
        "link",
        is_path.then_some("on-path"),
        is_changed.then_some("changed"),
        is_missing.then_some("missing"),
        frame.gone.contains(&edge).then_some("gone"),
        arrow.is_cut.then_some("cut"),
        arrow.to.is_none().then_some("last"),
    );
    let marker = if is_changed {
        "url(#head-changed)"
    } else if is_path {
        "url(#head-path)"
    } else {
        "url(#head)"
    };
    let (from, to) = arrow.x;
    let middle = if arrow.is_cut { to - 14.0 } else { f64::midpoint(from, to) };
    // Long links carry their span at the start as well as a person may only see that part.
    let shown_at = if to - from > 220.0 { from + 24.0 } else { middle };
    let shows_span = arrow.from != OUTSIDE && arrow.span > 0;
    html! {
        <g key={format!("link-{}-{}-{:?}", arrow.from, arrow.level, arrow.to)} {class}>
            <path d={format!("M{} {} H{}", px(from), px(arrow.y), px(to))} marker-end={marker} />
            if shows_span {
                <text x={px(shown_at)} y={px(arrow.y - 5.0)}>{ grouped(arrow.span as usize) }</text>
            }
        </g>
    }
}

fn tower(
    tower: &Tower,
    scene: &Scene,
    frame: &Frame,
    is_active: bool,
    on_choose: &Callback<String>,
) -> Html {
    let is_head = tower.rank.is_none();
    let (top, bottom) = scene.cards;
    let half = tower.width / 2.0;
    let missing = (0..tower.height).all(|level| frame.missing.contains(&(tower.id, level)));
    let class = classes!(
        "tower",
        is_head.then_some("head"),
        frame.visited.contains(&tower.id).then_some("visited"),
        missing.then_some("missing"),
        is_active.then_some("active"),
        (frame.found == Some(tower.id)).then_some("found"),
    );
    let onclick = {
        let (on_choose, member) = (on_choose.clone(), tower.member.clone());
        (!is_head).then(|| Callback::from(move |_: MouseEvent| on_choose.emit(member.clone())))
    };
    let label = tower.rank.map(|rank| {
        format!("{}, score {}, rank {rank}, {} levels", tower.member, tower.score, tower.height)
    });
    html! {
        <g
            key={format!("tower-{}", tower.id)}
            id={format!("node-{}", tower.id)}
            {class}
            style={format!("transform: translate({}px, 0)", px(tower.x))}
            role={if is_head { "presentation" } else { "option" }}
            aria-label={label.clone()}
            aria-selected={(!is_head).then(|| is_active.to_string())}
            onclick={onclick}
        >
            <line class="stem" x1="0" x2="0" y1={px(scene.lane(tower.height - 1))} y2={px(top)} />
            { for (0..tower.height).map(|level| {
                let y = scene.lane(level);
                html! {
                    <>
                        <rect class={classes!("cell", frame.missing.contains(&(tower.id, level)).then_some("missing"))} x="-7" y={px(y - 7.0)} width="14" height="14" rx="3" />
                        if is_head { <text class="level" x="0" y={px(y + 3.5)}>{ level }</text> }
                    </>
                }
            }) }
            <rect class="card" x={px(-half)} y={px(top)} width={px(tower.width)} height={px(bottom - top)} rx="6" />
            if is_head {
                <text class="card-label" x="0" y={px(top + 26.0)}>{ tower.label.clone() }</text>
            } else {
                <text class="card-score" x="0" y={px(top + 18.0)}>{ tower.score.clone() }</text>
                <text class="card-label" x="0" y={px(top + 35.0)}>{ tower.label.clone() }</text>
                <title>{ label.unwrap_or_default() }</title>
            }
        </g>
    }
}

fn cursor(scene: &Scene, frame: &Frame) -> Html {
    let place = frame.cursor.and_then(|(id, level)| Some((scene.tower(id)?.x, scene.lane(level))));
    let Some((x, y)) = place else { return Html::default() };
    html! {
        <circle class="cursor" r="12" style={format!("transform: translate({}px, {}px)", px(x), px(y))} />
    }
}
