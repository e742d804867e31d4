//! What a run may use up, and what happens when it has.
//!
//! The machine counts instructions and calls a hook after every so many. The hook ends a slice, looks at the size of the
//! heap and charges what was allocated since, so that work on large strings counts as more than one instruction.
//!
//! Nothing but the hook stands between `s = s .. s` and the end of memory, for the machine has no limit of its own on `..`.
//! So the number of instructions between two looks follows from how large the strings can be by then: with strings of
//! `n` bytes, concatenations of at most `k` operands and `k + 1` instructions for each, a look every
//! `(k + 1) * log_k(room / (n * k))` instructions keeps all within `room`. Where that would be less than one instruction,
//! the hook runs before each and looks at the operands itself.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use lua_types::{GcRef, LuaError, LuaProto, LuaStatus, LuaValue};
use lua_vm::debug::{LuaDebug, set_hook};
use lua_vm::state::LuaState;
use lua_vm::vm::{InstructionExt as _, OpCode};

use super::arguments::plain_error;
use super::host;
use super::trace::{self, EVENT_LINE, MASK_LINE};
use crate::{Budget, Trace};

/// The machine's bit for counting instructions.
const MASK_COUNT: i32 = 8;
/// The most instructions between two looks.
const INTERVAL_MAX: u64 = 1000;
/// How many times the limit strings may reach between two looks.
const ROOM: usize = 4;
/// Bytes that are allocated in the time of one instruction.
const BYTES_PER_INSTRUCTION: usize = 32;

/// Why the machine ended a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exhausted {
    /// `script-instruction-limit`.
    Instructions,
    /// `script-memory-limit`.
    Memory,
}

/// What the hook counts.
#[derive(Debug, Default)]
pub(super) struct Meter {
    /// Instructions until the script pauses; 0 for never.
    pub(super) slice: Cell<u64>,
    /// Set by the hook, cleared when the run goes on.
    pub(super) paused: Cell<bool>,
    /// How many functions that cannot pause are between the running coroutine and the script.
    pub(super) barred: Cell<u32>,
    /// How many lines are to be noted; 0 for none.
    pub(super) steps_max: Cell<usize>,
    /// What was noted.
    pub(super) steps: RefCell<Trace>,
    /// The most operands of one concatenation in all code that was loaded.
    pub(super) operands: Cell<u32>,
    /// Bytes; 0 for none.
    limit: Cell<usize>,
    /// The heap at the start and at the last look.
    start: Cell<usize>,
    last: Cell<usize>,
    exhausted: Cell<Option<Exhausted>>,
}

impl Meter {
    /// Why the run was ended by the budget, if it was.
    pub(super) fn exhausted(&self, state: &LuaState) -> Option<Exhausted> {
        let by_machine = state.sandbox_tripped_code() == lua_vm::state::SANDBOX_TRIP_INSTRUCTIONS;
        self.exhausted.get().or(by_machine.then_some(Exhausted::Instructions))
    }

    /// Takes note of code that can now run.
    pub(super) fn note_code(&self, proto: GcRef<LuaProto>) {
        for instruction in &proto.code {
            if instruction.opcode() == OpCode::Concat {
                let operands = instruction.arg_b().unsigned_abs();
                self.operands.set(self.operands.get().max(operands));
            }
        }
        for &inner in &proto.p {
            self.note_code(inner);
        }
    }

    /// Instructions until the next look.
    fn interval(&self, used: usize) -> u64 {
        let operands = self.operands.get() as usize;
        if self.limit.get() == 0 || operands < 2 {
            return INTERVAL_MAX;
        }
        let strings = used.saturating_sub(self.start.get()) + 1024;
        let room = self.limit.get().saturating_mul(ROOM) / strings.saturating_mul(operands).max(1);
        if room <= 1 {
            return 1;
        }
        let steps = u64::from(room.ilog2()) / u64::from((operands - 1).ilog2() + 1);
        (steps * (operands as u64 + 1)).clamp(1, INTERVAL_MAX)
    }
}

/// Makes the machine count, for a new run.
pub(super) fn arm(state: &mut LuaState, budget: Budget, meter: &Rc<Meter>) {
    let used = state.global().heap.bytes_used();
    meter.paused.set(false);
    meter.barred.set(0);
    meter.exhausted.set(None);
    meter.limit.set(budget.memory_bytes);
    meter.start.set(used);
    meter.last.set(used);
    let instructions = if budget.instructions > 0 { budget.instructions } else { u64::MAX };
    state.install_sandbox_limits(1, Some(instructions), None);
    state.sandbox_reset();
    hook(state, meter);
}

/// Sets the hook of one thread.
pub(super) fn hook(state: &mut LuaState, meter: &Rc<Meter>) {
    let used = state.global().heap.bytes_used();
    let interval = meter.interval(used).max(1);
    let mask = if meter.steps_max.get() > 0 { MASK_COUNT | MASK_LINE } else { MASK_COUNT };
    let meter = Rc::clone(meter);
    let on_event = move |state: &mut LuaState, event: &LuaDebug| {
        if event.event == EVENT_LINE {
            trace::note(state, &meter, event);
        } else {
            look(state, &meter);
        }
    };
    set_hook(state, Some(Box::new(on_event)), mask, interval as i32);
    state.global().sandbox.interval.set(interval as i32);
}

/// What the hook does.
fn look(state: &mut LuaState, meter: &Meter) {
    let passed = state.global().sandbox.interval.get() as u64;
    let mut used = state.global().heap.bytes_used();
    let grown = used.saturating_sub(meter.last.get());
    meter.last.set(used);
    charge(state, (grown / BYTES_PER_INSTRUCTION) as u64);
    let limit = meter.limit.get();
    if limit > 0 && used > limit {
        used = collect(state, meter);
        if used > limit - limit / 8 {
            exhaust(state, meter);
            return;
        }
    }
    end_slice(state, meter, passed);
    let mut interval = meter.interval(used);
    if interval == 1 && !concatenation_fits(state, limit.saturating_sub(used)) {
        exhaust(state, meter);
        return;
    }
    if meter.slice.get() > 0 {
        interval = interval.min(meter.slice.get());
    }
    interval = interval.min(state.sandbox_instr_remaining().max(1));
    state.set_base_hook_count(interval as i32);
    state.set_hook_count(interval as i32);
    state.global().sandbox.interval.set(interval as i32);
}

/// Takes instructions off the budget; the machine notices at its next look.
fn charge(state: &LuaState, instructions: u64) {
    let global = state.global();
    let left = global.sandbox.instr_remaining.get();
    global.sandbox.instr_remaining.set(left.saturating_sub(instructions).max(1));
}

/// Counts what has passed off the slice and pauses at its end, where that is possible.
fn end_slice(state: &mut LuaState, meter: &Meter, passed: u64) {
    let left = meter.slice.get();
    if left == 0 {
        return;
    }
    let left = left.saturating_sub(passed);
    meter.slice.set(left.max(1));
    if left == 0 && meter.barred.get() == 0 && state.is_yieldable() {
        meter.paused.set(true);
        pause(state);
    }
}

/// Yields from within a hook: the instruction that comes next is run when the thread is resumed.
///
/// The machine's own function for it trips over an assertion that holds in no hook, so its two lines stand here.
fn pause(state: &mut LuaState) {
    state.status = LuaStatus::Yield as u8;
    let frame = state.current_ci_idx();
    state.set_ci_u2_nyield(frame, 0);
}

/// Frees what no script can reach and says how much is left.
fn collect(state: &mut LuaState, meter: &Meter) -> usize {
    state.gc_clear_dead_stack_tails();
    state.gc().full_collect();
    let used = state.global().heap.bytes_used();
    meter.last.set(used);
    used
}

/// Ends the run at the next instruction.
fn exhaust(state: &mut LuaState, meter: &Meter) {
    meter.exhausted.set(Some(Exhausted::Memory));
    let global = state.global();
    global.sandbox.aborting.set(true);
    global.sandbox.instr_remaining.set(0);
    drop(global);
    state.set_base_hook_count(1);
    state.set_hook_count(1);
}

/// Whether the instruction about to run is no concatenation of more than `room` bytes; if it is, it is made to fail.
fn concatenation_fits(state: &mut LuaState, room: usize) -> bool {
    let frame = state.current_ci_idx();
    let base = state.get_ci(frame).func + 1;
    let instruction =
        state.get_proto_instr(frame, state.get_ci(frame).saved_pc().saturating_sub(1));
    if instruction.opcode() != OpCode::Concat {
        return true;
    }
    let (first, operands) = (instruction.arg_a(), instruction.arg_b());
    let size: usize = (first..first + operands)
        .map(|register| match state.get_at(base + register) {
            LuaValue::Str(text) => text.as_bytes().len(),
            _ => 32,
        })
        .sum();
    if size <= room {
        return true;
    }
    state.set_at(base + (first + operands - 1), LuaValue::Nil);
    false
}

/// Asks for `bytes` that a function is about to allocate at once; the error ends the run.
pub(super) fn reserve(state: &mut LuaState, bytes: usize) -> Result<(), LuaError> {
    if bytes < 1024 {
        return Ok(());
    }
    let Some(meter) = host::with(|_, run| run.meter.clone()) else { return Ok(()) };
    let limit = meter.limit.get();
    let fits = |used: usize| used.saturating_add(bytes) <= limit;
    if limit == 0 || fits(state.global().heap.bytes_used()) || fits(collect(state, &meter)) {
        return Ok(());
    }
    exhaust(state, &meter);
    Err(plain_error("not enough memory"))
}

/// Frees what no script can reach if `bytes` more would not fit.
///
/// For a function that is about to make values which the collector cannot see before they are whole.
pub(super) fn make_room(state: &mut LuaState, bytes: usize) {
    let Some(meter) = host::with(|_, run| run.meter.clone()) else { return };
    let limit = meter.limit.get();
    if limit > 0 && state.global().heap.bytes_used().saturating_add(bytes) > limit {
        collect(state, &meter);
    }
}

/// Looks at the limit while `bytes` are held outside of the heap; the error ends the run. Nothing is freed here.
pub(super) fn hold(state: &mut LuaState, bytes: usize) -> Result<(), LuaError> {
    let limit = host::with(|_, run| run.meter.limit.get()).unwrap_or(0);
    if limit == 0 || state.global().heap.bytes_used().saturating_add(bytes) <= limit {
        return Ok(());
    }
    if let Some(meter) = host::with(|_, run| run.meter.clone()) {
        exhaust(state, &meter);
    }
    Err(plain_error("not enough memory"))
}

/// Charges work of a function that the machine does not count; the error ends the run.
pub(super) fn work(state: &mut LuaState, steps: usize) -> Result<(), LuaError> {
    match state.sandbox_charge(steps as u64) {
        Some(error) => Err(error),
        None => Ok(()),
    }
}

/// The text of a run that was ended.
pub(super) fn text(exhausted: Exhausted, budget: Budget) -> Vec<u8> {
    match exhausted {
        Exhausted::Instructions => format!(
            "ERR Script used up its budget of {} instructions (script-instruction-limit)",
            budget.instructions
        ),
        Exhausted::Memory => format!(
            "ERR Script used up its budget of {} bytes of memory (script-memory-limit)",
            budget.memory_bytes
        ),
    }
    .into_bytes()
}
