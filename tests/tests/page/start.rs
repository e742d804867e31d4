//! The first visit.

use e2e::browser::Browser;
use e2e::site::Site;
use serde_json::json;

use super::{assert_fits, assert_well, enter, open};

#[test]
fn the_page_starts_and_asks_nothing_of_anyone_else() {
    let site = Site::start();
    let browser = Browser::open(1280, 800);
    browser.goto(&site.url(""));
    assert_eq!(browser.title(), "Redarium");
    browser.find("app").wait_for_text("Redarium");
    browser.assert_quiet();
    assert_eq!(site.foreign_requests(), [""; 0]);
}

#[test]
fn a_worker_that_asks_elsewhere_is_noticed() {
    let site = Site::start();
    let browser = Browser::open(1280, 800);
    browser.goto(&site.url(""));
    let ask = "const source = `fetch('http://elsewhere.test/x').catch(() => 0).then(() => postMessage('asked'))`;
               const worker = new Worker(URL.createObjectURL(new Blob([source])));
               return new Promise(done => worker.onmessage = event => done(event.data));";
    assert_eq!(browser.script(ask, &[]), "asked");
    let report = browser.wait_until("a report", || site.foreign_requests().pop());
    assert!(report.contains("http://elsewhere.test/x"), "the report names the address: {report}");
}

#[test]
fn an_error_in_the_console_is_noticed() {
    let site = Site::start();
    let browser = Browser::open(1280, 800);
    browser.goto(&site.url("absent"));
    let complaints = browser.console();
    assert!(
        complaints.iter().any(|line| line.starts_with("SEVERE")),
        "404 is an error: {complaints:?}"
    );
}

#[test]
fn any_page_can_import_the_package() {
    let site = Site::start();
    let browser = Browser::open(1280, 800);
    browser.goto(&site.url(""));
    let load = "const redarium = await import(arguments[0]); await redarium.default(); return redarium.version();";
    let version = browser.script(load, &[json!(site.url("redarium.js"))]);
    assert_eq!(version, env!("CARGO_PKG_VERSION"));
    browser.assert_quiet();
}

#[test]
fn nothing_sticks_out_on_a_phone() {
    for width in [320, 375, 768] {
        let (site, browser) = open(width, 640);
        assert_fits(&browser, width);
        enter(&browser, "SET a-key-with-a-rather-long-name-that-does-not-fit 1");
        for tab in ["tab-keys", "tab-memory", "tab-time", "tab-console"] {
            if width < 768 {
                browser.find(tab).click();
            }
            assert_fits(&browser, width);
        }
        assert_well(&site, &browser);
    }
}

#[test]
fn the_theme_is_remembered() {
    let (_site, browser) = open(1280, 800);
    browser.emulate_media("prefers-color-scheme", "light");
    browser.reload();
    let paper = "return getComputedStyle(document.body).backgroundColor";
    browser.find("theme");
    assert_eq!(browser.script(paper, &[]), "rgb(251, 251, 249)", "as the system says");
    browser.find("theme").click();
    let dark = || (browser.script(paper, &[]) == "rgb(14, 20, 24)").then_some(());
    browser.wait_until("the dark theme", dark);
    browser.reload();
    browser.find("theme");
    browser.wait_until("the dark theme again", dark);
}
