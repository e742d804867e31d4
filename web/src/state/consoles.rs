//! The consoles of all clients, the line being typed and what was typed before.

use std::rc::Rc;

use redarium_resp::{Style, decode, render_as, split};
use yew::AttrValue;

use super::lanes::Lanes;
use crate::console::facts::Facts;
use crate::console::output::{Kind, Offer, Output};
use crate::console::wire::escaped;
use crate::protocol::{ClientStatus, Mode, Ran, Reply};

/// The names that new clients get.
const NAMES: [&str; 8] = ["alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi"];

/// Colours of clients; the seventh client has that of the first.
const COLOURS: usize = 6;

/// Lines that are remembered.
const HISTORY_MAX: usize = 500;

/// Lines of a reply that are read aloud.
const ALOUD_MAX: usize = 25;

/// Characters that a client's name may have.
const TITLE_MAX: usize = 24;

/// The console of one client.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tab {
    /// The client's name in the lab.
    pub name: String,
    /// What it is called on the page.
    pub title: String,
    /// Which of the colours it has.
    pub colour: usize,
    /// What it shows.
    pub output: Rc<Output>,
    /// The bytes that went both ways.
    pub wire: Rc<Output>,
    /// The format of replies.
    pub style: Style,
    /// Whether something came while another one was in front.
    pub has_news: bool,
}

impl Tab {
    fn new(name: &str, colour: usize) -> Self {
        Self { name: name.to_owned(), title: name.to_owned(), colour, ..Self::default() }
    }
}

/// What the consoles show.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Show {
    /// What redis-cli would show.
    #[default]
    Text,
    /// The bytes that go both ways.
    Wire,
    /// What the node did for whom, in order.
    Lanes,
}

/// The consoles of all clients.
#[derive(Debug, Clone, PartialEq)]
pub struct Consoles {
    /// One for each client.
    pub tabs: Vec<Tab>,
    /// The one in front.
    pub active: usize,
    /// What they show.
    pub show: Show,
    /// What the node did for them, in order.
    pub lanes: Rc<Lanes>,
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
            tabs: vec![Tab::new("alice", 0)],
            active: 0,
            show: Show::Text,
            lanes: Rc::default(),
            draft: AttrValue::default(),
            draft_serial: 0,
            history: Rc::default(),
            aloud: AttrValue::default(),
            is_fresh: true,
        }
    }
}

/// What is said when messages begin to arrive by themselves.
const READING: &str = "Reading messages... (press Ctrl-C to stop, or type a command)";

/// The prompt of redis-cli for a client, with what redis-cli knows from its options behind it.
pub(super) fn prompt(client: &ClientStatus, style: Style) -> String {
    let db = if client.db == 0 { String::new() } else { format!("[{}]", client.db) };
    let mode = match client.mode {
        Mode::Commands => "",
        Mode::Subscribed => "(subscribed mode)",
        Mode::Monitor => "(monitor mode)",
    };
    let transaction = if client.queued.is_some() { "(TX)" } else { "" };
    let waits = if client.is_blocked { "(waits)" } else { "" };
    let protocol = if client.is_resp3 { "(RESP3)" } else { "" };
    let style = match style {
        Style::Terminal => "",
        Style::Raw => "(raw)",
        Style::Csv => "(csv)",
        Style::Json => "(json)",
        Style::QuotedJson => "(quoted-json)",
    };
    format!("127.0.0.1:6379{db}{transaction}{mode}{waits}{protocol}{style}>")
}

impl Consoles {
    /// The one in front.
    pub fn active(&self) -> &Tab {
        self.tabs.get(self.active).or(self.tabs.first()).expect("there is always one")
    }

    /// The console of a client.
    pub fn tab(&self, client: &str) -> Option<&Tab> {
        self.tabs.iter().find(|tab| tab.name == client)
    }

    fn tab_mut(&mut self, client: &str) -> Option<&mut Tab> {
        self.tabs.iter_mut().find(|tab| tab.name == client)
    }

    pub(super) fn set_style(&mut self, client: &str, style: Style) {
        if let Some(tab) = self.tab_mut(client) {
            tab.style = style;
        }
    }

    pub(super) fn rename(&mut self, client: &str, title: &str) {
        let title: String = title.trim().chars().take(TITLE_MAX).collect();
        let is_taken = self.tabs.iter().any(|tab| tab.name != client && tab.title == title);
        if let Some(tab) = self.tab_mut(client).filter(|_| !title.is_empty() && !is_taken) {
            tab.title = title;
        }
    }

    pub(super) fn entered(&mut self, client: &str, prompt: &str, line: &str) {
        self.is_fresh = false;
        if let Some(tab) = self.tab_mut(client) {
            Rc::make_mut(&mut tab.output).input(prompt, line);
        }
        if self.history.last().is_none_or(|last| last != line) {
            let history = Rc::make_mut(&mut self.history);
            history.push(line.to_owned());
            let over = history.len().saturating_sub(HISTORY_MAX);
            history.drain(..over);
        }
    }

    pub(super) fn replied(&mut self, client: &str, line: &str, number: usize, ran: &Ran) {
        Rc::make_mut(&mut self.lanes).ran(client, line, number, ran);
        let request = split(line.as_bytes()).map(|words| {
            let mut request = Vec::new();
            words.encode(&mut request);
            request
        });
        let request = request.unwrap_or_default();
        if let Some(tab) = self.tab_mut(client) {
            let facts = Facts::new(number, line, request.len(), ran);
            Rc::make_mut(&mut tab.output).explain(facts);
            Rc::make_mut(&mut tab.wire).add(&Kind::Sent, &escaped(&request));
        }
        if ran.replies.is_empty() && ran.after.as_ref().is_some_and(|it| it.is_blocked) {
            self.say(client, &Kind::Quiet, "(blocked)");
        }
        for reply in &ran.replies {
            self.received(client, reply, None);
        }
        for (other, reply) in &ran.received {
            self.received(other, reply, Some(number));
        }
    }

    /// A client was sent something; because of the `cause`th thing, if it was not its own command.
    pub(super) fn received(&mut self, client: &str, reply: &Reply, cause: Option<usize>) {
        let style = self.tab(client).map_or(Style::Terminal, |tab| tab.style);
        let kind = match reply {
            Reply { is_error: true, .. } => Kind::Error,
            Reply { is_push: true, .. } => Kind::Push,
            _ => Kind::Reply,
        };
        let shown = (style != Style::Terminal && !reply.is_plain)
            .then(|| decode(&reply.wire).ok().flatten())
            .flatten()
            .map(|(it, _)| String::from_utf8_lossy(&render_as(&it, style)).into_owned());
        let text = shown.as_deref().unwrap_or(&reply.text);
        let wire: Rc<[u8]> = reply.wire.as_slice().into();
        if let Some(tab) = self.tab_mut(client) {
            Rc::make_mut(&mut tab.wire).add(&Kind::Received, &escaped(&wire));
            Rc::make_mut(&mut tab.output).reply(&kind, text, wire, cause);
        }
        self.heard(client, text);
    }

    /// Says so once when a client begins to be sent messages.
    pub(super) fn listens(&mut self, client: &ClientStatus, before: Mode) {
        if client.mode != Mode::Commands && before == Mode::Commands {
            self.say(&client.name, &Kind::Quiet, READING);
        }
    }

    pub(super) fn say(&mut self, client: &str, kind: &Kind, text: &str) {
        self.is_fresh = false;
        if let Some(tab) = self.tab_mut(client) {
            Rc::make_mut(&mut tab.output).add(kind, text);
            self.heard(client, text);
        }
    }

    /// Something new stands in a client's console.
    fn heard(&mut self, client: &str, text: &str) {
        let active = self.active;
        let Some(place) = self.tabs.iter().position(|tab| tab.name == client) else { return };
        if let Some(tab) = self.tabs.get_mut(place) {
            tab.has_news |= place != active;
        }
        if place == active {
            self.aloud = aloud(text).into();
        }
    }

    pub(super) fn offer(&mut self, client: &str, text: &str, offers: Vec<(AttrValue, Offer)>) {
        self.is_fresh = false;
        if let Some(tab) = self.tab_mut(client) {
            Rc::make_mut(&mut tab.output).offer(text, offers);
            self.aloud = text.to_owned().into();
        }
    }

    pub(super) fn clear(&mut self, client: &str) {
        if let Some(tab) = self.tab_mut(client) {
            Rc::make_mut(&mut tab.output).clear();
            Rc::make_mut(&mut tab.wire).clear();
        }
    }

    pub(super) fn unfold(&mut self, client: &str, id: u32) {
        let is_wire = self.show == Show::Wire;
        if let Some(tab) = self.tab_mut(client) {
            let output = if is_wire { &mut tab.wire } else { &mut tab.output };
            Rc::make_mut(output).unfold(id);
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
        let is_free =
            |name: &str| self.tabs.iter().all(|tab| tab.name != name && tab.title != name);
        let name = NAMES.iter().find(|name| is_free(name)).map(|&name| name.to_owned());
        let name = name.unwrap_or_else(|| {
            let numbers = 1..=self.tabs.len() + 1;
            numbers.map(|n| format!("client{n}")).find(|name| is_free(name)).unwrap_or_default()
        });
        let used = |colour: &usize| self.tabs.iter().filter(|tab| tab.colour == *colour).count();
        let colour = (0..COLOURS).min_by_key(used).unwrap_or(0);
        self.tabs.push(Tab::new(&name, colour));
        self.active = self.tabs.len() - 1;
    }

    pub(super) fn close(&mut self, client: &str) {
        let Some(index) = self.tabs.iter().position(|tab| tab.name == client) else { return };
        if self.tabs.len() > 1 {
            self.tabs.remove(index);
            if self.active >= index {
                self.active = self.active.saturating_sub(1);
            }
        }
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
        consoles.close("alice");
        assert_eq!((consoles.tabs.len(), consoles.active().name.as_str()), (1, "bob"));
        consoles.close("bob");
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
        let mut client = ClientStatus::default();
        assert_eq!(prompt(&client, Style::Terminal), "127.0.0.1:6379>");
        client.db = 2;
        client.queued = Some(1);
        assert_eq!(prompt(&client, Style::Terminal), "127.0.0.1:6379[2](TX)>");
        let client = ClientStatus {
            mode: Mode::Subscribed,
            is_resp3: true,
            is_blocked: true,
            ..ClientStatus::default()
        };
        let expected = "127.0.0.1:6379(subscribed mode)(waits)(RESP3)(json)>";
        assert_eq!(prompt(&client, Style::Json), expected);
    }

    #[test]
    fn a_repeated_line_is_remembered_once() {
        let mut consoles = Consoles::default();
        for line in ["GET a", "GET a", "GET b"] {
            consoles.entered("alice", "redis>", line);
        }
        assert_eq!(*consoles.history, ["GET a", "GET b"]);
        let first = &consoles.active().output.blocks()[0];
        assert!(matches!(&first.kind, Kind::Input { prompt, .. } if prompt == "redis>"));
    }

    #[test]
    fn replies_follow_the_format_of_the_client() {
        let mut consoles = Consoles::default();
        let wire = b"*2\r\n:1\r\n$1\r\na\r\n".to_vec();
        let text = "1) (integer) 1\n2) \"a\"".to_owned();
        let reply = Reply { text, wire, ..Reply::default() };
        for (style, expected) in
            [(Style::Terminal, "1) (integer) 1\n2) \"a\""), (Style::Json, "[1,\"a\"]")]
        {
            consoles.set_style("alice", style);
            consoles.received("alice", &reply, None);
            let last = consoles.active().output.blocks().last().unwrap().text.clone();
            assert_eq!(last.as_str(), expected);
        }
        let wire = &consoles.active().wire.blocks()[0];
        assert_eq!(wire.text.as_str(), "*2\\r\\n\n:1\\r\\n\n$1\\r\\n\na\\r\\n");
    }

    #[test]
    fn clients_are_renamed_unless_the_name_is_taken() {
        let mut consoles = Consoles::default();
        consoles.add_client();
        assert_ne!(consoles.tabs[0].colour, consoles.tabs[1].colour, "told apart");
        consoles.rename("bob", "alice");
        consoles.rename("alice", "  ");
        assert_eq!((&*consoles.tabs[0].title, &*consoles.tabs[1].title), ("alice", "bob"));
        consoles.rename("bob", " worker ");
        assert_eq!((&*consoles.tabs[1].title, &*consoles.tabs[1].name), ("worker", "bob"));
    }
}
