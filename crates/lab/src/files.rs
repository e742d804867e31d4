//! Virtual files: what a node has written, and how much of each would outlive a power failure.
//!
//! Contents lie in pieces that checkpoints share, so that a file that grows is not copied with each of them.
//! It knows nothing of what stands in the files.

use std::borrow::Cow;
use std::rc::Rc;

use redarium_engine::persistence::{FileOp, Files};
use serde::{Deserialize, Serialize};

use redarium_structures::ordered::OrderedMap;
/// Bytes up to which a piece grows.
const PIECE_BYTES: usize = 16 * 1024;

/// One file.
#[derive(Debug, Clone, Default)]
pub struct VirtualFile {
    pieces: Vec<Rc<Vec<u8>>>,
    len: usize,
    durable_upto: usize,
    /// Whether the name itself would outlive a power failure.
    is_durable: bool,
}

impl VirtualFile {
    fn of(bytes: Vec<u8>) -> Self {
        let len = bytes.len();
        Self { pieces: vec![Rc::new(bytes)], len, ..Self::default() }
    }

    /// How many bytes it has.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// How many of its bytes, from the first on, would outlive a power failure.
    pub fn durable_upto(&self) -> usize {
        self.durable_upto
    }

    /// All its bytes. O(n).
    pub fn bytes(&self) -> Cow<'_, [u8]> {
        match self.pieces.as_slice() {
            [] => Cow::Borrowed(&[]),
            [only] => Cow::Borrowed(only),
            many => Cow::Owned(many.iter().flat_map(|piece| piece.iter().copied()).collect()),
        }
    }

    fn append(&mut self, bytes: &[u8]) {
        self.len += bytes.len();
        match self.pieces.last_mut() {
            Some(last) if last.len() + bytes.len() <= PIECE_BYTES => {
                Rc::make_mut(last).extend_from_slice(bytes);
            }
            _ => self.pieces.push(Rc::new(bytes.to_vec())),
        }
    }

    fn truncate(&mut self, len: usize) {
        let mut left = len.min(self.len);
        self.len = left;
        self.durable_upto = self.durable_upto.min(left);
        self.pieces.retain_mut(|piece| {
            let kept = piece.len().min(left);
            if kept < piece.len() {
                Rc::make_mut(piece).truncate(kept);
            }
            left -= kept;
            kept > 0
        });
    }

    fn sync(&mut self) {
        self.durable_upto = self.len;
        self.is_durable = true;
    }
}

/// What there is to know of a file without its contents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileSummary {
    /// Its name.
    pub name: String,
    /// How many bytes it has.
    pub len: usize,
    /// How many of these, from the first on, would outlive a power failure.
    pub durable_upto: usize,
}

/// The files of a node, by name.
#[derive(Debug, Clone, Default)]
pub struct VirtualFiles {
    by_name: OrderedMap<String, VirtualFile>,
}

impl VirtualFiles {
    /// All files, in the order of their names.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &VirtualFile)> {
        self.by_name.iter().map(|(name, file)| (name.as_str(), file))
    }

    /// All files without their contents.
    pub fn summaries(&self) -> Vec<FileSummary> {
        let summary = |(name, file): (&str, &VirtualFile)| FileSummary {
            name: name.to_owned(),
            len: file.len,
            durable_upto: file.durable_upto,
        };
        self.iter().map(summary).collect()
    }

    /// A file by its name.
    pub fn get(&self, name: &str) -> Option<&VirtualFile> {
        self.by_name.get(name)
    }

    /// Puts a file there as if someone had copied it to that place; it would outlive a power failure.
    pub(crate) fn put(&mut self, name: &str, bytes: Vec<u8>) {
        let mut file = VirtualFile::of(bytes);
        file.sync();
        self.by_name.insert(name.to_owned(), file);
    }

    /// Carries out what a node wants.
    pub(crate) fn apply(&mut self, ops: Vec<FileOp>) {
        for op in ops {
            match op {
                FileOp::Write { name, bytes } => {
                    self.by_name.insert(name, VirtualFile::of(bytes));
                }
                FileOp::Replace { name, bytes, .. } => self.put(&name, bytes),
                // What is read goes to the node, not to the files.
                FileOp::ReadUsers { .. } => {}
                FileOp::Append { name, bytes } => {
                    self.by_name.get_or_default(name).append(&bytes);
                }
                FileOp::Sync { name } => {
                    if let Some(file) = self.by_name.get_mut(&name) {
                        file.sync();
                    }
                }
                FileOp::Rename { from, to } => {
                    if let Some(file) = self.by_name.remove(&from) {
                        self.by_name.insert(to, file);
                    }
                }
                FileOp::Truncate { name, len } => {
                    if let Some(file) = self.by_name.get_mut(&name) {
                        file.truncate(len);
                    }
                }
                FileOp::Remove { name } => {
                    self.by_name.remove(&name);
                }
            }
        }
    }

    /// The power fails: of each file, what is not durable is lost but for `kept` bytes that happened to be written.
    pub(crate) fn crash(&mut self, kept: u64) {
        self.by_name.retain(|_, file| {
            let kept = usize::try_from(kept).unwrap_or(usize::MAX);
            file.truncate(file.durable_upto.saturating_add(kept));
            let is_there = file.is_durable || file.len > 0;
            file.sync();
            is_there
        });
    }
}

impl Files for VirtualFiles {
    fn read(&self, name: &str) -> Result<Option<Cow<'_, [u8]>>, String> {
        Ok(self.get(name).map(VirtualFile::bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(files: &VirtualFiles, name: &str) -> Option<String> {
        files.get(name).map(|file| String::from_utf8(file.bytes().into_owned()).unwrap())
    }

    #[test]
    fn a_crash_leaves_what_is_durable() {
        let mut files = VirtualFiles::default();
        let name = |name: &str| name.to_owned();
        files.apply(vec![
            FileOp::Write { name: name("log"), bytes: b"one ".to_vec() },
            FileOp::Sync { name: name("log") },
            FileOp::Append { name: name("log"), bytes: b"two ".to_vec() },
            FileOp::Append { name: name("log"), bytes: vec![b'x'; PIECE_BYTES] },
            FileOp::Write { name: name("temp"), bytes: b"half".to_vec() },
            FileOp::Write { name: name("empty"), bytes: Vec::new() },
            FileOp::Sync { name: name("empty") },
        ]);
        let log = files.get("log").unwrap();
        assert_eq!((log.len(), log.durable_upto()), (8 + PIECE_BYTES, 4), "one is durable");
        let mut torn = files.clone();
        torn.crash(3);
        assert_eq!(text(&torn, "log").as_deref(), Some("one two"), "some more happened to be");
        files.crash(0);
        assert_eq!(text(&files, "log").as_deref(), Some("one "), "the rest is lost");
        assert_eq!(text(&files, "temp"), None, "and what was never durable");
        assert_eq!(text(&files, "empty").as_deref(), Some(""), "a durable name stays");
    }

    #[test]
    fn files_are_renamed_cut_and_removed() {
        let mut files = VirtualFiles::default();
        let name = |name: &str| name.to_owned();
        files.put("old", b"old".to_vec());
        files.apply(vec![
            FileOp::Write { name: name("temp"), bytes: b"new".to_vec() },
            FileOp::Rename { from: name("temp"), to: name("old") },
            FileOp::Append { name: name("log"), bytes: b"12345".to_vec() },
            FileOp::Truncate { name: name("log"), len: 2 },
        ]);
        assert_eq!(text(&files, "old").as_deref(), Some("new"), "in place of the old one");
        assert_eq!(text(&files, "log").as_deref(), Some("12"), "cut off");
        files.apply(vec![FileOp::Remove { name: name("log") }]);
        assert_eq!(files.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["old"], "removed");
    }
}
