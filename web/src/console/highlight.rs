//! The line being typed in colours: what is a command, a text, a number or a note.

use std::ops::Range;

use redarium_resp::number::parse_f64;
use yew::prelude::*;

/// Bytes of the longest line that is coloured; what is longer was pasted.
const LINE_MAX: usize = 4096;

/// A line with its parts in elements of their own, and what is `wrong` marked; the text is the same.
pub(super) fn highlighted(line: &str, wrong: Option<Range<usize>>) -> Html {
    let coloured = |line: &str| -> Html {
        let spans = parts(line).into_iter().map(|(class, part)| match class {
            "" => html! { part.to_owned() },
            _ => html! { <span {class}>{ part.to_owned() }</span> },
        });
        html! { <>{ for spans }</> }
    };
    let cut = wrong.and_then(|wrong| {
        Some((line.get(..wrong.start)?, line.get(wrong.clone())?, line.get(wrong.end..)?))
    });
    let Some((before, wrong, after)) = cut else { return coloured(line) };
    // What is wrong has no colour of its own: it is none of what the others are.
    html! { <>{ coloured(before) }<span class="wrong">{ wrong.to_owned() }</span>{ behind(after) }</> }
}

/// What follows a marked word; its first word is no command.
fn behind(text: &str) -> Html {
    let spans = parts(text).into_iter().map(|(class, part)| match class {
        "" | "token-command" => html! { part.to_owned() },
        _ => html! { <span {class}>{ part.to_owned() }</span> },
    });
    html! { <>{ for spans }</> }
}

/// The parts of a line, each with the class of its look.
fn parts(line: &str) -> Vec<(&'static str, &str)> {
    if line.len() > LINE_MAX {
        return vec![("", line)];
    }
    let trimmed = line.trim_start();
    if trimmed.starts_with("# ") {
        return vec![("token-note", line)];
    }
    let mut parts = Vec::new();
    let (mut rest, mut words) = (line, 0);
    while !rest.is_empty() {
        let blank = rest.find(|c: char| !c.is_whitespace()).unwrap_or(rest.len());
        let (spaces, after) = rest.split_at(blank);
        let (word, after) = after.split_at(word_len(after));
        rest = after;
        parts.push(("", spaces));
        let class = match word.chars().next() {
            Some('"' | '\'') => "token-text",
            Some(':') if words == 0 => "token-command",
            _ if parse_f64(word.as_bytes()).is_some() => "token-number",
            _ if words == 0 => "token-command",
            _ => "",
        };
        // The command behind the number that repeats it.
        words += usize::from(words > 0 || class != "token-number");
        parts.push((class, word));
    }
    parts.retain(|(_, part)| !part.is_empty());
    parts
}

/// The length of the word at the beginning, with its quotes.
fn word_len(text: &str) -> usize {
    let mut chars = text.char_indices();
    let Some((_, first)) = chars.next() else { return 0 };
    if !matches!(first, '"' | '\'') {
        return text.find(char::is_whitespace).unwrap_or(text.len());
    }
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => drop(chars.next()),
            _ if c == first => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_told_apart_and_none_is_lost() {
        let line = "3 SET  a \"b \\\" c\" EX 10 'open";
        let all = parts(line);
        assert_eq!(all.iter().map(|(_, part)| *part).collect::<String>(), line);
        let coloured: Vec<_> = all.iter().filter(|(class, _)| !class.is_empty()).collect();
        assert_eq!(
            coloured,
            [
                &("token-number", "3"),
                &("token-command", "SET"),
                &("token-text", "\"b \\\" c\""),
                &("token-number", "10"),
                &("token-text", "'open"),
            ]
        );
        assert_eq!(parts("# note"), [("token-note", "# note")]);
    }
}
