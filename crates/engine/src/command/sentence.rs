//! Random commands that a spec's grammar allows: for the table's own test, and for whoever wants to try commands out.
//!
//! The same generator state gives the same sentence.
//! Words are drawn from small sets, so that sentences meet each other's keys, members and fields.

use redarium_resp::words::Words;
use redarium_structures::rng::Rng;

use super::{Arg, ArgKind, CommandSpec};

/// One random command that the grammar of `spec` allows, its name included.
pub fn sentence(spec: &CommandSpec, container: Option<&CommandSpec>, rng: &mut Rng) -> Words {
    let mut writer = Writer { words: Words::new(), rng, announced: None, last_count: 1 };
    if let Some(container) = container {
        writer.words.push(container.name.as_bytes());
    }
    writer.words.push(spec.name.as_bytes());
    writer.sequence(spec.args);
    writer.words
}

/// Endlessly many random commands that the grammar of `spec` allows.
pub fn sentences<'a>(
    spec: &'a CommandSpec,
    container: Option<&'a CommandSpec>,
    rng: &'a mut Rng,
) -> impl Iterator<Item = Words> + 'a {
    std::iter::repeat_with(move || sentence(spec, container, rng))
}

/// Most repetitions of an argument that may be repeated.
const REPEATED_MAX: u64 = 3;

struct Writer<'a> {
    words: Words,
    rng: &'a mut Rng,
    /// How often the next argument must be repeated, because `numkeys` has just said so.
    announced: Option<u64>,
    /// What the last such number was; WEIGHTS takes as many.
    last_count: u64,
}

impl Writer<'_> {
    fn sequence(&mut self, args: &[Arg]) {
        for (place, arg) in args.iter().enumerate() {
            if arg.optional && self.rng.below(2) == 0 {
                continue;
            }
            if announces(arg, args.get(place + 1)) {
                self.count(arg);
            } else {
                self.repeated(arg);
            }
        }
    }

    /// A number of repetitions, which the next argument will keep to.
    fn count(&mut self, arg: &Arg) {
        let count = 1 + self.rng.below(REPEATED_MAX);
        self.token(arg);
        self.words.push(count.to_string().as_bytes());
        self.announced = Some(count);
        self.last_count = count;
    }

    fn repeated(&mut self, arg: &Arg) {
        let times = match self.announced.take() {
            Some(count) => count,
            None if arg.name == "weight" => self.last_count,
            None if arg.many => 1 + self.rng.below(REPEATED_MAX),
            None => 1,
        };
        for round in 0..times {
            if round == 0 || arg.many_token {
                self.token(arg);
            }
            self.once(arg);
        }
    }

    fn token(&mut self, arg: &Arg) {
        if let Some(token) = arg.token {
            self.words.push(token.as_bytes());
        }
    }

    fn once(&mut self, arg: &Arg) {
        match arg.kind {
            ArgKind::Token => {}
            ArgKind::Block(parts) => self.sequence(parts),
            ArgKind::OneOf(choices) => {
                let choice = self.rng.below(choices.len().max(1) as u64) as usize;
                if let Some(choice) = choices.get(choice) {
                    self.repeated(choice);
                }
            }
            ArgKind::Key => self.pick(&["k1", "k2", "k3", "k4"]),
            ArgKind::Word => self.pick(&["a", "b", "c", "1", "hello world", ""]),
            // COUNT 0 is a syntax error where the count is that of a scan.
            ArgKind::Integer if arg.token == Some("COUNT") => self.pick(&["1", "2", "10"]),
            ArgKind::Integer => self.pick(&["1", "2", "3", "10", "0", "-1"]),
            ArgKind::Double => self.pick(&["1", "1.5", "-2", "1e3", "0"]),
            ArgKind::Pattern => self.pick(&["*", "k?", "[ab]*"]),
            ArgKind::UnixTime => self.pick(&["4102444800", "4102444800000", "1"]),
        }
    }

    fn pick(&mut self, choices: &[&str]) {
        let choice = self.rng.below(choices.len() as u64) as usize;
        self.words.push(choices.get(choice).unwrap_or(&"").as_bytes());
    }
}

/// Whether an argument says how often the one after it comes: `numkeys key [key ...]`.
pub(super) fn announces(arg: &Arg, next: Option<&Arg>) -> bool {
    matches!(arg.kind, ArgKind::Integer)
        && arg.name.starts_with("num")
        && next.is_some_and(|next| next.many)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::args::{KEY, block, double, integer, one_of, token, word};

    const SPEC: CommandSpec = CommandSpec {
        name: "SUM",
        args: &[
            integer("numkeys"),
            KEY.many(),
            double("weight").after("WEIGHTS").many().optional(),
            one_of("how", &[token("FAST"), block("slow", &[word("pace")]).after("SLOW")]),
        ],
        ..CommandSpec::DEFAULT
    };

    fn texts(seed: u64, count: usize) -> Vec<Vec<String>> {
        sentences(&SPEC, None, &mut Rng::new(seed))
            .take(count)
            .map(|words| {
                words.iter().map(|word| String::from_utf8_lossy(word).into_owned()).collect()
            })
            .collect()
    }

    #[test]
    fn the_same_seed_gives_the_same_sentences() {
        assert_eq!(texts(7, 20), texts(7, 20), "the generator alone decides");
        assert_ne!(texts(7, 20), texts(8, 20), "and it does decide");
    }

    #[test]
    fn announced_numbers_are_kept() {
        for words in texts(1, 200) {
            let keys: usize = words[1].parse().unwrap();
            let rest = &words[2 + keys..];
            let weights = if rest[0] == "WEIGHTS" { 1 + keys } else { 0 };
            let tail = &rest[weights..];
            assert!(
                matches!(tail, [fast] if fast == "FAST")
                    || matches!(tail, [slow, _] if slow == "SLOW"),
                "{words:?} does not end in exactly one choice"
            );
        }
    }
}
