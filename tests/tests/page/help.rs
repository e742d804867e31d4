//! Help while typing: completion, hints, marks, and the pane.

use e2e::browser::{Browser, key};

use super::{assert_fits, assert_well, enter, open};

/// The words that are offered, once there are some.
fn offered(browser: &Browser) -> Vec<String> {
    browser.find("console-completions");
    // The word stands beside a glyph and a text for screen readers.
    let words =
        "return [...document.querySelectorAll('#console-completions [role=option]')].map(it =>
        [...it.childNodes].map(node => node.nodeType === 3 ? node.data : '').join(''))";
    let words = browser.script(words, &[]);
    let words = words.as_array().expect("the script returns a list");
    words.iter().filter_map(|it| it.as_str()).map(str::to_owned).collect()
}

fn wait_for_offer(browser: &Browser, expected: &[&str]) {
    let what = format!("{expected:?} to be offered");
    browser.wait_until(&what, || (offered(browser) == expected).then_some(()));
}

/// Empties the line, whatever is open above or below it.
fn empty(browser: &Browser) {
    for _ in 0..2 {
        browser.find("console-input").type_text(key::ESCAPE);
    }
    assert_eq!(browser.find("console-input").property("value"), "", "nothing is typed");
}

#[test]
fn words_are_completed_by_what_the_command_wants() {
    let (site, browser) = open(1280, 800);
    for line in ["ZADD zebra 1 ana 2 bo", "SET zero 0", "HSET zoo name x nick y age 3"] {
        enter(&browser, line);
    }
    let input = browser.find("console-input");
    input.type_text("ZADD z");
    wait_for_offer(&browser, &["zebra"]);
    empty(&browser);
    input.type_text("del z");
    wait_for_offer(&browser, &["zebra", "zero", "zoo"]);
    empty(&browser);
    input.type_text("HGET zoo n");
    wait_for_offer(&browser, &["name", "nick"]);
    empty(&browser);
    input.type_text("ZSCORE zebra ");
    wait_for_offer(&browser, &["ana", "bo"]);
    empty(&browser);
    input.type_text("COPY a b ");
    wait_for_offer(&browser, &["DB", "REPLACE"]);
    empty(&browser);
    input.type_text("CONFIG GET zset-max-listpack-e");
    wait_for_offer(&browser, &["zset-max-listpack-entries"]);
    browser.find("position").wait_for_text("3 / 3");
    assert_well(&site, &browser);
}

#[test]
fn the_keyboard_goes_through_the_choices_without_leaving_the_line() {
    let (site, browser) = open(1280, 800);
    enter(&browser, "MSET first 1 fish 2");
    let input = browser.find("console-input");
    input.type_text("GET fi");
    wait_for_offer(&browser, &["first", "fish"]);
    let list = browser.find("console-completions");
    assert_eq!(list.attribute("role").as_deref(), Some("listbox"));
    assert_eq!(input.attribute("aria-activedescendant"), None, "nothing is chosen yet");
    input.type_text(key::DOWN);
    assert_eq!(input.property("value"), "GET first");
    assert_eq!(input.attribute("aria-activedescendant").as_deref(), Some("choice-0"));
    input.type_text(key::TAB);
    assert_eq!(input.property("value"), "GET fish");
    input.type_text(key::UP);
    input.type_text(key::UP);
    assert_eq!(input.property("value"), "GET fi", "back to what was typed");
    input.type_text(key::DOWN);
    assert_eq!(
        browser.focused().attribute("data-testid").as_deref(),
        Some("console-input"),
        "the focus stays"
    );
    input.type_text(key::ENTER);
    browser.find("console-output").wait_for_text("> GET first\n\"1\"");
    input.type_text("SE");
    input.type_text(key::DOWN);
    input.type_text(key::ENTER);
    assert_eq!(input.property("value"), "SELECT ", "a command that lacks words is not run");
    empty(&browser);
    input.type_text("INCRBYF");
    input.type_text(key::TAB);
    input.type_text(key::TAB);
    assert_eq!(input.property("value"), "INCRBYFLOAT ", "Tab alone goes on to the next word");
    assert_well(&site, &browser);
}

#[test]
fn hints_strike_off_what_has_been_typed() {
    let (_site, browser) = open(1280, 800);
    let hint = browser.find("console-hint");
    let input = browser.find("console-input");
    input.type_text("ZRANGE z 0 -1 bylex rev ");
    browser.wait_until("the rest", || {
        (hint.text().trim() == "[LIMIT offset count] [WITHSCORES]").then_some(())
    });
    input.type_text("LIMIT ");
    browser.wait_until("the begun option first", || {
        (hint.text().trim() == "offset count [WITHSCORES]").then_some(())
    });
}

#[test]
fn a_wrong_word_is_marked_before_it_is_entered() {
    let (site, browser) = open(1280, 800);
    let input = browser.find("console-input");
    for (line, marked, reason) in [
        ("BRPOPPUSH ", "BRPOPPUSH", "Did you mean BRPOPLPUSH?"),
        ("SET a 1 EX ten ", "ten", "ten is not an integer"),
        ("GET a b", "b", "one too many"),
        ("SET a \"b", "\"b", "column 7"),
    ] {
        input.type_text(line);
        browser.find("console-wrong").wait_for_text(reason);
        let wrong = "return document.querySelector('.prompt-typed .wrong').textContent";
        assert_eq!(browser.script(wrong, &[]), marked, "{line:?}");
        assert_eq!(input.attribute("aria-invalid").as_deref(), Some("true"));
        empty(&browser);
        input.type_text("PING");
        browser.wait_until("no mark", || {
            (input.attribute("aria-invalid").as_deref() == Some("false")).then_some(())
        });
        empty(&browser);
    }
    assert_well(&site, &browser);
}

#[test]
fn the_help_pane_explains_the_command_that_is_typed() {
    let (site, browser) = open(1280, 800);
    let input = browser.find("console-input");
    input.type_text("setnx a ");
    browser.press(key::F1);
    let pane = browser.find("help-pane");
    pane.wait_for_text("SETNX key value");
    pane.wait_for_text("Today: SET key value NX");
    pane.wait_for_text("O(1)");
    pane.wait_for_text("@string");
    browser.press(key::ESCAPE);
    browser.wait_until("it to close", || browser.find_all("help-pane").is_empty().then_some(()));
    assert_eq!(browser.focused().attribute("data-testid").as_deref(), Some("console-input"));
    assert_eq!(input.property("value"), "setnx a ", "the line is still there");

    empty(&browser);
    browser.find("help").click();
    let search = browser.find("help-search");
    search.type_text("range highest");
    let pane = browser.find("help-pane");
    pane.wait_for_text("ZREVRANGEBYSCORE");
    search.type_text(&format!("{}a", key::CONTROL));
    search.type_text("getdel string");
    browser.wait_until("the one that is left", || {
        (browser.find_all_css(".help-list li").len() == 1).then_some(())
    });
    browser.find_css(".help-list .help-link").click();
    pane.wait_for_text("GETDEL key");
    browser.find("help-example").click();
    browser.wait_until("the example", || {
        input.property("value").as_str().is_some_and(|line| !line.is_empty()).then_some(())
    });
    assert_well(&site, &browser);
}

#[test]
fn a_phone_has_room_for_all_of_it() {
    let (site, browser) = open(320, 640);
    enter(&browser, "SET greeting hello");
    let input = browser.find("console-input");
    input.type_text("SET g");
    wait_for_offer(&browser, &["greeting"]);
    browser.find_css(".choice").click();
    browser.wait_until("the key", || (input.property("value") == "SET greeting ").then_some(()));
    assert_fits(&browser, 320);
    browser.find("help").click();
    browser.find("help-pane").wait_for_text("SET key value");
    assert_fits(&browser, 320);
    browser.find("help-close").click();
    assert_well(&site, &browser);
}
