//! The lab with everything that answering the page takes: pure, so that it is tested without a browser.

use redarium_engine::Engine;
use redarium_engine::client::Client;
use redarium_engine::command::CommandSpec;
use redarium_engine::database::Database;
use redarium_engine::table;
use redarium_lab::{Clock, DISK_FULL, Lab, Options};
use redarium_resp::render::is_plain;
use redarium_resp::{Protocol, Style, Words, decode, render, render_as, split};

use super::keys::KeyIndex;
use super::picture::Recorder;
use crate::journal::is_thing;
use crate::protocol::{
    Answer, Ask, Brief, ClientStatus, Fed, Look, Mode, Name, Names, NamesQuery, Ran, Reply, Seen,
    Status, Touched,
};
use crate::word::{bytes, word};

/// Names that one answer offers: more than anybody reads.
const NAMES_MAX: usize = 100;

/// Changed keys that one answer names; beyond that a glow says nothing.
const CHANGED_MAX: usize = 64;

/// Bytes of a reply that are shown: 100,000 lines, and what a page can lay out.
const TEXT_MAX: usize = 4 * 1024 * 1024;

/// Keys of one command that are told before and after; more make no sentence.
const TOUCHED_MAX: usize = 8;

/// A lab and what is remembered for answering about it.
#[derive(Debug)]
pub struct Desk {
    lab: Lab,
    index: KeyIndex,
    /// The keys of a database that is not looked at, for those who type there.
    beside: KeyIndex,
    recorder: Recorder,
    epoch: u32,
    /// Milliseconds that passed by themselves since the last status.
    elapsed_ms: u64,
    /// The second that the page knows.
    told_second: i64,
}

impl Default for Desk {
    fn default() -> Self {
        Self::around(Lab::new(Options::default()))
    }
}

impl Desk {
    fn around(mut lab: Lab) -> Self {
        lab.observe(true);
        let now = lab.now();
        Self {
            lab,
            index: KeyIndex::default(),
            beside: KeyIndex::default(),
            recorder: Recorder::default(),
            epoch: 0,
            elapsed_ms: 0,
            told_second: now.div_euclid(1000),
        }
    }

    /// Virtual seconds per second.
    pub fn rate(&self) -> f64 {
        match self.lab.clock() {
            Clock::RealTime { rate } => rate,
            _ => 0.0,
        }
    }

    /// Lets the clock follow the host's.
    pub fn host_time(&mut self, elapsed_ms: f64) {
        self.elapsed_ms += self.lab.host_time(elapsed_ms);
    }

    /// The status if time alone has changed what a person can see.
    pub fn news(&mut self) -> Option<Status> {
        let (changes, dropped) = self.lab.take_changes();
        let is_news = !changes.is_empty()
            || dropped > 0
            || self.lab.waiting().next().is_some()
            || self.lab.now().div_euclid(1000) != self.told_second;
        if !is_news {
            return None;
        }
        let mut status = Status::default();
        self.note_changes(&mut status, changes, dropped);
        self.fill(&mut status);
        Some(status)
    }

    /// Does what the page asks for.
    pub fn answer(&mut self, ask: Ask) -> Answer {
        match ask {
            Ask::Look(look) => return Answer::Seen(Box::new(self.look(&look))),
            Ask::Names(query) => return Answer::Names(self.names(&query)),
            Ask::Run { client, lines } => {
                let ran = lines.iter().map(|line| self.run(&client, line)).collect();
                return Answer::Ran(ran, self.status());
            }
            Ask::Feed { client, bytes } => {
                let fed = tally(&self.lab.feed(&client, &bytes));
                return Answer::Fed(fed, self.status());
            }
            Ask::Begin { seed, actions, position } => self.begin(seed, actions, position),
            // A full log refuses; the status then shows that nothing happened.
            Ask::Disconnect { client } => drop(self.lab.disconnect(&client)),
            Ask::Advance { ms } => drop(self.lab.advance(ms)),
            Ask::Crash => drop(self.lab.crash(0)),
            Ask::Restart => drop(self.lab.restart()),
            Ask::Reading { client, on } => drop(self.lab.set_reading(&client, on)),
            Ask::Disk { is_full } => {
                let _ = self.lab.set_disk_trouble(is_full.then_some(DISK_FULL));
            }
            Ask::Undo => self.travel(Lab::undo),
            Ask::Redo => self.travel(Lab::redo),
            Ask::Seek { done } => {
                let position = self.position_after(done);
                self.travel(|lab| lab.seek(position));
            }
            Ask::Clock { rate } => self.lab.set_clock(clock(rate)),
        }
        Answer::Done(self.status())
    }

    fn begin(&mut self, seed: u32, actions: Vec<redarium_lab::Action>, position: usize) {
        let (rate, epoch) = (self.rate(), self.epoch);
        let options = Options { seed: u64::from(seed), ..Options::default() };
        // The page keeps no more than a lab took before.
        let mut lab =
            Lab::from_log(options.clone(), actions).unwrap_or_else(|_full| Lab::new(options));
        lab.seek(position);
        lab.set_clock(clock(rate));
        *self = Self { epoch: epoch + 1, ..Self::around(lab) };
    }

    fn travel(&mut self, go: impl FnOnce(&mut Lab) -> bool) {
        if go(&mut self.lab) {
            self.index.invalidate();
            self.beside.invalidate();
            self.recorder.forget();
        }
    }

    /// How many actions lead to the moment after the first `done` things: the time after them included.
    fn position_after(&self, done: usize) -> usize {
        let things = self.lab.log().iter().enumerate().filter(|(_, action)| is_thing(action));
        things.skip(done).map(|(position, _)| position).next().unwrap_or(self.lab.len())
    }

    fn run(&mut self, client: &str, line: &str) -> Ran {
        let Ok(words) = split(line.as_bytes()) else { return Ran::default() };
        let db = self.db_of(client);
        let keys = keys_of(&words);
        let touched = keys.iter().take(TOUCHED_MAX);
        let before: Vec<_> = touched.map(|key| brief(self.lab.engine(), db, key)).collect();
        self.recorder.begin(&mut self.lab, db, keys.first().copied(), &words);
        let output = self.lab.run(client, &words);
        let steps = self.recorder.end(&mut self.lab);
        let touched = before.into_iter().zip(&keys).map(|(before, key)| {
            let after = brief(self.lab.engine(), db, key);
            Touched { key: word(key), before, after }
        });
        let touched = touched.collect();
        let after = self.client(client).map(|it| client_status(client, it));
        let is_told = after.as_ref().is_some_and(|it| it.mode == Mode::Monitor);
        let mut replies = shown(&output, is_told);
        for reply in replies.iter_mut().filter(|_| is_plain(&words)) {
            if let Ok(Some((plain, _))) = decode(&reply.wire) {
                let text = String::from_utf8_lossy(&render_as(&plain, Style::Raw)).into_owned();
                reply.text = cut(text.trim_end_matches('\n').to_owned());
                reply.is_plain = true;
            }
        }
        let keys = keys.iter().map(|key| word(key)).collect();
        Ran { replies, keys, touched, steps, after, received: self.received() }
    }

    fn client(&self, name: &str) -> Option<&Client> {
        let id = self.lab.clients().find(|(it, _)| *it == name).map(|(_, id)| id);
        id.and_then(|id| self.lab.engine().clients().get(id))
    }

    /// Takes what clients were sent besides the replies to their commands.
    fn received(&mut self) -> Vec<(String, Reply)> {
        let waiting: Vec<String> = self.lab.waiting().map(str::to_owned).collect();
        let mut received = Vec::new();
        for client in waiting {
            let output = self.lab.take_output(&client);
            // A client that waited is answered late; one that listens is sent messages.
            let listens = self.client(&client).is_some_and(|it| mode(it) != Mode::Commands);
            received.extend(shown(&output, listens).into_iter().map(|it| (client.clone(), it)));
        }
        received
    }

    fn db_of(&self, client: &str) -> usize {
        self.client(client).map_or(0, |client| client.db)
    }

    fn status(&mut self) -> Status {
        self.epoch += 1;
        let mut status = Status::default();
        let (changes, dropped) = self.lab.take_changes();
        self.note_changes(&mut status, changes, dropped);
        self.fill(&mut status);
        status
    }

    fn note_changes(
        &mut self,
        status: &mut Status,
        changes: Vec<redarium_engine::effects::Change>,
        dropped: u64,
    ) {
        if !changes.is_empty() || dropped > 0 {
            self.epoch += 1;
        }
        if dropped > 0 {
            self.index.invalidate();
            self.beside.invalidate();
        }
        for change in changes {
            self.index.changed(self.lab.engine(), change.db, &change.key);
            self.beside.changed(self.lab.engine(), change.db, &change.key);
            let changed = (change.db, word(&change.key));
            if status.changed.len() < CHANGED_MAX && !status.changed.contains(&changed) {
                status.changed.push(changed);
            }
        }
    }

    fn fill(&mut self, status: &mut Status) {
        status.pushes = self.received();
        let lab = &self.lab;
        let done = lab.log().get(..lab.position()).unwrap_or_default();
        let undone = lab.log().get(lab.position()..).unwrap_or_default();
        let things =
            |actions: &[redarium_lab::Action]| actions.iter().filter(|it| is_thing(it)).count();
        status.epoch = self.epoch;
        status.now = lab.now() as f64;
        status.rate = self.rate();
        status.elapsed_ms = std::mem::take(&mut self.elapsed_ms);
        status.done = things(done);
        status.all = status.done + things(undone);
        status.position = lab.position();
        status.len = lab.len();
        status.clients = lab
            .clients()
            .filter_map(|(name, id)| {
                let client = lab.engine().clients().get(id)?;
                Some(client_status(name, client))
            })
            .collect();
        let sizes = lab.engine().databases().iter().map(Database::len).enumerate();
        status.databases = sizes.filter(|&(_, len)| len > 0).collect();
        self.told_second = lab.now().div_euclid(1000);
    }

    /// Names that begin in some way; looked up where no list of keys is disturbed.
    fn names(&mut self, query: &NamesQuery) -> Vec<Name> {
        let engine = self.lab.engine();
        match &query.what {
            Names::Keys(kind) => {
                let index =
                    if self.index.is_of(query.db) { &mut self.index } else { &mut self.beside };
                index.starting(engine, query.db, &query.start, *kind, NAMES_MAX)
            }
            Names::Of(naming, key) => {
                let key = bytes(key);
                let found = engine.inspect().names(query.db, &key, naming, &query.start, NAMES_MAX);
                let name = |name: Vec<u8>| Name { word: word(&name), kind: String::new() };
                found.into_iter().map(name).collect()
            }
        }
    }

    fn look(&mut self, look: &Look) -> Seen {
        let engine = self.lab.engine();
        Seen {
            epoch: self.epoch,
            keys: look.keys.as_ref().map(|query| self.index.look(engine, query)),
            picture: look.picture.as_ref().map(|query| self.recorder.look(engine, query)),
        }
    }
}

fn clock(rate: f64) -> Clock {
    if rate > 0.0 { Clock::RealTime { rate } } else { Clock::Paused }
}

/// The keys that a command names.
fn keys_of(words: &Words) -> Vec<&[u8]> {
    let words: Vec<&[u8]> = words.iter().collect();
    let Some(spec) = words.first().and_then(|name| table::lookup(name)) else { return Vec::new() };
    let sub = words.get(1).filter(|_| spec.is_container()).and_then(|name| spec.subcommand(name));
    let found: &CommandSpec = sub.unwrap_or(spec);
    let places = found.keys.iter().flat_map(|keys| keys.positions(&words));
    places.filter_map(|place| words.get(place).copied()).collect()
}

/// Replies as redis-cli shows them; all of them are messages if the client is told things.
fn shown(output: &[u8], is_told: bool) -> Vec<Reply> {
    let (mut replies, mut rest) = (Vec::new(), output);
    while let Ok(Some((reply, len))) = decode(rest) {
        let (wire, after) = rest.split_at(len);
        rest = after;
        replies.push(Reply {
            text: cut(render(&reply)),
            is_error: reply.is_error(),
            is_push: is_told || matches!(reply, redarium_resp::Reply::Push(_)),
            is_plain: false,
            wire: if len <= TEXT_MAX { wire.to_vec() } else { Vec::new() },
        });
    }
    replies
}

/// A key in a few words; nothing if it does not exist.
fn brief(engine: &Engine, db: usize, key: &[u8]) -> Option<Brief> {
    let view = engine.inspect().key(db, key).filter(|view| !view.dead)?;
    Some(Brief {
        kind: view.kind.name().to_owned(),
        encoding: view.encoding,
        len: view.len,
        bytes: view.bytes as u64,
    })
}

fn cut(mut text: String) -> String {
    if text.len() > TEXT_MAX {
        let end = (0..=TEXT_MAX).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
        text.truncate(end);
        text.push_str("\n(the rest, beyond 4 MB, is not shown)");
    }
    text
}

fn tally(output: &[u8]) -> Fed {
    let mut fed = Fed::default();
    let mut rest = output;
    while let Ok(Some((reply, len))) = decode(rest) {
        fed.replies += 1;
        if reply.is_error() {
            fed.errors += 1;
            fed.first_error.get_or_insert_with(|| render(&reply));
        }
        rest = rest.get(len..).unwrap_or_default();
    }
    fed
}

/// Where a client stands.
fn client_status(name: &str, client: &Client) -> ClientStatus {
    ClientStatus {
        name: name.to_owned(),
        id: client.id.0,
        db: client.db,
        mode: mode(client),
        is_resp3: client.protocol == Protocol::Resp3,
        is_blocked: client.is_blocked(),
        queued: client.transaction.as_ref().map(|open| open.commands().len()),
    }
}

/// What a client does besides answering to commands.
fn mode(client: &Client) -> Mode {
    if client.is_monitor {
        Mode::Monitor
    } else if client.subscriptions.is_empty() {
        Mode::Commands
    } else {
        Mode::Subscribed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::model::Body;
    use crate::protocol::{KeysQuery, PictureQuery};

    fn run(desk: &mut Desk, line: &str) -> (Ran, Status) {
        run_as(desk, "alice", line)
    }

    fn run_as(desk: &mut Desk, client: &str, line: &str) -> (Ran, Status) {
        let ask = Ask::Run { client: client.to_owned(), lines: vec![line.to_owned()] };
        match desk.answer(ask) {
            Answer::Ran(mut ran, status) => (ran.pop().unwrap(), status),
            other => panic!("a command is run, not {other:?}"),
        }
    }

    fn done(desk: &mut Desk, ask: Ask) -> Status {
        match desk.answer(ask) {
            Answer::Done(status) => status,
            other => panic!("it is done, not {other:?}"),
        }
    }

    fn names(desk: &mut Desk) -> Vec<String> {
        let keys = KeysQuery { count: 10, ..KeysQuery::default() };
        let look = Look { keys: Some(keys), picture: None };
        let Answer::Seen(seen) = desk.answer(Ask::Look(look)) else { panic!("it is seen") };
        seen.keys.unwrap().rows.into_iter().map(|row| row.word).collect()
    }

    #[test]
    fn a_command_tells_its_reply_keys_and_changes() {
        let mut desk = Desk::default();
        let (ran, status) = run(&mut desk, "ZADD game 4200 ana");
        assert_eq!(ran.replies[0].text, "(integer) 1", "as redis-cli shows it");
        assert_eq!(
            (ran.keys, status.changed),
            (vec!["game".to_owned()], vec![(0, "game".to_owned())])
        );
        assert_eq!((status.done, status.all, status.databases), (1, 1, vec![(0, 1)]));
        let (ran, _) = run(&mut desk, "ZADD game x ana");
        assert!(ran.replies[0].is_error, "{ran:?}");
    }

    #[test]
    fn a_command_tells_what_it_did_and_to_whom() {
        let mut desk = Desk::default();
        let (ran, _) = run_as(&mut desk, "bob", "BLPOP jobs 0");
        assert!(ran.replies.is_empty() && ran.after.unwrap().is_blocked, "bob waits");
        let (ran, _) = run(&mut desk, "RPUSH jobs mail post");
        let [(client, reply)] = &ran.received[..] else { panic!("one is served: {ran:?}") };
        assert_eq!((client.as_str(), reply.text.as_str()), ("bob", "1) \"jobs\"\n2) \"mail\""));
        assert_eq!((reply.is_push, &reply.wire[..4]), (false, &b"*2\r\n"[..]));
        let [Touched { key, before: None, after: Some(after) }] = &ran.touched[..] else {
            panic!("a new list: {ran:?}")
        };
        assert_eq!((key.as_str(), after.kind.as_str(), after.len), ("jobs", "list", 1));
        run_as(&mut desk, "bob", "HELLO 3");
        let (ran, _) = run_as(&mut desk, "bob", "SUBSCRIBE news");
        assert!(ran.after.is_some_and(|it| it.is_resp3 && it.mode == Mode::Subscribed));
        run(&mut desk, "MULTI");
        run(&mut desk, "PUBLISH news now");
        let (ran, _) = run(&mut desk, "PING");
        assert_eq!(ran.after.unwrap().queued, Some(2));
        let (ran, _) = run(&mut desk, "EXEC");
        assert!(ran.received[0].1.is_push, "{ran:?}");
    }

    #[test]
    fn things_are_undone_and_done_again_and_time_alone_is_none() {
        let mut desk = Desk::default();
        done(&mut desk, Ask::Clock { rate: 1.0 });
        run(&mut desk, "SET a 1");
        desk.host_time(2500.0);
        assert!(desk.news().is_some_and(|status| status.elapsed_ms == 2500), "seconds are news");
        run(&mut desk, "SET b 1");
        let status = done(&mut desk, Ask::Undo);
        assert_eq!((status.done, status.all), (1, 2), "the passing of time is not counted");
        assert_eq!(names(&mut desk), ["a"]);
        let status = done(&mut desk, Ask::Seek { done: 0 });
        assert_eq!((status.done, names(&mut desk).len()), (0, 0), "the beginning");
        let status = done(&mut desk, Ask::Seek { done: 2 });
        assert_eq!((status.done, names(&mut desk).len()), (2, 2), "the end");
    }

    #[test]
    fn a_key_whose_time_is_over_is_news() {
        let mut desk = Desk::default();
        run(&mut desk, "SET a 1 EX 5");
        let status = done(&mut desk, Ask::Advance { ms: 6000 });
        assert!(status.databases.is_empty(), "the active cycle took it");
        assert_eq!(status.changed, [(0, "a".to_owned())]);
    }

    #[test]
    fn bulk_is_tallied() {
        let mut desk = Desk::default();
        let bytes = b"SET a 1\r\nINCR a\r\nHSET a f x\r\n".to_vec();
        let Answer::Fed(fed, _) = desk.answer(Ask::Feed { client: "alice".to_owned(), bytes })
        else {
            panic!("it is fed")
        };
        assert_eq!((fed.replies, fed.errors), (3, 1));
        assert!(fed.first_error.unwrap().contains("WRONGTYPE"));
    }

    #[test]
    fn a_picture_carries_the_trace_of_the_command_that_touched_it() {
        let mut desk = Desk::default();
        run(&mut desk, "CONFIG SET zset-max-listpack-entries 0");
        for n in 0..12 {
            run(&mut desk, &format!("ZADD game {n} player-{n}"));
        }
        run(&mut desk, "ZRANK game player-7");
        let query = PictureQuery { key: "game".to_owned(), count: 40, ..PictureQuery::default() };
        let look = Look { keys: None, picture: Some(query) };
        let Answer::Seen(seen) = desk.answer(Ask::Look(look)) else { panic!("it is seen") };
        let picture = seen.picture.unwrap();
        let Some(Body::SkipList(set)) = picture.body else { panic!("a skip list") };
        assert_eq!(set.nodes.len(), 12, "all of them");
        let trace = picture.trace.unwrap();
        assert_eq!(trace.command, "ZRANK");
        assert!(!trace.steps.is_empty(), "the search is there");
    }
}
