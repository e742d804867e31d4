//! The parameters of CONFIG: a typed field for each, and one table that reads and sets them by name.
//!
//! Names, defaults and limits are those of Redis 8.6.

/// Bytes with a unit (`100mb`), a number, a switch or a word: how a parameter is read and written as text.
trait Setting: Sized {
    /// Reads `text` or says what is wrong with it, in Redis's words.
    fn parse(text: &str, limits: &Limits) -> Result<Self, String>;
    /// The text that CONFIG GET answers.
    fn show(&self) -> String;
}

/// What a parameter may be.
#[derive(Debug, Clone, Copy)]
pub enum Limits {
    /// Anything its type allows.
    Any,
    /// A number from the first to the second.
    Range(i64, i64),
    /// A number of bytes from the first to the second, with an optional unit.
    Memory(i64, i64),
    /// One of these words.
    OneOf(&'static [&'static str]),
}

/// One parameter, as CONFIG knows it.
#[derive(Debug, Clone, Copy)]
pub struct Param {
    /// Its name.
    pub name: &'static str,
    /// An older name that still works.
    pub alias: Option<&'static str>,
    /// Whether CONFIG SET may change it.
    pub mutable: bool,
    get: fn(&Config) -> String,
    set: fn(&mut Config, &str) -> Result<(), String>,
}

impl Param {
    /// Its value as text.
    pub fn get(&self, config: &Config) -> String {
        (self.get)(config)
    }

    /// Changes it, or says why not.
    pub fn set(&self, config: &mut Config, text: &str) -> Result<(), String> {
        (self.set)(config, text)
    }
}

/// Limits of parameters that are an `int` in Redis.
const INT_MIN: i64 = -2_147_483_648;
const INT_MAX: i64 = 2_147_483_647;

/// The optional word of a row of the table below: the one that follows `None`, if it is there.
const fn last<const N: usize>(words: [Option<&'static str>; N]) -> Option<&'static str> {
    if let [_, word] = words.as_slice() { *word } else { None }
}

macro_rules! parameters {
    ($($(#[$doc:meta])* $field:ident: $type:ty = $default:expr, $name:literal $(alias $alias:literal)? $(fixed $fixed:literal)?, $limits:expr;)*) => {
        /// All parameters that the engine has, with Redis's defaults.
        #[derive(Debug, Clone)]
        pub struct Config {
            $($(#[$doc])* pub $field: $type,)*
        }

        impl Default for Config {
            fn default() -> Self {
                Self { $($field: $default),* }
            }
        }

        /// The table behind CONFIG GET and CONFIG SET.
        pub const PARAMS: &[Param] = &[$(Param {
            name: $name,
            alias: last([None, $(Some($alias))?]),
            mutable: last([None, $(Some($fixed))?]).is_none(),
            get: |config| Setting::show(&config.$field),
            set: |config, text| {
                config.$field = Setting::parse(text, &$limits)?;
                Ok(())
            },
        }),*];
    };
}

parameters! {
    /// Entries up to which a hash is a listpack.
    hash_max_listpack_entries: usize = 512, "hash-max-listpack-entries" alias "hash-max-ziplist-entries", Limits::Range(0, i64::MAX);
    /// Bytes of the longest field or value of a hash that is a listpack.
    hash_max_listpack_value: usize = 64, "hash-max-listpack-value" alias "hash-max-ziplist-value", Limits::Memory(0, i64::MAX);
    /// Size of a listpack in a list: bytes class if negative, entries if positive.
    list_max_listpack_size: i64 = -2, "list-max-listpack-size" alias "list-max-ziplist-size", Limits::Range(INT_MIN, INT_MAX);
    /// Listpacks at both ends of a list that stay uncompressed; 0 compresses none.
    list_compress_depth: usize = 0, "list-compress-depth", Limits::Range(0, INT_MAX);
    /// Members up to which a set of integers is an intset.
    set_max_intset_entries: usize = 512, "set-max-intset-entries", Limits::Range(0, i64::MAX);
    /// Members up to which a set is a listpack.
    set_max_listpack_entries: usize = 128, "set-max-listpack-entries", Limits::Range(0, i64::MAX);
    /// Bytes of the longest member of a set that is a listpack.
    set_max_listpack_value: usize = 64, "set-max-listpack-value", Limits::Memory(0, i64::MAX);
    /// Members up to which a sorted set is a listpack.
    zset_max_listpack_entries: usize = 128, "zset-max-listpack-entries" alias "zset-max-ziplist-entries", Limits::Range(0, i64::MAX);
    /// Bytes of the longest member of a sorted set that is a listpack.
    zset_max_listpack_value: usize = 64, "zset-max-listpack-value" alias "zset-max-ziplist-value", Limits::Memory(0, i64::MAX);
    /// Background ticks per second.
    hz: i64 = 10, "hz", Limits::Range(0, INT_MAX);
    /// How hard the active expiry cycle works, 1 to 10.
    active_expire_effort: i64 = 1, "active-expire-effort", Limits::Range(1, 10);
    /// Number of databases.
    databases: usize = 16, "databases" fixed "yes", Limits::Range(1, INT_MAX);
    /// Bytes of the longest string and of the longest word of a command.
    proto_max_bulk_len: usize = 512 * 1024 * 1024, "proto-max-bulk-len", Limits::Memory(1024 * 1024, i64::MAX);
    /// Bytes a client may have sent without a complete command.
    client_query_buffer_limit: usize = 1024 * 1024 * 1024, "client-query-buffer-limit", Limits::Memory(1024 * 1024, i64::MAX);
    /// Bytes of memory after which writes are refused or keys evicted; 0 for no limit.
    maxmemory: usize = 0, "maxmemory", Limits::Memory(0, i64::MAX);
    /// What happens when memory is short.
    maxmemory_policy: String = "noeviction".to_owned(), "maxmemory-policy", Limits::OneOf(&[
        "volatile-lru", "volatile-lfu", "volatile-random", "volatile-ttl", "allkeys-lru", "allkeys-lfu", "allkeys-random", "noeviction",
    ]);
    /// Clients at the same time.
    maxclients: usize = 10_000, "maxclients", Limits::Range(1, 4_294_967_295);
    /// Seconds after which an idle client is disconnected; 0 for never.
    timeout: i64 = 0, "timeout", Limits::Range(0, INT_MAX);
    /// The password of the default user; empty for none.
    requirepass: String = String::new(), "requirepass", Limits::Any;
}

impl Config {
    /// Whether keys are stamped with use counts instead of times.
    pub fn counts_uses(&self) -> bool {
        self.maxmemory_policy.ends_with("-lfu")
    }

    /// Finds a parameter by its name or older name, whatever the case.
    pub fn param(name: &[u8]) -> Option<&'static Param> {
        PARAMS.iter().find(|param| {
            name.eq_ignore_ascii_case(param.name.as_bytes())
                || param.alias.is_some_and(|alias| name.eq_ignore_ascii_case(alias.as_bytes()))
        })
    }
}

fn parse_number(text: &str, limits: &Limits) -> Result<i64, String> {
    let (min, max) = match *limits {
        Limits::Range(min, max) | Limits::Memory(min, max) => (min, max),
        Limits::Any | Limits::OneOf(_) => (i64::MIN, i64::MAX),
    };
    let number = match limits {
        Limits::Memory(..) => parse_memory(text).ok_or("argument must be a memory value")?,
        _ => text.parse::<i64>().ok().ok_or("argument couldn't be parsed into an integer")?,
    };
    if number < min || number > max {
        return Err(format!("argument must be between {min} and {max} inclusive"));
    }
    Ok(number)
}

/// A number of bytes with an optional unit: `b`, `k` (1000), `kb` (1024) and so on up to `gb`, in any case.
fn parse_memory(text: &str) -> Option<i64> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let factor: i64 = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" => 1000,
        "kb" => 1024,
        "m" => 1_000_000,
        "mb" => 1024 * 1024,
        "g" => 1_000_000_000,
        "gb" => 1024 * 1024 * 1024,
        _ => return None,
    };
    number.parse::<i64>().ok()?.checked_mul(factor)
}

impl Setting for i64 {
    fn parse(text: &str, limits: &Limits) -> Result<Self, String> {
        parse_number(text, limits)
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

impl Setting for usize {
    fn parse(text: &str, limits: &Limits) -> Result<Self, String> {
        parse_number(text, limits).map(|number| Self::try_from(number).unwrap_or(Self::MAX))
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

impl Setting for bool {
    fn parse(text: &str, _: &Limits) -> Result<Self, String> {
        match text.to_ascii_lowercase().as_str() {
            "yes" => Ok(true),
            "no" => Ok(false),
            _ => Err("argument must be 'yes' or 'no'".to_owned()),
        }
    }

    fn show(&self) -> String {
        if *self { "yes" } else { "no" }.to_owned()
    }
}

impl Setting for String {
    fn parse(text: &str, limits: &Limits) -> Result<Self, String> {
        let Limits::OneOf(words) = limits else { return Ok(text.to_owned()) };
        match words.iter().find(|word| word.eq_ignore_ascii_case(text)) {
            Some(word) => Ok((*word).to_owned()),
            None => Err(format!("argument(s) must be one of the following: {}", words.join(", "))),
        }
    }

    fn show(&self) -> String {
        self.clone()
    }
}
