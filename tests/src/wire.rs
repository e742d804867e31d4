//! A bare connection: any bytes in, the server's bytes out, and no waiting by the clock.
//!
//! Knows how long a reply is and nothing of what it means.

use std::fmt;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use redarium_resp::decode::Decoder;
use redarium_resp::words::Words;

use crate::process::Server;

/// How long a server may take to answer: generous, it is only ever waited for in vain.
const PATIENCE: Duration = Duration::from_secs(30);

/// Why no reply came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Silence {
    /// The server hung up.
    Closed,
    /// The time was over.
    TimedOut,
    /// What came is not a reply; the trouble with it.
    Nonsense(String),
}

impl fmt::Display for Silence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed => f.write_str("the server hung up"),
            Self::TimedOut => f.write_str("no answer"),
            Self::Nonsense(trouble) => f.write_str(trouble),
        }
    }
}

/// A connection to a server.
#[derive(Debug)]
pub struct Wire {
    stream: TcpStream,
    /// Bytes that have arrived and belong to later replies.
    ahead: Vec<u8>,
}

impl Wire {
    /// Connects to a server.
    ///
    /// # Panics
    ///
    /// If the server is gone.
    pub fn connect(server: &Server) -> Self {
        let stream = server.connect();
        stream.set_read_timeout(Some(PATIENCE)).expect("the time is not zero");
        stream.set_write_timeout(Some(PATIENCE)).expect("the time is not zero");
        stream.set_nodelay(true).expect("the socket is open");
        Self { stream, ahead: Vec::new() }
    }

    /// The socket, for what needs care.
    pub fn stream(&mut self) -> &mut TcpStream {
        &mut self.stream
    }

    /// Sends bytes as they are. A server that has hung up is not an error: what it said can still be read.
    pub fn send(&mut self, bytes: &[u8]) {
        // Broken pipes and resets show when reading.
        self.stream.write_all(bytes).ok();
    }

    /// Sends one command.
    pub fn send_words(&mut self, words: &Words) {
        let mut bytes = Vec::new();
        words.encode(&mut bytes);
        self.send(&bytes);
    }

    /// Tells the server that nothing more will be sent; what it sends still arrives.
    pub fn finish_sending(&mut self) {
        // It may have hung up already.
        self.stream.shutdown(Shutdown::Write).ok();
    }

    /// Reads one reply, all its bytes.
    ///
    /// # Panics
    ///
    /// Where [`try_reply`](Self::try_reply) gives an error.
    pub fn reply(&mut self) -> Vec<u8> {
        self.try_reply().unwrap_or_else(|trouble| panic!("{trouble}"))
    }

    /// Reads one reply, all its bytes; an error says that the server hung up instead, is silent for long, or sent
    /// what is not a reply.
    pub fn try_reply(&mut self) -> Result<Vec<u8>, Silence> {
        self.reply_within(PATIENCE)
    }

    /// Reads one reply, all its bytes, unless none comes for so long.
    ///
    /// # Errors
    ///
    /// Why there is none.
    ///
    /// # Panics
    ///
    /// If there is no time at all.
    pub fn reply_within(&mut self, limit: Duration) -> Result<Vec<u8>, Silence> {
        self.stream.set_read_timeout(Some(limit)).expect("the time is not zero");
        let mut decoder = Decoder::new();
        loop {
            match decoder.decode(&self.ahead) {
                Ok(Some((_, len))) => return Ok(self.ahead.drain(..len).collect()),
                Ok(None) => {}
                Err(error) => {
                    return Err(Silence::Nonsense(format!(
                        "{error}: {}",
                        self.ahead.escape_ascii()
                    )));
                }
            }
            let mut piece = [0; 16 * 1024];
            match self.stream.read(&mut piece) {
                Ok(0) => return Err(Silence::Closed),
                Ok(len) => self.ahead.extend_from_slice(piece.get(..len).unwrap_or_default()),
                Err(error) => match error.kind() {
                    // A socket with a time limit is not read on by itself after the machine was held for a moment.
                    ErrorKind::Interrupted => {}
                    ErrorKind::WouldBlock | ErrorKind::TimedOut => return Err(Silence::TimedOut),
                    _ => return Err(Silence::Closed),
                },
            }
        }
    }

    /// Sends one command and reads its reply, all its bytes.
    pub fn ask(&mut self, words: &[&str]) -> Vec<u8> {
        self.ask_words(&Words::from_slices(words))
    }

    /// Sends one command of any bytes and reads its reply, all its bytes.
    pub fn ask_words(&mut self, words: &Words) -> Vec<u8> {
        self.send_words(words);
        self.reply()
    }

    /// Everything that the server still sends until it hangs up.
    ///
    /// # Panics
    ///
    /// If it does not hang up.
    pub fn rest(&mut self) -> Vec<u8> {
        let mut bytes = std::mem::take(&mut self.ahead);
        match self.stream.read_to_end(&mut bytes) {
            Ok(_) => {}
            // It hung up while some of our bytes were still on their way.
            Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
            Err(error) => panic!("it does not hang up: {error}"),
        }
        bytes
    }
}
