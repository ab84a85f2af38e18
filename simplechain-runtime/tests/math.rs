//! Accuracy of the elementary functions, and that every tier gives the same bits.
//!
//! The reference for `f32` is the same function in `f64`; for `f64` it is `math_reference.txt`, printed by
//! `math_reference.py` with mpmath. All `f32` inputs are tried by
//!
//! ```text
//! cargo test --release --test math -- --ignored --nocapture
//! ```

use simplechain_runtime::simd::math::max_ulp;
use simplechain_runtime::simd::{Kernel, Math, Real, Simd, Tier};

/// A function under test.
trait Function: Copy {
    const NAME: &'static str;
    /// Largest errors for `f32` and `f64`, in units in the last place.
    const MAX_ULP: max_ulp::MaxUlp;
    fn apply<T: Real, S: Simd<T>>(simd: S, x: S::V) -> S::V;
    /// The same in `f64`.
    fn reference(x: f64) -> f64;
}

macro_rules! functions {
    ($each:ident: $($Name:ident $name:ident $max:ident |$simd:ident, $x:ident| $apply:expr, $reference:expr;)*) => {
        $(
            #[derive(Clone, Copy)]
            struct $Name;
            impl Function for $Name {
                const NAME: &'static str = stringify!($name);
                const MAX_ULP: max_ulp::MaxUlp = max_ulp::$max;
                #[inline(always)]
                fn apply<T: Real, S: Simd<T>>($simd: S, $x: S::V) -> S::V {
                    $apply
                }
                fn reference(x: f64) -> f64 {
                    $reference(x)
                }
            }
        )*
        /// Calls a generic function for each.
        macro_rules! $each {
            ($call:ident) => { $( $call($Name); )* };
        }
    };
}

functions! { for_each:
    Tanh tanh TANH |simd, x| T::tanh(simd, x), f64::tanh;
    TanhFast tanh_fast TANH_FAST |simd, x| T::tanh_fast(simd, x), f64::tanh;
    Exp exp EXP |simd, x| T::exp(simd, x), f64::exp;
    ExpM1 exp_m1 EXP_M1 |simd, x| T::exp_m1(simd, x), f64::exp_m1;
    Ln ln LN |simd, x| T::ln(simd, x), f64::ln;
    Sigmoid sigmoid SIGMOID |simd, x| T::sigmoid(simd, x), reference::sigmoid;
    Softplus softplus SOFTPLUS |simd, x| T::softplus(simd, x), reference::softplus;
    Silu silu SILU |simd, x| T::silu(simd, x), reference::silu;
    Gelu gelu GELU |simd, x| T::gelu(simd, x), reference::gelu;
    GeluTanh gelu_tanh GELU_TANH |simd, x| T::gelu_tanh(simd, x), reference::gelu_tanh;
    Elu elu ELU |simd, x| T::elu(simd, x), |x: f64| if x > 0.0 { x } else { x.exp_m1() };
    Sin sin SIN |simd, x| T::sin(simd, x), f64::sin;
    Cos cos COS |simd, x| T::cos(simd, x), f64::cos;
}

functions! { for_each_derivative:
    SoftplusDerivative softplus_derivative SIGMOID
        |simd, x| T::softplus_and_derivative(simd, x).1, reference::sigmoid;
    SiluDerivative silu_derivative DERIVATIVE
        |simd, x| T::silu_and_derivative(simd, x).1, reference::silu_derivative;
    GeluDerivative gelu_derivative DERIVATIVE
        |simd, x| T::gelu_and_derivative(simd, x).1, reference::gelu_derivative;
    GeluTanhDerivative gelu_tanh_derivative DERIVATIVE
        |simd, x| T::gelu_tanh_and_derivative(simd, x).1, reference::gelu_tanh_derivative;
    EluDerivative elu_derivative EXP
        |simd, x| T::elu_and_derivative(simd, x).1, |x: f64| if x > 0.0 { 1.0 } else { x.exp() };
    SinDerivative sin_derivative COS
        |simd, x| T::sin_and_derivative(simd, x).1, f64::cos;
}

/// What the standard library lacks, in `f64` and with the accuracy that an `f32` needs.
mod reference {
    use core::f64::consts::{FRAC_1_SQRT_2, PI};

    pub(super) fn sigmoid(x: f64) -> f64 {
        1.0 / (1.0 + (-x).exp())
    }
    pub(super) fn softplus(x: f64) -> f64 {
        if x.is_nan() {
            return x;
        }
        x.max(0.0) + (-x.abs()).exp().ln_1p()
    }
    /// `x sigmoid(v)`, 0 in the limit.
    fn gated(x: f64, v: f64) -> f64 {
        if x == f64::NEG_INFINITY {
            -0.0
        } else {
            x * sigmoid(v)
        }
    }
    fn gated_derivative(x: f64, v: f64, slope: f64) -> f64 {
        if x.is_infinite() {
            return if x > 0.0 { 1.0 } else { 0.0 };
        }
        sigmoid(v) * (1.0 + x * sigmoid(-v) * slope)
    }
    pub(super) fn silu(x: f64) -> f64 {
        gated(x, x)
    }
    pub(super) fn silu_derivative(x: f64) -> f64 {
        gated_derivative(x, x, 1.0)
    }
    fn gelu_tanh_argument(x: f64) -> f64 {
        (8.0 / PI).sqrt() * x * (1.0 + 0.044715 * x * x)
    }
    pub(super) fn gelu_tanh(x: f64) -> f64 {
        gated(x, gelu_tanh_argument(x))
    }
    pub(super) fn gelu_tanh_derivative(x: f64) -> f64 {
        if x.abs() > 1e3 {
            return if x > 0.0 { 1.0 } else { 0.0 };
        }
        let slope = (8.0 / PI).sqrt() * (1.0 + 3.0 * 0.044715 * x * x);
        gated_derivative(x, gelu_tanh_argument(x), slope)
    }
    pub(super) fn gelu(x: f64) -> f64 {
        if x == f64::NEG_INFINITY {
            return -0.0;
        }
        x * 0.5 * libm::erfc(-x * FRAC_1_SQRT_2)
    }
    pub(super) fn gelu_derivative(x: f64) -> f64 {
        let near = x.clamp(-1e3, 1e3);
        0.5 * libm::erfc(-x * FRAC_1_SQRT_2) + near * (-0.5 * near * near).exp() / (2.0 * PI).sqrt()
    }
}

/// Applies a function to each vector of a slice.
struct Apply<'a, T, F>(&'a [T], &'a mut [T], F);

impl<T: Real, F: Function> Kernel<T> for Apply<'_, T, F> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        for (x, y) in self.0.chunks(S::LANES).zip(self.1.chunks_mut(S::LANES)) {
            let v = simd.load_partial(x);
            simd.store_partial(F::apply(simd, v), y);
        }
    }
}

fn apply<T: Real, F: Function>(f: F, x: &[T]) -> Vec<T> {
    let mut y = vec![T::ZERO; x.len()];
    T::wide(Apply(x, &mut y, f));
    y
}

/// The worst error seen.
#[derive(Clone, Copy, Default)]
struct Worst {
    error: f64,
    x: f64,
}

impl Worst {
    fn see(&mut self, x: f64, error: f64) {
        // Written so that NaN is the worst of all.
        if !(error <= self.error) {
            *self = Self { error, x };
        }
    }

    fn check<F: Function>(self, _: F, kind: &str, limit: f64) {
        println!("{:22} {kind}: {:.4} at {:e}", F::NAME, self.error, self.x);
        assert!(
            self.error <= limit,
            "{} of {kind}: error {} at {:e} is above {limit}",
            F::NAME,
            self.error,
            self.x
        );
    }
}

/// The distance of `y` from `high + low` in last places of a type with `fraction` bits behind the point and the smallest
/// normal number `2^min_exponent`.
fn ulp_error(y: f64, high: f64, low: f64, fraction: i32, min_exponent: i32) -> f64 {
    let exponent = ((high.to_bits() >> 52) & 0x7FF) as i32 - 1023;
    // In two steps, because the last place of the smallest f64 has no reciprocal.
    let places = fraction - exponent.max(min_exponent);
    let power = |n: i32| f64::from_bits(((n + 1023) as u64) << 52);
    let scaled = |x: f64| x * power(places / 2) * power(places - places / 2);
    (scaled(y - high) - scaled(low)).abs()
}

fn ulp_error_f32(y: f32, reference: f64) -> f64 {
    // An infinity stands for the number after the largest.
    let limit = f64::powi(2.0, 128);
    if y.is_nan() && reference.is_nan() {
        return 0.0;
    }
    ulp_error(
        f64::from(y).clamp(-limit, limit),
        reference.clamp(-limit, limit),
        0.0,
        23,
        -126,
    )
}

/// Every `stride`-th `f32`, of all signs and sizes, infinities and NaNs.
fn strided_f32(stride: usize) -> impl Iterator<Item = Vec<f32>> {
    const CHUNK: usize = 1 << 14;
    let bits = move |i: usize| (i * stride) as u64;
    let count = (1_usize << 32).div_ceil(stride);
    (0..count.div_ceil(CHUNK)).map(move |chunk| {
        (chunk * CHUNK..((chunk + 1) * CHUNK).min(count))
            .map(|i| f32::from_bits(bits(i) as u32))
            .collect()
    })
}

/// Every `stride`-th `f32` with a magnitude in `2^-7..2^7`, where the functions are curved.
fn central_f32(stride: usize) -> impl Iterator<Item = Vec<f32>> {
    let (first, last) = ((2.0_f32.powi(-7)).to_bits(), (2.0_f32.powi(7)).to_bits());
    let magnitudes = (first..last).step_by(stride).collect::<Vec<_>>();
    [0, 1 << 31].into_iter().flat_map(move |sign: u32| {
        magnitudes
            .chunks(1 << 14)
            .map(|chunk| {
                chunk
                    .iter()
                    .map(|bits| f32::from_bits(bits | sign))
                    .collect()
            })
            .collect::<Vec<_>>()
    })
}

const SPECIAL: [f64; 27] = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    2.0,
    9.0,
    -9.1,
    14.5,
    -14.6,
    17.0,
    87.3,
    -87.4,
    88.72,
    -88.0,
    -103.9,
    -104.0,
    708.0,
    -745.0,
    1e-300,
    -1e-310,
    1e-40,
    1e30,
    -1e300,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::NAN,
];

fn f32_error<F: Function>(f: F, inputs: impl Iterator<Item = Vec<f32>>) {
    let mut worst = Worst::default();
    let special = vec![SPECIAL.map(|x| x as f32).to_vec()];
    for x in inputs.chain(special) {
        for (x, y) in x.iter().zip(apply(f, &x)) {
            worst.see(f64::from(*x), ulp_error_f32(y, F::reference(f64::from(*x))));
        }
    }
    worst.check(f, "f32", F::MAX_ULP.f32);
}

/// Derivatives cross zero, where only the absolute error can be small: counted in half last places of 1.
fn f32_derivative_error<F: Function>(f: F, inputs: impl Iterator<Item = Vec<f32>>) {
    let mut worst = Worst::default();
    for x in inputs {
        for (x, y) in x.iter().zip(apply(f, &x)) {
            let reference = F::reference(f64::from(*x));
            if x.is_nan() {
                assert!(y.is_nan());
            } else if !(y.is_nan() && reference.is_nan()) {
                let error = (f64::from(y) - reference).abs() * f64::powi(2.0, 24);
                worst.see(f64::from(*x), error);
            }
        }
    }
    worst.check(f, "f32 absolute", F::MAX_ULP.f32 * 2.0);
}

#[test]
fn f32_every_4099th_input() {
    fn check<F: Function>(f: F) {
        f32_error(f, strided_f32(4099).chain(central_f32(211)));
    }
    for_each!(check);
    fn check_derivative<F: Function>(f: F) {
        f32_derivative_error(f, strided_f32(4099).chain(central_f32(211)));
    }
    for_each_derivative!(check_derivative);
}

#[test]
#[ignore = "half an hour in a release build"]
fn f32_every_input() {
    fn check<F: Function>(f: F) {
        f32_error(f, strided_f32(1));
    }
    for_each!(check);
    fn check_derivative<F: Function>(f: F) {
        f32_derivative_error(f, strided_f32(1));
    }
    for_each_derivative!(check_derivative);
}

/// The stored values: for each name, `x` and the two words of `y`.
fn reference_f64(name: &str) -> Vec<[f64; 3]> {
    let text = match std::env::var("SIMPLECHAIN_MATH_REFERENCE") {
        Ok(path) => std::fs::read_to_string(path).expect("the file of reference values"),
        Err(_) => include_str!("math_reference.txt").to_owned(),
    };
    let bits = |word: &str| f64::from_bits(u64::from_str_radix(word, 16).expect("hex digits"));
    text.lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>())
        .filter(|words| words[0] == name)
        .map(|words| [bits(words[1]), bits(words[2]), bits(words[3])])
        .collect()
}

#[test]
fn f64_stored_values() {
    fn check<F: Function>(f: F) {
        let mut worst = Worst::default();
        let values = reference_f64(if F::NAME == "tanh_fast" {
            "tanh"
        } else {
            F::NAME
        });
        let y = apply(f, &values.iter().map(|value| value[0]).collect::<Vec<_>>());
        assert!(values.len() > 100, "{}", F::NAME);
        for ([x, high, low], y) in values.into_iter().zip(y) {
            worst.see(x, ulp_error(y, high, low, 52, -1022));
        }
        worst.check(f, "f64", F::MAX_ULP.f64);
    }
    for_each!(check);

    fn check_derivative<F: Function>(f: F) {
        let mut worst = Worst::default();
        let values = reference_f64(F::NAME);
        let y = apply(f, &values.iter().map(|value| value[0]).collect::<Vec<_>>());
        for ([x, high, low], y) in values.into_iter().zip(y) {
            worst.see(x, ((y - high) - low).abs() * f64::powi(2.0, 53));
        }
        worst.check(f, "f64 absolute", F::MAX_ULP.f64 * 2.0);
    }
    for_each_derivative!(check_derivative);
}
