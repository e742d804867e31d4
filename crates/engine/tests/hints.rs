//! The hints behind a line that is being typed are those of redis-cli; `data/hints.tsv` says whence they come.

use redarium_engine::command::hint::hint_behind;

#[test]
fn hints_are_those_of_redis_cli() {
    let pairs = include_str!("data/hints.tsv").lines().filter(|line| line.starts_with('`'));
    let mut wrong = Vec::new();
    let mut count = 0;
    for pair in pairs {
        let mut texts = pair.split('`').skip(1).step_by(2);
        let (typed, expected) = (texts.next().unwrap(), texts.next().unwrap());
        let hint = hint_behind(typed);
        if hint != expected {
            wrong.push(format!("{typed:?}: {hint:?} instead of {expected:?}"));
        }
        count += 1;
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
    assert!(count >= 150, "only {count} pairs");
}
