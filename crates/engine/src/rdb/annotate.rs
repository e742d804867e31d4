//! A snapshot file as ranges of bytes, each with what it means, for pictures.

use redarium_structures::rng::Rng;

use super::Loader;
use super::file::{FileReader, Item, LoadError, Part};
use crate::config::Config;

/// A range of bytes of a file and what it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range {
    /// Where it begins.
    pub offset: usize,
    /// How long it is.
    pub len: usize,
    /// What it is, in one word such as `magic`, `key` or `checksum`.
    pub meaning: &'static str,
    /// What it says: a key's name, a number, a command.
    pub text: Vec<u8>,
}

/// The ranges of a snapshot that reach beyond `from`, at most `count` of them, and what is wrong with it if anything
/// is. O(n) in the bytes up to the last of them.
pub fn ranges(
    bytes: &[u8],
    config: &Config,
    from: usize,
    count: usize,
) -> (Vec<Range>, Option<LoadError>) {
    let mut rng = Rng::new(0);
    let loader = Loader::new(config, 0, &mut rng);
    let mut found = Vec::new();
    let mut file = match FileReader::new(bytes, loader, Some(Vec::new())) {
        Ok(file) => file,
        Err(error) => return (found, Some(error)),
    };
    loop {
        let read = file.next();
        let end = file.offset();
        let parts = file.parts.as_mut().map(std::mem::take).unwrap_or_default();
        let ends: Vec<_> = parts.iter().skip(1).map(|part| part.offset).chain([end]).collect();
        for (Part { offset, meaning, text }, end) in parts.into_iter().zip(ends) {
            if end > from && found.len() < count {
                found.push(Range { offset, len: end - offset, meaning, text });
            }
        }
        match read {
            Err(error) => return (found, Some(error)),
            Ok(Item::End) => return (found, None),
            Ok(_) if found.len() >= count => return (found, None),
            Ok(_) => {}
        }
    }
}
