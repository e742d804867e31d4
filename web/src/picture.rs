//! Pictures of memory: functions of views, and nothing that the view does not say.

mod buckets;
mod chain;
mod controls;
mod figure;
mod figure_view;
pub mod model;
mod other;
mod skip_list;
mod stage;
mod strip;
mod tale;
mod value;
mod zone;

pub use figure::MARKS_MAX;
pub use tale::Tale;
pub use zone::Zone;
