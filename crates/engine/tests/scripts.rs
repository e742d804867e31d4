//! Scripts that take long: who waits meanwhile, who is told that the node is busy, what ends them, and what is logged.

use redarium_engine::config::Config;
use redarium_engine::persistence::FileOp;
use redarium_engine::{ClientId, Engine, Options};

const START: i64 = 1_767_603_600_000;

/// A script of several slices.
const LONG: &[u8] = b"EVAL \"redis.call('INCR', KEYS[1]) for i = 1, 1e6 do end return redis.call('INCR', KEYS[1])\" 1 n\r\n";

/// A script without an end.
const ENDLESS: &[u8] = b"EVAL \"while true do end\" 0\r\n";

const BUSY: &str =
    "-BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.\r\n";

fn node() -> Engine {
    Engine::new(Options { start: START, seed: 7, ..Options::default() })
}

fn connect<const N: usize>(node: &mut Engine) -> [ClientId; N] {
    std::array::from_fn(|n| node.connect(&format!("127.0.0.1:{}", 50_000 + n)))
}

#[track_caller]
fn expect(node: &mut Engine, client: ClientId, output: &str, why: &str) {
    let sent = String::from_utf8_lossy(&node.take_output(client)).into_owned();
    assert_eq!(sent, output, "{why}");
}

/// Lets the script that is half-way run to its end; how many slices that took.
fn finish(node: &mut Engine) -> usize {
    let mut slices = 0;
    while node.is_script_running() {
        node.advance_to(node.now());
        slices += 1;
        assert!(slices < 1000, "it ends");
    }
    slices
}

#[test]
fn everybody_waits_for_a_long_script() {
    let mut node = node();
    let [ann, bob, cleo] = connect(&mut node);
    node.feed(cleo, b"BLPOP jobs 0\r\n");
    node.feed(ann, &[LONG, b"GET n\r\n"].concat());
    node.feed(bob, b"INCR n\r\nGET n\r\n");
    assert!(node.is_script_running(), "more than a slice");
    assert_eq!(node.poll_timeout(), Some(START), "it wants to go on");
    expect(&mut node, ann, "", "not yet");
    expect(&mut node, bob, "", "it waits");
    assert!(finish(&mut node) > 2, "several slices");
    expect(&mut node, ann, ":2\r\n$1\r\n2\r\n", "nobody came in between, nor before its own next");
    expect(&mut node, bob, ":3\r\n$1\r\n3\r\n", "then bob");
    assert!(node.take_woken().contains(&bob), "the host is told");
    node.feed(
        ann,
        b"EVAL \"redis.call('RPUSH', 'jobs', 'a') for i = 1, 1e6 do end return 1\" 0\r\n",
    );
    node.advance_to(START + 100);
    expect(&mut node, cleo, "", "what is ready is ready when the script has ended");
    finish(&mut node);
    expect(&mut node, cleo, "*2\r\n$4\r\njobs\r\n$1\r\na\r\n", "now");
    node.check_waiters();
}

#[test]
fn the_clock_of_a_script_stands_still() {
    let mut node = node();
    let [ann, bob] = connect(&mut node);
    node.feed(ann, b"SET lamp on PX 50\r\n");
    expect(&mut node, ann, "+OK\r\n", "stored");
    let script = "EVAL \"local a = redis.call('TIME') for i = 1, 1e6 do end local b = redis.call('TIME') \
                  return {redis.call('GET', 'lamp'), a[2] == b[2]}\" 0\r\n";
    node.feed(ann, script.as_bytes());
    while node.is_script_running() {
        node.advance_to(node.now() + 100);
    }
    expect(&mut node, ann, "*2\r\n$2\r\non\r\n:1\r\n", "its time has not come for the script");
    node.feed(bob, b"GET lamp\r\n");
    expect(&mut node, bob, "$-1\r\n", "but for others it has");
}

#[test]
fn a_busy_node_answers_only_what_ends_the_script() {
    let mut node = node();
    let [ann, bob, cleo] = connect(&mut node);
    node.feed(bob, b"SCRIPT KILL\r\n");
    expect(&mut node, bob, "-NOTBUSY No scripts in execution right now.\r\n", "none runs");
    node.feed(ann, ENDLESS);
    node.feed(bob, b"GET a\r\nPING\r\n");
    node.advance_to(START + 4999);
    expect(&mut node, bob, "", "below the threshold it waits");
    node.advance_to(START + 5000);
    expect(&mut node, bob, &BUSY.repeat(2), "then it is told");
    node.feed(cleo, b"MULTI\r\nGET a\r\nEXEC\r\nNOSUCH\r\n");
    let abort = BUSY.replace("-BUSY", "-EXECABORT Transaction discarded because of: BUSY");
    let unknown = "-ERR unknown command 'NOSUCH'\r\n";
    expect(&mut node, cleo, &["+OK\r\n", BUSY, &abort, unknown].concat(), "as Redis");
    node.feed(bob, b"FUNCTION KILL\r\nFUNCTION STATS\r\nSHUTDOWN\r\nSCRIPT KILL\r\n");
    expect(&mut node, bob, &[&BUSY.repeat(3), "+OK\r\n"].concat(), "only its own kind of end");
    node.advance_to(START + 5000);
    assert!(!node.is_script_running(), "killed");
    let told = String::from_utf8(node.take_output(ann)).unwrap();
    assert!(told.starts_with("-ERR Script killed by user with SCRIPT KILL"), "{told}");
    node.feed(bob, b"PING\r\n");
    expect(&mut node, bob, "+PONG\r\n", "as before");
}

#[test]
fn a_script_that_has_written_cannot_be_killed() {
    let mut node = node();
    let [ann, bob] = connect(&mut node);
    node.feed(ann, b"EVAL \"redis.call('SET', 'a', '1') while true do end\" 0\r\n");
    node.advance_to(START + 6000);
    node.feed(bob, b"SCRIPT KILL\r\n");
    let refused = String::from_utf8(node.take_output(bob)).unwrap();
    assert!(
        refused.starts_with("-UNKILLABLE Sorry the script already executed write"),
        "{refused}"
    );
    node.feed(bob, b"SHUTDOWN NOSAVE\r\n");
    assert!(node.is_shut_down(), "the hard way");
}

#[test]
fn transactions_and_copies_do_not_stop_half_way() {
    let mut node = node();
    let [ann, bob] = connect(&mut node);
    node.feed(ann, &[b"MULTI\r\n", LONG, b"EXEC\r\n"].concat());
    expect(&mut node, ann, "+OK\r\n+QUEUED\r\n*1\r\n:2\r\n", "all at once");
    node.feed(ann, LONG);
    let mut copy = node.clone();
    finish(&mut node);
    expect(&mut node, ann, ":4\r\n", "the original goes on");
    copy.advance_to(START);
    let lost = "-ERR the script was running when its node was copied, and cannot go on\r\n";
    expect(&mut copy, ann, lost, "the copy says so");
    copy.feed(bob, b"EVAL \"return redis.call('GET', 'n')\" 0\r\n");
    expect(&mut copy, bob, "$1\r\n3\r\n", "and runs other scripts");
}

#[test]
fn a_script_goes_on_when_its_client_is_gone() {
    let mut node = node();
    let [ann, bob] = connect(&mut node);
    node.feed(ann, LONG);
    node.disconnect(ann);
    assert!(node.is_closing(ann), "gone for the host");
    node.feed(bob, b"GET n\r\n");
    finish(&mut node);
    expect(&mut node, bob, "$1\r\n2\r\n", "all of it was done");
    assert_eq!(node.clients().len(), 1, "and nothing is left of its client");
}

/// What was appended to files, one command a line.
fn appended(node: &mut Engine) -> String {
    let mut text = String::new();
    for op in node.take_file_ops() {
        if let FileOp::Append { bytes, .. } = op {
            text.push_str(&String::from_utf8_lossy(&bytes));
        }
    }
    let words = |command: &str| {
        let lines: Vec<_> = command.split("\r\n").collect();
        lines.iter().skip(2).step_by(2).copied().collect::<Vec<_>>().join(" ")
    };
    text.split('*').skip(1).map(words).collect::<Vec<_>>().join("; ")
}

#[test]
fn the_log_has_what_scripts_do() {
    let config = Config { appendonly: true, ..Config::default() };
    let mut node = Engine::new(Options { start: START, seed: 7, config, has_files: true });
    let [ann, bob] = connect(&mut node);
    let _ = node.take_file_ops();
    node.feed(ann, b"EVAL \"redis.call('GET', 'a') return 1\" 0\r\n");
    assert_eq!(appended(&mut node), "", "nothing was changed");
    node.feed(ann, b"EVAL \"redis.call('INCR', 'a') redis.call('SPOP', 'x') redis.call('LPUSH', 'l', 'b') return 1\" 0\r\n");
    assert_eq!(
        appended(&mut node),
        "SELECT 0; MULTI; INCR a; LPUSH l b; EXEC",
        "effects, all of them or none"
    );
    node.feed(ann, b"EVAL \"redis.set_repl(redis.REPL_NONE) redis.call('INCR', 'b') redis.set_repl(redis.REPL_ALL) redis.call('INCR', 'c')\" 0\r\n");
    assert_eq!(appended(&mut node), "INCR c", "but for what is not to be logged");
    node.feed(ann, LONG);
    node.feed(bob, b"SET after 1\r\n");
    for _ in 0..3 {
        node.advance_to(node.now() + 1000);
        assert_eq!(appended(&mut node), "", "nothing of half a script");
    }
    finish(&mut node);
    assert_eq!(appended(&mut node), "MULTI; INCR n; INCR n; EXEC; SET after 1", "whole");
    node.feed(
        ann,
        b"EVAL \"redis.call('SELECT', 3) redis.call('SET', 'a', '1')\" 0\r\nSET b 1\r\n",
    );
    assert_eq!(appended(&mut node), "SELECT 3; SET a 1; SELECT 0; SET b 1", "each in its database");
}

#[test]
fn a_copy_draws_the_same_random_numbers() {
    const DRAW: &[u8] = b"EVAL \"return math.random(1000000)\" 0\r\n";
    let mut node = node();
    let [ann] = connect(&mut node);
    let draw = |node: &mut Engine| {
        node.feed(ann, DRAW);
        String::from_utf8_lossy(&node.take_output(ann)).into_owned()
    };
    assert_eq!(draw(&mut node), ":396465\r\n", "as on a real server that was just started");
    let mut copy = node.clone();
    let second = draw(&mut node);
    assert_ne!(second, ":396465\r\n", "the sequence goes on from script to script");
    assert_eq!(draw(&mut copy), second, "a copy goes on from the same place");
    copy.feed(ann, b"SCRIPT FLUSH\r\n");
    let _ = copy.take_output(ann);
    assert_eq!(draw(&mut copy), draw(&mut node), "and so does a node without its scripts");
}
