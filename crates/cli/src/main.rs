//! The `redarium` command.
fn main() {}
