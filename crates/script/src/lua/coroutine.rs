//! `coroutine` for a script that is driven in slices: a pause within a coroutine is passed on to whoever resumed it.

use lua_stdlib::coro_lib::co_resume;
use lua_types::{LuaClosure, LuaError, LuaStatus, LuaValue};
use lua_vm::api;
use lua_vm::state::LuaState;

use super::arguments::{Table, plain_error};
use super::budget;
use super::host;
use super::native::{call_original, upvalue, wrap};
use super::sandbox::add_function;

/// Puts the functions into the table `coroutine`.
pub(super) fn register(state: &mut LuaState, table: Table) -> Result<(), LuaError> {
    wrap(state, table, b"create", create)?;
    wrap(state, table, b"wrap", wrapped)?;
    wrap(state, table, b"yield", yield_to_resumer)?;
    wrap(state, table, b"running", |state| {
        if !state.is_main_thread() {
            return call_original(state);
        }
        state.push(LuaValue::Nil);
        Ok(1)
    })?;
    add_function(state, table, b"resume", resume)
}

fn create(state: &mut LuaState) -> Result<usize, LuaError> {
    let results = call_original(state)?;
    arm_newest(state);
    Ok(results)
}

/// Makes a coroutine that was just created count like the rest.
fn arm_newest(state: &mut LuaState) {
    let LuaValue::Thread(thread) = state.get_at(state.top_idx() - 1) else { return };
    let entry = state.global().get_thread(thread.id).map(|entry| entry.state.clone());
    let meter = host::with(|_, run| run.meter.clone());
    if let (Some(entry), Some(meter)) = (entry, meter) {
        budget::hook(&mut entry.borrow_mut(), &meter);
    }
}

/// The script itself is the main thread, which Lua cannot leave.
fn yield_to_resumer(state: &mut LuaState) -> Result<usize, LuaError> {
    if state.is_main_thread() {
        return Err(plain_error("attempt to yield across metamethod/C-call boundary"));
    }
    call_original(state)
}

/// What a pause is resumed with.
type Again = fn(&mut LuaState, i32, isize) -> Result<usize, LuaError>;

fn resume(state: &mut LuaState) -> Result<usize, LuaError> {
    drive(state, resume_again)
}

fn resume_again(state: &mut LuaState, _: i32, _: isize) -> Result<usize, LuaError> {
    api::set_top(state, 1)?;
    drive(state, resume_again)
}

/// Resumes the thread that is the first argument; if it pauses for the end of a slice, so does the running one.
fn drive(state: &mut LuaState, again: Again) -> Result<usize, LuaError> {
    let meter = host::with(|_, run| run.meter.clone());
    let can_pause = state.is_yieldable();
    if let (false, Some(meter)) = (can_pause, &meter) {
        meter.barred.set(meter.barred.get() + 1);
    }
    let results = co_resume(state);
    let Some(meter) = meter else { return results };
    if !can_pause {
        meter.barred.set(meter.barred.get() - 1);
    }
    let results = results?;
    if meter.paused.get() {
        api::set_top(state, 1)?;
        return pass_on(state, again);
    }
    Ok(results)
}

/// Pauses the running thread as well.
fn pass_on(state: &mut LuaState, again: Again) -> Result<usize, LuaError> {
    let frame = state.current_ci_idx();
    state.status = LuaStatus::Yield as u8;
    state.set_ci_u2_nyield(frame, 0);
    let frame = state.get_ci_mut(frame);
    frame.set_u_c_k(Some(again));
    frame.set_u_c_ctx(0);
    Err(LuaError::Yield)
}

fn wrapped(state: &mut LuaState) -> Result<usize, LuaError> {
    call_original(state)?;
    // The original's closure holds the thread; ours takes its place.
    let thread = match state.pop() {
        LuaValue::Function(LuaClosure::C(closure)) => {
            closure.upvalues.borrow().first().copied().unwrap_or_default()
        }
        other => other,
    };
    state.push(thread);
    arm_newest(state);
    api::push_cclosure(state, resume_wrapped, 1)?;
    Ok(1)
}

fn resume_wrapped(state: &mut LuaState) -> Result<usize, LuaError> {
    let thread = upvalue(state, 0);
    state.push(thread);
    state.insert(1)?;
    let results = drive(state, wrapped_again)?;
    unwrap_results(state, results)
}

fn wrapped_again(state: &mut LuaState, _: i32, _: isize) -> Result<usize, LuaError> {
    api::set_top(state, 1)?;
    let results = drive(state, wrapped_again)?;
    unwrap_results(state, results)
}

/// What `resume` has left: false and an error, or true and the results.
fn unwrap_results(state: &mut LuaState, results: usize) -> Result<usize, LuaError> {
    let first = state.top_idx() - results as i32;
    if state.get_at(first) == LuaValue::Bool(true) {
        return Ok(results - 1);
    }
    let mut error = state.pop();
    if let LuaValue::Str(text) = error {
        let placed = lua_vm::debug::c_api_runtime(state, text.as_bytes().to_vec());
        error = placed.into_value();
    }
    Err(LuaError::Runtime(error))
}
