//! Clients that wait: they are served when another one writes, and when their time is over, without being asked.

use std::thread;
use std::time::{Duration, Instant};

use e2e::process::Server;
use e2e::wire::Wire;

/// Longer than anything here waits by itself.
const LONG: &str = "600";

#[test]
fn a_push_wakes_who_waits_and_nobody_gets_what_another_one_got() {
    let server = Server::redarium(&[]);
    let elements = 200;
    thread::scope(|scope| {
        let poppers: Vec<_> = (0..8)
            .map(|_| {
                let server = &server;
                scope.spawn(move || {
                    let mut wire = Wire::connect(server);
                    let mut got = Vec::new();
                    loop {
                        let reply = wire.ask(&["BRPOP", "queue", LONG]);
                        let element = String::from_utf8(reply).unwrap();
                        let element = element.lines().last().unwrap().to_owned();
                        if element == "end" {
                            break got;
                        }
                        got.push(element);
                    }
                })
            })
            .collect();
        let mut pusher = Wire::connect(&server);
        for n in 0..elements {
            pusher.ask(&["LPUSH", "queue", &n.to_string()]);
        }
        for _ in 0..8 {
            pusher.ask(&["LPUSH", "queue", "end"]);
        }
        let mut all: Vec<u32> = poppers
            .into_iter()
            .flat_map(|popper| popper.join().unwrap())
            .map(|element| element.parse().unwrap())
            .collect();
        all.sort_unstable();
        assert_eq!(all, (0..elements).collect::<Vec<_>>(), "each element once");
        assert_eq!(pusher.ask(&["EXISTS", "queue"]), b":0\r\n");
    });
}

#[test]
fn waits_end_on_time_though_nobody_sends_anything() {
    let server = Server::redarium(&[]);
    let mut wire = Wire::connect(&server);
    let begun = Instant::now();
    assert_eq!(wire.ask(&["BLPOP", "nothing", "0.3"]), b"*-1\r\n");
    assert!(begun.elapsed() >= Duration::from_millis(200), "not before its time");
}

#[test]
fn what_was_sent_while_waiting_is_run_afterwards() {
    let server = Server::redarium(&[]);
    let (mut waiting, mut other) = (Wire::connect(&server), Wire::connect(&server));
    waiting.send(b"BLPOP q 600\r\nPING\r\nBLPOP q 0.01\r\nECHO done\r\n");
    while !String::from_utf8_lossy(&other.ask(&["INFO", "clients"])).contains("blocked_clients:1") {
        thread::sleep(Duration::from_millis(5));
    }
    other.ask(&["RPUSH", "q", "x"]);
    for expected in
        [&b"*2\r\n$1\r\nq\r\n$1\r\nx\r\n"[..], b"+PONG\r\n", b"*-1\r\n", b"$4\r\ndone\r\n"]
    {
        assert_eq!(waiting.reply().escape_ascii().to_string(), expected.escape_ascii().to_string());
    }
}

#[test]
fn one_that_hangs_up_while_waiting_takes_nothing() {
    let server = Server::redarium(&[]);
    let mut other = Wire::connect(&server);
    let blocked = |wire: &mut Wire, count: usize| {
        let line = format!("blocked_clients:{count}\r\n");
        while !String::from_utf8_lossy(&wire.ask(&["INFO", "clients"])).contains(&line) {
            thread::sleep(Duration::from_millis(5));
        }
    };
    let mut waiting = Wire::connect(&server);
    waiting.send(b"BLPOP q 0\r\n");
    blocked(&mut other, 1);
    drop(waiting);
    blocked(&mut other, 0);
    other.ask(&["RPUSH", "q", "x"]);
    assert_eq!(other.ask(&["LLEN", "q"]), b":1\r\n", "nobody was there to take it");
}
