//! CLIENT TRACKING and its kin: being told when what was read has changed.

use redarium_resp::number::parse_i64;
use redarium_structures::bytes::Bytes;
use redarium_structures::ordered::OrderedSet;

use crate::args::Args;
use crate::client::ClientId;
use crate::command::args::{integer, one_of, token, word};
use crate::command::{Answer, CommandSpec, Flags, Group};
use crate::context::Ctx;
use crate::error::CmdError;
use crate::tracking::{Mode, Tracker};

const FLAGS: Flags = super::client::OWN_FLAGS;

pub(super) const CACHING: CommandSpec = CommandSpec {
    name: "CACHING",
    group: Group::Connection,
    since: "6.0.0",
    summary: "Says whether the keys of the next command are to be tracked.",
    complexity: "O(1)",
    flags: FLAGS,
    args: &[one_of("mode", &[token("YES"), token("NO")])],
    see_also: &["CLIENT TRACKING"],
    examples: "\
> CLIENT TRACKING ON OPTIN
OK
> CLIENT CACHING YES
OK
",
    run: caching,
    ..CommandSpec::DEFAULT
};

pub(super) const GETREDIR: CommandSpec = CommandSpec {
    name: "GETREDIR",
    group: Group::Connection,
    since: "6.0.0",
    summary: "Returns the number of the client that is told of changes in this one's place.",
    complexity: "O(1)",
    flags: FLAGS,
    see_also: &["CLIENT TRACKING"],
    examples: "\
> CLIENT GETREDIR
(integer) -1
",
    run: |ctx, _| {
        let tracking = &ctx.keys.effects.tracking;
        ctx.reply.integer(redirect_number(tracking.tracker(ctx.client.id)));
        Ok(Answer::Done)
    },
    ..CommandSpec::DEFAULT
};

pub(super) const TRACKING: CommandSpec = CommandSpec {
    name: "TRACKING",
    group: Group::Connection,
    since: "6.0.0",
    summary: "Has the server tell when keys change that the client has read.",
    complexity: "O(1), and O(N) where N is the number of prefixes.",
    flags: FLAGS,
    args: &[
        one_of("status", &[token("ON"), token("OFF")]),
        integer("client-id").after("REDIRECT").optional(),
        word("prefix").after("PREFIX").many_with_token().optional(),
        token("BCAST").optional(),
        token("OPTIN").optional(),
        token("OPTOUT").optional(),
        token("NOLOOP").optional(),
    ],
    see_also: &["CLIENT CACHING", "CLIENT TRACKINGINFO"],
    examples: "\
> CLIENT TRACKING ON
OK
> CLIENT TRACKING ON PREFIX user:
(error) ERR PREFIX option requires BCAST mode to be enabled
",
    run: tracking,
    ..CommandSpec::DEFAULT
};

pub(super) const TRACKINGINFO: CommandSpec = CommandSpec {
    name: "TRACKINGINFO",
    group: Group::Connection,
    since: "6.2.0",
    summary: "Returns how the connection tracks keys.",
    complexity: "O(1)",
    flags: FLAGS,
    see_also: &["CLIENT TRACKING"],
    examples: "\
> CLIENT TRACKINGINFO
1) \"flags\"
2) 1) \"off\"
3) \"redirect\"
4) (integer) -1
5) \"prefixes\"
6) (empty array)
",
    run: tracking_info,
    ..CommandSpec::DEFAULT
};

/// The client that is told in its place as commands and CLIENT LIST show it: 0 for none, -1 without tracking.
pub(super) fn redirect_number(tracker: Option<&Tracker>) -> i64 {
    tracker.map_or(-1, |tracker| tracker.redirect.map_or(0, |client| client.0 as i64))
}

fn caching(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let Some(tracker) = ctx.keys.effects.tracking.tracker_mut(ctx.client.id) else {
        return Err(CmdError::Msg(
            "ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or \
             OPTOUT mode enabled",
        ));
    };
    if args.take_token("YES") {
        if tracker.mode != Mode::OptIn {
            return Err(CmdError::Msg(
                "ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.",
            ));
        }
    } else if args.take_token("NO") {
        if tracker.mode != Mode::OptOut {
            return Err(CmdError::Msg(
                "ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.",
            ));
        }
    } else {
        return Err(CmdError::Syntax);
    }
    tracker.is_caching_said = true;
    ctx.reply.ok();
    Ok(Answer::Done)
}

/// What stands between ON or OFF and the end.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "one for each option that is a word by itself")]
struct Options<'a> {
    redirect: Option<ClientId>,
    prefixes: Vec<&'a [u8]>,
    broadcasts: bool,
    opts_in: bool,
    opts_out: bool,
    skips_own: bool,
}

impl<'a> Options<'a> {
    fn parse(ctx: &Ctx<'_>, mut args: Args<'a>) -> Result<Self, CmdError> {
        let mut options = Self::default();
        while !args.is_empty() {
            let has_value = args.len() > 1;
            if has_value && args.take_token("REDIRECT") {
                options.read_redirect(ctx, args.next_word()?)?;
            } else if has_value && args.take_token("PREFIX") {
                options.prefixes.push(args.next_word()?);
            } else if args.take_token("BCAST") {
                options.broadcasts = true;
            } else if args.take_token("OPTIN") {
                options.opts_in = true;
            } else if args.take_token("OPTOUT") {
                options.opts_out = true;
            } else if args.take_token("NOLOOP") {
                options.skips_own = true;
            } else {
                return Err(CmdError::Syntax);
            }
        }
        Ok(options)
    }

    fn read_redirect(&mut self, ctx: &Ctx<'_>, word: &[u8]) -> Result<(), CmdError> {
        if self.redirect.is_some() {
            return Err(CmdError::Msg("ERR A client can only redirect to a single other client"));
        }
        let number = parse_i64(word).ok_or(CmdError::NotInteger)?;
        let id = u64::try_from(number).ok().map(ClientId);
        let is_there = |id: &ClientId| *id == ctx.client.id || ctx.clients.get(*id).is_some();
        self.redirect = Some(
            id.filter(is_there)
                .ok_or(CmdError::Msg("ERR The client ID you want redirect to does not exist"))?,
        );
        Ok(())
    }

    /// Refuses what does not go together, or not with how the client tracks already.
    fn check(&self, before: Option<&Tracker>) -> Result<(), CmdError> {
        if !self.broadcasts && !self.prefixes.is_empty() {
            return Err(CmdError::Msg("ERR PREFIX option requires BCAST mode to be enabled"));
        }
        let mode = before.map(|tracker| tracker.mode);
        if mode.is_some_and(|mode| (mode == Mode::Broadcast) != self.broadcasts) {
            return Err(CmdError::Msg(
                "ERR You can't switch BCAST mode on/off before disabling tracking for this client, \
                 and then re-enabling it with a different mode.",
            ));
        }
        if self.broadcasts && (self.opts_in || self.opts_out) {
            return Err(CmdError::Msg("ERR OPTIN and OPTOUT are not compatible with BCAST"));
        }
        if self.opts_in && self.opts_out {
            return Err(CmdError::Msg("ERR You can't specify both OPTIN mode and OPTOUT mode"));
        }
        if self.opts_in && mode == Some(Mode::OptOut) || self.opts_out && mode == Some(Mode::OptIn)
        {
            return Err(CmdError::Msg(
                "ERR You can't switch OPTIN/OPTOUT mode before disabling tracking for this client, \
                 and then re-enabling it with a different mode.",
            ));
        }
        self.check_prefixes(before)
    }

    /// Refuses prefixes one of which begins another: a key would be told twice.
    fn check_prefixes(&self, before: Option<&Tracker>) -> Result<(), CmdError> {
        let overlaps = |one: &[u8], other: &[u8]| one.starts_with(other) || other.starts_with(one);
        for (at, prefix) in self.prefixes.iter().enumerate() {
            let mut present = before.into_iter().flat_map(|tracker| &tracker.prefixes);
            if let Some(other) = present.find(|other| overlaps(prefix, other)) {
                return Err(overlap(prefix, "an existing", other));
            }
            let mut others = self.prefixes.iter().skip(at + 1);
            if let Some(other) = others.find(|other| overlaps(prefix, other)) {
                return Err(overlap(prefix, "another provided", other));
            }
        }
        Ok(())
    }

    fn tracker(self) -> Tracker {
        let mut prefixes: OrderedSet<Bytes> = self.prefixes.into_iter().map(Bytes::from).collect();
        if self.broadcasts && prefixes.is_empty() {
            prefixes.insert(Bytes::EMPTY);
        }
        let mode = if self.broadcasts {
            Mode::Broadcast
        } else if self.opts_in {
            Mode::OptIn
        } else if self.opts_out {
            Mode::OptOut
        } else {
            Mode::Reads
        };
        let skips_own = self.skips_own;
        Tracker { mode, skips_own, redirect: self.redirect, prefixes, ..Tracker::default() }
    }
}

fn overlap(prefix: &[u8], which: &str, other: &[u8]) -> CmdError {
    CmdError::Bytes(
        [
            b"ERR Prefix '",
            prefix,
            b"' overlaps with ",
            which.as_bytes(),
            b" prefix '",
            other,
            b"'. Prefixes for a single client must not overlap.",
        ]
        .concat(),
    )
}

fn tracking(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let status = args.next_word()?;
    let options = Options::parse(ctx, args)?;
    let id = ctx.client.id;
    let tracking = &mut ctx.keys.effects.tracking;
    if status.eq_ignore_ascii_case(b"on") {
        options.check(tracking.tracker(id))?;
        tracking.start(id, options.tracker());
    } else if status.eq_ignore_ascii_case(b"off") {
        tracking.stop(id);
    } else {
        return Err(CmdError::Syntax);
    }
    ctx.reply.ok();
    Ok(Answer::Done)
}

fn tracking_info(ctx: &mut Ctx<'_>, _: Args<'_>) -> Result<Answer, CmdError> {
    let tracker = ctx.keys.effects.tracking.tracker(ctx.client.id);
    let flags = flags(tracker);
    let reply = &mut ctx.reply;
    reply.map(3);
    reply.bulk(b"flags");
    reply.set(flags.len());
    for flag in flags {
        reply.bulk(flag.as_bytes());
    }
    reply.bulk(b"redirect");
    reply.integer(redirect_number(tracker));
    reply.bulk(b"prefixes");
    let prefixes = tracker.map(|tracker| &tracker.prefixes);
    reply.array(prefixes.map_or(0, OrderedSet::len));
    for prefix in prefixes.into_iter().flatten() {
        reply.bulk(prefix);
    }
    Ok(Answer::Done)
}

fn flags(tracker: Option<&Tracker>) -> Vec<&'static str> {
    let Some(tracker) = tracker else { return vec!["off"] };
    let caching = |flag| tracker.is_caching_said.then_some(flag);
    let mode = match tracker.mode {
        Mode::Reads => [None, None],
        Mode::Broadcast => [Some("bcast"), None],
        Mode::OptIn => [Some("optin"), caching("caching-yes")],
        Mode::OptOut => [Some("optout"), caching("caching-no")],
    };
    let noloop = tracker.skips_own.then_some("noloop");
    let broken = tracker.is_redirect_broken.then_some("broken_redirect");
    [Some("on")].into_iter().chain(mode).chain([noloop, broken]).flatten().collect()
}
