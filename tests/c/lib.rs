//! Chains that are exported, as a user's library does.

use simplechain::prelude::*;
use simplechain::simd::{Number, Simd};

/// An activation with a bug.
#[derive(Clone, Copy, Debug)]
pub struct Faulty;

impl Activation for Faulty {
    #[inline(always)]
    fn value<T: Number, S: Simd<T>>(self, _: S, _: S::V) -> S::V {
        panic!("a bug in an activation")
    }
    #[inline(always)]
    fn value_and_derivative<T: Number, S: Simd<T>>(self, _: S, _: S::V) -> (S::V, S::V) {
        panic!("a bug in an activation")
    }
}

simple_chain! {
    /// A small one, for Miri too.
    pub struct Small: 3 => dense(gelu, 5) => dense(id, 2);
    /// Its intermediate values do not fit on the stack.
    pub struct Large: (64, 64, 1) => conv(relu, (3, 3), 6) => maxpool(2, 2) => flatten => dense(id, 3);
    /// Every call panics.
    pub struct Buggy: 3 => dense(Faulty, 2);
    /// No parameters.
    pub struct Fixed: 3 => activation(tanh)
}

simplechain::export_c!(Small, prefix = small);
simplechain::export_c!(Large, prefix = large);
simplechain::export_c!(Buggy, prefix = buggy);
simplechain::export_c!(Fixed, prefix = fixed);
simplechain::export_casadi!(Small, name = model);
simplechain::export_fit!(Small, prefix = small);
simplechain::export_xla!(Small, prefix = small);
simplechain::export_xla!(Buggy, prefix = buggy);
