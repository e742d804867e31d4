//! The line being typed: history, choices to complete it, the rest of the syntax behind it, and what is wrong with it.

use std::rc::Rc;

use wasm_bindgen::JsCast as _;
use web_sys::HtmlTextAreaElement;
use yew::prelude::*;

use super::choices::Choices;
use super::completion::{Choice, Offers, ghost};
use super::highlight::highlighted;
use super::line::{self, is_open, statements};
use super::typing::{Typing, last_statement, mark};
use crate::protocol::{Name, NamesQuery};
use crate::session::Session;

/// The line, its prompt and who hears of what is entered.
#[derive(PartialEq, Properties)]
pub(super) struct Props {
    /// Such as `127.0.0.1:6379>`.
    pub(super) prompt: AttrValue,
    /// The database that the client has selected.
    pub(super) db: usize,
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
    /// Hears which command is being typed; nothing if it is none.
    pub(super) on_subject: Callback<AttrValue>,
    /// Knows the names in the node.
    pub(super) session: Session,
}

/// The keys of the row on phones.
const KEYS: [&str; 5] = ["\"", "*", ":", ">", "-"];

/// What is typed and where the keys have come to.
#[derive(Debug, Clone, Default, PartialEq)]
struct Edit {
    /// The line as it is shown.
    value: String,
    /// The line as it was typed, up to the cursor and behind it: what is completed.
    before: String,
    after: String,
    browsing: Browsing,
    /// Whether the choices were sent away until more is typed.
    is_closed: bool,
}

/// Where Tab or the arrow keys have come to.
#[derive(Debug, Clone, Default, PartialEq)]
enum Browsing {
    #[default]
    Nothing,
    /// A place in the history, and the line that was being typed.
    History(usize, String),
    /// The choice that is shown in the line.
    Chosen(usize),
    /// A search back through the history for this text.
    Search(String),
}

impl Edit {
    /// A line with the cursor at its end.
    fn line(value: &str) -> Self {
        let (value, before) = (value.to_owned(), value.to_owned());
        Self { value, before, ..Self::default() }
    }

    /// The line with a choice in place of the word that is being typed.
    fn choose(&self, offers: &Offers, choices: &[Choice], at: usize) -> Option<Self> {
        let head = self.before.get(..offers.start)?;
        let value = format!("{head}{}{}", choices.get(at)?.text, self.after);
        Some(Self { value, browsing: Browsing::Chosen(at), ..self.clone() })
    }

    /// The choice is what was typed, and a next word may begin if `and_space`.
    fn accept(self, and_space: bool) -> Self {
        let end = self.value.len() - self.after.len();
        let head = self.value.get(..end).unwrap_or_default();
        let space = if and_space && !self.after.starts_with(' ') { " " } else { "" };
        let before = format!("{head}{space}");
        Self {
            value: format!("{before}{}", self.after),
            before,
            after: self.after,
            ..Self::default()
        }
    }

    /// The line as it was before a choice was made.
    fn unchosen(&self) -> Self {
        let value = format!("{}{}", self.before, self.after);
        Self { value, browsing: Browsing::Nothing, ..self.clone() }
    }

    /// A space, if nothing completes the word any more and others may follow it.
    fn next_word(&self, offers: &Offers, db: usize) -> Option<Self> {
        if offers.part.is_empty() || !self.after.is_empty() || self.before.starts_with(':') {
            return None;
        }
        let line = format!("{} ", self.before);
        let next = Offers::at(&line, db);
        let may_follow = !next.choices.is_empty() || !ghost(&line).is_empty();
        may_follow.then(|| Self::line(&line))
    }
}

/// Names that the node has told, and for which question.
type Known = Option<(NamesQuery, Rc<Vec<Name>>)>;

#[component]
pub(super) fn Prompt(props: &Props) -> Html {
    let edit = use_state(Edit::default);
    let known = use_state(|| Known::None);
    let input = use_node_ref();
    let db = props.db;

    {
        let (edit, input) = (edit.clone(), input.clone());
        use_effect_with(props.draft.clone(), move |(serial, draft)| {
            if *serial > 0 {
                edit.set(Edit { is_closed: true, ..Edit::line(draft) });
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

    let is_typing =
        matches!(edit.browsing, Browsing::Nothing | Browsing::Chosen(_)) && !edit.is_closed;
    let before = if is_typing { edit.before.clone() } else { String::new() };
    let offers = use_memo((before, db), |(before, db)| Offers::at(before, *db));
    {
        let (session, known) = (props.session.clone(), known.clone());
        use_effect_with(offers.query.clone(), move |query| {
            if let Some(query) = query.clone() {
                let asked = query.clone();
                session.names(query, move |names| known.set(Some((asked, names))));
            }
        });
    }
    let choices = {
        let known = (*known).clone();
        use_memo((Rc::clone(&offers), known), |(offers, known)| {
            // While an answer is on its way, an earlier one for a shorter beginning serves.
            let names = known.as_ref().filter(|(asked, _)| {
                offers.query.as_ref().is_some_and(|query| {
                    asked.what == query.what && query.start.starts_with(&asked.start)
                })
            });
            offers.with(names.map_or(&[], |(_, names)| names.as_slice()))
        })
    };
    let wrong = use_memo(edit.value.clone(), |value| mark(value));
    let subject = use_memo(edit.value.clone(), |value| {
        AttrValue::from(current(value).subject().unwrap_or_default())
    });
    {
        let on_subject = props.on_subject.clone();
        use_effect_with((*subject).clone(), move |subject| on_subject.emit(subject.clone()));
    }

    let oninput = {
        let edit = edit.clone();
        let history = Rc::clone(&props.history);
        Callback::from(move |event: InputEvent| {
            let input = event.target_unchecked_into::<HtmlTextAreaElement>();
            let value = input.value();
            if let Browsing::Search(_) = edit.browsing {
                let found = search(&history, &value).unwrap_or_default();
                edit.set(Edit { browsing: Browsing::Search(found), ..Edit::line(&value) });
                return;
            }
            let (before, after) = around(&input);
            edit.set(Edit { value, before, after, ..Edit::default() });
        })
    };
    let show = {
        let (edit, input) = (edit.clone(), input.clone());
        move |next: Edit| {
            if let Some(input) = input.cast::<HtmlTextAreaElement>() {
                let end = next.value.len() - next.after.len();
                let cursor =
                    next.value.get(..end).unwrap_or_default().encode_utf16().count() as u32;
                input.set_value(&next.value);
                let _ = input.set_selection_range(cursor, cursor);
            }
            edit.set(next);
        }
    };
    let onkeydown = {
        let (edit, show) = (edit.clone(), show.clone());
        let (offers, choices) = (Rc::clone(&offers), Rc::clone(&choices));
        let history = Rc::clone(&props.history);
        let (on_enter, on_clear) = (props.on_enter.clone(), props.on_clear.clone());
        let (can_interrupt, on_interrupt) = (props.can_interrupt, props.on_interrupt.clone());
        Callback::from(move |event: KeyboardEvent| {
            let input = event.target_unchecked_into::<HtmlTextAreaElement>();
            // The element knows what is typed even before the next frame.
            let text = input.value();
            let is_control = event.ctrl_key() && !event.alt_key();
            let chosen = match edit.browsing {
                Browsing::Chosen(at) => Some(at),
                _ => None,
            };
            let choose = |at: usize| edit.choose(&offers, &choices, at);
            match event.key().as_str() {
                // A line more: wanted, or because a quote goes on.
                "Enter" if event.shift_key() => return,
                "Enter" if chosen.is_none() && is_open(&text) && !is_control => return,
                "Enter" if !event.is_composing() => {
                    let is_unfinished =
                        chosen.is_some() && !text.starts_with(':') && !current(&text).is_whole();
                    if is_unfinished {
                        show((*edit).clone().accept(true));
                    } else {
                        let line = match &edit.browsing {
                            Browsing::Search(found) if !found.is_empty() => found.clone(),
                            _ => text,
                        };
                        show(Edit::default());
                        on_enter.emit(line);
                    }
                }
                "Tab" if event.shift_key() => match chosen {
                    Some(at) => show(at.checked_sub(1).and_then(choose).unwrap_or(edit.unchosen())),
                    None => return,
                },
                "Tab" if choices.len() == 1 && chosen.is_none() => {
                    let Some(next) = choose(0) else { return };
                    show(next.accept(false));
                }
                "Tab" => {
                    let at = chosen.map_or(0, |at| (at + 1) % choices.len().max(1));
                    // With nothing to complete, Tab goes on to the next control.
                    let Some(next) = choose(at).or_else(|| edit.next_word(&offers, db)) else {
                        return;
                    };
                    show(next);
                }
                "ArrowDown" | "ArrowUp" if chosen.is_some() => {
                    let at = chosen.unwrap_or(0);
                    let next = if event.key() == "ArrowUp" {
                        at.checked_sub(1).and_then(choose).unwrap_or(edit.unchosen())
                    } else {
                        choose(at + 1).or_else(|| choose(0)).unwrap_or_default()
                    };
                    show(next);
                }
                "ArrowDown" if edit.browsing == Browsing::Nothing && !choices.is_empty() => {
                    show(choose(0).unwrap_or_default());
                }
                "ArrowUp" | "ArrowDown" => {
                    let is_up = event.key() == "ArrowUp";
                    if !is_at_edge(&input, &text, is_up) {
                        return;
                    }
                    if let Some((line, browsing)) = recall(&history, &edit.browsing, &text, is_up) {
                        show(Edit { browsing, ..Edit::line(&line) });
                    }
                }
                "Escape" if !choices.is_empty() => {
                    show(Edit { is_closed: true, ..edit.unchosen() });
                }
                "Escape" => show(Edit::default()),
                "l" if is_control => on_clear.emit(()),
                "c" if is_control && input.selection_start() == input.selection_end() => {
                    if can_interrupt && text.is_empty() {
                        on_interrupt.emit(());
                    }
                    show(Edit::default());
                }
                "r" if is_control => {
                    let found = search(&history, &text).unwrap_or_default();
                    show(Edit { browsing: Browsing::Search(found), ..Edit::line(&text) });
                }
                _ => return,
            }
            event.prevent_default();
        })
    };
    let on_take = {
        let (edit, offers, choices) = (edit.clone(), Rc::clone(&offers), Rc::clone(&choices));
        let (input, show) = (input.clone(), show.clone());
        Callback::from(move |at: usize| {
            if let Some(next) = edit.choose(&offers, &choices, at) {
                let is_directive = next.value.starts_with(':');
                show(next.accept(!is_directive));
            }
            if let Some(input) = input.cast::<HtmlTextAreaElement>() {
                let _ = input.focus();
            }
        })
    };
    let onpaste = {
        let (edit, on_enter) = (edit.clone(), props.on_enter.clone());
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
                edit.set(Edit::default());
                on_enter.emit(all);
            }
        })
    };
    {
        let input = input.clone();
        use_effect_with(edit.value.clone(), move |_| {
            if let Some(input) = input.cast::<HtmlTextAreaElement>() {
                let style = input.style();
                let _ = style.set_property("height", "0");
                let _ = style.set_property("height", &format!("{}px", input.scroll_height()));
            }
        });
    }
    // The keys that a phone hides behind others.
    let type_key = |text: &'static str| {
        let (input, show) = (input.clone(), show.clone());
        Callback::from(move |_: MouseEvent| {
            let Some(input) = input.cast::<HtmlTextAreaElement>() else { return };
            let (before, after) = around(&input);
            let before = format!("{before}{text}");
            show(Edit { value: format!("{before}{after}"), before, after, ..Edit::default() });
            let _ = input.focus();
        })
    };
    let earlier = {
        let (edit, input, show) = (edit.clone(), input.clone(), show.clone());
        let history = Rc::clone(&props.history);
        Callback::from(move |_: MouseEvent| {
            if let Some((line, browsing)) = recall(&history, &edit.browsing, &edit.value, true) {
                show(Edit { browsing, ..Edit::line(&line) });
                if let Some(input) = input.cast::<HtmlTextAreaElement>() {
                    let _ = input.focus();
                }
            }
        })
    };
    // The keyboard stays, as the focus does.
    let keep = Callback::from(|event: MouseEvent| event.prevent_default());

    let rest = match &edit.browsing {
        Browsing::Search(found) if found.is_empty() => {
            "  nothing in the history has this".to_owned()
        }
        Browsing::Search(found) => format!("  \u{21b5} {found}"),
        _ => ghost(edit.value.get(last_statement(&edit.value)..).unwrap_or_default()),
    };
    let is_search = matches!(edit.browsing, Browsing::Search(_));
    let wrong = wrong.as_ref().as_ref().filter(|_| !is_search);
    let chosen = match edit.browsing {
        Browsing::Chosen(at) => Some(at),
        _ => None,
    };
    let active = chosen.map(|at| format!("choice-{at}"));
    let label = if is_search { "Search the history" } else { "Command" };
    let about = about(&edit.value, &subject, chosen.and_then(|at| choices.get(at)));
    html! {
        <>
        <div class="prompt">
            <label class="prompt-name" for="console-input">{ prompt_name(&props.prompt, is_search) }</label>
            <div class="prompt-line">
                <span class="prompt-ghost" aria-hidden="true">
                    <span class="prompt-typed">{ highlighted(&edit.value, wrong.map(|wrong| wrong.span.clone())) }</span>
                    <span class="prompt-rest" data-testid="console-hint">{ rest.clone() }</span>
                </span>
                <textarea
                    ref={input.clone()}
                    id="console-input"
                    data-testid="console-input"
                    aria-label={label}
                    aria-describedby="console-about"
                    aria-autocomplete="list"
                    aria-controls="console-completions"
                    aria-haspopup="listbox"
                    aria-activedescendant={active}
                    aria-invalid={wrong.is_some().to_string()}
                    rows="1"
                    value={edit.value.clone()}
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
        </div>
        <div class="prompt-foot">
            <Choices choices={Rc::clone(&choices)} {chosen} {on_take} />
            <p class="prompt-note">
                <span class="wrong-reason" role="status" data-testid="console-wrong">
                    { for wrong.map(|wrong| wrong.reason.clone()) }
                </span>
                if wrong.is_none() {
                    <span class="prompt-about">{ about }</span>
                }
                <span id="console-about" class="prompt-syntax">{ rest.trim().to_owned() }</span>
            </p>
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

/// The last of the commands that are typed one below the other.
fn current(text: &str) -> Typing {
    Typing::read(text.get(last_statement(text)..).unwrap_or_default())
}

/// A quiet line about what is typed.
fn about(line: &str, subject: &str, chosen: Option<&Choice>) -> String {
    if let Some(choice) = chosen {
        return if choice.kind.is_empty() {
            choice.note.clone()
        } else {
            format!("a key: {}", choice.note)
        };
    }
    if line.is_empty() {
        return "Tab completes \u{b7} \u{2191} what was typed before \u{b7} F1 explains".to_owned();
    }
    let words = redarium_resp::split(line.as_bytes()).ok();
    let today = words.as_ref().and_then(line::todays_form);
    let spec = words.as_ref().and_then(line::spec_of).filter(|_| !subject.is_empty());
    today.or_else(|| spec.map(|spec| spec.summary.to_owned())).unwrap_or_default()
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

    #[test]
    fn a_choice_takes_the_place_of_the_word_at_the_cursor() {
        let edit = Edit {
            value: "COPY a b RE x".to_owned(),
            before: "COPY a b RE".to_owned(),
            after: " x".to_owned(),
            ..Edit::default()
        };
        let offers = Offers::at(&edit.before, 0);
        let choices = offers.with(&[]);
        let chosen = edit.choose(&offers, &choices, 0).unwrap();
        assert_eq!(chosen.value, "COPY a b REPLACE x");
        assert_eq!(chosen.unchosen().value, "COPY a b RE x", "and back");
        let taken = chosen.accept(true);
        assert_eq!(
            (taken.before.as_str(), taken.value.as_str()),
            ("COPY a b REPLACE", "COPY a b REPLACE x")
        );
        assert_eq!(Edit::line("ge").choose(&offers, &choices, 99), None, "no such choice");
    }

    #[test]
    fn a_finished_word_gives_way_to_the_next() {
        let next =
            |line: &str| Edit::line(line).next_word(&Offers::at(line, 0), 0).map(|it| it.value);
        assert_eq!(next("zadd").as_deref(), Some("zadd "));
        assert_eq!(next("SET a").as_deref(), Some("SET a "));
        assert_eq!(next("GET a"), None, "nothing more may follow");
        assert_eq!(next("SET a "), None, "a word has to come first");
    }
}
