//! The way from a function that Lua calls to the node, without a lifetime in the machine's types.
//!
//! The host is lent for the length of one slice. A scoped thread-local holds it, which is empty outside of it:
//! so `redis.call` works wherever Lua calls it from, also where a coroutine could not yield.

use std::collections::BTreeMap;
use std::rc::Rc;

use redarium_resp::Protocol;
use scoped_tls_hkt::{ReborrowMut, scoped_thread_local};

use super::budget::Meter;
use super::library::Registered;
use crate::Host;

/// What lasts from the start of a run to its end.
#[derive(Debug, Default)]
pub(super) struct Run {
    /// That of `redis.setresp`.
    pub(super) protocol: Protocol,
    /// What counts the run's instructions.
    pub(super) meter: Rc<Meter>,
    /// How many arguments stand on the stack for the start.
    pub(super) arguments: i32,
    /// Bytes that the running `string.gsub` has put in so far.
    pub(super) substituted: usize,
    /// What a library registers while it is loaded; `None` at any other time.
    pub(super) registered: Option<Vec<Registered>>,
    /// Numbers for what has no name but an address, in the order in which it was first shown.
    pub(super) shown: BTreeMap<usize, usize>,
    /// Room for replies, kept between calls.
    pub(super) reply: Vec<u8>,
    /// Room for the words of a call that are numbers, kept between calls.
    pub(super) digits: Vec<u8>,
}

/// What is lent.
struct Lent<'a> {
    host: &'a mut (dyn Host + 'a),
    run: &'a mut Run,
}

impl<'a, 'b: 'a> ReborrowMut<'a> for Lent<'b> {
    type Result = Lent<'a>;

    fn reborrow_mut(&'a mut self) -> Lent<'a> {
        Lent { host: self.host, run: self.run }
    }
}

scoped_thread_local!(static mut LENT: for<'a> Lent<'a>);

/// Lends `host` and `run` to all functions that are called within `body`.
pub(super) fn lend<R>(host: &mut dyn Host, run: &mut Run, body: impl FnOnce() -> R) -> R {
    LENT.set(Lent { host, run }, body)
}

/// What is lent at the moment; `None` outside of a slice.
pub(super) fn with<R>(body: impl FnOnce(&mut dyn Host, &mut Run) -> R) -> Option<R> {
    LENT.is_set().then(|| LENT.with(|lent| body(lent.host, lent.run)))
}
