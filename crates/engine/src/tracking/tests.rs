//! Who is told what.

use super::*;

const ANN: ClientId = ClientId(1);
const BOB: ClientId = ClientId(2);

fn told(tracking: &mut Tracking) -> Vec<(ClientId, Vec<Bytes>)> {
    let keys = |notice| match notice {
        Notice::Keys(keys) => keys,
        Notice::All => Vec::new(),
    };
    tracking.take_notices().into_iter().map(|(client, notice)| (client, keys(notice))).collect()
}

fn names(names: &[&str]) -> Vec<Bytes> {
    names.iter().map(|&name| Bytes::from(name)).collect()
}

#[test]
fn readers_are_told_once() {
    let mut tracking = Tracking::default();
    tracking.start(ANN, Tracker::default());
    tracking.remember(ANN, [&b"a"[..], b"b", b"a"].into_iter());
    tracking.remember(BOB, [&b"a"[..]].into_iter());
    assert_eq!(
        (tracking.key_count(), tracking.item_count()),
        (2, 2),
        "who does not track is not remembered"
    );
    tracking.changed(b"a");
    tracking.changed(b"a");
    assert_eq!(told(&mut tracking), [(ANN, names(&["a"]))], "the first time");
    tracking.stop(ANN);
    tracking.changed(b"b");
    assert_eq!(told(&mut tracking), [], "not after the end");
    assert!(tracking.is_empty(), "and nothing is left");
}

#[test]
fn broadcasts_are_collected_by_prefix() {
    let mut tracking = Tracking::default();
    let wants = |prefixes: &[&str], skips_own| Tracker {
        mode: Mode::Broadcast,
        skips_own,
        prefixes: names(prefixes).into_iter().collect(),
        ..Tracker::default()
    };
    tracking.start(ANN, wants(&["a", "b"], true));
    tracking.start(BOB, wants(&[""], false));
    tracking.begin(ANN, 0, &mut Rng::new(1));
    tracking.changed(b"a2");
    tracking.changed(b"c");
    tracking.begin(BOB, 0, &mut Rng::new(1));
    tracking.changed(b"a1");
    assert_eq!(told(&mut tracking), [], "not yet");
    tracking.broadcast();
    let all = names(&["a1", "a2", "c"]);
    assert_eq!(
        told(&mut tracking),
        [(BOB, all), (ANN, names(&["a1"]))],
        "in order, own changes left out"
    );
    tracking.broadcast();
    assert_eq!(told(&mut tracking), [], "once");
    tracking.stop(BOB);
    assert_eq!(tracking.prefix_count(), 2, "those of the other");
}

#[test]
fn keys_beyond_the_limit_are_forgotten_and_told() {
    let mut tracking = Tracking::default();
    tracking.start(ANN, Tracker::default());
    let keys: Vec<String> = (0..500).map(|key| key.to_string()).collect();
    tracking.remember(ANN, keys.iter().map(String::as_bytes));
    let mut rng = Rng::new(1);
    for left in [400, 300, 250, 250] {
        tracking.begin(BOB, 250, &mut rng);
        assert_eq!(tracking.key_count(), left, "a hundred at a time, down to the limit");
    }
    assert_eq!(told(&mut tracking).len(), 250, "each is told");
}
