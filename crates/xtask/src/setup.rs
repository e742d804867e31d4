//! What a task needs that cargo does not bring: looked for first, installed only if missing.
//!
//! Nothing here needs the network when everything is in place. Rust parts come by rustup, programs by apt
//! (as root on Debian or Ubuntu; elsewhere a message names the packages), Python packages by pip, those of Node.js by npm.

use std::env;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};

use crate::tool;

/// The wasm target of the Rust tool-chain in use.
pub fn wasm_target() -> Result<()> {
    let mut rustc = tool::command("rustc", &["--print", "target-libdir", "--target", WASM]);
    if tool::ask(&mut rustc).is_some_and(|folder| PathBuf::from(folder).is_dir()) {
        return Ok(());
    }
    rustup(&["target", "add", WASM])
}

/// rustfmt and clippy.
pub fn components() -> Result<()> {
    let missing = |task: &str| tool::ask(&mut tool::cargo(&[task, "--version"])).is_none();
    if missing("fmt") || missing("clippy") {
        rustup(&["component", "add", "rustfmt", "clippy"])?;
    }
    Ok(())
}

/// Chromium (or Chrome) and chromedriver. Gives the path of chromedriver.
pub fn browser() -> Result<PathBuf> {
    let driver = || match env::var_os("CHROMEDRIVER") {
        Some(path) => Some(PathBuf::from(path)),
        None => tool::find_program(&["chromedriver"]),
    };
    let browser =
        || tool::find_program(&["chromium", "google-chrome", "chromium-browser", "chrome"]);
    if driver().is_none() || browser().is_none() {
        apt(&["chromium", "chromium-driver"])?;
    }
    driver().context("chromedriver is not on PATH; set CHROMEDRIVER to its path")
}

/// redis-server and redis-cli, to compare with. Gives the path of redis-server.
pub fn redis_server() -> Result<PathBuf> {
    let server = || tool::find_program(&["redis-server"]);
    if server().is_none() || tool::find_program(&["redis-cli"]).is_none() {
        apt(&["redis-server", "redis-tools"])?;
    }
    server().context("redis-server is not on PATH")
}

/// gzip and brotli, to weigh the site as hosts send it.
pub fn packers() -> Result<()> {
    if tool::find_program(&["gzip"]).is_none() || tool::find_program(&["brotli"]).is_none() {
        apt(&["gzip", "brotli"])?;
    }
    Ok(())
}

/// A Python with a version of redis-py in it, kept in the target folder. Gives the path of that Python.
pub fn redis_py(version: &str) -> Result<PathBuf> {
    let venv = tool::target_dir()?.join(format!("redis-py-{version}"));
    let python = venv.join("bin/python");
    let installed = || {
        tool::ask(&mut tool::command(&python, &["-c", "import redis; print(redis.__version__)"]))
    };
    if installed().as_deref() == Some(version) {
        return Ok(python);
    }
    if tool::ask(&mut tool::command("python3", &["-c", "import venv, ensurepip"])).is_none() {
        apt(&["python3-venv"])?;
    }
    tool::run(tool::command("python3", &["-m", "venv"]).arg(&venv))?;
    let packages = [&format!("redis=={version}"), "async-timeout==4.0.3"];
    tool::run(tool::command(&python, &["-m", "pip", "install"]).args(packages))?;
    Ok(python)
}

/// A folder with ioredis in it, kept in the target folder, and Node.js to run it. Gives the path of that folder.
pub fn node_clients() -> Result<PathBuf> {
    const PACKAGE: &str = "ioredis@5.8.2";
    if tool::find_program(&["node"]).is_none() || tool::find_program(&["npm"]).is_none() {
        apt(&["nodejs", "npm"])?;
    }
    let folder = tool::target_dir()?.join("node-clients");
    let installed = fs::read_to_string(folder.join("installed")).unwrap_or_default();
    if installed != PACKAGE {
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("package.json"), "{\"private\": true}\n")?;
        let quiet = ["--no-audit", "--no-fund", "--no-save"];
        let mut npm = tool::command("npm", &["install", PACKAGE]);
        tool::run(npm.args(quiet).current_dir(&folder))?;
        fs::write(folder.join("installed"), PACKAGE)?;
    }
    Ok(folder)
}

const WASM: &str = "wasm32-unknown-unknown";

fn rustup(args: &[&str]) -> Result<()> {
    let words = args.join(" ");
    if tool::find_program(&["rustup"]).is_none() {
        bail!(
            "this Rust was not installed by rustup; please do the like of `rustup {words}` yourself"
        );
    }
    tool::run(&mut tool::command("rustup", args))
}

fn apt(packages: &[&str]) -> Result<()> {
    let is_root = tool::ask(&mut tool::command("id", &["-u"])).as_deref() == Some("0");
    let names = packages.join(" ");
    if !is_root || tool::find_program(&["apt-get"]).is_none() {
        bail!("please install: {names}\n       (Debian, Ubuntu: sudo apt-get install {names})");
    }
    println!("Installing {names}");
    tool::run(&mut tool::command("apt-get", &["update"]))?;
    let mut install = tool::command("apt-get", &["install", "-y", "--no-install-recommends"]);
    tool::run(install.args(packages).env("DEBIAN_FRONTEND", "noninteractive"))
}
