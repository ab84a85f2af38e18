//! Rules that update every parameter from its own gradient and state: one vector loop for all of them.

use bytemuck::{cast_slice, cast_slice_mut};

use crate::simd::{Kernel, Real, Simd};

/// How a parameter is updated.
pub(super) trait Rule<const STATES: usize>: Copy {
    /// Returns the parameter after the step, and updates its state.
    fn update<T: Real, S: Simd<T>>(
        self,
        simd: S,
        p: S::V,
        g: S::V,
        state: &mut [S::V; STATES],
    ) -> S::V;
}

/// A [`Rule`] whose loop is compiled in this crate, once for each number type, and not in every program that trains: its methods
/// are not generic. Implemented by [`compiled_here`].
pub(super) trait CompiledRule<const STATES: usize>: Rule<STATES> {
    fn step_f32(self, params: &mut [f32], grads: &[f32], states: [&mut [f32]; STATES]);
    fn step_f64(self, params: &mut [f64], grads: &[f64], states: [&mut [f64]; STATES]);
}

macro_rules! compiled_here {
    ($Rule:ty, $states:literal) => {
        impl $crate::optim::elementwise::CompiledRule<$states> for $Rule {
            fn step_f32(self, params: &mut [f32], grads: &[f32], states: [&mut [f32]; $states]) {
                $crate::optim::elementwise::run(self, params, grads, states);
            }
            fn step_f64(self, params: &mut [f64], grads: &[f64], states: [&mut [f64]; $states]) {
                $crate::optim::elementwise::run(self, params, grads, states);
            }
        }
    };
}
pub(super) use compiled_here;

/// A step of a rule for all parameters.
pub(super) fn step<T: Real, R: CompiledRule<STATES>, const STATES: usize>(
    rule: R,
    params: &mut [T],
    grads: &[T],
    states: [&mut [T]; STATES],
) {
    if const { size_of::<T>() == size_of::<f32>() } {
        let states = states.map(bytemuck::cast_slice_mut);
        rule.step_f32(cast_slice_mut(params), cast_slice(grads), states);
    } else {
        let states = states.map(bytemuck::cast_slice_mut);
        rule.step_f64(cast_slice_mut(params), cast_slice(grads), states);
    }
}

/// What [`compiled_here`] compiles.
pub(super) fn run<T: Real, R: Rule<STATES>, const STATES: usize>(
    rule: R,
    params: &mut [T],
    grads: &[T],
    states: [&mut [T]; STATES],
) {
    T::dispatch_batch(Step {
        rule,
        params,
        grads,
        states,
    });
}

/// The decayed state plus a new term: `factor state + new`. With factor 0 nothing remains, not even NaN.
#[inline(always)]
pub(super) fn faded<T: Real, S: Simd<T>>(simd: S, factor: f64, state: S::V, new: S::V) -> S::V {
    let factor = constant(simd, factor);
    let forgets = simd.eq(factor, simd.zero());
    simd.select(forgets, new, simd.mul_add(factor, state, new))
}

/// A number of a rule in every lane.
#[inline(always)]
pub(super) fn constant<T: Real, S: Simd<T>>(simd: S, x: f64) -> S::V {
    simd.splat(T::from_f64(x))
}

struct Step<'a, T, R, const STATES: usize> {
    rule: R,
    params: &'a mut [T],
    grads: &'a [T],
    states: [&'a mut [T]; STATES],
}

impl<T: Real, R: Rule<STATES>, const STATES: usize> Kernel<T> for Step<'_, T, R, STATES> {
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
            simd.store(
                rule.update::<T, S>(simd, p, g, &mut state),
                &mut params[at..],
            );
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
            let moved = rule.update::<T, S>(simd, p, g, &mut state);
            simd.store_partial(moved, &mut params[full..]);
            for i in 0..STATES {
                simd.store_partial(state[i], &mut states[i][full..]);
            }
        }
    }
}
