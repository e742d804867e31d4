//! Connections that come in numbers, in pieces, half closed or not at all polite.

use std::io::{ErrorKind, Write as _};
use std::net::{Shutdown, TcpStream};
use std::thread;
use std::time::Duration;

use e2e::process::Server;
use e2e::wire::Wire;
use redarium_resp::words::Words;

fn request(words: &[&str]) -> Vec<u8> {
    let mut bytes = Vec::new();
    Words::from_slices(words).encode(&mut bytes);
    bytes
}

/// A pipeline of `count` commands that only client `name` would send, and all replies to it.
fn pipeline(name: &str, count: usize) -> (Vec<u8>, Vec<u8>) {
    let (mut bytes, mut expected) = (Vec::new(), Vec::new());
    for n in 1..=count {
        bytes.extend(request(&["INCR", name]));
        expected.extend(format!(":{n}\r\n").into_bytes());
        let text = format!("{name}\r\n{n}");
        bytes.extend(request(&["ECHO", &text]));
        expected.extend(format!("${}\r\n{text}\r\n", text.len()).into_bytes());
    }
    (bytes, expected)
}

#[test]
fn two_hundred_clients_get_their_own_replies_in_order() {
    let server = Server::redarium(&[]);
    let check = |name: &str| {
        let (bytes, expected) = pipeline(name, 250);
        let mut wire = Wire::connect(&server);
        for piece in bytes.chunks(1 + name.len() * 100) {
            wire.send(piece);
        }
        wire.finish_sending();
        assert_eq!(wire.rest().escape_ascii().to_string(), expected.escape_ascii().to_string());
    };
    thread::scope(|scope| {
        for n in 0..200 {
            scope.spawn(move || check(&format!("client:{n}")));
        }
    });
    let mut wire = Wire::connect(&server);
    assert_eq!(wire.ask(&["DBSIZE"]), b":200\r\n");
    assert_eq!(wire.ask(&["MGET", "client:0", "client:199"]), b"*2\r\n$3\r\n250\r\n$3\r\n250\r\n");
}

#[test]
fn a_client_that_goes_in_the_middle_of_a_command_changes_nothing() {
    let server = Server::redarium(&[]);
    let mut other = Wire::connect(&server);
    other.ask(&["SET", "k", "before"]);
    let whole = request(&["SET", "k", "after"]);
    for len in 1..whole.len() {
        let mut wire = Wire::connect(&server);
        wire.send(&whole[..len]);
    }
    let mut wire = Wire::connect(&server);
    wire.send(b"*2\r\n$6\r\nAPPEND\r\n$536870912\r\nstart of something great");
    drop(wire);
    let mut clients = String::new();
    for _ in 0..1000 {
        clients = other.ask(&["CLIENT", "LIST"]).escape_ascii().to_string();
        if clients.matches(" addr=").count() == 1 {
            break;
        }
        thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(clients.matches(" addr=").count(), 1, "all others are forgotten: {clients}");
    assert_eq!(other.ask(&["GET", "k"]), b"$6\r\nbefore\r\n");
    assert_eq!(other.ask(&["DBSIZE"]), b":1\r\n");
}

#[test]
fn half_closed_sockets_get_all_their_replies() {
    let server = Server::redarium(&[]);
    let (bytes, expected) = pipeline("half", 20_000);
    let mut wire = Wire::connect(&server);
    let mut writer = wire.stream().try_clone().unwrap();
    let sender = thread::spawn(move || {
        writer.write_all(&bytes).unwrap();
        writer.shutdown(Shutdown::Write).unwrap();
    });
    let answer = wire.rest();
    sender.join().unwrap();
    assert_eq!(answer.len(), expected.len());
    assert!(answer == expected, "the replies are in order");
}

#[test]
fn quit_sends_what_is_due_and_nothing_after_it() {
    let server = Server::redarium(&[]);
    let mut wire = Wire::connect(&server);
    wire.ask(&["SETRANGE", "big", "999999", "x"]);
    let mut bytes = b"GET big\r\n".repeat(20);
    bytes.extend_from_slice(b"QUIT\r\nSET after 1\r\n");
    wire.send(&bytes);
    // Far more than fits on the way, so that the server has to wait for us.
    thread::sleep(Duration::from_millis(50));
    let answer = wire.rest();
    let one = [&b"$1000000\r\n"[..], &vec![0; 999_999], b"x\r\n"].concat();
    assert_eq!(answer.len(), 20 * one.len() + 5);
    assert!(answer.starts_with(&one) && answer.ends_with(b"x\r\n+OK\r\n"), "all, and the farewell");
    assert_eq!(Wire::connect(&server).ask(&["EXISTS", "after"]), b":0\r\n");
}

/// Cut once at each place: the second piece is sent when the first has been read, or nearly always so.
#[test]
fn a_pipeline_may_be_cut_anywhere() {
    let server = Server::redarium(&[]);
    let mut witness = Wire::connect(&server);
    let mut bytes = request(&["SET", "k", "a\r\nb\r\n*1\r\n$4\r\n"]);
    bytes.extend_from_slice(b"PING\r\n\r\nECHO \"x y\"\r\n*0\r\n");
    bytes.extend(request(&["GET", "k"]));
    bytes.extend(request(&["SET", "", ""]));
    bytes.extend(request(&["DEL", "k", ""]));
    let expected = "+OK\r\n+PONG\r\n$3\r\nx y\r\n$14\r\na\r\nb\r\n*1\r\n$4\r\n\r\n+OK\r\n:2\r\n";
    for at in 0..=bytes.len() {
        let mut wire = Wire::connect(&server);
        wire.send(&bytes[..at]);
        witness.ask(&["PING"]);
        wire.send(&bytes[at..]);
        wire.finish_sending();
        let answer = wire.rest();
        assert_eq!(String::from_utf8_lossy(&answer), expected, "cut at {at}");
    }
    // And byte by byte.
    let mut wire = Wire::connect(&server);
    for byte in &bytes {
        wire.send(&[*byte]);
        witness.ask(&["PING"]);
    }
    wire.finish_sending();
    assert_eq!(String::from_utf8_lossy(&wire.rest()), expected, "byte by byte");
}

/// Around the size of a read buffer, whose end falls at every place of a command.
#[test]
fn pipelines_larger_than_a_buffer_are_read_whole() {
    let server = Server::redarium(&[]);
    let filler = "f".repeat(65_536 - 300);
    for shift in 0..120 {
        let padding = "p".repeat(shift);
        let mut bytes = request(&["ECHO", &filler, &padding]);
        let mut expected = b"-ERR wrong number of arguments for 'echo' command\r\n".to_vec();
        for n in 0..20 {
            bytes.extend(request(&["ECHO", &format!("{n}\r\n")]));
            expected.extend(format!("${}\r\n{n}\r\n\r\n", n.to_string().len() + 2).into_bytes());
        }
        let mut wire = Wire::connect(&server);
        wire.send(&bytes);
        wire.finish_sending();
        assert_eq!(wire.rest(), expected, "with {shift} bytes more");
    }
    let large = "0123456789abcdef".repeat(3 << 16);
    let mut wire = Wire::connect(&server);
    assert_eq!(wire.ask(&["SET", "large", &large]), b"+OK\r\n");
    assert_eq!(wire.ask(&["STRLEN", "large"]), b":3145728\r\n");
    assert!(wire.ask(&["GET", "large"]).ends_with(format!("{large}\r\n").as_bytes()), "as it was");
}

/// Sends a command again and again until nothing more is taken, which must come to pass. Gives the number of bytes.
fn send_without_reading(stream: &mut TcpStream, command: &[u8], other: &mut Wire) -> usize {
    stream.set_nonblocking(true).unwrap();
    let block = command.repeat(1000);
    let (mut sent, mut refused) = (0, 0);
    while refused < 50 {
        match stream.write(&block[sent % command.len()..]) {
            Ok(len) => {
                sent += len;
                refused = 0;
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                refused += 1;
                assert_eq!(other.ask(&["PING"]), b"+PONG\r\n", "others are served");
            }
            Err(error) => panic!("{error}"),
        }
        assert!(sent < 1 << 28, "there is no end to what is taken from one who does not read");
    }
    stream.set_nonblocking(false).unwrap();
    sent
}

#[test]
fn who_does_not_read_is_not_read_from() {
    let server = Server::redarium(&[]);
    let mut other = Wire::connect(&server);
    other.ask(&["SET", "k", &"v".repeat(1000)]);
    let before_kb = server.memory_kb();
    let command = request(&["GET", "k"]);
    let mut deaf: Vec<(Wire, usize)> = Vec::new();
    for _ in 0..5 {
        let mut wire = Wire::connect(&server);
        let sent = send_without_reading(wire.stream(), &command, &mut other);
        deaf.push((wire, sent));
    }
    let grown_kb = server.memory_kb().saturating_sub(before_kb);
    assert!(grown_kb < 100 * 1024, "{grown_kb} KB for five who do not read");

    // One of them begins to read, and finds every reply. The others just go.
    let (mut wire, sent) = deaf.swap_remove(0);
    let mut stream = wire.stream().try_clone().unwrap();
    let mut last = command[sent % command.len()..].to_vec();
    last.extend_from_slice(b"QUIT\r\n");
    let sender = thread::spawn(move || stream.write_all(&last).unwrap());
    let answer = wire.rest();
    sender.join().unwrap();
    let count = sent / command.len() + 1;
    assert_eq!(answer.len(), count * "$1000\r\n\r\n".len() + count * 1000 + "+OK\r\n".len());
    drop(deaf);
    assert_eq!(other.ask(&["DBSIZE"]), b":1\r\n");
}

#[test]
fn a_connection_that_another_kills_is_closed_at_once() {
    let server = Server::redarium(&[]);
    let mut killer = Wire::connect(&server);
    let mut idle = Wire::connect(&server);
    let mut deaf = Wire::connect(&server);
    killer.ask(&["SET", "k", &"v".repeat(1000)]);
    assert_eq!(idle.ask(&["CLIENT", "ID"]), b":2\r\n");
    send_without_reading(deaf.stream(), &request(&["GET", "k"]), &mut killer);
    assert_eq!(killer.ask(&["CLIENT", "KILL", "TYPE", "normal"]), b":2\r\n");
    assert_eq!(idle.rest(), b"", "it hears nothing and is closed");
    assert!(deaf.rest().len() > 1000, "it gets what was on its way");
}

#[test]
fn more_clients_than_maxclients_are_turned_away() {
    let server = Server::redarium(&[]);
    let mut first = Wire::connect(&server);
    assert_eq!(first.ask(&["CONFIG", "SET", "maxclients", "2"]), b"+OK\r\n");
    let mut second = Wire::connect(&server);
    second.ask(&["PING"]);
    let mut third = Wire::connect(&server);
    assert_eq!(third.rest(), b"-ERR max number of clients reached\r\n");
    second.send(b"QUIT\r\n");
    assert_eq!(second.rest(), b"+OK\r\n");
    assert_eq!(Wire::connect(&server).ask(&["PING"]), b"+PONG\r\n", "there is room again");
}
