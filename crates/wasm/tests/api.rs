//! The JavaScript interface in a real browser.

#![cfg(target_arch = "wasm32")]
#![expect(
    clippy::missing_assert_message,
    clippy::unwrap_used,
    reason = "clippy does not take these functions for tests"
)]

use redarium_wasm::Redarium;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

fn node() -> Redarium {
    Redarium::new(JsValue::UNDEFINED.unchecked_ref()).ok().unwrap()
}

fn run(node: &mut Redarium, line: &str) -> String {
    node.run(line, None).ok().unwrap()
}

fn command(node: &mut Redarium, words: &[JsValue]) -> JsValue {
    let words: js_sys::Array = words.iter().collect();
    node.command(words.unchecked_ref(), None).ok().unwrap().into()
}

/// What `JSON.stringify` makes of a value.
fn json(value: &JsValue) -> String {
    js_sys::JSON::stringify(value).unwrap().into()
}

#[wasm_bindgen_test]
fn the_version_is_the_one_of_the_workspace() {
    assert_eq!(redarium_wasm::version(), env!("CARGO_PKG_VERSION"));
}

#[wasm_bindgen_test]
fn lines_are_answered_as_redis_cli_would() {
    let mut node = node();
    assert_eq!(run(&mut node, "SET greeting \"hello there\""), "OK");
    assert_eq!(run(&mut node, "GET greeting"), "\"hello there\"");
    assert_eq!(run(&mut node, "ZADD game 4200 ana 3900 bo"), "(integer) 2");
    assert_eq!(run(&mut node, "ZRANGE game 0 -1"), "1) \"bo\"\n2) \"ana\"");
    assert_eq!(run(&mut node, ""), "");
    assert!(node.run("GET \"open", None).is_err());
}

#[wasm_bindgen_test]
fn commands_are_answered_with_values() {
    let mut node = node();
    assert_eq!(command(&mut node, &["SET".into(), "n".into(), 41.into()]), JsValue::from("OK"));
    assert_eq!(command(&mut node, &["INCR".into(), "n".into()]), JsValue::from(42));
    assert_eq!(command(&mut node, &["GET".into(), "none".into()]), JsValue::NULL);
    let large = command(&mut node, &["INCRBY".into(), "big".into(), "9007199254740993".into()]);
    assert!(large.is_bigint());
    let bytes = js_sys::Uint8Array::from([0xff_u8, 0].as_slice());
    command(&mut node, &["SET".into(), "raw".into(), bytes.into()]);
    let raw = command(&mut node, &["GET".into(), "raw".into()]);
    assert_eq!(raw.dyn_ref::<js_sys::Uint8Array>().unwrap().to_vec(), [0xff, 0]);
    command(&mut node, &["HSET".into(), "h".into(), "f".into(), "a".into()]);
    let list = command(&mut node, &["HMGET".into(), "h".into(), "f".into(), "none".into()]);
    assert_eq!(json(&list), r#"["a",null]"#);
    let wrong: js_sys::Array = [JsValue::from("GET")].iter().collect();
    assert!(node.command(wrong.unchecked_ref(), None).is_err());
    assert!(node.command(JsValue::from("GET").unchecked_ref(), None).is_err());
}

#[wasm_bindgen_test]
fn bytes_go_in_and_come_out_in_wire_order() {
    let mut node = node();
    assert_eq!(node.feed(b"SET a 1\r\nINCR a\r\nGET", None), b"+OK\r\n:2\r\n");
    assert_eq!(node.feed(b" a\r\n", None), b"$1\r\n2\r\n");
    assert_eq!(node.feed(b"SELECT 1\r\n", Some("bo".to_owned())), b"+OK\r\n");
    assert_eq!(node.feed(b"EXISTS a\r\n", Some("bo".to_owned())), b":0\r\n");
}

#[wasm_bindgen_test]
fn the_clock_and_the_past_are_the_callers() {
    let mut node = node();
    run(&mut node, "SET a 1 PX 100");
    assert!(node.advance(101.0).is_ok());
    assert_eq!(run(&mut node, "GET a"), "(nil)");
    assert!(node.undo());
    assert!(node.undo());
    assert_eq!(run(&mut node, "GET a"), "\"1\"");
    assert!(node.advance(-1.0).is_err());
}

#[wasm_bindgen_test]
fn memory_can_be_looked_at() {
    let mut node = node();
    run(&mut node, "CONFIG SET zset-max-listpack-entries 0");
    run(&mut node, "ZADD game 4200 ana 3900 bo");
    let view = node
        .inspect("skiplist", Some("game".to_owned()), JsValue::UNDEFINED.unchecked_ref())
        .ok()
        .unwrap();
    let text = json(&view);
    assert!(text.contains(r#""encoding":"skiplist""#), "{text}");
    assert!(text.contains(r#""member":"bo","score":3900"#), "{text}");
    assert!(node.inspect("keyspace", None, JsValue::UNDEFINED.unchecked_ref()).is_ok());
    assert_eq!(
        node.inspect("skiplist", Some("none".to_owned()), JsValue::UNDEFINED.unchecked_ref())
            .ok()
            .unwrap(),
        JsValue::NULL
    );
    assert!(node.inspect("dreams", None, JsValue::UNDEFINED.unchecked_ref()).is_err());
}

#[wasm_bindgen_test]
fn every_view_and_every_step_becomes_an_object() {
    let mut node = node();
    node.record_steps(10_000);
    for line in [
        "SET n 9223372036854775807",
        "SET e 1 PX 4000000000000000000",
        "SADD ints 9007199254740993 -9007199254740993 3",
        "SADD ints 9007199254740993",
        "CONFIG SET set-max-listpack-entries 0",
        "SADD words a b c",
        "SINTER words ints",
        "HSETEX h EX 100 FIELDS 1 f v",
        "RPUSH l a b",
        "APPEND s abc",
        "APPEND s def",
        "PFADD hll a",
        "GEOADD g 13.361389 38.115556 Palermo",
        "GEOSEARCH g FROMLONLAT 15 37 BYRADIUS 500 km",
        "XADD x * f v",
        "XGROUP CREATE x all 0",
        "XREADGROUP GROUP all me STREAMS x >",
        "SSCAN words 0",
        "LINDEX l 1",
    ] {
        run(&mut node, line);
    }
    let taken = json(&node.take_steps().ok().unwrap());
    for part in ["Conversion", "\"9007199254740993\"", "HyperLogLog", "Geo", "SetOperation", "Keys"]
    {
        assert!(taken.contains(part), "{part}");
    }
    let view = |kind: &str, key: &str, window: &str| {
        let window = js_sys::JSON::parse(window).unwrap();
        let key = (!key.is_empty()).then(|| key.to_owned());
        json(&node.inspect(kind, key, window.unchecked_ref()).ok().unwrap())
    };
    for (kind, key) in [
        ("keyspace", ""),
        ("keytable", ""),
        ("expiry", ""),
        ("memory", ""),
        ("clients", ""),
        ("blocked", ""),
        ("pubsub", ""),
        ("key", "e"),
        ("string", "n"),
        ("bitmap", "s"),
        ("hyperloglog", "hll"),
        ("list", "l"),
        ("listpack", "l"),
        ("intset", "ints"),
        ("hash", "h"),
        ("hashtable", "words"),
        ("skiplist", "g"),
        ("geo", "g"),
        ("stream", "x"),
    ] {
        let seen = view(kind, key, "{}");
        assert!(seen.starts_with('{') && seen.len() > 2, "{kind}: {seen}");
    }
    assert!(view("string", "n", "{}").contains("\"9223372036854775807\""), "exact");
    assert_eq!(view("stream", "n", "{}"), "null", "another type");
    let one = view("keyspace", "", "{\"from\":2,\"count\":1}");
    assert_eq!(one.matches("\"name\"").count(), 1, "{one}");
    assert!(view("hashtable", "words", "{\"cursor\":1}").contains("\"is_scanned\":true"));
}
