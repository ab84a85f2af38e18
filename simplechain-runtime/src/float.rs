//! Functions of `f64` without the standard library: those of the crate `libm`.

/// The methods of `f64` in the standard library that this crate calls beside those of [`Real`](crate::simd::Real), by their names there.
#[cfg_attr(
    not(feature = "alloc"),
    expect(dead_code, reason = "only `sin` takes one")
)]
pub(crate) trait Float {
    fn cbrt(self) -> Self;
    fn ceil(self) -> Self;
    fn fract(self) -> Self;
    fn exp(self) -> Self;
    fn ln(self) -> Self;
    fn sin(self) -> Self;
    fn cos(self) -> Self;
    fn powf(self, exponent: Self) -> Self;
    fn powi(self, exponent: i32) -> Self;
}

impl Float for f64 {
    fn cbrt(self) -> Self {
        libm::cbrt(self)
    }
    fn ceil(self) -> Self {
        libm::ceil(self)
    }
    fn fract(self) -> Self {
        self - libm::trunc(self)
    }
    fn exp(self) -> Self {
        libm::exp(self)
    }
    fn ln(self) -> Self {
        libm::log(self)
    }
    fn sin(self) -> Self {
        libm::sin(self)
    }
    fn cos(self) -> Self {
        libm::cos(self)
    }
    fn powf(self, exponent: Self) -> Self {
        libm::pow(self, exponent)
    }
    fn powi(self, exponent: i32) -> Self {
        libm::pow(self, exponent.into())
    }
}
