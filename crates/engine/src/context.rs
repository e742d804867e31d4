//! What a handler gets: the parts of the node that a command may use.
//!
//! A struct of public fields, not of getters, so that a handler can hold an open `Edit` of `keys`
//! and still use `rng`, `trace` and `reply`.

use redarium_resp::encode::Encoder;
use redarium_structures::rng::Rng;

use crate::acl::Acl;
use crate::client::{Client, Clients};
use crate::config::Config;
use crate::eviction::Eviction;
use crate::keyspace::Keys;
use crate::pubsub::PubSub;
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
}
