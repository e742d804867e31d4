//! CLIENT KILL: closes connections by address, number, type, user or age.

use redarium_resp::number::parse_i64;

use super::client_list::{ClientType, local_addr};
use crate::acl::Acl;
use crate::args::Args;
use crate::client::Client;
use crate::command::Answer;
use crate::context::Ctx;
use crate::error::CmdError;

/// What a connection must be like to be closed: all that is given.
#[derive(Default)]
struct Filter<'a> {
    id: Option<i64>,
    addr: Option<&'a [u8]>,
    local_addr: Option<&'a [u8]>,
    client_type: Option<ClientType>,
    user: Option<&'a [u8]>,
    max_age_seconds: Option<i64>,
    spares_self: bool,
}

impl<'a> Filter<'a> {
    fn parse(mut args: Args<'a>, acl: &Acl) -> Result<Self, CmdError> {
        let mut filter = Self { spares_self: true, ..Self::default() };
        while !args.is_empty() {
            if args.len() < 2 {
                return Err(CmdError::Syntax);
            }
            if args.take_token("ID") {
                let id = parse_i64(args.next_word()?).filter(|&id| id > 0);
                filter.id =
                    Some(id.ok_or(CmdError::Msg("ERR client-id should be greater than 0"))?);
            } else if args.take_token("TYPE") {
                filter.client_type = Some(ClientType::parse(args.next_word()?)?);
            } else if args.take_token("ADDR") {
                filter.addr = Some(args.next_word()?);
            } else if args.take_token("LADDR") {
                filter.local_addr = Some(args.next_word()?);
            } else if args.take_token("USER") {
                filter.user = Some(checked_user(args.next_word()?, acl)?);
            } else if args.take_token("SKIPME") {
                filter.spares_self = if args.take_token("YES") {
                    true
                } else if args.take_token("NO") {
                    false
                } else {
                    return Err(CmdError::Syntax);
                };
            } else if args.take_token("MAXAGE") {
                let age = parse_i64(args.next_word()?)
                    .ok_or(CmdError::Msg("ERR maxage is not an integer or out of range"))?;
                if age <= 0 {
                    return Err(CmdError::Msg("ERR maxage should be greater than 0"));
                }
                filter.max_age_seconds = Some(age);
            } else {
                return Err(CmdError::Syntax);
            }
        }
        Ok(filter)
    }

    fn accepts(&self, client: &Client, scene: &Scene) -> bool {
        let age = (scene.now - client.connected_at) / 1000;
        self.id.is_none_or(|id| id == client.id.0 as i64)
            && self.addr.is_none_or(|addr| addr == client.addr.as_bytes())
            && self.local_addr.is_none_or(|addr| addr == scene.local_addr.as_bytes())
            && self.client_type.is_none_or(|wanted| wanted == ClientType::of(client))
            && self.user.is_none_or(|user| user == client.user().name)
            && self.max_age_seconds.is_none_or(|least| age >= least)
    }
}

/// What all connections have in common.
struct Scene {
    now: i64,
    local_addr: String,
}

/// Refuses a user that does not exist.
fn checked_user<'a>(user: &'a [u8], acl: &Acl) -> Result<&'a [u8], CmdError> {
    if acl.user(user).is_some() {
        return Ok(user);
    }
    Err(CmdError::repeating("ERR No such user '", user, "'"))
}

/// CLIENT KILL.
pub(super) fn kill(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let is_old_form = args.len() == 1;
    let filter = if is_old_form {
        Filter { addr: Some(args.next_word()?), ..Filter::default() }
    } else {
        Filter::parse(args, ctx.acl)?
    };
    let scene = Scene { now: ctx.keys.now, local_addr: local_addr(ctx.config) };
    let is_open = |client: &&mut Client| !client.closing && filter.accepts(client, &scene);
    let mut ids = Vec::new();
    for client in ctx.clients.iter_mut().filter(is_open) {
        client.closing = true;
        ids.push(client.id);
    }
    let mut killed = ids.len();
    for id in ids {
        ctx.clients.wake(id);
    }
    let kills_self = !filter.spares_self && filter.accepts(ctx.client, &scene);
    killed += usize::from(kills_self);
    if !is_old_form {
        ctx.reply.count(killed);
    } else if killed > 0 {
        ctx.reply.ok();
    } else {
        return Err(CmdError::Msg("ERR No such client"));
    }
    Ok(if kills_self { Answer::Close } else { Answer::Done })
}
