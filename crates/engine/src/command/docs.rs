//! COMMAND DOCS: what a spec says of itself, in the shape in which redis-cli and client libraries read it.

use redarium_resp::encode::Encoder;

use super::manual::group_name;
use super::{Arg, ArgKind, CommandSpec, Find, KeySpec};

/// Writes the name of a command and the map that documents it.
pub fn write_entry(reply: &mut Encoder<'_>, spec: &CommandSpec, container: Option<&CommandSpec>) {
    reply.bulk(spec.full_name(container).as_bytes());
    write(reply, spec);
}

fn write(reply: &mut Encoder<'_>, spec: &CommandSpec) {
    let map = reply.begin();
    let mut fields = 4;
    text(reply, "summary", spec.summary);
    text(reply, "since", spec.since);
    text(reply, "group", &group_name(spec));
    text(reply, "complexity", spec.complexity);
    if let Some(deprecated) = spec.deprecated {
        fields += 3;
        reply.bulk(b"doc_flags");
        reply.set(1);
        reply.simple("deprecated");
        text(reply, "deprecated_since", deprecated.since);
        text(reply, "replaced_by", deprecated.replaced_by);
    }
    if !spec.history.is_empty() {
        fields += 1;
        reply.bulk(b"history");
        reply.set(spec.history.len());
        for (version, change) in spec.history {
            reply.array(2);
            reply.bulk(version.as_bytes());
            reply.bulk(change.as_bytes());
        }
    }
    if !spec.args.is_empty() {
        fields += 1;
        reply.bulk(b"arguments");
        arguments(reply, spec.args, &mut KeySpecs { used: 0, all: spec.keys });
    }
    if spec.is_container() {
        fields += 1;
        reply.bulk(b"subcommands");
        reply.map(spec.subcommands.len());
        for sub in spec.subcommands {
            write_entry(reply, sub, Some(spec));
        }
    }
    reply.end_map(map, fields);
}

fn text(reply: &mut Encoder<'_>, name: &str, value: &str) {
    reply.bulk(name.as_bytes());
    reply.bulk(value.as_bytes());
}

/// Which key specification describes the next key argument: they come in the same order, and the last one holds for
/// all that are left. One that no word stands for, such as that of SORT's patterns, is passed over.
struct KeySpecs {
    used: usize,
    all: &'static [KeySpec],
}

impl KeySpecs {
    fn next(&mut self) -> Option<usize> {
        let named = |spec: &KeySpec| !matches!(spec.find, Find::Unknown);
        let mut indexes =
            (0..self.all.len()).filter(|&index| self.all.get(index).is_some_and(named));
        let index = indexes.clone().nth(self.used).or_else(|| indexes.next_back())?;
        self.used += 1;
        Some(index)
    }
}

fn arguments(reply: &mut Encoder<'_>, args: &[Arg], keys: &mut KeySpecs) {
    reply.array(args.len());
    for arg in args {
        argument(reply, arg, keys);
    }
}

fn argument(reply: &mut Encoder<'_>, arg: &Arg, keys: &mut KeySpecs) {
    let map = reply.begin();
    let mut fields = 2;
    let name = arg.name.to_ascii_lowercase();
    text(reply, "name", &name);
    text(reply, "type", arg.kind.name());
    if arg.parts().is_empty() {
        fields += 1;
        text(reply, "display_text", &name);
    }
    if matches!(arg.kind, ArgKind::Key)
        && let Some(index) = keys.next()
    {
        fields += 1;
        reply.bulk(b"key_spec_index");
        reply.count(index);
    }
    if let Some(token) = arg.token {
        fields += 1;
        text(reply, "token", token);
    }
    if !arg.since.is_empty() {
        fields += 1;
        text(reply, "since", arg.since);
    }
    if let Some(since) = arg.deprecated_since {
        fields += 1;
        text(reply, "deprecated_since", since);
    }
    let flags =
        [(arg.optional, "optional"), (arg.many, "multiple"), (arg.many_token, "multiple_token")];
    let set = flags.iter().filter(|(is_set, _)| *is_set);
    if set.clone().next().is_some() {
        fields += 1;
        reply.bulk(b"flags");
        reply.set(set.clone().count());
        for (_, flag) in set {
            reply.simple(flag);
        }
    }
    if !arg.parts().is_empty() {
        fields += 1;
        reply.bulk(b"arguments");
        arguments(reply, arg.parts(), keys);
    }
    reply.end_map(map, fields);
}
