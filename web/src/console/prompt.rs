//! The line being typed: history, completion, and the rest of the syntax behind it.

use std::rc::Rc;

use wasm_bindgen::JsCast as _;
use web_sys::HtmlTextAreaElement;
use yew::prelude::*;

use super::completion::{completions, ghost};
use super::highlight::highlighted;
use super::line::{self, is_open, statements};

/// The line, its prompt and who hears of what is entered.
#[derive(PartialEq, Properties)]
pub(super) struct Props {
    /// Such as `127.0.0.1:6379>`.
    pub(super) prompt: AttrValue,
    /// What was typed, oldest first.
    pub(super) history: Rc<Vec<String>>,
    /// A line that something else has written, and which of those lines it is.
    pub(super) draft: (u32, AttrValue),
    /// Hears what is entered.
    pub(super) on_enter: Callback<String>,
    /// Whether there is something that Ctrl-C ends: messages that arrive by themselves, or a wait.
    pub(super) can_interrupt: bool,
    /// Hears that it shall end.
    pub(super) on_interrupt: Callback<()>,
    /// Hears of Ctrl-L.
    pub(super) on_clear: Callback<()>,
}

/// The keys of the row on phones.
const KEYS: [&str; 5] = ["\"", "*", ":", ">", "-"];

/// Where Tab or the arrow keys have come to.
#[derive(Debug, Clone, Default, PartialEq)]
enum Browsing {
    #[default]
    Nothing,
    /// A place in the history, and the line that was being typed.
    History(usize, String),
    /// Completions and which of them is shown.
    Completions(Rc<Vec<String>>, usize),
    /// A search back through the history for this text.
    Search(String),
}

#[component]
pub(super) fn Prompt(props: &Props) -> Html {
    let value = use_state(String::new);
    let browsing = use_state(Browsing::default);
    let input = use_node_ref();

    {
        let (value, browsing, input) = (value.clone(), browsing.clone(), input.clone());
        use_effect_with(props.draft.clone(), move |(serial, draft)| {
            if *serial > 0 {
                value.set(draft.to_string());
                browsing.set(Browsing::Nothing);
                if let Some(input) = input.cast::<HtmlTextAreaElement>() {
                    input.set_value(draft);
                    let _ = input.focus();
                }
            }
        });
    }

    {
        let input = input.clone();
        use_effect_with((), move |()| {
            // On a phone the keyboard would cover what there is to read first.
            let is_wide = gloo::utils::body().client_width() >= 768;
            if let Some(input) = input.cast::<HtmlTextAreaElement>().filter(|_| is_wide) {
                let _ = input.focus();
            }
        });
    }

    let oninput = {
        let (value, browsing) = (value.clone(), browsing.clone());
        let history = Rc::clone(&props.history);
        Callback::from(move |event: InputEvent| {
            let text = event.target_unchecked_into::<HtmlTextAreaElement>().value();
            if let Browsing::Search(_) = *browsing {
                let found = search(&history, &text).unwrap_or_default();
                browsing.set(Browsing::Search(found));
            } else {
                browsing.set(Browsing::Nothing);
            }
            value.set(text);
        })
    };
    let onkeydown = {
        let (value, browsing) = (value.clone(), browsing.clone());
        let history = Rc::clone(&props.history);
        let (on_enter, on_clear) = (props.on_enter.clone(), props.on_clear.clone());
        let (can_interrupt, on_interrupt) = (props.can_interrupt, props.on_interrupt.clone());
        Callback::from(move |event: KeyboardEvent| {
            let input = event.target_unchecked_into::<HtmlTextAreaElement>();
            // The element knows what is typed even before the next frame.
            let text = input.value();
            let show = |text: &str, next: Browsing| {
                input.set_value(text);
                value.set(text.to_owned());
                browsing.set(next);
            };
            let is_control = event.ctrl_key() && !event.alt_key();
            match event.key().as_str() {
                // A line more: wanted, or because a quote goes on.
                "Enter" if event.shift_key() => return,
                "Enter" if is_open(&text) && !is_control => return,
                "Enter" if !event.is_composing() => {
                    let line = match &*browsing {
                        Browsing::Search(found) if !found.is_empty() => found.clone(),
                        _ => text,
                    };
                    show("", Browsing::Nothing);
                    on_enter.emit(line);
                }
                "ArrowUp" | "ArrowDown" => {
                    let is_up = event.key() == "ArrowUp";
                    if !is_at_edge(&input, &text, is_up) {
                        return;
                    }
                    if let Some((line, next)) = recall(&history, &browsing, &text, is_up) {
                        show(&line, next);
                    }
                }
                "Tab" if !event.shift_key() => {
                    let (all, at) = match &*browsing {
                        Browsing::Completions(all, at) => (Rc::clone(all), (at + 1) % all.len()),
                        _ => (Rc::new(completions(&text)), 0),
                    };
                    // With nothing to complete, Tab goes on to the next control.
                    let Some(line) = all.get(at).cloned() else { return };
                    let next = if all.len() == 1 {
                        Browsing::Nothing
                    } else {
                        Browsing::Completions(all, at)
                    };
                    show(&line, next);
                }
                "Escape" => show("", Browsing::Nothing),
                "l" if is_control => on_clear.emit(()),
                "c" if is_control && input.selection_start() == input.selection_end() => {
                    if can_interrupt && text.is_empty() {
                        on_interrupt.emit(());
                    }
                    show("", Browsing::Nothing);
                }
                "r" if is_control => {
                    let found = search(&history, &text).unwrap_or_default();
                    show(&text, Browsing::Search(found));
                }
                _ => return,
            }
            event.prevent_default();
        })
    };
    let onpaste = {
        let (value, on_enter) = (value.clone(), props.on_enter.clone());
        Callback::from(move |event: Event| {
            let event: web_sys::ClipboardEvent = wasm_bindgen::JsCast::unchecked_into(event);
            let Some(text) = event.clipboard_data().and_then(|data| data.get_data("text").ok())
            else {
                return;
            };
            let input = event.target_unchecked_into::<HtmlTextAreaElement>();
            let (before, after) = around(&input);
            let all = format!("{before}{text}{after}");
            // A text that goes on within quotes is a part of what is being typed.
            if text.trim_end().contains('\n') && statements(&all).len() > 1 {
                event.prevent_default();
                input.set_value("");
                value.set(String::new());
                on_enter.emit(all);
            }
        })
    };
    {
        let input = input.clone();
        use_effect_with((*value).clone(), move |_| {
            if let Some(input) = input.cast::<HtmlTextAreaElement>() {
                let style = input.style();
                let _ = style.set_property("height", "0");
                let _ = style.set_property("height", &format!("{}px", input.scroll_height()));
            }
        });
    }
    // The keys that a phone hides behind others.
    let type_key = |text: &'static str| {
        let (value, input) = (value.clone(), input.clone());
        Callback::from(move |_: MouseEvent| {
            let Some(input) = input.cast::<HtmlTextAreaElement>() else { return };
            let (before, after) = around(&input);
            let at = before.encode_utf16().count() as u32 + 1;
            let typed = format!("{before}{text}{after}");
            input.set_value(&typed);
            value.set(typed);
            let _ = input.set_selection_range(at, at);
            let _ = input.focus();
        })
    };
    let earlier = {
        let (value, browsing, input) = (value.clone(), browsing.clone(), input.clone());
        let history = Rc::clone(&props.history);
        Callback::from(move |_: MouseEvent| {
            if let Some((line, next)) = recall(&history, &browsing, &value, true) {
                if let Some(input) = input.cast::<HtmlTextAreaElement>() {
                    input.set_value(&line);
                    let _ = input.focus();
                }
                value.set(line);
                browsing.set(next);
            }
        })
    };
    // The keyboard stays, as the focus does.
    let keep = Callback::from(|event: MouseEvent| event.prevent_default());

    let rest = match &*browsing {
        Browsing::Search(found) if found.is_empty() => {
            "  nothing in the history has this".to_owned()
        }
        Browsing::Search(found) => format!("  \u{21b5} {found}"),
        Browsing::Completions(all, _) if all.len() > 1 => {
            let others: Vec<&str> = all.iter().take(12).map(String::as_str).collect();
            format!("   {}", others.join("  "))
        }
        _ => ghost(&value),
    };
    let is_old =
        redarium_resp::split(value.as_bytes()).ok().and_then(|words| line::todays_form(&words));
    let label =
        if matches!(*browsing, Browsing::Search(_)) { "Search the history" } else { "Command" };
    html! {
        <>
        <div class="prompt">
            <label class="prompt-name" for="console-input">
                { prompt_name(&props.prompt, matches!(*browsing, Browsing::Search(_))) }
            </label>
            <div class="prompt-line">
                <span class="prompt-ghost" aria-hidden="true">
                    <span class="prompt-typed">{ highlighted(&value) }</span>
                    <span data-testid="console-hint">{ rest.clone() }</span>
                </span>
                <textarea
                    ref={input.clone()}
                    id="console-input"
                    data-testid="console-input"
                    aria-label={label}
                    aria-describedby="console-hint"
                    rows="1"
                    value={(*value).clone()}
                    autocomplete="off"
                    autocapitalize="off"
                    autocorrect="off"
                    spellcheck="false"
                    enterkeyhint="send"
                    {oninput}
                    {onkeydown}
                    {onpaste}
                />
            </div>
            <span id="console-hint" class="unseen">{ rest.trim().to_owned() }{ is_old.unwrap_or_default() }</span>
        </div>
        <div class="key-row" role="group" aria-label="Keys" onmousedown={keep}>
            { for KEYS.iter().map(|&key| html! {
                <button type="button" tabindex="-1" onclick={type_key(key)}>{ key }</button>
            }) }
            <button type="button" tabindex="-1" aria-label="The line before" onclick={earlier}>{ "\u{2191}" }</button>
        </div>
        </>
    }
}

/// Puts the focus where one types.
pub(super) fn focus_prompt() {
    let prompt = gloo::utils::document().get_element_by_id("console-input");
    if let Some(prompt) = prompt.and_then(|it| it.dyn_into::<HtmlTextAreaElement>().ok()) {
        let _ = prompt.focus();
    }
}

/// What stands before and behind the selection.
fn around(input: &HtmlTextAreaElement) -> (String, String) {
    let units: Vec<u16> = input.value().encode_utf16().collect();
    let place = |at: Option<u32>| at.map_or(units.len(), |at| at as usize).min(units.len());
    let start = place(input.selection_start().ok().flatten());
    let end = place(input.selection_end().ok().flatten());
    let text = |part: Option<&[u16]>| String::from_utf16_lossy(part.unwrap_or_default());
    (text(units.get(..start)), text(units.get(end..)))
}

/// Whether an arrow key would leave the text.
fn is_at_edge(input: &HtmlTextAreaElement, text: &str, is_up: bool) -> bool {
    if !text.contains('\n') {
        return true;
    }
    let (before, after) = around(input);
    !(if is_up { before } else { after }).contains('\n')
}

/// The prompt; its address is the part that a narrow screen leaves out.
fn prompt_name(prompt: &str, is_search: bool) -> Html {
    if is_search {
        return html! { "(search)" };
    }
    let (address, rest) = prompt.split_at(prompt.find(['[', '(', '>']).unwrap_or(0));
    html! { <><span class="prompt-address">{ address.to_owned() }</span>{ rest.to_owned() }</> }
}

/// The line before or after the one that is shown.
fn recall(
    history: &[String],
    browsing: &Browsing,
    typed: &str,
    is_up: bool,
) -> Option<(String, Browsing)> {
    let (at, kept) = match browsing {
        Browsing::History(at, kept) => (*at, kept.clone()),
        _ => (history.len(), typed.to_owned()),
    };
    let at = if is_up { at.checked_sub(1)? } else { (at + 1).min(history.len()) };
    match history.get(at) {
        Some(line) => Some((line.clone(), Browsing::History(at, kept))),
        None => Some((kept, Browsing::Nothing)),
    }
}

/// The newest line that contains a text.
fn search(history: &[String], text: &str) -> Option<String> {
    history.iter().rev().find(|line| !text.is_empty() && line.contains(text)).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrows_go_through_the_history_and_back_to_what_was_typed() {
        let history = ["GET a".to_owned(), "GET b".to_owned()];
        let (line, at) = recall(&history, &Browsing::Nothing, "SE", true).unwrap();
        assert_eq!(line, "GET b");
        let (line, at) = recall(&history, &at, &line, true).unwrap();
        assert_eq!(line, "GET a");
        assert_eq!(recall(&history, &at, &line, true), None, "the oldest");
        let (line, at) = recall(&history, &at, &line, false).unwrap();
        let (line, at) = recall(&history, &at, &line, false).unwrap();
        assert_eq!((line.as_str(), at), ("SE", Browsing::Nothing), "what was typed");
        assert_eq!(search(&history, "a").as_deref(), Some("GET a"));
    }
}
