//! Numbers read, added and refused as redis-server did it: the `.golden` files hold its answers.

use redarium_resp::LongDouble;
use redarium_resp::number::{format_f64, parse_f64};

fn rows(file: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    file.lines().filter(|line| !line.starts_with('#')).map(|line| line.split(' ').collect())
}

#[test]
fn sums_are_those_of_incrbyfloat() {
    let mut checked = 0;
    for row in rows(include_str!("sums.golden")) {
        let [value, increment, expected] = row[..] else { panic!("three columns: {row:?}") };
        let parse = |text: &str| LongDouble::parse(text.as_bytes()).unwrap();
        let sum = parse(value).checked_add(parse(increment)).unwrap().to_text();
        assert_eq!(String::from_utf8_lossy(&sum), expected, "{value} + {increment}");
        let sum = parse(increment).checked_add(parse(value)).unwrap().to_text();
        assert_eq!(String::from_utf8_lossy(&sum), expected, "{increment} + {value}");
        checked += 1;
    }
    assert!(checked > 300, "the file was read: {checked}");
}

#[test]
fn texts_are_read_as_scores() {
    let mut checked = 0;
    for row in rows(include_str!("doubles.golden")) {
        let [text, expected] = row[..] else { panic!("two columns: {row:?}") };
        let bits = parse_f64(text.as_bytes()).map(|value| format!("{:016x}", value.to_bits()));
        assert_eq!(bits.as_deref().unwrap_or("-"), expected, "{text}");
        checked += 1;
    }
    assert!(checked > 200, "the file was read: {checked}");
    for text in ["", " 5", "5 ", "\t5", "5\n", "1\0"] {
        assert_eq!(parse_f64(text.as_bytes()), None, "{text:?}");
    }
}

#[test]
fn a_printed_double_reads_back_as_itself() {
    let mut bits = 0x9e37_79b9_7f4a_7c15_u64;
    for _ in 0..20_000 {
        bits = bits.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        let mixed = bits ^ bits >> 29;
        // All exponents, and those of everyday numbers.
        for value in
            [f64::from_bits(mixed), (mixed >> 12) as f64 / 1000.0, (mixed >> 40) as f64 / 128.0]
        {
            let text = format_f64(value);
            if value.is_nan() {
                assert_eq!(text, "nan", "{mixed:x}");
                continue;
            }
            let back = parse_f64(text.as_bytes()).map(f64::to_bits);
            assert_eq!(back, Some(value.to_bits()), "{text}");
        }
    }
}
