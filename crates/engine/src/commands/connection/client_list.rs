//! The line of fields by which CLIENT LIST and CLIENT INFO describe a connection.
//!
//! Fields that mean nothing here (file descriptors, threads) have the value that Redis gives them when there is none.

use std::fmt::Write as _;

use redarium_resp::encode::Protocol;
use redarium_resp::number::parse_i64;

use super::client_tracking::redirect_number;
use crate::args::Args;
use crate::client::Client;
use crate::command::Answer;
use crate::config::Config;
use crate::context::Ctx;
use crate::effects::Effects;
use crate::error::CmdError;
use crate::output_limit::{self, FIRST_BUFFER_BYTES};
use crate::pubsub::Kind;
use crate::transaction::Transaction;

/// The kinds of connections that CLIENT LIST can filter by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ClientType {
    Normal,
    Master,
    Replica,
    PubSub,
}

impl ClientType {
    /// The type of this name.
    pub(super) fn parse(word: &[u8]) -> Result<Self, CmdError> {
        match word.to_ascii_lowercase().as_slice() {
            b"normal" => Ok(Self::Normal),
            b"master" => Ok(Self::Master),
            b"replica" | b"slave" => Ok(Self::Replica),
            b"pubsub" => Ok(Self::PubSub),
            _ => Err(CmdError::repeating("ERR Unknown client type '", word, "'")),
        }
    }

    /// The type of a connection; nobody replicates yet.
    pub(super) fn of(client: &Client) -> Self {
        if client.subscriptions.is_empty() { Self::Normal } else { Self::PubSub }
    }
}

/// Which connections CLIENT LIST shows.
enum Filter {
    All,
    Type(ClientType),
    Ids(Vec<i64>),
}

impl Filter {
    fn parse(mut args: Args<'_>) -> Result<Self, CmdError> {
        if args.is_empty() {
            return Ok(Self::All);
        }
        if args.len() == 2 && args.take_token("TYPE") {
            return ClientType::parse(args.next_word()?).map(Self::Type);
        }
        if args.len() >= 2 && args.take_token("ID") {
            let ids: Option<Vec<_>> = args.rest().map(parse_i64).collect();
            return ids.map(Self::Ids).ok_or(CmdError::Msg("ERR Invalid client ID"));
        }
        Err(CmdError::Syntax)
    }
}

/// CLIENT INFO.
pub(super) fn client_info(ctx: &mut Ctx<'_>, args: Args<'_>) -> Result<Answer, CmdError> {
    let line = running_line(ctx, args);
    ctx.reply.verbatim(*b"txt", line.as_bytes());
    Ok(Answer::Done)
}

/// CLIENT LIST.
pub(super) fn client_list(ctx: &mut Ctx<'_>, args: Args<'_>) -> Result<Answer, CmdError> {
    let local_addr = local_addr(ctx.config);
    let scene = Scene::new(ctx, &local_addr);
    let own_id = ctx.client.id;
    let own_line = running_line(ctx, args);
    let mut lines = String::new();
    match Filter::parse(args)? {
        Filter::Ids(ids) => {
            for id in ids {
                if id == own_id.0 as i64 {
                    lines.push_str(&own_line);
                } else if let Some(client) =
                    ctx.clients.iter().find(|client| client.id.0 as i64 == id)
                {
                    lines.push_str(&line(client, scene));
                }
            }
        }
        Filter::All => extend(&mut lines, ctx, &own_line, scene, |_| true),
        Filter::Type(wanted) => {
            extend(&mut lines, ctx, &own_line, scene, |client| ClientType::of(client) == wanted);
        }
    }
    ctx.reply.verbatim(*b"txt", lines.as_bytes());
    Ok(Answer::Done)
}

/// Adds the lines of all connections that `accepts`, oldest first.
fn extend(
    lines: &mut String,
    ctx: &Ctx<'_>,
    own_line: &str,
    scene: Scene<'_>,
    accepts: impl Fn(&Client) -> bool,
) {
    let (older, younger): (Vec<_>, Vec<_>) = ctx
        .clients
        .iter()
        .filter(|client| accepts(client))
        .partition(|client| client.id < ctx.client.id);
    lines.extend(older.into_iter().map(|client| line(client, scene)));
    if accepts(ctx.client) {
        lines.push_str(own_line);
    }
    lines.extend(younger.into_iter().map(|client| line(client, scene)));
}

/// The address that clients connect to.
pub(super) fn local_addr(config: &Config) -> String {
    format!("127.0.0.1:{}", config.port)
}

/// The line of the client whose command is running: its buffers are in use elsewhere.
pub(crate) fn running_line(ctx: &Ctx<'_>, args: Args<'_>) -> String {
    let words: usize = args.all().map(<[u8]>::len).sum();
    let local_addr = local_addr(ctx.config);
    let scene = Scene::new(ctx, &local_addr);
    fields(ctx.client, scene, words, ctx.reply.out.len())
}

fn line(client: &Client, scene: Scene<'_>) -> String {
    fields(client, scene, 0, client.output.len())
}

/// What all lines have in common.
#[derive(Debug, Clone, Copy)]
struct Scene<'a> {
    now: i64,
    local_addr: &'a str,
    effects: &'a Effects,
}

impl<'a> Scene<'a> {
    fn new(ctx: &'a Ctx<'_>, local_addr: &'a str) -> Self {
        Self { now: ctx.keys.now, local_addr, effects: ctx.keys.effects }
    }
}

fn fields(client: &Client, scene: Scene<'_>, argv_bytes: usize, output_bytes: usize) -> String {
    let mut line = String::new();
    let seconds = |since: i64| (scene.now - since).max(0) / 1000;
    let command = client
        .last_command
        .map_or_else(|| "NULL".to_owned(), |(spec, container)| spec.full_name(container));
    let resp = match client.protocol {
        Protocol::Resp2 => 2,
        Protocol::Resp3 => 3,
    };
    let memory = client.memory_bytes() + argv_bytes;
    let queue = client.transaction.as_deref();
    // Writing to a String cannot fail.
    let _ = writeln!(
        line,
        "id={id} addr={addr} laddr={laddr} fd=-1 name={name} age={age} idle={idle} flags={flags} db={db} \
         sub={sub} psub={psub} ssub={ssub} multi={multi} watch={watch} qbuf={qbuf} qbuf-free={qbuf_free} argv-mem={argv_bytes} multi-mem={multi_mem} \
         rbs=0 rbp=0 obl={obl} oll={oll} omem={omem} tot-mem={memory} events=r cmd={command} user={user} redir={redirect} \
         resp={resp} lib-name={lib_name} lib-ver={lib_ver} io-thread=0 tot-net-in={bytes_in} tot-net-out={bytes_out} \
         tot-cmds={commands}",
        id = client.id.0,
        addr = client.addr,
        laddr = scene.local_addr,
        name = client.name,
        age = seconds(client.connected_at),
        idle = seconds(client.active_at),
        flags = client.flag_letters(scene.effects),
        db = client.db,
        multi = queue.map_or(-1, |queue| queue.commands().len() as i64),
        watch = scene.effects.watches.keys_of(client.id).len(),
        multi_mem = queue.map_or(0, Transaction::word_bytes),
        sub = client.subscriptions.len(Kind::Channel),
        psub = client.subscriptions.len(Kind::Pattern),
        ssub = client.subscriptions.len(Kind::Shard),
        redirect = redirect_number(scene.effects.tracking.tracker(client.id)),
        obl = output_bytes.min(FIRST_BUFFER_BYTES),
        oll = output_limit::blocks(output_bytes),
        omem = output_limit::memory(output_bytes),
        qbuf = client.input.len(),
        qbuf_free = client.input.capacity() - client.input.len(),
        user = String::from_utf8_lossy(&client.user().name),
        lib_name = client.lib_name,
        lib_ver = client.lib_ver,
        bytes_in = client.bytes_in,
        bytes_out = client.bytes_out,
        commands = client.commands,
    );
    line
}
