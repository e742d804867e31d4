//! Replication, as a node answers that has no replicas and follows nobody.
//!
//! What a tool asks on its way to a copy of all data is answered, and `redis-cli --rdb` gets one.

use redarium_resp::number::parse_i64;

use crate::args::Args;
use crate::command::args::{block, integer, one_of, token, word};
use crate::command::{Answer, CommandSpec, Deprecation, Flags, Group};
use crate::context::Ctx;
use crate::error::CmdError;

pub(super) const COMMANDS: &[CommandSpec] = &[FAILOVER, PSYNC, REPLCONF, REPLICAOF, SLAVEOF, SYNC];

const REPLICAOF: CommandSpec = CommandSpec {
    name: "REPLICAOF",
    group: Group::Server,
    since: "5.0.0",
    summary: "Has the node follow another one, or be a master.",
    complexity: "O(1)",
    flags: Flags::ADMIN.or(Flags::NOSCRIPT).or(Flags::STALE).or(Flags::NO_ASYNC_LOADING),
    args: &[one_of(
        "args",
        &[
            block("host-port", &[word("host"), integer("port")]),
            block("no-one", &[token("NO"), token("ONE")]),
        ],
    )],
    see_also: &["ROLE", "FAILOVER"],
    examples: "\
> REPLICAOF NO ONE
OK
",
    run: replica_of,
    ..CommandSpec::DEFAULT
};

const SLAVEOF: CommandSpec = CommandSpec {
    name: "SLAVEOF",
    since: "1.0.0",
    deprecated: Some(Deprecation { since: "5.0.0", replaced_by: "`REPLICAOF`" }),
    see_also: &["REPLICAOF"],
    examples: "\
> SLAVEOF NO ONE
OK
",
    ..REPLICAOF
};

const FAILOVER: CommandSpec = CommandSpec {
    name: "FAILOVER",
    group: Group::Server,
    since: "6.2.0",
    summary: "Hands the part of the master to a replica.",
    complexity: "O(1)",
    flags: Flags::ADMIN.or(Flags::NOSCRIPT).or(Flags::STALE),
    args: &[
        block("target", &[word("host"), integer("port"), token("FORCE").optional()])
            .after("TO")
            .optional(),
        token("ABORT").optional(),
        integer("milliseconds").after("TIMEOUT").optional(),
    ],
    see_also: &["REPLICAOF"],
    examples: "\
> FAILOVER
(error) ERR FAILOVER requires connected replicas.
",
    run: failover,
    ..CommandSpec::DEFAULT
};

const REPLCONF: CommandSpec = CommandSpec {
    name: "REPLCONF",
    group: Group::Server,
    since: "3.0.0",
    summary: "Tells the node what a replica is and can do; for replicas and tools.",
    complexity: "O(1)",
    flags: Flags::ADMIN
        .or(Flags::NOSCRIPT)
        .or(Flags::LOADING)
        .or(Flags::STALE)
        .or(Flags::ALLOW_BUSY),
    arity: -1,
    see_also: &["SYNC"],
    run: replconf,
    ..CommandSpec::DEFAULT
};

const SYNC: CommandSpec = CommandSpec {
    name: "SYNC",
    group: Group::Server,
    since: "1.0.0",
    summary: "Sends all data as a snapshot to a client that has asked for no more; for tools.",
    complexity: "O(N) in all data.",
    flags: Flags::ADMIN.or(Flags::NOSCRIPT).or(Flags::NO_ASYNC_LOADING).or(Flags::NO_MULTI),
    see_also: &["REPLCONF", "SAVE"],
    run: sync,
    ..CommandSpec::DEFAULT
};

const PSYNC: CommandSpec = CommandSpec {
    name: "PSYNC",
    group: Group::Server,
    since: "2.8.0",
    summary: "Goes on with replication where it was interrupted; for replicas.",
    complexity: "O(1)",
    flags: Flags::ADMIN.or(Flags::NOSCRIPT).or(Flags::NO_ASYNC_LOADING).or(Flags::NO_MULTI),
    args: &[word("replicationid"), integer("offset")],
    arity: -3,
    see_also: &["SYNC"],
    run: |_, _| Err(NO_REPLICAS),
    ..CommandSpec::DEFAULT
};

const NO_REPLICAS: CmdError = CmdError::Msg(
    "ERR this node has no replicas: a copy of all data is what SAVE and redis-cli --rdb are for",
);

fn replica_of(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let (host, port) = (args.next_word()?, args.next_word()?);
    if host.eq_ignore_ascii_case(b"no") && port.eq_ignore_ascii_case(b"one") {
        ctx.reply.ok();
        return Ok(Answer::Done);
    }
    match parse_i64(port) {
        Some(0..=65_535) => {
            Err(CmdError::Msg("ERR this node cannot reach another one, and so can follow none"))
        }
        _ => Err(CmdError::Msg("ERR Invalid master port")),
    }
}

fn failover(_: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    // It goes with no other word.
    if args.take_token("ABORT") {
        args.finish()?;
        return Err(CmdError::Msg("ERR No failover in progress."));
    }
    let (mut has_host, mut has_timeout, mut is_forced) = (false, false, false);
    while !args.is_empty() {
        if !has_timeout && args.len() >= 2 && args.take_token("TIMEOUT") {
            if args.next_i64()? <= 0 {
                return Err(CmdError::Msg("ERR FAILOVER timeout must be greater than 0"));
            }
            has_timeout = true;
        } else if !has_host && args.len() >= 3 && args.take_token("TO") {
            args.next_word()?;
            args.next_i64()?;
            has_host = true;
        } else if !is_forced && args.take_token("FORCE") {
            is_forced = true;
        } else {
            return Err(CmdError::Syntax);
        }
    }
    Err(CmdError::Msg("ERR FAILOVER requires connected replicas."))
}

fn replconf(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    if args.len() % 2 == 1 {
        return Err(CmdError::Syntax);
    }
    while !args.is_empty() {
        let (name, value) = (args.next_word()?, args.next_word()?);
        match name.to_ascii_lowercase().as_slice() {
            b"listening-port" => {
                parse_i64(value).ok_or(CmdError::NotInteger)?;
            }
            b"rdb-only" => {
                ctx.client.wants_snapshot_only = match parse_i64(value) {
                    Some(0) => false,
                    Some(1) => true,
                    Some(_) => {
                        let text = "ERR value is out of range, value must between 0 and 1";
                        return Err(CmdError::Msg(text));
                    }
                    None => return Err(CmdError::NotInteger),
                };
            }
            b"ip-address" | b"capa" | b"version" => {}
            // What a replica says while it follows is not answered.
            b"ack" | b"getack" => return Ok(Answer::Done),
            b"rdb-filter-only" => {
                let mut words = value.split(|&byte| byte == b' ').filter(|word| !word.is_empty());
                if let Some(word) = words.find(|word| !word.eq_ignore_ascii_case(b"functions")) {
                    let text = "ERR Unsupported rdb-filter-only option: ";
                    return Err(CmdError::repeating(text, word, ""));
                }
            }
            _ => return Err(CmdError::repeating("ERR Unrecognized REPLCONF option: ", name, "")),
        }
    }
    ctx.reply.ok();
    Ok(Answer::Done)
}

fn sync(ctx: &mut Ctx<'_>, _: Args<'_>) -> Result<Answer, CmdError> {
    if !ctx.client.wants_snapshot_only {
        return Err(NO_REPLICAS);
    }
    let (persistence, data, _) = ctx.saving();
    let bytes = persistence.snapshot_bytes(data);
    // A length as before a bulk string, but nothing after the bytes.
    ctx.reply.raw(format!("${}\r\n", bytes.len()).as_bytes());
    ctx.reply.raw(&bytes);
    Ok(Answer::Close)
}

#[cfg(test)]
mod tests {
    use crate::{Engine, Options};

    /// What a new client is answered to inline commands.
    fn answer(node: &mut Engine, commands: &str) -> Vec<u8> {
        let client = node.connect("127.0.0.1:50000");
        node.feed(client, commands.as_bytes());
        node.take_output(client)
    }

    #[test]
    fn nobody_follows_anybody() {
        let mut node = Engine::new(Options::default());
        for command in ["REPLICAOF 10.0.0.1 6379", "SLAVEOF 10.0.0.1 0", "SYNC", "PSYNC ? -1"] {
            let answer = answer(&mut node, &format!("{command}\r\n"));
            assert!(answer.starts_with(b"-ERR this node "), "{command}");
        }
        assert_eq!(answer(&mut node, "REPLCONF ACK 1\r\nREPLCONF GETACK *\r\n"), b"", "no answer");
    }

    #[test]
    fn who_wants_all_data_once_gets_it() {
        let mut node = Engine::new(Options::default());
        let client = node.connect("127.0.0.1:50000");
        node.feed(client, b"SET a 1\r\nREPLCONF rdb-only 1\r\nSYNC\r\nPING\r\n");
        let snapshot = node.snapshot();
        let header = format!("+OK\r\n+OK\r\n${}\r\n", snapshot.len());
        assert!(snapshot.starts_with(b"REDIS"), "a snapshot");
        assert_eq!(node.take_output(client), [header.as_bytes(), &snapshot].concat());
        assert!(node.is_closing(client), "and no more");
    }
}
