//! The wire and redis-cli's text forms: requests in, replies out, words, numbers and the rendering of replies.
//!
//! Everything here is a function from bytes to bytes.
//! This crate knows nothing of keys, clients, time or commands.

pub mod decode;
pub mod encode;
pub mod long_double;
pub mod number;
pub mod render;
pub mod request;
pub mod words;

pub use decode::{DecodeError, Decoder, Reply, decode, decode_all};
pub use encode::{Encoder, Mark, Protocol};
pub use long_double::LongDouble;
pub use render::{Style, render, render_as};
pub use request::{Limits, Parsed, ProtocolError, RequestParser};
pub use words::{SplitError, SplitErrorKind, Words, quote, split};
