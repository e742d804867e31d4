//! HELP as redis-cli prints it: of a command, of a container with its subcommands, of a group.

use std::fmt::Write as _;

use super::CommandSpec;
use crate::table;

/// What `HELP` prints about a command, given by its words, or about a group such as `@string`; `None` if there is none.
///
/// The text begins with an empty line and ends with one. O(commands).
pub fn manual(about: &[&str]) -> Option<String> {
    let mut text = String::from("\n");
    if let [group, ..] = about
        && let Some(group) = group.strip_prefix('@')
    {
        let belongs = |spec: &CommandSpec| group_name(spec).eq_ignore_ascii_case(group);
        for spec in table::commands() {
            for (container, spec) in with_subcommands(spec).filter(|(_, spec)| belongs(spec)) {
                entry(&mut text, container, spec, false);
            }
        }
        return (text.len() > 1).then_some(text);
    }
    let (name, rest) = about.split_first()?;
    let spec = table::lookup(name.as_bytes())?;
    match rest {
        [] => with_subcommands(spec).for_each(|(of, spec)| entry(&mut text, of, spec, true)),
        [sub] => entry(&mut text, Some(spec), spec.subcommand(sub.as_bytes())?, true),
        _ => return None,
    }
    Some(text)
}

/// The names of all groups, each once, in order.
pub fn groups() -> Vec<String> {
    let mut groups: Vec<_> = table::commands().iter().map(|spec| group_name(spec)).collect();
    groups.sort_unstable();
    groups.dedup();
    groups
}

/// The name of a command's group as COMMAND DOCS writes it.
pub fn group_name(spec: &CommandSpec) -> String {
    spec.group.name().replace('_', "-")
}

type Entry = (Option<&'static CommandSpec>, &'static CommandSpec);

/// A command and what it contains, each with its container, by name.
fn with_subcommands(spec: &'static CommandSpec) -> impl Iterator<Item = Entry> {
    let mut subs: Vec<_> = spec.subcommands.iter().collect();
    subs.sort_unstable_by_key(|sub| sub.name);
    std::iter::once((None, spec)).chain(subs.into_iter().map(move |sub| (Some(spec), sub)))
}

fn entry(text: &mut String, of: Option<&CommandSpec>, spec: &CommandSpec, with_group: bool) {
    let container = of.map_or(String::new(), |it| format!("{} ", it.name));
    // Writing to a string cannot fail.
    let _ = writeln!(text, "  {container}{} {}", spec.name, spec.cli_syntax());
    let _ = writeln!(text, "  summary: {}\n  since: {}", spec.summary, spec.since);
    if with_group {
        let _ = writeln!(text, "  group: {}", group_name(spec));
    }
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_containers_and_groups_are_found() {
        let text = manual(&["get"]).unwrap();
        assert!(text.starts_with("\n  GET key\n  summary: "), "{text}");
        assert!(text.ends_with("  since: 1.0.0\n  group: string\n\n"), "{text}");
        assert!(
            manual(&["config"]).unwrap().contains("  CONFIG GET parameter"),
            "with subcommands"
        );
        assert!(manual(&["CONFIG", "get"]).unwrap().starts_with("\n  CONFIG GET "), "one alone");
        assert!(manual(&["@string"]).unwrap().contains("  GETRANGE key start end\n"), "a group");
        for nothing in [&["frobnicate"][..], &["GET", "key"], &["@none"], &["config", "none"], &[]]
        {
            assert_eq!(manual(nothing), None, "{nothing:?}");
        }
    }
}
