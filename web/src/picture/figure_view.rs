//! A figure on the page: rows that flow, marks that write a question into the console, and the same as a table.

use yew::prelude::*;

use super::figure::{Figure, Grid, Lit, Mark, Part, Row};

/// What is drawn.
#[derive(PartialEq, Properties)]
pub(super) struct Props {
    /// The figure.
    pub(super) figure: Figure,
    /// What is lit in it.
    pub(super) lit: Lit,
    /// Hears a line to be written for a person to enter.
    pub(super) on_write: Callback<String>,
}

#[component]
pub(super) fn FigureView(props: &Props) -> Html {
    let Props { figure, lit, on_write } = props;
    let active = use_state_eq(|| 0_usize);
    let room = use_node_ref();
    let asked: Vec<&Mark> = figure.marks().filter(|mark| mark.line.is_some()).collect();
    let last = asked.len().saturating_sub(1);
    let active_id = asked.get((*active).min(last)).map(|mark| mark.id);
    let lines: Vec<String> = asked.iter().filter_map(|mark| mark.line.clone()).collect();
    {
        let room = room.clone();
        use_effect_with((active_id, lit.cursor), move |(active, cursor)| {
            let id = cursor.or(*active);
            let mark = id.and_then(|id| {
                let room = room.cast::<web_sys::Element>()?;
                room.query_selector(&format!("#mark-{id}")).ok().flatten()
            });
            if let Some(mark) = mark {
                let options = web_sys::ScrollIntoViewOptions::new();
                options.set_block(web_sys::ScrollLogicalPosition::Nearest);
                mark.scroll_into_view_with_scroll_into_view_options(&options);
            }
        });
    }
    let onkeydown = {
        let (active, on_write) = (active.clone(), on_write.clone());
        Callback::from(move |event: KeyboardEvent| {
            let to = match event.key().as_str() {
                "ArrowRight" | "ArrowDown" => (*active + 1).min(last),
                "ArrowLeft" | "ArrowUp" => active.saturating_sub(1),
                "Home" => 0,
                "End" => last,
                "Enter" | " " => {
                    event.prevent_default();
                    if let Some(line) = lines.get(*active) {
                        on_write.emit(line.clone());
                    }
                    return;
                }
                _ => return,
            };
            event.prevent_default();
            active.set(to);
        })
    };
    let current = active_id.map(|id| format!("mark-{id}"));
    html! {
        <div
            ref={room}
            class="figure"
            tabindex="0"
            role="listbox"
            aria-label={figure.label.clone()}
            aria-activedescendant={current}
            {onkeydown}
        >
            { for figure.parts.iter().map(|it| part(it, lit, active_id, on_write)) }
        </div>
    }
}

fn part(part: &Part, lit: &Lit, active: Option<u64>, on_write: &Callback<String>) -> Html {
    html! {
        <div class={classes!("figure-part", part.class)} role="group" aria-label={part.title.clone()}>
            <p class="figure-title" aria-hidden="true">{ part.title.clone() }</p>
            { for part.rows.iter().map(|it| row(it, lit, active, on_write)) }
        </div>
    }
}

fn row(row: &Row, lit: &Lit, active: Option<u64>, on_write: &Callback<String>) -> Html {
    let id = (row.id > 0).then(|| format!("mark-{}", row.id));
    html! {
        <div key={row.id} {id} class={classes!("figure-row", light(lit, row.id))} role="presentation">
            if !row.name.is_empty() { <span class="row-name" aria-hidden="true">{ row.name.clone() }</span> }
            { for row.marks.iter().map(|it| mark(it, lit, active, on_write)) }
            if !row.more.is_empty() { <span class="row-more">{ row.more.clone() }</span> }
        </div>
    }
}

fn mark(mark: &Mark, lit: &Lit, active: Option<u64>, on_write: &Callback<String>) -> Html {
    let is_active = mark.line.is_some() && active == Some(mark.id);
    let onclick = mark.line.clone().map(|line| {
        let on_write = on_write.clone();
        Callback::from(move |_: MouseEvent| on_write.emit(line.clone()))
    });
    let class = classes!("mark", mark.class, light(lit, mark.id), is_active.then_some("active"));
    let is_option = mark.line.is_some();
    html! {
        <span
            key={mark.id}
            id={(mark.id > 0).then(|| format!("mark-{}", mark.id))}
            {class}
            role={if is_option { "option" } else { "presentation" }}
            aria-label={is_option.then(|| mark.about.clone())}
            aria-selected={is_option.then(|| is_active.to_string())}
            title={mark.about.clone()}
            {onclick}
        >
            <span class="mark-text">{ mark.text.clone() }</span>
            if !mark.note.is_empty() { <span class="mark-note">{ mark.note.clone() }</span> }
        </span>
    }
}

fn light(lit: &Lit, id: u64) -> Classes {
    let is = |on: bool, class: &'static str| (on && id > 0).then_some(class);
    classes!(
        is(lit.cursor == Some(id), "cursor-here"),
        is(lit.visited.contains(&id), "visited"),
        is(lit.changed.contains(&id), "changed"),
    )
}

/// The figure as a table.
pub(super) fn table(grid: &Grid) -> Html {
    html! {
        <div class="table-room" tabindex="0" role="region" aria-label="The memory as a table">
            <table class="members">
                <thead><tr>{ for grid.columns.iter().map(|&column| html! { <th scope="col">{ column }</th> }) }</tr></thead>
                <tbody>
                    { for grid.rows.iter().map(|row| html! {
                        <tr>{ for row.iter().map(|cell| html! { <td>{ cell.clone() }</td> }) }</tr>
                    }) }
                </tbody>
            </table>
        </div>
    }
}
