//! When the engine does not answer, or fails.

use e2e::browser::Browser;
use e2e::site::Site;

use super::{assert_well, enter};

/// A page whose worker can be made to fail, and never hears of `PING stuck`.
fn open() -> (Site, Browser) {
    let site = Site::start();
    let browser = Browser::open(1280, 800);
    browser.before_load(
        "const Plain = Worker;
         window.Worker = class extends Plain {
             constructor(...given) { super(...given); window.engine = this; }
             postMessage(message) {
                 if (message?.ask?.Run?.lines[0] !== 'PING stuck') super.postMessage(message);
             }
         };",
    );
    browser.goto(&site.url(""));
    browser.find("console-input");
    (site, browser)
}

#[test]
fn a_command_that_takes_too_long_can_be_stopped() {
    let (site, browser) = open();
    enter(&browser, "SET a 1");
    enter(&browser, "SET b 2");
    browser.find("console-output").wait_for_text("> SET b 2\nOK");
    enter(&browser, "PING stuck");
    browser.find("stop").click();
    let output = browser.find("console-output");
    output.wait_for_text("stopped before it could answer");
    output.wait_for_text("a new one has run 2 commands again");
    enter(&browser, "GET b");
    output.wait_for_text("> GET b\n\"2\"");
    browser.find("position").wait_for_text("3 / 3");
    assert_well(&site, &browser);
}

#[test]
fn a_failed_engine_is_replaced_by_one_that_knows_everything() {
    let (site, browser) = open();
    enter(&browser, "SET a 1");
    enter(&browser, ":advance 1h");
    enter(&browser, "SET b 2");
    enter(&browser, ":undo");
    browser.find("position").wait_for_text("2 / 3");
    browser.script("window.engine.dispatchEvent(new ErrorEvent('error'))", &[]);
    let output = browser.find("console-output");
    output.wait_for_text("a new one has run 3 commands again");
    browser.find("position").wait_for_text("2 / 3");
    browser.find("redo").click();
    browser.find("position").wait_for_text("3 / 3");
    enter(&browser, "GET b");
    output.wait_for_text("> GET b\n\"2\"");
    assert!(browser.find("clock").text().starts_with("10:00"), "the hour has passed here too");
    assert_well(&site, &browser);
}
