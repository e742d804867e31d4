//! Bytes as a word of a command line: as they are where that can be read back, else quoted.

use redarium_resp::words::quote;

/// The word that stands for `bytes` in a command line.
pub fn word(bytes: &[u8]) -> String {
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && !"\"'\\".contains(c);
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.is_empty() && text.chars().all(plain) => text.to_owned(),
        Ok(text) if text.chars().all(|c| c == ' ' || plain(c)) => format!("\"{text}\""),
        _ => quote(bytes),
    }
}

/// The bytes that a word stands for.
pub fn bytes(word: &str) -> Vec<u8> {
    redarium_resp::split(word.as_bytes())
        .ok()
        .and_then(|words| words.get(0).map(<[u8]>::to_vec))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_back() {
        for (name, expected) in [
            (&b"user:1"[..], "user:1"),
            (b"two words", "\"two words\""),
            ("caf\u{e9}".as_bytes(), "caf\u{e9}"),
            (b"", "\"\""),
            (b"it's", "\"it's\""),
            (b"\x00\xff", "\"\\x00\\xff\""),
        ] {
            assert_eq!(word(name), expected, "shown");
            assert_eq!(bytes(expected), name, "and back");
        }
    }
}
