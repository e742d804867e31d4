//! Many clients at once, of many kinds: nothing that is sent is lost, said twice or out of order.
//!
//! `CROWD_SECONDS=600 cargo xtask test server` goes on for ten minutes, and then looks at memory as well.

use std::collections::BTreeMap;
use std::env;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use e2e::process::Server;
use e2e::wire::Wire;
use redarium_resp::decode::{Reply, decode};
use redarium_resp::words::Words;
use redarium_structures::rng::Rng;

/// Clients of each kind; a producer and a consumer count as one.
const PIPELINERS: usize = 70;
const QUEUES: usize = 30;
const TELLERS: usize = 30;
const LISTENERS: usize = 40;

/// From how many seconds on memory has to stay as it is.
const LONG_SECONDS: u64 = 60;

/// What all accounts hold together, at all times.
const MONEY: i64 = 10_000;
const ACCOUNTS: u64 = 10;

fn asked(wire: &mut Wire, words: &[&str]) -> Reply {
    decoded(&wire.ask(words))
}

fn decoded(bytes: &[u8]) -> Reply {
    decode(bytes).unwrap().unwrap().0
}

fn number(reply: &Reply) -> i64 {
    match reply {
        Reply::Integer(number) => *number,
        text => std::str::from_utf8(text.as_bytes().unwrap()).unwrap().parse().unwrap(),
    }
}

/// Sends pipelines of commands on keys of its own and checks each reply; how often it counted.
fn pipeliner(server: &Server, name: &str, seed: u64, stop: &AtomicBool) -> i64 {
    let mut wire = Wire::connect(server);
    let mut rng = Rng::new(seed);
    let (counter, list) = (format!("counter:{name}"), format!("list:{name}"));
    let mut count = 0;
    while !stop.load(Ordering::Relaxed) {
        let commands = 1 + rng.below(50);
        for _ in 0..commands {
            wire.send_words(&Words::from_slices(["INCR", &counter]));
            wire.send_words(&Words::from_slices(["LPUSH", &list, &counter]));
            wire.send_words(&Words::from_slices(["LTRIM", &list, "0", "9"]));
            wire.send_words(&Words::from_slices(["INCR", "counter:all"]));
        }
        for _ in 0..commands {
            count += 1;
            assert_eq!(number(&decoded(&wire.reply())), count, "{name} counts on");
            assert!(number(&decoded(&wire.reply())) <= 11, "{name} keeps its list short");
            assert_eq!(wire.reply(), b"+OK\r\n", "{name} trims its list");
            assert!(number(&decoded(&wire.reply())) >= count, "all count with {name}");
        }
    }
    count
}

/// Puts numbers into a queue until it is told to stop, then the word that ends it.
fn producer(server: &Server, queue: &str, stop: &AtomicBool) {
    let mut wire = Wire::connect(server);
    let mut n = 0;
    while !stop.load(Ordering::Relaxed) {
        // No more than the consumer can follow, or the queue would only grow.
        if number(&asked(&mut wire, &["RPUSH", queue, &n.to_string()])) > 100 {
            thread::sleep(Duration::from_millis(1));
        }
        n += 1;
    }
    asked(&mut wire, &["RPUSH", queue, "end"]);
}

/// Waits for the numbers of a queue, and finds each once and in order.
fn consumer(server: &Server, queue: &str) {
    let mut wire = Wire::connect(server);
    for expected in 0_i64.. {
        let reply = asked(&mut wire, &["BLPOP", queue, "30"]);
        let element = reply.elements().expect("something comes")[1].as_bytes().unwrap().to_vec();
        if element == b"end" {
            return;
        }
        assert_eq!(element, expected.to_string().into_bytes(), "the next of {queue}");
    }
}

/// Moves money between accounts in transactions, again where somebody was faster.
fn teller(server: &Server, seed: u64, stop: &AtomicBool) {
    let mut wire = Wire::connect(server);
    let mut rng = Rng::new(seed);
    while !stop.load(Ordering::Relaxed) {
        let mut account = || format!("account:{}", rng.below(ACCOUNTS));
        let (from, to) = (account(), account());
        let said = "the teller is answered";
        assert_eq!(wire.ask(&["WATCH", &from, &to]), b"+OK\r\n", "{said}");
        let held = number(&asked(&mut wire, &["GET", &from]));
        let amount = (held / 3).to_string();
        assert_eq!(wire.ask(&["MULTI"]), b"+OK\r\n", "{said}");
        assert_eq!(wire.ask(&["DECRBY", &from, &amount]), b"+QUEUED\r\n", "{said}");
        assert_eq!(wire.ask(&["INCRBY", &to, &amount]), b"+QUEUED\r\n", "{said}");
        assert_eq!(wire.ask(&["PUBLISH", "moves", &amount]), b"+QUEUED\r\n", "{said}");
        let done = asked(&mut wire, &["EXEC"]);
        if let Some(replies) = done.elements()
            && from != to
        {
            assert_eq!(number(&replies[0]), held - held / 3, "nobody else wrote {from}");
        }
    }
}

/// Publishes numbers on a channel of its own.
fn publisher(server: &Server, channel: &str, stop: &AtomicBool) {
    let mut wire = Wire::connect(server);
    let mut n = 0;
    while !stop.load(Ordering::Relaxed) {
        asked(&mut wire, &["PUBLISH", channel, &n.to_string()]);
        n += 1;
    }
    asked(&mut wire, &["PUBLISH", channel, "end"]);
}

/// Hears what one channel says, from wherever it came in, without a gap.
fn listener(mut wire: Wire, channel: &str) {
    for expected in 0_i64.. {
        let reply = decoded(&wire.reply());
        let said = reply.elements().unwrap()[2].as_bytes().unwrap().to_vec();
        if said == b"end" {
            return;
        }
        assert_eq!(said, expected.to_string().into_bytes(), "the next on {channel}");
    }
}

#[test]
fn a_crowd_of_clients_loses_nothing() {
    let seconds = env::var("CROWD_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(3);
    let server = Server::redarium(&[]);
    let mut asker = Wire::connect(&server);
    for account in 0..ACCOUNTS {
        let share = (MONEY / ACCOUNTS as i64).to_string();
        asked(&mut asker, &["SET", &format!("account:{account}"), &share]);
    }
    let stop = AtomicBool::new(false);
    let mut memory_kb = Vec::new();
    let counts: BTreeMap<String, i64> = thread::scope(|scope| {
        let (server, stop) = (&server, &stop);
        for n in 0..QUEUES {
            let queue = format!("queue:{n}");
            scope.spawn({
                let queue = queue.clone();
                move || producer(server, &queue, stop)
            });
            scope.spawn(move || consumer(server, &queue));
        }
        for n in 0..TELLERS {
            scope.spawn(move || teller(server, 1000 + n as u64, stop));
        }
        for n in 0..LISTENERS {
            let channel = format!("channel:{}", n % 4);
            let mut wire = Wire::connect(server);
            wire.ask(&["SUBSCRIBE", &channel]);
            scope.spawn(move || listener(wire, &channel));
        }
        for n in 0..4 {
            scope.spawn(move || publisher(server, &format!("channel:{n}"), stop));
        }
        let pipeliners: Vec<_> = (0..PIPELINERS)
            .map(|n| {
                let name = n.to_string();
                (name.clone(), scope.spawn(move || pipeliner(server, &name, n as u64, stop)))
            })
            .collect();
        let end = Instant::now() + Duration::from_secs(seconds);
        while Instant::now() < end {
            asked(&mut asker, &["MULTI"]);
            for account in 0..ACCOUNTS {
                asked(&mut asker, &["GET", &format!("account:{account}")]);
            }
            let held = asked(&mut asker, &["EXEC"]);
            let sum: i64 = held.elements().unwrap().iter().map(number).sum();
            assert_eq!(sum, MONEY, "money neither comes nor goes");
            memory_kb.push(server.memory_kb());
            thread::sleep(Duration::from_millis(100 * seconds));
        }
        stop.store(true, Ordering::Relaxed);
        pipeliners.into_iter().map(|(name, counts)| (name, counts.join().unwrap())).collect()
    });
    let all: i64 = counts.values().sum();
    assert_eq!(number(&asked(&mut asker, &["GET", "counter:all"])), all, "all that was counted");
    for (name, count) in &counts {
        let held = number(&asked(&mut asker, &["GET", &format!("counter:{name}")]));
        assert_eq!(held, *count, "what {name} counted");
    }
    let keys = number(&asked(&mut asker, &["DBSIZE"]));
    assert_eq!(keys, 2 * PIPELINERS as i64 + 1 + ACCOUNTS as i64, "the queues are empty");
    // In seconds, buffers are still finding their size.
    if seconds >= LONG_SECONDS {
        let (early, late) = (memory_kb[memory_kb.len() / 3], memory_kb[memory_kb.len() - 1]);
        assert!(late < early * 3 / 2, "memory keeps growing under a steady load: {memory_kb:?}");
    }
}
