//! Components in a real browser.

#![cfg(target_arch = "wasm32")]
#![expect(
    clippy::missing_assert_message,
    clippy::unwrap_used,
    reason = "clippy does not take these functions for tests"
)]

use std::time::Duration;

use redarium_web::App;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
async fn the_page_says_its_name() {
    let root = gloo::utils::document().create_element("div").unwrap();
    let app = yew::Renderer::<App>::with_root(root.clone()).render();
    // Yew renders from the event loop.
    gloo::timers::future::sleep(Duration::ZERO).await;
    assert_eq!(root.text_content().as_deref(), Some("Redarium"));
    app.destroy();
}
