//! The built page, in a headless browser. A new subject is a module beside this file.

mod clients;
mod console;
mod files;
mod golden;
mod help;
mod picture;
mod scripts;
mod start;
mod time;
mod worker;

use e2e::browser::{Browser, key};
use e2e::site::Site;
use serde_json::json;

/// The page in a window of this size, and what serves it.
fn open(width: u32, height: u32) -> (Site, Browser) {
    let site = Site::start();
    let browser = Browser::open(width, height);
    browser.goto(&site.url(""));
    browser.find("console-input");
    (site, browser)
}

/// Types a line into the console and enters it.
fn enter(browser: &Browser, line: &str) {
    browser.find("console-input").type_text(&format!("{line}{}", key::ENTER));
}

/// Pastes lines into the console.
fn paste(browser: &Browser, text: &str) {
    let paste = "const data = new DataTransfer();
        data.setData('text', arguments[0]);
        document.querySelector('#console-input').dispatchEvent(
            new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));";
    browser.script(paste, &[text.into()]);
}

/// Asserts that nothing went wrong unseen, and that nobody else was asked for anything.
fn assert_well(site: &Site, browser: &Browser) {
    browser.assert_quiet();
    assert_eq!(site.foreign_requests(), [""; 0], "nobody else was asked for anything");
}

/// Asserts that nothing sticks out to the side.
fn assert_fits(browser: &Browser, width: u32) {
    let sizes = browser.script("return [innerWidth, document.documentElement.scrollWidth]", &[]);
    assert_eq!(sizes, json!([width, width]), "as wide as the window");
}
