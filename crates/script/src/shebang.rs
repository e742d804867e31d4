//! The first line of a script or library: `#!lua name=mylib flags=no-writes`.
//!
//! Redis took this line over from Unix; its words and the texts of its errors are those of Redis.
//! Knows nothing of Lua.

/// What a script or a function says of itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags(u8);

impl Flags {
    /// It calls no command that writes.
    pub const NO_WRITES: Flags = Flags(1);
    /// It may run although memory is used up.
    pub const ALLOW_OOM: Flags = Flags(2);
    /// It may run on a replica that has lost its master.
    pub const ALLOW_STALE: Flags = Flags(4);
    /// It must not run in a cluster.
    pub const NO_CLUSTER: Flags = Flags(8);
    /// It may touch keys of several slots.
    pub const ALLOW_CROSS_SLOT_KEYS: Flags = Flags(16);

    /// All flags with their names, in the order in which FUNCTION LIST shows them.
    pub const NAMES: [(Flags, &'static str); 5] = [
        (Flags::NO_WRITES, "no-writes"),
        (Flags::ALLOW_OOM, "allow-oom"),
        (Flags::ALLOW_STALE, "allow-stale"),
        (Flags::NO_CLUSTER, "no-cluster"),
        (Flags::ALLOW_CROSS_SLOT_KEYS, "allow-cross-slot-keys"),
    ];

    /// The flag of this name, in exactly this spelling.
    pub fn named(name: &[u8]) -> Option<Flags> {
        Flags::NAMES.iter().find(|row| row.1.as_bytes() == name).map(|row| row.0)
    }

    /// Whether all of `other` are set.
    pub fn contains(self, other: Flags) -> bool {
        self.0 & other.0 == other.0
    }

    /// With `other` set as well.
    #[must_use]
    pub fn with(self, other: Flags) -> Flags {
        Flags(self.0 | other.0)
    }

    /// The names of the flags that are set.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Flags::NAMES.iter().filter(move |row| self.contains(row.0)).map(|row| row.1)
    }
}

/// A first line that begins with `#!`, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shebang<'a> {
    /// The first word, with the `#!`.
    pub engine: &'a [u8],
    /// The words after it.
    pub words: Vec<&'a [u8]>,
    /// The rest of the code, from the line break on, so that lines keep their numbers.
    pub body: &'a [u8],
}

impl<'a> Shebang<'a> {
    /// The first line of `code`, if it begins with `#!`.
    pub fn read(code: &'a [u8]) -> Option<Self> {
        if !code.starts_with(b"#!") {
            return None;
        }
        let end = code.iter().position(|&byte| byte == b'\n').unwrap_or(code.len());
        let (line, body) = code.split_at(end);
        let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
        let engine = words.next().unwrap_or_default();
        Some(Shebang { engine, words: words.collect(), body })
    }

    /// The flags of a script; the error is Redis's.
    pub fn script_flags(&self) -> Result<Flags, Vec<u8>> {
        if self.engine != b"#!lua" {
            return Err([b"ERR Unexpected engine in script shebang: ", self.engine].concat());
        }
        let mut flags = Flags::default();
        for word in &self.words {
            let Some(list) = word.strip_prefix(b"flags=") else {
                return Err([b"ERR Unknown lua shebang option: ", *word].concat());
            };
            for name in list.split(|&byte| byte == b',').filter(|name| !name.is_empty()) {
                let flag = Flags::named(name).ok_or_else(|| {
                    [b"ERR Unexpected flag in script shebang: ".as_slice(), name].concat()
                })?;
                flags = flags.with(flag);
            }
        }
        Ok(flags)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_names_its_flags() {
        let code = b"#!lua flags=no-writes,allow-oom\nreturn 1";
        let shebang = Shebang::read(code).expect("there is one");
        assert_eq!(shebang.body, b"\nreturn 1", "the line break stays");
        let flags = shebang.script_flags().expect("both are known");
        assert_eq!(flags.names().collect::<Vec<_>>(), ["no-writes", "allow-oom"], "as given");
    }

    #[test]
    fn unknown_words_are_refused_with_redis_texts() {
        let refused = |code: &[u8]| {
            let text = Shebang::read(code).expect("there is one").script_flags();
            String::from_utf8(text.expect_err("it is wrong")).expect("ASCII")
        };
        assert_eq!(
            refused(b"#!python\nx"),
            "ERR Unexpected engine in script shebang: #!python",
            "another engine"
        );
        assert_eq!(
            refused(b"#!lua flags=bogus\nx"),
            "ERR Unexpected flag in script shebang: bogus",
            "another flag"
        );
        assert_eq!(
            refused(b"#!lua name=x\nx"),
            "ERR Unknown lua shebang option: name=x",
            "another option"
        );
        assert_eq!(Shebang::read(b"return 1"), None, "no such line");
    }
}
