//! What redis-cli prints for `recordings/console/session.txt`, which the console of the page is compared with.

use std::env;
use std::fs;
use std::io::Write as _;
use std::process::Stdio;
use std::thread;

use e2e::console::{FORMATS, Format, session, write};
use e2e::process::{Server, redis_tool};

/// What redis-cli says to a line that nobody sends, so that replies can be told apart, even within a transaction.
const MARK: &str = "unknown redis-cli internal command ':mark'\n";

/// What redis-cli prints for each line.
fn printed(format: &Format, lines: &[String]) -> Vec<(String, String)> {
    let server = Server::redarium(&["--seed", "7"]);
    let mut command = redis_tool("redis-cli");
    command.args(["-p", &server.port().to_string()]).args(format.args);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut running = command.spawn().unwrap();
    let mut stdin = running.stdin.take().unwrap();
    let input = format!("{}\n:mark\n", lines.join("\n:mark\n"));
    let writer = thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = running.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).replace('\r', "");
    let outputs: Vec<&str> = text.split_terminator(MARK).collect();
    assert_eq!(outputs.len(), lines.len(), "{}: every line has its output: {text}", format.name);
    let entries = lines.iter().zip(outputs);
    entries
        .map(|(line, text)| (line.clone(), text.strip_suffix('\n').unwrap_or(text).to_owned()))
        .collect()
}

#[test]
fn the_recording_of_redis_cli_holds() {
    let lines = session();
    let mut replies = 0;
    for format in &FORMATS {
        let entries = printed(format, &lines);
        replies += entries.len();
        if env::var_os("BLESS").is_some() {
            fs::write(format.path(), write(&entries)).unwrap();
        }
        for (now, recorded) in entries.iter().zip(format.read()) {
            assert_eq!(*now, recorded, "{}", format.name);
        }
        assert_eq!(entries.len(), format.read().len(), "{}: nothing is left over", format.name);
    }
    assert!(replies >= 300, "{replies} replies");
}
