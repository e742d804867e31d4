//! The page's side of the worker: starts it, asks it, and starts another one when it is lost.
//!
//! A worker is lost when the engine runs out of memory or a person stops a command that takes too long.
//! The page then replays its journal into a new one; the command that was being run is not among it.
//! In the same way an engine with Lua takes the place of the first one when a script is to be run.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use js_sys::Array;
use wasm_bindgen::prelude::*;
use web_sys::{Blob, BlobPropertyBag, MessageEvent, Url, WorkerOptions, WorkerType};

use crate::engine_worker::Server;
use crate::journal::Journal;
use crate::protocol::{Answer, Ask, Request, Response, Status};
use crate::scripts;

/// The seed of a world unless a person chooses another.
pub const SEED: u32 = 7;

/// Workers that are started in a row although none of them answers.
const FAILURES_MAX: u32 = 3;

/// What the worker says besides answers.
#[derive(Debug, Clone)]
pub enum News {
    /// Time has passed.
    Status(Status),
    /// The worker was lost; a new one has been brought to where it was.
    Restarted {
        /// Whether a person stopped it.
        on_request: bool,
        /// Things that were done again.
        things: usize,
    },
    /// The engine with Lua could not be fetched.
    NoLua,
}

/// The worker was lost before it could answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lost;

type Done = Box<dyn FnOnce(Result<Answer, Lost>)>;
type Link = Rc<RefCell<Inner>>;

/// A worker and the journal that outlives it.
#[derive(Clone)]
pub struct Client {
    inner: Link,
}

struct Inner {
    worker: Option<Worker>,
    /// Does the work where no worker can be started.
    server: Server,
    /// Questions in the order in which they were asked; those behind `sent` wait for the worker to start.
    pending: VecDeque<Pending>,
    sent: usize,
    is_ready: bool,
    next_id: u32,
    journal: Journal,
    rate: f64,
    on_news: Rc<dyn Fn(News)>,
    /// Counts workers, so that a late word of an old one is not taken for the new one's.
    generation: u32,
    /// Workers in a row that were lost before they answered anything.
    failures: u32,
    /// Whether the worker's engine has Lua.
    has_lua: bool,
}

struct Pending {
    request: Request,
    done: Done,
}

struct Worker {
    worker: web_sys::Worker,
    _listeners: [Closure<dyn FnMut(JsValue)>; 2],
}

impl Client {
    /// Starts a worker, or does without if `in_page`.
    pub fn start(in_page: bool, on_news: impl Fn(News) + 'static) -> Self {
        let inner = Rc::new_cyclic(|link| {
            let link = link.clone();
            let server = Server::new(move |response| {
                let link = link.clone();
                wasm_bindgen_futures::spawn_local(async move {
                    if let Some(inner) = link.upgrade() {
                        receive(&inner, 0, response);
                    }
                });
            });
            RefCell::new(Inner {
                worker: None,
                server,
                pending: VecDeque::new(),
                sent: 0,
                is_ready: in_page,
                next_id: 1,
                journal: Journal::new(SEED),
                rate: 0.0,
                on_news: Rc::new(on_news),
                generation: 0,
                failures: 0,
                has_lua: false,
            })
        });
        if !in_page {
            spawn(&inner);
        }
        Self { inner }
    }

    /// Asks; `done` is called with the answer, later.
    pub fn ask(&self, ask: Ask, done: impl FnOnce(Result<Answer, Lost>) + 'static) {
        let mut inner = self.inner.borrow_mut();
        if let Ask::Clock { rate } = ask {
            inner.rate = rate;
        }
        let lacks_lua = inner.worker.is_some() && !inner.has_lua && scripts::needs_lua(&ask);
        inner.enqueue(ask, Box::new(done));
        if lacks_lua && lua_program().is_some() {
            drop(inner);
            replace(&self.inner, true);
        } else {
            inner.send();
        }
    }

    /// Whether it has not answered the first question yet.
    pub fn is_waiting(&self) -> bool {
        self.inner.borrow().pending.iter().any(|it| !it.request.ask.is_look())
    }

    /// Ends the worker, whatever it does, and starts another one.
    pub fn stop(&self) {
        restart(&self.inner, true);
    }
}

impl Inner {
    fn enqueue(&mut self, ask: Ask, done: Done) {
        let id = self.next_id;
        self.next_id = self.next_id.wrapping_add(1).max(1);
        self.pending.push_back(Pending { request: Request { id, ask }, done });
    }

    fn send(&mut self) {
        if !self.is_ready {
            return;
        }
        while let Some(Pending { request, .. }) = self.pending.get(self.sent) {
            self.sent += 1;
            if let Some(Worker { worker, .. }) = &self.worker {
                if let Ok(message) = serde_wasm_bindgen::to_value(request) {
                    let _ = worker.post_message(&message);
                }
            } else {
                self.server.receive(Request { id: request.id, ask: request.ask.clone() });
            }
        }
    }
}

impl Inner {
    /// Has the next worker brought to where this one was before it is asked what is pending.
    fn begin_again(&mut self, done: impl FnOnce(Status) + 'static) {
        let rest = std::mem::take(&mut self.pending);
        let (replay, rate) = (self.journal.replay(), self.rate);
        self.enqueue(replay, Box::new(|_| ()));
        self.enqueue(
            Ask::Clock { rate },
            Box::new(move |answer| {
                if let Ok(Answer::Done(status)) = answer {
                    done(status);
                }
            }),
        );
        self.pending.extend(rest);
        self.sent = 0;
    }
}

/// Puts a worker with or without Lua in the place of this one; nothing is lost.
fn replace(link: &Link, has_lua: bool) {
    let mut inner = link.borrow_mut();
    if let Some(Worker { worker, .. }) = inner.worker.take() {
        worker.terminate();
    }
    inner.has_lua = has_lua;
    let on_news = Rc::clone(&inner.on_news);
    inner.begin_again(move |status| on_news(News::Status(status)));
    let on_news = Rc::clone(&inner.on_news);
    drop(inner);
    if !has_lua {
        on_news(News::NoLua);
    }
    spawn(link);
}

/// Takes a word of the worker of this generation.
fn receive(link: &Link, generation: u32, response: Response) {
    let mut inner = link.borrow_mut();
    if inner.generation != generation {
        return;
    }
    let status = match &response.answer {
        Answer::Done(status) | Answer::Ran(_, status) | Answer::Fed(_, status) => Some(status),
        Answer::Seen(_) | Answer::Names(_) => None,
    };
    if let Some(status) = status {
        inner.journal.elapsed(status.elapsed_ms);
    }
    if response.id == 0 {
        let on_news = Rc::clone(&inner.on_news);
        drop(inner);
        if let Answer::Done(status) = response.answer {
            on_news(News::Status(status));
        }
        return;
    }
    // A worker answers in the order in which it is asked.
    if inner.pending.front().is_none_or(|first| first.request.id != response.id) {
        return;
    }
    let Some(Pending { request, done }) = inner.pending.pop_front() else { return };
    inner.sent = inner.sent.saturating_sub(1);
    inner.failures = 0;
    if let Some(status) = status {
        inner.journal.did(&request.ask, status);
    }
    drop(inner);
    done(Ok(response.answer));
}

fn restart(link: &Link, on_request: bool) {
    let mut inner = link.borrow_mut();
    if let Some(Worker { worker, .. }) = inner.worker.take() {
        worker.terminate();
    }
    // A journal that cannot be replayed would be replayed for ever.
    inner.failures += u32::from(!on_request);
    if inner.failures > 1 {
        inner.journal = Journal::new(inner.journal.seed());
    }
    let things = inner.journal.things();
    let lost = inner.pending.iter().position(|it| !it.request.ask.is_look());
    let lost = lost.and_then(|place| inner.pending.remove(place));
    let told = Rc::clone(&inner.on_news);
    inner.begin_again(move |status| {
        told(News::Status(status));
        told(News::Restarted { on_request, things });
    });
    drop(inner);
    if let Some(Pending { done, .. }) = lost {
        done(Err(Lost));
    }
    spawn(link);
}

#[wasm_bindgen]
extern "C" {
    /// The address of the script that loaded the program.
    #[wasm_bindgen(thread_local_v2, js_namespace = ["import", "meta"], js_name = url)]
    static SCRIPT_URL: String;
}

fn spawn(link: &Link) {
    let mut inner = link.borrow_mut();
    inner.generation += 1;
    inner.worker = None;
    if inner.failures <= FAILURES_MAX
        && let Ok(worker) = start_worker(link, inner.generation, inner.has_lua)
    {
        inner.worker = Some(worker);
        inner.is_ready = false;
    } else {
        inner.generation = 0;
        inner.is_ready = true;
        inner.send();
    }
}

/// The address of the program with Lua.
fn lua_program() -> Option<String> {
    SCRIPT_URL.with(|url| scripts::program(url))
}

/// The same program once more: a small script fetches nothing and is handed the compiled module.
/// With Lua it is another program, which fetches its own.
fn start_worker(link: &Link, generation: u32, has_lua: bool) -> Result<Worker, JsValue> {
    let script = match lua_program().filter(|_| has_lua) {
        Some(url) => format!(
            "import({url:?}).then(program => program.default()).catch(() => postMessage(false));"
        ),
        None => SCRIPT_URL.with(|url| {
            format!(
                "import init from {url:?};\nonmessage = event => {{ onmessage = null; init({{ module_or_path: event.data }}); }};"
            )
        }),
    };
    let kind = BlobPropertyBag::new();
    kind.set_type("text/javascript");
    let blob = Blob::new_with_str_sequence_and_options(&Array::of1(&script.into()), &kind)?;
    let url = Url::create_object_url_with_blob(&blob)?;
    let options = WorkerOptions::new();
    options.set_type(WorkerType::Module);
    options.set_name("redarium engine");
    let worker = web_sys::Worker::new_with_options(&url, &options)?;

    let to = Rc::downgrade(link);
    let on_message = Closure::<dyn FnMut(JsValue)>::new(move |event: JsValue| {
        let Some(link) = to.upgrade() else { return };
        let data = event.unchecked_into::<MessageEvent>().data();
        if data.is_truthy() && data.as_bool() == Some(true) {
            let mut inner = link.borrow_mut();
            if inner.generation == generation {
                inner.is_ready = true;
                inner.send();
            }
        } else if data.as_bool() == Some(false) {
            // Not from inside the listener that goes with the worker.
            gloo::timers::callback::Timeout::new(0, move || replace(&link, false)).forget();
        } else if let Ok(response) = serde_wasm_bindgen::from_value::<Response>(data) {
            receive(&link, generation, response);
        }
    });
    let to = Rc::downgrade(link);
    let on_error = Closure::<dyn FnMut(JsValue)>::new(move |_| {
        if let Some(link) = to.upgrade()
            && link.borrow().generation == generation
        {
            // Not from inside the listener that a restart drops.
            gloo::timers::callback::Timeout::new(0, move || restart(&link, false)).forget();
        }
    });
    worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
    if !has_lua {
        worker.post_message(&wasm_bindgen::module())?;
    }
    Ok(Worker { worker, _listeners: [on_message, on_error] })
}
