//! What the node did for several clients, in the order in which it did it: one lane for each client.

use yew::AttrValue;

use crate::protocol::{Ran, Reply};

/// Rows that are kept.
const ROWS_MAX: usize = 2000;

/// Lines of a reply that a lane shows.
const LINES_MAX: usize = 4;

/// One thing that the node did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its place in the order; later parts of one thing have the same.
    pub number: usize,
    /// For whom.
    pub client: String,
    /// The command; nothing if the client was sent something because of another one.
    pub line: Option<AttrValue>,
    /// What it was sent; nothing while it waits.
    pub text: AttrValue,
    /// Whether that is an error.
    pub is_error: bool,
}

/// The rows, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lanes {
    rows: Vec<Row>,
}

impl Lanes {
    /// The rows, oldest first.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// A command was run as the `number`th thing; what was undone before is forgotten.
    pub(super) fn ran(&mut self, client: &str, line: &str, number: usize, ran: &Ran) {
        self.rows.retain(|row| row.number < number);
        let over = (self.rows.len() + 1).saturating_sub(ROWS_MAX);
        self.rows.drain(..over);
        let texts: Vec<&str> = ran.replies.iter().map(|reply| reply.text.as_str()).collect();
        self.rows.push(Row {
            number,
            client: client.to_owned(),
            line: Some(line.to_owned().into()),
            text: short(&texts.join("\n")),
            is_error: ran.replies.iter().any(|reply| reply.is_error),
        });
        for (client, reply) in &ran.received {
            self.received(client, reply, number);
        }
    }

    /// A client was sent something because of the `number`th thing.
    fn received(&mut self, client: &str, reply: &Reply, number: usize) {
        self.rows.push(Row {
            number,
            client: client.to_owned(),
            line: None,
            text: short(&reply.text),
            is_error: reply.is_error,
        });
    }
}

/// The beginning of a text.
fn short(text: &str) -> AttrValue {
    let mut lines: Vec<&str> = text.lines().take(LINES_MAX + 1).collect();
    if lines.len() > LINES_MAX {
        lines.truncate(LINES_MAX);
        lines.push("\u{2026}");
    }
    lines.join("\n").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_command_brought_others_has_its_number() {
        let mut lanes = Lanes::default();
        lanes.ran("bob", "BLPOP jobs 0", 1, &Ran::default());
        let reply = |text: &str| Reply { text: text.to_owned(), ..Reply::default() };
        let ran = Ran {
            replies: vec![reply("(integer) 1")],
            received: vec![("bob".to_owned(), reply("1) \"jobs\"\n2) \"mail\""))],
            ..Ran::default()
        };
        lanes.ran("alice", "RPUSH jobs mail", 2, &ran);
        let order: Vec<(usize, &str, bool)> =
            lanes.rows().iter().map(|row| (row.number, &*row.client, row.line.is_some())).collect();
        assert_eq!(order, [(1, "bob", true), (2, "alice", true), (2, "bob", false)]);
        lanes.ran("alice", "PING", 2, &Ran::default());
        assert_eq!(lanes.rows().len(), 2, "what was undone is gone");
        assert_eq!(short("1\n2\n3\n4\n5").as_str(), "1\n2\n3\n4\n\u{2026}");
    }
}
