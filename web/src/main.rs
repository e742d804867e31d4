//! Starts the page.

fn main() {
    yew::Renderer::<redarium_web::App>::new().render();
}
