//! What MULTI collects: the commands that EXEC will run, as owned words.
//!
//! Who watches which key is in [`watch`](crate::watch).
//! This file knows nothing of replies or of how a command is run.

use redarium_resp::words::Words;

use crate::args::Args;
use crate::command::CommandSpec;
use crate::dispatch::Found;
use crate::table::CommandId;

/// A command that waits for EXEC.
#[derive(Debug, Clone)]
pub struct QueuedCommand {
    /// The spec with the handler.
    pub spec: &'static CommandSpec,
    /// The command that contains it, if it is a subcommand.
    pub container: Option<&'static CommandSpec>,
    pub(crate) id: CommandId,
    /// All its words, the name first.
    pub words: Words,
}

impl QueuedCommand {
    /// The command for dispatch.
    pub(crate) fn found(&self) -> Found {
        let Self { spec, container, id, .. } = *self;
        Found { spec, container, arity: spec.effective_arity(container.is_some()), id }
    }

    /// Its words after the name, for the handler.
    pub(crate) fn args(&self) -> Args<'_> {
        Args::new(self.words.buf(), self.words.spans())
    }
}

/// The state of a client between MULTI and EXEC.
#[derive(Debug, Clone, Default)]
pub struct Transaction {
    commands: Vec<QueuedCommand>,
    word_bytes: usize,
    is_refused: bool,
}

impl Transaction {
    /// Adds a command; where EXEC will refuse everything anyway, it is not kept.
    pub(crate) fn queue(&mut self, found: &Found, args: Args<'_>) {
        if self.is_refused {
            return;
        }
        let words = Words::from_slices(args.all());
        self.word_bytes += words.buf().len();
        let Found { spec, container, id, .. } = *found;
        self.commands.push(QueuedCommand { spec, container, id, words });
    }

    /// Notes that a command was not even queued, so that EXEC refuses all of them.
    pub(crate) fn refuse(&mut self) {
        self.is_refused = true;
    }

    /// Whether EXEC will refuse because a command could not be queued.
    pub fn is_refused(&self) -> bool {
        self.is_refused
    }

    /// The commands so far, in order.
    pub fn commands(&self) -> &[QueuedCommand] {
        &self.commands
    }

    /// Bytes of all their words; they count towards `client-query-buffer-limit`.
    pub fn word_bytes(&self) -> usize {
        self.word_bytes
    }

    /// Bytes of memory that the queue takes.
    pub fn memory_bytes(&self) -> usize {
        let words: usize = self.commands.iter().map(|command| command.words.memory_bytes()).sum();
        size_of::<Self>() + self.commands.capacity() * size_of::<QueuedCommand>() + words
    }
}
