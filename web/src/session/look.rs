//! Views: at most one question in a frame, and one on its way.

use std::cell::{Cell, RefCell};

use wasm_bindgen::prelude::*;

use super::Session;
use crate::protocol::{Answer, Ask, Look};
use crate::state::Msg;

/// What is wanted and what is on its way.
#[derive(Default)]
pub(super) struct Looks {
    wanted: RefCell<Option<Look>>,
    is_scheduled: Cell<bool>,
    is_asked: Cell<bool>,
}

impl Session {
    /// Asks for what is visible, soon; a later wish replaces an earlier one.
    pub fn look(&self, look: Look) {
        *self.inner.looks.wanted.borrow_mut() = Some(look);
        self.schedule();
    }

    fn schedule(&self) {
        let looks = &self.inner.looks;
        if looks.is_scheduled.get() || looks.is_asked.get() {
            return;
        }
        looks.is_scheduled.set(true);
        let session = self.clone();
        let frame = Closure::once_into_js(move || {
            session.inner.looks.is_scheduled.set(false);
            let look = session.inner.looks.wanted.borrow_mut().take();
            if let Some(look) = look {
                session.send(look);
            }
        });
        let _ = gloo::utils::window().request_animation_frame(frame.unchecked_ref());
    }

    fn send(&self, look: Look) {
        self.inner.looks.is_asked.set(true);
        let session = self.clone();
        self.inner.client.ask(Ask::Look(look), move |answer| {
            session.inner.looks.is_asked.set(false);
            if let Ok(Answer::Seen(seen)) = answer {
                session.tell(Msg::Seen(seen));
            }
            if session.inner.looks.wanted.borrow().is_some() {
                session.schedule();
            }
        });
    }
}
