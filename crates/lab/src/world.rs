//! The part of a lab that checkpoints save: the node and who is connected to it.

use std::collections::BTreeMap;
use std::rc::Rc;

use redarium_engine::{ClientId, Engine};

use crate::action::Action;

/// A node with named clients.
///
/// What clients are sent is handed out after each action and never waits in the node: a host that is slow to look
/// must not change what happens.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) engine: Engine,
    pub(crate) clients: BTreeMap<Rc<str>, ClientId>,
    connections: u64,
    /// Where requests are put together; kept to spare an allocation.
    request: Vec<u8>,
}

/// The port of the first client, minus one, in CLIENT LIST.
const PORTS_FROM: u64 = 50_000;

impl World {
    pub(crate) fn new(engine: Engine) -> Self {
        Self { engine, clients: BTreeMap::new(), connections: 0, request: Vec::new() }
    }

    /// Does one action; `received` is told what each client is sent by it.
    pub(crate) fn apply(&mut self, action: &Action, mut received: impl FnMut(&Rc<str>, Vec<u8>)) {
        match action {
            Action::Run { client, words } => {
                let id = self.client(client);
                self.request.clear();
                words.encode(&mut self.request);
                self.engine.feed(id, &self.request);
            }
            Action::Feed { client, bytes } => {
                let id = self.client(client);
                self.engine.feed(id, bytes);
            }
            Action::Disconnect { client } => {
                if let Some(id) = self.clients.remove(client) {
                    self.engine.disconnect(id);
                }
            }
            Action::Advance { ms } | Action::Elapse { ms } => {
                let ms = i64::try_from(*ms).unwrap_or(i64::MAX);
                self.engine.advance_to(self.engine.now().saturating_add(ms));
            }
        }
        let engine = &mut self.engine;
        self.clients.retain(|name, &mut id| {
            let output = engine.take_output(id);
            if !output.is_empty() {
                received(name, output);
            }
            let closing = engine.is_closing(id);
            if closing {
                engine.disconnect(id);
            }
            !closing
        });
    }

    fn client(&mut self, name: &Rc<str>) -> ClientId {
        if let Some(&id) = self.clients.get(name) {
            return id;
        }
        self.connections += 1;
        let id = self.engine.connect(&format!("127.0.0.1:{}", PORTS_FROM + self.connections));
        self.clients.insert(Rc::clone(name), id);
        id
    }
}
