//! All activations of the table: on slices of any length, and their derivatives everywhere, at corners and far out.

use core::marker::PhantomData;

use simplechain_reference::Function;
use simplechain_runtime::Error;
use simplechain_runtime::activation::*;
use simplechain_runtime::simd::{Kernel, Number, Real, Simd, Taylor, Tier};

/// What holds for every activation.
trait Property {
    fn holds<A: Activation>(&self, activation: A, name: &str, function: Function);
}

macro_rules! for_each {
    ($(
        $(#[$doc:meta])+
        $word:ident $(($argument:ident = $example:literal))?: $Type:ident $formula:tt
    )*) => {
        fn for_each(property: &impl Property) {
            $({
                let name = concat!(stringify!($word) $(, "(", $example, ")")?);
                let function = Function::named(name).expect("a row of the table");
                property.holds($Type $(($example))?, name, function);
            })*
        }
    };
}
simplechain_runtime::activations!(for_each);

/// Whether two numbers are equal up to `tolerance`, relative to 1 or the second.
fn close(a: f64, b: f64, tolerance: f64) -> bool {
    a == b || (a - b).abs() <= tolerance * b.abs().max(1.0)
}

/// On a slice, the values are those of the formula.
struct Slices<T>(f64, PhantomData<T>);

impl<T: Real> Property for Slices<T> {
    fn holds<A: Activation>(&self, activation: A, name: &str, function: Function) {
        for len in [0, 1, 3, 7, 8, 15, 16, 17, 33, 50] {
            let z: Vec<T> = (0..len)
                .map(|i| T::from_f64((f64::from(i) - 20.0) * 0.37))
                .collect();
            for tier in Tier::available() {
                // What is behind the slice stays as it is.
                let mut y = vec![T::from_f64(7.0); z.len() + 20];
                let (front, behind) = y.split_at_mut(z.len());
                tier.with(|| apply(activation, &z, front)).unwrap().unwrap();
                assert!(behind.iter().all(|y| y.to_f64() == 7.0));
                for (z, y) in z.iter().zip(front) {
                    let want = function.value(z.to_f64());
                    assert!(
                        close(y.to_f64(), want, self.0),
                        "{name}({z:?}) = {y:?} on {tier}"
                    );
                }
            }
        }
    }
}

#[test]
fn slices_of_any_length() {
    for_each(&Slices::<f32>(1e-6, PhantomData));
    for_each(&Slices::<f64>(1e-14, PhantomData));
}

/// Points on both sides of 0, and all corners.
fn points(function: Function) -> impl Iterator<Item = f64> {
    let grid = (-100..=100).map(|i| f64::from(i) * 0.25);
    grid.chain(function.corners().iter().copied())
}

/// Values and derivatives, of vectors.
struct Both<'a, A, T> {
    activation: A,
    z: &'a [T],
    out: &'a mut [[T; 2]],
}

impl<A: Activation, T: Number> Kernel<T> for Both<'_, A, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        for (z, out) in self.z.chunks(S::LANES).zip(self.out.chunks_mut(S::LANES)) {
            let (value, derivative) = self
                .activation
                .value_and_derivative(simd, simd.load_partial(z));
            let mut lanes = [[T::ZERO; 16]; 2];
            simd.store(value, &mut lanes[0]);
            simd.store(derivative, &mut lanes[1]);
            for (lane, out) in out.iter_mut().enumerate() {
                *out = lanes.map(|lanes| lanes[lane]);
            }
        }
    }
}

/// Values and derivatives have the same bits on every tier, those of Taylor polynomials too.
struct Tiers<T>(PhantomData<T>);

impl<T: Real> Property for Tiers<T> {
    fn holds<A: Activation>(&self, activation: A, name: &str, function: Function) {
        let ends = [1e-30, 1e-5, 150.0, 800.0, 1e30, f64::INFINITY, f64::NAN];
        let ends = ends.into_iter().flat_map(|x| [x, -x]);
        let z: Vec<f64> = points(function).chain(ends).chain([-0.0]).collect();
        let numbers: Vec<T> = z.iter().copied().map(T::from_f64).collect();
        let lines: Vec<_> = numbers
            .iter()
            .map(|z| Taylor::<T, 3, false>([*z, T::ONE, T::ZERO]))
            .collect();
        let fused = Tier::available().into_iter().filter(|tier| tier.is_fused());
        let all = fused.map(|tier| {
            let mut plain = vec![[T::ZERO; 2]; z.len()];
            let mut taylor = vec![[Taylor([T::ZERO; 3]); 2]; z.len()];
            tier.with(|| {
                T::dispatch_batch(Both {
                    activation,
                    z: &numbers,
                    out: &mut plain,
                });
                Taylor::<T, 3, false>::dispatch_batch(Both {
                    activation,
                    z: &lines,
                    out: &mut taylor,
                });
            })
            .unwrap();
            let taylor = taylor.iter().flatten().flat_map(|y| y.0);
            // NaN has several patterns of bits.
            let bits = plain.into_iter().flatten().chain(taylor).map(|y| {
                let y = y.to_f64();
                if y.is_nan() { 0 } else { y.to_bits() }
            });
            (tier, bits.collect::<Vec<_>>())
        });
        let all: Vec<_> = all.into_iter().collect();
        for (tier, bits) in &all[1..] {
            assert!(*bits == all[0].1, "{name} on {tier} and {}", all[0].0);
        }
    }
}

#[test]
fn tiers_have_the_same_bits() {
    for_each(&Tiers::<f32>(PhantomData));
    for_each(&Tiers::<f64>(PhantomData));
}

#[test]
fn lengths_must_agree() {
    let error = apply(Tanh, &[0.0_f32; 3], &mut [0.0; 4]).unwrap_err();
    assert!(matches!(
        error,
        Error::Length {
            expected: 3,
            found: 4,
            ..
        }
    ));
}

/// Value, first, second and third derivative at `x`, as one lane of Taylor polynomials gives them; the value with the first
/// derivative of plain numbers must agree.
fn derivatives<A: Activation, T: Real>(activation: A, x: f64) -> [f64; 4] {
    let x = T::from_f64(x);
    let (simd, plain) = (
        <Taylor<T, 3, false> as Number>::OneLane::default(),
        T::OneLane::default(),
    );
    let line = simd.splat(Taylor([x, T::ONE, T::ZERO]));
    let [alone, first, half_second] = simd.sum(activation.value(simd, line)).0;
    let (value, slope) = activation.value_and_derivative(simd, line);
    let (value, [slope, second, half_third]) = (simd.sum(value).0, simd.sum(slope).0);
    let (plain_value, plain_slope) = activation.value_and_derivative(plain, plain.splat(x));
    let same = |a: T, b: T| {
        let (a, b) = (a.to_f64(), b.to_f64());
        let near = (a - b).abs() <= 1e-6 * a.abs().max(1.0);
        assert!(
            a == b || near || a.is_nan() && b.is_nan(),
            "{x}: {a} and {b}"
        );
    };
    same(alone, value[0]);
    same(first, value[1]);
    same(half_second, value[2]);
    same(alone, plain.sum(plain_value));
    same(first, slope);
    same(first, plain.sum(plain_slope));
    same(half_second + half_second, second);
    [alone, first, second, half_third + half_third].map(T::to_f64)
}

/// Value, first and second derivative are those of the formula, at corners too.
struct Derivatives<T>(f64, PhantomData<T>);

impl<T: Real> Property for Derivatives<T> {
    fn holds<A: Activation>(&self, activation: A, name: &str, function: Function) {
        for z in points(function) {
            let got = derivatives::<A, T>(activation, z);
            let want = function.derivatives(z);
            for (k, (got, want)) in got.iter().zip(want).enumerate() {
                assert!(
                    close(*got, want, self.0),
                    "{name}, {}: derivative {k} at {z} is {got} instead of {want}",
                    T::NAME
                );
            }
        }
    }
}

#[test]
fn derivatives_are_those_of_the_formula() {
    for_each(&Derivatives::<f32>(1e-5, PhantomData));
    for_each(&Derivatives::<f64>(1e-12, PhantomData));
}

/// The derivatives in the table are those of the formula: equal to differences, at a corner to those on one of its sides or
/// to something between.
struct Differences;

impl Property for Differences {
    fn holds<A: Activation>(&self, _: A, name: &str, function: Function) {
        let step = 1e-6;
        for z in points(function) {
            let [before, at, after] = [z - step, z, z + step].map(|z| function.derivatives(z));
            for k in [1, 2] {
                let left = (at[k - 1] - before[k - 1]) / step;
                let right = (after[k - 1] - at[k - 1]) / step;
                let (low, high) = (left.min(right) - 1e-5, left.max(right) + 1e-5);
                assert!(
                    (low..=high).contains(&at[k]),
                    "{name}: derivative {k} at {z} is {}, not between {left} and {right}",
                    at[k]
                );
            }
        }
        let is_corner = |z: f64| {
            let [before, after] = [z - step, z + step].map(|z| function.derivative(z));
            (before - after).abs() > 1e-3
        };
        for z in points(function) {
            let known = function.corners().contains(&z);
            assert_eq!(is_corner(z), known, "{name}: a corner at {z}");
        }
    }
}

#[test]
fn formulas_have_the_derivatives_that_they_say() {
    for_each(&Differences);
}

/// Value, first and second derivative at a very small or very large number.
fn limits(function: Function, x: f64) -> [f64; 3] {
    if x.is_nan() {
        return [f64::NAN; 3];
    }
    if x.is_finite() {
        return function.derivatives(x);
    }
    let far = 1e30_f64.copysign(x);
    let [value, slope, second] = function.derivatives(far);
    let twice = function.value(2.0 * far);
    if twice == value {
        [value, slope, second]
    } else if twice == 2.0 * value {
        [value * f64::INFINITY, slope, second]
    } else {
        [f64::NAN; 3] // it has no limit
    }
}

/// The function, its first and its second derivative are what they tend to, far out and next to 0.
struct Limits<T>(f64, PhantomData<T>);

impl<T: Real> Property for Limits<T> {
    fn holds<A: Activation>(&self, activation: A, name: &str, function: Function) {
        for size in [0.0, 1e-30, 1e30, f64::INFINITY, f64::NAN] {
            for x in [size, -size].map(|x| T::from_f64(x).to_f64()) {
                let want = limits(function, x);
                for (k, (got, want)) in derivatives::<A, T>(activation, x)
                    .iter()
                    .zip(want)
                    .enumerate()
                {
                    let zero = if k == 0 { 1e-36 } else { 1e-29 };
                    let near = (got - want).abs() <= zero + self.0 * want.abs();
                    // Straight functions have derivatives that do not depend on `x`.
                    let nan = want.is_nan() && (got.is_nan() || k > 0);
                    assert!(
                        *got == want || near || nan,
                        "{name}, {}: derivative {k} at {x} is {got} instead of {want}",
                        T::NAME
                    );
                }
            }
        }
        // What lies between: nothing is NaN, and no derivative is large.
        let most = if T::NAME == "f32" { 74 } else { 600 };
        for exponent in -most..=most {
            for x in [1.0, -1.0, 3.0, -3.0].map(|x| x * 10.0_f64.powf(f64::from(exponent) / 2.0)) {
                let all = derivatives::<A, T>(activation, x);
                assert!(
                    all[0].abs() <= 1.0 + 1.001 * x.abs() && all[1..].iter().all(|d| d.abs() < 6.5),
                    "{name} at {x}: {all:?}"
                );
            }
        }
    }
}

#[test]
fn values_and_derivatives_at_the_limits() {
    for_each(&Limits::<f32>(1e-6, PhantomData));
    for_each(&Limits::<f64>(1e-14, PhantomData));
}

type Jet = Taylor<f64, 3, false>;

/// Polynomials are compared by their values, and the whole polynomial is taken.
#[test]
fn corners_of_polynomials() {
    corners(<Jet as Number>::OneLane::default());
}

fn corners<S: Simd<Jet>>(simd: S) {
    let (zero, line) = (simd.zero(), simd.splat(Taylor([0.0, 3.0, 5.0])));
    let minus = simd.neg(line);
    let is = |got, want: [f64; 3]| assert_eq!(simd.sum(got).0, want);
    // `a` where `a > b` (`a < b`), else `b`.
    is(simd.max(zero, line), [0.0, 3.0, 5.0]);
    is(simd.max(line, zero), [0.0; 3]);
    is(simd.min(zero, line), [0.0, 3.0, 5.0]);
    is(simd.min(line, zero), [0.0; 3]);
    // |x| has a corner at 0, of which the middle is taken.
    is(simd.abs(line), [0.0; 3]);
    is(simd.abs(minus), [0.0; 3]);
    is(simd.copysign(line, simd.splat(Jet::ONE)), [0.0; 3]);
    let beside = simd.add(minus, simd.splat(Jet::from_f64(-2.0)));
    is(simd.abs(beside), [2.0, 3.0, 5.0]);
    is(simd.copysign(beside, minus), [-2.0, -3.0, -5.0]);
    is(simd.copysign(beside, line), [2.0, 3.0, 5.0]);
    let nan = simd.abs(simd.splat(Taylor([f64::NAN, 1.0, 0.0])));
    assert!(simd.sum(nan).0[0].is_nan());
}
