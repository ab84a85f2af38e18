//! What a kernel does with the cotangent of its input before it stores it.

use crate::simd::{Number, Simd};

/// How the next layer converts the cotangent of this layer's output into that of its pre-activation.
pub trait ActivationGrad: Copy + Send + Sync + 'static {
    /// Whether, for a single sample, [`z_bar_sample`](Self::z_bar_sample) reads what the forward pass saved.
    const NEEDS_SAVED: bool = false;
    /// Whether training ends here: the cotangent is that of the chain's input, or of layers before which nothing is trained. A
    /// pass that does not return the cotangent of the input does not compute it.
    const IS_INPUT: bool = false;

    /// `z_bar = y_bar * act'(z)`, from the output `y` or from what the forward pass `saved` in the cotangent's place.
    fn z_bar<T: Number, S: Simd<T>>(self, simd: S, y_bar: S::V, y: S::V, saved: S::V) -> S::V;

    /// [`z_bar`](Self::z_bar) of one sample's outputs, in place.
    #[inline(always)]
    fn z_bar_sample<T: Number, S: Simd<T>>(self, simd: S, y: &[T], saved: &[T], bar: &mut [T]) {
        let mut at = 0;
        while at + S::LANES <= bar.len() {
            let saved = if Self::NEEDS_SAVED {
                simd.load(&saved[at..])
            } else {
                simd.zero()
            };
            let z_bar = self.z_bar(simd, simd.load(&bar[at..]), simd.load(&y[at..]), saved);
            simd.store(z_bar, &mut bar[at..]);
            at += S::LANES;
        }
        if at < bar.len() {
            let saved = if Self::NEEDS_SAVED {
                simd.load_partial(&saved[at..])
            } else {
                simd.zero()
            };
            let (y_bar, y) = (simd.load_partial(&bar[at..]), simd.load_partial(&y[at..]));
            let z_bar = self.z_bar(simd, y_bar, y, saved);
            simd.store_partial(z_bar, &mut bar[at..]);
        }
    }
}
