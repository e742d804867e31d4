//! A script that is half-way: its slices, who waits meanwhile, and what happens when it has ended.
//!
//! Until `busy-reply-threshold` is over everybody else waits; afterwards they are told that the node is busy, and may end
//! the script. No tick is done meanwhile, so that nothing ends, is evicted or written to a file that half a script has
//! led to.

use redarium_resp::words::Words;

use super::{Engine, LATEST};
use crate::args::Args;
use crate::client::{Client, ClientId};
use crate::dispatch;

/// Slices that scripts get to end in where nobody can end them; then they are ended.
const LAST_SLICES_MAX: u32 = 1000;

impl Engine {
    /// Whether a script is half-way: [`advance_to`](Self::advance_to), also to the time that it is, gives it another
    /// slice, and nobody else's commands run.
    ///
    /// A copy of the node cannot go on with it; better copy before or after.
    #[inline]
    pub fn is_script_running(&self) -> bool {
        self.scripts.is_running()
    }

    /// Gives the script that is half-way a slice, at the time `to`; whether it has ended.
    #[cold]
    pub(super) fn go_on(&mut self, to: i64) -> bool {
        self.now = self.now.max(to.min(LATEST));
        let Some(run) = self.scripts.running() else { return true };
        let (id, words) = (run.client(), run.words().clone());
        self.timing.started = run.started_micros();
        self.run_slice(id, &words);
        let Some(run) = self.scripts.running_mut() else {
            self.end_script(id);
            return !self.scripts.is_running();
        };
        let threshold = self.config.busy_reply_threshold;
        if threshold > 0 && !run.is_slow() && self.now - run.started_at() >= threshold {
            run.make_slow();
            self.effects.waiters.end_postponement(&mut self.clients);
            self.run_released();
        }
        false
    }

    fn run_slice(&mut self, id: ClientId, words: &Words) {
        let Some(mut client) = self.clients.take(id) else { return };
        self.answer(&mut client, |node, client, output| {
            let args = Args::new(words.buf(), words.spans());
            node.run_with(client, output, |ctx| dispatch::run_on(ctx, args));
        });
        self.clients.put_back(client);
        self.clients.wake(id);
    }

    /// Runs what was sent while a script of the client `id` ran, that client's own further commands first.
    fn end_script(&mut self, id: ClientId) {
        if self.clients.get(id).is_some_and(|client| client.is_gone) {
            self.disconnect(id);
        } else {
            self.effects.waiters.run_on(id);
        }
        self.effects.waiters.end_postponement(&mut self.clients);
        self.serve_waiting();
        self.run_released();
        self.flush_log();
        self.tell_trackers();
    }

    /// Lets the script that is half-way run to its end, which may be followed by another one; what takes too long is ended.
    ///
    /// For a host that gives no slices: nobody could end the script from outside.
    pub fn end_scripts(&mut self) {
        for _ in 0..LAST_SLICES_MAX {
            if self.go_on(self.now) {
                return;
            }
        }
        while let Some(run) = self.scripts.running_mut() {
            run.kill();
            self.go_on(self.now);
        }
    }

    /// Whether a client's next command has to wait for the end of somebody's script; it is noted then.
    pub(super) fn waits_for_script(&mut self, client: &mut Client) -> bool {
        let waits = self.scripts.running().is_some_and(|run| !run.is_slow());
        if waits {
            self.effects.waiters.postpone(client);
        }
        waits
    }
}
