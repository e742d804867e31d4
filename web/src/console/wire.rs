//! Bytes as they go over the wire, for reading.

use redarium_resp::quote;

use crate::format::grouped;

/// Bytes of one message that are shown; the rest can be copied.
const SHOWN_MAX: usize = 64 * 1024;

/// Bytes with everything unprintable escaped, and a new line after each end of a line.
pub fn escaped(bytes: &[u8]) -> String {
    let shown = bytes.get(..SHOWN_MAX).unwrap_or(bytes);
    let quoted = quote(shown);
    let inner = quoted.get(1..quoted.len() - 1).unwrap_or_default();
    let mut text = inner.replace("\\r\\n", "\\r\\n\n");
    if text.ends_with('\n') {
        text.pop();
    }
    let rest = bytes.len() - shown.len();
    if rest > 0 {
        text.extend(["\n(", &grouped(rest), " more bytes)"]);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_shown() {
        assert_eq!(escaped(b"+OK\r\n"), "+OK\\r\\n");
        assert_eq!(escaped(b"$3\r\na\"\x00\r\n"), "$3\\r\\n\na\\\"\\x00\\r\\n");
        let long = escaped(&vec![b'a'; SHOWN_MAX + 1234]);
        assert!(long.ends_with("a\n(1,234 more bytes)"), "cut");
        assert_eq!(escaped(b""), "");
    }
}
