//! Making, showing and removing users.

use std::rc::Rc;

use redarium_resp::encode::Encoder;

use super::BASE;
use crate::acl::{self, DEFAULT_USER, Selector, file, rights};
use crate::args::Args;
use crate::command::args::word;
use crate::command::{Answer, CommandSpec};
use crate::context::Ctx;
use crate::error::CmdError;
use crate::persistence::Claim;

pub(super) const SETUSER: CommandSpec = CommandSpec {
    name: "SETUSER",
    summary: "Makes a user, or changes what one may do, by rules; all of them or none.",
    complexity: "O(N) where N is the number of rules.",
    args: &[word("username"), word("rule").optional().many()],
    history: &[
        ("6.2.0", "Rules on channels of pub/sub."),
        ("7.0.0", "Selectors, and key patterns that allow only reading or writing."),
    ],
    see_also: &["ACL GETUSER", "ACL DRYRUN", "AUTH"],
    examples: "\
> ACL SETUSER ana on >secret ~user:* +@hash -hdel
OK
> ACL LIST
1) \"user ana on sanitize-payload #2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b ~user:* resetchannels -@all +@hash -hdel\"
2) \"user default on nopass sanitize-payload ~* &* +@all\"
",
    run: set_user,
    ..BASE
};

fn set_user(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let name = args.next_word()?;
    if acl::has_spaces(name) {
        return Err(CmdError::Msg("ERR Usernames can't contain spaces or null characters"));
    }
    let rules = acl::merge_selectors(args.rest()).map_err(|first| {
        let before = "ERR Unmatched parenthesis in acl selector starting at '";
        CmdError::repeating(before, first, "'.")
    })?;
    let user = ctx.acl.set_user(name, &rules, ctx.config).map_err(|(rule, error)| {
        let before = "ERR Error in ACL SETUSER modifier '";
        CmdError::repeating(before, &rule, &format!("': {error}"))
    })?;
    let answer = rights::replace(ctx, &user);
    ctx.reply.ok();
    Ok(answer)
}

pub(super) const DELUSER: CommandSpec = CommandSpec {
    name: "DELUSER",
    summary: "Removes users and closes their connections; the default user stays.",
    complexity: "O(N) where N is the number of connections.",
    args: &[word("username").many()],
    see_also: &["ACL SETUSER"],
    examples: "\
> ACL SETUSER ana
OK
> ACL DELUSER ana bo
(integer) 1
",
    run: delete,
    ..BASE
};

fn delete(ctx: &mut Ctx<'_>, args: Args<'_>) -> Result<Answer, CmdError> {
    if args.rest().any(|name| name == DEFAULT_USER) {
        return Err(CmdError::Msg("ERR The 'default' user cannot be removed"));
    }
    let (mut removed, mut answer) = (0, Answer::Done);
    for name in args.rest() {
        if ctx.acl.remove(name) {
            removed += 1;
            if rights::dismiss(ctx, name) {
                answer = Answer::Close;
            }
        }
    }
    ctx.reply.count(removed);
    Ok(answer)
}

pub(super) const GETUSER: CommandSpec = CommandSpec {
    name: "GETUSER",
    summary: "Returns the rules of a user.",
    complexity: "O(N) where N is the number of rules.",
    args: &[word("username")],
    history: &[
        ("6.2.0", "Channel patterns."),
        ("7.0.0", "Selectors, and keys and channels as rules."),
    ],
    see_also: &["ACL SETUSER", "ACL LIST"],
    examples: "\
> ACL GETUSER nobody
(nil)
",
    run: get_user,
    ..BASE
};

fn get_user(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let Some(user) = ctx.acl.user(args.next_word()?).map(Rc::clone) else {
        ctx.reply.null();
        return Ok(Answer::Done);
    };
    let reply = &mut ctx.reply;
    reply.map(6);
    reply.bulk(b"flags");
    let flags = user.flags();
    reply.set(flags.len());
    for flag in flags {
        reply.bulk(flag.as_bytes());
    }
    reply.bulk(b"passwords");
    reply.array(user.passwords().len());
    for password in user.passwords() {
        reply.bulk(password.as_bytes());
    }
    write_selector(reply, user.root());
    reply.bulk(b"selectors");
    reply.array(user.further().len());
    for selector in user.further() {
        reply.map(3);
        write_selector(reply, selector);
    }
    Ok(Answer::Done)
}

/// Three pairs of a map.
fn write_selector(reply: &mut Encoder<'_>, selector: &Selector) {
    reply.bulk(b"commands");
    reply.bulk(selector.commands().as_bytes());
    reply.bulk(b"keys");
    reply.bulk(&selector.keys());
    reply.bulk(b"channels");
    reply.bulk(&selector.channels());
}

pub(super) const LIST: CommandSpec = CommandSpec {
    name: "LIST",
    summary: "Returns all users as the lines that would make them.",
    see_also: &["ACL GETUSER", "ACL USERS"],
    examples: "\
> ACL LIST
1) \"user default on nopass sanitize-payload ~* &* +@all\"
",
    run: |ctx, _| {
        ctx.reply.array(ctx.acl.users().len());
        for user in ctx.acl.users() {
            ctx.reply.bulk(&user.line());
        }
        Ok(Answer::Done)
    },
    ..BASE
};

pub(super) const USERS: CommandSpec = CommandSpec {
    name: "USERS",
    summary: "Returns the names of all users.",
    see_also: &["ACL LIST"],
    examples: "\
> ACL USERS
1) \"default\"
",
    run: |ctx, _| {
        ctx.reply.array(ctx.acl.users().len());
        for user in ctx.acl.users() {
            ctx.reply.bulk(&user.name);
        }
        Ok(Answer::Done)
    },
    ..BASE
};

pub(super) const LOAD: CommandSpec = CommandSpec {
    name: "LOAD",
    summary: "Reads all users from the file that the parameter `aclfile` names.",
    complexity: "O(N) where N is the number of users.",
    see_also: &["ACL SAVE"],
    run: load,
    ..BASE
};

pub(super) const SAVE: CommandSpec = CommandSpec {
    name: "SAVE",
    summary: "Writes all users to the file that the parameter `aclfile` names.",
    complexity: "O(N) where N is the number of users.",
    see_also: &["ACL LOAD", "ACL LIST"],
    run: save,
    ..BASE
};

/// The name of the file of users, and the reply that comes next.
fn file_and_claim(ctx: &Ctx<'_>) -> Result<(String, Claim), CmdError> {
    if ctx.config.aclfile.is_empty() {
        return Err(CmdError::Msg(
            "ERR This Redis instance is not configured to use an ACL file. You may want to specify users via the ACL \
             SETUSER command and then issue a CONFIG REWRITE (assuming you have a Redis configuration file set) in \
             order to store users in the Redis configuration.",
        ));
    }
    Ok((ctx.config.aclfile.clone(), Claim::next(ctx)))
}

fn load(ctx: &mut Ctx<'_>, _: Args<'_>) -> Result<Answer, CmdError> {
    let (name, claim) = file_and_claim(ctx)?;
    ctx.persistence.read_users(&name, claim);
    ctx.reply.ok();
    Ok(Answer::Done)
}

fn save(ctx: &mut Ctx<'_>, _: Args<'_>) -> Result<Answer, CmdError> {
    let (name, claim) = file_and_claim(ctx)?;
    ctx.persistence.write_users(&name, file::write(ctx.acl), claim)?;
    ctx.reply.ok();
    Ok(Answer::Done)
}
