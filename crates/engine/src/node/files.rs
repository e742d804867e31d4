//! A node and the files of its host: what is to be done to them, and the end of a node.

use super::Engine;
use crate::persistence::tick::has_save_points;
use crate::persistence::{Data, FileOp};

impl Engine {
    /// Takes what is to be done to files, in order; nothing if the host keeps none.
    ///
    /// Take it after [`open`](Self::open), [`feed`](Self::feed) and [`advance_to`](Self::advance_to), and carry it out
    /// before any reply is handed on: under `appendfsync always` a reply says that its write is kept.
    #[must_use]
    pub fn take_file_ops(&mut self) -> Vec<FileOp> {
        self.persistence.take_ops()
    }

    /// Ends the node as SHUTDOWN does: with a snapshot if the parameters ask for snapshots, and with a complete log.
    ///
    /// Afterwards it runs nothing any more. Take its [file operations](Self::take_file_ops).
    pub fn shut_down(&mut self) {
        if self.scripts.is_running() {
            self.end_scripts();
        }
        let is_saved = has_save_points(&self.config);
        let data = Data { dbs: &self.dbs, config: &self.config, now: self.now };
        // Who ends the process ends it, whatever became of the snapshot; `file_op_failed` tells.
        let _ = self.persistence.shut_down(data, &mut self.effects, is_saved, None, true);
    }

    /// Whether SHUTDOWN or [`shut_down`](Self::shut_down) has ended the node, so that the host should stop.
    pub fn is_shut_down(&self) -> bool {
        self.persistence.is_shut_down()
    }

    /// The whole node as a snapshot file, such as `redis-server` loads. O(data).
    #[must_use]
    pub fn snapshot(&self) -> Vec<u8> {
        let data = Data { dbs: &self.dbs, config: &self.config, now: self.now };
        self.persistence.snapshot_bytes(data)
    }

    /// Turns the log of commands on, with all data as its beginning; not where the host keeps no files.
    pub(crate) fn start_log(&mut self) {
        if !self.persistence.has_files() {
            return;
        }
        let data = Data { dbs: &self.dbs, config: &self.config, now: self.now };
        self.persistence.start_log(data, &mut self.effects);
    }

    /// Hands over what was logged since the last time.
    #[inline]
    pub(crate) fn flush_log(&mut self) {
        if self.effects.log.is_on() {
            let data = Data { dbs: &self.dbs, config: &self.config, now: self.now };
            self.persistence.flush_log(data, &mut self.effects);
            self.silence();
        }
    }

    /// What each tick does for files.
    pub(super) fn tick_files(&mut self) {
        self.effects.log.settle(false);
        let data = Data { dbs: &self.dbs, config: &self.config, now: self.now };
        self.persistence.tick(data, &mut self.effects);
    }

    /// Begins to count anew after data was loaded.
    pub(crate) fn forget_loading(&mut self) {
        let effects = &mut self.effects;
        (effects.dirty, effects.hits, effects.misses) = (0, 0, 0);
        effects.changes.clear();
        let stats = &mut self.stats;
        (stats.commands, stats.errors) = (0, 0);
        stats.errors_by_code.clear();
    }
}
