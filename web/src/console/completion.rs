//! What may follow while a command is typed: names with Tab, and the rest of the syntax as a hint.

use redarium_engine::command::hint::hint;
use redarium_engine::table;
use redarium_resp::split;

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
    if line.is_empty() || line.starts_with([':', '#']) {
        return String::new();
    }
    let Ok(words) = split(line.as_bytes()) else { return String::new() };
    let words: Vec<&[u8]> = words.iter().collect();
    let is_complete = line.ends_with(' ');
    if is_complete {
        return hint(&words).unwrap_or_default();
    }
    // A word that is being typed hides its own place, as in redis-cli.
    let text = match words.split_last() {
        Some((_, [])) => {
            table::lookup(words.first().copied().unwrap_or_default()).and_then(|_| hint(&words))
        }
        Some(_) => hint(&words),
        None => None,
    };
    text.filter(|text| !text.is_empty()).map(|text| format!(" {text}")).unwrap_or_default()
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
