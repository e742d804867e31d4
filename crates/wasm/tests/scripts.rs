//! Scripts with the replies that redis-server 7.0.15 gave to them (`tests/scripts`), run by EVAL, natively and in a browser.
//!
//! Each script is a file with its keys, arguments and set-up beside it; all replies stand in `replies.json`,
//! where a string begins with its kind: `$` for a bulk string, `+` for a status, `-` for an error.

use redarium_engine::{ClientId, Engine, Options};
use redarium_resp::{Encoder, Protocol, Reply, decode};
use serde_json::{Value, json};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

/// The files of each script: its name, its code, its keys, arguments and set-up.
macro_rules! files {
    ($($name:literal)*) => {
        &[$((
            $name,
            include_bytes!(concat!("../../../tests/scripts/", $name, ".lua")),
            include_str!(concat!("../../../tests/scripts/", $name, ".meta")),
        )),*]
    };
}

const REPLIES: &str = include_str!("../../../tests/scripts/replies.json");

const SCRIPTS: &[(&str, &[u8], &str)] = files! {
    "01_rate_limiter"
    "02_lock_release"
    "03_sliding_window"
    "04_loops_numbers"
    "05_pcall_errors"
    "06_string_format"
    "07_table_sort"
    "08_unpack"
    "09_patterns"
    "10_closures"
    "11_metatables"
    "12_varargs"
    "13_number_tostring"
    "14_integer_overflow"
    "15_error_lines"
    "16_reply_conversion"
    "16b_ret_status"
    "16c_ret_error"
    "16d_ret_error_nocode"
    "16e_ret_nil"
    "16f_ret_true"
    "16g_raise_table"
    "16h_raise_string"
    "16i_uncaught_call"
    "16j_runtime_error"
    "16k_syntax_error"
    "16l_unknown_cmd"
    "16m_arity"
    "16n_noargs"
    "16o_tableargs"
    "16p_numarg"
    "16q_error_nested"
    "16r_pcall_rethrow"
    "16s_error_number"
    "21_setfenv_load"
    "22_coroutines"
    "23_arith_coercion"
    "24_table_funcs"
    "24b_noarg_tostring"
    "25_string_funcs"
    "26_global_read"
    "26b_global_write"
    "26c_global_fn"
    "26d_modify_lib"
    "26e_pcall_global"
    "27_math_random"
    "28_stack_overflow"
    "29_syntax_bits"
    "29b_goto_ident"
    "29c_semicolons"
    "29d_intdiv"
    "29e_bitop"
    "30_redis_api"
    "30b_globals"
    "31_pairs_order"
    "32_hgetall_loop"
    "33_inventory"
    "34_token_bucket"
    "40_cjson"
    "41_cmsgpack"
    "42_struct_bit"
};

/// Scripts that answer otherwise here, each with its reason.
const DIFFERENCES: &[(&str, &str)] = &[
    (
        "13_number_tostring",
        "Lua 5.1 keeps 0 and -0 as one constant, so that `0` after `-0` prints as -0",
    ),
    ("31_pairs_order", "pairs follows another hash table"),
];

/// Scripts that a Redis 8.6 answers otherwise than the 7.0 that was asked, each with what has changed.
const NEWER: &[(&str, &str)] = &[
    ("16p_numarg", "numbers become the shortest digits that say the same"),
    ("30b_globals", "there is `os.clock`"),
    ("34_token_bucket", "numbers become the shortest digits that say the same"),
];

/// A node and its one client.
struct Node {
    engine: Engine,
    client: ClientId,
}

impl Node {
    fn new() -> Self {
        let mut engine = Engine::new(Options::default());
        let client = engine.connect("127.0.0.1:1");
        Node { engine, client }
    }

    /// Sends a command; a script is given the time that it needs.
    fn run(&mut self, words: &[&[u8]]) -> Reply {
        let mut bytes = Vec::new();
        let mut out = Encoder::new(&mut bytes, Protocol::Resp2);
        out.array(words.len());
        for word in words {
            out.bulk(word);
        }
        self.engine.feed(self.client, &bytes);
        for _ in 0..1000 {
            let output = self.engine.take_output(self.client);
            if !output.is_empty() {
                return decode(&output).expect("a reply").expect("a whole reply").0;
            }
            let now = self.engine.now();
            self.engine.advance_to(now);
        }
        panic!("no reply to {}", String::from_utf8_lossy(&words.join(&b' ')));
    }
}

/// A reply in the form of the recording.
fn shown(reply: &Reply) -> Value {
    let text = |kind: char, bytes: &[u8]| {
        let text: String = bytes.iter().map(|&byte| char::from(byte)).collect();
        json!(format!("{kind}{text}"))
    };
    match reply {
        Reply::Simple(bytes) => text('+', bytes),
        Reply::Error(bytes) => text('-', bytes),
        Reply::Integer(number) => json!(number),
        Reply::Array(elements) => Value::Array(elements.iter().map(shown).collect()),
        reply if reply.is_null() => Value::Null,
        reply => text('$', reply.as_bytes().expect("RESP2 has no other kind")),
    }
}

#[test]
fn scripts_answer_as_on_a_real_server() {
    let replies: Value = serde_json::from_str(REPLIES).expect("JSON");
    let mut wrong = Vec::new();
    for (name, source, facts) in SCRIPTS {
        let expected = replies.get(name).expect("each script has a recorded reply");
        // The recording was made without the last line break, which would change the digest.
        let source = source.strip_suffix(b"\n").unwrap_or(source);
        let mut node = Node::new();
        let (mut keys, mut args) = (Vec::new(), Vec::new());
        for line in facts.lines() {
            let words = line.split_whitespace().skip(1).map(str::as_bytes).collect::<Vec<_>>();
            match line.split_whitespace().next() {
                Some("KEYS") => keys = words,
                Some("ARGV") => args = words,
                _ => drop(node.run(&words)),
            }
        }
        let count = keys.len().to_string();
        let mut words: Vec<&[u8]> = vec![b"EVAL", source, count.as_bytes()];
        words.extend(keys);
        words.extend(args);
        let got = shown(&node.run(&words));
        let differs = DIFFERENCES.iter().chain(NEWER).any(|row| row.0 == *name);
        if (got == *expected) == differs {
            wrong.push(format!("{name}\n  expected {expected}\n  got      {got}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), SCRIPTS.len(), wrong.join("\n"));
}

/// What would never end, or take all memory: the budget ends it with an error that names it, and the data is still there.
#[test]
fn a_budget_ends_what_would_not_end() {
    const RUNAWAYS: &[(&str, &str)] = &[
        ("while true do end", "script-instruction-limit"),
        ("while true do pcall(function() while true do end end) end", "script-instruction-limit"),
        (
            "while true do coroutine.wrap(function() while true do end end)() end",
            "script-instruction-limit",
        ),
        (
            "while true do xpcall(function() while true do end end, function() end) end",
            "script-instruction-limit",
        ),
        ("table.sort({3,2,1,4,5}, function() while true do end end)", "script-instruction-limit"),
        ("local s = 'x' while true do s = s .. s end", "script-memory-limit"),
        (
            "local s = 'x' while true do s = s .. s .. s .. s .. s .. s .. s .. s end",
            "script-memory-limit",
        ),
        (
            "local s = 'x' local function d() s = s .. s return pcall(d) end d() while true do pcall(d) end",
            "script-memory-limit",
        ),
        ("return #string.rep('x', 1024 * 1024 * 1024)", "script-memory-limit"),
        ("return #pcall(string.rep, 'x', 1e300)", "script-memory-limit"),
        (
            "local t = {} for i = 1, 1000 do t[i] = string.rep('x', 65536) end return #table.concat(t)",
            "script-memory-limit",
        ),
        (
            "local s = string.rep('x', 1048576) return #string.gsub(s, 'x', s)",
            "script-memory-limit",
        ),
        (
            "local s = string.rep('x', 1048576) return #string.gsub(s, 'x', function() return s end)",
            "script-memory-limit",
        ),
        (
            "local s = string.rep('x', 4194304) return #string.format('%s%s%s%s%s%s%s%s%s%s', s, s, s, s, s, s, s, s, s, s)",
            "script-memory-limit",
        ),
        ("local t = {} for i = 1, 1e9 do t[i] = {} end", "script-memory-limit"),
        ("local t = {} for i = 1, 1e9 do t['k' .. i] = i end", "script-memory-limit"),
        ("local t = {} for i = 1, 40 do t = {t, t} end return t", "script-memory-limit"),
        (
            "return string.find(string.rep('a', 4000), string.rep('a?', 4000) .. string.rep('a', 4000) .. 'b')",
            "pattern too complex",
        ),
        (
            "return string.find(string.rep('a', 30000), '.-.-.-.-.-.-.-.-b')",
            "script-instruction-limit",
        ),
        ("local function f() return 1 + f() end return f()", "stack overflow"),
        (
            "local t = setmetatable({}, {__index = function(t, k) return t[k + 1] end}) return t[1]",
            "stack overflow",
        ),
        (
            "local s = string.rep('(', 100000) local f, e = loadstring('return ' .. s) return redis.error_reply('E ' .. e)",
            "",
        ),
        (
            "local function f(n) return coroutine.wrap(function() return f(n + 1) end)() end return f(1)",
            "stack overflow",
        ),
        ("return string.format('%99999d', 1)", "invalid format"),
        ("return {unpack({}, 1, 1e8)}", "too many results to unpack"),
    ];
    let mut node = Node::new();
    node.run(&[b"SET", b"kept", b"still here"]);
    for (script, expected) in RUNAWAYS {
        // What takes memory must not run out of instructions first.
        let by_instructions = *expected == "script-instruction-limit";
        let limit: &[u8] = if by_instructions { b"300000" } else { b"5000000" };
        node.run(&[b"CONFIG", b"SET", b"script-instruction-limit", limit]);
        let reply = node.run(&[b"EVAL", script.as_bytes(), b"0"]);
        let Reply::Error(text) = reply else { panic!("{script}: {reply:?}") };
        let text = String::from_utf8_lossy(&text);
        assert!(text.contains(expected), "{script}: {text}");
        let kept = node.run(&[b"EVAL", b"return redis.call('GET', 'kept')", b"0"]);
        assert_eq!(kept, Reply::bulk("still here"), "after {script}");
    }
}
