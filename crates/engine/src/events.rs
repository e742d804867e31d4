//! Keyspace events: messages that tell of changes of keys, on channels named after the key and after the event.
//!
//! What happens is noted while a command runs and told when it is over, in the same order.
//! This module knows nothing of commands; an event's name alone says what class it is of.

use crate::effects::{Change, Effects};
use crate::mail::Mail;
use crate::pubsub::PubSub;

/// Letters of all classes in the order in which CONFIG GET shows them. `A` stands for those in [`COMMON`].
const LETTERS: &str = "g$lshzxetdKEmnoc";

/// What `A` stands for.
const COMMON: &str = "g$lshzxetd";

/// A set of classes of events, and of the channels on which they are told (`notify-keyspace-events`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EventClasses(u16);

impl EventClasses {
    /// The classes that letters stand for; `None` if one stands for none.
    pub fn parse(letters: &str) -> Option<Self> {
        let add = |classes: Self, letter: char| {
            if letter == 'A' {
                return Self::parse(COMMON).map(|common| Self(classes.0 | common.0));
            }
            LETTERS.find(letter).map(|bit| Self(classes.0 | 1 << bit))
        };
        letters.chars().try_fold(Self::default(), add)
    }

    /// The letters, in Redis's order.
    pub fn letters(self) -> String {
        let has_all = COMMON.chars().all(|letter| self.has(letter));
        let mut shown = String::from(if has_all { "A" } else { "" });
        let is_said = |letter: char| has_all && COMMON.contains(letter);
        shown.extend(LETTERS.chars().filter(|&letter| self.has(letter) && !is_said(letter)));
        shown
    }

    /// Whether there is none, so that nobody can be told of anything.
    #[inline]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    fn has(self, letter: char) -> bool {
        LETTERS.find(letter).is_some_and(|bit| self.0 & 1 << bit != 0)
    }

    /// Whether an event of this name is to be told, on whichever channel.
    pub(crate) fn include(self, event: &str) -> bool {
        (self.has('K') || self.has('E')) && class_of(event).is_some_and(|class| self.has(class))
    }
}

/// The class that an event of this name is of; `None` if Redis has no such event.
fn class_of(event: &str) -> Option<char> {
    Some(match event {
        "del" | "expire" | "persist" | "rename_from" | "rename_to" | "move_from" | "move_to"
        | "copy_to" | "restore" => 'g',
        "set" | "append" | "setrange" | "setbit" | "incrby" | "incrbyfloat" | "pfadd" => '$',
        "lpush" | "rpush" | "lpop" | "rpop" | "linsert" | "lset" | "lrem" | "ltrim"
        | "sortstore" => 'l',
        "sadd" | "srem" | "spop" | "sinterstore" | "sunionstore" | "sdiffstore" => 's',
        "expired" => 'x',
        "evicted" => 'e',
        "keymiss" => 'm',
        "new" => 'n',
        "overwritten" => 'o',
        "type_changed" => 'c',
        _ => match event.as_bytes() {
            [b'h', ..] => 'h',
            [b'z' | b'g', ..] => 'z',
            [b'x', ..] => 't',
            _ => return None,
        },
    })
}

/// Tells all events that have been noted, each on the channel of its key and then on that of its name.
pub(crate) fn tell(effects: &mut Effects, pubsub: &PubSub, mail: &mut Mail<'_>) {
    let mut events = std::mem::take(&mut effects.events);
    if !pubsub.is_empty() {
        for Change { db, key, event } in &events {
            let channel = |kind: &str| format!("__{kind}@{db}__:").into_bytes();
            if effects.classes.has('K') {
                let channel = [&channel("keyspace"), &**key].concat();
                pubsub.publish(mail, &channel, event.as_bytes());
            }
            if effects.classes.has('E') {
                let channel = [&channel("keyevent"), event.as_bytes()].concat();
                pubsub.publish(mail, &channel, key);
            }
        }
    }
    events.clear();
    effects.events = events;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Engine, Options};

    #[test]
    fn letters_are_written_in_one_order() {
        for (text, shown) in
            [("", ""), ("KEA", "AKE"), ("Ex", "xE"), ("dtexzhsl$gK", "AK"), ("AAm", "Am")]
        {
            let classes = EventClasses::parse(text).map(EventClasses::letters);
            assert_eq!(classes.as_deref(), Some(shown), "{text:?}");
        }
        assert_eq!(EventClasses::parse("K!"), None, "no such class");
    }

    #[test]
    fn only_what_is_asked_for_is_told() {
        let mut node = Engine::new(Options { start: 1_767_603_600_000, ..Options::default() });
        let (ann, bo) = (node.connect("127.0.0.1:50000"), node.connect("127.0.0.1:50001"));
        node.feed(ann, b"PSUBSCRIBE __key*\r\n");
        let _ = node.take_output(ann);
        let mut told = |classes: &str, line: &str| {
            let lines = format!(
                "FLUSHALL\r\nCONFIG SET notify-keyspace-events \"\"\r\nRPUSH l b a\r\n\
                 CONFIG SET notify-keyspace-events \"{classes}\"\r\n{line}\r\n"
            );
            node.feed(bo, lines.as_bytes());
            let _ = node.take_output(bo);
            String::from_utf8(node.take_output(ann)).unwrap().matches("pmessage").count()
        };
        for (classes, line, count) in [
            ("", "SET k v", 0),
            ("A", "SET k v", 0),
            ("K$", "SET k v", 1),
            ("KE$", "SET k v", 2),
            ("Kg", "SET k v", 0),
            ("KEn", "SET k v", 2),
            ("KEoc", "SET l v", 4),
            ("KEo", "INCR l", 0),
            ("KEm", "GET nothing", 2),
            ("KEl", "SORT l ALPHA STORE d", 2),
        ] {
            assert_eq!(told(classes, line), count, "{classes:?}, {line}");
        }
    }

    #[test]
    fn keys_that_end_by_themselves_are_told_of() {
        let mut node = Engine::new(Options { start: 1_767_603_600_000, ..Options::default() });
        let (ann, bo) = (node.connect("127.0.0.1:50000"), node.connect("127.0.0.1:50001"));
        node.feed(ann, b"SUBSCRIBE __keyevent@0__:expired\r\n");
        node.feed(bo, b"CONFIG SET notify-keyspace-events Ex\r\nSET k v PX 500\r\n");
        let _ = (node.take_output(ann), node.take_woken());
        node.advance_to(node.now() + 1000);
        assert!(node.take_woken().contains(&ann), "the host is told to look");
        let told = String::from_utf8(node.take_output(ann)).unwrap();
        assert!(told.ends_with("$22\r\n__keyevent@0__:expired\r\n$1\r\nk\r\n"), "{told:?}");
    }
}
