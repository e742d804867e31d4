//! What a handler gets: the parts of the node that a command may use.
//!
//! A struct of public fields, not of getters, so that a handler can hold an open `Edit` of `keys`
//! and still use `rng`, `trace` and `reply`.

use redarium_resp::encode::Encoder;
use redarium_structures::rng::Rng;

use crate::acl::Acl;
use crate::client::{Client, Clients};
use crate::config::Config;
use crate::effects::Effects;
use crate::eviction::Eviction;
use crate::keyspace::Keys;
use crate::persistence::{Data, Persistence};
use crate::pubsub::PubSub;
use crate::scripting::Scripts;
use crate::stats::Stats;
use crate::timing::Timing;
use crate::trace::Steps;

/// The node as one command sees it; the clock stands still meanwhile.
#[derive(Debug)]
pub struct Ctx<'a> {
    /// Where the reply goes, in the client's protocol.
    pub reply: Encoder<'a>,
    /// The keys of the selected database, and the clock.
    pub keys: Keys<'a>,
    /// The client that sent the command.
    pub client: &'a mut Client,
    /// All other clients.
    pub clients: &'a mut Clients,
    /// Who listens to which channels.
    pub pubsub: &'a mut PubSub,
    /// The parameters.
    pub config: &'a mut Config,
    /// Counters of INFO.
    pub stats: &'a mut Stats,
    /// The node's one source of chance.
    pub rng: &'a mut Rng,
    /// The users and what was refused to them.
    pub acl: &'a mut Acl,
    /// Who has to go when memory is short.
    pub eviction: &'a mut Eviction,
    /// How long commands take.
    pub timing: &'a mut Timing,
    /// Where steps go, if someone records them.
    pub trace: Steps<'a>,
    /// What is written to files.
    pub(crate) persistence: &'a mut Persistence,
    /// The scripts and functions.
    pub(crate) scripts: &'a mut Scripts,
}

impl Ctx<'_> {
    /// Logs a command in place of the words of the one that is running, because these would do something else at
    /// another time; called several times, it logs several.
    #[inline]
    pub fn log_as(&mut self, words: &[&[u8]]) {
        if self.is_logged() {
            self.keys.effects.log.put(self.keys.db, words);
        }
    }

    /// What saving needs, in its three parts.
    pub(crate) fn saving(&mut self) -> (&mut Persistence, Data<'_>, &mut Effects) {
        let data = Data { dbs: self.keys.dbs, config: self.config, now: self.keys.now };
        (self.persistence, data, self.keys.effects)
    }

    /// Logs a command beside the one that is running.
    pub fn log_beside(&mut self, words: &[&[u8]]) {
        let db = self.keys.db;
        self.keys.effects.log.put_beside(db, words);
    }

    /// Whether memory was short when the client's command began.
    pub(crate) fn lacks_memory(&self) -> bool {
        self.config.maxmemory > 0 && self.eviction.is_short
    }

    /// Whether what the command does is logged.
    #[inline]
    pub fn is_logged(&self) -> bool {
        self.keys.effects.log.is_on()
    }
}
