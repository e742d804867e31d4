//! Pictures of memory: functions of views, and nothing that the view does not say.

pub mod model;
mod zone;

pub use zone::Zone;
