//! Words of commands that no log may show.

use crate::args::Args;
use crate::dispatch::Found;

/// What stands in the place of such a word.
const REDACTED: &[u8] = b"(redacted)";

/// Parameters whose values are secret.
const SECRET_PARAMETERS: &[&[u8]] = &[b"requirepass", b"masterauth", b"masteruser"];

/// The words of a command, passwords and names of users left out.
pub(crate) fn redacted<'a>(found: &Found, args: Args<'a>) -> Vec<&'a [u8]> {
    let container = found.container.map_or("", |container| container.name);
    let words: Vec<_> = args.all().collect();
    let is_secret = |at: usize| -> bool {
        let earlier = |back: usize| at.checked_sub(back).and_then(|at| words.get(at));
        let follows = |back: usize, word: &[u8]| {
            earlier(back).is_some_and(|earlier| earlier.eq_ignore_ascii_case(word))
        };
        match (container, found.spec.name) {
            ("", "AUTH") => at >= 1,
            ("", "HELLO") => at >= 3 && (follows(1, b"auth") || at >= 4 && follows(2, b"auth")),
            ("ACL", "SETUSER" | "DELUSER" | "GETUSER") => at >= 2,
            ("CONFIG", "SET") => {
                at >= 3 && at % 2 == 1 && SECRET_PARAMETERS.iter().any(|name| follows(1, name))
            }
            _ => false,
        }
    };
    let shown = |(at, &word): (usize, &&'a [u8])| {
        if is_secret(at) { REDACTED } else { word }
    };
    words.iter().enumerate().map(shown).collect()
}
