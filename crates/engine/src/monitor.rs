//! MONITOR: every command that runs, as a line for each client that wants to see all of them.
//!
//! As in Redis, lines follow the command, commands that administer are not shown, and neither are passwords.

use redarium_resp::quote;

use crate::args::Args;
use crate::command::{CommandSpec, Flags};
use crate::context::Ctx;
use crate::dispatch::Found;
use crate::error::CmdError;
use crate::mail::Packet;
use crate::timing::secrets::redacted;

/// Shows a command that has just run to all who monitor; `args` are all its words.
#[cold]
pub(crate) fn show(ctx: &mut Ctx<'_>, found: &Found, args: Args<'_>) {
    let flags = found.spec.flags;
    if flags.has(Flags::ADMIN) || flags.has(Flags::SKIP_MONITOR) {
        return;
    }
    show_words(ctx, &redacted(found, args));
}

/// Shows a command whatever it is; one that a script calls is said to come from there.
#[cold]
pub(crate) fn show_words(ctx: &mut Ctx<'_>, words: &[&[u8]]) {
    let (seconds, ms) = (ctx.keys.now.div_euclid(1000), ctx.keys.now.rem_euclid(1000));
    let source = if ctx.client.in_script { "lua" } else { &ctx.client.addr };
    let mut line = format!("{seconds}.{ms:03}000 [{} {source}]", ctx.client.db);
    for word in words {
        line.push(' ');
        line.push_str(&quote(word));
    }
    let monitors = ctx.clients.monitors().clone();
    let (mut mail, ..) = ctx.mail();
    let mut packet = Packet::new(|reply| reply.simple(&line));
    for id in monitors {
        mail.send(id, &mut packet);
    }
}

/// A client that monitors may not use keys: it counts as a replica, whose keys come from its primary.
#[inline]
pub(crate) fn check(ctx: &Ctx<'_>, spec: &CommandSpec) -> Result<(), CmdError> {
    let uses_keys = || {
        let flags = [Flags::WRITE, Flags::READONLY, Flags::MAY_REPLICATE];
        flags.into_iter().any(|flag| spec.flags.has(flag))
    };
    if ctx.client.is_monitor && uses_keys() {
        return Err(CmdError::Msg("ERR Replica can't interact with the keyspace"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::{Engine, Options};

    #[test]
    fn commands_are_shown_after_they_ran() {
        let start = 1_767_603_600_005;
        let mut node = Engine::new(Options { start, seed: 7, ..Options::default() });
        let (ann, bo) = (node.connect("127.0.0.1:50000"), node.connect("127.0.0.1:50001"));
        node.feed(ann, b"MONITOR\r\nPING\r\n");
        let own = String::from_utf8(node.take_output(ann)).unwrap();
        let expected = "+OK\r\n+PONG\r\n+1767603600.005000 [0 127.0.0.1:50000] \"PING\"\r\n";
        assert_eq!(own, expected, "its own commands too, after the reply");
        let mut shown = |lines: &[u8]| {
            node.feed(bo, lines);
            assert!(node.take_woken().contains(&ann), "the host is told");
            let shown = String::from_utf8(node.take_output(ann)).unwrap();
            let words = |line: &str| line.split_once("] ").unwrap().1.to_owned();
            shown.lines().map(words).collect::<Vec<_>>()
        };
        assert_eq!(shown(b"get \"a\\x01\\\"\"\r\nNOSUCH\r\n"), [r#""get" "a\x01\"""#], "quoted");
        assert_eq!(
            shown(b"HELLO 3 AUTH ann pw\r\nAUTH pw\r\nCONFIG GET hz\r\n"),
            [r#""HELLO" "3" "AUTH" "(redacted)" "(redacted)""#, r#""AUTH" "(redacted)""#],
            "no passwords, and nothing that administers"
        );
        assert_eq!(
            shown(b"MULTI\r\nSET a 1\r\nEXEC\r\n"),
            [r#""MULTI""#, r#""SET" "a" "1""#, r#""EXEC""#],
            "when they run, not when they are queued"
        );
        node.feed(ann, b"GET a\r\nRESET\r\nGET a\r\n");
        let own = String::from_utf8(node.take_output(ann)).unwrap();
        let expected = "-ERR Replica can't interact with the keyspace\r\n+RESET\r\n$1\r\n1\r\n";
        assert_eq!(own, expected, "no keys until it ends");
    }
}
