//! redis-py and ioredis, client libraries of Python and JavaScript, talk to us as to a real Redis.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use e2e::process::{Server, redis_py};

/// What a script beside this file prints when it is run with a server's port and further arguments.
fn run(mut program: Command, script: &str, server: &Server, args: &[&str]) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/server").join(script);
    let output = program.arg(script).arg(server.port().to_string()).args(args).output().unwrap();
    let (printed, trouble) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{printed}{trouble}");
    printed.into_owned()
}

/// Every family through each version of redis-py and through ioredis.
fn every_family_works(server: &Server) {
    for python in redis_py() {
        let printed = run(python, "families.py", server, &[]);
        let sections = printed.lines().filter(|line| line.starts_with("RESP")).count();
        assert_eq!(sections, 36, "eighteen sections in both protocols:\n{printed}");
    }
    let printed = run(Command::new("node"), "families.mjs", server, &[]);
    assert_eq!(printed.lines().count(), 10, "ten sections:\n{printed}");
}

#[test]
fn every_family_works_here() {
    every_family_works(&Server::redarium(&[]));
}

/// Otherwise the scripts would prove little.
#[test]
fn every_family_works_on_a_real_redis() {
    every_family_works(&Server::redis(&[]));
}

#[test]
fn the_anagram_problem_is_solved_in_both_ways() {
    let words = Path::new(env!("CARGO_MANIFEST_DIR")).join("../lessons/data/words.txt");
    let server = Server::redarium(&[]);
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
    for python in redis_py() {
        let printed = run(python, "anagrams.py", &server, &[words.to_str().unwrap()]);
        assert_eq!(printed, expected);
    }
}
