//! Starts the page, or the worker: the program is the same.

fn main() {
    if redarium_web::engine_worker::is_here() {
        redarium_web::engine_worker::run();
    } else {
        yew::Renderer::<redarium_web::App>::new().render();
    }
}
