//! The definition of correct: what the kernels compute, once more as plain loops in the order of the formulas.
//!
//! It is written to be read, not to be fast; tests compare the kernels with it. A [`Twin`] is made from a chain's
//! [`LayerInfo`]s, so every chain of built-in activations has one. With [`Bounded`] numbers the same loops also say
//! how far off the result of a correct computation may be.

pub mod outputs;

use simplechain_runtime::chain::{Chain, LayerInfo, Shape, WindowInfo};

/// A number that the loops can compute with: `f32`, `f64`, or [`Bounded`].
pub trait Number: Copy {
    /// A sum of products in the making.
    type Sum: Copy;

    /// The number nearest to `x`.
    fn from_f64(x: f64) -> Self;
    /// A sum that starts at this number.
    fn sum(self) -> Self::Sum;
    /// `sum += a * b`
    fn add_product(sum: &mut Self::Sum, a: Self, b: Self);
    /// The sum as a number.
    fn total(sum: Self::Sum) -> Self;
    /// `a * b`
    fn mul(self, b: Self) -> Self;
    /// `a - b`
    fn sub(self, b: Self) -> Self;
    /// `f(z)` and `f'(z)`
    fn apply(self, f: Function) -> (Self, Self);
    /// -1, 0 or 1.
    fn sign(self) -> Self;
    /// `self < b`
    fn less(self, b: Self) -> bool;
}

macro_rules! number {
    ($T:ident) => {
        impl Number for $T {
            type Sum = $T;

            fn from_f64(x: f64) -> Self {
                x as $T
            }
            fn sum(self) -> $T {
                self
            }
            fn add_product(sum: &mut $T, a: Self, b: Self) {
                *sum += a * b;
            }
            fn total(sum: $T) -> Self {
                sum
            }
            fn mul(self, b: Self) -> Self {
                self * b
            }
            fn sub(self, b: Self) -> Self {
                self - b
            }
            fn apply(self, f: Function) -> (Self, Self) {
                let [value, derivative, _] = f.derivatives(f64::from(self));
                (value as $T, derivative as $T)
            }
            fn sign(self) -> Self {
                if self == 0.0 { 0.0 } else { self.signum() }
            }
            fn less(self, b: Self) -> bool {
                self < b
            }
        }
    };
}
number!(f32);
number!(f64);

/// A number in `f64` with a bound on the error that a computation in some number type makes on its way to it.
///
/// The bound is of first order in the unit roundoff `u` (2^-24 for `f32`, 2^-53 for `f64`) and in units of it. It
/// holds for every order of the terms of a sum; for long sums it takes rounding errors to be independent (Higham and
/// Mary, 2019), so that it grows with the root of their number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounded {
    /// The number.
    pub value: f64,
    /// The bound, in units of `u`.
    pub error: f64,
}

/// A sum of [`Bounded`] products.
#[derive(Clone, Copy, Debug)]
pub struct BoundedSum {
    value: f64,
    error: f64,
    /// The sum of the magnitudes of the terms.
    magnitude: f64,
    terms: u32,
}

impl Bounded {
    /// What an activation may be off by itself, in `u`: a little more than twice the largest `ulp` that one states.
    const ACTIVATION: f64 = 10.0;
    /// `1 / u` of `f32`
    const PER_U: f64 = (1u64 << 24) as f64;

    /// A number that every type holds exactly.
    pub const fn exact(value: f64) -> Self {
        Self { value, error: 0.0 }
    }

    /// Whether the computation may see the number on the other side of 0.
    fn may_be_zero(self) -> bool {
        self.value.abs() <= self.error / Self::PER_U
    }
}

impl Number for Bounded {
    type Sum = BoundedSum;

    fn from_f64(value: f64) -> Self {
        Self {
            value,
            error: value.abs(),
        }
    }
    fn sum(self) -> BoundedSum {
        BoundedSum {
            value: self.value,
            error: self.error,
            magnitude: self.value.abs(),
            terms: 0,
        }
    }
    fn add_product(sum: &mut BoundedSum, a: Self, b: Self) {
        sum.value += a.value * b.value;
        sum.error += a.value.abs() * b.error + b.value.abs() * a.error;
        sum.magnitude += (a.value * b.value).abs();
        sum.terms += 1;
    }
    fn total(sum: BoundedSum) -> Self {
        Self {
            value: sum.value,
            error: sum.error + f64::from(sum.terms).sqrt() * sum.magnitude,
        }
    }
    fn mul(self, b: Self) -> Self {
        let mut sum = Self::exact(0.0).sum();
        Self::add_product(&mut sum, self, b);
        Self::total(sum)
    }
    fn sub(self, b: Self) -> Self {
        let value = self.value - b.value;
        Self {
            value,
            error: self.error + b.error + value.abs(),
        }
    }
    fn apply(self, f: Function) -> (Self, Self) {
        let [value, derivative, _] = f.derivatives(self.value);
        let own = if f.is_identity() {
            0.0
        } else {
            Self::ACTIVATION
        };
        // Derivatives are computed from outputs, which may lie near their limits: the error is not relative. The computation
        // may see the number on the other side of a corner.
        let jump = f.jump(self.value, self.error / Self::PER_U);
        let derivative_error = own + f.curvature * self.error + jump * Self::PER_U;
        let y = Self {
            value,
            error: derivative.abs() * self.error + own * value.abs(),
        };
        let derivative = Self {
            value: derivative,
            error: derivative_error,
        };
        (y, derivative)
    }
    fn sign(self) -> Self {
        Self {
            value: Number::sign(self.value),
            error: if self.may_be_zero() && self.error > 0.0 {
                2.0 * Self::PER_U
            } else {
                0.0
            },
        }
    }
    fn less(self, b: Self) -> bool {
        self.value < b.value
    }
}

/// An activation by its formula, which stands in the runtime's table of activations.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    argument: f64,
    formula: fn(f64, f64) -> [f64; 3],
    corners: &'static [f64],
    /// A bound on `|f''|`.
    curvature: f64,
}

macro_rules! functions {
    ($(
        $(#[$doc:meta])+
        $word:ident $(($argument:ident = $example:literal))?: $Type:ident {
            corners $corners:tt, |$z:ident $(, $name:ident)?| $formula:expr
        }
    )*) => {
        /// Formula and corners of the activation with this word.
        fn row(word: &str) -> Option<(fn(f64, f64) -> [f64; 3], &'static [f64])> {
            Some(match word {
                $(stringify!($word) => {
                    fn formula($z: f64, argument: f64) -> [f64; 3] {
                        let _ = argument;
                        $(let $name = argument;)?
                        $formula
                    }
                    (formula, &$corners)
                })*
                _ => return None,
            })
        }

        /// All activations as they are written in a chain: `tanh`, `leaky_relu(0.1)`.
        pub const ACTIVATIONS: &[&str] = &[
            $(concat!(stringify!($word) $(, "(", $example, ")")?)),*
        ];
    };
}
simplechain_runtime::activations!(functions);

impl Function {
    /// The activation that is so written in a chain.
    pub fn named(name: &str) -> Option<Self> {
        let (word, argument) = match name.split_once('(') {
            None => (name, 0.0),
            Some((word, rest)) => (word, rest.strip_suffix(')')?.parse().ok()?),
        };
        let (formula, corners) = row(word)?;
        let places = (-80..=80).map(|i| f64::from(i) * 0.1).chain([-1e-9, 1e-9]);
        let curvature = places.fold(0.0, |most: f64, z| most.max(formula(z, argument)[2].abs()));
        Some(Self {
            argument,
            formula,
            corners,
            curvature,
        })
    }

    /// `f(z)`, `f'(z)` and `f''(z)`
    pub fn derivatives(self, z: f64) -> [f64; 3] {
        (self.formula)(z, self.argument)
    }

    /// `f(z)`
    pub fn value(self, z: f64) -> f64 {
        self.derivatives(z)[0]
    }

    /// `f'(z)`
    pub fn derivative(self, z: f64) -> f64 {
        self.derivatives(z)[1]
    }

    /// Where `f'` jumps.
    pub fn corners(self) -> &'static [f64] {
        self.corners
    }

    /// Whether `f(z)` is `z`.
    fn is_identity(self) -> bool {
        self.curvature == 0.0 && self.corners.is_empty()
    }

    /// By how much `f'` jumps at the corners that are at most this far from `z`.
    fn jump(self, z: f64, distance: f64) -> f64 {
        let near = self
            .corners
            .iter()
            .filter(|at| (z - **at).abs() <= distance);
        near.fold(0.0, |most: f64, at| {
            most.max((self.derivative(at + 1e-9) - self.derivative(at - 1e-9)).abs())
        })
    }
}

fn sigmoid(z: f64) -> f64 {
    1.0 / (1.0 + (-z).exp())
}

/// `w = 2 sqrt(2 / pi) (z + 0.044715 z^3)` and its first two derivatives.
fn gelu_tanh_argument(z: f64) -> [f64; 3] {
    let scale = 2.0 * core::f64::consts::FRAC_2_PI.sqrt();
    let cube = 0.044715;
    [
        scale * (z + cube * z.powi(3)),
        scale * (1.0 + 3.0 * cube * z * z),
        scale * 6.0 * cube * z,
    ]
}

/// `e^(-z^2 / 2) / sqrt(2 pi)`
fn normal_density(z: f64) -> f64 {
    (-0.5 * z * z).exp() / core::f64::consts::TAU.sqrt()
}

/// `(1 + erf(z / sqrt 2)) / 2`, with its relative accuracy in the tail.
pub fn normal_distribution(z: f64) -> f64 {
    let x = z.abs() * core::f64::consts::FRAC_1_SQRT_2;
    let gauss = (-x * x).exp();
    // Half of erfc(x): for small x by the series of erf, whose terms are all positive, for others by the continued
    // fraction of erfc (Abramowitz and Stegun, 7.1.6 and 7.1.14).
    let tail = if x < 1.0 {
        let (mut term, mut sum) = (x, 0.0);
        for n in 0..60 {
            sum += term;
            term *= 2.0 * x * x / f64::from(2 * n + 3);
        }
        0.5 - gauss * sum / core::f64::consts::PI.sqrt()
    } else {
        let fraction = (1..300)
            .rev()
            .fold(x, |rest, n| x + 0.5 * f64::from(n) / rest);
        0.5 * gauss / (fraction * core::f64::consts::PI.sqrt())
    };
    if z < 0.0 { tail } else { 1.0 - tail }
}

/// `y = f(W x + b)` and `f'(W x + b)`, with `weights[o + OUT * i] = W[o][i]`; without `b` if `bias` is empty.
pub fn dense_forward<N: Number>(
    f: Function,
    weights: &[N],
    bias: &[N],
    x: &[N],
) -> (Vec<N>, Vec<N>) {
    let outputs = weights.len() / x.len();
    (0..outputs)
        .map(|o| {
            let mut z = bias.get(o).copied().unwrap_or(N::from_f64(0.0)).sum();
            for (i, x) in x.iter().enumerate() {
                N::add_product(&mut z, weights[o + outputs * i], *x);
            }
            N::total(z).apply(f)
        })
        .unzip()
}

/// Gives `x_bar[i] = sum_o W[o][i] z_bar[o]` and adds `x[i] z_bar[o]` to `weights_bar` and `z_bar` to `bias_bar`.
pub fn dense_vjp<N: Number>(
    weights: &[N],
    x: &[N],
    z_bar: &[N],
    weights_bar: &mut [N::Sum],
    bias_bar: &mut [N::Sum],
) -> Vec<N> {
    let outputs = z_bar.len();
    for (sum, z_bar) in bias_bar.iter_mut().zip(z_bar) {
        N::add_product(sum, *z_bar, N::from_f64(1.0));
    }
    let mut x_bar = Vec::with_capacity(x.len());
    for (i, x) in x.iter().enumerate() {
        let mut sum = N::from_f64(0.0).sum();
        for (o, z_bar) in z_bar.iter().enumerate() {
            N::add_product(&mut sum, weights[o + outputs * i], *z_bar);
            N::add_product(&mut weights_bar[o + outputs * i], *x, *z_bar);
        }
        x_bar.push(N::total(sum));
    }
    x_bar
}

/// Where the windows of a layer go over its image: which pixels each output sees.
#[derive(Clone, Copy, Debug)]
struct Windows {
    input: (usize, usize, usize),
    output: (usize, usize, usize),
    window: WindowInfo,
}

/// A pixel that a window sees, by its place in the window and in a channel plane.
struct Seen {
    tap: usize,
    pixel: usize,
}

impl Windows {
    fn of(layer: &LayerInfo) -> Self {
        let size = |shape| match shape {
            Shape::Image(height, width, channels) => (height, width, channels),
            Shape::Flat(_) => panic!("a layer with a window is from image to image"),
        };
        Self {
            input: size(layer.input),
            output: size(layer.output),
            window: layer.window.expect("a window"),
        }
    }

    /// What output pixel `o` of a plane sees, row by row.
    fn seen(self, o: usize) -> Vec<Seen> {
        let (height, width, _) = self.input;
        let WindowInfo {
            size,
            stride,
            padding,
        } = self.window;
        let (oy, ox) = (o / self.output.1, o % self.output.1);
        let mut seen = Vec::new();
        for tap in 0..size.0 * size.1 {
            let y = (oy * stride.0 + tap / size.1).checked_sub(padding.0);
            let x = (ox * stride.1 + tap % size.1).checked_sub(padding.1);
            if let (Some(y), Some(x)) = (y, x)
                && y < height
                && x < width
            {
                seen.push(Seen {
                    tap,
                    pixel: y * width + x,
                });
            }
        }
        seen
    }
}

/// `y = f(W * x + b)` and `f'(W * x + b)` with the cross-correlation `*` of channel planes; the weight of `oc`, `c`, `ky`,
/// `kx` is number `kx + KW * (ky + KH * (c + C * oc))`.
fn conv_forward<N: Number>(
    windows: Windows,
    f: Function,
    weights: &[N],
    bias: &[N],
    x: &[N],
) -> (Vec<N>, Vec<N>) {
    let (pixels, outputs) = (
        windows.input.0 * windows.input.1,
        windows.output.0 * windows.output.1,
    );
    let taps = windows.window.size.0 * windows.window.size.1;
    let (mut ys, mut derivatives) = (Vec::new(), Vec::new());
    for oc in 0..windows.output.2 {
        for o in 0..outputs {
            let mut z = bias.get(oc).copied().unwrap_or(N::from_f64(0.0)).sum();
            for c in 0..windows.input.2 {
                for Seen { tap, pixel } in windows.seen(o) {
                    let weight = weights[tap + taps * (c + windows.input.2 * oc)];
                    N::add_product(&mut z, weight, x[pixel + pixels * c]);
                }
            }
            let (y, derivative) = N::total(z).apply(f);
            ys.push(y);
            derivatives.push(derivative);
        }
    }
    (ys, derivatives)
}

/// Gives `x_bar` and adds to `weights_bar` and `bias_bar`.
fn conv_vjp<N: Number>(
    windows: Windows,
    weights: &[N],
    x: &[N],
    z_bar: &[N],
    weights_bar: &mut [N::Sum],
    bias_bar: &mut [N::Sum],
) -> Vec<N> {
    let (pixels, outputs) = (
        windows.input.0 * windows.input.1,
        windows.output.0 * windows.output.1,
    );
    let taps = windows.window.size.0 * windows.window.size.1;
    let mut x_bar = vec![N::from_f64(0.0).sum(); x.len()];
    for oc in 0..windows.output.2 {
        for o in 0..outputs {
            let z_bar = z_bar[o + outputs * oc];
            if let Some(sum) = bias_bar.get_mut(oc) {
                N::add_product(sum, z_bar, N::from_f64(1.0));
            }
            for c in 0..windows.input.2 {
                for Seen { tap, pixel } in windows.seen(o) {
                    let (tap, pixel) =
                        (tap + taps * (c + windows.input.2 * oc), pixel + pixels * c);
                    N::add_product(&mut weights_bar[tap], x[pixel], z_bar);
                    N::add_product(&mut x_bar[pixel], weights[tap], z_bar);
                }
            }
        }
    }
    x_bar.into_iter().map(N::total).collect()
}

/// What a pool makes of a window.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Pool {
    Max,
    Mean,
}

/// For every output, the pixels of the image that it is made of: all of the window, or the first maximum.
fn pooled<N: Number>(windows: Windows, pool: Pool, x: &[N]) -> Vec<Vec<usize>> {
    let pixels = windows.input.0 * windows.input.1;
    let mut all = Vec::new();
    for c in 0..windows.output.2 {
        for o in 0..windows.output.0 * windows.output.1 {
            let seen = windows.seen(o).into_iter();
            let mut seen: Vec<usize> = seen.map(|seen| seen.pixel + pixels * c).collect();
            if pool == Pool::Max {
                let first = seen[0];
                let best = seen
                    .iter()
                    .fold(first, |best, &i| if x[best].less(x[i]) { i } else { best });
                seen = vec![best];
            }
            all.push(seen);
        }
    }
    all
}

fn pool_forward<N: Number>(windows: Windows, pool: Pool, x: &[N]) -> Vec<N> {
    let mean = |seen: Vec<usize>| {
        let mut sum = N::from_f64(0.0).sum();
        for i in &seen {
            N::add_product(&mut sum, x[*i], N::from_f64(1.0 / seen.len() as f64));
        }
        N::total(sum)
    };
    pooled(windows, pool, x).into_iter().map(mean).collect()
}

fn pool_vjp<N: Number>(windows: Windows, pool: Pool, x: &[N], y_bar: &[N]) -> Vec<N> {
    let mut x_bar = vec![N::from_f64(0.0).sum(); x.len()];
    for (seen, y_bar) in pooled(windows, pool, x).into_iter().zip(y_bar) {
        for i in &seen {
            N::add_product(&mut x_bar[*i], *y_bar, N::from_f64(1.0 / seen.len() as f64));
        }
    }
    x_bar.into_iter().map(N::total).collect()
}

/// `1/2 sum_o (y_o - t_o)^2` and its gradient by `y`.
pub fn squared_loss<N: Number>(y: &[N], target: &[N]) -> (N, Vec<N>) {
    let mut sum = N::from_f64(0.0).sum();
    let residuals: Vec<N> = y.iter().zip(target).map(|(y, t)| y.sub(*t)).collect();
    for residual in &residuals {
        N::add_product(&mut sum, *residual, *residual);
    }
    (N::total(sum).mul(N::from_f64(0.5)), residuals)
}

/// `sum_o |y_o - t_o|` and its gradient by `y`.
pub fn absolute_loss<N: Number>(y: &[N], target: &[N]) -> (N, Vec<N>) {
    let mut sum = N::from_f64(0.0).sum();
    let mut signs = Vec::with_capacity(y.len());
    for (y, t) in y.iter().zip(target) {
        let residual = y.sub(*t);
        N::add_product(&mut sum, residual, residual.sign());
        signs.push(residual.sign());
    }
    (N::total(sum), signs)
}

/// Adam (Kingma and Ba, 2015, algorithm 1) in `f64`.
#[derive(Clone, Debug)]
pub struct Adam {
    /// The learning rate.
    pub rate: f64,
    /// The decay rates of the moments.
    pub betas: (f64, f64),
    /// What is added to the root.
    pub epsilon: f64,
    steps: i32,
    moments: Vec<(f64, f64)>,
}

impl Adam {
    /// With betas (0.9, 0.999) and epsilon 1e-8.
    pub fn new(rate: f64) -> Self {
        Self {
            rate,
            betas: (0.9, 0.999),
            epsilon: 1e-8,
            steps: 0,
            moments: Vec::new(),
        }
    }

    /// One step.
    pub fn step(&mut self, params: &mut [f64], grads: &[f64]) {
        self.steps += 1;
        self.moments.resize(params.len(), (0.0, 0.0));
        let (beta1, beta2) = self.betas;
        for ((p, g), (m, v)) in params.iter_mut().zip(grads).zip(&mut self.moments) {
            *m = beta1 * *m + (1.0 - beta1) * g;
            *v = beta2 * *v + (1.0 - beta2) * g * g;
            let m = *m / (1.0 - beta1.powi(self.steps));
            let v = *v / (1.0 - beta2.powi(self.steps));
            *p -= self.rate * m / (v.sqrt() + self.epsilon);
        }
    }
}

/// `J^T J` for the rows of `J`, as rows.
pub fn gram(rows: &[Vec<f64>], count: usize) -> Vec<Vec<f64>> {
    let mut matrix = vec![vec![0.0; count]; count];
    for row in rows {
        for i in 0..count {
            for j in 0..count {
                matrix[i][j] += row[i] * row[j];
            }
        }
    }
    matrix
}

/// The lower triangle `L` of `L L^T = matrix`; `None` if the matrix is not positive definite.
pub fn cholesky(matrix: &[Vec<f64>]) -> Option<Vec<Vec<f64>>> {
    let count = matrix.len();
    let mut factor = vec![vec![0.0; count]; count];
    for i in 0..count {
        for j in 0..=i {
            let sum: f64 = (0..j).map(|k| factor[i][k] * factor[j][k]).sum();
            let rest = matrix[i][j] - sum;
            factor[i][j] = if i == j {
                rest.sqrt()
            } else {
                rest / factor[j][j]
            };
        }
        if factor[i][i].is_nan() || factor[i][i] == 0.0 {
            return None;
        }
    }
    Some(factor)
}

/// A chain as its layers tell of it.
#[derive(Clone, Debug)]
pub struct Twin {
    layers: Vec<(LayerInfo, Kind)>,
}

/// What a layer computes.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Dense(Function),
    Conv(Windows, Function),
    Pool(Windows, Pool),
    Flatten,
}

impl Twin {
    /// The twin of a chain.
    ///
    /// # Panics
    /// If it has a layer or an activation that this module does not know.
    pub fn of<C: Chain>(_: C) -> Self {
        Self::of_layers(C::LAYERS)
    }

    /// The twin of the chain with these layers.
    ///
    /// # Panics
    /// If there is a layer or an activation that this module does not know.
    pub fn of_layers(layers: &[LayerInfo]) -> Self {
        let kind = |layer: &LayerInfo| {
            let f = || {
                let name = layer.function();
                Function::named(&name)
                    .unwrap_or_else(|| panic!("no twin of the activation `{name}`"))
            };
            match layer.name {
                "dense" => Kind::Dense(f()),
                "conv" => Kind::Conv(Windows::of(layer), f()),
                "maxpool" | "global_maxpool" => Kind::Pool(Windows::of(layer), Pool::Max),
                "avgpool" | "global_avgpool" => Kind::Pool(Windows::of(layer), Pool::Mean),
                "flatten" => Kind::Flatten,
                name => panic!("no twin of the layer `{name}`"),
            }
        };
        Self {
            layers: layers.iter().map(|layer| (*layer, kind(layer))).collect(),
        }
    }

    /// The outputs of all layers for one sample.
    pub fn forward<N: Number>(&self, params: &[N], x: &[N]) -> Vec<Vec<N>> {
        self.forward_and_derivatives(params, x).0
    }

    fn forward_and_derivatives<N: Number>(
        &self,
        params: &[N],
        x: &[N],
    ) -> (Vec<Vec<N>>, Vec<Vec<N>>) {
        let (mut ys, mut derivatives): (Vec<Vec<N>>, Vec<_>) = Default::default();
        for (layer, kind) in &self.layers {
            let x = ys.last().map_or(x, Vec::as_slice);
            let (weights, bias) = (&params[layer.weights()], &params[layer.bias()]);
            let one = |y: &Vec<N>| vec![N::from_f64(1.0); y.len()];
            let (y, derivative) = match *kind {
                Kind::Dense(f) => dense_forward(f, weights, bias, x),
                Kind::Conv(windows, f) => conv_forward(windows, f, weights, bias, x),
                Kind::Pool(windows, pool) => {
                    let y = pool_forward(windows, pool, x);
                    let derivative = one(&y);
                    (y, derivative)
                }
                Kind::Flatten => {
                    let y = x.to_vec();
                    let derivative = one(&y);
                    (y, derivative)
                }
            };
            ys.push(y);
            derivatives.push(derivative);
        }
        (ys, derivatives)
    }

    /// The cotangent of one sample's input; the parameters' is added to `params_bar`. `y_bar` is made from the
    /// output.
    pub fn vjp<N: Number>(
        &self,
        params: &[N],
        x: &[N],
        y_bar: impl FnOnce(&[N]) -> Vec<N>,
        params_bar: &mut [N::Sum],
    ) -> Vec<N> {
        let (ys, derivatives) = self.forward_and_derivatives(params, x);
        let mut bar = y_bar(ys.last().expect("a layer"));
        for (l, (layer, kind)) in self.layers.iter().enumerate().rev() {
            let z_bar: Vec<N> = bar
                .iter()
                .zip(&derivatives[l])
                .map(|(y, d)| y.mul(*d))
                .collect();
            let weights = &params[layer.weights()];
            let (weights_bar, bias_bar) = params_bar[layer.weights().start..layer.bias().end]
                .split_at_mut(layer.weight_count);
            let x = if l == 0 { x } else { &ys[l - 1] };
            bar = match *kind {
                Kind::Dense(_) => dense_vjp(weights, x, &z_bar, weights_bar, bias_bar),
                Kind::Conv(windows, _) => {
                    conv_vjp(windows, weights, x, &z_bar, weights_bar, bias_bar)
                }
                Kind::Pool(windows, pool) => pool_vjp(windows, pool, x, &z_bar),
                Kind::Flatten => z_bar,
            };
        }
        bar
    }
}
