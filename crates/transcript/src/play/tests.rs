//! Playing and blessing on a target that says exactly what it is told to.

use redarium_resp::words::Words;
use redarium_resp::{Encoder, Protocol};

use super::*;
use crate::bless::bless;
use crate::parse::parse;

/// `SAY text...` answers each text, `TELL who text...` sends each to someone, `WAIT` waits, `HUSH` is silent.
#[derive(Default)]
struct Parrot {
    sent: Vec<(String, Vec<u8>)>,
    resets: Vec<Option<u64>>,
}

fn text(word: Option<&[u8]>) -> String {
    String::from_utf8_lossy(word.unwrap_or_default()).into_owned()
}

fn bulks(words: &Words, from: usize) -> Vec<u8> {
    let mut out = Vec::new();
    for word in words.iter().skip(from) {
        Encoder::new(&mut out, Protocol::Resp2).bulk(word);
    }
    out
}

impl Target for Parrot {
    fn reset(&mut self, seed: Option<u64>) -> Result<(), String> {
        self.resets.push(seed);
        self.sent.clear();
        Ok(())
    }

    fn run(&mut self, _client: &str, words: &Words, _: Expected) -> Result<Answer, String> {
        match text(words.get(0)).as_str() {
            "SAY" => Ok(Answer::Sent(bulks(words, 1))),
            "TELL" => {
                self.sent.push((text(words.get(1)), bulks(words, 2)));
                Ok(Answer::Sent(b"+OK\r\n".to_vec()))
            }
            "WAIT" => Ok(Answer::Waits),
            "HUSH" => Ok(Answer::Silence),
            "BREAK" => Err("the parrot is gone".to_owned()),
            _ => Ok(Answer::Sent(b"-ERR what?\r\n".to_vec())),
        }
    }

    fn restart(&mut self, _: bool) -> Result<Outcome, String> {
        Ok(Outcome::Skipped("not here".to_owned()))
    }

    fn set_reading(&mut self, _: &str, _: bool) -> Result<Outcome, String> {
        Ok(Outcome::Skipped("all ears".to_owned()))
    }

    fn set_disk(&mut self, _: bool) -> Result<Outcome, String> {
        Ok(Outcome::Skipped("no disk".to_owned()))
    }

    fn advance(&mut self, ms: u64) -> Result<Outcome, String> {
        Ok(if ms < 1000 { Outcome::Done } else { Outcome::Skipped("no patience".to_owned()) })
    }

    fn received(&mut self) -> Result<Vec<(String, Vec<u8>)>, String> {
        Ok(std::mem::take(&mut self.sent))
    }
}

fn files(name: &str) -> Result<String, String> {
    match name {
        "good" => Ok("# two\nSAY a\n\nSAY b\n".to_owned()),
        "bad" => Ok("SAY a\nSING\n".to_owned()),
        _ => Err(format!("no {name}")),
    }
}

fn report(transcript: &str) -> Report {
    play(&parse(transcript).unwrap(), &mut Parrot::default(), &mut files)
}

fn blessed(transcript: &str) -> String {
    bless(&parse(transcript).unwrap(), &mut Parrot::default(), &mut files).unwrap().to_string()
}

#[test]
fn what_is_as_written_is_reported_as_such() {
    let report = report(
        "> SAY a\n\"a\"\n> SAY a b\n\"a\"\n\"b\"\n@ann> WAIT\n(blocked)\n> HUSH\n> TELL ann x y\nOK\n\
         @ann< \"x\"\n> :advance 5ms\n@ann< \"y\"\n> :load good\n",
    );
    assert_eq!(report, Report { played: 7, ..Report::default() }, "{report}");
}

#[test]
fn differences_are_shown_with_their_lines() {
    let transcript = "\
# The first is wrong.
> SAY a
\"b\"
\"c\"
> TELL ann x y
OK
@ann< \"z\"
@bob< \"x\"
> SAY a
> SING
OK
> HUSH
(blocked)
";
    let expected = r#"line 2: > SAY a
  - "b"
  - "c"
  + "a"
line 5: > TELL ann x y   @ann receives what no line shows
  + "y"
line 7: > TELL ann x y   @ann receives
  - "z"
  + "x"
line 8: > TELL ann x y   @bob receives
  - "x"
  + (nothing)
line 9: > SAY a   (no output is written below it)
  + "a"
line 10: > SING
  - OK
  + (error) ERR what?
line 12: > HUSH
  - (blocked)
"#;
    assert_eq!(report(transcript).to_string(), expected, "a diff to read");
}

#[test]
fn a_target_that_cannot_go_on_says_where() {
    let skipped = report("> SAY a\n\"a\"\n> TELL ann x\nOK\n> :advance 2s\n> SAY b\n\"c\"\n");
    assert!(skipped.is_ok(), "what was played is right: {skipped}");
    assert_eq!((skipped.played, skipped.skipped), (2, Some((5, "no patience".to_owned()))), "");
    for (transcript, message) in [
        ("> SAY a\n\"a\"\n> BREAK\nOK\n", "line 3: the parrot is gone\n"),
        ("> :load bad\n", "line 1: bad, line 2: (error) ERR what?\n"),
        ("\n> :load none\n", "line 2: no none\n"),
    ] {
        assert_eq!(report(transcript).to_string(), message, "{transcript:?}");
    }
}

#[test]
fn resets_and_seeds_reach_the_target() {
    let mut parrot = Parrot::default();
    let transcript = parse("> :seed 42\n> :reset\n").unwrap();
    assert!(play(&transcript, &mut parrot, &mut files).is_ok(), "nothing is compared");
    assert_eq!(parrot.resets, [None, Some(42), None], "once at the start, then as written");
}

#[test]
fn blessing_keeps_what_matches_and_all_that_was_typed() {
    let transcript = "\
# A note.
redis> SAY a
\"b\"

@ann> WAIT
> SAY abc
\"a[..]\"
> SAY x y
\"x\"
...
> TELL ann p q
> TELL bob r
OK
@ann< \"p\"
";
    let after = "\
# A note.
redis> SAY a
\"a\"

@ann> WAIT
(blocked)
> SAY abc
\"a[..]\"
> SAY x y
\"x\"
...
> TELL ann p q
OK
@ann< \"p\"
@ann< \"q\"
> TELL bob r
OK
@bob< \"r\"
";
    assert_eq!(blessed(transcript), after, "blessed");
    assert_eq!(blessed(after), after, "blessing twice changes nothing");
    assert!(report(after).is_ok(), "what is blessed plays");
    let later = "> TELL ann p\nOK\n> SAY a\n\"b\"\n@ann< \"[..]\"\n";
    assert_eq!(
        blessed(later),
        later.replace("\"b\"", "\"a\""),
        "what is shown further down stays there"
    );
}

#[test]
fn a_lab_goes_on_where_another_transcript_left_it() {
    let mut target = LabTarget::default();
    let first = parse("> SET a 1\nOK\n> :advance 1s\n").unwrap();
    let second = parse("> INCR a\n(integer) 2\n").unwrap();
    assert!(play(&first, &mut target, &mut files).is_ok(), "the first");
    let mut target = LabTarget::resume(target.into_lab());
    assert!(resume(&second, &mut target, &mut files).is_ok(), "the second, in the same world");
    assert_eq!(target.into_lab().len(), 3, "all of it is in the log");
    assert!(!play_in_lab(&second, Options::default()).is_ok(), "not in an empty one");
}
