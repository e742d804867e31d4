//! The same seed and script give the same bytes and the same data on every target.
//!
//! This file runs natively and in a browser against one recorded answer; `BLESS=1 cargo test -p redarium-wasm` records
//! it anew, natively, and the browser must agree.

use redarium_lab::{Lab, Options};
use redarium_resp::words::{Words, split};
use redarium_structures::hash_table::hash_bytes;
use redarium_structures::rng::Rng;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

const RECORDED: &str = include_str!("snapshots/determinism.txt");

/// Commands of every type, chance, doubles, sines, hash order and time included.
fn script(rng: &mut Rng) -> Vec<String> {
    let mut lines = Vec::new();
    for n in 0..4000 {
        let (a, b, c) = (rng.below(30), rng.below(600), rng.below(10_000));
        lines.push(match rng.below(30) {
            0 => format!("SET s{a} {c}"),
            1 => format!("INCRBYFLOAT f{a} {}.{b}", c % 10),
            2 => format!("APPEND t{a} {c}"),
            3 => format!("RPUSH l{a} {b} {c} {n}"),
            4 => format!("LPOP l{a} 2"),
            5 => format!("SADD set{a} {b} m{c}"),
            6 => format!("SPOP set{a}"),
            7 => format!("SRANDMEMBER set{a} 3"),
            8 => format!("SMEMBERS set{a}"),
            9 => format!("HSET h{a} field{b} {c}"),
            10 => format!("HGETALL h{a}"),
            11 => format!("HRANDFIELD h{a} -2"),
            12 | 13 => format!("ZADD z{} {c}.5 m{b}", a % 3),
            14 => format!("ZINCRBY z{} 0.1 m{b}", a % 3),
            15 => format!("ZRANGE z{} 0 20 WITHSCORES", a % 3),
            16 => format!("ZRANDMEMBER z{} 2", a % 3),
            17 => format!("PEXPIRE s{a} {b}"),
            18 => format!(":advance {}", b / 4),
            19 => "RANDOMKEY".to_owned(),
            20 => format!("SCAN {} COUNT 5", c % 64),
            21 => format!("SUNION set{a} set{}", b % 30),
            22 => format!("LINSERT l{a} BEFORE {b} x"),
            23 => format!("GEOADD g{} {}.{b} {}.{c} p{a}", a % 3, c % 180, b % 85),
            24 => {
                format!("GEOSEARCHSTORE near g{} FROMMEMBER p{a} BYRADIUS {c} km STOREDIST", a % 3)
            }
            25 => "ZRANGE near 0 -1 WITHSCORES".to_owned(),
            26 => format!("PFADD hll{} {b} {c}", a % 3),
            27 => format!("PFCOUNT hll{} hll0", a % 3),
            28 => format!("XADD x{} * f{b} {c}", a % 3),
            _ => "KEYS *".to_owned(),
        });
    }
    lines
}

fn play() -> String {
    let mut lab = Lab::new(Options { seed: 42, ..Options::default() });
    let mut replies = 0;
    for line in script(&mut Rng::new(9)) {
        if let Some(ms) = line.strip_prefix(":advance ") {
            lab.advance(ms.parse().expect("the script's own number")).expect("a short log");
            continue;
        }
        let words: Words = split(line.as_bytes()).expect("the script's own words");
        replies = hash_bytes(replies, &lab.run("me", &words));
    }
    format!("replies {replies:016x}\ndata {:016x}\n", lab.digest())
}

#[test]
fn the_same_seed_and_script_give_the_same_bytes_and_data() {
    let played = play();
    #[cfg(not(target_arch = "wasm32"))]
    if std::env::var_os("BLESS").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/snapshots/determinism.txt");
        std::fs::write(path, &played).expect("the snapshot can be written");
        return;
    }
    assert_eq!(
        played, RECORDED,
        "if behaviour was meant to change, bless it natively and run the browser tests again"
    );
}
