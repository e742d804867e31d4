//! Dependencies run one way; `crates/ARCHITECTURE.md` says which.

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::Value;

/// Each package of ours with what it may use of ours, development aside.
const MAY_USE: &[(&str, &[&str])] = &[
    ("redarium-structures", &[]),
    ("redarium-resp", &[]),
    ("redarium-script", &["redarium-resp"]),
    ("redarium-engine", &["redarium-structures", "redarium-resp", "redarium-script"]),
    ("redarium-lab", &["redarium-engine", "redarium-resp", "redarium-structures"]),
    ("redarium-transcript", &["redarium-lab", "redarium-resp"]),
    ("redarium-wasm", &["redarium-transcript", "redarium-lab", "redarium-engine", "redarium-resp"]),
    (
        "redarium-web",
        &[
            "redarium-transcript",
            "redarium-lab",
            "redarium-engine",
            "redarium-resp",
            "redarium-structures",
        ],
    ),
    ("redarium-cli", &["redarium-transcript", "redarium-lab", "redarium-engine", "redarium-resp"]),
];

#[test]
fn dependencies_run_one_way() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .output()
        .expect("cargo runs");
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON");
    let packages: BTreeMap<&str, &Value> = metadata["packages"]
        .as_array()
        .expect("a list of packages")
        .iter()
        .map(|package| (package["name"].as_str().expect("a name"), package))
        .collect();
    for (name, allowed) in MAY_USE {
        let package = packages.get(name).unwrap_or_else(|| panic!("there is no package {name}"));
        for dependency in package["dependencies"].as_array().expect("a list of dependencies") {
            let used = dependency["name"].as_str().expect("a name");
            let is_ours = packages.contains_key(used);
            let is_development = dependency["kind"] == "dev";
            assert!(
                !is_ours || is_development || allowed.contains(&used),
                "{name} must not know {used}"
            );
        }
    }
    let known: Vec<&str> = MAY_USE.iter().map(|row| row.0).collect();
    for name in packages.keys().filter(|name| name.starts_with("redarium-")) {
        assert!(known.contains(name), "{name} is not in the table of what may use what");
    }
}
