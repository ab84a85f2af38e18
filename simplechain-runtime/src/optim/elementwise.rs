//! Rules that update every parameter from its own gradient and state: one vector loop for all of them.

use crate::simd::{Kernel, Real, Simd};

/// How a parameter is updated.
pub(super) trait Rule<T: Real, const STATES: usize> {
    /// Returns the parameter after the step, and updates its state.
    fn update<S: Simd<T>>(&self, simd: S, p: S::V, g: S::V, state: &mut [S::V; STATES]) -> S::V;
}

/// The decayed state plus a new term: `factor state + new`. With factor 0 nothing remains, not even NaN.
#[inline(always)]
pub(super) fn faded<T: Real, S: Simd<T>>(simd: S, factor: T, state: S::V, new: S::V) -> S::V {
    let factor = simd.splat(factor);
    let forgets = simd.eq(factor, simd.zero());
    simd.select(forgets, new, simd.mul_add(factor, state, new))
}

/// A step of a rule.
pub(super) struct ElementwiseStep<'a, T, R, const STATES: usize> {
    pub(super) rule: R,
    pub(super) params: &'a mut [T],
    pub(super) grads: &'a [T],
    pub(super) states: [&'a mut [T]; STATES],
}

impl<T: Real, R: Rule<T, STATES>, const STATES: usize> Kernel<T>
    for ElementwiseStep<'_, T, R, STATES>
{
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Self {
            rule,
            params,
            grads,
            states,
        } = self;
        assert_eq!(grads.len(), params.len(), "a gradient for every parameter");
        for state in &states {
            let prepared = state.len() == params.len();
            assert!(
                prepared,
                "an optimizer must `prepare` for {} parameters before it applies a gradient",
                params.len()
            );
        }
        let full = params.len() / S::LANES * S::LANES;
        for at in (0..full).step_by(S::LANES) {
            let mut state = [simd.zero(); STATES];
            for i in 0..STATES {
                state[i] = simd.load(&states[i][at..]);
            }
            let (p, g) = (simd.load(&params[at..]), simd.load(&grads[at..]));
            simd.store(rule.update(simd, p, g, &mut state), &mut params[at..]);
            for i in 0..STATES {
                simd.store(state[i], &mut states[i][at..]);
            }
        }
        if full < params.len() {
            let mut state = [simd.zero(); STATES];
            for i in 0..STATES {
                state[i] = simd.load_partial(&states[i][full..]);
            }
            let (p, g) = (
                simd.load_partial(&params[full..]),
                simd.load_partial(&grads[full..]),
            );
            let moved = rule.update(simd, p, g, &mut state);
            simd.store_partial(moved, &mut params[full..]);
            for i in 0..STATES {
                simd.store_partial(state[i], &mut states[i][full..]);
            }
        }
    }
}
