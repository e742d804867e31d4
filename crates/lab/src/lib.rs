//! A world that can be rewound: one node, named clients, a virtual clock and a log of everything that was done.
//!
//! The session *is* its log. Because a node is deterministic, `undo`, `redo`, `seek`, forks, autosave, share links
//! and bug reports all follow from replaying it.
//!
//! ```
//! use redarium_lab::{Lab, Options};
//! use redarium_resp::split;
//!
//! let mut lab = Lab::new(Options::default());
//! assert_eq!(lab.run("ann", &split(b"PING").unwrap()), b"+PONG\r\n");
//! lab.advance(61_000);
//! assert!(lab.undo());
//! assert_eq!(lab.now(), Options::default().start);
//! ```
//!
//! It is not: aware of a browser, of real files, of the real time, or of how anything looks.

mod action;
mod clock;
mod files;
mod history;
mod lab;
mod world;

pub use action::{Action, ActionError};
pub use clock::Clock;
pub use files::{FileSummary, VirtualFile, VirtualFiles};
pub use lab::{ACTIONS_MAX, BYTES_MAX, DISK_FULL, Lab, LogFull, OUTBOX_MAX, Options, START};
pub use redarium_engine::client::Replies;
