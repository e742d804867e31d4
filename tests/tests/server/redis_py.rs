//! redis-py, the client library of Python, talks to us as to a real Redis.

use std::fmt::Write as _;
use std::path::Path;

use e2e::process::{Server, redis_py};

/// What a script beside this file prints when it is run with a server's port and further arguments.
fn run(script: &str, server: &Server, args: &[&str]) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/server").join(script);
    let output = redis_py().arg(script).arg(server.port().to_string()).args(args).output().unwrap();
    let (printed, trouble) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{printed}{trouble}");
    printed.into_owned()
}

#[test]
fn every_family_works_in_both_protocols() {
    let printed = run("families.py", &Server::redarium(&[]), &[]);
    assert_eq!(printed.lines().count(), 22, "eleven sections, twice:\n{printed}");
}

/// Otherwise the script would prove little.
#[test]
fn the_same_holds_for_a_real_redis() {
    let printed = run("families.py", &Server::redis(&[]), &[]);
    assert_eq!(printed.lines().count(), 22, "eleven sections, twice:\n{printed}");
}

#[test]
fn the_anagram_problem_is_solved_in_both_ways() {
    let words = Path::new(env!("CARGO_MANIFEST_DIR")).join("../lessons/data/words.txt");
    let server = Server::redarium(&[]);
    let printed = run("anagrams.py", &server, &[words.to_str().unwrap()]);
    let mut expected = String::new();
    for model in ["sets", "sizes"] {
        for group in [
            "opts post pots spot stop tops",
            "palest pastel petals plates pleats staple",
            "pares parse pears reaps spare spear",
        ] {
            writeln!(expected, "{model}: {group}").unwrap();
        }
    }
    assert_eq!(printed, expected);
}
