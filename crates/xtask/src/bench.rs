//! The benchmarks: built and given the programs that they compare with. What they measure is in `tests/bench/`.

use anyhow::Result;

use crate::{setup, site, tool};

/// Runs the named sections, or all.
pub fn bench(sections: &[&str]) -> Result<()> {
    let redis_server = setup::redis_server()?;
    let driver = setup::browser()?;
    setup::packers()?;
    site::build()?;
    tool::run(&mut tool::cargo(&["build", "--profile", "server", "--package", "redarium-cli"]))?;
    let mut bench =
        tool::cargo(&["run", "--profile", "server", "--package", "e2e", "--features", "bench"]);
    bench
        .args(["--bin", "bench", "--"])
        .args(sections)
        .env("REDARIUM_BIN", tool::target_dir()?.join("server/redarium"))
        .env("REDIS_SERVER_BIN", redis_server)
        .env("CHROMEDRIVER", driver);
    tool::run(&mut bench)
}
