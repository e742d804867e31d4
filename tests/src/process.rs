//! Servers for tests: `redarium serve`, and a real Redis to compare it with.
//!
//! `cargo xtask test` names the programs: `REDARIUM_BIN`, `REDIS_SERVER_BIN`, `REDIS_PY` for the
//! Pythons that have redis-py, and `NODE_CLIENTS` for the folder that has ioredis.

use std::env;
use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, ExitStatus};

use crate::child::{self, Running};

/// A server on a port of this machine, stopped when dropped.
#[derive(Debug)]
pub struct Server {
    port: u16,
    running: Running,
}

impl Server {
    /// Starts `redarium serve`, with further arguments if wanted.
    pub fn redarium(args: &[&str]) -> Self {
        Self::start(|port| {
            let mut command = redarium();
            command.args(["serve", "--port", port]).args(args);
            command
        })
    }

    /// Starts a Redis server that stores nothing, with further arguments if wanted.
    pub fn redis(args: &[&str]) -> Self {
        let program = env::var("REDIS_SERVER_BIN").unwrap_or_else(|_| "redis-server".to_owned());
        Self::start(|port| {
            let mut command = Command::new(&program);
            command
                .args(["--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
                .args(args);
            command
        })
    }

    /// The port the server listens on.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The server's process.
    pub fn pid(&self) -> u32 {
        self.running.pid()
    }

    /// The address the server listens on.
    pub fn address(&self) -> SocketAddr {
        ([127, 0, 0, 1], self.port).into()
    }

    /// A new connection.
    ///
    /// # Panics
    ///
    /// If the server is gone.
    pub fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address()).expect("the server accepts connections")
    }

    /// Sends a signal (`TERM`, `INT`) and waits for the program to end.
    ///
    /// # Panics
    ///
    /// If it cannot be sent, or the program goes on for a minute.
    pub fn signal(&mut self, name: &str) -> ExitStatus {
        let pid = self.pid().to_string();
        let sent = Command::new("kill").args(["-s", name, &pid]).status();
        assert!(sent.is_ok_and(|status| status.success()), "cannot send SIG{name}");
        self.running.wait().expect("the signal ends it")
    }

    /// Kilobytes of memory that the server has in use now.
    ///
    /// # Panics
    ///
    /// If the system does not tell, as only Linux does.
    pub fn memory_kb(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid()));
        let status = status.expect("Linux tells about every process");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let number = line.and_then(|line| line.split_whitespace().next());
        number.and_then(|number| number.parse().ok()).expect("VmRSS is a number of kilobytes")
    }

    fn start(command: impl Fn(&str) -> Command) -> Self {
        // Another process may take the port in between: try a few.
        let mut trouble = String::new();
        for _ in 0..3 {
            let port = free_port();
            match child::start(&mut command(&port.to_string()), "Ready to accept connections") {
                Ok((running, _)) => return Self { port, running },
                Err(error) => trouble = error,
            }
        }
        panic!("{trouble}");
    }
}

/// The program `redarium`.
pub fn redarium() -> Command {
    Command::new(env::var("REDARIUM_BIN").unwrap_or_else(|_| "redarium".to_owned()))
}

/// `redis-cli` or `redis-benchmark`, which are installed with the real Redis.
pub fn redis_tool(name: &str) -> Command {
    let server = env::var("REDIS_SERVER_BIN").unwrap_or_default();
    let beside = Path::new(&server).with_file_name(name);
    if beside.is_file() { Command::new(beside) } else { Command::new(name) }
}

/// The Pythons that have redis-py, the one with its oldest version first.
pub fn redis_py() -> Vec<Command> {
    let pythons = env::var_os("REDIS_PY").unwrap_or_else(|| "python3".into());
    env::split_paths(&pythons).map(Command::new).collect()
}

fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("this machine has a free port");
    listener.local_addr().expect("a bound socket has an address").port()
}
