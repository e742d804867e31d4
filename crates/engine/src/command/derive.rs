//! What follows from a spec: arity, syntax line, positions of keys, ACL categories.

use super::{Arg, ArgKind, CommandSpec, Flags};

impl CommandSpec {
    /// Number of words including the name; negative means "at least".
    pub fn effective_arity(&self, is_subcommand: bool) -> i64 {
        if self.arity != 0 {
            return i64::from(self.arity);
        }
        if !self.subcommands.is_empty() {
            return -2;
        }
        let name_words = if is_subcommand { 2 } else { 1 };
        let (least, open) = words_of(self.args);
        let total = least + name_words;
        if open { -total } else { total }
    }

    /// Whether a command of `words` words (its name included) has an allowed number of them.
    pub fn accepts(&self, words: usize, is_subcommand: bool) -> bool {
        accepts(self.effective_arity(is_subcommand), words)
    }

    /// The words after the name, as documentation writes them: `key [NX | XX] score member [score member ...]`.
    pub fn syntax(&self) -> String {
        syntax_of_all(self.args, Style::Documentation)
    }

    /// The words after the name, as redis-cli writes them: `key [NX|XX] score member [score member ...]`.
    pub fn cli_syntax(&self) -> String {
        syntax_of_all(self.args, Style::Cli)
    }

    /// First key, last key and step as COMMAND INFO reports them; zeros without keys.
    pub fn first_last_step(&self) -> (i64, i64, i64) {
        super::keys::legacy_range(self.keys).0
    }

    /// The flags that COMMAND INFO lists: those of the spec, and `movablekeys` where keys are not in one plain range.
    pub fn shown_flags(&self) -> Flags {
        let (_, movable) = super::keys::legacy_range(self.keys);
        if movable { self.flags.or(Flags::MOVABLEKEYS) } else { self.flags }
    }

    /// ACL categories, with the leading `@`, in Redis's order.
    pub fn categories(&self) -> Vec<&'static str> {
        let group = [self.group.category().unwrap_or("")];
        let own = self.acl.unwrap_or(if self.is_container() { &[] } else { &group });
        let flags = self.flags;
        let has = |category: &str| {
            own.contains(&category)
                || match category {
                    "write" => flags.has(Flags::WRITE),
                    "read" => flags.has(Flags::READONLY) && !own.contains(&"scripting"),
                    "admin" => flags.has(Flags::ADMIN),
                    "dangerous" => flags.has(Flags::ADMIN) || flags.has(Flags::DANGEROUS),
                    "pubsub" => flags.has(Flags::PUBSUB),
                    "blocking" => flags.has(Flags::BLOCKING),
                    "fast" => flags.has(Flags::FAST),
                    "slow" => !flags.has(Flags::FAST),
                    _ => false,
                }
        };
        CATEGORIES.iter().filter(|shown| has(&shown[1..])).copied().collect()
    }

    /// Whether the command only holds subcommands; COMMAND, which can also be called alone, is one too.
    pub fn is_container(&self) -> bool {
        !self.subcommands.is_empty()
    }
}

impl Arg {
    /// The argument as redis-cli writes it, as `EX seconds`.
    pub fn cli_syntax(&self) -> String {
        syntax_of(&Self { optional: false, ..*self }, Style::Cli)
    }
}

/// All ACL categories, with the leading `@`, in the order of ACL CAT and COMMAND INFO.
pub const CATEGORIES: &[&str] = &[
    "@keyspace",
    "@read",
    "@write",
    "@set",
    "@sortedset",
    "@list",
    "@hash",
    "@string",
    "@bitmap",
    "@hyperloglog",
    "@geo",
    "@stream",
    "@pubsub",
    "@admin",
    "@fast",
    "@slow",
    "@blocking",
    "@dangerous",
    "@connection",
    "@transaction",
    "@scripting",
];

/// Whether an arity allows a command of `words` words.
#[inline]
pub(crate) fn accepts(arity: i64, words: usize) -> bool {
    let words = words as i64;
    if arity >= 0 { words == arity } else { words >= -arity }
}

/// Least number of words that fill some arguments.
pub(super) fn least_words(args: &[Arg]) -> usize {
    usize::try_from(words_of(args).0).unwrap_or(0)
}

/// Least number of words, and whether there may be more.
fn words_of(args: &[Arg]) -> (i64, bool) {
    let mut least = 0;
    let mut open = false;
    for arg in args {
        let (words, more) = words_of_one(arg);
        if arg.optional {
            open = true;
        } else {
            least += words;
            open |= more || arg.many;
        }
    }
    (least, open)
}

fn words_of_one(arg: &Arg) -> (i64, bool) {
    let (inner, open) = match arg.kind {
        ArgKind::Token => return (1, false),
        ArgKind::Block(parts) => words_of(parts),
        ArgKind::OneOf(choices) => {
            let sizes: Vec<_> = choices.iter().map(words_of_one).collect();
            let least = sizes.iter().map(|size| size.0).min().unwrap_or(0);
            (least, sizes.iter().any(|size| size.1 || size.0 != least))
        }
        _ => (1, false),
    };
    (inner + i64::from(arg.token.is_some()), open)
}

/// How a syntax line is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// As documentation does: `<NX | XX>`.
    Documentation,
    /// As redis-cli does: `NX|XX`.
    Cli,
}

/// Some arguments, one after the other.
pub(super) fn syntax_of_all(args: &[Arg], style: Style) -> String {
    args.iter().map(|arg| syntax_of(arg, style)).collect::<Vec<_>>().join(" ")
}

/// One argument, in brackets if it is optional.
pub(super) fn syntax_of(arg: &Arg, style: Style) -> String {
    let bar = if style == Style::Cli { "|" } else { " | " };
    let body = match arg.kind {
        ArgKind::Token => String::new(),
        ArgKind::Block(parts) => syntax_of_all(parts, style),
        ArgKind::OneOf(choices) => {
            choices.iter().map(|choice| syntax_of(choice, style)).collect::<Vec<_>>().join(bar)
        }
        _ => arg.name.to_owned(),
    };
    let stands_alone = arg.optional && arg.token.is_none() && !arg.many;
    let body = match arg.kind {
        ArgKind::OneOf(_) if !stands_alone && style == Style::Documentation => format!("<{body}>"),
        _ => body,
    };
    let once = [arg.token.unwrap_or(""), &body]
        .iter()
        .filter(|s| !s.is_empty())
        .copied()
        .collect::<Vec<_>>()
        .join(" ");
    let text = match (arg.many, arg.many_token) {
        (false, _) => once,
        (true, true) => format!("{once} [{once} ...]"),
        (true, false) => format!("{once} [{body} ...]"),
    };
    if arg.optional { format!("[{text}]") } else { text }
}
