//! What the tiers have in common whose vectors are single registers.

/// Sizes, parameters, loads and stores: an array and a register are the same bytes.
macro_rules! single_register {
    ($T:ident, $lanes:literal, $registers:literal) => {
        $crate::simd::real::real_numbers!($T, inline(always));
        const LANES: usize = $lanes;
        const REGISTERS: usize = $registers;
        type Register = Self;
        const REGISTERS_PER_VECTOR: usize = 1;

        #[inline(always)]
        fn register(self) -> Self {
            self
        }
        #[inline(always)]
        fn load(self, x: &[$T]) -> Self::V {
            bytemuck::cast::<[$T; $lanes], _>(*x.first_chunk().expect("a full vector"))
        }
        #[inline(always)]
        fn store(self, v: Self::V, x: &mut [$T]) {
            *x.first_chunk_mut().expect("a full vector") = bytemuck::cast::<_, [$T; $lanes]>(v);
        }
        #[inline(always)]
        fn load_partial(self, x: &[$T]) -> Self::V {
            let mut full = [0.0; $lanes];
            for (full, x) in full.iter_mut().zip(x) {
                *full = *x;
            }
            bytemuck::cast(full)
        }
        #[inline(always)]
        fn store_partial(self, v: Self::V, x: &mut [$T]) {
            let full: [$T; $lanes] = bytemuck::cast(v);
            for (x, full) in x.iter_mut().zip(full) {
                *x = full;
            }
        }
    };
}
pub(super) use single_register;

/// The narrowest vectors of a tier are never halved.
macro_rules! no_half {
    () => {
        type Half = Self;

        #[inline(always)]
        fn half(self) -> Self {
            self
        }
    };
}
pub(super) use no_half;
