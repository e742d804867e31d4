//! The console: what was typed and answered, in the manner of redis-cli.

pub mod completion;
pub mod help;
pub mod line;
pub mod output;
mod output_view;
mod prompt;
pub mod window;
mod zone;

pub use zone::Zone;
