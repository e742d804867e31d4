//! Loading files: told apart, shown as commands, fed in blocks.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};

use super::Session;
use crate::console::output::{Kind, Offer};
use crate::format::{counted, grouped};
use crate::load::{
    ANAGRAM_QUESTIONS, CHUNK_BYTES, Content, FILE_MAX, as_anagrams, as_set, classify, encode,
};
use crate::protocol::{Answer, Ask, Fed};
use crate::state::Msg;

/// The word list that comes with the page.
const WORDS: &str = "data/words.txt";

/// The words that were found last and wait for a person's choice.
#[derive(Default)]
pub(super) struct Files {
    words: RefCell<Rc<Vec<String>>>,
}

impl Session {
    /// Loads the word list that comes with the page.
    pub fn load_words(&self, client: &str) {
        self.load_named(client, "words");
    }

    /// Loads a file that was dropped or chosen.
    pub fn load_file(&self, client: &str, file: web_sys::File) {
        let (session, client) = (self.clone(), client.to_owned());
        if file.size() > FILE_MAX as f64 {
            session.fail(&client, &format!("{} is larger than {} MB", file.name(), FILE_MAX >> 20));
            return;
        }
        spawn_local(async move {
            match JsFuture::from(file.array_buffer()).await {
                Ok(buffer) => {
                    let bytes = js_sys::Uint8Array::new(&buffer).to_vec();
                    session.load(&client, &file.name(), &bytes);
                }
                Err(_unreadable) => {
                    session.fail(&client, &format!("{} cannot be read", file.name()));
                }
            }
        });
    }

    pub(super) fn load_named(&self, client: &str, name: &str) {
        if !matches!(name, "words" | "words.txt") {
            self.fail(
                client,
                &format!("there is no file {name} here; drop it on the page, or try :load words"),
            );
            return;
        }
        let (session, client) = (self.clone(), client.to_owned());
        spawn_local(async move {
            match fetch(WORDS).await {
                Ok(bytes) => session.load(&client, "words.txt", &bytes),
                Err(_absent) => session
                    .fail(&client, &format!("{WORDS} cannot be fetched; is the page online?")),
            }
        });
    }

    /// Loads what a file holds.
    pub(super) fn load(&self, client: &str, name: &str, bytes: &[u8]) {
        match classify(bytes) {
            Content::Empty => self.fail(client, &format!("there is nothing in {name}")),
            Content::Unknown(why) => self.fail(client, &format!("{name} cannot be loaded: {why}")),
            Content::Wire(bytes) => {
                let chunks = bytes.chunks(CHUNK_BYTES).map(<[u8]>::to_vec).collect();
                self.say(client, Kind::Quiet, format!("{name}: requests as clients send them"));
                self.feed(client, chunks, Vec::new());
            }
            Content::Commands(lines) => self.run_lines(client, name, &lines, Vec::new()),
            Content::Words(words) => {
                let text =
                    format!("{name}: {} words. How shall they be stored?", grouped(words.len()));
                *self.inner.files.words.borrow_mut() = Rc::new(words);
                let offers = vec![
                    ("As the set words".into(), Offer::AsSet),
                    ("As groups of anagrams".into(), Offer::AsAnagrams),
                ];
                self.tell(Msg::Offer { client: client.to_owned(), text, offers });
            }
        }
    }

    /// Does what a button in the console says.
    pub fn take(&self, client: &str, offer: &Offer) {
        let words = Rc::clone(&self.inner.files.words.borrow());
        match offer {
            Offer::Run(line) => self.enter(client, line),
            Offer::AsSet => {
                let questions = ["SCARD words", "SRANDMEMBER words 3", "SISMEMBER words stop"];
                self.run_lines(client, "the words", &as_set(&words), questions.to_vec());
            }
            Offer::AsAnagrams => {
                self.run_lines(
                    client,
                    "the words",
                    &as_anagrams(&words),
                    ANAGRAM_QUESTIONS.to_vec(),
                );
            }
        }
    }

    fn run_lines(&self, client: &str, name: &str, lines: &[String], then: Vec<&'static str>) {
        let (chunks, wrong) = encode(lines);
        let mut title = format!("{name}: {} in one go", counted(lines.len(), "command"));
        if wrong > 0 {
            title.extend([", less ", &grouped(wrong), " whose quotes do not match"]);
        }
        let shown: Vec<String> = lines.iter().map(|line| shortened(line)).collect();
        self.say(client, Kind::Quiet, format!("{title}\n{}", shown.join("\n")));
        self.feed(client, chunks, then);
    }

    fn feed(&self, client: &str, chunks: Vec<Vec<u8>>, then: Vec<&'static str>) {
        let total = chunks.iter().map(Vec::len).sum();
        let (client, left) = (client.to_owned(), chunks.into());
        self.feed_next(Feeding { client, total, left, sum: Fed::default(), then });
    }

    fn feed_next(&self, mut feeding: Feeding) {
        let Some(bytes) = feeding.left.pop_front() else {
            self.tell(Msg::Loading(None));
            self.fed(feeding);
            return;
        };
        let rest: usize = feeding.left.iter().map(Vec::len).sum();
        self.tell(Msg::Loading(Some((feeding.total - rest - bytes.len(), feeding.total))));
        let session = self.clone();
        self.ask(Ask::Feed { client: feeding.client.clone(), bytes }, move |answer| {
            if let Some(Answer::Fed(fed, status)) = answer {
                feeding.sum.replies += fed.replies;
                feeding.sum.errors += fed.errors;
                feeding.sum.first_error = feeding.sum.first_error.take().or(fed.first_error);
                session.tell(Msg::Status(status));
                session.feed_next(feeding);
            } else {
                session.tell(Msg::Loading(None));
                session.lost(&feeding.client);
            }
        });
    }

    fn fed(&self, feeding: Feeding) {
        let Feeding { client, sum, then, .. } = feeding;
        let ok = counted(sum.replies - sum.errors, "reply");
        if let Some(first) = sum.first_error {
            self.say(
                &client,
                Kind::Error,
                format!("{ok}, {}; the first: {first}", counted(sum.errors, "error")),
            );
        } else {
            self.say(&client, Kind::Quiet, format!("{ok}, no error"));
        }
        if !then.is_empty() {
            let offers =
                then.into_iter().map(|line| (line.into(), Offer::Run(line.into()))).collect();
            self.tell(Msg::Offer { client, text: "Ask it something:".to_owned(), offers });
        }
    }

    fn say(&self, client: &str, kind: Kind, text: String) {
        self.tell(Msg::Say { client: client.to_owned(), kind, text });
    }

    fn fail(&self, client: &str, text: &str) {
        self.say(client, Kind::Error, format!("(error) {text}"));
    }
}

/// Blocks on their way to the worker.
struct Feeding {
    client: String,
    total: usize,
    left: VecDeque<Vec<u8>>,
    sum: Fed,
    then: Vec<&'static str>,
}

async fn fetch(path: &str) -> Result<Vec<u8>, JsValue> {
    let response = JsFuture::from(gloo::utils::window().fetch_with_str(path)).await?;
    let response: web_sys::Response = response.unchecked_into();
    if !response.ok() {
        return Err(JsValue::NULL);
    }
    let buffer = JsFuture::from(response.array_buffer()?).await?;
    Ok(js_sys::Uint8Array::new(&buffer).to_vec())
}

/// Characters of a command that are shown.
const LINE_SHOWN: usize = 200;

fn shortened(line: &str) -> String {
    match line.char_indices().nth(LINE_SHOWN) {
        None => line.to_owned(),
        Some((end, _)) => {
            let rest = line.get(end..).unwrap_or_default().split(' ').count();
            format!(
                "{}\u{2026} (and {} words more)",
                line.get(..end).unwrap_or_default(),
                grouped(rest)
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_commands_are_shortened() {
        let line = format!("SADD words {}", vec!["word"; 100].join(" "));
        let short = shortened(&line);
        assert!(short.len() < 240 && short.ends_with("words more)"), "{short}");
        assert_eq!(shortened("GET a"), "GET a");
    }
}
