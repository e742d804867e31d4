//! A headless Chromium driven over [WebDriver](https://www.w3.org/TR/webdriver2/) by chromedriver.
//!
//! Everything here panics with a sentence when it does not succeed: its only callers are tests. Looking for an
//! element waits until it is there.

use std::cell::RefCell;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};
use std::{env, fs};

use serde_json::{Value, json};
use ureq::Agent;

use crate::child::{self, Running};

/// How long an element, a text or a condition is waited for.
const WAIT: Duration = Duration::from_secs(20);
const POLL: Duration = Duration::from_millis(20);

/// The key under which `WebDriver` names an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

const ARGUMENTS: [&str; 10] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-color-profile=srgb",
];

/// Keys that have no character, for [`Element::type_text`] and [`Browser::press`].
pub mod key {
    /// Tab.
    pub const TAB: &str = "\u{E004}";
    /// Enter.
    pub const ENTER: &str = "\u{E007}";
    /// Shift, held until the end of the text.
    pub const SHIFT: &str = "\u{E008}";
    /// Control, held until the end of the text.
    pub const CONTROL: &str = "\u{E009}";
    /// Escape.
    pub const ESCAPE: &str = "\u{E00C}";
    /// Backspace.
    pub const BACKSPACE: &str = "\u{E003}";
    /// Left.
    pub const LEFT: &str = "\u{E012}";
    /// Up.
    pub const UP: &str = "\u{E013}";
    /// Right.
    pub const RIGHT: &str = "\u{E014}";
    /// Down.
    pub const DOWN: &str = "\u{E015}";
    /// F1.
    pub const F1: &str = "\u{E031}";
}

/// A browser with one window, closed when dropped.
#[derive(Debug)]
pub struct Browser {
    agent: Agent,
    session: String,
    console: RefCell<Vec<String>>,
    _driver: Running,
}

impl Browser {
    /// Opens a window of this size, in CSS pixels.
    ///
    /// # Panics
    ///
    /// If chromedriver (`CHROMEDRIVER`, else on PATH) or the browser does not start.
    pub fn open(width: u32, height: u32) -> Self {
        let program = env::var("CHROMEDRIVER").unwrap_or_else(|_| "chromedriver".to_owned());
        let mark = "started successfully on port ";
        let (driver, line) = child::start(Command::new(program).arg("--port=0"), mark)
            .unwrap_or_else(|error| panic!("{error}"));
        let port = line.split(mark).nth(1).expect("the mark is in the line").trim_end_matches('.');
        let server = format!("http://127.0.0.1:{port}/session");

        let agent =
            Agent::config_builder().http_status_as_error(false).proxy(None).build().new_agent();
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "goog:chromeOptions": { "args": ARGUMENTS },
            "goog:loggingPrefs": { "browser": "ALL" },
        } } });
        let started = value(agent.post(&server).send_json(&wanted));
        let id = started.get("sessionId").and_then(Value::as_str).expect("a new session has an id");
        let browser = Self {
            session: format!("{server}/{id}"),
            agent,
            console: RefCell::default(),
            _driver: driver,
        };
        browser.resize(width, height);
        browser
    }

    /// Gives the page this size, in CSS pixels; narrower than any real window is possible.
    pub fn resize(&self, width: u32, height: u32) {
        let metrics =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", &metrics);
    }

    /// Makes the page see a media feature, such as `prefers-color-scheme` as `dark`.
    pub fn emulate_media(&self, feature: &str, value: &str) {
        let features = json!({ "features": [{ "name": feature, "value": value }] });
        self.devtools("Emulation.setEmulatedMedia", &features);
    }

    /// Runs a script in every page from now on, before anything of its own.
    pub fn before_load(&self, source: &str) {
        self.devtools("Page.addScriptToEvaluateOnNewDocument", &json!({ "source": source }));
    }

    /// Goes to an address and waits until it has loaded.
    pub fn goto(&self, url: &str) {
        self.post("url", &json!({ "url": url }));
    }

    /// Loads the page again.
    pub fn reload(&self) {
        self.post("refresh", &json!({}));
    }

    /// The title of the page.
    pub fn title(&self) -> String {
        text_of(&self.get("title"))
    }

    /// The element with this `data-testid`, the first one if there are several.
    pub fn find(&self, testid: &str) -> Element<'_> {
        self.find_css(&format!("[data-testid=\"{testid}\"]"))
    }

    /// The first element a CSS selector matches.
    pub fn find_css(&self, selector: &str) -> Element<'_> {
        self.wait_until(&format!("an element `{selector}`"), || {
            self.find_all_css(selector).into_iter().next()
        })
    }

    /// Every element with this `data-testid` at this moment, perhaps none.
    pub fn find_all(&self, testid: &str) -> Vec<Element<'_>> {
        self.find_all_css(&format!("[data-testid=\"{testid}\"]"))
    }

    /// Every element a CSS selector matches at this moment, perhaps none.
    pub fn find_all_css(&self, selector: &str) -> Vec<Element<'_>> {
        let found = self.post("elements", &json!({ "using": "css selector", "value": selector }));
        let list = found.as_array().cloned().unwrap_or_default();
        list.iter().map(|element| Element { browser: self, id: element_id(element) }).collect()
    }

    /// The element that has the focus.
    pub fn focused(&self) -> Element<'_> {
        Element { browser: self, id: element_id(&self.get("element/active")) }
    }

    /// Presses keys, wherever the focus is.
    pub fn press(&self, keys: &str) {
        self.focused().type_text(keys);
    }

    /// Runs the body of a JavaScript function in the page, with `arguments`, and gives what it returns.
    /// A returned promise is waited for.
    pub fn script(&self, body: &str, arguments: &[Value]) -> Value {
        self.post("execute/sync", &json!({ "script": body, "args": arguments }))
    }

    /// Asks again and again until there is an answer.
    ///
    /// # Panics
    ///
    /// If there is none after twenty seconds; `what` says what was missed.
    pub fn wait_until<T>(&self, what: &str, mut question: impl FnMut() -> Option<T>) -> T {
        let deadline = Instant::now() + WAIT;
        loop {
            if let Some(answer) = question() {
                return answer;
            }
            assert!(
                Instant::now() < deadline,
                "waited in vain for {what}; console: {:?}",
                self.console()
            );
            thread::sleep(POLL);
        }
    }

    /// Writes a picture of the window as a PNG file.
    ///
    /// # Panics
    ///
    /// If the file cannot be written.
    pub fn screenshot(&self, path: impl AsRef<Path>) {
        let bytes = base64(&text_of(&self.get("screenshot")));
        fs::write(path, bytes).expect("the folder of the picture is there");
    }

    /// All lines of the console so far, each after its level, such as `SEVERE`.
    pub fn console(&self) -> Vec<String> {
        let mut console = self.console.borrow_mut();
        let news = self.post("se/log", &json!({ "type": "browser" }));
        for entry in news.as_array().into_iter().flatten() {
            let field = |name: &str| text_of(entry.get(name).unwrap_or(&Value::Null));
            console.push(format!("{} {}", field("level"), field("message")));
        }
        console.clone()
    }

    /// Asserts that the console has no error and no warning.
    ///
    /// # Panics
    ///
    /// If it has.
    pub fn assert_quiet(&self) {
        let is_loud = |line: &String| line.starts_with("SEVERE") || line.starts_with("WARNING");
        let complaints: Vec<_> = self.console().into_iter().filter(is_loud).collect();
        assert_eq!(complaints, [""; 0], "the console has complaints");
    }

    fn devtools(&self, method: &str, parameters: &Value) {
        self.post("goog/cdp/execute", &json!({ "cmd": method, "params": parameters }));
    }

    fn get(&self, path: &str) -> Value {
        value(self.agent.get(format!("{}/{path}", self.session)).call())
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        value(self.agent.post(format!("{}/{path}", self.session)).send_json(body))
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Ends the browser itself; the driver is stopped after it. A lost driver has no browser left.
        self.agent.delete(&self.session).call().ok();
    }
}

/// An element of the page.
#[derive(Debug)]
pub struct Element<'b> {
    browser: &'b Browser,
    id: String,
}

impl Element<'_> {
    /// Clicks its middle.
    pub fn click(&self) {
        self.post("click", &json!({}));
    }

    /// Types into it, after what is there; see [`key`] for Enter and the like.
    pub fn type_text(&self, text: &str) {
        self.post("value", &json!({ "text": text }));
    }

    /// Empties an input.
    pub fn clear(&self) {
        self.post("clear", &json!({}));
    }

    /// The text a person sees.
    pub fn text(&self) -> String {
        text_of(&self.get("text"))
    }

    /// Waits until its text contains `part`.
    pub fn wait_for_text(&self, part: &str) {
        self.browser
            .wait_until(&format!("the text `{part}`"), || self.text().contains(part).then_some(()));
    }

    /// An attribute, if it is there.
    pub fn attribute(&self, name: &str) -> Option<String> {
        self.get(&format!("attribute/{name}")).as_str().map(str::to_owned)
    }

    /// A property of the DOM object, such as `value` of an input.
    pub fn property(&self, name: &str) -> Value {
        self.get(&format!("property/{name}"))
    }

    /// Whether a person can see it.
    pub fn is_displayed(&self) -> bool {
        self.get("displayed") == true
    }

    fn get(&self, path: &str) -> Value {
        self.browser.get(&format!("element/{}/{path}", self.id))
    }

    fn post(&self, path: &str, body: &Value) {
        self.browser.post(&format!("element/{}/{path}", self.id), body);
    }
}

/// The value of an answer of the driver.
fn value(answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Value {
    let mut answer = answer.unwrap_or_else(|error| panic!("chromedriver is gone: {error}"));
    let mut body: Value =
        answer.body_mut().with_config().limit(1 << 28).read_json().expect("WebDriver speaks JSON");
    let value = body.get_mut("value").map(Value::take).unwrap_or_default();
    assert!(
        answer.status().is_success(),
        "WebDriver: {}",
        text_of(value.get("message").unwrap_or(&value))
    );
    value
}

fn text_of(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn element_id(element: &Value) -> String {
    text_of(element.get(ELEMENT).expect("WebDriver names the element"))
}

/// The bytes behind base 64 (RFC 4648).
fn base64(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut held) = (0_u32, 0);
    for letter in text.bytes() {
        let six = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => continue,
        };
        bits = (bits << 6) | u32::from(six);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read_back() {
        assert_eq!(base64("Zm9vYmE="), b"fooba");
        assert_eq!(base64("/+8="), [0xff, 0xef]);
    }
}
