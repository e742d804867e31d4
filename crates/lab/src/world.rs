//! The part of a lab that checkpoints save: the node, its files and who is connected to it.

use std::rc::Rc;

use redarium_engine::config::{Config, Switches};
use redarium_engine::persistence::FileOp;
use redarium_engine::{ClientId, Engine, Options};

use crate::action::Action;
use crate::files::VirtualFiles;
use redarium_structures::ordered::{OrderedMap, OrderedSet};

/// What a client is told while there is no node to answer it.
const REFUSED: &str = "Could not connect to Redis at 127.0.0.1:6379: Connection refused";

/// A node with named clients.
///
/// What clients are sent is handed out after each action and never waits in the node, unless the client was told to stop
/// reading: a host that is slow to look must not change what happens.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) engine: Engine,
    pub(crate) files: VirtualFiles,
    pub(crate) clients: OrderedMap<Rc<str>, ClientId>,
    /// Clients that do not read what they are sent.
    pub(crate) stalled: OrderedSet<Rc<str>>,
    names: OrderedMap<ClientId, Rc<str>>,
    connections: u64,
    seed: u64,
    /// How often the node was started again.
    restarts: u64,
    /// Whether a script that takes long waits for further turns; else it runs to its end at once.
    slices: bool,
    /// Why the node does not run, if it does not.
    pub(crate) trouble: Option<Rc<str>>,
    /// Why nothing can be written to its files, if nothing can.
    pub(crate) disk_trouble: Option<Rc<str>>,
    /// Where requests are put together; kept to spare an allocation.
    request: Vec<u8>,
}

/// The port of the first client, minus one, in CLIENT LIST.
const PORTS_FROM: u64 = 50_000;

impl World {
    pub(crate) fn new(start: i64, seed: u64, config: Config, slices: bool) -> Self {
        let engine = Engine::new(Options { start, seed, config, has_files: true });
        let mut world = Self {
            engine,
            files: VirtualFiles::default(),
            clients: OrderedMap::new(),
            stalled: OrderedSet::new(),
            names: OrderedMap::new(),
            connections: 0,
            seed,
            restarts: 0,
            slices,
            trouble: None,
            disk_trouble: None,
            request: Vec::new(),
        };
        world.keep_files();
        world
    }

    /// Does to the files what the node wants.
    fn keep_files(&mut self) {
        for op in self.engine.take_file_ops() {
            if let FileOp::ReadUsers { name, claim } = &op {
                match self.files.get(name) {
                    Some(file) => self.engine.take_users(*claim, &file.bytes()),
                    None => drop(self.engine.file_op_failed(&op, "No such file or directory")),
                }
            } else {
                self.files.apply(vec![op]);
            }
        }
    }

    /// Starts the node with the files that are there.
    ///
    /// It has the parameters that it had: what CONFIG SET has changed counts as written to its configuration file.
    fn start(&mut self) {
        self.clients.clear();
        self.stalled = OrderedSet::new();
        self.names.clear();
        self.restarts += 1;
        let mut config = self.engine.config().clone();
        config.switches = Switches::default();
        let seed = self.seed.wrapping_add(self.restarts);
        let options = Options { start: self.engine.now(), seed, config, has_files: true };
        match Engine::open(options.clone(), &self.files) {
            Ok(engine) => {
                self.engine = engine;
                self.trouble = None;
                if let Some(why) = self.disk_trouble.clone() {
                    self.start_on_broken_disk(&why);
                }
                self.keep_files();
            }
            Err(error) => {
                // Without data, and it will not touch the files.
                self.engine = Engine::new(Options { has_files: false, ..options });
                self.trouble = Some(format!("the node does not start: {error}").into());
            }
        }
    }

    /// Lets a node that has been opened go on without writing, unless it has to write to begin at all.
    fn start_on_broken_disk(&mut self, why: &Rc<str>) {
        if self.engine.take_file_ops().is_empty() {
            self.engine.set_disk_trouble(Some(why));
        } else {
            self.trouble = Some(format!("the node does not start: {why}").into());
        }
    }

    /// Does one action; `received` is told what each client is sent by it.
    pub(crate) fn apply(&mut self, action: &Action, mut received: impl FnMut(&Rc<str>, Vec<u8>)) {
        if let (Some(trouble), Action::Run { client, .. } | Action::Feed { client, .. }) =
            (&self.trouble, action)
        {
            return received(client, format!("-ERR {trouble}\r\n").into_bytes());
        }
        let mut served = None;
        match action {
            Action::Run { client, words } => {
                let id = self.client(client);
                served = Some(id);
                self.request.clear();
                words.encode(&mut self.request);
                self.engine.feed(id, &self.request);
            }
            Action::Feed { client, bytes } => {
                let id = self.client(client);
                served = Some(id);
                self.engine.feed(id, bytes);
            }
            Action::Disconnect { client } => {
                self.stalled.remove(client);
                if let Some(id) = self.clients.remove(client) {
                    self.names.remove(&id);
                    self.engine.disconnect(id);
                }
            }
            Action::Advance { ms } | Action::Elapse { ms } => {
                let ms = i64::try_from(*ms).unwrap_or(i64::MAX);
                self.engine.advance_to(self.engine.now().saturating_add(ms));
            }
            Action::Turn { count, ms } => {
                let ms = i64::try_from(*ms).unwrap_or(i64::MAX);
                for _ in 0..*count {
                    self.engine.advance_to(self.engine.now().saturating_add(ms));
                }
            }
            Action::Crash { kept } => {
                self.files.crash(*kept);
                self.start();
            }
            Action::Restart => {
                if self.trouble.is_none() {
                    self.engine.shut_down();
                    self.keep_files();
                }
                self.start();
            }
            Action::PutFile { name, bytes } => self.files.put(name, bytes.to_vec()),
            Action::Reading { client, on: false } => {
                self.client(client);
                self.stalled.insert(Rc::clone(client));
            }
            Action::Reading { client, on: true } => {
                self.stalled.remove(client);
                served = self.clients.get(client).copied();
            }
            Action::Disk { trouble } => {
                self.disk_trouble.clone_from(trouble);
                self.engine.set_disk_trouble(trouble.as_deref());
            }
        }
        if !self.slices && self.engine.is_script_running() {
            self.engine.end_scripts();
        }
        self.keep_files();
        if self.engine.is_shut_down() && self.trouble.is_none() {
            self.trouble = Some(self.engine.death().unwrap_or(REFUSED).into());
        }
        self.hand_out(served, received);
    }

    /// The name of a client, if it is connected.
    pub(crate) fn name_of(&self, id: ClientId) -> Option<&Rc<str>> {
        self.names.get(&id)
    }

    /// Hands out what there is for the client that was served and for those that others have woken, and lets go of
    /// those that are done. Everybody else was sent nothing: with many clients, asking them all would take long.
    fn hand_out(&mut self, served: Option<ClientId>, mut received: impl FnMut(&Rc<str>, Vec<u8>)) {
        let mut touched = self.engine.take_woken();
        touched.extend(served);
        if self.engine.is_shut_down() {
            touched.extend(self.names.keys().copied());
        }
        for id in touched {
            let Some(name) = self.names.get(&id) else { continue };
            let is_over = self.engine.is_closing(id) || self.engine.is_shut_down();
            if !is_over && self.stalled.contains(name) {
                continue;
            }
            let output = self.engine.take_output(id);
            if !output.is_empty() {
                received(name, output);
            }
            if is_over {
                self.engine.disconnect(id);
                self.clients.remove(name);
                self.stalled.remove(name);
                self.names.remove(&id);
            }
        }
    }

    fn client(&mut self, name: &Rc<str>) -> ClientId {
        if let Some(&id) = self.clients.get(name) {
            return id;
        }
        self.connections += 1;
        let id = self.engine.connect(&format!("127.0.0.1:{}", PORTS_FROM + self.connections));
        self.clients.insert(Rc::clone(name), id);
        self.names.insert(id, Rc::clone(name));
        id
    }
}
