//! A loss from any function.

use super::Loss;
use crate::array::Array;
use crate::network::Network;
use crate::scratch::{MAX_OF_ONE, Memory, OffStack, OnStack};
use crate::simd::{Real, Simd};

/// A loss from a function `(y, t, y_bar) -> loss` of one sample's output and target, which writes the gradient with respect to
/// the output to `y_bar`. A loss written for vectors, as an `impl` of [`Loss`], is faster.
///
/// ```
/// use simplechain::loss::LossFn;
///
/// // ln cosh (y - t)
/// let loss = LossFn(|y: &[f32; 1], t: &[f32; 1], y_bar: &mut [f32; 1]| {
///     let residual = y[0] - t[0];
///     y_bar[0] = residual.tanh();
///     residual.cosh().ln()
/// });
/// ```
#[derive(Clone, Copy, Debug)]
pub struct LossFn<F>(pub F);

impl<C: Network, T: Real, F> Loss<C, T> for LossFn<F>
where
    F: Fn(&C::Output<T>, &C::Output<T>, &mut C::Output<T>) -> T + Sync,
{
    type Target = C::Output<T>;

    #[inline(always)]
    fn encode(&self, target: &C::Output<T>, encoded: &mut [T]) {
        encoded.copy_from_slice(target.as_slice());
    }

    #[inline(always)]
    fn value_and_grad<S: Simd<T>>(&self, simd: S, y: &[S::V], target: &mut [S::V]) -> S::V {
        if const { size_of::<C::Output<T>>() <= MAX_OF_ONE } {
            self.by_lane::<C, T, S, OnStack>(simd, y, target)
        } else {
            self.by_lane::<C, T, S, OffStack>(simd, y, target)
        }
    }
}

impl<F> LossFn<F> {
    #[inline(always)]
    fn by_lane<C, T, S, M>(&self, simd: S, y: &[S::V], target: &mut [S::V]) -> S::V
    where
        C: Network,
        T: Real,
        S: Simd<T>,
        M: Memory,
        F: Fn(&C::Output<T>, &C::Output<T>, &mut C::Output<T>) -> T,
    {
        let mut values = simd.zero();
        let ys: &[T] = bytemuck::cast_slice(y);
        let targets: &mut [T] = bytemuck::cast_slice_mut(target);
        let values_by_lane: &mut [T] = bytemuck::cast_slice_mut(core::slice::from_mut(&mut values));
        let mut y = M::zeros::<T, C::Output<T>>();
        let mut t = M::zeros::<T, C::Output<T>>();
        let mut y_bar = M::zeros::<T, C::Output<T>>();
        for lane in 0..S::LANES {
            for o in 0..C::OUTPUT_LEN {
                y[o] = ys[lane + S::LANES * o];
                t[o] = targets[lane + S::LANES * o];
            }
            y_bar.fill(T::ZERO);
            let y_bar = C::Output::from_mut_slice(&mut y_bar).expect("as many");
            let y = C::Output::from_slice(&y).expect("as many");
            let t = C::Output::from_slice(&t).expect("as many");
            values_by_lane[lane] = (self.0)(y, t, y_bar);
            for o in 0..C::OUTPUT_LEN {
                targets[lane + S::LANES * o] = y_bar.as_slice()[o];
            }
        }
        values
    }
}
