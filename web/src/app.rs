//! The whole page as one component.

use yew::{Html, component, html};

/// The page.
#[component]
pub fn App() -> Html {
    html! {
        <main data-testid="app">
            <h1>{ "Redarium" }</h1>
        </main>
    }
}
