//! From text to inputs with their expected outputs, and back.

use std::fmt::{self, Write as _};

use redarium_resp::words::{Words, split};

use crate::directive::Directive;

/// The name of the client behind a prompt without a name.
pub const CLIENT: &str = "cli";

/// A parsed transcript; displays as the text it was read from, line ends aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transcript {
    /// Its parts in order.
    pub items: Vec<Item>,
}

/// A part of a transcript.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// An empty line, or a prompt with nothing behind it.
    Blank(String),
    /// A note, without its `# `.
    Note(String),
    /// An input with what is expected to follow.
    Input(Input),
}

/// One line that is typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// Its line, counted from 1.
    pub line: usize,
    /// The line as it was written, prompt and all.
    pub text: String,
    /// Who types it.
    pub client: String,
    /// What it does.
    pub command: Command,
    /// The lines below it.
    pub output: Output,
    /// What clients are expected to receive then, in the order written.
    pub pushes: Vec<Push>,
}

/// What an input does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Sends these words.
    Run(Words),
    /// Does something to the world.
    Direct(Directive),
}

/// Expected lines, placeholders included; empty where nothing was written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Output {
    /// The lines.
    pub lines: Vec<String>,
}

/// Something that a client receives later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Push {
    /// Its line, counted from 1.
    pub line: usize,
    /// Who receives it.
    pub client: String,
    /// What it looks like.
    pub output: Output,
}

/// Why a text is no transcript.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseError {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong and how to mend it.
    pub message: String,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

impl std::error::Error for ParseError {}

impl Transcript {
    /// The inputs in order.
    pub fn inputs(&self) -> impl Iterator<Item = &Input> {
        self.items.iter().filter_map(|item| match item {
            Item::Input(input) => Some(input),
            Item::Blank(_) | Item::Note(_) => None,
        })
    }
}

impl fmt::Display for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for item in &self.items {
            match item {
                Item::Blank(text) => writeln!(f, "{text}")?,
                Item::Note(text) => writeln!(f, "{}", format!("# {text}").trim_end())?,
                Item::Input(input) => {
                    writeln!(f, "{}", input.text)?;
                    write!(f, "{}", input.output)?;
                    for push in &input.pushes {
                        write!(f, "@{}< {}", push.client, push.output)?;
                    }
                }
            }
        }
        Ok(())
    }
}

impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

/// Reads a transcript.
pub fn parse(text: &str) -> Result<Transcript, ParseError> {
    let lines: Vec<&str> = text.lines().collect();
    let mut items = Vec::new();
    let mut at = 0;
    while let Some(&line) = lines.get(at) {
        let here = at + 1;
        at += 1;
        match Line::of(line).map_err(|message| ParseError { line: here, message })? {
            Line::Prompt { client, command } if command.trim().is_empty() => {
                drop(client);
                items.push(Item::Blank(line.to_owned()));
            }
            Line::Prompt { client, command } => {
                let command =
                    read(command).map_err(|message| ParseError { line: here, message })?;
                let output = Output { lines: output(&lines, &mut at, None)? };
                items.push(Item::Input(Input {
                    line: here,
                    text: line.to_owned(),
                    client,
                    command,
                    output,
                    pushes: Vec::new(),
                }));
            }
            Line::Push { client, first } => {
                let output = Output { lines: output(&lines, &mut at, Some(first))? };
                let last = items.iter_mut().rev().find_map(|item| match item {
                    Item::Input(input) => Some(input),
                    Item::Blank(_) | Item::Note(_) => None,
                });
                let Some(input) = last else {
                    return Err(ParseError {
                        line: here,
                        message: "nothing has been typed yet that could send this; write an input above it"
                            .to_owned(),
                    });
                };
                input.pushes.push(Push { line: here, client, output });
            }
            Line::Text if line.trim().is_empty() => items.push(Item::Blank(String::new())),
            Line::Text => match note(line) {
                Some(text) if is_note(&lines, at) => items.push(Item::Note(text.to_owned())),
                Some(_) => {
                    return Err(ParseError {
                        line: here,
                        message: "a note stands directly above an input; move it there, or take the empty line below it out"
                            .to_owned(),
                    });
                }
                None => {
                    return Err(ParseError {
                        line: here,
                        message: format!(
                            "this is neither a prompt nor below one; write `> {line}` for a command or `# {line}` for a note"
                        ),
                    });
                }
            },
        }
    }
    Ok(Transcript { items })
}

/// Reads what stands behind a prompt.
fn read(command: &str) -> Result<Command, String> {
    if let Some(directive) = command.trim().strip_prefix(':') {
        let directive = Directive::parse(directive)?;
        if directive.is_for_console() {
            return Err(format!("`{}` is for a console; take the line out", command.trim()));
        }
        return Ok(Command::Direct(directive));
    }
    let words = split(command.as_bytes())
        .map_err(|error| format!("{error}; check the quotes of this command"))?;
    Ok(Command::Run(words))
}

/// Takes the output lines from `at` on; empty lines count only between other lines of output.
fn output(lines: &[&str], at: &mut usize, first: Option<&str>) -> Result<Vec<String>, ParseError> {
    let mut taken: Vec<String> = first.map(str::to_owned).into_iter().collect();
    let mut empty = 0;
    let mut ahead = *at;
    while let Some(&line) = lines.get(ahead) {
        let kind = Line::of(line).map_err(|message| ParseError { line: ahead + 1, message })?;
        if !matches!(kind, Line::Text) {
            break;
        }
        ahead += 1;
        if line.is_empty() {
            empty += 1;
            continue;
        }
        if note(line).is_some() && (is_note(lines, ahead) || empty > 0 && is_alone(lines, ahead)) {
            break;
        }
        taken.extend(std::iter::repeat_n(String::new(), empty));
        empty = 0;
        taken.push(line.to_owned());
        *at = ahead;
    }
    Ok(taken)
}

/// The text of a line that looks like a note.
fn note(line: &str) -> Option<&str> {
    if line == "#" { Some("") } else { line.strip_prefix("# ") }
}

/// Whether a line that looks like a note is one: only other notes stand between it and an input.
fn is_note(lines: &[&str], after: usize) -> bool {
    let rest = lines.get(after..).unwrap_or_default();
    let next = rest.iter().find(|line| note(line).is_none());
    next.is_some_and(|line| matches!(Line::of(line), Ok(Line::Prompt { .. }) | Err(_)))
}

/// Whether nothing stands below a line.
fn is_alone(lines: &[&str], after: usize) -> bool {
    lines.get(after).is_none_or(|line| line.is_empty())
}

/// What a line is by itself.
enum Line<'a> {
    Prompt { client: String, command: &'a str },
    Push { client: String, first: &'a str },
    Text,
}

impl<'a> Line<'a> {
    fn of(line: &'a str) -> Result<Self, String> {
        if let Some(rest) = line.strip_prefix('@')
            && let Some(end) = rest.find(['>', '<'])
            && let (name, mark) = rest.split_at(end)
            && !name.is_empty()
            && name.chars().all(|c| c.is_alphanumeric() || "-_/".contains(c))
        {
            if name.contains('/') {
                return Err(format!(
                    "a node behind a client (`@{name}`) is not available on one node yet; write `@{}`",
                    name.split('/').next().unwrap_or_default()
                ));
            }
            let client = name.to_owned();
            let (mark, rest) = mark.split_at(1);
            if let Some(text) = behind(rest) {
                return Ok(if mark == ">" {
                    Line::Prompt { client, command: text }
                } else {
                    Line::Push { client, first: text }
                });
            }
        }
        let prompt = line
            .split_once('>')
            .filter(|(prompt, _)| prompt.is_empty() || *prompt == "redis" || is_address(prompt));
        if let Some((_, rest)) = prompt
            && let Some(command) = behind(rest)
        {
            return Ok(Line::Prompt { client: CLIENT.to_owned(), command });
        }
        Ok(Line::Text)
    }
}

/// The text behind a prompt's mark: after one space, or nothing.
fn behind(rest: &str) -> Option<&str> {
    if rest.is_empty() { Some("") } else { rest.strip_prefix(' ') }
}

/// Whether this is `host:port` as redis-cli prompts, with `[db]` or `(TX)` behind it if at all.
fn is_address(prompt: &str) -> bool {
    let end = prompt.find(['[', '(']).unwrap_or(prompt.len());
    let (address, extra) = prompt.split_at(end);
    let Some((host, port)) = address.rsplit_once(':') else { return false };
    let is_host = !host.is_empty() && !host.contains(char::is_whitespace);
    let is_port = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    is_host && is_port && (extra.is_empty() || extra.ends_with([']', ')']))
}

/// Appends `lines` below one another, each behind `prefix`.
pub(crate) fn indent(out: &mut String, prefix: &str, lines: &[String]) {
    for line in lines {
        let _ = writeln!(out, "{prefix}{line}");
    }
}

#[cfg(test)]
mod tests;
