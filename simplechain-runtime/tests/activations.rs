//! Activations on slices of any length, and their derivatives at corners and far out.

use core::f64::consts::PI;

use simplechain_reference as reference;
use simplechain_runtime::Error;
use simplechain_runtime::activation::{
    Activation, Elu, Gelu, GeluTanh, Identity, LeakyRelu, Relu, Sigmoid, Silu, Sin, Softplus, Tanh,
    apply,
};
use simplechain_runtime::simd::{Number, Real, Simd, Taylor, Tier};

fn check<A: Activation, T: Real>(activation: A, name: &str, tolerance: f64) {
    let reference = reference::Function::named(name).expect("a name");
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
                let want = reference.value(z.to_f64());
                let off = (y.to_f64() - want).abs();
                assert!(
                    off <= tolerance * want.abs().max(1.0),
                    "{name}({z:?}) = {y:?} on {tier}"
                );
            }
        }
    }
}

fn all<T: Real>(tolerance: f64) {
    check::<_, T>(Tanh, "tanh", tolerance);
    check::<_, T>(Relu, "relu", tolerance);
    check::<_, T>(Gelu, "gelu", tolerance);
    check::<_, T>(Elu, "elu", tolerance);
    check::<_, T>(Sin, "sin", tolerance);
}

#[test]
fn slices_of_any_length() {
    all::<f32>(1e-6);
    all::<f64>(1e-14);
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

/// Value, first and second derivative where a function has reached its limit, or is next to 0.
fn limits(name: &str, x: f64) -> [f64; 3] {
    let (far, positive) = (x.abs() > 1.0, x > 0.0);
    let bell = (2.0 / PI).sqrt(); // 2 / sqrt(2 pi), the second derivative of both gelu at 0
    let straight = [if positive { x } else { 0.0 }, f64::from(positive), 0.0];
    match (name, far) {
        _ if x.is_nan() => [f64::NAN; 3],
        ("id", _) => [x, 1.0, 0.0],
        ("relu", _) => straight,
        ("leaky_relu", _) => {
            let slope = if positive { 1.0 } else { 0.1 };
            [slope * x, slope, 0.0]
        }
        ("sin", _) if x.is_infinite() => [f64::NAN; 3],
        ("sin", _) => [x.sin(), x.cos(), -x.sin()],
        ("tanh", true) => [x.signum(), 0.0, 0.0],
        ("sigmoid", true) => [f64::from(positive), 0.0, 0.0],
        ("elu", true) if !positive => [-1.0, 0.0, 0.0],
        ("softplus" | "gelu" | "gelu_tanh" | "silu" | "elu", true) => straight,
        ("tanh", false) => [x, 1.0, 0.0],
        ("sigmoid", false) => [0.5, 0.25, 0.0],
        ("softplus", false) => [2.0_f64.ln(), 0.5, 0.25],
        ("gelu" | "gelu_tanh", false) => [x / 2.0, 0.5, bell],
        ("silu", false) => [x / 2.0, 0.5, 0.5],
        ("elu", false) => [x, 1.0, f64::from(!positive)],
        _ => unreachable!(),
    }
}

fn at_the_limits<A: Activation, T: Real>(activation: A, name: &str) {
    let tolerance = if T::NAME == "f32" { 1e-6 } else { 1e-14 };
    for size in [0.0, 1e-30, 1e30, f64::INFINITY, f64::NAN] {
        for x in [size, -size].map(|x| T::from_f64(x).to_f64()) {
            let want = limits(name, x);
            for (k, (got, want)) in derivatives::<A, T>(activation, x)
                .iter()
                .zip(want)
                .enumerate()
            {
                let zero = if k == 0 { 1e-36 } else { 1e-29 };
                let near = (got - want).abs() <= zero + tolerance * want.abs();
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
                all[0].abs() <= 1.0 + 1.001 * x.abs() && all[1..].iter().all(|d| d.abs() < 3.0),
                "{name} at {x}: {all:?}"
            );
        }
    }
}

fn all_limits<T: Real>() {
    at_the_limits::<_, T>(Identity, "id");
    at_the_limits::<_, T>(Tanh, "tanh");
    at_the_limits::<_, T>(Relu, "relu");
    at_the_limits::<_, T>(LeakyRelu(0.1), "leaky_relu");
    at_the_limits::<_, T>(Sigmoid, "sigmoid");
    at_the_limits::<_, T>(Softplus, "softplus");
    at_the_limits::<_, T>(Gelu, "gelu");
    at_the_limits::<_, T>(GeluTanh, "gelu_tanh");
    at_the_limits::<_, T>(Silu, "silu");
    at_the_limits::<_, T>(Elu, "elu");
    at_the_limits::<_, T>(Sin, "sin");
}

/// The function, its first and its second derivative are what they tend to, far out and next to 0, and at a corner what the
/// documentation says.
#[test]
fn values_and_derivatives_at_the_limits() {
    all_limits::<f32>();
    all_limits::<f64>();
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
