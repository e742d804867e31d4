//! Redarium for JavaScript: the package `redarium.js` that any static page can import.
//!
//! It is a thin skin over the lab: words in, values out.
//! Bulk work goes through [`Redarium::feed`], which moves bytes and nothing else.

#![expect(
    clippy::needless_pass_by_value,
    reason = "wasm-bindgen hands optional strings over by value"
)]

mod convert;

use js_sys::Uint8Array;
use redarium_lab::Lab;
use redarium_resp::decode::{Reply, decode_all};
use redarium_resp::render::render;
use redarium_resp::words::{Words, split};
use serde::Deserialize;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** How a node begins; everything has a default. */
export interface RedariumOptions {
  /** Seed of everything that is left to chance: the same seed and commands give the same replies. Default 7. */
  seed?: number;
  /** The clock at the start, in milliseconds since 1970. Default 2026-01-05T09:00:00Z. */
  start?: number;
  /** Whether what is done is written down for undo and redo. Default true; costs memory. */
  history?: boolean;
}

/** A reply as a JavaScript value; integers beyond 2^53 are bigints, bytes that are no UTF-8 are Uint8Arrays. */
export type RedariumReply =
  | null | boolean | number | bigint | string | Uint8Array | Error | RedariumReply[] | Map<RedariumReply, RedariumReply>;

/** Which part of a view is wanted; everything has a default. */
export interface RedariumWindow {
  /** The database. Default 0. */
  db?: number;
  /** The first byte, bit, element, node, bucket or register; of a stream the milliseconds of an id. Default 0. */
  from?: number;
  /** How many; every kind of view has a bound of its own. Default 200. */
  count?: number;
  /** The node of a list or stream whose listpack is looked at. */
  node?: number;
  /** The cursor of a scan, to see which buckets it has visited. */
  cursor?: number;
}
"#;

#[wasm_bindgen]
extern "C" {
    /// The options as TypeScript sees them.
    #[wasm_bindgen(typescript_type = "RedariumOptions | undefined")]
    pub type JsOptions;

    /// Words of a command.
    #[wasm_bindgen(typescript_type = "(string | number | bigint | Uint8Array)[]")]
    pub type JsWords;

    /// A part of a view.
    #[wasm_bindgen(typescript_type = "RedariumWindow | undefined")]
    pub type JsWindow;

    /// A reply.
    #[wasm_bindgen(typescript_type = "RedariumReply")]
    pub type JsReply;
}

/// The client that commands come from where none is named.
const DEFAULT_CLIENT: &str = "me";

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Options {
    seed: Option<f64>,
    start: Option<f64>,
    history: Option<bool>,
}

/// The version of this package.
#[wasm_bindgen]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

/// A Redis node with a clock of its own.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Redarium {
    lab: Lab,
}

#[wasm_bindgen]
impl Redarium {
    /// A node without data.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &JsOptions) -> Result<Redarium, JsError> {
        let options: Options = if options.is_undefined() || options.is_null() {
            Options::default()
        } else {
            serde_wasm_bindgen::from_value(options.obj.clone())
                .map_err(|error| JsError::new(&format!("options: {error}")))?
        };
        let mut begin = redarium_lab::Options::default();
        if let Some(seed) = options.seed {
            begin.seed = seed as u64;
        }
        if let Some(start) = options.start {
            begin.start = start as i64;
        }
        begin.history = options.history.unwrap_or(true);
        Ok(Self { lab: Lab::new(begin) })
    }

    /// Runs a line as typed into redis-cli and returns what redis-cli would print.
    ///
    /// Throws if a quote is not closed. Errors of the node are text, as in redis-cli.
    pub fn run(&mut self, line: &str, client: Option<String>) -> Result<String, JsError> {
        let words = split(line.as_bytes()).map_err(JsError::from)?;
        if words.is_empty() {
            return Ok(String::new());
        }
        let replies = self.replies(&words, client.as_deref())?;
        Ok(replies.iter().map(render).collect::<Vec<_>>().join("\n"))
    }

    /// Runs one command given as words and returns its reply as a JavaScript value; `undefined` while it waits.
    ///
    /// Throws the node's error, if it answers one.
    pub fn command(&mut self, words: &JsWords, client: Option<String>) -> Result<JsReply, JsError> {
        let words = convert::words(words)?;
        if words.is_empty() {
            return Err(JsError::new("a command needs at least one word"));
        }
        let replies = self.replies(&words, client.as_deref())?;
        match replies.first() {
            None => Ok(JsValue::UNDEFINED.unchecked_into()),
            Some(Reply::Error(text)) => Err(JsError::new(&String::from_utf8_lossy(text))),
            Some(reply) => Ok(convert::reply(reply)?.unchecked_into()),
        }
    }

    fn replies(&mut self, words: &Words, client: Option<&str>) -> Result<Vec<Reply>, JsError> {
        let bytes = self.lab.run(client.unwrap_or(DEFAULT_CLIENT), words);
        decode_all(&bytes).map_err(JsError::from)
    }

    /// Hands in RESP bytes, any number of commands or part of one, and returns the bytes of the replies.
    pub fn feed(&mut self, bytes: &[u8], client: Option<String>) -> Vec<u8> {
        self.lab.feed(client.as_deref().unwrap_or(DEFAULT_CLIENT), bytes)
    }

    /// Takes what a client was sent besides the replies to its own commands, as RESP bytes.
    #[wasm_bindgen(js_name = takeOutput)]
    pub fn take_output(&mut self, client: Option<String>) -> Uint8Array {
        self.lab.take_output(client.as_deref().unwrap_or(DEFAULT_CLIENT)).as_slice().into()
    }

    /// Moves the clock forward by milliseconds; what falls due meanwhile happens.
    pub fn advance(&mut self, ms: f64) -> Result<(), JsError> {
        if !(ms >= 0.0 && ms.is_finite()) {
            return Err(JsError::new("the clock only moves forward, by a number of milliseconds"));
        }
        self.lab.advance(ms as u64).map_err(JsError::from)
    }

    /// The clock, in milliseconds since 1970.
    pub fn now(&self) -> f64 {
        self.lab.now() as f64
    }

    /// Takes back the last command or move of the clock; whether there was one.
    pub fn undo(&mut self) -> bool {
        self.lab.undo()
    }

    /// Does again what was taken back; whether there was anything.
    pub fn redo(&mut self) -> bool {
        self.lab.redo()
    }

    /// A hash of all data, as 16 hexadecimal digits: equal for equal data, here and on every other target.
    pub fn digest(&self) -> String {
        format!("{:016x}", self.lab.digest())
    }

    /// Lets the power fail and starts the node again with what is left of its virtual files: what is durable, and of each
    /// `kept` bytes more (0 unless told otherwise) that happened to be written.
    pub fn crash(&mut self, kept: Option<f64>) -> Result<(), JsError> {
        let done = self.lab.crash(kept.unwrap_or(0.0) as u64);
        done.map_err(JsError::from)
    }

    /// Shuts the node down, as SHUTDOWN does, and starts it again.
    pub fn restart(&mut self) -> Result<(), JsError> {
        self.lab.restart().map_err(JsError::from)
    }

    /// Lets every write to the node's files fail from here on, with this text of the system
    /// (`No space left on device`); without a text they succeed again.
    #[wasm_bindgen(js_name = setDiskTrouble)]
    pub fn set_disk_trouble(&mut self, trouble: Option<String>) -> Result<(), JsError> {
        let done = self.lab.set_disk_trouble(trouble.as_deref());
        done.map_err(JsError::from)
    }

    /// Lets a client stop reading what it is sent, so that it waits in the node, or read again.
    #[wasm_bindgen(js_name = setReading)]
    pub fn set_reading(&mut self, client: &str, on: bool) -> Result<(), JsError> {
        self.lab.set_reading(client, on).map_err(JsError::from)
    }

    /// Why the node does not run, if it does not.
    pub fn trouble(&self) -> Option<String> {
        self.lab.trouble().map(str::to_owned)
    }

    /// The node's virtual files: name, length, and how many bytes would outlive a power failure.
    pub fn files(&self) -> Result<JsValue, JsError> {
        convert::plain(&self.lab.files().summaries())
    }

    /// What stands in a file from a byte on: its bytes and at most 200 ranges of them with their meaning; `null` without
    /// such a file.
    #[wasm_bindgen(js_name = fileView)]
    pub fn file_view(&self, name: &str, from: Option<f64>) -> Result<JsValue, JsError> {
        convert::plain(&self.lab.file_view(name, from.unwrap_or(0.0) as usize, convert::VIEW_MAX))
    }

    /// All bytes of a file, such as `dump.rdb` for a real server; `undefined` without such a file.
    #[wasm_bindgen(js_name = readFile)]
    pub fn read_file(&self, name: &str) -> Option<Vec<u8>> {
        self.lab.files().get(name).map(|file| file.bytes().into_owned())
    }

    /// Puts a file among those of the node, such as the `dump.rdb` of a real server; the next start finds it.
    #[wasm_bindgen(js_name = putFile)]
    pub fn put_file(&mut self, name: &str, bytes: &[u8]) -> Result<(), JsError> {
        self.lab.put_file(name, bytes).map_err(JsError::from)
    }

    /// Looks at the memory behind a key without changing anything.
    ///
    /// `kind` is, without a key, `keyspace`, `keytable`, `expiry`, `memory`, `eviction`, `clients`, `blocked`,
    /// `pubsub`, `transactions`, `users` or `slowlog`; with a key, `key`, `string`,
    /// `bitmap`, `hyperloglog`, `list`, `listpack`, `intset`, `hash`, `hashtable`, `skiplist`, `geo` or `stream`. The view
    /// is a plain object, `null` if there is no such key or it is stored in another way. `window` says which part is
    /// wanted: 200 entries from the first on unless it says otherwise.
    pub fn inspect(
        &self,
        kind: &str,
        key: Option<String>,
        window: &JsWindow,
    ) -> Result<JsValue, JsError> {
        let key = key.unwrap_or_default();
        let window = convert::window(window)?;
        convert::view(self.lab.engine().inspect(), kind, key.as_bytes(), &window)
    }

    /// Starts to record what algorithms do, at most `limit` steps until they are taken; 0 stops.
    #[wasm_bindgen(js_name = recordSteps)]
    pub fn record_steps(&mut self, limit: usize) {
        self.lab.record_steps(limit);
    }

    /// Takes the steps since the last call as `{ steps, dropped }`; `null` if none are recorded.
    #[wasm_bindgen(js_name = takeSteps)]
    pub fn take_steps(&mut self) -> Result<JsValue, JsError> {
        self.lab.take_steps().map_or(Ok(JsValue::NULL), |taken| convert::steps(&taken))
    }
}
