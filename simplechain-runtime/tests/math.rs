//! Accuracy of the elementary functions, and that every fused tier gives the same bits.
//!
//! The reference for `f32` is the same function in `f64`; for `f64` it is `math_reference.txt`, printed by
//! `math_reference.py` with mpmath. All `f32` inputs are tried by
//!
//! ```text
//! cargo test --release --test math -- --ignored --nocapture --test-threads 1
//! ```

use simplechain_runtime::simd::math::max_ulp;
use simplechain_runtime::simd::{Kernel, Real, Simd, Tier};

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
    /// `2 P(X > sqrt(2) x)` of a normal `X`, by the positive series of `erf` and the continued fraction of `erfc`.
    fn erfc(x: f64) -> f64 {
        if x.is_nan() {
            return x;
        }
        if x < 0.0 {
            return 2.0 - erfc(-x);
        }
        let bell = (-x * x).exp() / PI.sqrt();
        if x >= 2.0 {
            return bell
                / (1..60)
                    .rev()
                    .fold(x, |rest, k| x + 0.5 * f64::from(k) / rest);
        }
        let (mut term, mut sum, mut odd) = (x, 0.0, 1.0);
        while term > 1e-18 * sum {
            sum += term;
            odd += 2.0;
            term *= 2.0 * x * x / odd;
        }
        1.0 - 2.0 * bell * sum
    }
    pub(super) fn gelu(x: f64) -> f64 {
        if x == f64::NEG_INFINITY {
            return -0.0;
        }
        x * 0.5 * erfc(-x * FRAC_1_SQRT_2)
    }
    pub(super) fn gelu_derivative(x: f64) -> f64 {
        let near = x.clamp(-1e3, 1e3);
        0.5 * erfc(-x * FRAC_1_SQRT_2) + near * (-0.5 * near * near).exp() / (2.0 * PI).sqrt()
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
    T::dispatch_batch(Apply(x, &mut y, f));
    y
}

fn fused_tiers() -> impl Iterator<Item = Tier> {
    Tier::available().into_iter().filter(|tier| tier.is_fused())
}

/// Runs `f` in the best tier, whose bits those of the other fused tiers are, and without fused multiply-add.
fn in_both_arithmetics(f: impl Fn()) {
    f();
    if Tier::available().contains(&Tier::Unfused) {
        Tier::Unfused.with(f).unwrap();
    }
}

/// The worst error seen.
#[derive(Clone, Copy, Default)]
struct Worst {
    error: f64,
    x: f64,
}

impl Worst {
    fn see(&mut self, x: f64, error: f64) {
        if error > self.error || error.is_nan() {
            *self = Self { error, x };
        }
    }

    fn check<F: Function>(self, _: F, kind: &str, limit: f64) {
        let tier = Tier::current();
        let more = if tier.is_fused() {
            0.0
        } else {
            max_ulp::UNFUSED
        };
        let limit = limit + more;
        println!(
            "{:22} {kind} {tier}: {:.4} at {:e}",
            F::NAME,
            self.error,
            self.x
        );
        assert!(
            self.error <= limit,
            "{} of {kind}: error {} at {:e} is above {limit}",
            F::NAME,
            self.error,
            self.x
        );
    }
}

/// The distance of `y` from `reference` in last places of a type with `fraction` bits behind the point and the smallest
/// normal number `2^min_exponent`.
fn last_places(y: f64, reference: f64, fraction: i32, min_exponent: i32) -> f64 {
    let exponent = ((reference.to_bits() >> 52) & 0x7FF) as i32 - 1023;
    // In two steps, because the last place of the smallest f64 has no reciprocal.
    let places = fraction - exponent.max(min_exponent);
    let power = |n: i32| f64::from_bits(((n + 1023) as u64) << 52);
    (y - reference) * power(places / 2) * power(places - places / 2)
}

fn ulp_error_f32(y: f32, reference: f64) -> f64 {
    // An infinity stands for the number after the largest.
    let limit = f64::powi(2.0, 128);
    if y.is_nan() && reference.is_nan() {
        return 0.0;
    }
    let (y, reference) = (
        f64::from(y).clamp(-limit, limit),
        reference.clamp(-limit, limit),
    );
    last_places(y, reference, 23, -126).abs()
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
    in_both_arithmetics(|| {
        fn check<F: Function>(f: F) {
            f32_error(f, strided_f32(4099).chain(central_f32(211)));
        }
        for_each!(check);
        fn check_derivative<F: Function>(f: F) {
            f32_derivative_error(f, strided_f32(4099).chain(central_f32(211)));
        }
        for_each_derivative!(check_derivative);
    });
}

/// Every `f32`: one or two minutes a function in a release build.
mod f32_every_input {
    use super::*;

    macro_rules! exhaustive {
        ($($error:ident: $($name:ident $Name:ident),*;)*) => { $($(
            #[test]
            #[ignore = "minutes in a release build"]
            fn $name() {
                $error($Name, strided_f32(1));
            }
        )*)* };
    }

    exhaustive! {
        f32_error: tanh Tanh, tanh_fast TanhFast, exp Exp, exp_m1 ExpM1, ln Ln, sigmoid Sigmoid, softplus Softplus,
            silu Silu, gelu Gelu, gelu_tanh GeluTanh, elu Elu, sin Sin, cos Cos;
        f32_derivative_error: softplus_derivative SoftplusDerivative, silu_derivative SiluDerivative,
            gelu_derivative GeluDerivative, gelu_tanh_derivative GeluTanhDerivative, elu_derivative EluDerivative,
            sin_derivative SinDerivative;
    }
}

/// The stored values of a function: `x`, `y` rounded, and the last places that rounding took from `y`.
fn stored_values(name: &str) -> Vec<[f64; 3]> {
    let text = match std::env::var("SIMPLECHAIN_MATH_REFERENCE") {
        Ok(path) => std::fs::read_to_string(path).expect("the file of reference values"),
        Err(_) => include_str!("math_reference.txt").to_owned(),
    };
    let bits = |word: &str| f64::from_bits(u64::from_str_radix(word, 16).expect("hex digits"));
    let values = text
        .lines()
        .map(|line| line.split(' ').collect::<Vec<_>>())
        .filter(|words| words[0] == name)
        .map(|words| {
            [
                bits(words[1]),
                bits(words[2]),
                words[3].parse().expect("a number"),
            ]
        })
        .collect::<Vec<_>>();
    assert!(values.len() > 100, "{name}");
    values
}

#[test]
fn f64_stored_values() {
    in_both_arithmetics(|| {
        fn check<F: Function>(f: F) {
            let mut worst = Worst::default();
            let values = stored_values(if F::NAME == "tanh_fast" {
                "tanh"
            } else {
                F::NAME
            });
            let y = apply(f, &values.iter().map(|value| value[0]).collect::<Vec<_>>());
            for ([x, rounded, left], y) in values.into_iter().zip(y) {
                worst.see(x, (last_places(y, rounded, 52, -1022) - left).abs());
            }
            worst.check(f, "f64", F::MAX_ULP.f64);
        }
        for_each!(check);

        fn check_derivative<F: Function>(f: F) {
            let mut worst = Worst::default();
            let values = stored_values(F::NAME);
            let y = apply(f, &values.iter().map(|value| value[0]).collect::<Vec<_>>());
            for ([x, rounded, left], y) in values.into_iter().zip(y) {
                let last_place = rounded.abs().next_up() - rounded.abs();
                worst.see(
                    x,
                    ((y - rounded) - left * last_place).abs() * f64::powi(2.0, 53),
                );
            }
            worst.check(f, "f64 absolute", F::MAX_ULP.f64 * 2.0);
        }
        for_each_derivative!(check_derivative);
    });
}

/// The same with narrow vectors.
fn apply_narrow<T: Real, F: Function>(f: F, x: &[T]) -> Vec<T> {
    let mut y = vec![T::ZERO; x.len()];
    T::dispatch_sample(Apply(x, &mut y, f));
    y
}

/// Bits, except that all NaNs are one.
fn bits<T: Real>(y: Vec<T>) -> Vec<u64> {
    let bits = |y: T| {
        if y.to_f64().is_nan() {
            u64::MAX
        } else {
            y.to_f64().to_bits()
        }
    };
    y.into_iter().map(bits).collect()
}

#[test]
fn same_bits_in_every_fused_tier() {
    fn check_type<T: Real, F: Function>(f: F, x: &[T]) {
        let expected = Tier::Scalar.with(|| bits(apply(f, x))).unwrap();
        for tier in fused_tiers() {
            let (wide, narrow) = tier
                .with(|| (bits(apply(f, x)), bits(apply_narrow(f, x))))
                .unwrap();
            for y in [wide, narrow] {
                if let Some(i) = (0..x.len()).find(|&i| y[i] != expected[i]) {
                    panic!(
                        "{} of {:?} in {tier}: {:x}, not {:x}",
                        F::NAME,
                        x[i],
                        y[i],
                        expected[i]
                    );
                }
            }
        }
    }
    fn check<F: Function>(f: F) {
        let x32 = strided_f32(65_537).chain(central_f32(8_191)).flatten();
        let x32 = x32.chain(SPECIAL.map(|x| x as f32)).collect::<Vec<_>>();
        check_type(f, &x32);
        // The same sizes with all digits of an f64, and the sizes that f32 lacks.
        let more_digits = x32
            .iter()
            .map(|x| f64::from(*x) * (1.0 + f64::EPSILON * 123_456.0));
        let all_sizes = (0..1_u64 << 15).map(|i| f64::from_bits(i * 0x0001_FFFF_1234_5677));
        check_type(
            f,
            &more_digits
                .chain(all_sizes)
                .chain(SPECIAL)
                .collect::<Vec<_>>(),
        );
    }
    for_each!(check);
    for_each_derivative!(check);
}

/// `y` of each type for one `x`.
fn single<F: Function>(f: F, x: f64) -> [f64; 2] {
    [f64::from(apply(f, &[x as f32])[0]), apply(f, &[x])[0]]
}

#[test]
fn nan_stays() {
    in_both_arithmetics(|| {
        fn check<F: Function>(f: F) {
            for nan in [f64::NAN, -f64::NAN, f64::from_bits(0x7FFF_FFFF_FFFF_FFFF)] {
                assert!(single(f, nan).iter().all(|y| y.is_nan()), "{}", F::NAME);
            }
        }
        for_each!(check);
        for_each_derivative!(check);
    });
}

#[test]
fn zero_keeps_its_sign() {
    in_both_arithmetics(|| {
        fn check<F: Function>(f: F) {
            for x in [0.0, -0.0] {
                for y in single(f, x) {
                    assert_eq!(y.to_bits(), x.to_bits(), "{} of {x:?}", F::NAME);
                }
            }
        }
        check(Tanh);
        check(TanhFast);
        check(ExpM1);
        check(Silu);
        check(Gelu);
        check(GeluTanh);
        check(Elu);
        check(Sin);
    });
}

#[test]
fn limits() {
    in_both_arithmetics(|| {
        fn check<F: Function>(f: F, left: f64, right: f64) {
            for (x, limit) in [(f64::NEG_INFINITY, left), (f64::INFINITY, right)] {
                for y in single(f, x) {
                    assert!(
                        y == limit || y.is_nan() && limit.is_nan(),
                        "{} of {x}: {y}",
                        F::NAME
                    );
                }
            }
        }
        let infinity = f64::INFINITY;
        check(Tanh, -1.0, 1.0);
        check(TanhFast, -1.0, 1.0);
        check(Exp, 0.0, infinity);
        check(ExpM1, -1.0, infinity);
        check(Ln, f64::NAN, infinity);
        check(Sigmoid, 0.0, 1.0);
        check(Softplus, 0.0, infinity);
        check(Silu, 0.0, infinity);
        check(Gelu, 0.0, infinity);
        check(GeluTanh, 0.0, infinity);
        check(Elu, -1.0, infinity);
        check(Sin, f64::NAN, f64::NAN);
        check(Cos, f64::NAN, f64::NAN);
        check(SoftplusDerivative, 0.0, 1.0);
        check(SiluDerivative, 0.0, 1.0);
        check(GeluDerivative, 0.0, 1.0);
        check(GeluTanhDerivative, 0.0, 1.0);
        check(EluDerivative, 0.0, 1.0);
        assert_eq!(single(Ln, 0.0), [-infinity; 2]);
        assert_eq!(single(Ln, 1.0), [0.0; 2]);
    });
}

#[test]
fn tanh_is_odd_and_at_most_one() {
    in_both_arithmetics(|| {
        fn check<T: Real, F: Function>(f: F, x: &[T]) {
            let opposite = apply(f, &x.iter().map(|x| -*x).collect::<Vec<_>>());
            for (y, opposite) in apply(f, x).into_iter().zip(opposite) {
                assert!(y.to_f64().to_bits() == (-opposite).to_f64().to_bits());
                assert!(y.abs() <= T::ONE);
            }
        }
        for x in central_f32(97) {
            check(Tanh, &x);
            check(TanhFast, &x);
            check(
                Tanh,
                &x.iter()
                    .map(|x| f64::from(*x) * 1.000_000_012_345)
                    .collect::<Vec<_>>(),
            );
        }
    });
}

/// Applies the value half of a function and its derivative.
macro_rules! value_of_both {
    ($($Name:ident $both:ident $plain:ident;)*) => {
        #[test]
        fn value_beside_the_derivative_is_the_same() {
            $(
                #[derive(Clone, Copy)]
                struct $Name;
                impl Function for $Name {
                    const NAME: &'static str = stringify!($both);
                    const MAX_ULP: max_ulp::MaxUlp = max_ulp::DERIVATIVE;
                    #[inline(always)]
                    fn apply<T: Real, S: Simd<T>>(simd: S, x: S::V) -> S::V {
                        T::$both(simd, x).0
                    }
                    fn reference(_: f64) -> f64 {
                        f64::NAN
                    }
                }
                for x in central_f32(1009) {
                    assert_eq!(bits(apply($Name, &x)), bits(apply($plain, &x)));
                }
            )*
        }
    };
}

value_of_both! {
    SoftplusBoth softplus_and_derivative Softplus;
    SiluBoth silu_and_derivative Silu;
    GeluBoth gelu_and_derivative Gelu;
    GeluTanhBoth gelu_tanh_and_derivative GeluTanh;
    EluBoth elu_and_derivative Elu;
    SinBoth sin_and_derivative Sin;
}
