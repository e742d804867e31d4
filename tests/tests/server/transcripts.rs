//! Every transcript plays on a real Redis as well, but for the differences that are listed with their reasons.

use std::fmt::Write as _;
use std::path::Path;

use e2e::process::Server;
use redarium_transcript::files;
use redarium_transcript::known_differences::KnownDifferences;
use redarium_transcript::server::ServerTarget;

/// What needs the clock to be moved far is left out: nobody can do that to a real server.
#[test]
fn a_real_redis_answers_as_written() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let known = KnownDifferences::read(&here.join("known_differences.tsv")).unwrap();
    // DEBUG RELOAD writes a file.
    let folder = ["--dir", env!("CARGO_TARGET_TMPDIR"), "--dbfilename", "transcripts.rdb"];
    let redis = Server::redis(&[&folder[..], &["--enable-debug-command", "local"]].concat());
    let mut target = ServerTarget::connect(&redis.address().to_string()).unwrap();
    let (mut played, mut bad, mut text) = (0, 0, String::new());
    for path in files::find(&here.join("transcripts")).unwrap() {
        let mut report = files::play(&path, &mut target).unwrap();
        known.apply(&path, &mut report);
        played += report.played;
        if !report.is_ok() {
            bad += 1;
            writeln!(text, "{}\n{report}", path.display()).unwrap();
        }
    }
    assert!(played > 0, "nothing was played");
    assert_eq!(bad, 0, "these transcripts differ:\n{text}");
}
