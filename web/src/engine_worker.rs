//! The worker's side: the lab, the clock that drives it, and answers to the page.
//!
//! The program is the same as the page's; `main` asks in which of the two places it runs.

pub mod desk;
mod keys;
mod picture;

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use gloo::timers::callback::Interval;
use wasm_bindgen::prelude::*;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

use self::desk::Desk;
use crate::protocol::{Answer, Ask, Request, Response};

/// How often the clock is looked at while it runs: often enough for seconds to change on time.
const TICK_MS: u32 = 100;

/// Whether the program runs in a worker.
pub fn is_here() -> bool {
    js_sys::global().is_instance_of::<DedicatedWorkerGlobalScope>()
}

/// Answers the page for as long as the worker lives.
pub fn run() {
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    let page = scope.clone();
    let server = Server::new(move |response| {
        if let Ok(message) = serde_wasm_bindgen::to_value(&response) {
            let _ = page.post_message(&message);
        }
    });
    let listener = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        if let Ok(request) = serde_wasm_bindgen::from_value::<Request>(event.data()) {
            server.receive(request);
        }
    });
    scope.set_onmessage(Some(listener.as_ref().unchecked_ref()));
    listener.forget();
    // The page holds its questions back until it hears this.
    let _ = scope.post_message(&JsValue::TRUE);
}

/// A desk with a clock, wherever it stands.
#[derive(Clone)]
pub struct Server {
    inner: Rc<RefCell<Inner>>,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").finish_non_exhaustive()
    }
}

struct Inner {
    desk: Desk,
    /// The host's clock at the last look.
    seen_at: f64,
    ticker: Option<Interval>,
    post: Box<dyn Fn(Response)>,
}

impl Server {
    /// A new world; `post` is handed what is to be said to the page.
    pub fn new(post: impl Fn(Response) + 'static) -> Self {
        let inner = Inner {
            desk: Desk::default(),
            seen_at: host_now(),
            ticker: None,
            post: Box::new(post),
        };
        Self { inner: Rc::new(RefCell::new(inner)) }
    }

    /// Does what the page asks for and posts the answer.
    pub fn receive(&self, request: Request) {
        let mut inner = self.inner.borrow_mut();
        inner.let_time_pass();
        let sets_clock = matches!(request.ask, Ask::Clock { .. } | Ask::Begin { .. });
        let answer = inner.desk.answer(request.ask);
        (inner.post)(Response { id: request.id, answer });
        if sets_clock {
            let server = self.clone();
            let is_running = inner.desk.rate() > 0.0;
            inner.ticker = is_running.then(|| Interval::new(TICK_MS, move || server.tick()));
        }
    }

    fn tick(&self) {
        let mut inner = self.inner.borrow_mut();
        inner.let_time_pass();
        if let Some(status) = inner.desk.news() {
            (inner.post)(Response { id: 0, answer: Answer::Done(status) });
        }
    }
}

impl Inner {
    fn let_time_pass(&mut self) {
        let now = host_now();
        self.desk.host_time(now - self.seen_at);
        self.seen_at = now;
    }
}

/// Milliseconds of the host's steady clock.
fn host_now() -> f64 {
    let performance = js_sys::Reflect::get(&js_sys::global(), &JsValue::from_str("performance"));
    performance.map_or(0.0, |it| it.unchecked_into::<web_sys::Performance>().now())
}
