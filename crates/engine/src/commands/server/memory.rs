//! MEMORY: what keys take, and what the node takes as a whole.

use crate::args::Args;
use crate::command::args::{KEY, integer};
use crate::command::help::help;
use crate::command::{Answer, CommandSpec, Flags, Group, KeySpec};
use crate::context::Ctx;
use crate::error::CmdError;
use crate::footprint::{self, SAMPLES};

use super::info::used_memory;

pub(super) const COMMANDS: &[CommandSpec] = &[MEMORY];

const MEMORY: CommandSpec = CommandSpec {
    name: "MEMORY",
    group: Group::Server,
    since: "4.0.0",
    summary: "A container for commands about memory.",
    complexity: "Depends on subcommand.",
    subcommands: &[DOCTOR, help(Group::Server, "4.0.0"), MALLOC_STATS, PURGE, STATS, USAGE],
    ..CommandSpec::DEFAULT
};

const BASE: CommandSpec = CommandSpec {
    group: Group::Server,
    since: "4.0.0",
    complexity: "O(1)",
    ..CommandSpec::DEFAULT
};

const DOCTOR: CommandSpec = CommandSpec {
    name: "DOCTOR",
    summary: "Tells what is wrong with the memory: nothing, or that there is too little in it to say.",
    see_also: &["MEMORY STATS"],
    run: doctor,
    ..BASE
};

const MALLOC_STATS: CommandSpec = CommandSpec {
    name: "MALLOC-STATS",
    summary: "Tells about the allocator, which is the host's and tells nothing.",
    examples: "\
> MEMORY MALLOC-STATS
\"Stats not supported for the current allocator\"
",
    run: malloc_stats,
    ..BASE
};

const PURGE: CommandSpec = CommandSpec {
    name: "PURGE",
    summary: "Asks the allocator to give memory back; it does so by itself.",
    examples: "\
> MEMORY PURGE
OK
",
    run: purge,
    ..BASE
};

const STATS: CommandSpec = CommandSpec {
    name: "STATS",
    summary: "Tells what the memory of the node is used for.",
    see_also: &["INFO", "MEMORY USAGE"],
    run: stats,
    ..BASE
};

const USAGE: CommandSpec = CommandSpec {
    name: "USAGE",
    summary: "Tells how many bytes a key with its value takes in a Redis 8, by a model of its layout.",
    complexity: "O(N) where N is the number of samples.",
    flags: Flags::READONLY,
    keys: &[KeySpec::one(2, &["RO"])],
    args: &[KEY, integer("count").after("SAMPLES").optional()],
    see_also: &["OBJECT ENCODING", "MEMORY STATS"],
    examples: "\
> SET greeting hello
OK
> MEMORY USAGE greeting
(integer) 40
> MEMORY USAGE nothing
(nil)
",
    run: usage,
    ..BASE
};

fn usage(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let key = args.next_word()?;
    let mut samples = SAMPLES;
    while !args.is_empty() {
        if args.len() < 2 || !args.take_token("SAMPLES") {
            return Err(CmdError::Syntax);
        }
        samples = match usize::try_from(args.next_i64()?) {
            Ok(0) => usize::MAX,
            Ok(count) => count,
            Err(_) => return Err(CmdError::Syntax),
        };
    }
    match ctx.keys.look_quietly(key) {
        None => ctx.reply.null(),
        Some(id) => {
            let db = ctx.keys.database();
            let entry = db.entry(id);
            let has_deadline = db.deadline(id).is_some();
            ctx.reply.count(footprint::of_key(key.len(), has_deadline, &entry.value, samples));
        }
    }
    Ok(Answer::Done)
}

fn malloc_stats(ctx: &mut Ctx<'_>, _: Args<'_>) -> Result<Answer, CmdError> {
    ctx.reply.bulk(b"Stats not supported for the current allocator");
    Ok(Answer::Done)
}

fn purge(ctx: &mut Ctx<'_>, _: Args<'_>) -> Result<Answer, CmdError> {
    ctx.reply.ok();
    Ok(Answer::Done)
}

/// Bytes below which the doctor has nothing to look at.
const DOCTOR_MIN: usize = 5 * 1024 * 1024;

fn doctor(ctx: &mut Ctx<'_>, _: Args<'_>) -> Result<Answer, CmdError> {
    let text: &[u8] = if used_memory(ctx).total() < DOCTOR_MIN {
        b"Hi Sam, this instance is empty or is using very little memory, my issues detector can't be used in these \
          conditions. Please, leave for your mission on Earth and fill it with some data. The new Sam and I will be back \
          to our programming as soon as I finished rebooting.\n"
    } else {
        b"Hi Sam, I can't find any memory issue in your instance. I can only account for what occurs on this base.\n"
    };
    ctx.reply.verbatim(*b"txt", text);
    Ok(Answer::Done)
}

fn stats(ctx: &mut Ctx<'_>, _: Args<'_>) -> Result<Answer, CmdError> {
    let used = used_memory(ctx);
    let keys: usize = ctx.keys.dbs.iter().map(crate::database::Database::len).sum();
    let dbs: Vec<_> = ctx
        .keys
        .dbs
        .iter()
        .enumerate()
        .filter(|(_, db)| !db.is_empty())
        .map(|(number, db)| (number, db.table().heap_bytes(), size_of_val(db.deadlines())))
        .collect();
    let reply = &mut ctx.reply;
    reply.map(8 + dbs.len());
    let field = |reply: &mut redarium_resp::encode::Encoder<'_>, name: &str, value: usize| {
        reply.bulk(name.as_bytes());
        reply.count(value);
    };
    field(reply, "peak.allocated", used.total());
    field(reply, "total.allocated", used.total());
    field(reply, "clients.normal", used.clients);
    for (number, table, deadlines) in dbs {
        reply.bulk(format!("db.{number}").as_bytes());
        reply.map(2);
        field(reply, "overhead.hashtable.main", table);
        field(reply, "overhead.hashtable.expires", deadlines);
    }
    field(reply, "overhead.total", used.tables + used.clients);
    field(reply, "keys.count", keys);
    field(reply, "keys.bytes-per-key", used.total().checked_div(keys).unwrap_or(0));
    field(reply, "dataset.bytes", used.values);
    reply.bulk(b"dataset.percentage");
    reply.double(used.values as f64 * 100.0 / used.total().max(1) as f64);
    Ok(Answer::Done)
}
