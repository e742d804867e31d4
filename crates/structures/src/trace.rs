//! How a structure tells what it does, step by step, without knowing who listens.
//!
//! Algorithms are generic over [`Trace`], so with [`NoTrace`] the compiler removes every call.

/// A listener for the steps of an algorithm.
pub trait Trace<E> {
    /// False where nothing is ever heard, so that the order of steps does not matter.
    const HEARS: bool = true;

    /// Takes note of one step; steps arrive in the order in which they happen.
    fn step(&mut self, event: E);
}

/// The listener that hears nothing and costs nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoTrace;

impl<E> Trace<E> for NoTrace {
    const HEARS: bool = false;

    #[inline(always)]
    fn step(&mut self, _event: E) {}
}

impl<E> Trace<E> for Vec<E> {
    fn step(&mut self, event: E) {
        self.push(event);
    }
}

impl<E, T: Trace<E> + ?Sized> Trace<E> for &mut T {
    const HEARS: bool = T::HEARS;

    #[inline]
    fn step(&mut self, event: E) {
        (**self).step(event);
    }
}

/// Listens when there is somebody, which is known only at run time.
impl<E, T: Trace<E>> Trace<E> for Option<T> {
    #[inline]
    fn step(&mut self, event: E) {
        if let Some(listener) = self {
            listener.step(event);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_optional_borrowed_listener_hears_in_order() {
        let mut heard = Vec::new();
        let mut listener = Some(&mut heard);
        listener.step(1);
        listener.step(2);
        assert_eq!(heard, [1, 2], "steps keep their order");
        let mut nobody: Option<&mut Vec<i32>> = None;
        nobody.step(3);
        NoTrace.step(4);
    }
}
