//! Playing on a real server over TCP: one connection per client, and the real time.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::thread::sleep;
use std::time::Duration;

use redarium_resp::words::Words;
use redarium_resp::{Reply, decode};

use crate::target::{Answer, Expected, Outcome, Target};

/// The longest `:advance` that is waited for.
const WAIT_MAX_MS: u64 = 3000;

/// How long a server may take to answer.
const ANSWER: Duration = Duration::from_secs(5);

/// How long a command that is expected not to be answered is given to be so after all.
const BLOCKED: Duration = Duration::from_millis(100);

/// A server, all of whose data is deleted at each reset.
#[derive(Debug)]
pub struct ServerTarget {
    address: String,
    control: Connection,
    clients: BTreeMap<String, Connection>,
    config: BTreeMap<Vec<u8>, Vec<u8>>,
}

impl ServerTarget {
    /// Connects to `redis://HOST:PORT`; an error says what is wrong with it.
    pub fn connect(address: &str) -> Result<Self, String> {
        let address = address.strip_prefix("redis://").unwrap_or(address).trim_end_matches('/');
        let control = Connection::open(address)?;
        let mut target = Self {
            address: address.to_owned(),
            control,
            clients: BTreeMap::new(),
            config: BTreeMap::new(),
        };
        target.config = target.read_config()?;
        Ok(target)
    }

    fn read_config(&mut self) -> Result<BTreeMap<Vec<u8>, Vec<u8>>, String> {
        let reply = self.control.ask(&["CONFIG", "GET", "*"])?;
        let words: Vec<&[u8]> =
            reply.elements().unwrap_or_default().iter().filter_map(Reply::as_bytes).collect();
        let (pairs, _) = words.as_chunks::<2>();
        Ok(pairs.iter().map(|[name, value]| (name.to_vec(), value.to_vec())).collect())
    }

    /// Undoes CONFIG SET.
    fn restore_config(&mut self) -> Result<(), String> {
        for (name, value) in self.read_config()? {
            if let Some(before) = self.config.get(&name)
                && *before != value
            {
                let words = Words::from_slices([b"CONFIG", &b"SET"[..], &name, before]);
                self.control.send(&words)?;
                self.control.answer()?;
            }
        }
        Ok(())
    }

    /// Removes all users but the default one.
    fn remove_users(&mut self) -> Result<(), String> {
        let reply = self.control.ask(&["ACL", "USERS"])?;
        let names = reply.elements().unwrap_or_default().iter().filter_map(Reply::as_bytes);
        for name in names.filter(|name| *name != b"default") {
            self.control.send(&Words::from_slices([b"ACL", &b"DELUSER"[..], name]))?;
            self.control.answer()?;
        }
        Ok(())
    }
}

impl Target for ServerTarget {
    fn reset(&mut self, _seed: Option<u64>) -> Result<(), String> {
        self.clients.clear();
        self.restore_config()?;
        // What an older server or our own does not know is an error reply, and nothing to reset.
        for words in [
            &["FLUSHALL"][..],
            &["SCRIPT", "FLUSH"],
            &["FUNCTION", "FLUSH"],
            &["CONFIG", "RESETSTAT"],
            &["SLOWLOG", "RESET"],
            &["ACL", "LOG", "RESET"],
            &["LATENCY", "RESET"],
        ] {
            self.control.ask(words)?;
        }
        self.remove_users()
    }

    fn run(&mut self, client: &str, words: &Words, expected: Expected) -> Result<Answer, String> {
        // One that was cut off is connected anew, as in a lab.
        if self.clients.get(client).is_none_or(|connection| connection.is_closed) {
            self.clients.insert(client.to_owned(), Connection::open(&self.address)?);
        }
        let connection = self.clients.get_mut(client).ok_or("it was connected above")?;
        let earlier = std::mem::take(&mut connection.bytes);
        connection.send(words)?;
        let patience = if expected == Expected::Reply { ANSWER } else { BLOCKED };
        connection.read(patience, true)?;
        // Another answer means that the server has been round its loop once and has sent all there is to send.
        self.control.ask(ROUND)?;
        connection.read(Duration::ZERO, false)?;
        let bytes = std::mem::replace(&mut connection.bytes, earlier);
        Ok(match expected {
            // From outside nobody can tell these two apart.
            Expected::Silence if bytes.is_empty() => Answer::Silence,
            _ if bytes.is_empty() => Answer::Waits,
            _ => Answer::Sent(bytes),
        })
    }

    fn restart(&mut self, _: bool) -> Result<Outcome, String> {
        Ok(Outcome::Skipped("a real server is not started again".to_owned()))
    }

    fn set_reading(&mut self, _: &str, _: bool) -> Result<Outcome, String> {
        Ok(Outcome::Skipped("a connection takes all that a real server sends".to_owned()))
    }

    fn set_disk(&mut self, _: bool) -> Result<Outcome, String> {
        Ok(Outcome::Skipped("a real server's disk is left alone".to_owned()))
    }

    fn advance(&mut self, ms: u64) -> Result<Outcome, String> {
        if ms > WAIT_MAX_MS {
            return Ok(Outcome::Skipped(format!(
                "a real server's clock cannot be moved by {ms} ms"
            )));
        }
        // A little more, for what is due exactly then and for the server's own ticks.
        sleep(Duration::from_millis(ms + 20));
        Ok(Outcome::Done)
    }

    fn received(&mut self) -> Result<Vec<(String, Vec<u8>)>, String> {
        self.control.ask(ROUND)?;
        let mut received = Vec::new();
        for (name, connection) in &mut self.clients {
            connection.read(Duration::ZERO, false)?;
            if !connection.bytes.is_empty() {
                received.push((name.clone(), std::mem::take(&mut connection.bytes)));
            }
        }
        Ok(received)
    }
}

/// What is asked only to hear that the server has been round its loop; unlike PING, MONITOR does not show it.
const ROUND: &[&str] = &["CONFIG", "GET", "hz"];

/// One connection and the bytes that have arrived on it.
#[derive(Debug)]
struct Connection {
    stream: TcpStream,
    bytes: Vec<u8>,
    is_closed: bool,
}

impl Connection {
    fn open(address: &str) -> Result<Self, String> {
        let stream = TcpStream::connect(address).map_err(|error| {
            format!(
                "{address}: {error}; is there a server, and is the address `redis://HOST:PORT`?"
            )
        })?;
        stream.set_nodelay(true).map_err(|error| error.to_string())?;
        Ok(Self { stream, bytes: Vec::new(), is_closed: false })
    }

    fn send(&mut self, words: &Words) -> Result<(), String> {
        let mut request = Vec::new();
        words.encode(&mut request);
        self.stream.write_all(&request).map_err(|error| error.to_string())
    }

    /// Reads what arrives: up to one whole reply, or what is there already.
    fn read(&mut self, patience: Duration, whole: bool) -> Result<(), String> {
        let wait = patience.max(Duration::from_millis(1));
        self.stream.set_read_timeout(Some(wait)).map_err(|error| error.to_string())?;
        self.stream.set_nonblocking(patience.is_zero()).map_err(|error| error.to_string())?;
        let mut buffer = [0; 16 * 1024];
        loop {
            if whole && decode(&self.bytes).map_err(|error| error.to_string())?.is_some() {
                break;
            }
            match self.stream.read(&mut buffer) {
                Ok(0) => {
                    self.is_closed = true;
                    break;
                }
                Ok(len) => self.bytes.extend_from_slice(buffer.get(..len).unwrap_or_default()),
                Err(error)
                    if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) =>
                {
                    break;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => {
                    self.is_closed = true;
                    break;
                }
            }
        }
        self.stream.set_nonblocking(false).map_err(|error| error.to_string())
    }

    /// Reads one reply.
    fn answer(&mut self) -> Result<Reply, String> {
        self.read(ANSWER, true)?;
        let decoded = decode(&self.bytes).map_err(|error| error.to_string())?;
        let (reply, len) = decoded.ok_or("the server does not answer")?;
        self.bytes.drain(..len);
        Ok(reply)
    }

    fn ask(&mut self, words: &[&str]) -> Result<Reply, String> {
        self.send(&Words::from_slices(words))?;
        self.answer()
    }
}
