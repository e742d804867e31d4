//! HELP: what redis-cli prints, and what only this console has.

use redarium_engine::command::manual::{groups, manual};
use redarium_engine::command::mistake::mistake;

const ABOUT: &str = "\
To get help about Redis commands type:
      \"help @<group>\" to get a list of commands in <group>
      \"help <command>\" for help on <command>
      F1 for all of it in a pane of its own
Tab completes names; up and down go through what you typed; Ctrl-L clears.
Groups: ";

const DIRECTIVES: &str = "
:advance 61s   moves the clock    :undo, :redo   step back and forward
:reset         begins anew        :seed 7        begins anew with this seed
:load words    loads the word list that comes with the page";

/// The text for HELP with these words behind it.
pub fn help(about: &[String]) -> Result<String, String> {
    let about: Vec<&str> = about.iter().map(String::as_str).collect();
    let Some(first) = about.first() else {
        let groups: Vec<_> = groups().iter().map(|group| format!("@{group}")).collect();
        return Ok(format!("{ABOUT}{}.{DIRECTIVES}", groups.join(", ")));
    };
    // Groups are written with a hyphen, and often with an underscore.
    let text = manual(&about).or_else(|| manual(&[&first.replace('_', "-")]));
    text.map(|text| text.trim_end().to_owned()).ok_or_else(|| {
        if first.starts_with('@') {
            return format!("there is no group {first}; HELP lists them");
        }
        let words: Vec<&[u8]> = about.iter().map(|word| word.as_bytes()).collect();
        mistake(&words, true).map_or_else(
            || format!("there is no command {}", about.join(" ")),
            |found| found.reason,
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(about: &str) -> Result<String, String> {
        help(&about.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn commands_and_groups_are_explained_as_redis_cli_does() {
        let text = ask("zadd").unwrap();
        assert!(text.starts_with("\n  ZADD key [NX|XX]"), "the syntax first: {text}");
        for part in ["  summary: ", "  since: 1.2.0", "  group: sorted-set"] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(ask("config get").unwrap().contains("  CONFIG GET "), "subcommands");
        assert!(ask("@sorted_set").unwrap().contains("  ZADD key"), "groups");
        assert!(ask("").unwrap().contains(":advance"), "directives");
        assert!(ask("BRPOPPUSH").is_err_and(|error| error.contains("BRPOPLPUSH")));
        assert!(ask("@none").is_err_and(|error| error.contains("@none")));
    }
}
