//! Ten thousand virtual clients against a naive model: no reply and no message is lost, said twice or out of order.

#![expect(clippy::unwrap_used, reason = "a test to which something unexpected happens has failed")]

use std::collections::{BTreeMap, VecDeque};

use redarium_engine::config::Config;
use redarium_lab::{Lab, Options};
use redarium_resp::words::Words;
use redarium_structures::rng::Rng;

const CLIENTS: u64 = 10_000;
const ACTIONS: usize = 60_000;
const QUEUES: u64 = 50;
const CHANNELS: u64 = 50;
const ACCOUNTS: u64 = 20;

/// Somebody who waits for a queue until a time, in milliseconds.
struct Waiter {
    client: u64,
    until: i64,
}

/// Where somebody stands in a transaction: the account, its version when it was watched.
#[derive(Clone, Copy)]
enum Stage {
    Watched { account: u64, version: u64 },
    Queued { account: u64, version: u64 },
}

/// What a naive server would hold and have said.
#[derive(Default)]
struct Model {
    now: i64,
    counters: BTreeMap<u64, u64>,
    queues: BTreeMap<u64, VecDeque<u64>>,
    waiters: BTreeMap<u64, VecDeque<Waiter>>,
    listeners: BTreeMap<u64, Vec<u64>>,
    balances: BTreeMap<u64, u64>,
    versions: BTreeMap<u64, u64>,
    stages: BTreeMap<u64, Stage>,
    /// What clients were sent besides answers to what they do themselves.
    sent: BTreeMap<u64, Vec<u8>>,
}

fn bulk(text: &str) -> String {
    format!("${}\r\n{text}\r\n", text.len())
}

fn popped(queue: u64, element: u64) -> String {
    format!("*2\r\n{}{}", bulk(&format!("queue:{queue}")), bulk(&element.to_string()))
}

impl Model {
    fn send(&mut self, client: u64, text: &str) {
        self.sent.entry(client).or_default().extend_from_slice(text.as_bytes());
    }

    fn is_waiting(&self, client: u64) -> bool {
        self.waiters.values().flatten().any(|waiter| waiter.client == client)
    }

    /// The commands that a client sends next, and what it is answered at once.
    fn act(&mut self, client: u64, rng: &mut Rng) -> (Vec<String>, String) {
        match client % 5 {
            0 => {
                let count = 1 + rng.below(5);
                let counter = self.counters.entry(client).or_default();
                let numbers = (1..=count).map(|n| format!(":{}\r\n", *counter + n));
                let replies = numbers.collect::<Vec<_>>().concat();
                *counter += count;
                (vec![format!("INCR counter:{client}"); count as usize], replies)
            }
            1 => {
                let queue = rng.below(QUEUES);
                let seconds = rng.below(20);
                let line = format!("BLPOP queue:{queue} {seconds}.5");
                if let Some(element) = self.queues.entry(queue).or_default().pop_front() {
                    return (vec![line], popped(queue, element));
                }
                let until = self.now + seconds as i64 * 1000 + 500;
                self.waiters.entry(queue).or_default().push_back(Waiter { client, until });
                (vec![line], String::new())
            }
            2 => {
                let (queue, element) = (rng.below(QUEUES), rng.next_u64() >> 32);
                let elements = self.queues.entry(queue).or_default();
                elements.push_back(element);
                let reply = format!(":{}\r\n", elements.len());
                if let Some(waiter) = self.waiters.entry(queue).or_default().pop_front() {
                    let element = self.queues.entry(queue).or_default().pop_front().unwrap();
                    self.send(waiter.client, &popped(queue, element));
                }
                (vec![format!("RPUSH queue:{queue} {element}")], reply)
            }
            3 if client % 2 == 1 => {
                let channel = rng.below(CHANNELS);
                let name = format!("channel:{channel}");
                let listeners = self.listeners.entry(channel).or_default();
                if !listeners.contains(&client) {
                    listeners.push(client);
                }
                let all = self.listeners.values().filter(|all| all.contains(&client)).count();
                let reply = format!("*3\r\n{}{}:{all}\r\n", bulk("subscribe"), bulk(&name));
                (vec![format!("SUBSCRIBE {name}")], reply)
            }
            3 => {
                let channel = rng.below(CHANNELS);
                let said = rng.below(1000).to_string();
                let name = format!("channel:{channel}");
                let listeners = self.listeners.get(&channel).cloned().unwrap_or_default();
                for &listener in &listeners {
                    let message = [bulk("message"), bulk(&name), bulk(&said)].concat();
                    self.send(listener, &format!("*3\r\n{message}"));
                }
                (vec![format!("PUBLISH {name} {said}")], format!(":{}\r\n", listeners.len()))
            }
            _ => self.trade(client, rng),
        }
    }

    /// The next step of a transaction that adds to an account, unless somebody else did in between.
    fn trade(&mut self, client: u64, rng: &mut Rng) -> (Vec<String>, String) {
        match self.stages.remove(&client) {
            None => {
                let account = rng.below(ACCOUNTS);
                let version = self.versions.get(&account).copied().unwrap_or(0);
                self.stages.insert(client, Stage::Watched { account, version });
                (vec![format!("WATCH account:{account}")], "+OK\r\n".to_owned())
            }
            Some(Stage::Watched { account, version }) => {
                self.stages.insert(client, Stage::Queued { account, version });
                let lines = vec!["MULTI".to_owned(), format!("INCRBY account:{account} {client}")];
                (lines, "+OK\r\n+QUEUED\r\n".to_owned())
            }
            Some(Stage::Queued { account, version }) => {
                let present = self.versions.entry(account).or_default();
                if *present != version {
                    return (vec!["EXEC".to_owned()], "*-1\r\n".to_owned());
                }
                *present += 1;
                let balance = self.balances.entry(account).or_default();
                *balance += client;
                (vec!["EXEC".to_owned()], format!("*1\r\n:{balance}\r\n"))
            }
        }
    }

    /// Moves the clock; whose time is over is told so.
    fn advance(&mut self, ms: i64) {
        self.now += ms;
        let mut over = Vec::new();
        for waiters in self.waiters.values_mut() {
            over.extend(waiters.iter().filter(|waiter| waiter.until <= self.now).map(|w| w.client));
            waiters.retain(|waiter| waiter.until > self.now);
        }
        for client in over {
            self.send(client, "*-1\r\n");
        }
    }
}

#[test]
fn ten_thousand_clients_are_all_served_in_order() {
    let config = Config { maxclients: CLIENTS as usize + 1, ..Config::default() };
    let mut lab = Lab::new(Options { config, history: false, ..Options::default() });
    let mut rng = Rng::new(11);
    let mut model = Model::default();
    for _ in 0..ACTIONS {
        if rng.below(200) == 0 {
            let seconds = 1 + rng.below(3);
            lab.advance(seconds * 1000).unwrap();
            model.advance(seconds as i64 * 1000);
        }
        let client = rng.below(CLIENTS);
        if model.is_waiting(client) {
            continue;
        }
        let name = client.to_string();
        // What came in the meantime is taken first, as a client would read it.
        let came = model.sent.remove(&client).unwrap_or_default();
        assert_eq!(
            lab.take_output(&name).escape_ascii().to_string(),
            came.escape_ascii().to_string()
        );
        let (lines, expected) = model.act(client, &mut rng);
        let mut bytes = Vec::new();
        for line in &lines {
            Words::from_slices(line.split(' ')).encode(&mut bytes);
        }
        let reply = lab.feed(&name, &bytes).escape_ascii().to_string();
        assert_eq!(reply, expected.as_bytes().escape_ascii().to_string(), "{client}: {lines:?}");
    }
    assert!(lab.clients().count() > CLIENTS as usize * 9 / 10, "nearly all have come");
    for (client, sent) in model.sent {
        let output = lab.take_output(&client.to_string()).escape_ascii().to_string();
        assert_eq!(output, sent.escape_ascii().to_string(), "what {client} was sent");
    }
    assert_eq!(lab.waiting().count(), 0, "nobody else was sent anything");
}
