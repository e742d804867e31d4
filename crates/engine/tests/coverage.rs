//! Every command of Redis that means something in a page is in the table, but for those listed here with a reason.
//!
//! What Redis has is in `data/commands.tsv`, what means something in its column `in_browser`. A listed command that is
//! in the table fails the test, so that the lists shrink.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should stop"
)]

use std::collections::{BTreeMap, BTreeSet};

use redarium_engine::{REDIS_VERSION, table};

/// Groups of which nothing is here yet.
const LATER_GROUPS: &[(&str, &str)] =
    &[("vector_set", "a module's type, to come with the other modules")];

/// Single commands that are missing; a container stands for its subcommands too.
const LATER: &[(&str, &str)] = &[("SFLUSH", "only a node of a cluster has slots")];

/// A command that means something in a page.
#[derive(Debug)]
struct Wanted {
    container: &'static str,
    /// With its container, if it has one.
    name: String,
    group: &'static str,
}

impl Wanted {
    fn is_here(&self) -> bool {
        let mut words = self.name.split(' ').map(str::as_bytes);
        let spec = words.next().and_then(table::lookup);
        spec.is_some_and(|spec| words.all(|word| spec.subcommand(word).is_some()))
    }

    fn is_listed_as(&self, entry: &str) -> bool {
        self.name == entry || self.container == entry
    }
}

/// The commands that a Redis of our version has and that mean something in a page.
fn wanted() -> Vec<Wanted> {
    let version =
        |text: &str| -> Vec<u32> { text.split('.').map(|part| part.parse().unwrap()).collect() };
    let mut lines = include_str!("data/commands.tsv").lines();
    let columns: Vec<_> = lines.next().unwrap().split('\t').collect();
    lines
        .map(|line| columns.iter().copied().zip(line.split('\t')).collect::<BTreeMap<_, _>>())
        .filter(|row| row["in_browser"] == "yes")
        .filter(|row| version(row["since"]) <= version(REDIS_VERSION))
        .map(|row| Wanted {
            container: row["command"],
            name: format!("{} {}", row["command"], row["subcommand"]).trim_end().to_owned(),
            group: row["group"],
        })
        .collect()
}

#[test]
fn what_means_something_in_a_page_is_in_the_table() {
    let wanted = wanted();
    let (here, missing): (Vec<_>, Vec<_>) = wanted.iter().partition(|command| command.is_here());
    let is_listed = |command: &Wanted| {
        LATER_GROUPS.iter().any(|(group, _)| command.group == *group)
            || LATER.iter().any(|(entry, _)| command.is_listed_as(entry))
    };
    let mut complaints = BTreeSet::new();
    for command in missing.iter().filter(|command| !is_listed(command)) {
        complaints.insert(format!("{} ({}) is missing", command.name, command.group));
    }
    for (group, _) in LATER_GROUPS {
        if here.iter().any(|command| command.group == *group) {
            complaints
                .insert(format!("{group} is no longer a group to come: list what is missing"));
        }
    }
    for (entry, _) in LATER {
        if !missing.iter().any(|command| command.is_listed_as(entry)) {
            complaints.insert(format!("{entry} is here: take it off the list"));
        }
    }
    let complaints: Vec<_> = complaints.into_iter().collect();
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
    assert!(here.len() > 200, "the table of Redis was read: {}", here.len());
}
