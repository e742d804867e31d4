//! What a run may use up, and what happens when it has.

use std::cell::Cell;
use std::rc::Rc;

use lua_types::LuaStatus;
use lua_vm::debug::set_hook;
use lua_vm::state::LuaState;

use crate::Budget;

/// The machine's bit for counting instructions.
const MASK_COUNT: i32 = 8;
/// Instructions between two looks.
const INTERVAL: i32 = 1000;

/// What the hook counts.
#[derive(Debug, Default)]
pub(super) struct Meter {
    /// Instructions until the script pauses; 0 for never.
    pub(super) slice: Cell<u64>,
}

/// Makes the machine count; for each run anew.
pub(super) fn arm(state: &mut LuaState, budget: Budget, meter: &Rc<Meter>) {
    let meter = Rc::clone(meter);
    let hook = move |state: &mut LuaState, _: &lua_vm::debug::LuaDebug| {
        let left = meter.slice.get();
        if left == 0 {
            return;
        }
        let left = left.saturating_sub(INTERVAL as u64).max(1);
        meter.slice.set(left);
        if left == 1 && state.is_yieldable() {
            pause(state);
        }
    };
    set_hook(state, Some(Box::new(hook)), MASK_COUNT, INTERVAL);
    let instructions = (budget.instructions > 0).then_some(budget.instructions);
    let memory = (budget.memory_bytes > 0).then_some(budget.memory_bytes);
    state.install_sandbox_limits(INTERVAL, instructions, memory);
    state.sandbox_reset();
}

/// Yields from within a hook: the instruction that comes next is run when the thread is resumed.
///
/// The machine's own function for it trips over an assertion that holds in no hook, so its two lines stand here.
fn pause(state: &mut LuaState) {
    state.status = LuaStatus::Yield as u8;
    let frame = state.current_ci_idx();
    state.set_ci_u2_nyield(frame, 0);
}
