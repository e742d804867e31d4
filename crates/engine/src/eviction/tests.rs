use super::*;
use crate::{ClientId, Engine, Options};

const START: i64 = 1_767_603_600_000;

fn node(commands: &str) -> (Engine, ClientId) {
    let mut node = Engine::new(Options { start: START, seed: 7, ..Options::default() });
    let me = node.connect("127.0.0.1:50000");
    say(&mut node, me, commands);
    (node, me)
}

/// Runs commands, separated by `;`, and answers all replies.
fn say(node: &mut Engine, client: ClientId, commands: &str) -> String {
    for command in commands.split(';') {
        node.feed(client, format!("{}\r\n", command.trim()).as_bytes());
    }
    String::from_utf8_lossy(&node.take_output(client)).into_owned()
}

/// Fills a node with a hundred keys of about 1 KB each.
fn fill(node: &mut Engine, client: ClientId, deadline: impl Fn(usize) -> Option<usize>) {
    let value = "x".repeat(1000);
    for number in 0..100 {
        let end = deadline(number).map_or(String::new(), |seconds| format!(" EX {seconds}"));
        say(node, client, &format!("SET key:{number} {value}{end}"));
    }
}

fn evicted(node: &mut Engine, client: ClientId) -> Vec<usize> {
    (0..100)
        .filter(|number| say(node, client, &format!("EXISTS key:{number}")).contains(":0"))
        .collect()
}

/// Sizes of all entries, counted anew.
fn recounted(node: &Engine) -> usize {
    node.databases()
        .iter()
        .map(|db| crate::account::Account::of(db.table().iter().map(|(_, entry)| entry)).bytes())
        .sum()
}

#[test]
fn a_full_node_refuses_what_needs_memory_and_nothing_else() {
    let (mut node, me) = node("CONFIG SET maxmemory 20kb");
    fill(&mut node, me, |_| None);
    let refusal = "-OOM command not allowed when used memory > 'maxmemory'.\r\n";
    assert_eq!(say(&mut node, me, "SET a 1"), refusal, "no room");
    assert_eq!(say(&mut node, me, "LPUSH l 1"), refusal, "nor for this");
    assert_eq!(say(&mut node, me, "DBSIZE"), ":19\r\n", "what fitted, and one more");
    assert_eq!(say(&mut node, me, "MULTI;GET key:0;EXEC").matches("OOM").count(), 1, "no queue");
    assert_eq!(
        say(&mut node, me, "DEL key:0 key:1;SET a 1"),
        ":2\r\n+OK\r\n",
        "there is room again"
    );
}

#[test]
fn the_sum_is_that_of_all_entries_after_any_commands() {
    let (mut node, me) = node("SET before 1;CONFIG SET maxmemory 1gb");
    let kinds = "SET a 1;APPEND a xyz;SETRANGE a 5 hello;SETEX b 10 x;PERSIST b;EXPIRE a 100;RPUSH l 1 2 3;LPOP l;\
                 HSET h f v g w;HEXPIRE h 100 FIELDS 1 f;SADD s 1 2 x;ZADD z 1 a 2 b;ZREM z a;XADD x * f v;INCR n;\
                 RENAME a c;COPY c d;MOVE d 1;SORT l STORE sorted;GETDEL n;SPOP s 3;RPOPLPUSH l l2;SETBIT bits 9999 1;\
                 PFADD p a b c;MSET m1 1 m2 22 m1 333;SWAPDB 0 1;SET other x;SWAPDB 0 1;DEL before;EXPIRE b 1;PEXPIRE c 1";
    for command in kinds.split(';') {
        say(&mut node, me, command);
        say(&mut node, me, "PING");
        let counted = used_by_keys(node.databases()).1;
        assert_eq!(counted, recounted(&node), "after {}", command.trim());
    }
    node.advance_to(START + 200_000);
    say(&mut node, me, "PING");
    assert_eq!(
        used_by_keys(node.databases()).1,
        recounted(&node),
        "after keys and fields have ended"
    );
    say(&mut node, me, "FLUSHALL;PING");
    assert_eq!(used_by_keys(node.databases()).1, 0, "nothing is left");
}

#[test]
fn keys_that_were_not_used_for_long_go_first() {
    let (mut node, me) = node("CONFIG SET maxmemory-policy allkeys-lru maxmemory-samples 10");
    fill(&mut node, me, |_| None);
    node.advance_to(START + 60_000);
    for number in 0..50 {
        say(&mut node, me, &format!("GET key:{number}"));
    }
    say(&mut node, me, "CONFIG SET maxmemory 80kb;PING");
    let gone = evicted(&mut node, me);
    assert!(gone.len() > 20 && gone.len() < 40, "{} of 100", gone.len());
    assert!(gone.iter().all(|number| *number >= 50), "of those not used: {gone:?}");
    let info = say(&mut node, me, "INFO stats");
    assert!(info.contains(&format!("evicted_keys:{}\r\n", gone.len())), "{info}");
}

#[test]
fn keys_that_were_used_little_go_first() {
    let (mut node, me) = node("CONFIG SET maxmemory-policy allkeys-lfu maxmemory-samples 10");
    fill(&mut node, me, |_| None);
    for _ in 0..20 {
        for number in 50..100 {
            say(&mut node, me, &format!("GET key:{number}"));
        }
    }
    say(&mut node, me, "CONFIG SET maxmemory 80kb;PING");
    let gone = evicted(&mut node, me);
    assert!(gone.iter().all(|number| *number < 50), "of those not used: {gone:?}");
}

#[test]
fn reading_does_not_save_a_key_under_lrm() {
    let (mut node, me) = node("CONFIG SET maxmemory-policy allkeys-lrm maxmemory-samples 10");
    fill(&mut node, me, |_| None);
    node.advance_to(START + 60_000);
    for number in 0..50 {
        say(&mut node, me, &format!("GET key:{number};APPEND key:{} x", number + 50));
    }
    say(&mut node, me, "CONFIG SET maxmemory 80kb;PING");
    let gone = evicted(&mut node, me);
    assert!(!gone.is_empty() && gone.iter().all(|number| *number < 50), "not written: {gone:?}");
}

#[test]
fn only_keys_with_a_deadline_go_where_the_policy_says_so() {
    for policy in
        ["volatile-lru", "volatile-lfu", "volatile-lrm", "volatile-random", "volatile-ttl"]
    {
        let (mut node, me) =
            node(&format!("CONFIG SET maxmemory-policy {policy} maxmemory-samples 10"));
        fill(&mut node, me, |number| (number % 2 == 0).then_some(1000 + number));
        say(&mut node, me, "CONFIG SET maxmemory 80kb;PING");
        let gone = evicted(&mut node, me);
        assert!(
            !gone.is_empty() && gone.iter().all(|number| number % 2 == 0),
            "{policy}: {gone:?}"
        );
        if policy == "volatile-ttl" {
            let mean = gone.iter().sum::<usize>() / gone.len();
            assert!(mean < 40, "those that end first: {gone:?}");
        }
        say(&mut node, me, "CONFIG SET maxmemory 20kb;PING");
        assert!(say(&mut node, me, "SET a 1").starts_with("-OOM"), "{policy}: the others stay");
    }
}

#[test]
fn subscribers_are_told_and_any_key_may_go() {
    let (mut node, me) =
        node("CONFIG SET maxmemory-policy allkeys-random notify-keyspace-events Ee");
    let listener = node.connect("127.0.0.1:50001");
    say(&mut node, listener, "SUBSCRIBE __keyevent@0__:evicted");
    fill(&mut node, me, |_| None);
    say(&mut node, me, "CONFIG SET maxmemory 80kb;PING");
    let gone = evicted(&mut node, me).len();
    let heard = String::from_utf8_lossy(&node.take_output(listener)).matches("key:").count();
    assert_eq!(heard, gone, "one message for each");
}

#[test]
fn the_largest_clients_are_closed_first() {
    let (mut node, me) = node("CLIENT NO-EVICT on");
    let (small, large) = (node.connect("127.0.0.1:50001"), node.connect("127.0.0.1:50002"));
    node.feed(small, b"*2\r\n$3\r\nGET\r\n$100\r\nx");
    node.feed(large, format!("*2\r\n$3\r\nGET\r\n$9000\r\n{}", "x".repeat(8000)).as_bytes());
    say(&mut node, me, "CONFIG SET maxmemory-clients 5kb");
    assert!(node.is_closing(large) && !node.is_closing(small) && !node.is_closing(me), "only one");
    assert!(say(&mut node, me, "INFO stats").contains("evicted_clients:1\r\n"), "counted");
}

#[test]
fn the_pool_keeps_the_best() {
    let mut eviction = Eviction::default();
    for score in [5, 1, 9, 3, 7].into_iter().chain(10..30) {
        eviction.offer(Candidate { db: 0, key: Bytes::from(b"k".as_slice()), score });
    }
    let scores: Vec<_> = eviction.pool.iter().map(|candidate| candidate.score).collect();
    assert_eq!(scores, (14..30).collect::<Vec<_>>(), "the sixteen best, worst first");
}
