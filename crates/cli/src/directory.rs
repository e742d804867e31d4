//! The directory of `redarium serve`: what the engine wants done to files, done on a real disk.
//!
//! A file that must be whole is written under another name, forced to disk and renamed, and the directory is forced to
//! disk as well, so that a power failure leaves either the old file or the new one.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Component, Path, PathBuf};

use redarium_engine::persistence::{FileOp, Files};

/// A directory with the files of a node.
#[derive(Debug)]
pub(crate) struct Directory {
    root: PathBuf,
    /// Files that are appended to, kept open.
    open: BTreeMap<String, File>,
}

impl Directory {
    /// Opens a directory that is there; an error says what is wrong with it.
    pub(crate) fn open(root: &Path) -> Result<Self, String> {
        let cannot = |error| format!("cannot use the directory {}: {error}", root.display());
        // What is wrong with it is better known before anything is kept than after.
        let probe = root.join("temp-probe");
        File::create(&probe).map_err(cannot)?;
        fs::remove_file(&probe).map_err(cannot)?;
        Ok(Self { root: root.to_owned(), open: BTreeMap::new() })
    }

    /// Does one thing that the node wants. What has failed can be tried again.
    pub(crate) fn apply(&mut self, op: &FileOp) -> io::Result<()> {
        match op {
            FileOp::Write { name, bytes } => self.write(name, bytes)?,
            FileOp::Replace { name, temp, bytes, .. } => {
                let done = self.write(temp, bytes).and_then(|()| self.sync(temp));
                let done = done.and_then(|()| self.rename(temp, name));
                if done.is_err() {
                    // What there is of it would only take room.
                    self.open.remove(temp);
                    let _ = self.path(temp).and_then(fs::remove_file);
                }
                done?;
            }
            FileOp::Append { name, bytes } => self.append(name, bytes)?,
            FileOp::ReadUsers { .. } => {}
            FileOp::Sync { name } => self.sync(name)?,
            FileOp::Rename { from, to } => self.rename(from, to)?,
            FileOp::Truncate { name, len } => self.appending(name)?.set_len(*len as u64)?,
            FileOp::Remove { name } => {
                self.open.remove(name);
                match fs::remove_file(self.path(name)?) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                    _ => {}
                }
            }
        }
        Ok(())
    }

    fn write(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let path = self.path(name)?;
        if let Some(folder) = path.parent()
            && !folder.is_dir()
        {
            fs::create_dir_all(folder)?;
            sync_directory(&self.root)?;
        }
        let mut file = File::create(path)?;
        file.write_all(bytes)?;
        self.open.insert(name.to_owned(), file);
        Ok(())
    }

    /// All bytes of a file.
    pub(crate) fn read_file(&self, name: &str) -> io::Result<Vec<u8>> {
        fs::read(self.path(name)?)
    }

    /// Adds all bytes to a file, or none.
    fn append(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let file = self.appending(name)?;
        let mut written = 0;
        while let Some(rest) = bytes.get(written..).filter(|rest| !rest.is_empty()) {
            match file.write(rest) {
                Ok(0) => return self.cut_off(name, written, io::ErrorKind::WriteZero.into()),
                Ok(len) => written += len,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return self.cut_off(name, written, error),
            }
        }
        Ok(())
    }

    /// Takes back the last bytes of a file: they would be there twice after the next attempt.
    fn cut_off(&mut self, name: &str, written: usize, error: io::Error) -> io::Result<()> {
        // Opened anew, so that the next bytes go to its end as it is then.
        self.open.remove(name);
        let file = self.appending(name)?;
        let len = file.metadata()?.len();
        file.set_len(len.saturating_sub(written as u64))?;
        Err(error)
    }

    fn sync(&mut self, name: &str) -> io::Result<()> {
        self.appending(name)?.sync_data()?;
        self.path(name)?.parent().map_or(Ok(()), sync_directory)
    }

    fn rename(&mut self, from: &str, to: &str) -> io::Result<()> {
        let (from_path, to_path) = (self.path(from)?, self.path(to)?);
        if let Some(folder) = to_path.parent() {
            fs::create_dir_all(folder)?;
        }
        self.open.remove(from);
        self.open.remove(to);
        fs::rename(&from_path, &to_path)?;
        to_path.parent().map_or(Ok(()), sync_directory)
    }

    /// A file that bytes are added to at its end.
    fn appending(&mut self, name: &str) -> io::Result<&mut File> {
        if !self.open.contains_key(name) {
            let file = OpenOptions::new().append(true).create(true).open(self.path(name)?)?;
            self.open.insert(name.to_owned(), file);
        }
        self.open.get_mut(name).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    /// The place of a file, which is below the directory whatever its name says.
    fn path(&self, name: &str) -> io::Result<PathBuf> {
        let relative = Path::new(name);
        if relative.components().all(|part| matches!(part, Component::Normal(_))) {
            Ok(self.root.join(relative))
        } else {
            Err(io::Error::new(io::ErrorKind::InvalidInput, "the name leads out of the directory"))
        }
    }
}

impl Files for Directory {
    fn read(&self, name: &str) -> Result<Option<Cow<'_, [u8]>>, String> {
        match self.read_file(name) {
            Ok(bytes) => Ok(Some(Cow::Owned(bytes))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.to_string()),
        }
    }
}

/// Forces the names in a directory to disk.
fn sync_directory(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_written_renamed_cut_and_removed_and_nowhere_else() {
        let root = std::env::temp_dir().join(format!("redarium-directory-{}", std::process::id()));
        fs::create_dir_all(&root).unwrap();
        let mut directory = Directory::open(&root).unwrap();
        let name = |name: &str| name.to_owned();
        let ops = [
            FileOp::Write { name: name("log/temp"), bytes: b"one ".to_vec() },
            FileOp::Append { name: name("log/temp"), bytes: b"two ".to_vec() },
            FileOp::Sync { name: name("log/temp") },
            FileOp::Rename { from: name("log/temp"), to: name("log/base") },
            FileOp::Append { name: name("log/base"), bytes: b"three".to_vec() },
            FileOp::Truncate { name: name("log/base"), len: 10 },
            FileOp::Write { name: name("gone"), bytes: Vec::new() },
            FileOp::Remove { name: name("gone") },
            FileOp::Remove { name: name("never there") },
        ];
        for op in &ops {
            directory.apply(op).unwrap();
        }
        let base = directory.read("log/base").unwrap();
        assert_eq!(base.as_deref(), Some(&b"one two th"[..]), "all of it in order");
        assert_eq!(directory.read("gone").unwrap(), None, "removed");
        for bad in ["../outside", "/etc/passwd", "log/../../outside"] {
            let trouble = directory.apply(&FileOp::Sync { name: name(bad) }).unwrap_err();
            assert!(trouble.to_string().contains("leads out of the directory"), "{bad}: {trouble}");
        }
        fs::remove_dir_all(&root).unwrap();
        assert!(Directory::open(&root).is_err(), "it is not there");
    }
}
