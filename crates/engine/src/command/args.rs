//! The grammar of a command's words: a tree of named arguments, as COMMAND DOCS shows it.
//!
//! Handlers parse by hand; a test derives random sentences from this tree and demands that the handlers accept them.

/// What an argument is.
#[derive(Debug, Clone, Copy)]
pub enum ArgKind {
    /// A key.
    Key,
    /// Any bytes.
    Word,
    /// A signed 64-bit integer.
    Integer,
    /// A floating-point number.
    Double,
    /// A glob pattern.
    Pattern,
    /// Seconds or milliseconds since 1970.
    UnixTime,
    /// The token alone says it.
    Token,
    /// Exactly one of these.
    OneOf(&'static [Arg]),
    /// All of these, in order.
    Block(&'static [Arg]),
}

/// One argument of a command.
#[derive(Debug, Clone, Copy)]
pub struct Arg {
    /// Lower-case name for the syntax line.
    pub name: &'static str,
    /// What it is.
    pub kind: ArgKind,
    /// The keyword before it, or the keyword that it is.
    pub token: Option<&'static str>,
    /// Whether it may be left out.
    pub optional: bool,
    /// Whether it may be repeated.
    pub many: bool,
    /// Whether its token is repeated with it.
    pub many_token: bool,
    /// First version that has it; empty if it is as old as the command.
    pub since: &'static str,
    /// First version in which it counts as deprecated.
    pub deprecated_since: Option<&'static str>,
}

const fn arg(name: &'static str, kind: ArgKind) -> Arg {
    Arg {
        name,
        kind,
        token: None,
        optional: false,
        many: false,
        many_token: false,
        since: "",
        deprecated_since: None,
    }
}

/// The argument `key`.
pub const KEY: Arg = key("key");

/// A key under another name.
pub const fn key(name: &'static str) -> Arg {
    arg(name, ArgKind::Key)
}

/// Any bytes.
pub const fn word(name: &'static str) -> Arg {
    arg(name, ArgKind::Word)
}

/// A signed 64-bit integer.
pub const fn integer(name: &'static str) -> Arg {
    arg(name, ArgKind::Integer)
}

/// A floating-point number.
pub const fn double(name: &'static str) -> Arg {
    arg(name, ArgKind::Double)
}

/// A glob pattern.
pub const fn pattern(name: &'static str) -> Arg {
    arg(name, ArgKind::Pattern)
}

/// A point in time, in the unit that the name says.
pub const fn unix_time(name: &'static str) -> Arg {
    arg(name, ArgKind::UnixTime)
}

/// A keyword that stands alone.
pub const fn token(token: &'static str) -> Arg {
    let mut arg = arg(token, ArgKind::Token);
    arg.token = Some(token);
    arg
}

/// Exactly one of several arguments.
pub const fn one_of(name: &'static str, choices: &'static [Arg]) -> Arg {
    arg(name, ArgKind::OneOf(choices))
}

/// Several arguments that belong together.
pub const fn block(name: &'static str, parts: &'static [Arg]) -> Arg {
    arg(name, ArgKind::Block(parts))
}

impl ArgKind {
    /// The name in COMMAND DOCS.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Word => "string",
            Self::Integer => "integer",
            Self::Double => "double",
            Self::Pattern => "pattern",
            Self::UnixTime => "unix-time",
            Self::Token => "pure-token",
            Self::OneOf(_) => "oneof",
            Self::Block(_) => "block",
        }
    }
}

impl Arg {
    /// The choices or parts of an argument that consists of others.
    pub const fn parts(&self) -> &'static [Self] {
        match self.kind {
            ArgKind::OneOf(parts) | ArgKind::Block(parts) => parts,
            _ => &[],
        }
    }

    /// May be left out.
    #[must_use]
    pub const fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    /// May be repeated.
    #[must_use]
    pub const fn many(mut self) -> Self {
        self.many = true;
        self
    }

    /// May be repeated, each time with its token.
    #[must_use]
    pub const fn many_with_token(mut self) -> Self {
        self.many = true;
        self.many_token = true;
        self
    }

    /// Stands after a keyword.
    #[must_use]
    pub const fn after(mut self, token: &'static str) -> Self {
        self.token = Some(token);
        self
    }

    /// Came with a later version than the command.
    #[must_use]
    pub const fn since(mut self, version: &'static str) -> Self {
        self.since = version;
        self
    }

    /// Counts as deprecated from a version on.
    #[must_use]
    pub const fn deprecated(mut self, version: &'static str) -> Self {
        self.deprecated_since = Some(version);
        self
    }
}
