//! Sessions with scripts: the log leads to the same world again, also from the middle of a script.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use redarium_lab::{Action, Clock, Lab, Options};
use redarium_resp::split;

/// A script of several slices.
const LONG: &str = "EVAL \"redis.call('INCR', KEYS[1]) for i = 1, 1e6 do end return redis.call('INCR', KEYS[1])\" 1 n";

fn run(lab: &mut Lab, client: &str, line: &str) -> String {
    let reply = lab.run(client, &split(line.as_bytes()).unwrap());
    String::from_utf8(reply).unwrap()
}

#[test]
fn scripts_run_to_their_end_at_once() {
    let mut lab = Lab::new(Options::default());
    assert_eq!(run(&mut lab, "ann", LONG), ":2\r\n", "however long they take");
    assert_eq!(lab.log().len(), 1, "one action");
    let endless = "EVAL \"redis.call('SET', 'a', '1') while true do end\" 0";
    run(&mut lab, "ann", "CONFIG SET script-instruction-limit 1000000");
    let reply = run(&mut lab, "ann", endless);
    assert!(reply.starts_with("-ERR "), "ended by its budget: {reply}");
    assert_eq!(run(&mut lab, "bob", "GET a"), "$1\r\n1\r\n", "what it did is done");
    let again = Lab::from_log(lab.options().clone(), lab.log().to_vec()).unwrap();
    assert_eq!(again.digest(), lab.digest(), "the log leads there again");
}

#[test]
fn a_script_in_slices_is_part_of_the_log() {
    let mut lab = Lab::new(Options { slices: true, ..Options::default() });
    run(&mut lab, "ann", "SET n 40");
    assert_eq!(run(&mut lab, "ann", LONG), "", "half-way");
    assert!(lab.engine().is_script_running(), "it waits for turns");
    assert_eq!(run(&mut lab, "bob", "INCR n"), "", "so does bob");
    lab.host_time(16.0);
    lab.host_time(16.0);
    lab.set_clock(Clock::RealTime { rate: 1.0 });
    lab.host_time(16.0);
    assert_eq!(lab.now(), Options::default().start + 16, "the clock moves under it");
    let mut fork = lab.fork();
    // The turns to come will be one action with the last one.
    let middle = lab.position() - 1;
    for lab in [&mut lab, &mut fork] {
        let mut turns = 0;
        while lab.engine().is_script_running() {
            lab.host_time(16.0);
            turns += 1;
            assert!(turns < 100, "it ends");
        }
        assert_eq!(lab.take_output("ann"), b":42\r\n", "its reply");
        assert_eq!(lab.take_output("bob"), b":43\r\n", "and then bob's");
    }
    assert_eq!(fork.digest(), lab.digest(), "a fork from the middle went the same way");
    assert!(lab.log().contains(&Action::Turn { count: 2, ms: 0 }), "equal turns are one action");
    let (end, digest, actions) = (lab.position(), lab.digest(), lab.log().to_vec());
    assert!(lab.seek(middle), "into the middle of the script");
    assert!(lab.engine().is_script_running(), "where it goes on");
    assert!(lab.seek(end), "and to the end");
    assert_eq!(lab.digest(), digest, "the same");
    assert!(lab.undo() && lab.undo(), "bob's command, then the script with its turns");
    assert_eq!(run(&mut lab, "ann", "GET n"), "$2\r\n40\r\n", "as before it");
    let again = Lab::from_log(lab.options().clone(), actions).unwrap();
    assert_eq!(again.digest(), digest, "the log leads there again");
}

#[test]
fn checkpoints_are_made_before_and_after_scripts() {
    let mut lab = Lab::new(Options { slices: true, ..Options::default() });
    for round in 0..8 {
        run(&mut lab, "ann", &LONG.replace("1e6", "3e5"));
        // More actions than there are between two checkpoints come while the scripts run.
        for client in 0..20 {
            run(&mut lab, &format!("client-{client}"), "INCR other");
        }
        while lab.engine().is_script_running() {
            lab.host_time(16.0);
        }
        assert_eq!(lab.take_output("ann"), format!(":{}\r\n", 2 * round + 2).as_bytes(), "done");
    }
    let (digest, end) = (lab.digest(), lab.position());
    for position in (0..end).step_by(31) {
        assert!(lab.seek(position) && lab.seek(end), "there and back");
        assert_eq!(lab.digest(), digest, "from {position}");
    }
}
