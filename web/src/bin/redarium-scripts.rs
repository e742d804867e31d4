//! The worker with Lua, for when a person first runs a script: the engine and nothing of the page.

fn main() {
    redarium_web::engine_worker::run();
}
