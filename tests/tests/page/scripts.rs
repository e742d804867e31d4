//! Scripts: the engine that runs them comes when the first one is typed.

use serde_json::json;

use super::{assert_well, enter, open};

#[test]
fn the_first_script_brings_lua_and_loses_nothing() {
    let (site, browser) = open(1280, 800);
    let asked = || site.requests().iter().filter(|path| path.contains("redarium-scripts")).count();
    enter(&browser, "SET before 1");
    let output = browser.find("console-output");
    output.wait_for_text("> SET before 1\nOK");
    assert_eq!(asked(), 0, "nothing is fetched for what needs no Lua");
    enter(&browser, "EVAL \"return redis.call('SET',KEYS[1],'v')\" 1 k");
    output.wait_for_text("1 k\nOK");
    assert_eq!(asked(), 2, "the program and its few lines of JavaScript");
    enter(&browser, "MGET before k");
    output.wait_for_text("1) \"1\"\n2) \"v\"");
    browser.find("undo").click();
    browser.find("position").wait_for_text("2 / 3");
    enter(&browser, "EXISTS k before");
    output.wait_for_text("> EXISTS k before\n(integer) 2");
    assert_eq!(asked(), 2, "it stays");
    assert_well(&site, &browser);
}

#[test]
fn a_script_without_end_leaves_the_page_to_the_person() {
    let (site, browser) = open(1280, 800);
    enter(&browser, "SET before 1");
    enter(&browser, "EVAL \"return 1\" 0");
    let output = browser.find("console-output");
    output.wait_for_text("(integer) 1");
    enter(&browser, "EVAL \"while true do end\" 0");
    let stop = browser.find("stop");
    let input = browser.find("console-input");
    input.type_text("GET bef");
    assert_eq!(input.property("value"), json!("GET bef"), "what is typed meanwhile is there");
    stop.click();
    output.wait_for_text("You stopped the engine");
    input.type_text("ore\u{e007}");
    output.wait_for_text("> GET before\n\"1\"");
    assert_well(&site, &browser);
}
