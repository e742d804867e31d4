//! The list of keys: what there is, of which type, and for how long.

mod row;
mod zone;

pub use zone::Zone;
