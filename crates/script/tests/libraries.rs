//! The libraries of scripts answer what Redis's do: each line of `tests/scripts/libraries.tsv`, which a running Redis has answered.

use redarium_resp::{Encoder, Protocol};
use redarium_script::{
    Budget, Callable, Host, LogLevel, LuaVm, Progress, ScriptVm, Start, UnknownCommand,
};

/// A node without commands.
struct Nothing;

impl Host for Nothing {
    fn call(&mut self, _: &[&[u8]], _: Protocol, reply: &mut Vec<u8>) {
        reply.extend_from_slice(b"-ERR there are no commands here\r\n");
    }
    fn log(&mut self, _: LogLevel, _: &[u8]) {}
    fn set_repl(&mut self, _: u8) {}
    fn may_run(&mut self, _: &[&[u8]]) -> Result<bool, UnknownCommand> {
        Err(UnknownCommand)
    }
}

const BUDGET: Budget = Budget { instructions: 20_000_000, memory_bytes: 32 << 20 };

/// The reply of a script as text; bytes that are not ASCII as `\xff`.
fn eval(vm: &mut LuaVm, source: &str) -> String {
    if let Err(error) = vm.load("0", source.as_bytes()) {
        return String::from_utf8_lossy(&error).into_owned();
    }
    vm.start(Callable::Script("0"), Start { keys: &[], args: &[], budget: BUDGET })
        .expect("it was loaded");
    let mut out = Vec::new();
    let bytes = match vm.resume(&mut Nothing, 0, Encoder::new(&mut out, Protocol::Resp2)) {
        Progress::Done => {
            let text = out.split(|&byte| byte == b'\n').nth(1).unwrap_or_default();
            text.strip_suffix(b"\r").unwrap_or(text).to_vec()
        }
        Progress::Failed(text) => text,
        Progress::Paused => b"paused".to_vec(),
    };
    let show = |byte: &u8| match byte {
        0x20..0x7F => char::from(*byte).to_string(),
        _ => format!("\\x{byte:02x}"),
    };
    bytes.iter().map(show).collect()
}

#[test]
fn every_expression_has_the_value_that_redis_gives_it() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/scripts");
    let read = |name: &str| {
        std::fs::read_to_string(format!("{folder}/{name}"))
            .expect("the file is part of the project")
    };
    let frame = read("libraries.lua");
    // On one line: errors name the line, which is 1 in the recording.
    let frame: Vec<&str> = frame.lines().filter(|line| !line.starts_with("--")).collect();
    let frame = frame.join(" ");
    let facts = read("libraries.tsv");
    let mut vm = LuaVm::new("7.0.15");
    let mut wrong = Vec::new();
    let mut played = 0;
    for line in facts.lines().filter(|line| !line.starts_with("-- ")) {
        let (expression, expected) = line.split_once('\t').expect("a tab before the answer");
        let answer = eval(&mut vm, &frame.replace("EXPRESSION", expression));
        played += 1;
        if answer != expected {
            wrong.push(format!("{expression}\n  redis: {expected}\n  here:  {answer}"));
        }
    }
    assert!(played > 700, "the file was cut short: {played}");
    assert!(wrong.is_empty(), "{} of {played} differ:\n{}", wrong.len(), wrong.join("\n"));
}
