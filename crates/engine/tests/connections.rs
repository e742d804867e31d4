//! What commands about connections do to other connections, and what they leave unsaid.

use redarium_engine::{Engine, Options};

fn node() -> Engine {
    Engine::new(Options { start: 1_767_603_600_000, seed: 7, ..Options::default() })
}

#[test]
fn kill_closes_all_others() {
    let mut node = node();
    let ann = node.connect("127.0.0.1:50000");
    let bob = node.connect("127.0.0.1:50001");
    let cleo = node.connect("127.0.0.1:50002");
    node.feed(ann, b"CLIENT KILL TYPE normal\r\n");
    assert_eq!(node.take_output(ann), b":2\r\n", "two others");
    assert!(node.is_closing(bob) && node.is_closing(cleo), "both of them");
    assert!(!node.is_closing(ann), "but not oneself");
    node.feed(bob, b"PING\r\n");
    assert_eq!(node.take_output(bob), b"", "a closing connection is not heard");
}

#[test]
fn kill_by_address_number_and_age() {
    let mut node = node();
    let ann = node.connect("127.0.0.1:50000");
    let bob = node.connect("127.0.0.1:50001");
    let cleo = node.connect("127.0.0.1:50002");
    node.feed(ann, b"CLIENT KILL 127.0.0.1:50001\r\n");
    assert_eq!(node.take_output(ann), b"+OK\r\n", "the old form");
    assert!(node.is_closing(bob) && !node.is_closing(cleo), "only that one");
    node.feed(ann, b"CLIENT KILL ID 3 ADDR 127.0.0.1:1\r\n");
    assert_eq!(node.take_output(ann), b":0\r\n", "all conditions must hold");
    node.feed(ann, b"CLIENT KILL MAXAGE 5\r\n");
    assert_eq!(node.take_output(ann), b":0\r\n", "nobody is that old");
    node.advance_to(1_767_603_605_000);
    node.feed(ann, b"CLIENT KILL MAXAGE 5 SKIPME no\r\n");
    assert_eq!(node.take_output(ann), b":2\r\n", "two that are still open");
    assert!(node.is_closing(ann), "oneself too");
}

#[test]
fn replies_can_be_turned_off() {
    let mut node = node();
    let ann = node.connect("127.0.0.1:50000");
    node.feed(ann, b"CLIENT REPLY OFF\r\nPING\r\nGET\r\nCLIENT REPLY SKIP\r\nPING\r\n");
    assert_eq!(node.take_output(ann), b"", "not even errors");
    node.feed(ann, b"CLIENT REPLY ON\r\nPING\r\n");
    assert_eq!(node.take_output(ann), b"+OK\r\n+PONG\r\n", "on again");
}

#[test]
fn one_reply_can_be_left_out() {
    let mut node = node();
    let ann = node.connect("127.0.0.1:50000");
    node.feed(ann, b"CLIENT REPLY SKIP\r\nECHO one\r\nECHO two\r\n");
    assert_eq!(node.take_output(ann), b"$3\r\ntwo\r\n", "only the first is silent");
}

#[test]
fn a_protocol_holds_from_its_greeting_on() {
    let mut node = node();
    let ann = node.connect("127.0.0.1:50000");
    node.feed(ann, b"GET a\r\nHELLO 3\r\nGET a\r\nRESET\r\nGET a\r\n");
    let output = node.take_output(ann);
    assert!(output.starts_with(b"$-1\r\n%7\r\n"), "the greeting is in the new protocol");
    assert!(output.ends_with(b"_\r\n+RESET\r\n$-1\r\n"), "and RESET goes back");
}

#[test]
fn resetstat_counts_from_zero() {
    let mut node = node();
    let ann = node.connect("127.0.0.1:50000");
    node.feed(ann, b"GET a\r\nNONSENSE\r\nCONFIG RESETSTAT\r\n");
    assert!(!node.take_output(ann).is_empty(), "three answers");
    node.feed(ann, b"INFO stats\r\n");
    let stats = String::from_utf8_lossy(&node.take_output(ann)).into_owned();
    for line in
        ["keyspace_misses:0\r\n", "total_error_replies:0\r\n", "total_commands_processed:1\r\n"]
    {
        assert!(stats.contains(line), "{line:?} is not in {stats}");
    }
}

#[test]
fn a_web_request_ends_the_connection_in_silence() {
    for request in ["POST / HTTP/1.1\r\n", "PING\r\nhost: localhost\r\nPING\r\n"] {
        let mut node = node();
        let page = node.connect("127.0.0.1:50000");
        node.feed(page, request.as_bytes());
        assert_eq!(node.take_output(page), b"", "no answer to {request:?}");
        assert!(node.is_closing(page), "and nothing more is read");
    }
}

#[test]
fn memory_grows_with_the_data() {
    let mut node = node();
    let ann = node.connect("127.0.0.1:50000");
    let mut used = || {
        node.feed(ann, b"INFO memory\r\n");
        let info = String::from_utf8_lossy(&node.take_output(ann)).into_owned();
        let line = info.lines().find(|line| line.starts_with("used_memory:")).map(str::to_owned);
        let bytes =
            line.and_then(|line| line.split(':').nth(1).and_then(|bytes| bytes.parse().ok()));
        let before: usize = bytes.unwrap_or(0);
        let value = "x".repeat(1000);
        for key in 0..100 {
            node.feed(ann, format!("SET {before}:{key} {value}\r\n").as_bytes());
        }
        assert_eq!(node.take_output(ann).len(), 100 * 5, "OK a hundred times");
        before
    };
    let (empty, full) = (used(), used());
    assert!(empty > 0, "a connection takes memory");
    assert!(full - empty >= 100_000, "a hundred strings of 1000 bytes: {empty} to {full}");
}

#[test]
fn one_connection_too_many_is_told_so_and_closed() {
    let mut node = node();
    let ann = node.connect("127.0.0.1:50000");
    node.feed(ann, b"CONFIG SET maxclients 1\r\n");
    assert_eq!(node.take_output(ann), b"+OK\r\n", "as many as there are");
    let bob = node.connect("127.0.0.1:50001");
    assert_eq!(node.take_output(bob), b"-ERR max number of clients reached\r\n", "why");
    assert!(node.is_closing(bob) && !node.is_closing(ann), "only the new one");
    node.disconnect(bob);
    node.disconnect(ann);
    let cleo = node.connect("127.0.0.1:50002");
    assert!(!node.is_closing(cleo), "there is room again");
}

#[test]
fn a_transaction_ends_with_its_connection() {
    let mut node = node();
    let ann = node.connect("127.0.0.1:50000");
    node.feed(ann, b"WATCH a\r\nMULTI\r\nSET a 1\r\n");
    node.disconnect(ann);
    let bob = node.connect("127.0.0.1:50001");
    node.feed(bob, b"SET a 2\r\nGET a\r\nEXEC\r\n");
    let expected = b"+OK\r\n$1\r\n2\r\n-ERR EXEC without MULTI\r\n";
    assert_eq!(node.take_output(bob), expected, "nothing is left of it");
}

#[test]
fn a_queue_counts_as_input() {
    let mut node = node();
    let ann = node.connect("127.0.0.1:50000");
    node.feed(ann, b"CONFIG SET client-query-buffer-limit 1mb\r\nMULTI\r\n");
    let word = "x".repeat(400_000);
    for queued in 0..3 {
        assert!(!node.is_closing(ann), "{queued} words fit");
        node.feed(ann, format!("SET a {word}\r\n").as_bytes());
    }
    assert!(node.is_closing(ann), "three do not");
}
