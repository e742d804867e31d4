//! Tasks of the repository: `cargo xtask build | serve | test | bench`.
//!
//! Everything a fresh machine needs beyond `rustup` and `cargo` is put there by the task that needs it
//! (see `setup`). A new task is a module and one arm of `run`.

#![forbid(unsafe_code)]

mod bench;
mod check;
mod page;
mod serve;
mod setup;
mod site;
mod tool;

use std::process::ExitCode;

use anyhow::{Result, bail};

const USAGE: &str = "\
Usage: cargo xtask TASK

  serve [--port N]  build the page and serve it on http://127.0.0.1:N (8080)
  build             write the static site to dist/
  test [STAGE...]   run every check, cheapest first, or only the named stages
  bench [SECTION..] print speed, memory and size beside redis-server's, measured in the same run
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nxtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &[String]) -> Result<()> {
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["build"] => site::build(),
        ["serve"] => serve::serve(serve::DEFAULT_PORT),
        ["serve", "--port", port] => match port.parse() {
            Ok(port) => serve::serve(port),
            Err(_) => bail!("--port wants a number from 0 to 65535, not `{port}`"),
        },
        ["bench", sections @ ..] => bench::bench(sections),
        ["test", stages @ ..] => check::test(stages),
        // The runner named in .cargo/config.toml: cargo calls it with a compiled wasm test.
        ["test-runner", rest @ ..] => tool::test_runner(rest),
        ["bindgen", rest @ ..] => tool::bindgen(rest),
        ["help" | "-h" | "--help"] => {
            print!("{USAGE}");
            Ok(())
        }
        [] => bail!("which task?\n\n{USAGE}"),
        _ => bail!("unknown task `{}`\n\n{USAGE}", words.join(" ")),
    }
}
