//! What is a prompt, what an output, and what each mistake is told.

use super::*;

fn only_input(text: &str) -> Input {
    let transcript = parse(text).unwrap();
    let mut inputs = transcript.inputs();
    let input = inputs.next().cloned().unwrap();
    assert_eq!(inputs.next(), None, "one input in {text:?}");
    input
}

#[test]
fn every_prompt_is_understood() {
    for (line, client) in [
        ("> GET a", CLIENT),
        ("redis> GET a", CLIENT),
        ("127.0.0.1:6379> GET a", CLIENT),
        ("localhost:7000[12]> GET a", CLIENT),
        ("[::1]:6379> GET a", ""),
        ("127.0.0.1:6379(TX)> GET a", CLIENT),
        ("@ann> GET a", "ann"),
        ("@w-1_b> GET a", "w-1_b"),
    ] {
        if client.is_empty() {
            assert!(parse(line).is_err(), "not a prompt: {line}");
            continue;
        }
        let input = only_input(line);
        assert_eq!(input.client, client, "{line}");
        assert_eq!(input.command, Command::Run(Words::from_slices(["GET", "a"])), "{line}");
    }
}

#[test]
fn outputs_end_where_notes_prompts_and_pushes_begin() {
    let text = "\
# A note above.

# Another note.
> LRANGE l 0 -1
1) \"a\"

2) \"b\"
@ann< 1) \"x\"
2) \"y\"
@bob< (nil)

# INFO is text with such lines.
> INFO
# Server
redis_version:8.6.3

# Clients
connected_clients:1

> PING
";
    let text = text.replacen("# A note above.\n\n", "", 1);
    let transcript = parse(&text).unwrap();
    assert_eq!(transcript.to_string(), text, "it is written as it was read");
    let inputs: Vec<&Input> = transcript.inputs().collect();
    assert_eq!(inputs[0].output.lines, ["1) \"a\"", "", "2) \"b\""], "an empty line within");
    let pushes: Vec<(&str, usize)> = inputs[0]
        .pushes
        .iter()
        .map(|push| (push.client.as_str(), push.output.lines.len()))
        .collect();
    assert_eq!(pushes, [("ann", 2), ("bob", 1)], "pushes belong to the input above");
    assert_eq!(inputs[1].output.lines.len(), 5, "headings within an output are no notes");
    assert_eq!(inputs[2].output.lines.len(), 0, "nothing is expected");
}

#[test]
fn mistakes_name_the_line_and_the_fix() {
    for (text, line, fix) in [
        ("> GET \"a\n", 1, "quotes"),
        ("> PING\nPONG\n> :advance 5\n", 3, "61s"),
        ("GET a\n", 1, "`> GET a`"),
        ("# alone\n\n> PING\n", 1, "directly above an input"),
        ("> PING\nPONG\n\n# alone\n", 4, "directly above an input"),
        ("@ann< x\n", 1, "write an input above"),
        ("@ann/r1> GET a\n", 1, "`@ann`"),
        ("> PING\n@ann/r1< x\n", 2, "`@ann`"),
        ("> :partition a | b\n", 1, "not available on one node yet"),
    ] {
        let error = parse(text).unwrap_err();
        assert_eq!(error.line, line, "{text:?}");
        assert!(error.message.contains(fix), "{text:?}: {error}");
    }
}
