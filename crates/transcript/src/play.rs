//! Running the inputs of a transcript and writing down what comes back.

use redarium_lab::Options;
use redarium_resp::words::split;
use redarium_resp::{decode_all, render};

use crate::compare::{Report, compare};
use crate::directive::Directive;
use crate::parse::{CLIENT, Command, Input, Transcript};
use crate::target::{Answer, Expected, LabTarget, Outcome, Target};

/// Reads a file that `:load` names, relative to the transcript; an error is told to the author.
pub type Load<'a> = dyn FnMut(&str) -> Result<String, String> + 'a;

/// What came of one input.
#[derive(Debug, Clone, Default)]
pub(crate) struct Played {
    /// What its client was shown.
    pub(crate) output: Vec<String>,
    /// What was received besides, frame by frame, by whom.
    pub(crate) received: Vec<(String, Vec<String>)>,
}

/// What came of a transcript: one entry for each input up to where it had to stop, and why it did.
#[derive(Debug, Clone, Default)]
pub(crate) struct Playthrough {
    pub(crate) played: Vec<Played>,
    pub(crate) skipped: Option<(usize, String)>,
}

/// Plays a transcript on a target, from an empty world, and compares.
pub fn play(transcript: &Transcript, target: &mut dyn Target, load: &mut Load<'_>) -> Report {
    match target.reset(None) {
        Ok(()) => resume(transcript, target, load),
        Err(message) => Report::broken(1, message),
    }
}

/// Plays a transcript in the world that a target is in, as the blocks of a lesson do, and compares.
pub fn resume(transcript: &Transcript, target: &mut dyn Target, load: &mut Load<'_>) -> Report {
    match run(transcript, target, load) {
        Ok(playthrough) => compare(transcript, &playthrough),
        Err((line, message)) => Report::broken(line, message),
    }
}

/// Plays a transcript on a fresh lab without files: for examples and lessons.
pub fn play_in_lab(transcript: &Transcript, options: Options) -> Report {
    let mut no_files = |name: &str| Err(format!("there are no files here, so no `{name}`"));
    play(transcript, &mut LabTarget::new(options), &mut no_files)
}

/// Plays all inputs; an error is the line where the target broke down, and how.
pub(crate) fn run(
    transcript: &Transcript,
    target: &mut dyn Target,
    load: &mut Load<'_>,
) -> Result<Playthrough, (usize, String)> {
    let mut through = Playthrough::default();
    for input in transcript.inputs() {
        let broken = |message| (input.line, message);
        match step(input, target, load).map_err(broken)? {
            Ok(mut played) => {
                for (client, bytes) in target.received().map_err(broken)? {
                    for lines in frames(&bytes).map_err(broken)? {
                        played.received.push((client.clone(), lines));
                    }
                }
                through.played.push(played);
            }
            Err(reason) => {
                through.skipped = Some((input.line, reason));
                break;
            }
        }
    }
    Ok(through)
}

/// Plays one input; the inner error is why the target cannot.
fn step(
    input: &Input,
    target: &mut dyn Target,
    load: &mut Load<'_>,
) -> Result<Result<Played, String>, String> {
    let mut played = Played::default();
    match &input.command {
        Command::Run(words) => {
            let expected = match input.output.lines.first() {
                None => Expected::Silence,
                Some(line) if line == BLOCKED => Expected::Waits,
                Some(_) => Expected::Reply,
            };
            played.output = match target.run(&input.client, words, expected)? {
                Answer::Sent(bytes) => frames(&bytes)?.concat(),
                Answer::Waits => vec![BLOCKED.to_owned()],
                Answer::Silence => Vec::new(),
            };
        }
        Command::Direct(Directive::Advance(ms)) => {
            if let Outcome::Skipped(reason) = target.advance(*ms)? {
                return Ok(Err(reason));
            }
        }
        Command::Direct(directive @ (Directive::Crash | Directive::Restart)) => {
            if let Outcome::Skipped(reason) = target.restart(*directive == Directive::Crash)? {
                return Ok(Err(reason));
            }
        }
        Command::Direct(Directive::Reading(on)) => {
            if let Outcome::Skipped(reason) = target.set_reading(&input.client, *on)? {
                return Ok(Err(reason));
            }
        }
        Command::Direct(Directive::Disk { is_full }) => {
            if let Outcome::Skipped(reason) = target.set_disk(*is_full)? {
                return Ok(Err(reason));
            }
        }
        Command::Direct(
            Directive::Undo | Directive::Redo | Directive::Set(_) | Directive::Help,
        ) => return Ok(Err("this directive is for a console".to_owned())),
        Command::Direct(Directive::Seed(seed)) => target.reset(Some(*seed))?,
        Command::Direct(Directive::Reset) => target.reset(None)?,
        Command::Direct(Directive::Load(name)) => {
            for (index, line) in load(name)?.lines().enumerate() {
                let place = |message: &str| format!("{name}, line {}: {message}", index + 1);
                if line.trim().is_empty() || line.starts_with("# ") {
                    continue;
                }
                let words = split(line.as_bytes()).map_err(|error| place(&error.to_string()))?;
                if let Answer::Sent(reply) = target.run(CLIENT, &words, Expected::Reply)?
                    && reply.first() == Some(&b'-')
                {
                    return Err(place(&frames(&reply)?.concat().join(" ")));
                }
            }
        }
    }
    Ok(Ok(played))
}

/// The output of a command whose client now waits.
pub(crate) const BLOCKED: &str = "(blocked)";

/// Each reply or push in `bytes` as redis-cli shows it, in lines.
fn frames(bytes: &[u8]) -> Result<Vec<Vec<String>>, String> {
    let replies = decode_all(bytes).map_err(|error| error.to_string())?;
    Ok(replies
        .iter()
        .map(|reply| {
            let text = render(reply);
            // A line end within or behind a text must not become a line of its own that looks like a separator.
            text.trim_end_matches(['\r', '\n'])
                .split('\n')
                .map(|line| line.trim_end_matches('\r').to_owned())
                .collect()
        })
        .collect())
}

#[cfg(test)]
mod tests;
