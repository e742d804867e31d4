//! The log of commands: what a node that starts anew has to run to become what this one is.
//!
//! As in Redis, it holds effects rather than what was typed. By default a command that has changed something stands in
//! it as it came; a handler whose command would do something else at another time, or by another throw of the dice, says
//! with [`CommandLog::put`] what stands in its place. Keys and fields that end are deleted by a command of their own.
//! What one command or transaction does is written between MULTI and EXEC if it takes more than one command.
//!
//! It knows nothing of files. Off, it costs a look at a flag for each command.

use redarium_resp::number::write_u64;

/// Appends a command as it goes over the wire.
pub(crate) fn encode<W: AsRef<[u8]>>(
    out: &mut Vec<u8>,
    words: impl IntoIterator<Item = W, IntoIter: ExactSizeIterator>,
) {
    let words = words.into_iter();
    out.push(b'*');
    write_u64(out, words.len() as u64);
    out.extend_from_slice(b"\r\n");
    for word in words {
        let word = word.as_ref();
        out.push(b'$');
        write_u64(out, word.len() as u64);
        out.extend_from_slice(b"\r\n");
        out.extend_from_slice(word);
        out.extend_from_slice(b"\r\n");
    }
}

/// A command that is to be logged: its database, and where it ends in the buffer.
#[derive(Debug, Clone, Copy)]
struct Entry {
    db: usize,
    end: usize,
}

/// What was logged and is not written yet.
#[derive(Debug, Clone, Default)]
pub struct CommandLog {
    is_on: bool,
    /// Complete, in the order in which it happened.
    out: Vec<u8>,
    /// The database that whoever reads the log is in; `None` at the beginning of a file.
    selected: Option<usize>,
    /// What the command or transaction that is running has logged.
    pending: Vec<u8>,
    entries: Vec<Entry>,
    /// Commands within commands that are running.
    depth: usize,
    /// Whether the running command has said what stands for it, or has run others.
    is_said: bool,
    /// Whether a script wants nothing logged of what it calls.
    is_silent: bool,
}

/// What was known when a command began.
#[derive(Debug)]
pub(crate) struct Mark {
    pub(crate) dirty: u64,
}

impl CommandLog {
    /// Whether anything is logged.
    #[inline]
    pub fn is_on(&self) -> bool {
        self.is_on
    }

    /// Turns it on or off; what was not written is forgotten.
    pub(crate) fn set_on(&mut self, is_on: bool) {
        *self = Self { is_on, depth: self.depth, ..Self::default() };
    }

    /// Logs a command in place of the words of the one that is running, or one more of those.
    pub fn put(&mut self, db: usize, words: &[&[u8]]) {
        self.is_said = true;
        if !self.is_silent {
            self.put_beside(db, words);
        }
    }

    /// Logs nothing in place of the words of the command that is running.
    pub(crate) fn say_nothing(&mut self) {
        self.is_said = true;
    }

    /// Leaves out what commands do from here on, at a script's request; keys still end.
    pub(crate) fn set_silent(&mut self, is_silent: bool) {
        self.is_silent = is_silent;
    }

    /// The running command will go on later: what it has logged so far is not complete.
    pub(crate) fn hold(&mut self) {
        self.depth += 1;
    }

    /// It goes on.
    pub(crate) fn release(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    /// Logs a command beside the one that is running, such as the end of a key.
    pub(crate) fn put_beside(&mut self, db: usize, words: &[&[u8]]) {
        if self.is_on {
            encode(&mut self.pending, words);
            self.entries.push(Entry { db, end: self.pending.len() });
        }
    }

    /// Whether the running command has said what stands for it, or has run others.
    pub(crate) fn is_said(&self) -> bool {
        self.is_said
    }

    /// A command begins.
    pub(crate) fn begin(&mut self, dirty: u64) -> Mark {
        self.depth += 1;
        self.is_said = false;
        Mark { dirty }
    }

    /// A command is done; its words are logged if it has changed something and not said otherwise.
    pub(crate) fn end<'w>(
        &mut self,
        mark: &Mark,
        dirty: u64,
        db: usize,
        words: impl ExactSizeIterator<Item = &'w [u8]>,
    ) {
        let is_said = std::mem::replace(&mut self.is_said, true) || self.is_silent;
        if !is_said && dirty != mark.dirty && self.is_on {
            encode(&mut self.pending, words);
            self.entries.push(Entry { db, end: self.pending.len() });
        }
        self.depth = self.depth.saturating_sub(1);
        if self.depth == 0 {
            self.settle(true);
        }
    }

    /// Completes what is pending, as one transaction if it is more than one command and `is_whole`.
    pub(crate) fn settle(&mut self, is_whole: bool) {
        let is_wrapped = is_whole && self.entries.len() > 1;
        let (pending, entries) =
            (std::mem::take(&mut self.pending), std::mem::take(&mut self.entries));
        let mut start = 0;
        for (place, &Entry { db, end }) in entries.iter().enumerate() {
            if self.selected != Some(db) {
                self.selected = Some(db);
                encode(&mut self.out, [&b"SELECT"[..], db.to_string().as_bytes()]);
            }
            if is_wrapped && place == 0 {
                encode(&mut self.out, [b"MULTI"]);
            }
            self.out.extend_from_slice(pending.get(start..end).unwrap_or_default());
            start = end;
        }
        if is_wrapped {
            encode(&mut self.out, [b"EXEC"]);
        }
        // Kept to spare allocations.
        self.pending = pending;
        self.pending.clear();
        self.entries = entries;
        self.entries.clear();
    }

    /// Whether nothing waits to be written.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.out.is_empty()
    }

    /// Takes what waits to be written.
    pub(crate) fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.out)
    }

    /// The next command goes to another file.
    pub(crate) fn select_again(&mut self) {
        self.selected = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(log: &mut CommandLog) -> String {
        String::from_utf8(log.take()).unwrap().replace("\r\n", " ")
    }

    fn run(log: &mut CommandLog, db: usize, words: &[&[u8]], changes: u64) {
        let mark = log.begin(0);
        log.end(&mark, changes, db, words.iter().copied());
    }

    #[test]
    fn commands_that_change_something_are_logged_as_they_came() {
        let mut log = CommandLog::default();
        run(&mut log, 0, &[b"SET", b"a", b"1"], 1);
        assert!(log.is_empty(), "it is off");
        log.set_on(true);
        run(&mut log, 0, &[b"SET", b"a", b"1"], 1);
        run(&mut log, 0, &[b"GET", b"a"], 0);
        run(&mut log, 2, &[b"DEL", b"a"], 1);
        run(&mut log, 2, &[b"DEL", b"b"], 1);
        assert_eq!(
            words(&mut log),
            "*2 $6 SELECT $1 0 *3 $3 SET $1 a $1 1 *2 $6 SELECT $1 2 *2 $3 DEL $1 a *2 $3 DEL $1 b "
        );
        log.select_again();
        run(&mut log, 2, &[b"DEL", b"b"], 1);
        assert_eq!(words(&mut log), "*2 $6 SELECT $1 2 *2 $3 DEL $1 b ", "a new file");
    }

    #[test]
    fn what_belongs_together_is_a_transaction() {
        let mut log = CommandLog::default();
        log.set_on(true);
        log.select_again();
        run(&mut log, 0, &[b"SET", b"a", b"1"], 1);
        log.take();
        // EXEC of two commands, one of which finds a key at its end and says something else of itself.
        let exec = log.begin(0);
        run(&mut log, 0, &[b"INCR", b"a"], 1);
        let mark = log.begin(1);
        log.put_beside(0, &[b"DEL", b"b"]);
        log.put(0, &[b"SREM", b"s", b"x"]);
        log.end(&mark, 2, 0, [&b"SPOP"[..], b"s"].into_iter());
        log.end(&exec, 2, 0, [&b"EXEC"[..]].into_iter());
        assert_eq!(
            words(&mut log),
            "*1 $5 MULTI *2 $4 INCR $1 a *2 $3 DEL $1 b *3 $4 SREM $1 s $1 x *1 $4 EXEC "
        );
        let exec = log.begin(0);
        run(&mut log, 0, &[b"INCR", b"a"], 1);
        log.end(&exec, 1, 0, [&b"EXEC"[..]].into_iter());
        assert_eq!(words(&mut log), "*2 $4 INCR $1 a ", "a single command needs none");
        log.put_beside(0, &[b"DEL", b"b"]);
        log.put_beside(0, &[b"DEL", b"c"]);
        log.settle(false);
        assert_eq!(words(&mut log), "*2 $3 DEL $1 b *2 $3 DEL $1 c ", "in the background");
    }
}
