//! Which questions need an engine with Lua, and where its program is.
//!
//! Most visits run no script, so the page starts with an engine without Lua and fetches the other when it is needed.

use redarium_engine::command::Group;
use redarium_engine::table;
use redarium_resp::request::{Limits, Parsed, RequestParser};
use redarium_resp::split;
use web_sys::Url;

use crate::protocol::Ask;

/// Whether the question is one for an engine with Lua.
pub fn needs_lua(ask: &Ask) -> bool {
    match ask {
        Ask::Run { lines, .. } => lines.iter().any(|line| {
            split(line.as_bytes()).is_ok_and(|words| words.get(0).is_some_and(is_scripting))
        }),
        Ask::Feed { bytes, .. } => runs_scripts(bytes),
        _ => false,
    }
}

fn is_scripting(name: &[u8]) -> bool {
    table::lookup(name).is_some_and(|spec| spec.group == Group::Scripting)
}

/// Whether one of many commands is one of scripting. O(bytes).
fn runs_scripts(mut bytes: &[u8]) -> bool {
    let (mut parser, limits, mut spans) =
        (RequestParser::new(), Limits::default(), Vec::<(u32, u32)>::new());
    loop {
        let (name, consumed) = match parser.parse(bytes, &limits, &mut spans) {
            Ok(Parsed::Command { consumed }) => {
                let name =
                    spans.first().and_then(|&(from, to)| bytes.get(from as usize..to as usize));
                (name.is_some_and(is_scripting), consumed)
            }
            Ok(Parsed::Inline { consumed, words }) => {
                (words.get(0).is_some_and(is_scripting), consumed)
            }
            Ok(Parsed::Empty { consumed }) => (false, consumed),
            Ok(Parsed::Incomplete) | Err(_) => return false,
        };
        if name {
            return true;
        }
        bytes = bytes.get(consumed..).unwrap_or_default();
    }
}

/// The address of the engine with Lua, seen from the page's own program; none where the site has none.
pub fn program(seen_from: &str) -> Option<String> {
    let named = gloo::utils::document().query_selector("meta[name=redarium-scripts]").ok()??;
    Some(Url::new_with_base(&named.get_attribute("content")?, seen_from).ok()?.href())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(lines: &[&str]) -> Ask {
        let lines = lines.iter().map(|&line| line.to_owned()).collect();
        Ask::Run { client: "alice".to_owned(), lines }
    }

    #[test]
    fn only_commands_of_scripting_need_lua() {
        for line in ["eval \"return 1\" 0", "FCALL f 0", "SCRIPT EXISTS x", "FUNCTION LIST"] {
            assert!(needs_lua(&run(&["SET a 1", line])), "{line}");
        }
        for line in ["SET a eval", "ECHO EVAL", "no-such-command", "", "SET \"a"] {
            assert!(!needs_lua(&run(&[line])), "{line}");
        }
    }

    #[test]
    fn many_commands_are_looked_through() {
        let feed = |bytes: &[u8]| {
            needs_lua(&Ask::Feed { client: "alice".to_owned(), bytes: bytes.to_vec() })
        };
        assert!(
            feed(b"SET a 1\r\n\r\n*3\r\n$4\r\nEVAL\r\n$8\r\nreturn 1\r\n$1\r\n0\r\n"),
            "it is there"
        );
        assert!(
            !feed(b"*2\r\n$4\r\nECHO\r\n$4\r\nEVAL\r\nGET eval\r\n*1\r\n$4\r\nEV"),
            "only as a word"
        );
    }
}
