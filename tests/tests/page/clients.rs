//! Several clients at once.

use e2e::browser::{Browser, key};

use super::{assert_well, enter, open, paste};

/// The page with this many clients more than alice, side by side; alice is in front.
fn open_with(clients: usize) -> (e2e::site::Site, Browser) {
    let (site, browser) = open(2000, 900);
    for _ in 0..clients {
        browser.find("new-client").click();
    }
    browser.find("client-tab-alice").click();
    browser.find("console-output");
    (site, browser)
}

/// Enters a line in the console of a client.
fn enter_as(browser: &Browser, client: &str, line: &str) {
    browser.find(&format!("client-tab-{client}")).click();
    enter(browser, line);
    // The line is taken by this client before another one comes to the front.
    browser.find("console-output").wait_for_text(&format!("> {line}"));
}

#[test]
fn a_client_that_waits_is_served_by_another() {
    let (site, browser) = open_with(1);
    enter_as(&browser, "bob", "BLPOP jobs 0");
    browser.find("console-output").wait_for_text("(blocked)");
    browser.find("client-tab-bob").wait_for_text("waits");
    enter_as(&browser, "alice", "RPUSH jobs mail");
    browser.find("console-output").wait_for_text("(integer) 1");
    let bob = browser.find("console-output-bob");
    bob.wait_for_text("1) \"jobs\"\n2) \"mail\"");
    assert!(!browser.find("client-tab-bob").text().contains("waits"), "no longer");
    browser.find("show-lanes").click();
    let lanes = browser.find("lanes");
    lanes.wait_for_text("BLPOP jobs 0");
    let order = browser.script(
        "return [...document.querySelectorAll('.lanes tbody tr')].map(row =>
            [row.cells[0].textContent, [...row.cells].findIndex(cell => cell.matches('.lane')), row.querySelector('.lane-line')?.textContent ?? ''])",
        &[],
    );
    let expected =
        serde_json::json!([["1", 2, "BLPOP jobs 0"], ["2", 1, "RPUSH jobs mail"], ["", 2, ""]]);
    assert_eq!(order, expected, "who came first, and what it brought whom");
    assert_well(&site, &browser);
}

#[test]
fn three_clients_share_a_channel() {
    let (site, browser) = open_with(2);
    enter_as(&browser, "bob", "SUBSCRIBE news");
    enter_as(&browser, "carol", "HELLO 3");
    enter_as(&browser, "carol", "PSUBSCRIBE n*");
    browser.find("client-tab-bob").wait_for_text("subscribed");
    enter_as(&browser, "alice", "PUBLISH news hello");
    browser.find("console-output").wait_for_text("(integer) 2");
    browser.find("console-output-bob").wait_for_text("1) \"message\"\n2) \"news\"\n3) \"hello\"");
    browser.find("console-output-carol").wait_for_text("1) \"pmessage\"\n2) \"n*\"");
    browser.find("client-tab-bob").click();
    let prompt = browser.find_css(".prompt-name");
    prompt.wait_for_text("(subscribed mode)>");
    enter(&browser, "GET a");
    browser.find("console-output").wait_for_text("Can't execute 'get'");
    browser.find("console-input").type_text(&format!("{}c", key::CONTROL));
    browser.find("console-output").wait_for_text("RESET");
    browser
        .wait_until("the usual prompt", || (!prompt.text().contains("subscribed")).then_some(()));
    browser.find("client-tab-carol").click();
    prompt.wait_for_text("(subscribed mode)(RESP3)>");
    assert_well(&site, &browser);
}

#[test]
fn a_transaction_fails_when_a_watched_key_has_changed() {
    let (site, browser) = open_with(1);
    enter_as(&browser, "alice", "SET stock 1");
    enter_as(&browser, "alice", "WATCH stock");
    enter_as(&browser, "alice", "MULTI");
    browser.find_css(".prompt-name").wait_for_text("(TX)>");
    enter_as(&browser, "alice", "DECR stock");
    browser.find("client-tab-alice").wait_for_text("TX 1");
    enter_as(&browser, "bob", "SET stock 0");
    enter_as(&browser, "alice", "EXEC");
    browser.find("console-output").wait_for_text("(TX)> EXEC\n(nil)");
    assert!(!browser.find("client-tab-alice").text().contains("TX"), "it is over");
    assert_well(&site, &browser);
}

#[test]
fn a_monitor_sees_what_others_do() {
    let (site, browser) = open_with(1);
    enter_as(&browser, "bob", "MONITOR");
    browser.find("client-tab-bob").wait_for_text("monitor");
    enter_as(&browser, "alice", "SET a 1");
    browser.find("console-output-bob").wait_for_text("\"SET\" \"a\" \"1\"");
    assert_well(&site, &browser);
}

#[test]
fn clients_are_renamed_and_leave() {
    let (site, browser) = open_with(1);
    browser.find("client-tab-alice").type_text("\u{E032}");
    let field = browser.find("rename-client");
    field.type_text(&format!("ann{}", key::ENTER));
    browser.find("client-tab-ann").click();
    enter(&browser, "CLIENT GETNAME");
    browser.find("console-output").wait_for_text("(nil)");
    browser.find("client-tab-bob").click();
    browser.find_css("[aria-label=\"Disconnect bob\"]").click();
    browser.wait_until("bob to be gone", || {
        browser.find_all("client-tab-bob").is_empty().then_some(())
    });
    assert_well(&site, &browser);
}

#[test]
fn five_hundred_pasted_lines_have_a_reply_each() {
    let (site, browser) = open(1280, 800);
    let lines: Vec<String> = (1..=500).map(|n| format!("RPUSH list {n}")).collect();
    paste(&browser, &lines.join("\n"));
    browser.find("console-output").wait_for_text("> RPUSH list 500\n(integer) 500");
    browser.find("position").wait_for_text("500 / 500");
    enter(&browser, "3 INCR n");
    browser
        .find("console-output")
        .wait_for_text("> 3 INCR n\n(integer) 1\n(integer) 2\n(integer) 3");
    enter(&browser, ":undo");
    browser.find("position").wait_for_text("502 / 503");
    enter(&browser, "GET n");
    browser.find("console-output").wait_for_text("> GET n\n\"2\"");
    assert_well(&site, &browser);
}

#[test]
fn a_crash_loses_what_is_not_durable() {
    let (site, browser) = open(1280, 800);
    let output = browser.find("console-output");
    enter(&browser, "SET kept 1");
    enter(&browser, "SAVE");
    enter(&browser, "SET lost 1");
    enter(&browser, ":crash");
    output.wait_for_text("the power has failed");
    enter(&browser, "MGET kept lost");
    output.wait_for_text("1) \"1\"\n2) (nil)");
    enter(&browser, "SET kept 2");
    enter(&browser, "CONFIG SET save \"900 1\"");
    enter(&browser, ":restart");
    output.wait_for_text("shut down and started again");
    enter(&browser, "GET kept");
    output.wait_for_text("> GET kept\n\"2\"");
    enter(&browser, ":help");
    output.wait_for_text(":set json");
    enter(&browser, ":advance soon");
    output.wait_for_text("`soon` is no duration");
    assert_well(&site, &browser);
}

#[test]
fn bytes_names_and_facts_can_be_looked_at() {
    let (site, browser) = open(1440, 900);
    enter(&browser, "SET note '{\"a\":[1,{\"b\":null}]}'");
    enter(&browser, "GET note");
    let output = browser.find("console-output");
    output.wait_for_text("> GET note\n\"{");
    browser.find("show-wire").click();
    output.wait_for_text("*2\\r\\n\n$3\\r\\n\nGET\\r\\n\n$4\\r\\n\nnote\\r\\n");
    output.wait_for_text("$20\\r\\n");
    browser.find("show-wire").click();
    browser.find_css(".output").type_text(key::UP);
    browser.press(key::ENTER);
    browser.find("open-tree").click();
    browser.find("tree").wait_for_text("a:");
    browser.find_css(".output").type_text(&format!("{}{}", key::UP, key::UP));
    browser.find("facts").wait_for_text("note is unchanged: string");
    browser.press(key::RIGHT);
    assert_eq!(browser.focused().text(), "note", "the key in the command");
    enter(&browser, "SET other 1");
    browser.find_css(".picture-key").wait_for_text("other");
    browser.find_css(".follow").click();
    browser.find_css(".picture-key").wait_for_text("note");
    assert_well(&site, &browser);
}
