//! Typing commands.

use e2e::browser::key;

use super::{assert_well, enter, open, paste};

#[test]
fn a_typed_command_is_answered_and_its_key_is_listed() {
    let (site, browser) = open(1280, 800);
    enter(&browser, "ZADD game 4200 ana");
    browser.find("console-output").wait_for_text("(integer) 1");
    browser.find("keyspace").wait_for_text("game");
    enter(&browser, "INCR game");
    browser.find("console-output").wait_for_text("(error) WRONGTYPE");
    enter(&browser, "SELECT 3");
    enter(&browser, "SET a 1");
    browser.find("console-output").wait_for_text("127.0.0.1:6379[3]> SET a 1");
    assert_well(&site, &browser);
}

#[test]
fn the_keyboard_is_enough() {
    let (site, browser) = open(1280, 800);
    assert_eq!(
        browser.focused().attribute("data-testid").as_deref(),
        Some("console-input"),
        "the first visit begins in the console"
    );
    browser.press("zad");
    browser.press(key::TAB);
    browser.press(&format!(" game 1 ana{}", key::ENTER));
    browser.find("console-output").wait_for_text("(integer) 1");
    browser.press(key::UP);
    assert_eq!(browser.find("console-input").property("value"), "zadd game 1 ana", "history");
    browser.press(key::ESCAPE);
    // An empty line has nothing to complete, so that Tab leaves the console.
    browser.press(key::TAB);
    let left = browser.focused().attribute("data-testid");
    assert_ne!(left.as_deref(), Some("console-input"), "the focus went on");
    assert_well(&site, &browser);
}

#[test]
fn the_syntax_that_remains_is_shown_while_typing() {
    let (_site, browser) = open(1280, 800);
    browser.find("console-input").type_text("GETRANGE a ");
    browser.find("console-hint").wait_for_text("start end");
}

#[test]
fn help_and_mistakes_are_explained() {
    let (site, browser) = open(1280, 800);
    let output = browser.find("console-output");
    enter(&browser, "HELP GET");
    output.wait_for_text("summary: Returns the string");
    enter(&browser, "GET 'a'b");
    output.wait_for_text("Invalid argument(s)");
    output.wait_for_text("must be followed by a space");
    enter(&browser, "SETNX a 1");
    output.wait_for_text("today: SET key value NX");
    enter(&browser, "CLEAR");
    browser.wait_until("an empty console", || output.text().trim().is_empty().then_some(()));
    assert_well(&site, &browser);
}

#[test]
fn a_text_in_quotes_may_have_many_lines() {
    let (site, browser) = open(1280, 800);
    let input = browser.find("console-input");
    input.type_text(&format!("SET note \"one{}", key::ENTER));
    let height = || input.property("clientHeight").as_i64();
    let low = height();
    browser.press(&format!("two{}three\"{}", key::ENTER, key::ENTER));
    let output = browser.find("console-output");
    output.wait_for_text("> SET note \"one\ntwo\nthree\"\nOK");
    enter(&browser, "GET note");
    output.wait_for_text("\"one\\ntwo\\nthree\"");
    browser.press(key::UP);
    browser.press(key::UP);
    assert_eq!(input.property("value"), "SET note \"one\ntwo\nthree\"", "history");
    assert!(height() > low, "the prompt has grown");
    assert_well(&site, &browser);
}

#[test]
fn clients_have_databases_of_their_own() {
    let (site, browser) = open(1280, 800);
    enter(&browser, "SELECT 2");
    browser.find("new-client").click();
    browser.find_css("[role=tab][aria-selected=true]").wait_for_text("bob");
    enter(&browser, "SET from bob");
    browser.find("console-output").wait_for_text("127.0.0.1:6379> SET from bob");
    assert_well(&site, &browser);
}

#[test]
fn pasted_lines_are_run_one_after_the_other() {
    let (site, browser) = open(1280, 800);
    paste(&browser, "SET a 1\nINCR a\n\nGET a\n");
    let output = browser.find("console-output");
    output.wait_for_text("> GET a\n\"2\"");
    browser.find("position").wait_for_text("3 / 3");
    assert_well(&site, &browser);
}

#[test]
fn long_replies_are_folded_and_many_lines_stay_quick() {
    let (site, browser) = open(1280, 800);
    let members: Vec<String> = (0..3000).map(|n| n.to_string()).collect();
    let load = "const data = new DataTransfer();
        data.items.add(new File([arguments[0]], 'numbers.redis'));
        document.querySelector('[data-testid=app]').dispatchEvent(
            new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));";
    browser.script(load, &[format!("SADD numbers {}\n", members.join(" ")).into()]);
    let output = browser.find("console-output");
    output.wait_for_text("1 reply, no error");
    enter(&browser, "SMEMBERS numbers");
    browser.find_css(".block.fold .chip").wait_for_text("2,960 lines");
    browser.find_css(".block.fold .chip").click();
    browser.wait_until("the next lines", || output.text().contains("  41) ").then_some(()));
    let blocks = browser.find_all_css(".block").len();
    assert!(blocks < 60, "only what is in sight is drawn, not {blocks} blocks");
    // What is left comes as one scrolls.
    let scroll =
        "const output = document.querySelector('.output'); output.scrollTop = output.scrollHeight;";
    browser.wait_until("the last line", || {
        browser.script(scroll, &[]);
        output.text().contains("\n3000) ").then_some(())
    });
    enter(&browser, "SCARD numbers");
    output.wait_for_text("> SCARD numbers\n(integer) 3000");
    assert_well(&site, &browser);
}
