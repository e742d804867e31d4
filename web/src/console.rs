//! The console: what was typed and answered, in the manner of redis-cli.

mod choices;
pub mod completion;
pub mod facts;
pub mod help;
mod help_pane;
mod highlight;
mod lanes_view;
pub mod line;
pub mod links;
pub mod output;
mod output_view;
mod prompt;
mod reply_menu;
mod tabs;
pub mod typing;
pub mod window;
pub mod wire;
mod zone;

pub use zone::Zone;
