//! The consoles of all clients, the line being typed and what was typed before.

use std::rc::Rc;

use yew::AttrValue;

use crate::console::output::{Kind, Offer, Output};
use crate::protocol::{Mode, Ran};

/// The names that new clients get.
const NAMES: [&str; 8] = ["alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi"];

/// Lines that are remembered.
const HISTORY_MAX: usize = 500;

/// Lines of a reply that are read aloud.
const ALOUD_MAX: usize = 25;

/// The console of one client.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tab {
    /// The client's name.
    pub name: String,
    /// What it shows.
    pub output: Rc<Output>,
    /// Whether something came while another one was in front.
    pub has_news: bool,
}

/// The consoles of all clients.
#[derive(Debug, Clone, PartialEq)]
pub struct Consoles {
    /// One for each client.
    pub tabs: Vec<Tab>,
    /// The one in front.
    pub active: usize,
    /// A line that something else than the keyboard has written.
    pub draft: AttrValue,
    /// Counts those lines.
    pub draft_serial: u32,
    /// What was typed, oldest first.
    pub history: Rc<Vec<String>>,
    /// What is read aloud.
    pub aloud: AttrValue,
    /// Whether anything was ever entered.
    pub is_fresh: bool,
}

impl Default for Consoles {
    fn default() -> Self {
        Self {
            tabs: vec![Tab { name: "alice".to_owned(), ..Tab::default() }],
            active: 0,
            draft: AttrValue::default(),
            draft_serial: 0,
            history: Rc::default(),
            aloud: AttrValue::default(),
            is_fresh: true,
        }
    }
}

/// What is said when messages begin to arrive by themselves.
pub(super) const READING: &str = "Reading messages... (press Ctrl-C to stop, or type a command)";

/// The prompt of redis-cli in a database and a mode.
pub(super) fn prompt(db: usize, mode: Mode) -> String {
    let db = if db == 0 { String::new() } else { format!("[{db}]") };
    let mode = match mode {
        Mode::Commands => "",
        Mode::Subscribed => "(subscribed mode)",
        Mode::Monitor => "(monitor mode)",
    };
    format!("127.0.0.1:6379{db}{mode}>")
}

impl Consoles {
    /// The one in front.
    pub fn active(&self) -> &Tab {
        self.tabs.get(self.active).or(self.tabs.first()).expect("there is always one")
    }

    pub(super) fn entered(&mut self, client: &str, prompt: &str, line: &str) {
        self.is_fresh = false;
        if let Some(output) = self.output(client) {
            output.input(prompt, line);
        }
        if self.history.last().is_none_or(|last| last != line) {
            let history = Rc::make_mut(&mut self.history);
            history.push(line.to_owned());
            let over = history.len().saturating_sub(HISTORY_MAX);
            history.drain(..over);
        }
    }

    pub(super) fn replied(&mut self, client: &str, ran: &Ran) {
        if ran.replies.is_empty() {
            self.say(client, &Kind::Quiet, "(blocked)");
        }
        for reply in &ran.replies {
            let kind = if reply.is_error { Kind::Error } else { Kind::Reply };
            self.say(client, &kind, &reply.text);
        }
    }

    pub(super) fn say(&mut self, client: &str, kind: &Kind, text: &str) {
        self.is_fresh = false;
        let active = self.active;
        let Some(place) = self.tabs.iter().position(|tab| tab.name == client) else { return };
        if let Some(tab) = self.tabs.get_mut(place) {
            tab.has_news |= place != active;
            Rc::make_mut(&mut tab.output).add(kind, text);
        }
        if place == active {
            self.aloud = aloud(text).into();
        }
    }

    pub(super) fn offer(&mut self, client: &str, text: &str, offers: Vec<(AttrValue, Offer)>) {
        self.is_fresh = false;
        if let Some(output) = self.output(client) {
            output.offer(text, offers);
            self.aloud = text.to_owned().into();
        }
    }

    pub(super) fn clear(&mut self) {
        let name = self.active().name.clone();
        if let Some(output) = self.output(&name) {
            output.clear();
        }
    }

    pub(super) fn unfold(&mut self, id: u32) {
        let name = self.active().name.clone();
        if let Some(output) = self.output(&name) {
            output.unfold(id);
        }
    }

    pub(super) fn write(&mut self, line: &str) {
        self.draft = line.to_owned().into();
        self.draft_serial += 1;
    }

    pub(super) fn switch(&mut self, index: usize) {
        if let Some(tab) = self.tabs.get_mut(index) {
            tab.has_news = false;
            self.active = index;
        }
    }

    pub(super) fn add_client(&mut self) {
        let is_free = |name: &str| self.tabs.iter().all(|tab| tab.name != name);
        let name = NAMES.iter().find(|name| is_free(name)).map(|&name| name.to_owned());
        let name = name.unwrap_or_else(|| {
            let numbers = 1..=self.tabs.len() + 1;
            numbers.map(|n| format!("client{n}")).find(|name| is_free(name)).unwrap_or_default()
        });
        self.tabs.push(Tab { name, ..Tab::default() });
        self.active = self.tabs.len() - 1;
    }

    pub(super) fn close(&mut self, index: usize) {
        if self.tabs.len() > 1 && index < self.tabs.len() {
            self.tabs.remove(index);
            if self.active >= index {
                self.active = self.active.saturating_sub(1);
            }
        }
    }

    fn output(&mut self, client: &str) -> Option<&mut Output> {
        let tab = self.tabs.iter_mut().find(|tab| tab.name == client)?;
        Some(Rc::make_mut(&mut tab.output))
    }
}

/// The beginning of a text, for reading aloud.
fn aloud(text: &str) -> String {
    let count = text.lines().count();
    let mut lines: Vec<&str> = text.lines().take(ALOUD_MAX).collect();
    let more = format!("and {} more lines", count.saturating_sub(ALOUD_MAX));
    if count > ALOUD_MAX {
        lines.push(&more);
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_have_consoles_of_their_own() {
        let mut consoles = Consoles::default();
        consoles.add_client();
        assert_eq!((consoles.active().name.as_str(), consoles.active), ("bob", 1));
        consoles.say("alice", &Kind::Push, "hello");
        assert!(consoles.tabs.first().is_some_and(|tab| tab.has_news), "something came behind");
        consoles.switch(0);
        assert!(!consoles.active().has_news, "it was seen");
        consoles.close(0);
        assert_eq!((consoles.tabs.len(), consoles.active().name.as_str()), (1, "bob"));
        consoles.close(0);
        assert_eq!(consoles.tabs.len(), 1, "one stays");
    }

    #[test]
    fn long_replies_are_cut_for_the_ear() {
        let text = vec!["x"; 30].join("\n");
        let cut = aloud(&text);
        assert_eq!(cut.lines().count(), 26);
        assert!(cut.ends_with("and 5 more lines"), "{cut}");
        assert_eq!(aloud("OK"), "OK");
    }

    #[test]
    fn the_prompt_tells_where_one_is() {
        assert_eq!(prompt(0, Mode::Commands), "127.0.0.1:6379>");
        assert_eq!(prompt(2, Mode::Subscribed), "127.0.0.1:6379[2](subscribed mode)>");
        assert_eq!(prompt(0, Mode::Monitor), "127.0.0.1:6379(monitor mode)>");
    }

    #[test]
    fn a_repeated_line_is_remembered_once() {
        let mut consoles = Consoles::default();
        for line in ["GET a", "GET a", "GET b"] {
            consoles.entered("alice", &prompt(1, Mode::Commands), line);
        }
        assert_eq!(*consoles.history, ["GET a", "GET b"]);
        let first = &consoles.active().output.blocks()[0];
        assert_eq!(first.kind, Kind::Input { prompt: "127.0.0.1:6379[1]>".into() });
    }
}
