//! What the page and the worker say to each other: plain values, small, and nothing that only one side could hold.
//!
//! Keys are named by their *word*: the name as it is typed in a command, quoted where it must be. So a word can be
//! shown, compared and put into a command as it is.

use redarium_engine::inspect::Naming;
use redarium_engine::value::Type;
use redarium_lab::Action;
use serde::{Deserialize, Serialize};

use crate::picture::model::Picture;

/// A question of the page.
#[derive(Debug, Serialize, Deserialize)]
pub struct Request {
    /// Comes back with the answer.
    pub id: u32,
    /// The question.
    pub ask: Ask,
}

/// What the page can ask for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Ask {
    /// A world that begins with this seed, with these actions done and then `position` of them in force.
    Begin {
        /// Seed of chance.
        seed: u32,
        /// What was done.
        actions: Vec<Action>,
        /// How many of them.
        position: usize,
    },
    /// Command lines of a client, one after the other; it has been checked that they can be split into words.
    Run {
        /// The client's name.
        client: String,
        /// The lines.
        lines: Vec<String>,
    },
    /// Many commands at once, in the form of the wire.
    Feed {
        /// The client's name.
        client: String,
        /// The requests.
        #[serde(with = "bytes")]
        bytes: Vec<u8>,
    },
    /// A client leaves.
    Disconnect {
        /// The client's name.
        client: String,
    },
    /// The clock goes on by so many milliseconds.
    Advance {
        /// How many.
        ms: u64,
    },
    /// The power fails, and the node starts again with what is left of its files.
    Crash,
    /// The node shuts down and starts again.
    Restart,
    /// A client stops reading what it is sent, or reads again.
    Reading {
        /// The client's name.
        client: String,
        /// Whether it reads.
        on: bool,
    },
    /// The disk fills up, or has room again.
    Disk {
        /// Whether it is full.
        is_full: bool,
    },
    /// One step back.
    Undo,
    /// One step forward again.
    Redo,
    /// To the moment after the first `done` things.
    Seek {
        /// How many.
        done: usize,
    },
    /// The clock runs at a rate, or stands still at 0.
    Clock {
        /// Virtual seconds per second.
        rate: f64,
    },
    /// What is to be shown.
    Look(Look),
    /// Names that complete a word.
    Names(NamesQuery),
}

/// Names that begin in some way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamesQuery {
    /// The database.
    pub db: usize,
    /// Which names.
    pub what: Names,
    /// Their beginning.
    pub start: Vec<u8>,
}

/// Which names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Names {
    /// Of keys: of this type, if there is one that a command wants.
    Keys(Option<Type>),
    /// Of what is in a key or known to the node; the key's word is empty for the latter.
    Of(Naming, String),
}

impl Ask {
    /// Whether it only looks: nobody waits for the answer to go on.
    pub fn is_look(&self) -> bool {
        matches!(self, Self::Look(_) | Self::Names(_))
    }
}

/// What is visible.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Look {
    /// The rows of the list of keys.
    pub keys: Option<KeysQuery>,
    /// The picture of one key.
    pub picture: Option<PictureQuery>,
}

/// Rows of the list of keys.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeysQuery {
    /// The database.
    pub db: usize,
    /// What the names contain, or a pattern if it has one of `*?[`.
    pub filter: String,
    /// The first row.
    pub from: usize,
    /// How many rows.
    pub count: usize,
}

/// A window into one key.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct PictureQuery {
    /// The database.
    pub db: usize,
    /// The key's word.
    pub key: String,
    /// Where the window begins; by itself it lies around what the last command visited.
    pub from: From,
    /// Members in it.
    pub count: usize,
}

/// The beginning of a window into a sorted set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub enum From {
    /// Around what the last command visited, or else at the first member.
    #[default]
    Around,
    /// At this rank.
    Rank(usize),
    /// At the first member with this score or a higher one.
    Score(f64),
}

/// What the worker says; `id` 0 is said of its own accord.
#[derive(Debug, Serialize, Deserialize)]
pub struct Response {
    /// The question's.
    pub id: u32,
    /// The answer.
    pub answer: Answer,
}

/// What the worker can answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Answer {
    /// It has been done, or time has passed.
    Done(Status),
    /// Commands have been run.
    Ran(Vec<Ran>, Status),
    /// Many commands have been run.
    Fed(Fed, Status),
    /// What is to be shown.
    Seen(Box<Seen>),
    /// Names that complete a word.
    Names(Vec<Name>),
}

/// A name that completes a word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Name {
    /// The name as it is typed in a command, quoted where it must be.
    pub word: String,
    /// What TYPE answers; empty if it is none of a key.
    pub kind: String,
}

/// The outcome of one command.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ran {
    /// The replies; none while the client waits.
    pub replies: Vec<Reply>,
    /// The words of the keys that the command names.
    pub keys: Vec<String>,
    /// What it did to them.
    pub touched: Vec<Touched>,
    /// Steps of algorithms that were counted.
    pub steps: u64,
    /// Where its client stands now; nothing if it is gone.
    pub after: Option<ClientStatus>,
    /// What clients were sent because of it, besides these replies.
    pub received: Vec<(String, Reply)>,
}

/// A key before and after a command.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Touched {
    /// Its word.
    pub key: String,
    /// Before; nothing if it did not exist.
    pub before: Option<Brief>,
    /// After; nothing if it does not exist.
    pub after: Option<Brief>,
}

/// A key in a few words.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Brief {
    /// What TYPE answers.
    pub kind: String,
    /// What OBJECT ENCODING answers.
    pub encoding: String,
    /// Elements, or bytes of a string.
    pub len: u64,
    /// What MEMORY USAGE answers.
    pub bytes: u64,
}

/// One reply, ready to be shown.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// As redis-cli shows it on a terminal.
    pub text: String,
    /// Whether it is an error.
    pub is_error: bool,
    /// Whether it answers nothing, as a message of a channel.
    pub is_push: bool,
    /// Whether redis-cli shows it as it is, whatever the format.
    pub is_plain: bool,
    /// As it was sent; nothing if it is too large to be kept.
    #[serde(with = "bytes")]
    pub wire: Vec<u8>,
}

/// The outcome of many commands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fed {
    /// Replies.
    pub replies: usize,
    /// Of them errors.
    pub errors: usize,
    /// The first error.
    pub first_error: Option<String>,
}

/// Where the world stands.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// Counts what has been done to the world, looks aside.
    pub epoch: u32,
    /// The clock, in milliseconds since 1970.
    pub now: f64,
    /// Virtual seconds per second; 0 when the clock stands still.
    pub rate: f64,
    /// Milliseconds that passed by themselves since the last word.
    pub elapsed_ms: u64,
    /// Things done that are in force.
    pub done: usize,
    /// Things done, those undone included.
    pub all: usize,
    /// The same in the log, where time that runs on counts as well.
    pub position: usize,
    /// The length of the log.
    pub len: usize,
    /// The clients that are connected.
    pub clients: Vec<ClientStatus>,
    /// What clients were sent besides replies.
    pub pushes: Vec<(String, Reply)>,
    /// The words of keys that have changed, with their databases; cut at 64.
    pub changed: Vec<(usize, String)>,
    /// Databases with keys, and how many there are.
    pub databases: Vec<(usize, usize)>,
}

/// A connected client.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientStatus {
    /// Its name.
    pub name: String,
    /// What CLIENT ID answers.
    pub id: u64,
    /// The database it has selected.
    pub db: usize,
    /// What else it does than to wait for commands.
    pub mode: Mode,
    /// Whether it speaks RESP3.
    pub is_resp3: bool,
    /// Whether it waits for something, so that its next command has to wait too.
    pub is_blocked: bool,
    /// The commands that it has queued since MULTI.
    pub queued: Option<usize>,
}

/// What a client does besides answering to commands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mode {
    /// Nothing.
    #[default]
    Commands,
    /// It listens to channels.
    Subscribed,
    /// It is shown what all clients do.
    Monitor,
}

/// What is visible.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Seen {
    /// The moment it shows.
    pub epoch: u32,
    /// The rows of the list of keys.
    pub keys: Option<Keys>,
    /// The picture.
    pub picture: Option<Picture>,
}

/// Rows of the list of keys.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Keys {
    /// The database.
    pub db: usize,
    /// Keys in it.
    pub total: usize,
    /// Keys that fit the filter.
    pub matched: usize,
    /// The first row's place among them.
    pub from: usize,
    /// The rows.
    pub rows: Vec<KeyRow>,
}

/// One key.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct KeyRow {
    /// Its word.
    pub word: String,
    /// What TYPE answers.
    pub kind: String,
    /// What OBJECT ENCODING answers.
    pub encoding: String,
    /// Elements, or bytes of a string.
    pub len: u64,
    /// When it ends, in milliseconds since 1970.
    pub deadline: Option<f64>,
    /// Whether its time is over though it is still there.
    pub is_dead: bool,
}

/// Bytes as one block (a `Uint8Array`) instead of a list of numbers.
mod bytes {
    use std::fmt;

    use serde::de::{Deserializer, Error, Visitor};
    use serde::ser::Serializer;

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_bytes(bytes)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        struct Block;
        impl Visitor<'_> for Block {
            type Value = Vec<u8>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a block of bytes")
            }

            fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
                Ok(bytes.to_vec())
            }

            fn visit_byte_buf<E: Error>(self, bytes: Vec<u8>) -> Result<Vec<u8>, E> {
                Ok(bytes)
            }
        }
        from.deserialize_byte_buf(Block)
    }
}
