//! The first visit.

use e2e::browser::Browser;
use e2e::site::Site;
use serde_json::json;

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
    let site = Site::start();
    let browser = Browser::open(320, 640);
    browser.goto(&site.url(""));
    browser.find("app");
    let sizes = browser.script("return [innerWidth, document.documentElement.scrollWidth]", &[]);
    assert_eq!(sizes, json!([320, 320]));
}
