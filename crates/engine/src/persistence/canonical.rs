//! What stands in the log for commands that would do something else at another time.
//!
//! Deadlines are absolute, ids are given, results of arithmetic are values: each command is replaced by ones that say
//! what its keys hold now. Those that draw lots say so themselves (SPOP).

use std::borrow::Cow;

use redarium_resp::number::parse_i64;
use redarium_structures::list_pack::ListPackValue;
use redarium_structures::trace::NoTrace;

use crate::args::Args;
use crate::keyspace::Keys;
use crate::types::hash::Hash;
use crate::types::stream::{Stream, StreamId};

/// Logs what a command has done in other words than its own; does nothing where its own words will do.
pub(crate) fn put(keys: &mut Keys<'_>, args: Args<'_>) {
    let name = args.word(0).unwrap_or_default().to_ascii_uppercase();
    let (Some(key), log) = (args.word(1), Logger { keys }) else { return };
    match name.as_slice() {
        b"SET" if args.total() == 3 => {}
        b"SET" | b"SETEX" | b"PSETEX" | b"GETSET" | b"INCREX" | b"INCRBYFLOAT" => log.string(key),
        b"MSETEX" => log.strings(args),
        b"GETDEL" | b"DELEX" => log.deletion(key),
        b"GETEX" | b"EXPIRE" | b"PEXPIRE" | b"EXPIREAT" | b"PEXPIREAT" => log.deadline(key),
        b"RESTORE" => log.restored(key, args.word(3).unwrap_or_default()),
        b"HINCRBYFLOAT" => log.field(key, args.word(2).unwrap_or_default(), true),
        b"HSETEX" => log.fields(key, args, true),
        b"HEXPIRE" | b"HPEXPIRE" | b"HEXPIREAT" | b"HPEXPIREAT" | b"HPERSIST" | b"HGETEX"
        | b"HGETDEL" => log.fields(key, args, false),
        b"XADD" => log.added(key, args),
        b"XTRIM" => log.trimmed(key, args),
        b"XCLAIM" | b"XAUTOCLAIM" => log.claimed(key, args),
        b"XREADGROUP" => log.read(args),
        b"BLPOP" => log.popped(b"LPOP", b"LMPOP", b"LEFT", args),
        b"BRPOP" => log.popped(b"RPOP", b"LMPOP", b"RIGHT", args),
        b"BZPOPMIN" => log.popped(b"ZPOPMIN", b"ZMPOP", b"MIN", args),
        b"BZPOPMAX" => log.popped(b"ZPOPMAX", b"ZMPOP", b"MAX", args),
        b"BLMPOP" => log.plain(b"LMPOP", args.skip(2)),
        b"BZMPOP" => log.plain(b"ZMPOP", args.skip(2)),
        b"BLMOVE" => log.plain(b"LMOVE", args.skip(1).take(4)),
        b"BRPOPLPUSH" => log.plain(b"RPOPLPUSH", args.skip(1).take(2)),
        _ => {}
    }
}

/// The log with the keys that it tells of.
struct Logger<'k, 'a> {
    keys: &'k mut Keys<'a>,
}

impl Logger<'_, '_> {
    fn put(&mut self, words: &[&[u8]]) {
        let db = self.keys.db;
        self.keys.effects.log.put(db, words);
    }

    fn deletion(mut self, key: &[u8]) {
        self.put(&[b"DEL", key]);
    }

    /// A command that waits for one of some keys as one that does not: they are as they were when it was served.
    fn popped(
        mut self,
        one: &'static [u8],
        some: &'static [u8],
        end: &'static [u8],
        args: Args<'_>,
    ) {
        let keys = args.skip(1);
        let keys = keys.take(keys.len().saturating_sub(1));
        if keys.len() == 1 {
            return self.plain(one, keys);
        }
        let count = keys.len().to_string();
        let head = [some, count.as_bytes()].into_iter();
        let words: Vec<&[u8]> = head.chain(keys.rest()).chain([end]).collect();
        self.put(&words);
    }

    /// The rest of a command's words under another name.
    fn plain(mut self, name: &'static [u8], args: Args<'_>) {
        let words: Vec<&[u8]> = [name].into_iter().chain(args.rest()).collect();
        self.put(&words);
    }

    /// The string that a key holds, with its deadline; its deletion if the deadline has passed already.
    fn string(mut self, key: &[u8]) {
        self.put_string(key);
    }

    fn put_string(&mut self, key: &[u8]) {
        let Some(value) =
            self.keys.peek(key).and_then(|value| value.string().ok()).map(Cow::into_owned)
        else {
            return self.put(&[b"DEL", key]);
        };
        match self.deadline_of(key) {
            None => self.put(&[b"SET", key, &value]),
            Some(at) => self.put(&[b"SET", key, &value, b"PXAT", at.to_string().as_bytes()]),
        }
    }

    fn strings(mut self, args: Args<'_>) {
        let count = args.word(1).and_then(parse_i64).unwrap_or(0);
        for place in 0..usize::try_from(count).unwrap_or(0) {
            let Some(key) = args.word(2 + 2 * place) else { break };
            self.put_string(key);
        }
    }

    fn deadline_of(&self, key: &[u8]) -> Option<i64> {
        let db = self.keys.database();
        db.deadline(db.find(self.keys.seed, key)?)
    }

    /// When a key ends.
    fn deadline(mut self, key: &[u8]) {
        if self.keys.peek(key).is_none() {
            return self.put(&[b"DEL", key]);
        }
        match self.deadline_of(key) {
            None => self.put(&[b"PERSIST", key]),
            Some(at) => self.put(&[b"PEXPIREAT", key, at.to_string().as_bytes()]),
        }
    }

    fn restored(mut self, key: &[u8], payload: &[u8]) {
        if self.keys.peek(key).is_none() {
            return self.put(&[b"DEL", key]);
        }
        let at = self.deadline_of(key).unwrap_or(0).to_string();
        self.put(&[b"RESTORE", key, at.as_bytes(), payload, b"REPLACE", b"ABSTTL"]);
    }

    /// A field of a hash: its value if that is wanted, and when it ends.
    fn field(mut self, key: &[u8], name: &[u8], has_value: bool) {
        self.put_field(key, name, has_value);
    }

    fn put_field(&mut self, key: &[u8], name: &[u8], has_value: bool) {
        let now = self.keys.now;
        let hash = self.keys.peek_as::<Hash>(key).ok().flatten();
        let value = hash.and_then(|hash| hash.get(name, now, &mut NoTrace));
        let Some(value) = value.map(ListPackValue::to_vec) else {
            return self.put(&[b"HDEL", key, name]);
        };
        let deadline = hash.and_then(|hash| hash.deadline(name, now, &mut NoTrace)).flatten();
        if has_value {
            self.put(&[b"HSET", key, name, &value]);
        }
        match deadline {
            Some(at) => {
                let at = at.to_string();
                self.put(&[b"HPEXPIREAT", key, at.as_bytes(), b"FIELDS", b"1", name]);
            }
            // Setting a field has let it live for ever.
            None if has_value => {}
            None => self.put(&[b"HPERSIST", key, b"FIELDS", b"1", name]),
        }
    }

    /// The fields behind FIELDS and their number.
    fn fields(mut self, key: &[u8], args: Args<'_>, has_values: bool) {
        let mut words = args.skip(2);
        while !words.is_empty() && !words.take_token("FIELDS") {
            words = words.skip(1);
        }
        let step = if has_values { 2 } else { 1 };
        for name in words.skip(1).rest().step_by(step) {
            self.put_field(key, name, has_values);
        }
    }

    /// An entry with the id that it was given; trimming by the length that it has led to.
    fn added(mut self, key: &[u8], args: Args<'_>) {
        let Some((last_id, len)) =
            self.stream(key, |stream| (stream.log.last_id, stream.log.len()))
        else {
            return;
        };
        let (last_id, len) = (text(last_id), len.to_string());
        let mut words = args.skip(2);
        let mut kept: Vec<&[u8]> = vec![b"XADD", key];
        let mut is_trimmed = false;
        loop {
            if words.take_token("IDMPAUTO") || words.take_token("LIMIT") {
                skip(&mut words, 1);
            } else if words.take_token("IDMP") {
                skip(&mut words, 2);
            } else if words.take_token("MAXLEN") || words.take_token("MINID") {
                skip_threshold(&mut words);
                is_trimmed = true;
            } else if let Some(word) = references(&mut words) {
                kept.push(word);
            } else if !words.take_token("NOMKSTREAM") {
                break;
            }
        }
        // What an ACKED trim takes away is not the oldest; it would find the same entries again.
        if is_trimmed && kept.iter().any(|word| word.eq_ignore_ascii_case(b"ACKED")) {
            let mut all: Vec<&[u8]> = args.all().collect();
            if let Some(id) = all.get_mut(args.total() - words.len()) {
                *id = &last_id;
            }
            return self.put(&all);
        }
        if is_trimmed {
            kept.extend([&b"MAXLEN"[..], b"=", len.as_bytes()]);
        }
        kept.push(&last_id);
        kept.extend(words.skip(1).rest());
        self.put(&kept);
    }

    fn trimmed(mut self, key: &[u8], args: Args<'_>) {
        let Some(len) = self.stream(key, |stream| stream.log.len().to_string()) else { return };
        let all: Vec<&[u8]> = args.skip(2).rest().collect();
        let is = |name: &[u8]| all.iter().any(|word| word.eq_ignore_ascii_case(name));
        if is(b"ACKED") {
            return;
        }
        let mut words: Vec<&[u8]> = vec![b"XTRIM", key, b"MAXLEN", b"=", len.as_bytes()];
        if is(b"DELREF") {
            words.push(b"DELREF");
        }
        self.put(&words);
    }

    /// XCLAIM key group consumer min-idle-time id … or XAUTOCLAIM key group consumer min-idle-time start …
    fn claimed(mut self, key: &[u8], args: Args<'_>) {
        let (group, consumer) =
            (args.word(2).unwrap_or_default(), args.word(3).unwrap_or_default());
        let ids: Vec<_> = args.skip(5).rest().map_while(|word| StreamId::parse(word, 0)).collect();
        if args.word(0).is_some_and(|name| name.eq_ignore_ascii_case(b"XCLAIM")) {
            self.put_given(key, group, consumer, false, |id, _| ids.contains(&id));
        } else {
            let now = self.keys.now;
            self.put_given(key, group, consumer, false, |_, at| at == now);
        }
    }

    /// Those of the entries that a consumer has to acknowledge that `was_given`, by id and time of delivery, and if it
    /// `has_read` them, how far the group has come. O(n) in all that it has to acknowledge.
    fn put_given(
        &mut self,
        key: &[u8],
        name: &[u8],
        consumer: &[u8],
        has_read: bool,
        was_given: impl Fn(StreamId, i64) -> bool,
    ) {
        let given = self.stream(key, |stream| {
            let group = stream.group(name)?;
            let held = group.consumer(group.find_consumer(consumer)?).pending_ids(StreamId::MIN);
            let fact = |id| {
                let pending = group.pending(id)?;
                Some((id, pending.delivered_at, pending.deliveries))
            };
            let given: Vec<_> =
                held.filter_map(fact).filter(|&(id, at, _)| was_given(id, at)).collect();
            Some((given, group.last_id, group.entries_read))
        });
        let Some((given, last_id, read)) = given.flatten() else { return };
        self.put(&[b"XGROUP", b"CREATECONSUMER", key, name, consumer]);
        let last_id = text(last_id);
        for (id, at, count) in given {
            let (id, at, count) = (text(id), at.to_string(), count.to_string());
            self.put(&[
                b"XCLAIM",
                key,
                name,
                consumer,
                b"0",
                &id,
                b"TIME",
                at.as_bytes(),
                b"RETRYCOUNT",
                count.as_bytes(),
                b"FORCE",
                b"JUSTID",
                b"LASTID",
                &last_id,
            ]);
        }
        if has_read {
            let read = read.map_or("-1".to_owned(), |read| read.to_string());
            let read = read.as_bytes();
            self.put(&[b"XGROUP", b"SETID", key, name, &last_id, b"ENTRIESREAD", read]);
        }
    }

    /// XREADGROUP GROUP group consumer … STREAMS key … id …
    fn read(mut self, args: Args<'_>) {
        let (group, consumer) =
            (args.word(2).unwrap_or_default(), args.word(3).unwrap_or_default());
        let mut words = args.skip(4);
        while !words.is_empty() && !words.take_token("STREAMS") {
            words = words.skip(1);
        }
        for key in words.take(words.len() / 2).rest() {
            let now = self.keys.now;
            self.put_given(key, group, consumer, true, |_, at| at == now);
        }
    }

    fn stream<T>(&self, key: &[u8], look: impl FnOnce(&Stream) -> T) -> Option<T> {
        self.keys.peek_as::<Stream>(key).ok().flatten().map(look)
    }
}

fn skip(words: &mut Args<'_>, count: usize) -> bool {
    *words = words.skip(count);
    true
}

fn skip_threshold(words: &mut Args<'_>) {
    if !words.take_token("=") {
        words.take_token("~");
    }
    skip(words, 1);
}

/// The word about references to entries that go, if it is next.
fn references<'a>(words: &mut Args<'a>) -> Option<&'a [u8]> {
    let word = words.peek()?;
    let is_one = ["KEEPREF", "DELREF", "ACKED"]
        .iter()
        .any(|known| word.eq_ignore_ascii_case(known.as_bytes()));
    is_one.then(|| skip(words, 1)).map(|_| word)
}

fn text(id: StreamId) -> Vec<u8> {
    format!("{}-{}", id.ms, id.seq).into_bytes()
}
