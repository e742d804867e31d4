//! One glyph, one colour class and one reading command for each type of data.

/// A type of data as the page shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// Its sign; colour is never alone.
    pub glyph: &'static str,
    /// Its class in the style sheet.
    pub class: &'static str,
    /// What people call it.
    pub name: &'static str,
    /// What its length counts.
    pub unit: &'static str,
}

/// What the type that TYPE answers looks like.
pub fn kind(name: &str) -> Kind {
    let (glyph, class, name, unit) = match name {
        "string" => ("\u{25ac}", "kind-string", "string", "byte"),
        "list" => ("\u{22ef}", "kind-list", "list", "element"),
        "hash" => ("\u{25a6}", "kind-hash", "hash", "field"),
        "set" => ("\u{25cc}", "kind-set", "set", "member"),
        "zset" => ("\u{2195}", "kind-zset", "sorted set", "member"),
        "stream" => ("\u{224b}", "kind-stream", "stream", "entry"),
        _ => ("\u{25c7}", "kind-module", "value", "part"),
    };
    Kind { glyph, class, name, unit }
}

/// The command that shows what a key holds; `word` is the key as it is typed.
pub fn reading(kind: &str, word: &str) -> String {
    match kind {
        "string" => format!("GET {word}"),
        "list" => format!("LRANGE {word} 0 -1"),
        "hash" => format!("HGETALL {word}"),
        "set" => format!("SMEMBERS {word}"),
        "zset" => format!("ZRANGE {word} 0 -1 WITHSCORES"),
        "stream" => format!("XRANGE {word} - +"),
        _ => format!("TYPE {word}"),
    }
}
