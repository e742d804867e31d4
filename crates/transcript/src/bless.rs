//! Writing the answers of a target into a transcript.

use crate::compare::{compare_pushes, matches};
use crate::parse::{Item, Output, Push, Transcript};
use crate::play::{Load, run};
use crate::target::Target;

/// The transcript with its outputs as the target gave them.
///
/// Inputs, notes and empty lines stay, and so do outputs that match, with their placeholders.
/// The error is the line where the target broke down, and how.
pub fn bless(
    transcript: &Transcript,
    target: &mut dyn Target,
    load: &mut Load<'_>,
) -> Result<Transcript, (usize, String)> {
    target.reset(None).map_err(|message| (1, message))?;
    let through = run(transcript, target, load)?;
    let mut blessed = transcript.clone();
    let keep_pushes = compare_pushes(transcript, &through).is_empty();
    let mut played = through.played.iter();
    for item in &mut blessed.items {
        let Item::Input(input) = item else { continue };
        let Some(played) = played.next() else { break };
        if !matches(&input.output, &played.output) {
            input.output = Output { lines: played.output.clone() };
        }
        if !keep_pushes {
            let mut written = std::mem::take(&mut input.pushes).into_iter();
            for (client, lines) in &played.received {
                let output = Output { lines: lines.clone() };
                let same = written
                    .next()
                    .filter(|push| push.client == *client && matches(&push.output, lines));
                let line = input.line;
                input.pushes.push(same.unwrap_or(Push { line, client: client.clone(), output }));
            }
        }
    }
    Ok(blessed)
}
