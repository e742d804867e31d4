//! Holding commands against the rights of the client's user, and connections to their users.

use std::rc::Rc;

use super::User;
use super::channel::channels_of;
use super::log::{Origin, Reason, Refusal};
use super::selector::{KeyUse, Selector};
use crate::args::Args;
use crate::command::Answer;
use crate::command::key_search::{FoundKey, keys_in};
use crate::commands::connection::running_line;
use crate::context::Ctx;
use crate::dispatch::Found;
use crate::error::CmdError;
use crate::pubsub::{Kind, Subscriptions};

/// What a user lacks to run a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Denial {
    reason: Reason,
    /// The word that is the key or channel.
    at: usize,
}

impl Denial {
    /// Key before command, channel before key, and the later word: what came closest to being allowed is reported.
    fn rank(self) -> (u8, usize) {
        let reason = match self.reason {
            Reason::Command => 0,
            Reason::Key => 1,
            Reason::Auth => 2,
            Reason::Channel => 3,
        };
        (reason, self.at)
    }

    /// Why a user may not, with all names.
    pub(crate) fn text(self, user: &User, found: &Found, args: Args<'_>) -> Vec<u8> {
        let word = args.word(self.at).unwrap_or_default();
        let (what, object, end): (&[u8], &[u8], &[u8]) = match self.reason {
            Reason::Key => (b"access the '", word, b"' key"),
            Reason::Channel => (b"access the '", word, b"' channel"),
            Reason::Command | Reason::Auth => {
                (b"run the '", &found.full_name().into_bytes(), b"' command")
            }
        };
        [b"User ", &*user.name, b" has no permissions to ", what, object, end].concat()
    }
}

/// What a user lacks to run a command, if anything: one selector that allows all of it is enough.
pub(crate) fn denial(user: &User, found: &Found, args: Args<'_>) -> Option<Denial> {
    let mut keys = None;
    let mut closest: Option<Denial> = None;
    for selector in user.selectors() {
        let denial = denial_by(selector, found, args, &mut keys)?;
        if closest.is_none_or(|other| denial.rank() > other.rank()) {
            closest = Some(denial);
        }
    }
    closest
}

fn denial_by(
    selector: &Selector,
    found: &Found,
    args: Args<'_>,
    keys: &mut Option<Vec<FoundKey>>,
) -> Option<Denial> {
    if !selector.allows_command(found, args.word(1)) {
        return Some(Denial { reason: Reason::Command, at: 0 });
    }
    if !selector.allows_all_keys() && !found.spec.keys.is_empty() {
        let keys = keys.get_or_insert_with(|| {
            let words: Vec<_> = args.all().collect();
            let mut keys = keys_in(found.spec, &words);
            // Channels of sharded pub/sub are no keys.
            keys.retain(|key| !key.flags.contains(&"not_key"));
            keys
        });
        for key in keys {
            let word = args.word(key.at).unwrap_or_default();
            if !selector.allows_key(word, KeyUse::of(key.flags)) {
                return Some(Denial { reason: Reason::Key, at: key.at });
            }
        }
    }
    if !selector.allows_all_channels()
        && let Some((mut places, is_pattern)) = channels_of(found.spec.name, args)
    {
        let is_denied =
            |&at: &usize| !selector.allows_channel(args.word(at).unwrap_or_default(), is_pattern);
        if let Some(at) = places.find(is_denied) {
            return Some(Denial { reason: Reason::Channel, at });
        }
    }
    None
}

/// Whether the client's user may read keys that the command's words do not name, as the patterns of SORT do.
pub(crate) fn may_read_every_key(ctx: &Ctx<'_>, args: Args<'_>) -> bool {
    if !ctx.client.restricted {
        return true;
    }
    let Ok(found) = crate::dispatch::resolve(args) else { return false };
    let usage = KeyUse { reads: true, writes: false };
    ctx.client.user().selectors().any(|selector| {
        selector.allows_command(&found, args.word(1)) && selector.allows_every_key(usage)
    })
}

/// Why the client's user may not run a command, if it may not; that is logged.
fn logged_denial(ctx: &mut Ctx<'_>, found: &Found, args: Args<'_>) -> Option<Denial> {
    let denial = denial(ctx.client.user(), found, args)?;
    log(ctx, denial, found, args);
    Some(denial)
}

/// Refuses a command that the client's user may not run, and logs it.
#[cold]
pub(crate) fn check(ctx: &mut Ctx<'_>, found: &Found, args: Args<'_>) -> Result<(), CmdError> {
    let Some(denial) = logged_denial(ctx, found, args) else { return Ok(()) };
    Err(match denial.reason {
        Reason::Key => CmdError::Msg("NOPERM No permissions to access a key"),
        Reason::Channel => CmdError::Msg("NOPERM No permissions to access a channel"),
        Reason::Command | Reason::Auth => {
            CmdError::Bytes([b"NOPERM ", &*denial.text(ctx.client.user(), found, args)].concat())
        }
    })
}

/// Refuses a command of a transaction that the client's user may no longer run, and logs it.
#[cold]
pub(crate) fn check_in_exec(
    ctx: &mut Ctx<'_>,
    found: &Found,
    args: Args<'_>,
) -> Result<(), CmdError> {
    let Some(denial) = logged_denial(ctx, found, args) else { return Ok(()) };
    let reason = match denial.reason {
        Reason::Key => "no permission to touch the specified keys",
        Reason::Channel => {
            "no permission to access one of the channels used as argument to the command"
        }
        Reason::Command | Reason::Auth => "no permission to execute the command or subcommand",
    };
    Err(CmdError::Text(format!(
        "NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC call. This command \
         is no longer allowed for the following reason: {reason}"
    )))
}

/// Refuses a command that a script calls and the client's user may not run, and logs it.
#[cold]
pub(crate) fn check_in_script(
    ctx: &mut Ctx<'_>,
    found: &Found,
    args: Args<'_>,
) -> Result<(), CmdError> {
    let Some(denial) = logged_denial(ctx, found, args) else { return Ok(()) };
    let reason = match denial.reason {
        Reason::Key => b"No permissions to access a key".to_vec(),
        Reason::Channel => b"No permissions to access a channel".to_vec(),
        Reason::Command | Reason::Auth => denial.text(ctx.client.user(), found, args),
    };
    Err(CmdError::Bytes([b"ERR ACL failure in script: ", &*reason].concat()))
}

fn log(ctx: &mut Ctx<'_>, denial: Denial, found: &Found, args: Args<'_>) {
    let object = match denial.reason {
        Reason::Command | Reason::Auth => found.full_name().into_bytes(),
        Reason::Key | Reason::Channel => args.word(denial.at).unwrap_or_default().to_vec(),
    };
    let user = ctx.client.user().name.clone();
    log_refusal(ctx, denial.reason, object, user, args);
}

/// Logs and counts that something was refused for want of a right.
pub(crate) fn log_refusal(
    ctx: &mut Ctx<'_>,
    reason: Reason,
    object: Vec<u8>,
    user: Vec<u8>,
    args: Args<'_>,
) {
    let denied = &mut ctx.stats.denied;
    match reason {
        Reason::Command => denied.commands += 1,
        Reason::Key => denied.keys += 1,
        Reason::Channel => denied.channels += 1,
        Reason::Auth => denied.auth += 1,
    }
    let is_multi = ctx.client.transaction.is_some() || ctx.client.in_exec;
    let origin = match (ctx.client.in_script, is_multi) {
        (true, _) => Origin::Script,
        (false, true) => Origin::Multi,
        (false, false) => Origin::TopLevel,
    };
    let client = running_line(ctx, args).trim_end().to_owned();
    let len_max = usize::try_from(ctx.config.acllog_max_len).unwrap_or(usize::MAX);
    let refusal = Refusal { reason, origin, object, user };
    ctx.acl.log.add(refusal, client, ctx.keys.now, len_max);
}

/// Gives all connections of a user the rights it now has, and closes those that listen to what it may no longer hear.
pub(crate) fn replace(ctx: &mut Ctx<'_>, user: &Rc<User>) -> Answer {
    let has_it = |other: &User| other.name == user.name;
    let mut deaf = Vec::new();
    for client in ctx.clients.iter_mut().filter(|client| has_it(client.user())) {
        client.set_user(Rc::clone(user));
        if !may_hear(user, &client.subscriptions) {
            client.closing = true;
            deaf.push(client.id);
        }
    }
    for id in deaf {
        ctx.clients.wake(id);
    }
    if !has_it(ctx.client.user()) {
        return Answer::Done;
    }
    ctx.client.set_user(Rc::clone(user));
    if may_hear(user, &ctx.client.subscriptions) { Answer::Done } else { Answer::Close }
}

/// Whether a user may subscribe to all of these.
fn may_hear(user: &User, subscriptions: &Subscriptions) -> bool {
    if subscriptions.is_empty() {
        return true;
    }
    [Kind::Channel, Kind::Pattern, Kind::Shard].into_iter().all(|kind| {
        subscriptions.names(kind).iter().all(|name| {
            let is_pattern = kind == Kind::Pattern;
            user.selectors().any(|selector| selector.allows_channel(name, is_pattern))
        })
    })
}

/// Closes all connections of a user that is no more; whether the client that runs this is one of them.
pub(crate) fn dismiss(ctx: &mut Ctx<'_>, name: &[u8]) -> bool {
    let default = ctx.acl.default_user();
    let mut ids = Vec::new();
    for client in ctx.clients.iter_mut().filter(|client| client.user().name == name) {
        client.closing = true;
        client.set_user(Rc::clone(&default));
        ids.push(client.id);
    }
    for id in ids {
        ctx.clients.wake(id);
    }
    let is_own = ctx.client.user().name == name;
    if is_own {
        ctx.client.set_user(default);
        ctx.client.authenticated = false;
    }
    is_own
}
