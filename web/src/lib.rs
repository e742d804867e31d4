//! The page: a console, pictures of memory, and a clock, around a store that runs in a worker.

pub mod app;
pub mod client;
pub mod console;
pub mod engine_worker;
pub mod format;
pub mod journal;
pub mod keys;
pub mod kind;
pub mod load;
pub mod picture;
pub mod protocol;
pub mod scripts;
pub mod session;
pub mod splitter;
pub mod state;
pub mod storage;
pub mod time_bar;
pub mod top_bar;
pub mod word;

pub use app::App;
