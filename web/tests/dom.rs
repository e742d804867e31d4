//! The page in a real browser, with the engine beside it in the page instead of in a worker.

#![cfg(target_arch = "wasm32")]
#![expect(clippy::unwrap_used, reason = "clippy does not take these functions for tests")]

use std::time::Duration;

use redarium_web::App;
use redarium_web::app::Props;
use wasm_bindgen::JsCast as _;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{Element, HtmlElement, HtmlTextAreaElement};

wasm_bindgen_test_configure!(run_in_browser);

/// The page in a new part of the document.
struct Page {
    root: Element,
    app: Option<yew::AppHandle<App>>,
}

impl Page {
    fn open() -> Self {
        let document = gloo::utils::document();
        let root = document.create_element("div").unwrap();
        gloo::utils::body().append_child(&root).unwrap();
        let props = Props { in_page: true };
        let app = yew::Renderer::<App>::with_root_and_props(root.clone(), props).render();
        Self { root, app: Some(app) }
    }

    fn find(&self, testid: &str) -> Option<HtmlElement> {
        let found = self.root.query_selector(&format!("[data-testid={testid}]")).unwrap();
        found.map(wasm_bindgen::JsCast::unchecked_into)
    }

    async fn wait_for(&self, testid: &str, text: &str) {
        for _ in 0..500 {
            if self.find(testid).is_some_and(|it| it.text_content().unwrap().contains(text)) {
                return;
            }
            gloo::timers::future::sleep(Duration::from_millis(10)).await;
        }
        panic!("no `{text}` in {testid}: {:?}", self.root.text_content());
    }

    async fn enter(&self, line: &str) {
        self.wait_for("app", "Redarium").await;
        let input: HtmlTextAreaElement = self.find("console-input").unwrap().unchecked_into();
        input.set_value(line);
        let enter = web_sys::KeyboardEventInit::new();
        enter.set_key("Enter");
        enter.set_bubbles(true);
        let press = web_sys::KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &enter);
        input.dispatch_event(&press.unwrap()).unwrap();
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        if let Some(app) = self.app.take() {
            app.destroy();
        }
        self.root.remove();
    }
}

#[wasm_bindgen_test]
async fn a_command_is_answered_and_its_key_is_listed() {
    let page = Page::open();
    page.enter("ZADD game 4200 ana").await;
    page.wait_for("console-output", "(integer) 1").await;
    page.wait_for("keyspace", "game").await;
}

#[wasm_bindgen_test]
async fn undo_takes_the_key_away_and_redo_brings_it_back() {
    let page = Page::open();
    page.enter("SET greeting hello").await;
    page.wait_for("keyspace", "embstr").await;
    page.find("undo").unwrap().click();
    page.wait_for("position", "0 / 1").await;
    page.wait_for("keyspace", "Keys appear here").await;
    page.find("redo").unwrap().click();
    page.wait_for("keyspace", "embstr").await;
}
