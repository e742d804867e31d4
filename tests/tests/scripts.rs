//! Scripts with the replies that redis-server 7.0.15 gave to them (`tests/scripts`), run by EVAL.
//!
//! Each script is a file with its keys, arguments and set-up beside it; all replies stand in `replies.json`,
//! where a string begins with its kind: `$` for a bulk string, `+` for a status, `-` for an error.

use std::fs;
use std::path::Path;

use redarium_engine::{ClientId, Engine, Options};
use redarium_resp::{Encoder, Protocol, Reply, decode};
use serde_json::{Value, json};

/// Scripts that answer otherwise here, each with its reason.
const DIFFERENCES: &[(&str, &str)] = &[
    (
        "13_number_tostring",
        "Lua 5.1 keeps 0 and -0 as one constant, so that `0` after `-0` prints as -0",
    ),
    ("30b_globals", "Redis has `os.clock` since 8.0"),
    ("31_pairs_order", "pairs follows another hash table"),
];

/// A node and its one client.
struct Node {
    engine: Engine,
    client: ClientId,
}

impl Node {
    fn new() -> Self {
        let mut engine = Engine::new(Options::default());
        let client = engine.connect("127.0.0.1:1");
        Node { engine, client }
    }

    /// Sends a command; a script is given the time that it needs.
    fn run(&mut self, words: &[&[u8]]) -> Reply {
        let mut bytes = Vec::new();
        let mut out = Encoder::new(&mut bytes, Protocol::Resp2);
        out.array(words.len());
        for word in words {
            out.bulk(word);
        }
        self.engine.feed(self.client, &bytes);
        for _ in 0..1000 {
            let output = self.engine.take_output(self.client);
            if !output.is_empty() {
                return decode(&output).expect("a reply").expect("a whole reply").0;
            }
            let now = self.engine.now();
            self.engine.advance_to(now);
        }
        panic!("no reply to {}", String::from_utf8_lossy(&words.join(&b' ')));
    }
}

/// A reply in the form of the recording.
fn shown(reply: &Reply) -> Value {
    let text = |kind: char, bytes: &[u8]| {
        let text: String = bytes.iter().map(|&byte| char::from(byte)).collect();
        json!(format!("{kind}{text}"))
    };
    match reply {
        Reply::Simple(bytes) => text('+', bytes),
        Reply::Error(bytes) => text('-', bytes),
        Reply::Integer(number) => json!(number),
        Reply::Array(elements) => Value::Array(elements.iter().map(shown).collect()),
        reply if reply.is_null() => Value::Null,
        reply => text('$', reply.as_bytes().expect("RESP2 has no other kind")),
    }
}

#[test]
fn scripts_answer_as_on_a_real_server() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts");
    let replies = fs::read_to_string(folder.join("replies.json")).expect("the recording");
    let replies: Value = serde_json::from_str(&replies).expect("JSON");
    let replies = replies.as_object().expect("replies by name");
    let mut wrong = Vec::new();
    for (name, expected) in replies {
        let mut source = fs::read(folder.join(format!("{name}.lua"))).expect("the script");
        // The recording was made without the last line break, which would change the digest.
        source.pop_if(|byte| *byte == b'\n');
        let facts = fs::read_to_string(folder.join(format!("{name}.meta"))).expect("its facts");
        let mut node = Node::new();
        let (mut keys, mut args) = (Vec::new(), Vec::new());
        for line in facts.lines() {
            let words = line.split_whitespace().skip(1).map(str::as_bytes).collect::<Vec<_>>();
            match line.split_whitespace().next() {
                Some("KEYS") => keys = words,
                Some("ARGV") => args = words,
                _ => drop(node.run(&words)),
            }
        }
        let count = keys.len().to_string();
        let mut words: Vec<&[u8]> = vec![b"EVAL", &source, count.as_bytes()];
        words.extend(keys);
        words.extend(args);
        let got = shown(&node.run(&words));
        let differs = DIFFERENCES.iter().any(|row| row.0 == name);
        if (got == *expected) == differs {
            wrong.push(format!("{name}\n  expected {expected}\n  got      {got}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), replies.len(), wrong.join("\n"));
}
