//! Names for completion: one question on its way, and the latest one next.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::Session;
use crate::protocol::{Answer, Ask, Name, NamesQuery};

type Done = Box<dyn FnOnce(Rc<Vec<Name>>)>;

/// What is wanted and what is on its way.
#[derive(Default)]
pub(super) struct Wishes {
    wanted: RefCell<Option<(NamesQuery, Done)>>,
    is_asked: Cell<bool>,
}

impl Session {
    /// Asks for names; a later wish replaces one that has not been asked yet.
    pub fn names(&self, query: NamesQuery, done: impl FnOnce(Rc<Vec<Name>>) + 'static) {
        *self.inner.wishes.wanted.borrow_mut() = Some((query, Box::new(done)));
        self.ask_names();
    }

    fn ask_names(&self) {
        let wishes = &self.inner.wishes;
        if wishes.is_asked.get() {
            return;
        }
        let Some((query, done)) = wishes.wanted.borrow_mut().take() else { return };
        wishes.is_asked.set(true);
        let session = self.clone();
        self.inner.client.ask(Ask::Names(query), move |answer| {
            session.inner.wishes.is_asked.set(false);
            if let Ok(Answer::Names(names)) = answer {
                done(Rc::new(names));
            }
            session.ask_names();
        });
    }
}
