//! Libraries of functions as the payload that FUNCTION DUMP gives and FUNCTION RESTORE takes.

use super::file::FUNCTION;
use super::reader::Reader;
use super::writer::Writer;
use super::{Saving, seal};

/// What old test versions of Redis 7 wrote in front of a library.
const FUNCTION_OF_OLD: u8 = 246;

/// Bytes that compressed code may unfold to.
const UNFOLDED_MAX: usize = 512 * 1024 * 1024;

/// The code of libraries as a payload. O(n).
pub(crate) fn payload_of_libraries<'c>(
    codes: impl Iterator<Item = &'c [u8]>,
    saving: Saving,
) -> Vec<u8> {
    let mut writer = Writer::new(saving.compression);
    for code in codes {
        writer.byte(FUNCTION);
        writer.string(code);
    }
    let mut payload = writer.take();
    seal(&mut payload, saving.version);
    payload
}

/// The code of each library in a payload without its version and checksum; the error is Redis's. O(n).
pub(crate) fn libraries_from(records: &[u8]) -> Result<Vec<Vec<u8>>, &'static str> {
    let mut reader = Reader::new(records, UNFOLDED_MAX);
    let mut codes = Vec::new();
    while reader.left() > 0 {
        match reader.byte() {
            Ok(FUNCTION) => {}
            Ok(FUNCTION_OF_OLD) => return Err("ERR Pre-GA function format not supported"),
            _ => return Err("ERR given type is not a function"),
        }
        let code = reader.string().or(Err("ERR Failed loading library data"))?;
        codes.push(code.into_owned());
    }
    Ok(codes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rdb::unseal;

    const SAVING: Saving = Saving { version: 13, compression: true };

    #[test]
    fn libraries_read_back_and_damage_is_seen() {
        let long = b"#!lua name=a\n".repeat(50);
        let codes: [&[u8]; 3] = [b"", b"#!lua name=b", &long];
        let payload = payload_of_libraries(codes.into_iter(), SAVING);
        let records = unseal(&payload, true).unwrap();
        assert_eq!(libraries_from(records).unwrap(), codes, "the same");
        for len in 1..records.len() {
            let read = libraries_from(&records[..len]);
            assert!(read.is_err() || read.unwrap().len() < codes.len(), "cut off at {len}");
        }
        assert_eq!(libraries_from(b"\x00\x01a"), Err("ERR given type is not a function"), "a key");
    }
}
