//! The bytes against a real server's, and the behaviour against a plain vector.

use super::*;
use crate::rng::Rng;
use crate::trace::NoTrace;

/// The pack inside `DUMP h` of a Redis 7.0.15 after `HSET h name ann age 41 neg -3000`
/// (`rdbcompression no`).
const SMALL_HASH: &[u8] =
    b"\x21\0\0\0\x06\0\x84name\x05\x83ann\x04\x83age\x04\x29\x01\x83neg\x04\xd4\x48\x02\xff";

/// The same server's bytes for a hash of every integer width at both edges, and strings that look
/// like numbers.
const EDGES: &str = "e00000001c0000017f01c08002dfff02cfff02d00002f1001003f1ffef03f1ff7f03f1008003f200800004f2\
ff7fff04f2ffff7f04f200008004f30000800005f3ffff7fff05f3ffffff7f05f30000008005f4000000800000000009f4ffffff7fffffffff09\
f4ffffffffffffff7f09f40000000000000080099339323233333732303336383534373735383038148330303704822d3003822b3103\
bf787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878\
787878787878408001ff";

fn pack_of(values: &[&[u8]]) -> ListPack {
    values.iter().map(|value| ListPackValue::from(*value)).collect()
}

fn from_hex(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

fn texts(pack: &ListPack) -> Vec<Vec<u8>> {
    pack.iter().map(ListPackValue::to_vec).collect()
}

#[test]
fn bytes_equal_a_real_servers() {
    let pack = pack_of(&[b"name", b"ann", b"age", b"41", b"neg", b"-3000"]);
    assert_eq!(pack.as_bytes(), SMALL_HASH, "a small hash");
    let long = [b'x'; 63];
    let edges: [&[u8]; 28] = [
        b"0",
        b"127",
        b"128",
        b"-1",
        b"4095",
        b"-4096",
        b"4096",
        b"-4097",
        b"32767",
        b"-32768",
        b"32768",
        b"-32769",
        b"8388607",
        b"-8388608",
        b"8388608",
        b"-8388609",
        b"2147483647",
        b"-2147483648",
        b"2147483648",
        b"-2147483649",
        b"9223372036854775807",
        b"-9223372036854775808",
        b"9223372036854775808",
        b"007",
        b"-0",
        b"+1",
        &long,
        b"",
    ];
    let pack = pack_of(&edges);
    assert_eq!(pack.as_bytes(), from_hex(EDGES), "every integer width at its edges");
    assert_eq!(texts(&pack), edges, "the texts come back unchanged");
    let lens: Vec<usize> = pack.iter().map(ListPackValue::text_len).collect();
    assert_eq!(lens, edges.map(<[u8]>::len), "lengths are known without writing the text");
    pack.check();
}

/// Head and tail of each entry as the same server wrote them (`c` and `d` repeated 4096, 16,378 and
/// 16,377 times).
#[test]
fn long_strings_and_wide_backlens_equal_a_real_servers() {
    let pack = pack_of(&[&[b'a'; 64], &[b'b'; 4095]]);
    assert_eq!(pack.as_bytes()[..8], *b"\x4d\x10\0\0\x02\0\xe0\x40", "12-bit length");
    assert_eq!(pack.as_bytes()[72..76], *b"\x42\xef\xffb", "a backlen of one byte");
    assert_eq!(pack.as_bytes()[4169..], *b"b\x20\x81\xff", "a backlen of two");
    let pack = pack_of(&[b"k", &[b'c'; 4096], b"l", &[b'd'; 16_378]]);
    assert_eq!(pack.total_bytes(), 20_502, "the same size as the server's");
    assert_eq!(
        pack.as_bytes()[..14],
        *b"\x16\x50\0\0\x04\0\x81k\x02\xf0\0\x10\0\0",
        "32-bit length"
    );
    assert_eq!(pack.as_bytes()[20_497..], *b"d\0\xff\xff\xff", "16,383 already takes three bytes");
    let pack = pack_of(&[b"k", &[b'c'; 16_377]]);
    assert_eq!(pack.as_bytes()[16_390..], *b"c\x7f\xfe\xff", "16,382 still takes two");
    pack.check();
}

#[test]
fn backlens_of_every_width_read_back() {
    for body in
        [1, 127, 128, 16_382, 16_383, 2_097_150, 2_097_151, 268_435_454, 268_435_455, 1 << 30]
    {
        let mut out = [0xEE; 6];
        let width = encoding::backlen_len(body);
        encoding::write_backlen(body, &mut out[1..=width]);
        assert_eq!(encoding::read_backlen(&out, width + 1), body, "backlen of {body}");
    }
}

#[test]
fn entries_show_how_the_bytes_lie() {
    let pack = pack_of(&[b"name", b"41", b"-3000", &[b'x'; 200]]);
    let seen: Vec<_> = pack
        .entries()
        .map(|entry| {
            (
                entry.offset,
                entry.encoding,
                entry.header_bytes,
                entry.data_bytes,
                entry.backlen_bytes,
            )
        })
        .collect();
    let expected = [
        (6, "6-bit str", 1, 4, 1),
        (12, "7-bit uint", 1, 0, 1),
        (14, "13-bit int", 2, 0, 1),
        (17, "12-bit str", 2, 200, 2),
    ];
    assert_eq!(seen, expected, "offset, encoding, header, data, backlen");
}

#[test]
fn integers_are_only_canonical_texts() {
    for text in ["0", "7", "-1", "9223372036854775807", "-9223372036854775808"] {
        let number: i64 = text.parse().unwrap();
        assert_eq!(parse_integer(text.as_bytes()), Some(number), "{text} is canonical");
        assert_eq!(IntText::default().write(number), text.as_bytes(), "{text} is written back");
    }
    for text in [
        "",
        "-",
        "00",
        "01",
        "-0",
        "-01",
        "+1",
        " 1",
        "1 ",
        "1.0",
        "9223372036854775808",
        "-9223372036854775809",
        "99999999999999999999",
        "12:4",
    ] {
        assert_eq!(parse_integer(text.as_bytes()), None, "{text:?} stays text");
    }
}

#[test]
fn damaged_bytes_are_refused() {
    let damaged = |at: usize, byte: u8| {
        let mut bytes = SMALL_HASH.to_vec();
        bytes[at] = byte;
        ListPack::from_bytes(bytes)
    };
    assert_eq!(
        ListPack::from_bytes(vec![7, 0, 0, 0, 0, 0]),
        Err(ListPackError::TooShort),
        "no end"
    );
    assert_eq!(damaged(0, 0x22), Err(ListPackError::WrongTotal), "total");
    assert_eq!(damaged(4, 5), Err(ListPackError::WrongCount), "count");
    assert_eq!(damaged(32, 0), Err(ListPackError::NoEnd), "end");
    assert_eq!(damaged(11, 6), Err(ListPackError::BadEntry(6)), "backlen");
    assert_eq!(damaged(12, 0xBF), Err(ListPackError::BadEntry(12)), "length past the end");
    assert_eq!(damaged(29, 0xF0), Err(ListPackError::BadEntry(29)), "head past the end");
    assert_eq!(damaged(6, 0xF7), Err(ListPackError::BadEntry(6)), "no such encoding");
    let mut uncounted = SMALL_HASH.to_vec();
    uncounted[4..6].copy_from_slice(&[0xFF, 0xFF]);
    let pack = ListPack::from_bytes(uncounted).unwrap();
    assert_eq!(pack.len(), 6, "an unsaid count is counted");
}

/// Whatever the bytes, reading what was accepted never fails.
#[test]
fn random_damage_never_breaks_a_reader() {
    let mut rng = Rng::new(3);
    let mut accepted = 0;
    for _ in 0..50_000 {
        let mut bytes = from_hex(EDGES);
        for _ in 0..=rng.below(2) {
            let at = HEADER + rng.below((bytes.len() - HEADER) as u64) as usize;
            bytes[at] = rng.next_u64() as u8;
        }
        if let Ok(pack) = ListPack::from_bytes(bytes) {
            pack.check();
            accepted += 1;
        }
    }
    assert!(accepted > 1000, "some damage is harmless: {accepted}");
}

#[test]
fn find_skips_values_and_compares_numbers_as_numbers() {
    let pack = pack_of(&[b"a", b"b", b"b", b"12", b"12", b"c"]);
    let find = |value: &[u8], skip| {
        let pos = pack.find(value, skip, &mut NoTrace)?;
        Some(pack.iter_until(pos).count())
    };
    assert_eq!(find(b"b", 0), Some(1), "every entry");
    assert_eq!(find(b"b", 1), Some(2), "only the fields");
    assert_eq!(find(b"12", 1), Some(4), "a number");
    assert_eq!(find(b"012", 0), None, "text that is not the number's");
    // A dump may hold a number as text.
    let odd: ListPack = [ListPackValue::Str(b"12")].into_iter().collect();
    assert!(odd.find(b"12", 0, &mut NoTrace).is_some(), "text that looks like a number");
}

#[test]
fn steps_name_what_was_visited_and_moved() {
    let mut pack = pack_of(&[b"a", b"b", b"c"]);
    let mut steps = Vec::new();
    pack.find(b"b", 0, &mut steps);
    pack.seek(-1, &mut steps);
    pack.remove(9, &mut steps);
    pack.replace(6, b"zz", &mut steps);
    pack.push_front(b"1", &mut steps);
    steps.retain(|step| !matches!(step, ListPackStep::Grow { .. }));
    let expected = [
        ListPackStep::Visit { offset: 6, index: 0 },
        ListPackStep::Visit { offset: 9, index: 1 },
        ListPackStep::Visit { offset: 12, index: 2 },
        ListPackStep::Remove { offset: 9, bytes: 3, moved: 4 },
        ListPackStep::Replace { offset: 6, from: 3, to: 4, moved: 4 },
        ListPackStep::Insert { offset: 6, bytes: 2, moved: 8 },
    ];
    assert_eq!(steps, expected, "facts of each operation");
}

#[test]
fn counts_beyond_sixteen_bits() {
    let mut pack = ListPack::new();
    for number in 0..70_000 {
        pack.push_back(number % 100, &mut NoTrace);
    }
    assert_eq!(pack.as_bytes()[4..6], [0xFF, 0xFF], "too many to say");
    assert_eq!(pack.len(), 70_000, "counted");
    let pos = pack.seek(10, &mut NoTrace).unwrap();
    pack.remove_range(pos, 10_000, &mut NoTrace);
    assert_eq!(pack.as_bytes()[4..6], 60_000u16.to_le_bytes(), "countable again");
    pack.check();
}

fn random_value(rng: &mut Rng) -> Vec<u8> {
    match rng.below(12) {
        0..4 => rng.below(300).to_string().into_bytes(),
        4 => (rng.next_u64() as i64 >> rng.below(63)).to_string().into_bytes(),
        5 => vec![b'y'; rng.below(5000) as usize],
        6 => vec![b'z'; 60 + rng.below(80) as usize],
        _ => vec![b'a' + rng.below(3) as u8; rng.below(20) as usize],
    }
}

#[test]
fn behaves_as_a_vector() {
    for seed in 0..8 {
        let mut rng = Rng::new(seed);
        let mut pack = ListPack::new();
        let mut model: Vec<Vec<u8>> = Vec::new();
        for _ in 0..1500 {
            let value = random_value(&mut rng);
            let index = rng.below(model.len() as u64 + 1) as usize;
            let pos = pack.seek(index as i64, &mut NoTrace);
            assert_eq!(pos.is_some(), index < model.len(), "an index inside has a position");
            let copy = (rng.below(16) == 0).then(|| (pack.clone(), model.clone()));
            match (rng.below(10), pos) {
                (0..2, _) => {
                    pack.push_front(&value, &mut NoTrace);
                    model.insert(0, value);
                }
                (2, Some(pos)) => {
                    pack.insert_before(pos, &value, &mut NoTrace);
                    model.insert(index, value);
                }
                (3, Some(pos)) => {
                    pack.insert_after(pos, &value, &mut NoTrace);
                    model.insert(index + 1, value);
                }
                (4, Some(pos)) => {
                    pack.replace(pos, &value, &mut NoTrace);
                    model[index] = value;
                }
                (5..7, Some(pos)) => {
                    let behind = pack.remove(pos, &mut NoTrace);
                    model.remove(index);
                    let following = behind.map(|pos| pack.get(pos).to_vec());
                    assert_eq!(
                        following.as_ref(),
                        model.get(index),
                        "the entry behind the removed one"
                    );
                }
                (7, Some(pos)) => {
                    let count = rng.below(6) as usize;
                    pack.remove_range(pos, count, &mut NoTrace);
                    model.drain(index..model.len().min(index + count));
                }
                (8, Some(pos)) => {
                    let tail = pack.split_off(pos, &mut NoTrace);
                    tail.check();
                    pack.check();
                    assert_eq!(pack.len(), index, "entries before the split stay");
                    pack.append_pack(&tail, &mut NoTrace);
                }
                _ => {
                    let values = [value.clone(), b"5".to_vec()];
                    pack.append(values.iter().map(ListPackValue::from), &mut NoTrace);
                    model.extend(values);
                }
            }
            pack.check();
            assert_eq!(pack.len(), model.len(), "as many entries");
            assert_eq!(texts(&pack), model, "the same values, seed {seed}");
            assert!(pack.heap_bytes() <= pack.total_bytes() * 2 + 64, "memory is given back");
            if let Some((copy, before)) = copy {
                assert_eq!(texts(&copy), before, "a clone is unaffected");
            }
        }
        let back: Vec<Vec<u8>> = pack.iter().rev().map(ListPackValue::to_vec).collect();
        assert_eq!(back, model.iter().rev().cloned().collect::<Vec<_>>(), "backwards");
        let again = ListPack::from_bytes(pack.as_bytes().to_vec()).unwrap();
        assert_eq!(again, pack, "a round trip of the bytes");
        for (index, value) in model.iter().enumerate() {
            let first = model.iter().position(|other| other == value).unwrap();
            let found = pack.find(value, 0, &mut NoTrace);
            assert_eq!(found, pack.seek(first as i64, &mut NoTrace), "the first equal entry");
            let negative = index as i64 - model.len() as i64;
            let pos = pack.seek(negative, &mut NoTrace).unwrap();
            assert!(pack.get(pos).eq_bytes(value), "an index from the tail");
        }
    }
}
