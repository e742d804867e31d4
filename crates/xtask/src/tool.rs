//! Places in the repository and the programs that tasks call.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

/// The root of the repository.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).expect("this crate lives two folders below the root").to_path_buf()
}

/// Where cargo builds: this program itself is `TARGET/debug/xtask`, whatever the settings.
pub fn target_dir() -> Result<PathBuf> {
    let exe = env::current_exe().context("where is this program?")?;
    Ok(exe.ancestors().nth(2).context("this program was not built by cargo")?.to_path_buf())
}

/// A command that runs in the root of the repository.
pub fn command(program: impl Into<OsString>, args: &[&str]) -> Command {
    let mut command = Command::new(program.into());
    command.args(args).current_dir(root());
    command
}

/// The cargo that started this program.
pub fn cargo(args: &[&str]) -> Command {
    command(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()), args)
}

/// Runs a command, its output going straight to the terminal, and fails if it does.
pub fn run(command: &mut Command) -> Result<()> {
    let shown = show(command);
    println!("$ {shown}");
    let status = command.status().with_context(|| format!("cannot start `{shown}`"))?;
    if !status.success() {
        bail!("`{shown}` failed ({status})");
    }
    Ok(())
}

/// Runs a command silently and gives what it printed, or nothing if it failed or is not there.
pub fn ask(command: &mut Command) -> Option<String> {
    let output = command.stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_string())
}

/// The first of `names` that is a program on PATH.
pub fn find_program(names: &[&str]) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let folders: Vec<PathBuf> = env::split_paths(&path).collect();
    names.iter().find_map(|name| {
        let file = format!("{name}{}", env::consts::EXE_SUFFIX);
        folders.iter().map(|folder| folder.join(&file)).find(|path| path.is_file())
    })
}

/// The `wasm-bindgen` command, in this process.
pub fn bindgen(args: &[&str]) -> Result<()> {
    let words = std::iter::once("wasm-bindgen").chain(args.iter().copied());
    wasm_bindgen_cli::wasm_bindgen::run_cli_with_args(words)
}

/// The `wasm-bindgen-test-runner` command, in this process.
pub fn test_runner(args: &[&str]) -> Result<()> {
    let words = std::iter::once("wasm-bindgen-test-runner").chain(args.iter().copied());
    wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args(words)
}

fn show(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = program.file_name().unwrap_or(program.as_os_str()).to_string_lossy();
    let words = command.get_args().map(|arg| arg.to_string_lossy());
    std::iter::once(name).chain(words).collect::<Vec<_>>().join(" ")
}
