//! `math.random` and `math.randomseed` of Redis: the generator of `lrand48`, the same numbers on every machine.
//!
//! A new machine starts where the real server does that nobody has seeded; then the sequence goes on from script to script.

use std::cell::Cell;
use std::rc::Rc;

use lua_types::{LuaClosure, LuaError, LuaValue};
use lua_vm::state::{LuaCallable, LuaState};

use super::arguments::{Table, count};
use super::checks::{bad_argument, refusal, whole};
use super::reply::set_field;

const MULTIPLIER: u64 = 0x5_DEEC_E66D;
const INCREMENT: u64 = 0xB;
/// The state that nobody has seeded.
const UNSEEDED: u64 = 0x1234_ABCD_330E;
/// The low 16 bits of a state that was just seeded.
const SEED_LOW: u64 = 0x330E;
const MASK: u64 = (1 << 48) - 1;
const MAX: i32 = i32::MAX;

/// The 48 bits of one machine's generator.
#[derive(Clone, Debug)]
pub(super) struct Generator {
    state: Rc<Cell<u64>>,
}

impl Generator {
    /// A generator that nobody has seeded.
    pub(super) fn new() -> Self {
        Generator { state: Rc::new(Cell::new(UNSEEDED)) }
    }

    /// Where the sequence stands.
    pub(super) fn state(&self) -> u64 {
        self.state.get()
    }

    /// Goes on from where another generator stood.
    pub(super) fn set_state(&self, state: u64) {
        self.state.set(state & MASK);
    }

    /// Starts the sequence of this seed.
    pub(super) fn seed(&self, seed: i32) {
        self.state.set(u64::from(seed.cast_unsigned()) << 16 | SEED_LOW);
    }

    /// A number of 31 bits.
    fn next(&self) -> i32 {
        let next = self.state.get().wrapping_mul(MULTIPLIER).wrapping_add(INCREMENT) & MASK;
        self.state.set(next);
        (next >> 17) as i32
    }

    /// Puts the two functions into the table `math` among the globals.
    pub(super) fn register(&self, state: &mut LuaState, globals: Table) -> Result<(), LuaError> {
        let LuaValue::Table(math) = globals.get_str_bytes(b"math") else { return Ok(()) };
        let generator = self.clone();
        add_closure(state, math, b"random", move |state| random(state, &generator))?;
        let generator = self.clone();
        add_closure(state, math, b"randomseed", move |state| {
            let seed = whole(state, 1)? as i32;
            generator.seed(seed);
            Ok(0)
        })
    }
}

/// Adds a function that carries something of its own; for the machine's set-up only, since it is never freed.
fn add_closure(
    state: &mut LuaState,
    table: Table,
    name: &[u8],
    function: impl Fn(&mut LuaState) -> Result<usize, LuaError> + 'static,
) -> Result<(), LuaError> {
    let index = {
        let mut global = state.global_mut();
        global.c_functions.push(LuaCallable::rust(Rc::new(function)));
        global.c_functions.len() - 1
    };
    set_field(state, table, name, LuaValue::Function(LuaClosure::LightC(index)))
}

/// A fraction without arguments, else a whole number from 1 or the first of two to the last.
fn random(state: &mut LuaState, generator: &Generator) -> Result<usize, LuaError> {
    let fraction = f64::from(generator.next() % MAX) / f64::from(MAX);
    let number = match count(state) {
        0 => fraction,
        1 => {
            let last = whole(state, 1)? as i32;
            if last < 1 {
                return Err(bad_argument(state, 1, "interval is empty"));
            }
            (fraction * f64::from(last)).floor() + 1.0
        }
        2 => {
            let first = whole(state, 1)? as i32;
            let last = whole(state, 2)? as i32;
            if first > last {
                return Err(bad_argument(state, 2, "interval is empty"));
            }
            // A wider interval than 31 bits wraps around, as the real server's does.
            let width = last.wrapping_sub(first).wrapping_add(1);
            (fraction * f64::from(width)).floor() + f64::from(first)
        }
        _ => return Err(refusal(state, "wrong number of arguments")),
    };
    state.push(LuaValue::Float(number));
    Ok(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sequence_is_that_of_lrand48() {
        // The first numbers of POSIX's lrand48 after srand48(0), as the C library of any Unix gives them.
        let generator = Generator::new();
        assert_eq!(generator.next(), 851_401_618, "before any seed");
        generator.seed(0);
        let numbers: Vec<i32> = (0..4).map(|_| generator.next()).collect();
        assert_eq!(numbers, [366_850_414, 1_610_402_240, 206_956_554, 1_869_309_841], "seed 0");
        generator.seed(0);
        assert_eq!(generator.next(), 366_850_414, "seeding starts anew");
    }
}
