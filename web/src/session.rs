//! What components do: enter lines, move the clock, load files. Talks to the worker and tells the state.

mod files;
mod look;
mod names;

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use gloo::timers::callback::Timeout;
use redarium_transcript::{DIRECTIVES, Directive};
use yew::UseReducerDispatcher;

use crate::client::{Client, News, SEED};
use crate::console::help::help;
use crate::console::line::{Line, statements, todays_form};
use crate::console::links::{self, Place};
use crate::console::output::Kind;
use crate::protocol::{Answer, Ask, Status};
use crate::state::{Entered, LayoutChange, Msg, Pane, State};

/// After this long a person may want to stop a command.
const SLOW_MS: u32 = 1500;

/// Lines pasted at once from which on they run with one summary instead of a reply for each.
const SUMMARY_OVER: usize = 2000;

/// Commands that are sent to the worker at once.
const BATCH_MAX: usize = 500;

/// The page's hands. Cloning costs a reference count.
#[derive(Clone)]
pub struct Session {
    inner: Rc<Inner>,
}

impl PartialEq for Session {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.inner, &other.inner)
    }
}

struct Inner {
    client: Client,
    dispatch: UseReducerDispatcher<State>,
    /// Lines that wait for the one before them to be answered.
    lines: RefCell<VecDeque<Entry>>,
    is_busy: Cell<bool>,
    slow: RefCell<Option<Timeout>>,
    looks: look::Looks,
    wishes: names::Wishes,
    files: files::Files,
}

/// A line that waits.
struct Entry {
    client: String,
    line: String,
    /// Whether it stands in the console already.
    is_shown: bool,
}

/// What is said when the engine with Lua cannot be fetched.
const NO_LUA: &str =
    "Scripts need a part of Redarium that could not be loaded. Is there a connection?";

impl Session {
    /// Starts a worker, or does without if `in_page`.
    pub fn start(dispatch: UseReducerDispatcher<State>, in_page: bool) -> Self {
        let told = dispatch.clone();
        let client = Client::start(in_page, move |news| match news {
            News::Status(status) => told.dispatch(Msg::Status(status)),
            News::NoLua => told.dispatch(Msg::Say {
                client: String::new(),
                kind: Kind::Quiet,
                text: NO_LUA.to_owned(),
            }),
            News::Restarted { on_request, things } => told.dispatch(Msg::Say {
                client: String::new(),
                kind: Kind::Quiet,
                text: restarted(on_request, things),
            }),
        });
        let inner = Inner {
            client,
            dispatch,
            lines: RefCell::default(),
            is_busy: Cell::new(false),
            slow: RefCell::default(),
            looks: look::Looks::default(),
            wishes: names::Wishes::default(),
            files: files::Files::default(),
        };
        Self { inner: Rc::new(inner) }
    }

    /// Tells the state.
    pub fn tell(&self, msg: Msg) {
        self.inner.dispatch.dispatch(msg);
    }

    /// Moves something on the screen.
    pub fn layout(&self, change: LayoutChange) {
        self.tell(Msg::Layout(change));
    }

    /// Writes a line into the console for a person to enter.
    pub fn write(&self, line: impl Into<String>) {
        self.layout(LayoutChange::Front(Pane::Console));
        self.layout(LayoutChange::Drawer(false));
        self.tell(Msg::Draft(line.into()));
    }

    /// Enters a text of one or more lines in a client's console.
    pub fn enter(&self, client: &str, text: &str) {
        let lines = statements(text);
        if lines.len() > SUMMARY_OVER {
            self.load(client, "the pasted lines", text.as_bytes());
            return;
        }
        let mut queue = self.inner.lines.borrow_mut();
        queue.extend(lines.into_iter().map(|line| Entry {
            client: client.to_owned(),
            line: line.to_owned(),
            is_shown: false,
        }));
        drop(queue);
        self.next_line();
    }

    /// Moves the clock by hand.
    pub fn advance(&self, ms: u64) {
        self.do_it(Ask::Advance { ms });
    }

    /// Lets the clock run at a rate, or stops it at 0.
    pub fn clock(&self, rate: f64) {
        self.do_it(Ask::Clock { rate });
    }

    /// One step back.
    pub fn undo(&self) {
        self.do_it(Ask::Undo);
    }

    /// One step forward again.
    pub fn redo(&self) {
        self.do_it(Ask::Redo);
    }

    /// To the moment after the first `done` things.
    pub fn seek(&self, done: usize) {
        self.do_it(Ask::Seek { done });
    }

    /// Ends what runs.
    pub fn stop(&self) {
        self.inner.lines.borrow_mut().clear();
        self.inner.client.stop();
    }

    /// A client leaves, and its console with it.
    pub fn close(&self, client: &str) {
        self.do_it(Ask::Disconnect { client: client.to_owned() });
        self.tell(Msg::CloseClient(client.to_owned()));
    }

    /// Ends what a client is at: messages that arrive by themselves, or a wait.
    pub fn interrupt(&self, client: &str, is_blocked: bool) {
        if is_blocked {
            // Nothing that it sends would be read.
            self.do_it(Ask::Disconnect { client: client.to_owned() });
            let text = "disconnected; the next command connects again".to_owned();
            self.tell(Msg::Say { client: client.to_owned(), kind: Kind::Quiet, text });
        } else {
            // As redis-cli does, with less than a new connection.
            self.enter(client, "RESET");
        }
    }

    /// Goes where a name in a client's console leads.
    pub fn follow(&self, client: &str, status: &Status, place: Place) {
        match place {
            Place::Key(key) => {
                let db = status.clients.iter().find(|it| it.name == client).map_or(0, |it| it.db);
                self.tell(Msg::Focus(db, key));
                self.layout(LayoutChange::Front(Pane::Memory));
            }
            Place::Line(line) => self.write(line),
            Place::Client(id) => {
                if let Some(name) = links::client(&status.clients, id) {
                    self.tell(Msg::SwitchTo(name.to_owned()));
                }
            }
        }
    }

    fn do_it(&self, ask: Ask) {
        let session = self.clone();
        self.ask(ask, move |answer| {
            if let Some(Answer::Done(status)) = answer {
                session.tell(Msg::Status(status));
            }
        });
    }

    /// Asks the worker; a loss is told to the person, and `done` is then called with nothing.
    fn ask(&self, ask: Ask, done: impl FnOnce(Option<Answer>) + 'static) {
        let (slow, session) = (self.clone(), self.clone());
        *self.inner.slow.borrow_mut() = Some(Timeout::new(SLOW_MS, move || {
            if slow.inner.client.is_waiting() {
                slow.tell(Msg::Slow(true));
            }
        }));
        self.inner.client.ask(ask, move |answer| {
            if !session.inner.client.is_waiting()
                && session.inner.slow.borrow_mut().take().is_some()
            {
                session.tell(Msg::Slow(false));
            }
            done(answer.ok());
        });
    }

    fn next_line(&self) {
        if self.inner.is_busy.get() {
            return;
        }
        let next = self.inner.lines.borrow_mut().pop_front();
        let Some(Entry { client, line, is_shown }) = next else { return };
        self.inner.is_busy.set(true);
        let parsed = Line::parse(&line);
        // A command is shown together with those that are run with it.
        if !is_shown && !matches!(parsed, Line::Empty | Line::Command(_)) {
            self.tell(Msg::Entered { client: client.clone(), line: line.clone() });
        }
        let say = |kind: Kind, text: String| {
            self.tell(Msg::Say { client: client.clone(), kind, text });
            self.line_done();
        };
        match parsed {
            Line::Empty => self.line_done(),
            Line::Clear => {
                self.tell(Msg::Clear(client.clone()));
                self.line_done();
            }
            Line::Help(about) => match help(&about) {
                Ok(text) => say(Kind::Reply, text),
                Err(error) => say(Kind::Error, format!("(error) {error}")),
            },
            Line::Wrong { error, advice } => {
                self.tell(Msg::Say { client: client.clone(), kind: Kind::Error, text: error });
                say(Kind::Quiet, advice);
            }
            Line::Repeat(times, command) => {
                let entry =
                    || Entry { client: client.clone(), line: command.clone(), is_shown: true };
                let mut queue = self.inner.lines.borrow_mut();
                (0..times).for_each(|_| queue.push_front(entry()));
                drop(queue);
                self.line_done();
            }
            Line::Command(words) => {
                let note = todays_form(&words);
                self.run(client, Entered { line, is_shown, note });
            }
            Line::Direct(directive) => self.direct(client, directive),
        }
    }

    fn direct(&self, client: String, directive: Directive) {
        match directive {
            Directive::Undo => self.step(client, Ask::Undo, "one step back"),
            Directive::Redo => self.step(client, Ask::Redo, "one step forward"),
            Directive::Advance(ms) => {
                self.step(client, Ask::Advance { ms }, "the clock has moved");
            }
            Directive::Crash => {
                self.step(
                    client,
                    Ask::Crash,
                    "the power has failed, and the node has started again",
                );
            }
            Directive::Restart => {
                self.step(client, Ask::Restart, "the node has shut down and started again");
            }
            Directive::Reading(on) => {
                let ask = Ask::Reading { client: client.clone(), on };
                let note = if on { "reads again" } else { "no longer reads what it is sent" };
                self.step(client, ask, note);
            }
            Directive::Disk { is_full } => {
                let note = if is_full { "the disk is full" } else { "the disk has room again" };
                self.step(client, Ask::Disk { is_full }, note);
            }
            Directive::Seed(seed) => {
                let seed = u32::try_from(seed).unwrap_or(u32::MAX);
                self.step(client, begin(seed), &format!("a new world with seed {seed}"));
            }
            Directive::Reset => self.step(client, begin(SEED), "a new world"),
            Directive::Load(name) => {
                self.load_named(&client, &name);
                self.line_done();
            }
            Directive::Set(style) => {
                self.tell(Msg::Style { client, style });
                self.line_done();
            }
            Directive::Help => {
                let lines = DIRECTIVES.map(|(typed, what)| format!("{typed:<15}{what}"));
                self.tell(Msg::Say { client, kind: Kind::Reply, text: lines.join("\n") });
                self.line_done();
            }
        }
    }

    /// Runs a command, and with it those that follow in the queue.
    fn run(&self, client: String, first: Entered) {
        let mut entered = vec![first];
        let mut queue = self.inner.lines.borrow_mut();
        while let Some(next) = queue.front().filter(|it| it.client == client)
            && entered.len() < BATCH_MAX
            && let Line::Command(words) = Line::parse(&next.line)
        {
            let note = todays_form(&words);
            let Some(Entry { line, is_shown, .. }) = queue.pop_front() else { break };
            entered.push(Entered { line, is_shown, note });
        }
        drop(queue);
        // What may take long stands there while it runs.
        if let [Entered { line, is_shown: is_shown @ false, .. }] = &mut entered[..] {
            *is_shown = true;
            self.tell(Msg::Entered { client: client.clone(), line: line.clone() });
        }
        let session = self.clone();
        let lines = entered.iter().map(|it| it.line.clone()).collect();
        self.ask(Ask::Run { client: client.clone(), lines }, move |answer| {
            if let Some(Answer::Ran(ran, status)) = answer {
                session.tell(Msg::Ran { client, entered, ran, status });
            } else {
                session.lost(&client);
            }
            session.line_done();
        });
    }

    fn step(&self, client: String, ask: Ask, said: &str) {
        let (session, said) = (self.clone(), said.to_owned());
        self.ask(ask, move |answer| {
            if let Some(Answer::Done(status)) = answer {
                session.tell(Msg::Status(status));
                session.tell(Msg::Say { client, kind: Kind::Quiet, text: said });
            } else {
                session.lost(&client);
            }
            session.line_done();
        });
    }

    fn line_done(&self) {
        self.inner.is_busy.set(false);
        self.next_line();
    }

    fn lost(&self, client: &str) {
        let text = "(error) the engine was stopped before it could answer".to_owned();
        self.tell(Msg::Say { client: client.to_owned(), kind: Kind::Error, text });
    }
}

fn begin(seed: u32) -> Ask {
    Ask::Begin { seed, actions: Vec::new(), position: 0 }
}

fn restarted(on_request: bool, things: usize) -> String {
    let why = if on_request {
        "You stopped the engine"
    } else {
        "The engine ran out of memory or failed"
    };
    let commands = if things == 1 { "1 command" } else { &format!("{things} commands") };
    format!("{why}; a new one has run {commands} again and is where the old one was.")
}
