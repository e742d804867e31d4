//! Groups and flags of commands.

/// The family a command is documented in; it is also one of its ACL categories.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Commands on any key.
    Generic,
    /// Byte strings and counters.
    String,
    /// Lists.
    List,
    /// Hashes.
    Hash,
    /// Sets.
    Set,
    /// Sorted sets.
    SortedSet,
    /// Streams.
    Stream,
    /// Bits of strings.
    Bitmap,
    /// Places on the earth.
    Geo,
    /// Estimated numbers of different elements.
    HyperLogLog,
    /// Messages to whoever listens.
    PubSub,
    /// Nodes that share the keys.
    Cluster,
    /// Connections and clients.
    Connection,
    /// The server itself.
    Server,
    /// Several commands at once.
    Transactions,
    /// Scripts and functions.
    Scripting,
}

impl Group {
    /// The name; COMMAND DOCS writes it with a hyphen.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Generic => "generic",
            Self::String => "string",
            Self::List => "list",
            Self::Hash => "hash",
            Self::Set => "set",
            Self::SortedSet => "sorted_set",
            Self::Stream => "stream",
            Self::Bitmap => "bitmap",
            Self::Geo => "geo",
            Self::HyperLogLog => "hyperloglog",
            Self::PubSub => "pubsub",
            Self::Cluster => "cluster",
            Self::Connection => "connection",
            Self::Server => "server",
            Self::Transactions => "transactions",
            Self::Scripting => "scripting",
        }
    }

    /// The ACL category that the group implies, if there is one.
    pub const fn category(self) -> Option<&'static str> {
        match self {
            Self::Generic => Some("keyspace"),
            Self::String => Some("string"),
            Self::List => Some("list"),
            Self::Hash => Some("hash"),
            Self::Set => Some("set"),
            Self::SortedSet => Some("sortedset"),
            Self::Stream => Some("stream"),
            Self::Bitmap => Some("bitmap"),
            Self::Geo => Some("geo"),
            Self::HyperLogLog => Some("hyperloglog"),
            Self::Connection => Some("connection"),
            Self::Transactions => Some("transaction"),
            Self::Scripting => Some("scripting"),
            // The flag of the same name says it.
            Self::PubSub | Self::Cluster | Self::Server => None,
        }
    }
}

/// A set of properties of a command, as COMMAND INFO names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flags(u32);

macro_rules! flags {
    ($($(#[$doc:meta])* $name:ident = $bit:literal, $text:literal;)*) => {
        impl Flags {
            $($(#[$doc])* pub const $name: Self = Self(1 << $bit);)*

            /// Every single flag with its name in COMMAND INFO.
            pub const NAMES: &'static [(Self, &'static str)] = &[$((Self::$name, $text)),*];
        }
    };
}

flags! {
    /// May change data.
    WRITE = 0, "write";
    /// Reads data and never changes it.
    READONLY = 1, "readonly";
    /// Refused when memory is short.
    DENYOOM = 2, "denyoom";
    /// Administers the server.
    ADMIN = 3, "admin";
    /// Concerns pub/sub.
    PUBSUB = 4, "pubsub";
    /// Refused inside scripts.
    NOSCRIPT = 5, "noscript";
    /// May make the client wait.
    BLOCKING = 6, "blocking";
    /// Answers while data is loading.
    LOADING = 7, "loading";
    /// Answers while data may be stale.
    STALE = 8, "stale";
    /// Not shown to MONITOR.
    SKIP_MONITOR = 9, "skip_monitor";
    /// Not in the slow log.
    SKIP_SLOWLOG = 10, "skip_slowlog";
    /// Answers a client that has not authenticated.
    NO_AUTH = 11, "no_auth";
    /// O(1) or O(log N).
    FAST = 12, "fast";
    /// Refused inside MULTI.
    NO_MULTI = 13, "no_multi";
    /// Its keys depend on other words.
    MOVABLEKEYS = 14, "movablekeys";
    /// Answers while a script runs too long.
    ALLOW_BUSY = 15, "allow_busy";
    /// May name no key at all.
    NO_MANDATORY_KEYS = 16, "no_mandatory_keys";
    /// Touches keys that its words do not name.
    TOUCHES_ARBITRARY_KEYS = 17, "touches_arbitrary_keys";
    /// Refused while data is loading in the background.
    NO_ASYNC_LOADING = 18, "no_async_loading";
    /// Answers in Sentinel mode too; not listed by COMMAND INFO.
    SENTINEL = 19, "";
    /// In the ACL category `@dangerous`; not listed by COMMAND INFO.
    DANGEROUS = 20, "";
    /// Sends more than one reply or push; refused under RESP2 in EXEC.
    MAY_REPLICATE = 21, "may_replicate";
    /// Runs at once even inside MULTI; not listed by COMMAND INFO.
    NEVER_QUEUED = 22, "";
}

impl Flags {
    /// No flag.
    pub const NONE: Self = Self(0);

    /// Both sets together.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether all of `other` is in `self`.
    #[must_use]
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}
