//! The clock, and going back.

use super::{assert_well, enter, open};

#[test]
fn moving_the_clock_makes_a_key_expire() {
    let (site, browser) = open(1280, 800);
    browser.find("clock-pause").click();
    browser.find("clock-run");
    enter(&browser, "SET greeting hello EX 30");
    browser.find("keyspace").wait_for_text("30 s");
    browser.find("clock-plus-1s").click();
    browser.find("keyspace").wait_for_text("29 s");
    browser.find("clock-plus-1m").click();
    browser.find("keyspace").wait_for_text("Keys appear here");
    enter(&browser, "GET greeting");
    browser.find("console-output").wait_for_text("(nil)");
    assert_well(&site, &browser);
}

#[test]
fn the_clock_runs_and_stops() {
    let (_site, browser) = open(1280, 800);
    let clock = browser.find("clock");
    clock.wait_for_text("09:00:0");
    let start = clock.text();
    browser.wait_until("another second", || (clock.text() != start).then_some(()));
    browser.find("clock-pause").click();
    browser.find("clock-run");
    let stopped = clock.text();
    enter(&browser, ":advance 1h");
    browser.wait_until("an hour later", || clock.text().starts_with("10:00").then_some(()));
    assert_eq!(clock.text().get(5..), stopped.get(5..), "nothing else moved it");
}

#[test]
fn steps_are_undone_and_done_again() {
    let (site, browser) = open(1280, 800);
    let keys = browser.find("keyspace");
    enter(&browser, "SET a 1");
    enter(&browser, "SET b 2");
    browser.find("position").wait_for_text("2 / 2");
    browser.find("undo").click();
    browser.find("position").wait_for_text("1 / 2");
    browser.wait_until("b to go", || (!keys.text().contains('b')).then_some(()));
    browser.find("redo").click();
    browser.find("position").wait_for_text("2 / 2");
    enter(&browser, ":undo");
    enter(&browser, ":undo");
    keys.wait_for_text("Keys appear here");
    enter(&browser, "SET c 3");
    browser.find("position").wait_for_text("1 / 1");
    assert_well(&site, &browser);
}
