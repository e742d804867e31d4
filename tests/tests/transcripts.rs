//! Every transcript in `tests/transcripts` plays as it is written, each on an empty node of its own.
//!
//! `BLESS=1 cargo test -p e2e --test transcripts` writes the outputs instead; the difference is the review.

use std::env;
use std::fmt::Write as _;
use std::path::Path;

use redarium_transcript::{LabTarget, files};

#[test]
fn every_transcript_plays_as_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("transcripts");
    let paths = files::find(&folder).unwrap();
    assert!(!paths.is_empty(), "no transcripts in {}", folder.display());
    let is_bless = env::var_os("BLESS").is_some_and(|value| value == "1");
    let (mut bad, mut text) = (0, String::new());
    for path in &paths {
        let mut target = LabTarget::default();
        let problem = if is_bless {
            files::bless(path, &mut target).err()
        } else {
            match files::play(path, &mut target) {
                Ok(report) if report.is_ok() && report.skipped.is_none() => None,
                Ok(report) => Some(format!("\n{report}")),
                Err(message) => Some(message),
            }
        };
        if let Some(problem) = problem {
            bad += 1;
            let name = path.strip_prefix(&folder).unwrap_or(path);
            writeln!(text, "{}: {problem}", name.display()).unwrap();
        }
    }
    assert_eq!(bad, 0, "of {} transcripts these differ:\n{text}", paths.len());
}
