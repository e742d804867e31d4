//! Lengths, strings and doubles as a dump writes them.

use redarium_resp::number::parse_i64;

use super::lzf::Compressor;
use super::{ENCODED, INT8, INT16, INT32, LEN32, LEN64, LZF};

/// Strings up to this length are tried as integers: those of 32 bits have no more digits.
const INTEGER_LEN_MAX: usize = 11;

/// Strings up to this length are not compressed.
const PLAIN_LEN_MAX: usize = 20;

/// Bytes that compression must save at least.
const SAVED_MIN: usize = 4;

/// What a dump is written with.
#[derive(Debug, Clone)]
pub(super) struct Writer {
    out: Vec<u8>,
    /// Where long strings are compressed, if they are.
    compressor: Option<Compressor>,
}

impl Writer {
    pub(super) fn new(is_compressing: bool) -> Self {
        Self { out: Vec::new(), compressor: is_compressing.then(Compressor::new) }
    }

    pub(super) fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.out)
    }

    /// How many bytes are written and not taken.
    pub(super) fn written(&self) -> usize {
        self.out.len()
    }

    pub(super) fn raw(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    pub(super) fn byte(&mut self, byte: u8) {
        self.out.push(byte);
    }

    /// A length in 1, 2, 5 or 9 bytes.
    pub(super) fn len(&mut self, len: u64) {
        if let Ok(len) = u32::try_from(len) {
            match len {
                0..0x40 => self.out.push(len as u8),
                0x40..0x4000 => self.out.extend_from_slice(&(0x4000 | len as u16).to_be_bytes()),
                _ => {
                    self.out.push(LEN32);
                    self.out.extend_from_slice(&len.to_be_bytes());
                }
            }
        } else {
            self.out.push(LEN64);
            self.out.extend_from_slice(&len.to_be_bytes());
        }
    }

    /// A string: as an integer if it spells one of 32 bits, compressed if it is long and that helps, else as it is.
    pub(super) fn string(&mut self, bytes: &[u8]) {
        if bytes.len() <= INTEGER_LEN_MAX
            && let Some(number) = parse_i64(bytes).and_then(|number| i32::try_from(number).ok())
        {
            return self.integer(number);
        }
        let most = bytes.len().saturating_sub(SAVED_MIN);
        let compressor = self.compressor.as_mut().filter(|_| bytes.len() > PLAIN_LEN_MAX);
        if let Some(stream) = compressor.and_then(|compressor| compressor.compress(bytes, most)) {
            self.out.push(ENCODED | LZF);
            self.len(stream.len() as u64);
            self.len(bytes.len() as u64);
            self.out.extend_from_slice(&stream);
        } else {
            self.len(bytes.len() as u64);
            self.out.extend_from_slice(bytes);
        }
    }

    fn integer(&mut self, number: i32) {
        if let Ok(number) = i8::try_from(number) {
            self.out.extend_from_slice(&[ENCODED | INT8, number as u8]);
        } else if let Ok(number) = i16::try_from(number) {
            self.out.push(ENCODED | INT16);
            self.out.extend_from_slice(&number.to_le_bytes());
        } else {
            self.out.push(ENCODED | INT32);
            self.out.extend_from_slice(&number.to_le_bytes());
        }
    }

    /// Milliseconds since 1970.
    pub(super) fn time(&mut self, at: i64) {
        self.out.extend_from_slice(&at.to_le_bytes());
    }

    /// A double in its eight bytes.
    pub(super) fn double(&mut self, number: f64) {
        self.out.extend_from_slice(&number.to_le_bytes());
    }
}
