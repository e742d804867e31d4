//! Pictures of memory: functions of views, and nothing that the view does not say.

mod controls;
mod drawing;
mod list_pack;
pub mod model;
mod other;
pub mod player;
pub mod scene;
mod skip_list;
mod table;
mod zone;

pub use zone::Zone;
