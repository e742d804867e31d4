//! What may follow while a command is typed: names with Tab, and the rest of the syntax as a hint.

use redarium_engine::command::hint::hint_behind;
use redarium_engine::table;

/// Directives that Tab completes.
const DIRECTIVES: [&str; 6] = [":advance ", ":undo", ":redo", ":reset", ":seed ", ":load "];

/// All lines that Tab may make of this one, in order; empty if there is nothing to complete.
pub fn completions(line: &str) -> Vec<String> {
    if line.is_empty() {
        return Vec::new();
    }
    if line.starts_with(':') {
        let fits = DIRECTIVES.iter().filter(|it| it.starts_with(line) && **it != line);
        return fits.map(|&it| it.to_owned()).collect();
    }
    let (start, part) = match line.rfind(' ') {
        None => ("", line),
        Some(space) => line.split_at(space + 1),
    };
    let name = start.trim();
    let names: Vec<&str> = if name.is_empty() {
        let names = table::commands().iter().map(|spec| spec.name);
        names.chain(["HELP", "CLEAR"]).collect()
    } else if name.eq_ignore_ascii_case("help") {
        table::commands().iter().map(|spec| spec.name).collect()
    } else if let Some(spec) = table::lookup(name.as_bytes()) {
        spec.subcommands.iter().map(|sub| sub.name).collect()
    } else {
        Vec::new()
    };
    let lower = part.starts_with(|c: char| c.is_ascii_lowercase());
    let mut fits: Vec<&str> = names
        .into_iter()
        .filter(|name| {
            name.len() > part.len()
                && name.get(..part.len()).is_some_and(|head| head.eq_ignore_ascii_case(part))
        })
        .collect();
    fits.sort_unstable();
    let cased = |name: &str| if lower { name.to_ascii_lowercase() } else { name.to_owned() };
    fits.into_iter().map(|name| format!("{start}{}", cased(name))).collect()
}

/// What is still to be typed, to be shown behind the line.
pub fn ghost(line: &str) -> String {
    if line.starts_with([':', '#']) {
        return String::new();
    }
    let hint = hint_behind(line);
    if hint.is_empty() || line.ends_with(' ') { hint } else { format!(" {hint}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_completed_in_the_case_they_were_begun() {
        assert_eq!(completions("zrevrank"), [""; 0], "nothing to add");
        assert_eq!(completions("zad"), ["zadd"]);
        assert_eq!(completions("ZAD"), ["ZADD"]);
        assert_eq!(completions("config g"), ["config get"]);
        assert_eq!(completions("HELP ZAD"), ["HELP ZADD"]);
        assert_eq!(completions(":ad"), [":advance "]);
        assert_eq!(completions("GET "), [""; 0], "keys are not guessed");
        assert!(completions("SE").contains(&"SET".to_owned()), "also names that are whole");
    }

    #[test]
    fn the_rest_of_the_syntax_is_shown() {
        assert_eq!(ghost("get"), " key");
        assert_eq!(ghost("get "), "key");
        assert_eq!(ghost("get a"), "");
        assert_eq!(ghost("nonsense"), "");
        assert!(ghost("ZADD game ").contains("score member"), "options and pairs");
    }
}
