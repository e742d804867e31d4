//! `cargo xtask test`: every check of the repository, cheapest first.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::{setup, site, tool};

struct Stage {
    name: &'static str,
    what: &'static str,
    run: fn() -> Result<()>,
}

const STAGES: &[Stage] = &[
    Stage { name: "fmt", what: "formatting", run: format },
    Stage { name: "clippy", what: "lints, native", run: clippy_native },
    Stage { name: "clippy-wasm", what: "lints, wasm32", run: clippy_wasm },
    Stage { name: "unit", what: "unit, golden and documentation tests", run: unit },
    Stage { name: "docs", what: "documentation", run: docs },
    Stage { name: "site", what: "the site and the JavaScript package", run: site::build },
    Stage { name: "wasm", what: "tests inside a headless browser", run: wasm },
];

/// Runs all stages, or only those named, and stops at the first that fails.
pub fn test(names: &[&str]) -> Result<()> {
    if let Some(unknown) = names.iter().find(|name| STAGES.iter().all(|stage| stage.name != **name))
    {
        let known: Vec<&str> = STAGES.iter().map(|stage| stage.name).collect();
        bail!("no stage `{unknown}`; there are: {}", known.join(", "));
    }
    let start = Instant::now();
    let mut times = Vec::new();
    for (index, stage) in STAGES.iter().enumerate() {
        if !names.is_empty() && !names.contains(&stage.name) {
            continue;
        }
        let title = format!("[{}/{}] {}: {}", index + 1, STAGES.len(), stage.name, stage.what);
        println!("\n=== {title} (after {})", seconds(start.elapsed()));
        let begun = Instant::now();
        (stage.run)().with_context(|| format!("stage `{}` failed", stage.name))?;
        times.push((title, begun.elapsed()));
    }
    println!();
    for (title, time) in &times {
        println!("{:>8}  {title}", seconds(*time));
    }
    println!("{:>8}  all passed", seconds(start.elapsed()));
    Ok(())
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

fn format() -> Result<()> {
    setup::components()?;
    tool::run(&mut tool::cargo(&["fmt", "--all", "--check"]))
}

fn clippy_native() -> Result<()> {
    setup::components()?;
    clippy(&["--workspace", "--all-targets"])
}

/// The default members of the workspace: what runs in a browser.
fn clippy_wasm() -> Result<()> {
    setup::components()?;
    setup::wasm_target()?;
    clippy(&["--target", "wasm32-unknown-unknown"])
}

fn clippy(args: &[&str]) -> Result<()> {
    tool::run(tool::cargo(&["clippy"]).args(args).args(["--", "-D", "warnings"]))
}

fn unit() -> Result<()> {
    tool::run(&mut tool::cargo(&["test", "--workspace"]))
}

fn docs() -> Result<()> {
    let mut doc = tool::cargo(&["doc", "--workspace", "--no-deps"]);
    tool::run(doc.env("RUSTDOCFLAGS", "-D warnings"))
}

/// The files `tests/*.rs` of the packages that run in a browser. Each file is one browser session.
fn wasm() -> Result<()> {
    setup::wasm_target()?;
    let driver = setup::browser()?;
    let runner = std::env::current_exe()?;
    let runner = format!("{} test-runner", runner.display());
    let mut test = tool::cargo(&["test", "--target", "wasm32-unknown-unknown", "--test", "*"]);
    test.args(["--package", "redarium-wasm", "--package", "redarium-web"]);
    test.env("CHROMEDRIVER", driver).env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", runner);
    tool::run(&mut test)
}
