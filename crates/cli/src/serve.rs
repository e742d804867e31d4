//! `redarium serve`: one engine, one thread, any number of connections.
//!
//! The engine never waits: a connection's bytes are handed in as they arrive and its output is written before
//! more of it is read, so that a client that does not read slows down only itself.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::LazyLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use redarium_engine::config::Config;
use redarium_engine::persistence::{FileOp, Verdict};
use redarium_engine::{ClientId, Engine};
use tokio::io::Interest;
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Notify;
use tokio::task::LocalSet;
use tokio::time::{Instant, sleep_until};

use crate::directory::Directory;

/// Bytes that one read takes at most; many pipelined commands for one system call.
const READ_BUFFER_BYTES: usize = 64 * 1024;

/// Bytes of an output buffer that is kept for reuse.
const OUTPUT_KEPT_BYTES: usize = 1024 * 1024;

/// The longest that the engine's clock stands still when no client sends anything.
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
    #[command(flatten)]
    files: FileOptions,
}

/// Flags about what outlives the process. Values are those of the parameters of the same names.
#[derive(Debug, clap::Args)]
struct FileOptions {
    /// Directory of the node's files, which is there already; without it nothing is kept.
    #[arg(long)]
    dir: Option<PathBuf>,
    /// Whether commands are logged to a file: yes or no.
    #[arg(long, requires = "dir")]
    appendonly: Option<String>,
    /// When the log is forced to disk: always, everysec or no.
    #[arg(long, requires = "dir")]
    appendfsync: Option<String>,
    /// Seconds and changes after which a snapshot is written, as in "3600 1 60 1000"; "" for never.
    #[arg(long, requires = "dir")]
    save: Option<String>,
    /// File of snapshots.
    #[arg(long, requires = "dir")]
    dbfilename: Option<String>,
    /// File of users, in the directory, which is read at the start and by ACL LOAD, and written by ACL SAVE.
    #[arg(long, requires = "dir")]
    aclfile: Option<String>,
    /// Version of the format of snapshots: 10 is what Redis 7.0 reads, 13 what Redis 8.6 writes.
    #[arg(long)]
    rdb_version: Option<String>,
}

impl FileOptions {
    /// Sets the parameters that are given, or says which of them cannot be what it is given as.
    fn configure(&self, config: &mut Config) -> Result<(), String> {
        if let Some(dir) = &self.dir {
            let dir = std::path::absolute(dir).unwrap_or_else(|_| dir.clone());
            config.dir = dir.display().to_string();
        }
        let given = [
            ("appendonly", &self.appendonly),
            ("appendfsync", &self.appendfsync),
            ("save", &self.save),
            ("dbfilename", &self.dbfilename),
            ("aclfile", &self.aclfile),
            ("rdb-version", &self.rdb_version),
        ];
        for (name, value) in given {
            if let (Some(value), Some(param)) = (value, Config::param(name.as_bytes())) {
                param.set(config, value).map_err(|why| format!("--{name} {value:?}: {why}"))?;
            }
        }
        Ok(())
    }
}

/// The engine and what all connections share.
struct Host {
    engine: Engine,
    input: Vec<u8>,
    /// Each connection's bell, for what happens to it while it waits for its client.
    wakers: BTreeMap<ClientId, Rc<Notify>>,
    /// When the clock is moved next at the latest.
    alarm_at: i64,
    /// The bell of whoever moves the clock, for when that must happen earlier.
    alarm: Rc<Notify>,
    /// Where the engine's files are, if it keeps any.
    directory: Option<Directory>,
    /// What is still to be done to them, after something that could not be done.
    backlog: VecDeque<FileOp>,
    /// Rung when the node has ended or must end.
    end: Rc<Notify>,
    /// Why it must, if it must.
    trouble: Option<String>,
}

impl Host {
    /// Does to the files what the engine wants; false if that failed, so that no reply may claim that it was done.
    fn keep_files(&mut self) -> bool {
        let is_stuck = !self.backlog.is_empty();
        let ops = self.engine.take_file_ops();
        if !ops.is_empty() {
            self.backlog.extend(ops);
            if is_stuck {
                self.settle_answered();
            } else {
                self.work_off();
            }
        }
        if let Some(death) = self.engine.death() {
            self.trouble.get_or_insert_with(|| death.to_owned());
        }
        if self.trouble.is_some() || self.engine.is_shut_down() {
            self.end.notify_one();
        }
        self.trouble.is_none()
    }

    /// Tries again what could not be done to the files.
    fn retry_files(&mut self) {
        if !self.backlog.is_empty() {
            self.work_off();
            if self.backlog.is_empty() {
                self.engine.set_disk_trouble(None);
            }
        }
    }

    /// Does to the files what is still to be done, up to something that cannot be done now.
    fn work_off(&mut self) {
        let Some(directory) = &mut self.directory else { return };
        while let Some(op) = self.backlog.front() {
            if let Err(error) = apply(directory, &mut self.engine, op) {
                match self.engine.file_op_failed(op, &said_by_system(&error)) {
                    Verdict::Skip => {}
                    Verdict::Retry => return self.settle_answered(),
                    Verdict::End(trouble) => {
                        self.trouble.get_or_insert(trouble);
                        return;
                    }
                }
            }
            self.backlog.pop_front();
        }
    }

    /// Does what replies speak of, as these cannot wait until the rest is done.
    fn settle_answered(&mut self) {
        let Some(directory) = &mut self.directory else { return };
        let backlog = std::mem::take(&mut self.backlog);
        let (answered, later) = backlog.into_iter().partition(FileOp::is_answered);
        self.backlog = later;
        let answered: VecDeque<_> = answered;
        for op in answered {
            if let Err(error) = apply(directory, &mut self.engine, &op) {
                // Nothing of the kind is to be tried again.
                let _ = self.engine.file_op_failed(&op, &said_by_system(&error));
            }
        }
    }

    /// Rings for the connections to which something has happened, and for the clock if it must be moved earlier.
    fn wake(&mut self) {
        self.ring();
        if self.engine.poll_timeout().is_some_and(|at| at < self.alarm_at) {
            self.alarm.notify_one();
        }
    }

    /// Rings for the connections to which something has happened. Whoever moves the clock rings no other bell: where a
    /// script runs that would always be its own, and nobody else's turn would come.
    fn ring(&mut self) {
        for id in self.engine.take_woken() {
            if let Some(waker) = self.wakers.get(&id) {
                waker.notify_one();
            }
        }
    }

    /// Moves the clock, and tells how long it may stand still now.
    fn tick(&mut self) -> Duration {
        let now = now_ms();
        self.retry_files();
        self.engine.advance_to(now);
        let ms = self.engine.poll_timeout().map_or(i64::MAX, |at| at.saturating_sub(now));
        let pause = TICK.min(Duration::from_millis(ms.max(1) as u64));
        self.alarm_at = now + pause.as_millis() as i64;
        if self.keep_files() {
            self.ring();
        }
        pause
    }
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
    let (host, port) = (options.host.as_str(), options.port);
    let cannot_listen = |error| format!("cannot listen on {host}, port {port}: {error}");
    let listener = TcpListener::bind((host, port)).await.map_err(cannot_listen)?;
    let addr = listener.local_addr().map_err(cannot_listen)?;
    let cannot_watch = |error| format!("cannot watch for signals: {error}");
    let mut interrupt = signal(SignalKind::interrupt()).map_err(cannot_watch)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(cannot_watch)?;
    let (mut engine, directory) = begin(options, addr.port())?;
    engine.set_stopwatch(stopwatch);
    let end = Rc::new(Notify::new());
    let host = Rc::new(RefCell::new(Host {
        engine,
        input: vec![0; READ_BUFFER_BYTES],
        wakers: BTreeMap::new(),
        alarm_at: 0,
        alarm: Rc::default(),
        directory,
        backlog: VecDeque::new(),
        end: Rc::clone(&end),
        trouble: None,
    }));
    let alarm = Rc::clone(&host.borrow().alarm);
    host.borrow_mut().keep_files();
    if !host.borrow().backlog.is_empty() {
        return Err("cannot begin to write the log of commands".to_owned());
    }
    println!("Ready to accept connections on {addr}");
    let mut next_tick = Instant::now();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                match accepted {
                    Ok((stream, peer)) => {
                        tokio::task::spawn_local(connection(Rc::clone(&host), stream, peer));
                    }
                    // It is gone already, or this process may open no more: others go on, and may end.
                    Err(_) => tokio::time::sleep(TICK).await,
                }
            }
            () = sleep_until(next_tick) => next_tick = Instant::now() + host.borrow_mut().tick(),
            () = alarm.notified() => next_tick = Instant::now() + host.borrow_mut().tick(),
            () = end.notified() => break,
            _ = interrupt.recv() => break,
            _ = terminate.recv() => break,
        }
    }
    let host = &mut *host.borrow_mut();
    if !host.engine.is_shut_down() && host.trouble.is_none() {
        host.engine.advance_to(now_ms());
        host.engine.shut_down();
        host.keep_files();
    }
    if let Some(trouble) = host.trouble.take() {
        return Err(trouble);
    }
    println!("Bye");
    Ok(())
}

/// The engine, with what is in its files if it has any.
fn begin(options: &Options, port: u16) -> Result<(Engine, Option<Directory>), String> {
    let start = now_ms();
    let seed = options.seed.unwrap_or(start as u64);
    let mut config = Config { port: i64::from(port), ..Config::default() };
    options.files.configure(&mut config)?;
    let directory = options.files.dir.as_deref().map(Directory::open).transpose()?;
    let has_files = directory.is_some();
    let begin = redarium_engine::Options { start, seed, config, has_files };
    let engine = match &directory {
        None => Engine::new(begin),
        Some(directory) => {
            Engine::open(begin, directory).map_err(|error| format!("cannot start with {error}"))?
        }
    };
    Ok((engine, directory))
}

/// Serves one connection until either side closes it.
async fn connection(host: Rc<RefCell<Host>>, stream: TcpStream, peer: SocketAddr) {
    // Without this a small reply may wait for the client's acknowledgement of the one before.
    let _ = stream.set_nodelay(true);
    let waker = Rc::new(Notify::new());
    let id = {
        let Host { engine, wakers, .. } = &mut *host.borrow_mut();
        engine.advance_to(now_ms());
        let id = engine.connect(&peer.to_string());
        wakers.insert(id, Rc::clone(&waker));
        id
    };
    // An error is the other side's way of hanging up.
    let _ = converse(&host, &stream, id, &waker).await;
    let Host { engine, wakers, .. } = &mut *host.borrow_mut();
    engine.disconnect(id);
    wakers.remove(&id);
}

/// Reads and writes in turn: nothing more is read while output waits to be taken.
async fn converse(
    host: &RefCell<Host>,
    stream: &TcpStream,
    id: ClientId,
    waker: &Notify,
) -> io::Result<()> {
    let (mut output, mut sent) = (Vec::new(), 0);
    loop {
        if output.is_empty() {
            // More is not taken before all of that is sent: the engine limits what a client leaves waiting.
            host.borrow_mut().engine.drain_output(id, &mut output);
        }
        write(stream, &mut output, &mut sent)?;
        let is_sent = output.is_empty();
        if is_sent && host.borrow().engine.is_closing(id) {
            return Ok(());
        }
        let next = if is_sent { Interest::READABLE } else { Interest::WRITABLE };
        tokio::select! {
            biased;
            ready = stream.ready(next) => {
                ready?;
                if is_sent && !read(host, stream, id, &mut output)? {
                    return Ok(());
                }
            }
            () = waker.notified() => {
                let engine = &mut host.borrow_mut().engine;
                if engine.is_closing(id) {
                    engine.drain_output(id, &mut output);
                    // Somebody else wants it closed: what cannot be sent at once is lost.
                    return write(stream, &mut output, &mut sent);
                }
            }
        }
    }
}

/// Reads what has arrived and runs it; false if the client has nothing more to send.
fn read(
    host: &RefCell<Host>,
    stream: &TcpStream,
    id: ClientId,
    output: &mut Vec<u8>,
) -> io::Result<bool> {
    let host = &mut *host.borrow_mut();
    let len = match stream.try_read(&mut host.input) {
        Ok(0) => return Ok(false),
        Ok(len) => len,
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(true),
        Err(error) => return Err(error),
    };
    host.engine.advance_to(now_ms());
    host.engine.feed(id, host.input.get(..len).unwrap_or(&[]));
    if !host.keep_files() {
        return Ok(false);
    }
    pause(host.engine.take_pause());
    host.engine.drain_output(id, output);
    host.wake();
    Ok(true)
}

/// Writes as much of the output, of which the first `sent` bytes are written already, as the other side has room for.
fn write(stream: &TcpStream, output: &mut Vec<u8>, sent: &mut usize) -> io::Result<()> {
    while let Some(rest) = output.get(*sent..).filter(|rest| !rest.is_empty()) {
        match stream.try_write(rest) {
            Ok(written) => *sent += written,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
            Err(error) => return Err(error),
        }
    }
    *sent = 0;
    output.clear();
    output.shrink_to(OUTPUT_KEPT_BYTES);
    Ok(())
}

/// Does one thing that the node wants.
fn apply(directory: &mut Directory, engine: &mut Engine, op: &FileOp) -> io::Result<()> {
    if let FileOp::ReadUsers { name, claim } = op {
        engine.take_users(*claim, &directory.read_file(name)?);
        return Ok(());
    }
    directory.apply(op)
}

/// What the system says of an error, as C programs write it: without its number.
fn said_by_system(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_owned()
}

/// Lets everybody wait, as DEBUG SLEEP asks for.
fn pause(ms: u64) {
    if ms > 0 {
        std::thread::sleep(Duration::from_millis(ms));
    }
}

/// Microseconds since the start, for the reports of how long commands take.
fn stopwatch() -> u64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    START.elapsed().as_micros() as u64
}

/// The host's clock: the only one in the project's native code.
#[expect(clippy::disallowed_methods, reason = "the host is where time comes from")]
fn now_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64)
}
