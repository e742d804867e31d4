//! All about one command, or the list of all of them: what a person opens with F1 and reads beside the console.

use redarium_engine::command::CommandSpec;
use redarium_engine::command::manual::{group_name, groups};
use redarium_engine::table;
use web_sys::{HtmlElement, HtmlInputElement};
use yew::prelude::*;

/// What the pane is about.
#[derive(PartialEq, Properties)]
pub(super) struct Props {
    /// The command that is being typed; empty if it is none.
    pub(super) subject: AttrValue,
    /// Hears a line for the console.
    pub(super) on_write: Callback<String>,
    /// Hears that the pane is no longer needed.
    pub(super) on_close: Callback<()>,
}

/// The pane.
#[component]
pub(super) fn HelpPane(props: &Props) -> Html {
    let query = use_state(String::new);
    // The command that was chosen here; an empty name stands for the list of all.
    let chosen = use_state(|| None::<AttrValue>);
    let pane = use_node_ref();
    let field = use_node_ref();
    {
        let (query, chosen) = (query.clone(), chosen.clone());
        use_effect_with(props.subject.clone(), move |_| {
            query.set(String::new());
            chosen.set(None);
        });
    }
    {
        let (pane, field, is_list) = (pane.clone(), field.clone(), props.subject.is_empty());
        use_effect_with((), move |()| {
            let first = if is_list { field } else { pane };
            if let Some(first) = first.cast::<HtmlElement>() {
                let _ = first.focus();
            }
        });
    }
    let onkeydown = {
        let on_close = props.on_close.clone();
        Callback::from(move |event: KeyboardEvent| {
            if matches!(event.key().as_str(), "Escape" | "F1") {
                event.prevent_default();
                event.stop_propagation();
                on_close.emit(());
            }
        })
    };
    let close = {
        let on_close = props.on_close.clone();
        Callback::from(move |_: MouseEvent| on_close.emit(()))
    };
    let oninput = {
        let query = query.clone();
        Callback::from(move |event: InputEvent| {
            query.set(event.target_unchecked_into::<HtmlInputElement>().value());
        })
    };
    let on_choose = {
        let (query, chosen, pane) = (query.clone(), chosen.clone(), pane.clone());
        Callback::from(move |name: AttrValue| {
            query.set(String::new());
            chosen.set(Some(name));
            if let Some(pane) = pane.cast::<HtmlElement>() {
                pane.set_scroll_top(0);
                let _ = pane.focus();
            }
        })
    };
    let name = (*chosen).clone().unwrap_or_else(|| props.subject.clone());
    let found = find(&name).filter(|_| query.is_empty());
    html! {
        <aside ref={pane} class="help-pane" data-testid="help-pane" role="dialog" aria-label="Help" tabindex="-1" {onkeydown}>
            <div class="help-head">
                <input
                    ref={field}
                    type="search"
                    data-testid="help-search"
                    aria-label="Search the commands"
                    placeholder="Search the commands"
                    value={(*query).clone()}
                    autocomplete="off"
                    spellcheck="false"
                    {oninput}
                />
                <button type="button" class="icon-button" data-testid="help-close" aria-label="Close help" title="Close (Escape)" onclick={close}>{ "\u{d7}" }</button>
            </div>
            if let Some((spec, container)) = found {
                { article(spec, container, &on_choose, &props.on_write) }
            } else {
                { list(&query, &on_choose) }
            }
        </aside>
    }
}

type Found = (&'static CommandSpec, Option<&'static CommandSpec>);

/// The command or subcommand of a full name.
fn find(name: &str) -> Option<Found> {
    let mut words = name.split(' ');
    let spec = table::lookup(words.next()?.as_bytes())?;
    match words.next() {
        None => Some((spec, None)),
        Some(sub) => Some((spec.subcommand(sub.as_bytes())?, Some(spec))),
    }
}

/// The commands whose name or summary has all words of a text, by group.
fn list(query: &str, on_choose: &Callback<AttrValue>) -> Html {
    let query = query.to_lowercase();
    let fits = |spec: &CommandSpec| {
        let text = format!("{} {} {}", spec.name, spec.summary, group_name(spec)).to_lowercase();
        query.split_whitespace().all(|word| text.contains(word))
    };
    let mut sections = Vec::new();
    for group in groups() {
        let of = |spec: &&&CommandSpec| group_name(spec) == group && fits(spec);
        let specs: Vec<_> = table::commands().iter().filter(of).collect();
        if !specs.is_empty() {
            sections.push(html! {
                <section key={group.clone()}>
                    <h3>{ group.replace('-', " ") }</h3>
                    <ul class="help-list">
                        { for specs.into_iter().map(|spec| html! {
                            <li key={spec.name}>{ link(spec.name, on_choose) }<span>{ spec.summary }</span></li>
                        }) }
                    </ul>
                </section>
            });
        }
    }
    if sections.is_empty() {
        return html! { <p class="help-none" role="status">{ "No command has this in its name or summary." }</p> };
    }
    html! { <>{ for sections }</> }
}

fn article(
    spec: &'static CommandSpec,
    container: Option<&'static CommandSpec>,
    on_choose: &Callback<AttrValue>,
    on_write: &Callback<String>,
) -> Html {
    let name = container.map_or(spec.name.to_owned(), |it| format!("{} {}", it.name, spec.name));
    let all = {
        let on_choose = on_choose.clone();
        Callback::from(move |_: MouseEvent| on_choose.emit(AttrValue::default()))
    };
    let mut subcommands: Vec<_> =
        spec.subcommands.iter().map(|sub| format!("{} {}", spec.name, sub.name)).collect();
    subcommands.sort_unstable();
    html! {
        <article>
            <button type="button" class="text-button help-all" onclick={all}>{ "\u{2039} All commands" }</button>
            <h2>{ name.clone() }</h2>
            <p>{ spec.summary }</p>
            <pre class="help-syntax"><code>{ format!("{name} {}", spec.syntax()).trim_end().to_owned() }</code></pre>
            if let Some(old) = spec.deprecated {
                <p class="help-old">
                    { format!("Deprecated since {}. Today: ", old.since) }<code>{ old.replaced_by }</code>
                </p>
            }
            if !spec.examples.is_empty() {
                <h3>{ "Try it" }</h3>
                { examples(spec.examples, on_write) }
            }
            <dl class="help-facts">
                if !spec.complexity.is_empty() {
                    <dt>{ "Complexity" }</dt><dd>{ code_within(spec.complexity) }</dd>
                }
                <dt>{ "Since" }</dt><dd>{ spec.since }</dd>
                <dt>{ "Group" }</dt><dd>{ group_name(spec).replace('-', " ") }</dd>
                <dt>{ "ACL" }</dt><dd>{ spec.categories().join(" ") }</dd>
            </dl>
            if !spec.history.is_empty() {
                <h3>{ "History" }</h3>
                <dl class="help-facts">
                    { for spec.history.iter().map(|(version, change)| html! {
                        <><dt>{ *version }</dt><dd>{ code_within(change) }</dd></>
                    }) }
                </dl>
            }
            if !subcommands.is_empty() {
                <h3>{ "Subcommands" }</h3>
                <p class="help-links">{ for subcommands.iter().map(|name| link(name, on_choose)) }</p>
            }
            if !spec.see_also.is_empty() {
                <h3>{ "See also" }</h3>
                <p class="help-links">
                    { for spec.see_also.iter().filter(|name| find(name).is_some()).map(|name| link(name, on_choose)) }
                </p>
            }
        </article>
    }
}

/// A button that shows another command.
fn link(name: &str, on_choose: &Callback<AttrValue>) -> Html {
    let (name, on_choose) = (AttrValue::from(name.to_owned()), on_choose.clone());
    let onclick = {
        let name = name.clone();
        Callback::from(move |_: MouseEvent| on_choose.emit(name.clone()))
    };
    html! { <button type="button" class="help-link" {onclick}>{ name }</button> }
}

/// Inputs as buttons that write them into the console, outputs as text.
fn examples(text: &'static str, on_write: &Callback<String>) -> Html {
    html! {
        <div class="help-examples">
            { for text.lines().map(|line| match line.strip_prefix("> ") {
                Some(input) => {
                    let on_write = on_write.clone();
                    let onclick = Callback::from(move |_: MouseEvent| on_write.emit(input.to_owned()));
                    html! { <button type="button" class="chip" data-testid="help-example" title="Write it into the console" {onclick}>{ input }</button> }
                }
                None => html! { <pre>{ line }</pre> },
            }) }
        </div>
    }
}

/// A text in which backquotes mark what is typed.
fn code_within(text: &str) -> Html {
    html! {
        <>{ for text.split('`').enumerate().map(|(at, part)| {
            if at % 2 == 0 { html! { part.to_owned() } } else { html! { <code>{ part.to_owned() }</code> } }
        }) }</>
    }
}
