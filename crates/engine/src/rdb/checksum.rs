//! The 64-bit checksum at the end of a payload: a CRC with the polynomial of David T. Jones, bits reflected.
//!
//! Source: D. T. Jones, "An Improved 64-bit Cyclic Redundancy Check for Protein Sequences", 2009; Redis starts at 0 and
//! inverts nothing.

/// The polynomial `ad93d23594c935a9`, its bits in reverse.
const POLYNOMIAL: u64 = 0x95ac_9329_ac4b_c9b5;

/// What each byte adds, worked out bit by bit.
const TABLE: [u64; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut rest = byte as u64;
        let mut bit = 0;
        while bit < 8 {
            rest = if rest & 1 == 1 { rest >> 1 ^ POLYNOMIAL } else { rest >> 1 };
            bit += 1;
        }
        #[expect(clippy::indexing_slicing, reason = "a loop over all bytes, at compile time")]
        {
            table[byte] = rest;
        }
        byte += 1;
    }
    table
};

/// The checksum of bytes that follow others whose checksum is `sum`; 0 at the beginning. O(n).
pub fn crc64(sum: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(sum, |sum, &byte| {
        let index = usize::from(sum as u8 ^ byte);
        sum >> 8 ^ TABLE.get(index).copied().unwrap_or(0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_check_value() {
        assert_eq!(crc64(0, b"123456789"), 0xe9c6_d914_c4b8_d9ca, "of the nine digits");
        assert_eq!(crc64(crc64(0, b"1234"), b"56789"), crc64(0, b"123456789"), "in two parts");
        assert_eq!(crc64(0, b""), 0, "of nothing");
    }
}
