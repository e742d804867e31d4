//! What a tick does for files: goes on with what is written in the background, and begins it where it is time to.

use super::trouble::{Assumed, Purpose, RETRY_SECONDS};
use super::{Data, Persistence};
use crate::config::Config;
use crate::effects::Effects;

/// Bytes of a file that a tick writes: some ten milliseconds.
const BYTES_PER_TICK: usize = 4 * 1024 * 1024;

/// The pairs of seconds and changes of the parameter `save`.
fn save_points(config: &Config) -> impl Iterator<Item = (i64, u64)> {
    let mut words = config.save.split_ascii_whitespace();
    std::iter::from_fn(move || Some((words.next()?.parse().ok()?, words.next()?.parse().ok()?)))
}

/// Whether the parameters ask for snapshots.
pub(crate) fn has_save_points(config: &Config) -> bool {
    save_points(config).next().is_some()
}

impl Persistence {
    /// A time before which a tick has nothing to do for files.
    pub(crate) fn next_due(&self, config: &Config, effects: &Effects) -> i64 {
        if !self.has_files || self.is_shut_down {
            return i64::MAX;
        }
        if self.saving.is_some()
            || self.rewriting.is_some()
            || self.is_saving_scheduled
            || self.is_rewriting_scheduled
            || self.is_log_overgrown(config)
        {
            return i64::MIN;
        }
        let is_synced = config.appendfsync == "everysec" && !self.is_disk_in_trouble();
        let sync = self.log.as_ref().filter(|log| log.is_unsynced && is_synced);
        let sync = sync.map_or(i64::MAX, |log| (log.synced_at + 1).saturating_mul(1000));
        let save = self.next_save_point(config, effects);
        sync.min(save)
    }

    /// When the first save point is due.
    fn next_save_point(&self, config: &Config, effects: &Effects) -> i64 {
        // While the disk is in trouble another attempt would only fail again.
        let is_in_vain = !self.last_saving.is_ok && self.is_disk_in_trouble();
        if effects.dirty == 0 || is_in_vain {
            return i64::MAX;
        }
        let not_before = if self.last_saving.is_ok {
            i64::MIN
        } else {
            (self.trouble.tried_at / 1000 + RETRY_SECONDS + 1) * 1000
        };
        let reached = save_points(config).filter(|&(_, changes)| effects.dirty >= changes);
        let due = |seconds: i64| {
            // More than so many seconds, in whole seconds.
            (self.saved_at / 1000).saturating_add(seconds).saturating_add(1).saturating_mul(1000)
        };
        reached.map(|(seconds, _)| due(seconds).max(not_before)).min().unwrap_or(i64::MAX)
    }

    fn is_log_overgrown(&self, config: &Config) -> bool {
        let Some(log) = &self.log else { return false };
        let percent = config.auto_aof_rewrite_percentage as u64;
        let min = config.auto_aof_rewrite_min_size as u64;
        let base = log.base_size.max(1);
        percent > 0
            && !self.is_disk_in_trouble()
            && log.size > min
            && (log.size.saturating_mul(100) / base).saturating_sub(100) >= percent
    }

    /// One tick.
    pub(crate) fn tick(&mut self, data: Data<'_>, effects: &mut Effects) {
        if !self.has_files || self.is_shut_down {
            return;
        }
        self.flush_log(data, effects);
        self.go_on_saving(data, effects);
        self.go_on_rewriting(data);
        if self.saving.is_some() || self.rewriting.is_some() {
            return;
        }
        if self.is_rewriting_scheduled || self.is_log_overgrown(data.config) {
            // One that was scheduled and fails says so in INFO.
            let _ = self.begin_rewriting(data, effects);
        } else if self.is_saving_scheduled || self.next_save_point(data.config, effects) <= data.now
        {
            self.begin_saving(data, effects);
        }
    }

    fn go_on_saving(&mut self, data: Data<'_>, effects: &mut Effects) {
        let Some(mut job) = self.saving.take() else { return };
        if !job.snapshot.step(BYTES_PER_TICK) {
            self.saving = Some(job);
            return;
        }
        self.last_saving.add(job.began_at, data.now);
        if self.is_disk_in_trouble() {
            return self.fail_saving();
        }
        let dirty = self.dirty_before_saving.min(effects.dirty);
        effects.dirty -= dirty;
        let saved_at = self.saved_at;
        let assumed = Assumed { claim: None, dirty, saved_at, was_well: false };
        let (name, bytes) = (&data.config.dbfilename, job.snapshot.finish());
        self.put_in_place("temp-bgsave.rdb", name, bytes, Purpose::Snapshot(assumed));
        self.saved_at = data.now;
        self.note_health();
    }

    fn go_on_rewriting(&mut self, data: Data<'_>) {
        let Some(mut job) = self.rewriting.take() else { return };
        if !job.snapshot.step(BYTES_PER_TICK) {
            self.rewriting = Some(job);
            return;
        }
        self.last_rewriting.add(job.began_at, data.now);
        if self.is_disk_in_trouble() {
            self.last_rewriting.is_ok = false;
            return;
        }
        let base_len = self.write_base(data.config, job.snapshot.finish());
        if let Some(log) = &mut self.log {
            self.manifest.retire_incrs();
            log.size = base_len + log.incr_size;
            log.base_size = log.size;
        } else {
            self.manifest.retire_all_incrs();
        }
        let gone = self.obsolete_files();
        self.write_manifest(data.config);
        self.ops.extend(gone);
    }
}
