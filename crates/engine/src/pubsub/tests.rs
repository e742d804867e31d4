//! Who is sent what, in which order, through commands as a host sees them.

use redarium_structures::rng::Rng;

use crate::client::ClientId;
use crate::{Engine, Options};

fn node(clients: usize) -> (Engine, Vec<ClientId>) {
    let mut node = Engine::new(Options { start: 1_767_603_600_000, seed: 7, ..Options::default() });
    let ids = (0..clients).map(|n| node.connect(&format!("127.0.0.1:{}", 50_000 + n))).collect();
    (node, ids)
}

/// What a client is sent back at once.
fn say(node: &mut Engine, id: ClientId, line: &str) -> String {
    node.feed(id, format!("{line}\r\n").as_bytes());
    taken(node, id)
}

fn taken(node: &mut Engine, id: ClientId) -> String {
    String::from_utf8(node.take_output(id)).unwrap()
}

#[test]
fn a_message_reaches_listeners_then_patterns_in_order() {
    let (mut node, ids) = node(4);
    let [ann, bo, cy, dan] = ids[..] else { panic!("four clients") };
    say(&mut node, bo, "SUBSCRIBE news");
    say(&mut node, ann, "PSUBSCRIBE n* zz news");
    say(&mut node, ann, "SUBSCRIBE news");
    say(&mut node, cy, "SUBSCRIBE news");
    let _ = node.take_woken();
    assert_eq!(say(&mut node, dan, "PUBLISH news hi"), ":5\r\n", "three channels and two patterns");
    assert_eq!(node.take_woken().into_iter().collect::<Vec<_>>(), [ann, bo, cy], "woken");
    let message = "*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$2\r\nhi\r\n";
    assert_eq!(taken(&mut node, bo), message, "the plain listener");
    let by_pattern = |pattern: &str| {
        let len = pattern.len();
        format!("*4\r\n$8\r\npmessage\r\n${len}\r\n{pattern}\r\n$4\r\nnews\r\n$2\r\nhi\r\n")
    };
    let expected = format!("{message}{}{}", by_pattern("n*"), by_pattern("news"));
    assert_eq!(taken(&mut node, ann), expected, "channel first, then patterns by age");
}

#[test]
fn who_publishes_to_himself_reads_the_reply_first() {
    let (mut node, ids) = node(1);
    say(&mut node, ids[0], "HELLO 3");
    assert_eq!(
        say(&mut node, ids[0], "SUBSCRIBE a"),
        ">3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n",
        "the push is the reply"
    );
    let expected = ":1\r\n>3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\nx\r\n";
    assert_eq!(say(&mut node, ids[0], "PUBLISH a x"), expected, "the reply, then the message");
    assert_eq!(say(&mut node, ids[0], "CLIENT REPLY OFF"), "", "no replies from here on");
    let expected = ">3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\nx\r\n";
    assert_eq!(say(&mut node, ids[0], "PUBLISH a x"), expected, "but messages");
    let expected = ">3\r\n$11\r\nunsubscribe\r\n$1\r\na\r\n:0\r\n";
    assert_eq!(say(&mut node, ids[0], "UNSUBSCRIBE"), expected, "and pushes that answer");
}

#[test]
fn who_leaves_in_any_way_is_sent_nothing() {
    let (mut node, ids) = node(4);
    let [ann, bo, cy, dan] = ids[..] else { panic!("four clients") };
    for id in [ann, bo, cy] {
        say(&mut node, id, "SUBSCRIBE news");
        say(&mut node, id, "SSUBSCRIBE news");
    }
    assert_eq!(say(&mut node, dan, "PUBLISH news 1"), ":3\r\n", "all");
    say(&mut node, ann, "RESET");
    assert_eq!(say(&mut node, dan, "PUBLISH news 1"), ":2\r\n", "without ann");
    node.disconnect(bo);
    assert_eq!(say(&mut node, dan, "PUBLISH news 1"), ":1\r\n", "without bo");
    say(&mut node, cy, "QUIT");
    assert_eq!(say(&mut node, dan, "PUBLISH news 1"), ":0\r\n", "nobody is left");
    assert_eq!(say(&mut node, dan, "SPUBLISH news 1"), ":0\r\n", "on the shard channel either");
}

#[test]
fn a_naive_table_of_subscriptions_agrees() {
    let (mut node, ids) = node(5);
    let publisher = ids[4];
    let mut rng = Rng::new(7);
    // Per channel its listeners in order of arrival.
    let mut model: Vec<Vec<usize>> = vec![Vec::new(); 6];
    for round in 0..2000 {
        let (who, channel) = (rng.below(4) as usize, rng.below(6) as usize);
        match rng.below(4) {
            0 => {
                say(&mut node, ids[who], &format!("SUBSCRIBE c{channel}"));
                if !model[channel].contains(&who) {
                    model[channel].push(who);
                }
            }
            1 => {
                say(&mut node, ids[who], &format!("UNSUBSCRIBE c{channel}"));
                model[channel].retain(|&other| other != who);
            }
            2 if round % 50 == 0 => {
                say(&mut node, ids[who], "UNSUBSCRIBE");
                for listeners in &mut model {
                    listeners.retain(|&other| other != who);
                }
            }
            _ => {
                let count = say(&mut node, publisher, &format!("PUBLISH c{channel} {round}"));
                assert_eq!(count, format!(":{}\r\n", model[channel].len()), "round {round}");
                for (who, &id) in ids.iter().enumerate() {
                    let got = !taken(&mut node, id).is_empty();
                    assert_eq!(got, model[channel].contains(&who), "client {who} in {round}");
                }
            }
        }
        let active = model.iter().filter(|listeners| !listeners.is_empty()).count();
        let shown = say(&mut node, publisher, "PUBSUB CHANNELS");
        assert!(shown.starts_with(&format!("*{active}\r\n")), "round {round}: {shown}");
    }
}
