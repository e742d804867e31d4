//! Debian's redis-cli shows of us what it shows of a real Redis, whatever the format.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Output, Stdio};
use std::thread;

use e2e::process::{Server, redis_tool};
use redarium_engine::command::manual::{groups, manual};
use redarium_engine::table;
use redarium_resp::words::Words;

/// A session over all families, with every kind of reply and with errors; no order is left to chance.
const SESSION: &str = r#"
PING
PING "hello world"
ECHO "tab\tquote\"\x00\xff"
SET greeting "grüße"
GET greeting
GET nothing
SET n 10 GET
INCRBYFLOAT n 0.5
INCR greeting
MSET a 1 b 2
MGET a nothing b
STRLEN "two words"
RPUSH l one two three
LRANGE l 0 -1
LPOP l 2
LPOP nothing 2
LPOS l three COUNT 0
HSET h f v
HGETALL h
HGETALL nothing
HMGET h f nothing
HINCRBYFLOAT h x 3.14
SADD s 5
SMEMBERS s
SMISMEMBER s 5 6
ZADD z 1.5 ann +inf bob
ZRANGE z 0 -1 WITHSCORES
ZSCORE z ann
ZMSCORE z ann nobody
ZRANK z ann
ZPOPMAX z
ZADD z NX INCR 1 ann
EXPIRE a 100
TTL a
TTL b
TTL nothing
OBJECT ENCODING n
TYPE z
SELECT 2
DBSIZE
SELECT 0
DEL a b nothing
SCAN 0 TYPE zset
COMMAND COUNT nonsense
CONFIG GET maxmemory
NONSENSE a b
GET
GET l
LPUSH
SET a b c
"unbalanced

# no command
ECHO ''
FLUSHALL
"#;

/// What redis-cli does with these arguments and this input.
fn redis_cli(server: &Server, args: &[&str], input: &[u8]) -> Output {
    let mut command = redis_tool("redis-cli");
    command.args(["-p", &server.port().to_string()]).args(args);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut running = command.spawn().unwrap();
    let mut stdin = running.stdin.take().unwrap();
    let input = input.to_vec();
    // It may answer before it has read everything.
    let writer = thread::spawn(move || stdin.write_all(&input).ok());
    let output = running.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Demands that redis-cli prints the same and ends in the same way with both servers.
fn check_same(ours: &Server, theirs: &Server, args: &[&str], input: &[u8]) -> Output {
    let (our, their) = (redis_cli(ours, args, input), redis_cli(theirs, args, input));
    let port = |output: &[u8], server: &Server| {
        text(output).replace(&format!(":{}", server.port()), ":PORT")
    };
    assert_eq!(port(&our.stdout, ours), port(&their.stdout, theirs), "redis-cli {args:?}");
    assert_eq!(port(&our.stderr, ours), port(&their.stderr, theirs), "redis-cli {args:?}");
    assert_eq!(our.status.code(), their.status.code(), "redis-cli {args:?}");
    our
}

fn servers() -> (Server, Server) {
    (Server::redarium(&[]), Server::redis(&[]))
}

#[test]
fn a_session_reads_the_same_in_every_format() {
    let (ours, theirs) = servers();
    let formats: &[&[&str]] = &[
        &[],
        &["--raw"],
        &["--no-raw"],
        &["--csv"],
        &["--json"],
        &["--quoted-json"],
        &["--json", "-2"],
        &["-3"],
        &["-3", "--no-raw"],
        &["-3", "--csv"],
        &["-n", "5", "--no-raw"],
        &["-D", "|", "--raw"],
    ];
    for format in formats {
        let output = check_same(&ours, &theirs, format, SESSION.as_bytes());
        assert!(output.stdout.len() > 500, "{format:?} printed something");
    }
}

#[test]
fn single_commands_read_the_same() {
    let (ours, theirs) = servers();
    let runs: &[(&[&str], &[u8])] = &[
        (&["SET", "k", "v"], b""),
        (&["GET", "k"], b""),
        (&["-r", "3", "INCR", "n"], b""),
        (&["-x", "SET", "from-input"], b"some\nbytes\n"),
        (&["-X", "tag", "SET", "from-tag", "tag", "EX", "100"], b"some more"),
        (&["GET", "from-input"], b""),
        (&["STRLEN", "from-tag"], b""),
        (&["-e", "GET"], b""),
        (&["-e", "GET", "k"], b""),
        (&["--quoted-input", "SET", r#""a\x00b""#, r#""\xff""#], b""),
        (&["--no-raw", "--quoted-input", "GET", r#""a\x00b""#], b""),
        (&["-d", ",", "MGET", "k", "nothing", "n"], b""),
        (&["-3", "--no-raw", "HELLO", "nonsense"], b""),
        (&["-n", "99", "GET", "k"], b""),
        (&["-u", "redis://127.0.0.1:1/0", "PING"], b""),
        (&["-a", "secret", "PING"], b""),
    ];
    for (args, input) in runs {
        check_same(&ours, &theirs, args, input);
    }
}

#[test]
fn large_pipelines_are_inserted() {
    let (ours, theirs) = servers();
    let mut input = Vec::new();
    for n in 0..20_000 {
        let (key, value) = (format!("key:{}", n % 5000), format!("value\r\n{n}"));
        Words::from_slices(["APPEND", &key, &value]).encode(&mut input);
        if n % 1000 == 0 {
            Words::from_slices(["LPUSH", &key, "refused"]).encode(&mut input);
        }
    }
    let our = redis_cli(&ours, &["--pipe"], &input);
    let their = redis_cli(&theirs, &["--pipe"], &input);
    assert_eq!(text(&our.stdout), text(&their.stdout));
    assert!(text(&our.stdout).contains("errors: 20, replies: 20020"), "{}", text(&our.stdout));
    for key in ["key:0", "key:4999"] {
        check_same(&ours, &theirs, &["GET", key], b"");
    }
    check_same(&ours, &theirs, &["DBSIZE"], b"");
}

#[test]
fn keys_are_listed_and_the_big_ones_found() {
    let (ours, theirs) = servers();
    let mut input = String::new();
    for n in 0..3000 {
        writeln!(input, "SET key:{n} {n}\nSADD set {n}\nRPUSH list {n}").unwrap();
        writeln!(input, "ZADD zset {n} {n}\nHSET hash {n} {n}").unwrap();
    }
    input += "SET big aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\nSADD small 1\nRPUSH small-list 1\n";
    check_same(&ours, &theirs, &[], input.as_bytes());

    let sorted = |server: &Server, args: &[&str]| {
        let printed = text(&redis_cli(server, args, b"").stdout);
        let mut lines: Vec<String> = printed.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    for args in [&["--scan"][..], &["--scan", "--pattern", "key:*7"], &["--scan", "--pattern", "x"]]
    {
        assert_eq!(sorted(&ours, args), sorted(&theirs, args), "redis-cli {args:?}");
    }
    assert_eq!(sorted(&ours, &["--scan"]).len(), 3007, "each key once");

    // What comes before the summary depends on the order of the keys.
    let summary = |server: &Server| {
        let printed = text(&redis_cli(server, &["--bigkeys"], b"").stdout);
        let (_, summary) = printed.split_once("summary").expect("it ends in a summary");
        let mut lines: Vec<String> = summary.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    assert_eq!(summary(&ours), summary(&theirs));
}

/// The help texts come from COMMAND DOCS, and the words are our own.
#[test]
fn help_is_given() {
    let (ours, _) = servers();
    let output = redis_cli(&ours, &[], b"help ZADD\nhelp @list\nhelp nonsense\n");
    let printed = text(&output.stdout);
    for expected in ["key [NX|XX] [GT|LT]", "1.2.0", "sorted-set", "LPUSH", "key element [element"]
    {
        assert!(printed.contains(expected), "no {expected:?} in {printed}");
    }
}

/// What redis-cli makes of COMMAND DOCS is what the console of the page prints.
#[test]
fn help_reads_as_in_the_page() {
    let (ours, _) = servers();
    let commands = table::commands().iter().map(|spec| spec.name.to_owned());
    let abouts: Vec<String> =
        groups().into_iter().map(|group| format!("@{group}")).chain(commands).collect();
    let lines: Vec<_> = abouts.iter().map(|about| format!("help {about}\n")).collect();
    let input = lines.concat();
    let printed = text(&redis_cli(&ours, &[], input.as_bytes()).stdout).replace('\r', "");
    let mut plain = String::new();
    for (at, part) in printed.split('\u{1b}').enumerate() {
        // The rest of an escape sequence that sets the colour.
        plain.push_str(if at == 0 { part } else { part.split_once('m').map_or("", |it| it.1) });
    }
    let expected: String = abouts.iter().filter_map(|about| manual(&[about])).collect();
    assert_eq!(plain, expected);
}

#[test]
fn benchmarks_run_to_their_end() {
    let server = Server::redarium(&[]);
    let port = server.port().to_string();
    let tests =
        "ping,set,get,incr,lpush,rpush,lpop,rpop,sadd,hset,spop,zadd,zpopmin,lrange_100,mset";
    for args in [
        &["-n", "2000", "-q", "-P", "16", "-t", tests][..],
        &["-n", "2000", "-q", "-r", "1000", "-c", "20", "-t", tests],
        &["-n", "1000", "-q", "-3", "-d", "10000", "-t", "set,get,lpush"],
    ] {
        let output = redis_tool("redis-benchmark").args(["-p", &port]).args(args).output().unwrap();
        let printed = text(&output.stdout).replace('\r', "\n");
        assert!(output.status.success(), "redis-benchmark {args:?}: {printed}");
        let trouble = text(&output.stderr) + &printed;
        assert!(!trouble.to_lowercase().contains("err"), "redis-benchmark {args:?}: {trouble}");
        let finished = printed.lines().filter(|line| line.contains("requests per second")).count();
        assert!(finished >= 3, "redis-benchmark {args:?}: {printed}");
    }
}
