//! Everything the page shows, and the messages that change it. It knows nothing of the worker.

pub mod consoles;
pub mod layout;
pub mod memory;

use std::rc::Rc;

use yew::Reducible;

pub use consoles::Consoles;
pub use layout::{LEFT, Layout, Pane, RIGHT, Theme};
pub use memory::Memory;

use crate::console::output::{Kind, Offer};
use crate::protocol::{From, Mode, Ran, Seen, Status};
use yew::AttrValue;

/// The whole page.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct State {
    /// The consoles of all clients.
    pub consoles: Rc<Consoles>,
    /// Where the world stands.
    pub status: Rc<Status>,
    /// What is looked at.
    pub memory: Rc<Memory>,
    /// Where things are.
    pub layout: Rc<Layout>,
    /// Whether something has been running for so long that a person may want to stop it.
    pub is_slow: bool,
    /// Bytes loaded and bytes in all, while a file is being loaded.
    pub loading: Option<(usize, usize)>,
}

/// What can happen to the page.
#[derive(Debug, Clone)]
pub enum Msg {
    /// A line was entered in a client's console.
    Entered {
        /// The client.
        client: String,
        /// The line.
        line: String,
    },
    /// A command was answered.
    Ran {
        /// The client.
        client: String,
        /// What is said besides, in a quiet line.
        note: Option<String>,
        /// The outcome.
        ran: Ran,
        /// Where the world stands.
        status: Status,
    },
    /// Where the world stands now.
    Status(Status),
    /// What there is to see.
    Seen(Box<Seen>),
    /// Text for a client's console.
    Say {
        /// The client; an empty name stands for the one in front.
        client: String,
        /// What kind of text.
        kind: Kind,
        /// The text.
        text: String,
    },
    /// Buttons for a client's console.
    Offer {
        /// The client.
        client: String,
        /// The sentence above them.
        text: String,
        /// Label and what it does.
        offers: Vec<(AttrValue, Offer)>,
    },
    /// The console is to be emptied.
    Clear,
    /// More of a folded reply is to be shown.
    Unfold(u32),
    /// Something else than the keyboard writes the line that is to be entered.
    Draft(String),
    /// Another client's console comes to the front.
    Switch(usize),
    /// One more client.
    AddClient,
    /// A client goes.
    CloseClient(usize),
    /// The list of keys shows another database.
    Database(usize),
    /// The list of keys is filtered.
    Filter(String),
    /// The list of keys is scrolled.
    Rows {
        /// The first row in sight.
        from: usize,
        /// Rows in sight.
        count: usize,
    },
    /// A key is looked at.
    Focus(usize, String),
    /// The picture stays with its key, or follows the commands.
    Pin(bool),
    /// The picture begins here.
    From(From),
    /// Something moves on the screen.
    Layout(layout::Change),
    /// Something has been running for long, or no longer is.
    Slow(bool),
    /// So much of a file has been loaded.
    Loading(Option<(usize, usize)>),
}

pub use layout::Change as LayoutChange;

impl Reducible for State {
    type Action = Msg;

    fn reduce(self: Rc<Self>, msg: Msg) -> Rc<Self> {
        let mut next = (*self).clone();
        next.apply(msg);
        Rc::new(next)
    }
}

impl State {
    fn apply(&mut self, msg: Msg) {
        match msg {
            Msg::Entered { client, line } => {
                let prompt = self.prompt_of(&client);
                Rc::make_mut(&mut self.consoles).entered(&client, &prompt, &line);
            }
            Msg::Ran { client, note, ran, status } => {
                let db = self.database_of(&client);
                let consoles = Rc::make_mut(&mut self.consoles);
                consoles.replied(&client, &ran);
                if let Some(note) = note {
                    consoles.say(&client, &Kind::Quiet, &note);
                }
                if let Some(key) = ran.keys.first() {
                    Rc::make_mut(&mut self.memory).follow(db, key);
                }
                self.stands(status);
            }
            Msg::Status(status) => self.stands(status),
            Msg::Seen(seen) => Rc::make_mut(&mut self.memory).seen(*seen),
            Msg::Say { client, kind, text } => {
                let consoles = Rc::make_mut(&mut self.consoles);
                let client =
                    if client.is_empty() { consoles.active().name.clone() } else { client };
                consoles.say(&client, &kind, &text);
            }
            Msg::Offer { client, text, offers } => {
                Rc::make_mut(&mut self.consoles).offer(&client, &text, offers);
            }
            Msg::Clear => Rc::make_mut(&mut self.consoles).clear(),
            Msg::Unfold(id) => Rc::make_mut(&mut self.consoles).unfold(id),
            Msg::Draft(line) => Rc::make_mut(&mut self.consoles).write(&line),
            Msg::Switch(index) => Rc::make_mut(&mut self.consoles).switch(index),
            Msg::AddClient => Rc::make_mut(&mut self.consoles).add_client(),
            Msg::CloseClient(index) => Rc::make_mut(&mut self.consoles).close(index),
            Msg::Database(db) => Rc::make_mut(&mut self.memory).select(db),
            Msg::Filter(filter) => Rc::make_mut(&mut self.memory).filter(filter),
            Msg::Rows { from, count } => Rc::make_mut(&mut self.memory).rows(from, count),
            Msg::Focus(db, key) => {
                Rc::make_mut(&mut self.memory).focus(db, key);
            }
            Msg::Pin(on) => Rc::make_mut(&mut self.memory).pin(on),
            Msg::From(from) => Rc::make_mut(&mut self.memory).from(from),
            Msg::Layout(change) => Rc::make_mut(&mut self.layout).apply(change),
            Msg::Slow(on) => self.is_slow = on,
            Msg::Loading(progress) => self.loading = progress,
        }
    }

    fn stands(&mut self, mut status: Status) {
        let consoles = Rc::make_mut(&mut self.consoles);
        for (client, reply) in status.pushes.drain(..) {
            let kind = if reply.is_error { Kind::Error } else { Kind::Push };
            consoles.say(&client, &kind, &reply.text);
        }
        if !status.changed.is_empty() {
            Rc::make_mut(&mut self.memory).changed(std::mem::take(&mut status.changed));
        }
        let before = std::mem::replace(&mut self.status, Rc::new(status));
        for client in &self.status.clients {
            let earlier = before.clients.iter().find(|it| it.name == client.name);
            if client.mode != Mode::Commands && earlier.is_none_or(|it| it.mode == Mode::Commands) {
                consoles.say(&client.name, &Kind::Quiet, consoles::READING);
            }
        }
    }

    /// The database that a client has selected.
    pub fn database_of(&self, client: &str) -> usize {
        let status = self.status.clients.iter().find(|it| it.name == client);
        status.map_or(0, |it| it.db)
    }

    /// The prompt of a client, as redis-cli writes it.
    pub fn prompt_of(&self, client: &str) -> String {
        consoles::prompt(self.database_of(client), self.mode_of(client))
    }

    /// What a client does besides answering to commands.
    pub fn mode_of(&self, client: &str) -> Mode {
        let status = self.status.clients.iter().find(|it| it.name == client);
        status.map_or_else(Mode::default, |it| it.mode)
    }
}
