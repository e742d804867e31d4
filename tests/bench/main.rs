//! `cargo xtask bench`: our speed, memory and size beside redis-server's, measured in the same run.
//!
//! Prints ratios and never judges: machines differ, ratios of one run less so.
//! Not part of the tests. `cargo xtask bench SECTION…` runs only the named sections.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark prints, and may stop at the first surprise"
)]

mod browser;
mod growth;
mod heavy;
mod measure;
mod memory;
mod scripts;
mod server;
mod size;
mod stream;

use std::process::ExitCode;

/// A section of the report and what prints it.
type Section = (&'static str, fn());

const SECTIONS: &[Section] = &[
    ("server", server::run),
    ("stream", stream::run),
    ("browser", browser::run),
    ("scripts", scripts::run),
    ("memory", memory::run),
    ("growth", growth::run),
    ("size", size::run),
];

fn main() -> ExitCode {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    if let Some(unknown) =
        wanted.iter().find(|name| SECTIONS.iter().all(|section| section.0 != name.as_str()))
    {
        let names: Vec<_> = SECTIONS.iter().map(|section| section.0).collect();
        println!("there is no section `{unknown}`; there are {}", names.join(", "));
        return ExitCode::FAILURE;
    }
    for (name, run) in SECTIONS {
        if wanted.is_empty() || wanted.iter().any(|word| word == name) {
            run();
            println!();
        }
    }
    ExitCode::SUCCESS
}
