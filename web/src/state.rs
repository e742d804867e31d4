//! Everything the page shows, and the messages that change it. It knows nothing of the worker.

pub mod consoles;
pub mod lanes;
pub mod layout;
pub mod memory;

use std::rc::Rc;

use redarium_resp::Style;
use yew::Reducible;

pub use consoles::{Consoles, Show};
pub use layout::{LEFT, Layout, Pane, RIGHT, Theme};
pub use memory::Memory;

use crate::console::output::{Kind, Offer};
use crate::protocol::{ClientStatus, From, Mode, Ran, Seen, Status};
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
    /// Whether the help pane is open.
    pub is_helping: bool,
    /// Whether something has been running for so long that a person may want to stop it.
    pub is_slow: bool,
    /// Bytes loaded and bytes in all, while a file is being loaded.
    pub loading: Option<(usize, usize)>,
}

/// A command that was entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entered {
    /// The line.
    pub line: String,
    /// Whether it stands in the console already.
    pub is_shown: bool,
    /// What is said besides, in a quiet line.
    pub note: Option<String>,
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
    /// Commands were answered.
    Ran {
        /// The client.
        client: String,
        /// What was entered.
        entered: Vec<Entered>,
        /// The outcome of each.
        ran: Vec<Ran>,
        /// Where the world stands.
        status: Status,
    },
    /// A client's replies are shown in another format.
    Style {
        /// The client.
        client: String,
        /// The format.
        style: Style,
    },
    /// A client is called something else.
    Rename {
        /// The client.
        client: String,
        /// What it is called from now on.
        title: String,
    },
    /// The consoles show something else.
    Show(Show),
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
    /// A client's console is to be emptied.
    Clear(String),
    /// More of a folded reply is to be shown in a client's console.
    Unfold(String, u32),
    /// Something else than the keyboard writes the line that is to be entered.
    Draft(String),
    /// Another client's console comes to the front.
    Switch(usize),
    /// The console of the client of this name comes to the front.
    SwitchTo(String),
    /// One more client.
    AddClient,
    /// A client goes.
    CloseClient(String),
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
    /// The help pane opens or closes.
    Help(bool),
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
            Msg::Ran { client, entered, ran, status } => self.ran(&client, &entered, ran, status),
            Msg::Style { client, style } => {
                Rc::make_mut(&mut self.consoles).set_style(&client, style);
            }
            Msg::Rename { client, title } => {
                Rc::make_mut(&mut self.consoles).rename(&client, &title);
            }
            Msg::Show(show) => Rc::make_mut(&mut self.consoles).show = show,
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
            Msg::Clear(client) => Rc::make_mut(&mut self.consoles).clear(&client),
            Msg::Unfold(client, id) => Rc::make_mut(&mut self.consoles).unfold(&client, id),
            Msg::Draft(line) => Rc::make_mut(&mut self.consoles).write(&line),
            Msg::Switch(index) => Rc::make_mut(&mut self.consoles).switch(index),
            Msg::SwitchTo(client) => {
                let consoles = Rc::make_mut(&mut self.consoles);
                if let Some(index) = consoles.tabs.iter().position(|tab| tab.name == client) {
                    consoles.switch(index);
                }
            }
            Msg::AddClient => Rc::make_mut(&mut self.consoles).add_client(),
            Msg::CloseClient(client) => Rc::make_mut(&mut self.consoles).close(&client),
            Msg::Database(db) => Rc::make_mut(&mut self.memory).select(db),
            Msg::Filter(filter) => Rc::make_mut(&mut self.memory).filter(filter),
            Msg::Rows { from, count } => Rc::make_mut(&mut self.memory).rows(from, count),
            Msg::Focus(db, key) => {
                Rc::make_mut(&mut self.memory).focus(db, key);
            }
            Msg::Pin(on) => Rc::make_mut(&mut self.memory).pin(on),
            Msg::From(from) => Rc::make_mut(&mut self.memory).from(from),
            Msg::Layout(change) => Rc::make_mut(&mut self.layout).apply(change),
            Msg::Help(on) => self.is_helping = on,
            Msg::Slow(on) => self.is_slow = on,
            Msg::Loading(progress) => self.loading = progress,
        }
    }

    fn ran(&mut self, client: &str, entered: &[Entered], ran: Vec<Ran>, status: Status) {
        // A client's place changes from command to command, and with it the prompt of the next.
        let first = (status.done + 1).saturating_sub(ran.len());
        for (number, (entered, ran)) in (first..).zip(entered.iter().zip(ran)) {
            if !entered.is_shown {
                let prompt = self.prompt_of(client);
                Rc::make_mut(&mut self.consoles).entered(client, &prompt, &entered.line);
            }
            let db = self.database_of(client);
            let consoles = Rc::make_mut(&mut self.consoles);
            consoles.replied(client, &entered.line, number, &ran);
            if let Some(note) = &entered.note {
                consoles.say(client, &Kind::Quiet, note);
            }
            if let Some(key) = ran.keys.first() {
                Rc::make_mut(&mut self.memory).follow(db, key);
            }
            if let Some(after) = ran.after {
                let known = &mut Rc::make_mut(&mut self.status).clients;
                let before = known.iter().find(|it| it.name == after.name);
                consoles.listens(&after, before.map_or_else(Mode::default, |it| it.mode));
                known.retain(|it| it.name != after.name);
                known.push(after);
            }
        }
        self.stands(status);
    }

    fn stands(&mut self, mut status: Status) {
        let consoles = Rc::make_mut(&mut self.consoles);
        for (client, reply) in status.pushes.drain(..) {
            consoles.received(&client, &reply, None);
        }
        if !status.changed.is_empty() {
            Rc::make_mut(&mut self.memory).changed(std::mem::take(&mut status.changed));
        }
        self.status = Rc::new(status);
    }

    /// The database that a client has selected.
    pub fn database_of(&self, client: &str) -> usize {
        self.status_of(client).map_or(0, |it| it.db)
    }

    /// The prompt of a client, as redis-cli writes it.
    pub fn prompt_of(&self, client: &str) -> String {
        let style = self.consoles.tab(client).map(|tab| tab.style).unwrap_or_default();
        consoles::prompt(self.status_of(client).unwrap_or(&ClientStatus::default()), style)
    }

    /// Where a client stands; nothing while it has no connection.
    pub fn status_of(&self, client: &str) -> Option<&ClientStatus> {
        self.status.clients.iter().find(|it| it.name == client)
    }
}
