//! What a browser keeps from visit to visit: small values, as JSON that the browser itself reads and writes.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// The value that was kept under a name, if there is one that can still be read.
pub fn get<T: DeserializeOwned>(name: &str) -> Option<T> {
    let text = storage()?.get_item(name).ok()??;
    serde_wasm_bindgen::from_value(js_sys::JSON::parse(&text).ok()?).ok()
}

/// Keeps a value. Without storage, as in private windows, it lasts as long as the page.
pub fn set<T: Serialize>(name: &str, value: &T) {
    let Ok(value) = serde_wasm_bindgen::to_value(value) else { return };
    if let (Some(storage), Ok(text)) = (storage(), js_sys::JSON::stringify(&value)) {
        let _ = storage.set_item(name, &String::from(text));
    }
}

fn storage() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok()?
}
