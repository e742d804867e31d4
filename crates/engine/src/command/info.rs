//! COMMAND INFO: arity, flags, keys and ACL categories of a spec, in the shape in which client libraries read them.

use redarium_resp::encode::Encoder;

use super::{Begin, CommandSpec, Find, Flags, KeySpec};

/// Writes the ten elements that describe a command; tips are not told.
pub fn write(reply: &mut Encoder<'_>, spec: &CommandSpec, container: Option<&CommandSpec>) {
    let (first, last, step) = spec.first_last_step();
    reply.array(10);
    reply.bulk(spec.full_name(container).as_bytes());
    reply.integer(spec.effective_arity(container.is_some()));
    names(reply, spec.shown_flags().names());
    reply.integer(first);
    reply.integer(last);
    reply.integer(step);
    names(reply, spec.categories().into_iter());
    reply.set(0);
    reply.set(spec.keys.len());
    for key in spec.keys {
        key_spec(reply, key);
    }
    if spec.is_container() {
        reply.array(spec.subcommands.len());
        for sub in spec.subcommands {
            write(reply, sub, Some(spec));
        }
    } else {
        reply.set(0);
    }
}

fn names(reply: &mut Encoder<'_>, names: impl Iterator<Item = &'static str> + Clone) {
    reply.set(names.clone().count());
    for name in names {
        reply.simple(name);
    }
}

fn key_spec(reply: &mut Encoder<'_>, spec: &KeySpec) {
    reply.map(3);
    reply.bulk(b"flags");
    reply.set(spec.flags.len());
    for flag in spec.flags {
        reply.simple(flag);
    }
    reply.bulk(b"begin_search");
    match spec.begin {
        Begin::Index(index) => {
            typed(reply, "index", 1);
            number(reply, "index", index as i64);
        }
        Begin::Keyword { word, from } => {
            typed(reply, "keyword", 2);
            reply.bulk(b"keyword");
            reply.bulk(word.as_bytes());
            number(reply, "startfrom", from as i64);
        }
        Begin::Unknown => typed(reply, "unknown", 0),
    }
    reply.bulk(b"find_keys");
    match spec.find {
        Find::Range { last, step, limit } => {
            typed(reply, "range", 3);
            number(reply, "lastkey", last as i64);
            number(reply, "keystep", step as i64);
            number(reply, "limit", limit as i64);
        }
        Find::Count { at, first, step } => {
            typed(reply, "keynum", 3);
            number(reply, "keynumidx", at as i64);
            number(reply, "firstkey", first as i64);
            number(reply, "keystep", step as i64);
        }
        Find::Unknown | Find::Told(_) => typed(reply, "unknown", 0),
    }
}

/// The head of `{type: kind, spec: {…}}`; `fields` pairs follow.
fn typed(reply: &mut Encoder<'_>, kind: &str, fields: usize) {
    reply.map(2);
    reply.bulk(b"type");
    reply.bulk(kind.as_bytes());
    reply.bulk(b"spec");
    reply.map(fields);
}

fn number(reply: &mut Encoder<'_>, name: &str, value: i64) {
    reply.bulk(name.as_bytes());
    reply.integer(value);
}

impl Flags {
    /// The names of the flags that COMMAND INFO lists.
    pub fn names(self) -> impl Iterator<Item = &'static str> + Clone {
        Self::NAMES
            .iter()
            .filter(move |(flag, name)| self.has(*flag) && !name.is_empty())
            .map(|(_, name)| *name)
    }
}
