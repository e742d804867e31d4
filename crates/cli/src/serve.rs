//! `redarium serve`: one engine, one thread, any number of connections.
//!
//! The engine never waits: a connection's bytes are handed in as they arrive and its output is written before
//! more of it is read, so that a client that does not read slows down only itself.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use redarium_engine::config::Config;
use redarium_engine::{ClientId, Engine};
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::LocalSet;

/// Bytes that one read takes at most; many pipelined commands for one system call.
const READ_BUFFER_BYTES: usize = 64 * 1024;

/// How often the engine's clock is moved when no client sends anything.
const TICK: Duration = Duration::from_millis(100);

/// Flags of `redarium serve`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Address to listen on.
    #[arg(long, default_value = "127.0.0.1")]
    host: String,
    /// Port to listen on; 0 lets the system choose.
    #[arg(long, default_value_t = 6379)]
    port: u16,
    /// Seed of everything that is left to chance; from the clock if absent.
    #[arg(long)]
    seed: Option<u64>,
}

/// The engine and the buffers that all connections share.
struct Host {
    engine: Engine,
    input: Vec<u8>,
}

/// Serves until a signal asks to stop.
pub(crate) fn serve(options: &Options) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("cannot start: {error}"))?;
    LocalSet::new().block_on(&runtime, run(options))
}

#[expect(clippy::print_stdout, reason = "scripts wait for this line")]
async fn run(options: &Options) -> Result<(), String> {
    let asked = format!("{}:{}", options.host, options.port);
    let cannot_listen = |error| format!("cannot listen on {asked}: {error}");
    let listener = TcpListener::bind(&asked).await.map_err(cannot_listen)?;
    let addr = listener.local_addr().map_err(cannot_listen)?;
    let cannot_watch = |error| format!("cannot watch for signals: {error}");
    let mut interrupt = signal(SignalKind::interrupt()).map_err(cannot_watch)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(cannot_watch)?;
    let start = now_ms();
    let engine = Engine::new(redarium_engine::Options {
        start,
        seed: options.seed.unwrap_or(start as u64),
        config: Config { port: i64::from(addr.port()), ..Config::default() },
    });
    let host = Rc::new(RefCell::new(Host { engine, input: vec![0; READ_BUFFER_BYTES] }));
    println!("Ready to accept connections on {addr}");
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                // An error here concerns one connection that is gone already.
                if let Ok((stream, peer)) = accepted {
                    tokio::task::spawn_local(connection(Rc::clone(&host), stream, peer));
                }
            }
            _ = tick.tick() => host.borrow_mut().engine.advance_to(now_ms()),
            _ = interrupt.recv() => break,
            _ = terminate.recv() => break,
        }
    }
    println!("Bye");
    Ok(())
}

/// Serves one connection until either side closes it.
async fn connection(host: Rc<RefCell<Host>>, stream: TcpStream, peer: SocketAddr) {
    // Without this a small reply may wait for the client's acknowledgement of the one before.
    let _ = stream.set_nodelay(true);
    let id = {
        let engine = &mut host.borrow_mut().engine;
        engine.advance_to(now_ms());
        if engine.clients().len() >= engine.config().maxclients {
            let _ = stream.try_write(b"-ERR max number of clients reached\r\n");
            return;
        }
        engine.connect(&peer.to_string())
    };
    let mut output = Vec::new();
    loop {
        if stream.readable().await.is_err() {
            break;
        }
        let Some(closing) = read(&host, &stream, id, &mut output) else { break };
        if write_all(&stream, &output).await.is_err() || closing {
            break;
        }
        output.clear();
    }
    host.borrow_mut().engine.disconnect(id);
}

/// Reads what has arrived and runs it: whether the connection is to be closed, or nothing if the client has closed it.
fn read(
    host: &Rc<RefCell<Host>>,
    stream: &TcpStream,
    id: ClientId,
    output: &mut Vec<u8>,
) -> Option<bool> {
    let Host { engine, input } = &mut *host.borrow_mut();
    let len = match stream.try_read(input) {
        Ok(0) => return None,
        Ok(len) => len,
        Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => return Some(false),
        Err(_) => return None,
    };
    engine.advance_to(now_ms());
    engine.feed(id, input.get(..len).unwrap_or(&[]));
    engine.drain_output(id, output);
    Some(engine.is_closing(id))
}

async fn write_all(stream: &TcpStream, mut bytes: &[u8]) -> std::io::Result<()> {
    while !bytes.is_empty() {
        match stream.try_write(bytes) {
            Ok(written) => bytes = bytes.get(written..).unwrap_or(&[]),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                stream.writable().await?;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// The host's clock: the only one in the project's native code.
#[expect(clippy::disallowed_methods, reason = "the host is where time comes from")]
fn now_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64)
}
