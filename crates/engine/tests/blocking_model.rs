//! Many clients that push and wait at random, against a naive model: nothing is lost or served twice, and who came
//! first is served first.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test to which something unexpected happens has failed"
)]

use std::collections::{BTreeMap, VecDeque};

use redarium_engine::{ClientId, Engine, Options};
use redarium_structures::rng::Rng;

const START: i64 = 1_767_603_600_000;
const CLIENTS: usize = 12;
const KEYS: [&str; 3] = ["a", "b", "c"];

/// What a client waits for.
#[derive(Debug, Clone)]
struct Waiting {
    client: usize,
    keys: Vec<usize>,
    /// Where what it gets goes, if it moves it.
    to: Option<usize>,
    until: Option<i64>,
}

/// What became of a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Try {
    Nothing,
    Popped,
    MovedTo(usize),
}

/// Lists and those who wait, in the order in which they came.
#[derive(Debug, Default)]
struct Model {
    lists: [VecDeque<u64>; 3],
    waiting: Vec<Waiting>,
    /// What each client is sent.
    sent: BTreeMap<usize, String>,
}

impl Model {
    fn is_waiting(&self, client: usize) -> bool {
        self.waiting.iter().any(|waiting| waiting.client == client)
    }

    fn send(&mut self, client: usize, text: &str) {
        self.sent.entry(client).or_default().push_str(text);
    }

    /// Gives a client the first element of the first of its keys that has one.
    fn try_serve(&mut self, waiting: &Waiting) -> Try {
        let key = waiting.keys.iter().find(|&&key| !self.lists[key].is_empty());
        let Some(&key) = key else { return Try::Nothing };
        let element = self.lists[key].pop_front().unwrap();
        if let Some(to) = waiting.to {
            self.lists[to].push_back(element);
            self.send(waiting.client, &bulk(&element.to_string()));
            return Try::MovedTo(to);
        }
        self.send(
            waiting.client,
            &format!("*2\r\n{}{}", bulk(KEYS[key]), bulk(&element.to_string())),
        );
        Try::Popped
    }

    /// Serves those who wait for `key`, and for keys that come into being thereby.
    fn serve(&mut self, key: usize) {
        let mut ready = VecDeque::from([key]);
        while let Some(key) = ready.pop_front() {
            while !self.lists[key].is_empty() {
                let next = self.waiting.iter().position(|waiting| waiting.keys.contains(&key));
                let Some(next) = next else { break };
                let waiting = self.waiting.remove(next);
                if let Try::MovedTo(to) = self.try_serve(&waiting)
                    && !ready.contains(&to)
                {
                    ready.push_back(to);
                }
            }
        }
    }

    fn run(&mut self, waiting: Waiting) {
        match self.try_serve(&waiting) {
            Try::Nothing => self.waiting.push(waiting),
            Try::MovedTo(to) => self.serve(to),
            Try::Popped => {}
        }
    }

    fn push(&mut self, client: usize, key: usize, elements: &[u64]) {
        self.lists[key].extend(elements);
        let len = self.lists[key].len();
        self.send(client, &format!(":{len}\r\n"));
        self.serve(key);
    }

    fn advance(&mut self, now: i64) {
        let mut over: Vec<_> = self
            .waiting
            .iter()
            .filter_map(|waiting| Some((waiting.until.filter(|&at| at <= now)?, waiting.client)))
            .collect();
        over.sort_unstable();
        for (_, client) in over {
            self.waiting.retain(|waiting| waiting.client != client);
            self.send(client, "*-1\r\n");
        }
    }
}

fn bulk(text: &str) -> String {
    format!("${}\r\n{text}\r\n", text.len())
}

struct World {
    node: Engine,
    clients: Vec<ClientId>,
    model: Model,
    rng: Rng,
    next_element: u64,
}

impl World {
    fn new(seed: u64) -> Self {
        let mut node = Engine::new(Options { start: START, seed, ..Options::default() });
        let clients =
            (0..CLIENTS).map(|n| node.connect(&format!("127.0.0.1:{}", 50_000 + n))).collect();
        Self { node, clients, model: Model::default(), rng: Rng::new(seed), next_element: 0 }
    }

    fn below(&mut self, limit: usize) -> usize {
        self.rng.below(limit as u64) as usize
    }

    fn feed(&mut self, client: usize, line: &str) {
        self.node.feed(self.clients[client], format!("{line}\r\n").as_bytes());
    }

    fn step(&mut self) {
        let client = self.below(CLIENTS);
        if self.below(12) == 0 {
            let now = self.node.now() + 1 + self.below(400) as i64;
            self.node.advance_to(now);
            self.model.advance(now);
        } else if self.below(40) == 0 {
            self.model.waiting.retain(|waiting| waiting.client != client);
            self.node.disconnect(self.clients[client]);
            self.clients[client] = self.node.connect("127.0.0.1:60000");
        } else if !self.model.is_waiting(client) {
            self.command(client);
        }
        self.node.check_waiters();
        for (client, id) in self.clients.iter().enumerate() {
            let sent = String::from_utf8(self.node.take_output(*id)).unwrap();
            assert_eq!(
                sent,
                self.model.sent.remove(&client).unwrap_or_default(),
                "client {client}"
            );
        }
    }

    fn command(&mut self, client: usize) {
        let timeout = [0, 0, 1, 3][self.below(4)];
        let until = (timeout > 0).then(|| self.node.now() + timeout * 100);
        let seconds = format!("{}.{}", timeout / 10, timeout % 10);
        let key = self.below(KEYS.len());
        match self.below(5) {
            0 | 1 => {
                let count = 1 + self.below(3) as u64;
                let elements: Vec<u64> = (self.next_element..self.next_element + count).collect();
                self.next_element += count;
                let words: Vec<_> = elements.iter().map(u64::to_string).collect();
                self.feed(client, &format!("RPUSH {} {}", KEYS[key], words.join(" ")));
                self.model.push(client, key, &elements);
            }
            2 | 3 => {
                let keys: Vec<usize> =
                    (0..=self.below(3)).map(|more| (key + more) % KEYS.len()).collect();
                let names: Vec<_> = keys.iter().map(|&key| KEYS[key]).collect();
                self.feed(client, &format!("BLPOP {} {seconds}", names.join(" ")));
                self.model.run(Waiting { client, keys, to: None, until });
            }
            _ => {
                let to = self.below(KEYS.len());
                let (from, to_name) = (KEYS[key], KEYS[to]);
                self.feed(client, &format!("BLMOVE {from} {to_name} LEFT RIGHT {seconds}"));
                self.model.run(Waiting { client, keys: vec![key], to: Some(to), until });
            }
        }
    }
}

#[test]
fn waiting_follows_the_model() {
    for seed in 0..60 {
        let mut world = World::new(seed);
        for _ in 0..600 {
            world.step();
        }
        for (key, list) in KEYS.iter().zip(world.model.lists.clone()) {
            let reader = world.node.connect("127.0.0.1:60001");
            world.node.feed(reader, format!("LRANGE {key} 0 -1\r\n").as_bytes());
            let elements: String = list.iter().map(|element| bulk(&element.to_string())).collect();
            let expected = format!("*{}\r\n{elements}", list.len());
            assert_eq!(String::from_utf8(world.node.take_output(reader)).unwrap(), expected);
        }
    }
}
