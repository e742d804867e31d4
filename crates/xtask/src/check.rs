//! `cargo xtask test`: every check of the repository, cheapest first.

use std::env;
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
    Stage {
        name: "server",
        what: "`redarium serve` beside Redis, and client libraries",
        run: server,
    },
    Stage { name: "page", what: "the built page in a headless browser", run: page },
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
    let features = ["--features", "e2e/browser,e2e/server"];
    clippy(&[&["--workspace", "--all-targets"], &features[..]].concat())
}

/// The default members of the workspace: what runs in a browser.
fn clippy_wasm() -> Result<()> {
    setup::components()?;
    setup::wasm_target()?;
    clippy(&["--target", "wasm32-unknown-unknown"])?;
    clippy(&[&["--target", "wasm32-unknown-unknown"], BROWSER_TESTS].concat())
}

/// Warnings are errors with the Rust version the workspace names; a newer clippy knows lints we have not met.
fn clippy(args: &[&str]) -> Result<()> {
    let ours = concat!("rustc ", env!("CARGO_PKG_RUST_VERSION"));
    let version =
        tool::ask(&mut tool::command("rustc", &["--version"])).context("rustc does not answer")?;
    let mut clippy = tool::cargo(&["clippy"]);
    clippy.args(args);
    if version.starts_with(ours) {
        clippy.args(["--", "-D", "warnings"]);
    } else {
        println!("{version} is not {ours}: warnings are shown and do not fail this stage");
    }
    tool::run(&mut clippy)
}

/// This program apart: together with the others its many dependencies would get other features and be built again.
fn unit() -> Result<()> {
    tool::run(&mut tool::cargo(&["test", "--package", "xtask"]))?;
    tool::run(&mut tool::cargo(&["test", "--workspace", "--exclude", "xtask"]))
}

fn docs() -> Result<()> {
    let mut doc = tool::cargo(&["doc", "--workspace", "--no-deps"]);
    tool::run(doc.env("RUSTDOCFLAGS", "-D warnings"))
}

/// The files `tests/*.rs` of the packages that run in a browser. Each file is one browser session.
const BROWSER_TESTS: &[&str] =
    &["--package", "redarium-wasm", "--package", "redarium-web", "--test", "*"];

fn wasm() -> Result<()> {
    setup::wasm_target()?;
    let driver = setup::browser()?;
    let mut test = tool::cargo(&["test", "--target", "wasm32-unknown-unknown"]);
    tool::run(test.args(BROWSER_TESTS).env("CHROMEDRIVER", driver))
}

fn server() -> Result<()> {
    let redis_server = setup::redis_server()?;
    let pythons = [setup::redis_py("5.0.8")?, setup::redis_py("8.1.0")?];
    let node_clients = setup::node_clients()?;
    tool::run(&mut tool::cargo(&["build", "--profile", "server", "--package", "redarium-cli"]))?;
    let redarium = tool::target_dir()?.join("server/redarium");
    let mut test =
        tool::cargo(&["test", "--package", "e2e", "--features", "server", "--test", "server"]);
    test.env("REDARIUM_BIN", redarium)
        .env("REDIS_SERVER_BIN", redis_server)
        .env("REDIS_PY", env::join_paths(pythons)?)
        .env("NODE_CLIENTS", node_clients);
    tool::run(&mut test)
}

fn page() -> Result<()> {
    let driver = setup::browser()?;
    site::build()?;
    let mut test =
        tool::cargo(&["test", "--package", "e2e", "--features", "browser", "--test", "page"]);
    tool::run(test.env("CHROMEDRIVER", driver))
}
