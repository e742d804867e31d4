//! Servers for tests: `redarium serve`, and a real Redis to compare it with.
//!
//! `cargo xtask test` names the programs: `REDARIUM_BIN`, `REDIS_SERVER_BIN`, and `REDIS_PY` for a Python
//! that has redis-py.

use std::env;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::Command;

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
        let program = env::var("REDARIUM_BIN").unwrap_or_else(|_| "redarium".to_owned());
        Self::start(|port| {
            let mut command = Command::new(&program);
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

/// A Python that has redis-py.
pub fn redis_py() -> Command {
    Command::new(env::var("REDIS_PY").unwrap_or_else(|_| "python3".to_owned()))
}

fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("this machine has a free port");
    listener.local_addr().expect("a bound socket has an address").port()
}
