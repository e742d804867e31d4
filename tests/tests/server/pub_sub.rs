//! Messages over sockets: they come without being asked for, and who does not read is closed.

use std::time::Duration;

use e2e::process::Server;
use e2e::wire::{Silence, Wire};

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn messages_reach_a_silent_connection_in_order() {
    for server in [Server::redarium(&[]), Server::redis(&[])] {
        let (mut ann, mut bo) = (Wire::connect(&server), Wire::connect(&server));
        ann.ask(&["PSUBSCRIBE", "*"]);
        for n in 0..100 {
            assert_eq!(text(&bo.ask(&["PUBLISH", "news", &n.to_string()])), ":1\r\n");
        }
        for n in 0..100 {
            let n = n.to_string();
            let len = n.len();
            let expected =
                format!("*4\r\n$8\r\npmessage\r\n$1\r\n*\r\n$4\r\nnews\r\n${len}\r\n{n}\r\n");
            assert_eq!(text(&ann.reply()), expected, "message {n}");
        }
    }
}

#[test]
fn keys_that_end_are_told_of_though_nobody_does_anything() {
    let server = Server::redarium(&[]);
    let (mut ann, mut bo) = (Wire::connect(&server), Wire::connect(&server));
    ann.ask(&["SUBSCRIBE", "__keyevent@0__:expired"]);
    bo.ask(&["CONFIG", "SET", "notify-keyspace-events", "Ex"]);
    bo.ask(&["SET", "lamp", "on", "PX", "50"]);
    assert!(text(&ann.reply()).ends_with("$4\r\nlamp\r\n"), "the key that ended");
}

#[test]
fn who_does_not_read_is_closed_and_others_go_on() {
    for (server, counts) in [(Server::redarium(&[]), true), (Server::redis(&[]), false)] {
        let (mut slow, mut fast) = (Wire::connect(&server), Wire::connect(&server));
        let mut bo = Wire::connect(&server);
        bo.ask(&["CONFIG", "SET", "client-output-buffer-limit", "pubsub 1mb 0 0"]);
        slow.ask(&["SUBSCRIBE", "news"]);
        fast.ask(&["SUBSCRIBE", "news"]);
        let message = "x".repeat(100_000);
        let mut receivers = text(&bo.ask(&["PUBLISH", "news", &message]));
        let mut rounds = 0;
        while receivers == ":2\r\n" {
            fast.reply();
            receivers = text(&bo.ask(&["PUBLISH", "news", &message]));
            rounds += 1;
            assert!(rounds < 2000, "sockets hold a few megabytes, and then it is closed");
        }
        fast.reply();
        assert_eq!(receivers, ":1\r\n", "only the one that reads");
        let info = text(&bo.ask(&["INFO", "stats"]));
        let is_counted = info.contains("client_output_buffer_limit_disconnections:1\r\n");
        // The counter is new in 7.2.
        assert_eq!(is_counted, counts, "{info}");
        while slow.try_reply().is_ok() {}
        assert_eq!(slow.try_reply(), Err(Silence::Closed), "after what was on its way");
    }
}

#[test]
fn who_listens_can_stop_and_do_other_things() {
    let server = Server::redarium(&[]);
    let (mut ann, mut bo) = (Wire::connect(&server), Wire::connect(&server));
    ann.ask(&["SUBSCRIBE", "news"]);
    assert!(text(&ann.ask(&["GET", "k"])).starts_with("-ERR Can't execute 'get'"), "not now");
    assert_eq!(text(&ann.ask(&["RESET"])), "+RESET\r\n", "it stops");
    assert_eq!(text(&bo.ask(&["PUBLISH", "news", "x"])), ":0\r\n", "nobody listens");
    let silence = ann.reply_within(Duration::from_millis(100));
    assert_eq!(silence, Err(Silence::TimedOut), "nothing came");
    assert_eq!(text(&ann.ask(&["GET", "k"])), "$-1\r\n", "and everything is allowed again");
}

#[test]
fn monitors_see_what_others_do() {
    let server = Server::redarium(&[]);
    let (mut ann, mut bo) = (Wire::connect(&server), Wire::connect(&server));
    assert_eq!(text(&ann.ask(&["MONITOR"])), "+OK\r\n", "from here on");
    bo.ask(&["SET", "lamp", "on"]);
    let line = text(&ann.reply());
    assert!(line.ends_with("] \"SET\" \"lamp\" \"on\"\r\n"), "{line}");
}
