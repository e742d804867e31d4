//! The JavaScript interface in a real browser.

#![cfg(target_arch = "wasm32")]
#![expect(
    clippy::missing_assert_message,
    reason = "clippy does not take these functions for tests"
)]

use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
fn the_version_is_the_one_of_the_workspace() {
    assert_eq!(redarium_wasm::version(), env!("CARGO_PKG_VERSION"));
}
