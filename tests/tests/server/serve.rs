//! `redarium serve` as a program: flags, start, end, and the seed.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};

use e2e::process::{Server, redarium};
use e2e::wire::Wire;

/// A program that is stopped when dropped.
struct Stopped(Child);

impl Drop for Stopped {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// Starts a program that is `redarium serve --port 0` or runs it: itself and the port it says.
fn start(command: &mut Command) -> (Stopped, u16) {
    let mut running = Stopped(command.stdout(Stdio::piped()).spawn().unwrap());
    let mut line = String::new();
    BufReader::new(running.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let port = line.trim().rsplit(':').next().and_then(|port| port.parse().ok());
    let port = port.unwrap_or_else(|| panic!("no port in {line:?}"));
    assert!(line.starts_with("Ready to accept connections on "), "{line:?}");
    (running, port)
}

fn ping(port: u16) -> String {
    let mut stream = TcpStream::connect(("localhost", port)).unwrap();
    stream.write_all(b"PING\r\nQUIT\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn wrong_flags_are_refused_with_one_clear_line() {
    for (args, expected) in [
        (&["serve", "--prot", "1"][..], "unexpected argument '--prot'"),
        (&["serve", "--port", "x"], "invalid value 'x' for '--port"),
        (&["serve", "--port", "70000"], "invalid value '70000' for '--port"),
        (&["serve", "--port"], "'--port <PORT>'"),
        (&["serve", "--seed", "-1"], "'-1'"),
        (&["serve", "more"], "unexpected argument 'more'"),
        (&["nonsense"], "unrecognized subcommand 'nonsense'"),
    ] {
        let output = redarium().args(args).output().unwrap();
        let trouble = String::from_utf8_lossy(&output.stderr);
        let line = trouble.lines().next().unwrap_or_default();
        assert!(line.contains(expected), "{args:?}: {trouble}");
        assert!(!output.status.success(), "{args:?} fails");
        assert!(output.stdout.is_empty(), "{args:?} says nothing else");
    }
}

#[test]
fn an_address_that_cannot_be_had_is_named_in_one_line() {
    let busy = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = busy.local_addr().unwrap().port().to_string();
    for (args, expected) in [
        (&["--port", &port][..], port.as_str()),
        (&["--port", "0", "--host", "no such host"], "no such host"),
        (&["--port", "0", "--host", ""], "cannot listen"),
        // An address of nobody's, kept for examples.
        (&["--port", "0", "--host", "192.0.2.1"], "192.0.2.1"),
    ] {
        let output = redarium().arg("serve").args(args).output().unwrap();
        let trouble = String::from_utf8_lossy(&output.stderr);
        assert_eq!(trouble.lines().count(), 1, "{args:?}: {trouble}");
        let is_clear = trouble.starts_with("redarium: cannot listen on");
        assert!(is_clear && trouble.contains(expected), "{args:?}: {trouble}");
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        assert!(output.stdout.is_empty(), "{args:?} does not claim to be ready");
    }
}

#[test]
fn port_0_is_any_port_and_it_says_which() {
    let (_first, port) = start(redarium().args(["serve", "--port", "0"]));
    let (_second, other) = start(redarium().args(["serve", "--port", "0"]));
    assert_ne!(port, other, "each its own");
    for port in [port, other] {
        assert_eq!(ping(port), "+PONG\r\n+OK\r\n");
    }
}

#[test]
fn a_signal_ends_it_cleanly() {
    for signal in ["TERM", "INT"] {
        let mut server = Server::redarium(&[]);
        let mut wire = Wire::connect(&server);
        wire.ask(&["SET", "a", "1"]);
        // In the middle of a command.
        wire.send(b"*2\r\n$3\r\nGE");
        assert_eq!(server.signal(signal).code(), Some(0), "SIG{signal}");
        assert_eq!(wire.rest(), b"", "connections are closed");
    }
}

/// All that chance decides, asked for by one client.
fn by_chance(server: &Server) -> Vec<String> {
    let mut wire = Wire::connect(server);
    for n in 0..200 {
        let n = n.to_string();
        wire.ask(&["SET", &format!("key:{n}"), &n]);
        wire.ask(&["SADD", "set", &format!("member:{n}")]);
        wire.ask(&["HSET", "hash", &format!("field:{n}"), &n]);
        wire.ask(&["ZADD", "zset", &n, &n]);
    }
    let mut answers = Vec::new();
    let mut ask = |words: &[&str]| {
        let answer = wire.ask(words);
        answers.push(format!("{words:?}: {}", answer.escape_ascii()));
    };
    for _ in 0..20 {
        ask(&["RANDOMKEY"]);
        ask(&["SRANDMEMBER", "set"]);
        ask(&["SRANDMEMBER", "set", "-3"]);
        ask(&["HRANDFIELD", "hash", "2", "WITHVALUES"]);
        ask(&["ZRANDMEMBER", "zset", "5"]);
        ask(&["SPOP", "set", "2"]);
    }
    ask(&["KEYS", "*"]);
    ask(&["SMEMBERS", "set"]);
    ask(&["HGETALL", "hash"]);
    for cursor in ["0", "1", "2", "64"] {
        ask(&["SCAN", cursor, "COUNT", "20"]);
        ask(&["SSCAN", "set", cursor]);
        ask(&["HSCAN", "hash", cursor]);
    }
    answers
}

#[test]
fn the_same_seed_makes_the_same_choices() {
    let seven = by_chance(&Server::redarium(&["--seed", "7"]));
    assert_eq!(seven, by_chance(&Server::redarium(&["--seed", "7"])), "the same seed");
    assert_ne!(seven, by_chance(&Server::redarium(&["--seed", "8"])), "another seed");
    let unseeded = || by_chance(&Server::redarium(&[]));
    assert_ne!(unseeded(), unseeded(), "no seed: the clock");
}

/// No more connections than the system allows: those that are open go on, and new ones are taken as others end.
#[test]
fn more_connections_than_the_system_allows_do_no_harm() {
    let program = redarium();
    let line = format!("ulimit -n 40 && exec {:?} serve --port 0", program.get_program());
    let (_running, port) = start(Command::new("sh").args(["-c", &line]));
    let connect = || TcpStream::connect(("127.0.0.1", port)).unwrap();
    let ask = |stream: &mut TcpStream| {
        stream.write_all(b"PING\r\n").unwrap();
        let mut answer = [0; 7];
        stream.read_exact(&mut answer).unwrap();
        assert_eq!(&answer, b"+PONG\r\n");
    };
    let mut first = connect();
    ask(&mut first);
    let many: Vec<TcpStream> = (0..60).map(|_| connect()).collect();
    for _ in 0..10 {
        ask(&mut first);
    }
    drop(many);
    ask(&mut connect());
    ask(&mut first);
}
