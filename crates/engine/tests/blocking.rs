//! Clients that wait: whose turn it is, what they sent meanwhile, and what ends a wait.

use redarium_engine::{ClientId, Engine, Options};

const START: i64 = 1_767_603_600_000;

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
    node.check_waiters();
}

fn pair(key: &str, element: &str) -> String {
    format!("*2\r\n${}\r\n{key}\r\n${}\r\n{element}\r\n", key.len(), element.len())
}

#[test]
fn what_is_sent_meanwhile_waits_and_overtakes_nobody() {
    let mut node = node();
    let [ann, bob, cleo] = connect(&mut node);
    node.feed(ann, b"BLPOP q 0\r\nBLPOP q 0\r\nPING\r\nBLP");
    node.feed(ann, b"OP other 0\r\n");
    node.feed(bob, b"BLPOP q 0\r\n");
    node.feed(cleo, b"RPUSH q 1 2 3\r\n");
    expect(&mut node, cleo, ":3\r\n", "all three are in the list when it answers");
    let first = [pair("q", "1"), pair("q", "3"), "+PONG\r\n".to_owned()].concat();
    expect(&mut node, ann, &first, "its second command comes after bob's first");
    expect(&mut node, bob, &pair("q", "2"), "in between");
    assert_eq!(node.take_woken().into_iter().collect::<Vec<_>>(), [ann, bob], "the host is told");
    node.feed(cleo, b"RPUSH other x\r\n");
    expect(&mut node, ann, &pair("other", "x"), "the command that came in two parts");
}

#[test]
fn a_client_is_served_once_though_several_of_its_keys_are_ready() {
    let mut node = node();
    let [ann, bob, cleo] = connect(&mut node);
    node.feed(ann, b"BLPOP a b a 0\r\n");
    node.feed(bob, b"BLMOVE a b LEFT RIGHT 0\r\n");
    node.feed(cleo, b"RPUSH a 1 2\r\nLLEN b\r\n");
    expect(&mut node, ann, &pair("a", "1"), "by the first that is ready");
    expect(&mut node, bob, "$1\r\n2\r\n", "gets the other");
    expect(&mut node, cleo, ":2\r\n:1\r\n", "what was moved to b stays there");
}

#[test]
fn a_chain_of_moves_ends() {
    let mut node = node();
    let [ann, bob, cleo] = connect(&mut node);
    node.feed(ann, b"BLMOVE a b LEFT RIGHT 0\r\n");
    node.feed(bob, b"BLMOVE b a LEFT RIGHT 0\r\n");
    node.feed(cleo, b"RPUSH a ball\r\nLRANGE a 0 -1\r\n");
    expect(&mut node, ann, "$4\r\nball\r\n", "there");
    expect(&mut node, bob, "$4\r\nball\r\n", "and back");
    expect(&mut node, cleo, ":1\r\n*1\r\n$4\r\nball\r\n", "where it was");
}

#[test]
fn waits_end_in_the_order_of_their_times() {
    let mut node = node();
    let [ann, bob, cleo, dora] = connect(&mut node);
    node.feed(ann, b"BLPOP q 2\r\nRPUSH served ann\r\n");
    node.feed(bob, b"BLPOP q 1\r\nRPUSH served bob\r\n");
    node.feed(cleo, b"BLPOP q 0\r\n");
    assert_eq!(node.poll_timeout(), Some(START + 1_000), "bob's time is the first to end");
    node.advance_to(START + 999);
    expect(&mut node, bob, "", "not yet");
    node.advance_to(START + 10_000);
    expect(&mut node, bob, "*-1\r\n:1\r\n", "in vain, and then its next command");
    expect(&mut node, ann, "*-1\r\n:2\r\n", "later");
    expect(&mut node, cleo, "", "for ever");
    assert_eq!(node.poll_timeout(), None, "nothing else will happen by itself");
    node.feed(dora, b"LRANGE served 0 -1\r\nRPUSH q x\r\n");
    expect(&mut node, dora, "*2\r\n$3\r\nbob\r\n$3\r\nann\r\n:1\r\n", "bob was first");
    expect(&mut node, cleo, &pair("q", "x"), "still there");
}

#[test]
fn a_key_of_another_type_wakes_nobody() {
    let mut node = node();
    let [ann, bob] = connect(&mut node);
    node.feed(ann, b"BLPOP q 2\r\n");
    node.advance_to(START + 1_500);
    node.feed(bob, b"SET q x\r\nDEL q\r\n");
    node.advance_to(START + 2_000);
    expect(&mut node, ann, "*-1\r\n", "two seconds after it came");
}

#[test]
fn who_waits_again_keeps_its_time_and_its_turn() {
    let mut node = node();
    let [ann, bob, cleo, dora] = connect(&mut node);
    node.feed(dora, b"XGROUP CREATE s g $ MKSTREAM\r\nXGROUP CREATE s other $\r\n");
    node.feed(ann, b"XREADGROUP GROUP g ann BLOCK 1000 STREAMS s >\r\n");
    node.feed(bob, b"XREADGROUP GROUP g bob BLOCK 1000 STREAMS s >\r\n");
    node.feed(cleo, b"XREADGROUP GROUP g cleo BLOCK 1000 STREAMS s >\r\n");
    node.advance_to(START + 900);
    node.feed(dora, b"XGROUP DESTROY s other\r\nXADD s 1-1 a 1\r\nXADD s 2-1 b 1\r\n");
    let given = |node: &mut Engine, id| {
        let sent = node.take_output(id);
        ["1-1", "2-1"].into_iter().find(|id| sent.windows(3).any(|bytes| bytes == id.as_bytes()))
    };
    assert_eq!(given(&mut node, ann), Some("1-1"), "still the first, though all have looked");
    assert_eq!(given(&mut node, bob), Some("2-1"), "and the second");
    node.advance_to(START + 1_000);
    expect(&mut node, cleo, "*-1\r\n", "a second after it came, not after it looked");
}

#[test]
fn entries_are_claimed_as_soon_as_they_may_be() {
    let mut node = node();
    let [ann, bob, cleo] = connect(&mut node);
    node.feed(cleo, b"XADD s 1-1 a 1\r\nXGROUP CREATE s g 0\r\n");
    node.feed(cleo, b"XREADGROUP GROUP g cleo STREAMS s >\r\n");
    node.feed(ann, b"XREADGROUP GROUP g ann BLOCK 0 CLAIM 5000 STREAMS s >\r\n");
    node.feed(bob, b"XREADGROUP GROUP g bob BLOCK 0 CLAIM 2000 STREAMS s >\r\n");
    assert_eq!(node.poll_timeout(), Some(START + 2_000), "when bob may have it");
    node.advance_to(START + 1_999);
    expect(&mut node, bob, "", "not yet");
    node.advance_to(START + 2_000);
    assert!(!node.take_output(bob).is_empty(), "now");
    assert_eq!(node.poll_timeout(), Some(START + 5_000), "ann looks when it could have been hers");
    node.advance_to(START + 5_000);
    assert_eq!(node.poll_timeout(), Some(START + 7_000), "five seconds after bob got it");
    node.feed(bob, b"XACK s g 1-1\r\n");
    node.advance_to(START + 8_000);
    expect(&mut node, ann, "", "bob was quicker");
    assert_eq!(node.poll_timeout(), None, "nothing is pending");
}

#[test]
fn one_that_hangs_up_takes_nothing_with_it() {
    let mut node = node();
    let [ann, bob, cleo] = connect(&mut node);
    node.feed(ann, b"BLPOP q 5\r\n");
    node.feed(bob, b"BLPOP q 0\r\n");
    node.disconnect(ann);
    node.feed(cleo, b"RPUSH q 1\r\n");
    expect(&mut node, bob, &pair("q", "1"), "the next in the queue");
    node.feed(bob, b"BLPOP q 0\r\n");
    node.feed(cleo, b"CLIENT KILL ID 2\r\nRPUSH q 2\r\nLLEN q\r\n");
    expect(&mut node, cleo, ":1\r\n:1\r\n:1\r\n:1\r\n", "one that is being closed gets nothing");
    assert_eq!(node.poll_timeout(), None, "no time is left behind");
}

#[test]
fn a_fork_has_its_own_waiters() {
    let mut node = node();
    let [ann, bob] = connect(&mut node);
    node.feed(ann, b"BLPOP q 0\r\n");
    let mut fork = node.clone();
    node.feed(bob, b"RPUSH q here\r\n");
    fork.feed(bob, b"RPUSH q there\r\n");
    expect(&mut node, ann, &pair("q", "here"), "in this world");
    expect(&mut fork, ann, &pair("q", "there"), "and in that one");
}

#[test]
fn databases_have_their_own_queues_and_swapping_them_serves() {
    let mut node = node();
    let [ann, bob] = connect(&mut node);
    node.feed(ann, b"BLPOP q 0\r\n");
    node.feed(bob, b"SELECT 1\r\nRPUSH q elsewhere\r\n");
    expect(&mut node, ann, "", "another database");
    node.feed(bob, b"SWAPDB 0 1\r\n");
    expect(&mut node, ann, &pair("q", "elsewhere"), "which is its own now");
    node.feed(ann, b"BLPOP q 0\r\n");
    node.feed(bob, b"RPUSH q moved\r\nMOVE q 0\r\n");
    expect(&mut node, ann, &pair("q", "moved"), "or the key comes over");
    node.feed(ann, b"BLPOP q 0\r\n");
    node.feed(bob, b"RPUSH a 1\r\nCOPY a q DB 0\r\n");
    expect(&mut node, ann, &pair("q", "1"), "or a copy of one");
}

#[test]
fn a_pause_postpones_commands_in_order_and_keeps_what_would_expire() {
    let mut node = node();
    let [ann, bob, cleo] = connect(&mut node);
    node.feed(
        ann,
        b"SET brief x PX 100\r\nCLIENT PAUSE 5000 WRITE\r\nGET a\r\nINCR a\r\nGET a\r\n",
    );
    node.feed(bob, b"INCR a\r\nBLPOP q 1\r\n");
    node.feed(cleo, b"INFO clients\r\nINCR a\r\n");
    let info = String::from_utf8_lossy(&node.take_output(cleo)).into_owned();
    assert!(info.contains("blocked_clients:2\r\n"), "ann and bob wait: {info}");
    expect(
        &mut node,
        ann,
        "+OK\r\n+OK\r\n$-1\r\n",
        "reading goes on, but nobody overtakes himself",
    );
    node.disconnect(cleo);
    node.advance_to(START + 4_999);
    expect(&mut node, bob, "", "not yet");
    assert_eq!(node.databases()[0].len(), 1, "nothing is removed during the pause");
    assert_eq!(node.poll_timeout(), Some(START + 5_000), "then it ends");
    node.advance_to(START + 5_500);
    expect(&mut node, ann, ":1\r\n$1\r\n1\r\n", "ann was first");
    expect(&mut node, bob, ":2\r\n", "then bob, who waits again now");
    assert_eq!(node.databases()[0].len(), 1, "what has ended is gone, a is not");
    node.advance_to(START + 6_000);
    expect(&mut node, bob, "*-1\r\n", "a second since the pause has ended");
}

#[test]
fn a_client_is_unblocked_by_another() {
    let mut node = node();
    let [ann, bob] = connect(&mut node);
    node.feed(ann, b"BLPOP q 0\r\nPING\r\n");
    node.feed(bob, b"CLIENT UNBLOCK 1 ERROR\r\nCLIENT UNBLOCK 1\r\n");
    expect(&mut node, bob, ":1\r\n:0\r\n", "once");
    let sent = "-UNBLOCKED client unblocked via CLIENT UNBLOCK\r\n+PONG\r\n";
    expect(&mut node, ann, sent, "and then its next command");
    assert!(node.take_woken().contains(&ann), "the host is told");
    node.feed(ann, b"BLPOP q 1\r\n");
    node.advance_to(START + 1_000);
    node.feed(bob, b"INFO commandstats\r\n");
    let info = String::from_utf8_lossy(&node.take_output(bob)).into_owned();
    assert!(info.contains("cmdstat_blpop:calls=2,"), "each wait once: {info}");
}

#[test]
fn too_much_sent_while_waiting_ends_the_connection() {
    let mut node = node();
    let [ann, bob] = connect(&mut node);
    node.feed(bob, b"CONFIG SET client-query-buffer-limit 1mb\r\n");
    node.feed(ann, b"BLPOP q 0\r\n");
    for _ in 0..3 {
        node.feed(ann, &b"PING\r\n".repeat(100_000));
    }
    assert!(node.is_closing(ann), "the limit is a megabyte");
}

#[test]
fn a_silent_client_stays_silent() {
    let mut node = node();
    let [ann, bob] = connect(&mut node);
    node.feed(ann, b"CLIENT REPLY SKIP\r\nBLPOP q 0\r\nPING\r\n");
    node.feed(bob, b"RPUSH q x\r\n");
    expect(&mut node, ann, "+PONG\r\n", "only the pop is left out");
    node.feed(ann, b"CLIENT REPLY SKIP\r\nBLPOP q 1\r\nPING\r\n");
    node.advance_to(START + 2_000);
    expect(&mut node, ann, "+PONG\r\n", "also if it was in vain");
    node.feed(ann, b"CLIENT REPLY OFF\r\nBLPOP q 1\r\nPING\r\n");
    node.advance_to(START + 4_000);
    expect(&mut node, ann, "", "nothing at all");
}
