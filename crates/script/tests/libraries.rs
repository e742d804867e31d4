//! The libraries of scripts answer what Redis's do: each line of `tests/scripts/libraries.tsv`, which a running Redis has answered.
//! What they are given may be anything and as large as it likes: a run ends within its budget.

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

const BUDGET: Budget = Budget { instructions: 8_000_000, memory_bytes: 32 << 20 };

/// The reply of a script as text; bytes that are not ASCII as `\xff`.
fn eval(vm: &mut LuaVm, source: &str) -> String {
    eval_with(vm, source, &[])
}

/// The same with arguments.
fn eval_with(vm: &mut LuaVm, source: &str, args: &[&[u8]]) -> String {
    if let Err(error) = vm.load("0", source.as_bytes()) {
        return String::from_utf8_lossy(&error).into_owned();
    }
    vm.start(Callable::Script("0"), Start { keys: &[], args, budget: BUDGET })
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

/// A seeded generator: the same inputs in every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit.max(1)
    }
}

/// Some bytes of the input changed, left out, or doubled.
fn mutate(chance: &mut Chance, input: &[u8], spice: &[u8]) -> Vec<u8> {
    let mut bytes = input.to_vec();
    for _ in 0..=chance.below(4) {
        let at = chance.below(bytes.len() + 1);
        let end = (at + chance.below(6)).min(bytes.len());
        match chance.below(5) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..end)),
            2 => bytes.insert(at, chance.below(256) as u8),
            3 => bytes.extend(spice.get(chance.below(spice.len()))),
            _ => bytes.extend_from_within(at..end),
        }
    }
    bytes
}

#[test]
fn a_decoder_takes_any_bytes() {
    const JSON: &[u8] =
        br#"{"a":[1,-2.5e3,"x\u00e9\ud83d\ude00\n",null,true],"b":{"c":[[],{}]},"d":0x1p3}"#;
    const PACKED: &[u8] = b"\x95\x01\xcd\x01\x02\xa3abc\xcb\x3f\xf8\0\0\0\0\0\0\x82\xa1x\xdc\0\x02\xc3\xc0\xd9\x02yz\xd3\xff\xff\xff\xff\xff\xff\xff\xfe";
    const FORMAT: &[u8] = b">!4bHi3 <I8lTxfd c0Bc0 s c12";
    let cases: [(&[u8], &[u8], &str); 4] = [
        (
            JSON,
            b"{}[]\",:\\u0019eE+-xn \0",
            "local v = cjson.decode(ARGV[1]) cjson.encode(v) return 1",
        ),
        (
            PACKED,
            b"\x80\x8f\x90\xdc\xdd\xde\xdf\xd9\xdb\xff\xc1\xcf",
            "local v = {cmsgpack.unpack(ARGV[1])} cmsgpack.pack(v) return #v",
        ),
        (
            FORMAT,
            b"<>!bBhHlLTiIfdscx0123456789 \0",
            "local s = struct.size(ARGV[1]) struct.unpack(ARGV[1], ('\\3'):rep(60), 2) return s",
        ),
        (
            FORMAT,
            b"<>!bBhHlLTiIfdscx0123456789 \0",
            "return #struct.pack(ARGV[1], 1, 2, 3, 4, 5, 6, 7, 8, 'abc', 'def', 'ghi', 1, 2)",
        ),
    ];
    let mut vm = LuaVm::new("7.0.15");
    let mut chance = Chance(5);
    let mut answers = std::collections::BTreeSet::new();
    for (input, spice, source) in cases {
        for _ in 0..4000 {
            let input = mutate(&mut chance, input, spice);
            answers.insert(eval_with(&mut vm, source, &[&input]));
        }
    }
    assert!(answers.len() > 200, "the inputs reach many ends: {}", answers.len());
    let bound = BUDGET.memory_bytes * 2;
    assert!(vm.memory_bytes() < bound, "what was decoded is freed: {}", vm.memory_bytes());
    assert_eq!(eval(&mut vm, "return cjson.encode({1})"), "[1]", "the machine goes on");
}

#[test]
fn a_large_input_ends_within_the_budget() {
    let shared =
        "local t = {1, 2, 3, 4, 5, 6, 7, 8} for i = 1, 14 do t = {t, t, t, t, t, t, t, t} end ";
    let cases = [
        "return #cjson.decode(('[[],'):rep(500) .. ('[],'):rep(3000000))".to_owned(),
        "return #cjson.decode('[' .. ('{},'):rep(3000000) .. '1]')".to_owned(),
        "return #cjson.decode('\"' .. ('x'):rep(30000000) .. '\"')".to_owned(),
        "return #cmsgpack.unpack('\\221\\255\\255\\255\\255' .. ('\\128'):rep(8000000))".to_owned(),
        "return #cmsgpack.unpack('\\223\\255\\255\\255\\255' .. ('\\204\\1\\1'):rep(5000000) .. ('\\144'):rep(5000000))".to_owned(),
        "local c = cjson.new() c.encode_sparse_array(false, 0) return #c.encode({[2^31 - 1] = 1})".to_owned(),
        format!("{shared} return #cjson.encode(t)"),
        format!("{shared} return #cmsgpack.pack(t)"),
        "local t = {} while true do t[#t + 1] = cjson.new() end".to_owned(),
        "while true do cjson.new() end".to_owned(),
        "return #struct.pack(('c10000000'):rep(4), ('x'):rep(10000000), ('x'):rep(10000000), ('x'):rep(10000000), ('x'):rep(10000000))".to_owned(),
        "return #struct.pack(('s'):rep(5), ('x'):rep(10000000), ('y'):rep(9000000), 'z', 'z', 'z')".to_owned(),
    ];
    let mut vm = LuaVm::new("7.0.15");
    for source in cases {
        let answer = eval(&mut vm, &source);
        assert!(answer.contains("budget") || answer.contains("memory"), "{source}: {answer}");
        let bytes = vm.memory_bytes();
        assert!(bytes < BUDGET.memory_bytes * 4, "{source}: {bytes} bytes are held");
        assert_eq!(eval(&mut vm, "return cjson.encode({1})"), "[1]", "after {source}");
    }
}
