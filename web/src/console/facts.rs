//! What a command did, in a few lines: keys before and after, bytes, steps and how many of them were to be expected.

use redarium_resp::split;

use super::line::spec_of;
use crate::format::{counted, grouped};
use crate::protocol::{Brief, Ran, Touched};

/// What is known of a command that was run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    number: usize,
    touched: Vec<Touched>,
    steps: u64,
    complexity: &'static str,
    sent: usize,
    received: usize,
}

impl Facts {
    /// What the `number`th thing did: a command line, of which `sent` bytes went to the node.
    pub fn new(number: usize, line: &str, sent: usize, ran: &Ran) -> Self {
        let words = split(line.as_bytes()).ok();
        Self {
            number,
            touched: ran.touched.clone(),
            steps: ran.steps,
            complexity: words.as_ref().and_then(spec_of).map_or("", |spec| spec.complexity),
            sent,
            received: ran.replies.iter().map(|reply| reply.wire.len()).sum(),
        }
    }

    /// The same for people, one fact a line.
    pub fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.touched.iter().map(touched).collect();
        if self.steps > 0 {
            lines.push(format!("{} counted", counted(self.steps as usize, "step")));
        }
        if !self.complexity.is_empty() {
            lines.push(self.complexity.to_owned());
        }
        lines.push(format!(
            "number {}; {} sent, {} received",
            grouped(self.number),
            counted(self.sent, "byte"),
            grouped(self.received)
        ));
        lines
    }
}

fn touched(touched: &Touched) -> String {
    let key = &touched.key;
    match (&touched.before, &touched.after) {
        (None, None) => format!("{key} does not exist"),
        (None, Some(after)) => format!("{key} is new: {}", brief(after)),
        (Some(before), None) => format!("{key} is gone: it was {}", brief(before)),
        (Some(before), Some(after)) if before == after => {
            format!("{key} is unchanged: {}", brief(after))
        }
        (Some(before), Some(after)) => format!("{key}: {}, now {}", brief(before), brief(after)),
    }
}

fn brief(brief: &Brief) -> String {
    let thing = match brief.kind.as_str() {
        "string" => "byte",
        "hash" => "field",
        "set" | "zset" => "member",
        "stream" => "entry",
        _ => "element",
    };
    let len = counted(brief.len as usize, thing);
    format!(
        "{} ({}) of {len}, {}",
        brief.kind,
        brief.encoding,
        counted(brief.bytes as usize, "byte")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_explained_by_what_it_changed() {
        let brief = |len| {
            let (kind, encoding) = ("zset".to_owned(), "listpack".to_owned());
            Some(Brief { kind, encoding, len, bytes: 70 + len })
        };
        let touched = Touched { key: "game".to_owned(), before: brief(1), after: brief(2) };
        let ran = Ran { touched: vec![touched], steps: 3, ..Ran::default() };
        let lines = Facts::new(12, "ZADD game 1 ana", 40, &ran).lines();
        assert_eq!(
            lines[0],
            "game: zset (listpack) of 1 member, 71 bytes, now zset (listpack) of 2 members, 72 bytes"
        );
        assert_eq!(lines[1], "3 steps counted");
        assert!(lines[2].starts_with("O("), "the complexity: {lines:?}");
        assert_eq!(lines[3], "number 12; 40 bytes sent, 0 received");
    }
}
