//! Values of every kind and encoding, there and back, and payloads of a real server.

use redarium_structures::rng::Rng;

use super::{Loader, Malformed, Saver, Saving, VERSION, VERSION_OLDEST, seal, unseal};
use crate::config::Config;
use crate::types::hash::FieldEntry;
use crate::types::stream::StreamId;
use crate::value::Value;
use crate::{Engine, Options};

fn saving(version: u16) -> Saving {
    Saving { version, compression: true }
}

fn load(bytes: &[u8]) -> Result<Value, Malformed> {
    load_with(&Config::default(), bytes)
}

fn load_with(config: &Config, bytes: &[u8]) -> Result<Value, Malformed> {
    Loader::new(config, 5, &mut Rng::new(1)).load(bytes)
}

/// What one key of a node holds after some commands.
fn value_after(commands: &str) -> Value {
    let mut node = Engine::new(Options { seed: 3, ..Options::default() });
    let client = node.connect("test");
    node.feed(client, commands.replace(';', "\r\n").as_bytes());
    let output = node.take_output(client);
    assert!(!output.starts_with(b"-"), "{}", output.escape_ascii());
    let (_, entry) = node.databases().first().unwrap().table().iter().next().unwrap();
    entry.value.clone()
}

fn many(command: &str, count: usize, word: impl Fn(usize) -> String) -> String {
    let commands: Vec<_> = (0..count).map(|n| format!("{command} {};", word(n))).collect();
    commands.concat()
}

/// Commands that make one key, and its encoding.
fn samples() -> Vec<(String, &'static str)> {
    let long = "x".repeat(100);
    let large = "y".repeat(9000);
    vec![
        ("SET k 12;".into(), "int"),
        ("SET k -9223372036854775808;".into(), "int"),
        ("SET k word;".into(), "embstr"),
        (format!("SET k {long};"), "raw"),
        ("APPEND k ab;APPEND k c;".into(), "raw"),
        ("RPUSH k a 1 -70000 b;".into(), "listpack"),
        (many("RPUSH k", 5000, |n| format!("element:{n}")), "quicklist"),
        (format!("RPUSH k a {large} 5 {large};"), "quicklist"),
        ("SADD k 1 2 -3 70000;".into(), "intset"),
        (many("SADD k", 600, |n| n.to_string()), "hashtable"),
        ("SADD k a b 3;".into(), "listpack"),
        (many("SADD k", 300, |n| format!("m{n}")), "hashtable"),
        (format!("SADD k {long};"), "hashtable"),
        ("ZADD k 1 a 1.5 b -inf c 3e30 d inf e;".into(), "listpack"),
        (many("ZADD k", 300, |n| format!("{}.25 m{n}", n % 50)), "skiplist"),
        ("HSET k a 1 b two 3 4;".into(), "listpack"),
        (many("HSET k", 600, |n| format!("f{n} {n}")), "hashtable"),
        (format!("HSET k f {long};"), "hashtable"),
        ("XADD k 1-1 f v;".into(), "stream"),
        ("XGROUP CREATE k g 5-0 MKSTREAM;".into(), "stream"),
        (
            format!(
                "{}XDEL k 7-1 150-1;XGROUP CREATE k g 0;XGROUP CREATE k h $;\
                 XREADGROUP GROUP g ann COUNT 5 STREAMS k >;XREADGROUP GROUP g bob COUNT 3 STREAMS k >;\
                 XGROUP CREATECONSUMER k g cy;XACK k g 2-1;",
                many("XADD k", 260, |n| format!("{}-1 f {n} g{} x", n + 1, n % 3)),
            ),
            "stream",
        ),
    ]
}

/// Everything in a value, in an order that does not depend on chance.
fn contents(value: &Value) -> Vec<(Vec<u8>, Vec<u8>)> {
    match value {
        Value::Int(_) | Value::Str(_) | Value::Raw(_) => {
            vec![(value.string().unwrap().into_owned(), Vec::new())]
        }
        Value::List(list) => list.iter().map(|value| (value.to_vec(), Vec::new())).collect(),
        Value::Set(set) => {
            let mut all: Vec<_> = set.iter().map(|member| (member.to_vec(), Vec::new())).collect();
            all.sort();
            all
        }
        Value::ZSet(set) => set
            .walk(false)
            .map(|(member, score)| (member.to_vec(), score.to_be_bytes().to_vec()))
            .collect(),
        Value::Hash(hash) => {
            let mut all: Vec<_> =
                hash.iter().map(|field| (field.name.to_vec(), field.value.to_vec())).collect();
            let ends = |field: FieldEntry<'_>| {
                (field.name.to_vec(), field.deadline?.to_string().into_bytes()).into()
            };
            all.extend(hash.iter().filter_map(ends));
            all.sort();
            all
        }
        Value::Stream(stream) => {
            let entries = stream.log.entries(StreamId::MIN, StreamId::MAX, false).map(|entry| {
                let words =
                    entry.fields.flat_map(|(field, value)| [field.to_vec(), value.to_vec()]);
                (entry.id.key().to_vec(), words.collect::<Vec<_>>().join(&b' '))
            });
            let groups = stream.groups().map(|(name, group)| {
                let pendings: Vec<_> = group.pendings(StreamId::MIN).collect();
                let names: Vec<_> = group.consumers().map(|consumer| &consumer.name).collect();
                let progress = (group.last_id, group.entries_read);
                (name.to_vec(), format!("{progress:?} {names:?} {pendings:?}").into_bytes())
            });
            entries.chain(groups).collect()
        }
    }
}

#[test]
fn every_kind_and_encoding_comes_back() {
    for version in [VERSION_OLDEST, VERSION] {
        for (commands, encoding) in samples() {
            let value = value_after(&commands);
            assert_eq!(value.encoding(0), encoding, "{commands:.40}");
            let bytes = Saver::new(saving(version)).save(&value);
            let back = load(&bytes).unwrap();
            assert_eq!(contents(&back), contents(&value), "{commands:.40}");
            assert_eq!(back.type_of(), value.type_of(), "{commands:.40}");
            // What has been edited in place comes back as if it had been set.
            let expected = if commands.starts_with("APPEND") { "embstr" } else { encoding };
            assert_eq!(back.encoding(0), expected, "{commands:.40} in version {version}");
            let again = Saver::new(saving(version)).save(&back);
            assert_eq!(again.len(), bytes.len(), "{commands:.40}: as long again");
        }
    }
}

/// As [`samples`], with fields that end.
fn timed_samples() -> Vec<(String, &'static str)> {
    let end = |n: usize| format!("EXAT {} FIELDS 1 f{n} {n}", 4_000_000 + n % 700);
    vec![
        ("HSET k a 1 b two 3 4;HPEXPIREAT k 4000000001 FIELDS 1 b;".into(), "listpackex"),
        ("HSETEX k EX 9 FIELDS 2 a 1 b 2;HEXPIRE k 5 FIELDS 1 b;".into(), "listpackex"),
        ("HSETEX k EX 9 FIELDS 1 a 1;HPERSIST k FIELDS 1 a;".into(), "listpackex"),
        (many("HSETEX k", 600, end) + "HSET k f1 1 f599 2;", "hashtable"),
    ]
}

#[test]
fn deadlines_of_fields_come_back() {
    for (commands, encoding) in timed_samples() {
        let value = value_after(&commands);
        assert_eq!(value.encoding(0), encoding, "{commands:.40}");
        let back = load(&Saver::new(saving(VERSION)).save(&value)).unwrap();
        assert_eq!(contents(&back), contents(&value), "{commands:.40}");
        assert_eq!(back.encoding(0), encoding, "{commands:.40}");
        assert_eq!(back.earliest_end(), value.earliest_end(), "{commands:.40}");
        let small = Config { hash_max_listpack_entries: 1, ..Config::default() };
        let table = load_with(&small, &Saver::new(saving(VERSION)).save(&value)).unwrap();
        assert_eq!(contents(&table), contents(&value), "{commands:.40} with smaller limits");
        let older = load(&Saver::new(saving(VERSION_OLDEST)).save(&value)).unwrap();
        assert_eq!((older.len(), older.earliest_end()), (value.len(), i64::MAX), "{commands:.40}");
    }
}

#[test]
fn fields_that_end_are_written_as_redis_does() {
    for (commands, bytes) in [
        (
            "HSETEX k PXAT 300 FIELDS 1 a 1;",
            &b"\x19\x2c\x01\0\0\0\0\0\0\x0f\x0f\0\0\0\x03\0\x81a\x02\x01\x01\xc1\x2c\x02\xff"[..],
        ),
        (
            "CONFIG SET hash-max-listpack-entries 0;HSETEX k PXAT 300 FIELDS 1 a 1;",
            b"\x18\x2c\x01\0\0\0\0\0\0\x01\x01\x01a\xc0\x01",
        ),
    ] {
        let saved = Saver::new(saving(VERSION)).save(&value_after(commands));
        assert_eq!(
            saved.escape_ascii().to_string(),
            bytes.escape_ascii().to_string(),
            "{commands}"
        );
    }
}

#[test]
fn cut_off_values_are_refused() {
    for (commands, _) in samples().into_iter().chain(timed_samples()) {
        let bytes = Saver::new(saving(VERSION)).save(&value_after(&commands));
        let step = (bytes.len() / 200).max(1);
        for cut in (0..bytes.len()).step_by(step) {
            let part = bytes.get(..cut).unwrap();
            assert_eq!(load(part).err(), Some(Malformed), "{commands:.40} after {cut} bytes");
        }
        let longer = [&bytes[..], b"x"].concat();
        assert_eq!(load(&longer).err(), Some(Malformed), "{commands:.40} with a byte more");
    }
}

#[test]
fn limits_decide_the_encoding_of_what_is_loaded() {
    let config = Config {
        set_max_intset_entries: 2,
        set_max_listpack_entries: 2,
        zset_max_listpack_entries: 2,
        hash_max_listpack_entries: 2,
        list_max_listpack_size: 2,
        ..Config::default()
    };
    for (commands, encoding) in [
        ("SADD k 1 2 3;", "hashtable"),
        ("SADD k a b c;", "hashtable"),
        ("ZADD k 1 a 2 b 3 c;", "skiplist"),
        ("HSET k a 1 b 2 c 3;", "hashtable"),
        ("RPUSH k 1 2 3;", "quicklist"),
    ] {
        let value = value_after(commands);
        let back = load_with(&config, &Saver::new(saving(VERSION)).save(&value)).unwrap();
        assert_eq!(back.encoding(0), encoding, "{commands}");
        assert_eq!(contents(&back), contents(&value), "{commands}");
        // And back again: members one by one become small.
        let small = load(&Saver::new(saving(VERSION)).save(&back)).unwrap();
        assert_eq!(small.encoding(0), value.encoding(0), "{commands} with the usual limits");
        assert_eq!(contents(&small), contents(&value), "{commands}");
    }
}

#[test]
fn what_no_server_writes_is_refused() {
    for (what, bytes) in [
        ("nothing at all", &b""[..]),
        ("no such kind", b"\x09\x00"),
        ("no element", b"\x01\x00"),
        ("no node", b"\x12\x00"),
        ("an empty node", b"\x12\x01\x02\x07\x07\0\0\0\0\0\xff"),
        ("no such node", b"\x12\x01\x03\x01a"),
        ("an empty set", b"\x0b\x08\x02\0\0\0\0\0\0\0"),
        ("a member twice", b"\x02\x02\x01a\x01a"),
        ("a number twice", b"\x02\x02\xc0\x05\x015"),
        ("a member of a listpack twice", b"\x14\x0d\x0d\0\0\0\x02\0\x81a\x02\x81a\x02\xff"),
        ("a field without a value", b"\x10\x0a\x0a\0\0\0\x01\0\x81a\x02\xff"),
        ("a field twice", b"\x04\x02\x01a\x01b\x01a\x01c"),
        ("a score that is no number", b"\x05\x01\x01a\0\0\0\0\0\0\xf8\x7f"),
        ("a score of words", b"\x11\x0d\x0d\0\0\0\x02\0\x81a\x02\x81b\x02\xff"),
        ("a member with two scores", b"\x05\x02\x01a\0\0\0\0\0\0\0\0\x01a\0\0\0\0\0\0\xf0\x3f"),
        ("members out of order", b"\x11\x11\x11\0\0\0\x04\0\x81a\x02\x02\x01\x81b\x02\x01\x01\xff"),
        ("a group twice", b"\x0f\0\0\0\0\x02\x01g\0\0\0\0\x01g\0\0\0\0"),
        ("more entries than there are", b"\x0f\0\x01\0\0\0"),
        ("a deadline that is no time", b"\x18\0\0\0\0\0\0\0\0\x01\x01\x01a\x01b"),
        ("the end of time", b"\x18\xff\xff\xff\xff\xff\xff\xff\x7f\x01\x02\x01a\x01b"),
        (
            "a deadline of words",
            b"\x19\x01\0\0\0\0\0\0\0\x10\x10\0\0\0\x03\0\x81a\x02\x81b\x02\x81c\x02\xff",
        ),
        (
            "deadlines out of order",
            b"\x19\x01\0\0\0\0\0\0\0\x15\x15\0\0\0\x06\0\x81a\x02\x05\x01\x02\x01\x81b\x02\x05\x01\x01\x01\xff",
        ),
        ("a field that is no triple", b"\x19\0\0\0\0\0\0\0\0\x0c\x0c\0\0\0\x02\0\x81a\x02\x05\x01\xff"),
        ("a trillion members", b"\x02\x81\0\0\x01\0\0\0\0\0\x01a"),
    ] {
        assert_eq!(load(bytes).err(), Some(Malformed), "{what}");
    }
}

#[test]
fn older_forms_are_read() {
    for (bytes, commands) in [
        (&b"\x01\x03\x01a\xc0\x05\x01b"[..], "RPUSH k a 5 b;"),
        (b"\x03\x03\x01a\x031.5\x01b\xfe\x01c\xff", "ZADD k 1.5 a inf b -inf c;"),
    ] {
        assert_eq!(contents(&load(bytes).unwrap()), contents(&value_after(commands)), "{commands}");
    }
}

#[test]
fn seals_are_checked() {
    let mut payload = Saver::new(saving(VERSION)).save(&Value::Int(42));
    seal(&mut payload, VERSION);
    assert_eq!(unseal(&payload, true), Some(&b"\x00\xc0*"[..]), "as it was sealed");
    for at in 0..payload.len() {
        let mut damaged = payload.clone();
        damaged[at] ^= 0x40;
        assert_eq!(unseal(&damaged, true), None, "byte {at} is another");
        assert_eq!(unseal(&payload[..at], true), None, "only {at} bytes");
    }
    let mut future = b"\x00\xc0*".to_vec();
    seal(&mut future, VERSION + 1);
    assert_eq!(unseal(&future, true), None, "of a version that is not known");
    // What `DUMP a` gives after `SET a 42` on a Redis 7.0.15.
    let theirs = b"\x00\xc0*\n\x00\x81\xfb\\\xfa\x86cOP";
    assert_eq!(unseal(theirs, true), Some(&b"\x00\xc0*"[..]), "a real server's");
    let mut ours = Saver::new(saving(10)).save(&Value::Int(42));
    seal(&mut ours, 10);
    assert_eq!(ours, theirs, "the same, byte for byte");
}

#[test]
fn a_bomb_does_not_go_off() {
    // A listpack of one element whose 60 kilobytes would unfold into 5 megabytes, with less allowed.
    let config = Config { proto_max_bulk_len: 1 << 20, ..Config::default() };
    let mut stream = b"\x00a".to_vec();
    for _ in 0..20_000 {
        stream.extend_from_slice(b"\xe0\xff\x00");
    }
    let len = 1 + 20_000 * 264_u32;
    let mut bytes = b"\x00\xc3\x80".to_vec();
    bytes.extend_from_slice(&(stream.len() as u32).to_be_bytes());
    bytes.push(0x80);
    bytes.extend_from_slice(&len.to_be_bytes());
    bytes.extend_from_slice(&stream);
    assert_eq!(load_with(&config, &bytes).err(), Some(Malformed), "too much");
    assert_eq!(load(&bytes).map(|value| value.len()), Ok(len as usize), "not too much");
}
