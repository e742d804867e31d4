//! A node and its only client.

use redarium_engine::{ClientId, Engine, Options};

pub(crate) struct Node {
    pub(crate) engine: Engine,
    pub(crate) client: ClientId,
}

impl Node {
    pub(crate) fn new(options: Options) -> Self {
        let mut engine = Engine::new(options);
        let client = engine.connect("127.0.0.1:50000");
        Self { engine, client }
    }

    /// The reply to a typed line, as it stands on the wire.
    pub(crate) fn run(&mut self, line: &str) -> String {
        self.engine.feed(self.client, format!("{line}\r\n").as_bytes());
        String::from_utf8_lossy(&self.engine.take_output(self.client)).into_owned()
    }
}
