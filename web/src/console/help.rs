//! HELP: everything from the table of commands.

use redarium_engine::command::CommandSpec;
use redarium_engine::table;

const ABOUT: &str = "\
Type a command, such as SET greeting hello, and press Enter.
Tab completes names; up and down go through what you typed; Ctrl-L clears.
\"HELP <command>\" explains a command; \"HELP @<group>\" lists a group: ";

const DIRECTIVES: &str = "
:advance 61s   moves the clock    :undo, :redo   step back and forward
:reset         begins anew        :seed 7        begins anew with this seed
:load words    loads the word list that comes with the page";

/// The text for HELP with these words behind it.
pub fn help(about: &[String]) -> Result<String, String> {
    let about: Vec<&str> = about.iter().map(String::as_str).collect();
    match about.as_slice() {
        [] => Ok(format!("{ABOUT}{}.{DIRECTIVES}", groups().join(", "))),
        [group] if group.starts_with('@') => list(group),
        [name, rest @ ..] => {
            let unknown =
                || format!("there is no command {}; HELP lists the groups", about.join(" "));
            let spec = table::lookup(name.as_bytes()).ok_or_else(unknown)?;
            match rest {
                [] => Ok(explain(spec, None)),
                [sub, ..] => {
                    let sub = spec.subcommand(sub.as_bytes()).ok_or_else(unknown)?;
                    Ok(explain(sub, Some(spec)))
                }
            }
        }
    }
}

fn groups() -> Vec<String> {
    let mut groups: Vec<String> =
        table::commands().iter().map(|spec| format!("@{}", spec.group.name())).collect();
    groups.sort_unstable();
    groups.dedup();
    groups
}

fn list(group: &str) -> Result<String, String> {
    let name = group.trim_start_matches('@').to_ascii_lowercase();
    let lines: Vec<String> = table::commands()
        .iter()
        .filter(|spec| spec.group.name() == name)
        .map(|spec| format!("{:<18}{}", spec.name, spec.summary))
        .collect();
    if lines.is_empty() {
        return Err(format!("there is no group {group}; there are {}", groups().join(", ")));
    }
    Ok(lines.join("\n"))
}

fn explain(spec: &CommandSpec, container: Option<&CommandSpec>) -> String {
    let name =
        container.map_or_else(|| spec.name.to_owned(), |it| format!("{} {}", it.name, spec.name));
    let mut text = String::new();
    let mut fact = |label: &str, value: &str| {
        if !value.is_empty() {
            text.extend(["  ", &format!("{label:<12}"), value, "\n"]);
        }
    };
    fact("summary", spec.summary);
    fact("since", spec.since);
    fact("group", spec.group.name());
    fact("complexity", spec.complexity);
    let subcommands: Vec<&str> = spec.subcommands.iter().map(|sub| sub.name).collect();
    fact("subcommands", &subcommands.join(", "));
    if let Some(old) = spec.deprecated {
        fact("deprecated", &format!("since {}; today: {}", old.since, old.replaced_by));
    }
    fact("see also", &spec.see_also.join(", "));
    for line in spec.examples.trim().lines() {
        fact("", line);
    }
    let syntax = format!("{name} {}", spec.syntax());
    format!("{}\n{}", syntax.trim_end(), text.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(about: &str) -> Result<String, String> {
        help(&about.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn facts_come_from_the_table() {
        let text = ask("zadd").unwrap();
        assert!(text.starts_with("ZADD key "), "the syntax first: {text}");
        for part in ["summary", "since       1.2.0", "complexity  O(", "> ZADD"] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(ask("config get").unwrap().starts_with("CONFIG GET "), "subcommands");
        assert!(ask("@string").unwrap().contains("GETRANGE"), "groups");
        assert!(ask("").unwrap().contains(":advance"), "directives");
        assert!(ask("frobnicate").is_err_and(|error| error.contains("frobnicate")));
        assert!(ask("@none").is_err_and(|error| error.contains("@string")));
    }
}
