//! The true right-hand side and the network that learns it.

use simplechain::ode::Field;
use simplechain::prelude::*;
use simplechain::simd::{Number, Simd};

simple_chain! {
    /// The input of the network is the cubes of the state.
    pub(crate) struct Net: 2 => activation(Cube) => dense(tanh, 50) => dense(id, 2)
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Cube;

impl Activation for Cube {
    #[inline(always)]
    fn value<T: Number, S: Simd<T>>(self, simd: S, u: S::V) -> S::V {
        simd.mul(u, simd.mul(u, u))
    }
    #[inline(always)]
    fn value_and_derivative<T: Number, S: Simd<T>>(self, simd: S, u: S::V) -> (S::V, S::V) {
        let (square, three) = (simd.mul(u, u), simd.splat(T::from_f64(3.0)));
        (simd.mul(u, square), simd.mul(three, square))
    }
}

pub(crate) type State = [f32; 2];
/// The number of data points of one trajectory.
pub(crate) const POINTS: usize = 30;
/// The time of the last point.
pub(crate) const END: f32 = 1.5;

/// Equidistant points in time, from 0 on.
pub(crate) fn times(end: f32, points: usize) -> Vec<f32> {
    (0..points)
        .map(|i| end * i as f32 / (points - 1) as f32)
        .collect()
}

/// `u' = A u^3`
pub(crate) struct Truth;

impl Field<f32> for Truth {
    type State = State;
    type Params = [f32; 0];

    fn rate(&self, _: f32, u: &State, _: &[f32; 0], rate: &mut State) {
        let [x, y] = u.map(|u| u * u * u);
        *rate = [-0.1 * x + 2.0 * y, -2.0 * x - 0.1 * y];
    }
}
