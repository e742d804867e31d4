//! The page's own copy of what was done, from which a new worker can be brought to where the old one was.
//!
//! It follows the lab's rules: what was undone is forgotten by the next action, and time that runs on is one action.

use std::rc::Rc;

use redarium_lab::{Action, DISK_FULL};
use redarium_resp::split;

use crate::protocol::{Ask, Status};

/// Whether a person did it; else time passed by itself.
pub fn is_thing(action: &Action) -> bool {
    action.is_somebodys()
}

/// What was done, and how much of it is in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Journal {
    seed: u32,
    actions: Vec<Action>,
    position: usize,
}

impl Journal {
    /// Nothing done, in a world that begins with `seed`.
    pub fn new(seed: u32) -> Self {
        Self { seed, actions: Vec::new(), position: 0 }
    }

    /// The seed of the world.
    pub fn seed(&self) -> u32 {
        self.seed
    }

    /// How many things there are to be done again.
    pub fn things(&self) -> usize {
        self.actions.iter().filter(|action| is_thing(action)).count()
    }

    /// Asks a new worker to do everything again.
    pub fn replay(&self) -> Ask {
        Ask::Begin { seed: self.seed, actions: self.actions.clone(), position: self.position }
    }

    /// Time has passed by itself.
    pub fn elapsed(&mut self, ms: u64) {
        if ms == 0 {
            return;
        }
        self.actions.truncate(self.position);
        if let Some(Action::Elapse { ms: before }) = self.actions.last_mut() {
            *before = before.saturating_add(ms);
        } else {
            self.actions.push(Action::Elapse { ms });
        }
        self.position = self.actions.len();
    }

    /// The worker has done what it was asked to, and this is where it stands now.
    pub fn did(&mut self, ask: &Ask, status: &Status) {
        let mut did = Vec::new();
        match ask {
            Ask::Begin { seed, actions, .. } => {
                *self = Self { seed: *seed, actions: actions.clone(), position: 0 };
            }
            Ask::Run { client, lines } => {
                let client: Rc<str> = client.as_str().into();
                let words = lines.iter().filter_map(|line| split(line.as_bytes()).ok());
                did.extend(words.map(|words| Action::Run {
                    client: Rc::clone(&client),
                    words: Rc::new(words),
                }));
            }
            Ask::Feed { client, bytes } => did.push(Action::Feed {
                client: client.as_str().into(),
                bytes: bytes.as_slice().into(),
            }),
            Ask::Disconnect { client } => {
                did.push(Action::Disconnect { client: client.as_str().into() });
            }
            Ask::Advance { ms } => did.push(Action::Advance { ms: *ms }),
            Ask::Crash => did.push(Action::Crash { kept: 0 }),
            Ask::Restart => did.push(Action::Restart),
            Ask::Reading { client, on } => {
                did.push(Action::Reading { client: client.as_str().into(), on: *on });
            }
            Ask::Disk { is_full } => {
                did.push(Action::Disk { trouble: is_full.then(|| DISK_FULL.into()) });
            }
            Ask::Undo
            | Ask::Redo
            | Ask::Seek { .. }
            | Ask::Clock { .. }
            | Ask::Look(_)
            | Ask::Names(_) => {}
        }
        for action in did {
            self.actions.truncate(self.position);
            // A refused action, as by a full log, is not in the worker's log either.
            if self.actions.len() < status.position {
                self.actions.push(action);
                self.position = self.actions.len();
            }
        }
        self.position = status.position.min(self.actions.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine_worker::desk::Desk;
    use crate::protocol::Answer;

    fn tell(desk: &mut Desk, journal: &mut Journal, ask: &Ask) -> Status {
        let status = match desk.answer(ask.clone()) {
            Answer::Done(status) | Answer::Ran(_, status) | Answer::Fed(_, status) => status,
            Answer::Seen(_) | Answer::Names(_) => return Status::default(),
        };
        journal.elapsed(status.elapsed_ms);
        journal.did(ask, &status);
        assert_eq!(
            (journal.position, journal.actions.len()),
            (status.position, status.len),
            "the same log after {ask:?}"
        );
        status
    }

    #[test]
    fn a_new_worker_is_brought_to_where_the_old_one_was() {
        let (mut desk, mut journal) = (Desk::default(), Journal::new(7));
        let run = |line: &str| Ask::Run {
            client: "alice".to_owned(),
            lines: vec![line.to_owned(), "INCR lines".to_owned()],
        };
        tell(&mut desk, &mut journal, &Ask::Clock { rate: 1.0 });
        for n in 0..5 {
            tell(&mut desk, &mut journal, &run(&format!("ZADD game {n} \"player {n}\"")));
            desk.host_time(1250.5);
        }
        tell(&mut desk, &mut journal, &Ask::Undo);
        tell(&mut desk, &mut journal, &Ask::Undo);
        tell(&mut desk, &mut journal, &Ask::Redo);
        tell(&mut desk, &mut journal, &Ask::Advance { ms: 5 });
        tell(&mut desk, &mut journal, &Ask::Restart);
        tell(&mut desk, &mut journal, &Ask::Crash);
        tell(&mut desk, &mut journal, &Ask::Disconnect { client: "nobody".to_owned() });
        tell(&mut desk, &mut journal, &Ask::Disconnect { client: "alice".to_owned() });
        let bytes = b"SET a 1 EX 100\r\nSPOP none\r\n".to_vec();
        tell(&mut desk, &mut journal, &Ask::Feed { client: "bob".to_owned(), bytes });
        let old = tell(&mut desk, &mut journal, &Ask::Undo);

        let mut other = Desk::default();
        tell(&mut other, &mut Journal::new(7), &Ask::Clock { rate: 1.0 });
        let mut copy = journal.clone();
        let new = tell(&mut other, &mut copy, &journal.replay());
        assert_eq!(copy, journal, "the journal is what it was");
        let state =
            |status: &Status| (status.now, status.done, status.all, status.databases.clone());
        assert_eq!(state(&new), state(&old), "and so is the world");
    }
}
