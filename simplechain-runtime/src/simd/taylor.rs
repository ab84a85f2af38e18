//! Taylor polynomials as a number type: derivatives of any chain with the kernels that compute its values.
//!
//! With `x(e) = x_0 + x_1 e + x_2 e^2`, truncated after `e^(K-1)`, every sum, product and function of such polynomials is one
//! again, and its coefficients are the derivatives along the line: `y(e) = y + y' e + y''/2 e^2`. Two coefficients are the
//! dual numbers of forward-mode differentiation. A *backward* pass through a chain with them gives Hessian-vector products
//! (Pearlmutter, "Fast exact multiplication by the Hessian", 1994; Griewank and Walther, *Evaluating Derivatives*, 2008,
//! chapters 3, 5 and 13).
//!
//! A vector of polynomials is `K` vectors of coefficients, so every step is the same step on whole registers.

use core::marker::PhantomData;
use core::ops::{Add, AddAssign, Mul, Range, Sub};

use super::math::Elementary;
use super::{Kernel, Number, Params, Real, Simd, Tier};

/// `x_0 + x_1 e + ... + x_{K-1} e^(K-1)`. The parameters of a chain have two coefficients if they are `PARAM_TANGENTS`, else one.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(transparent)]
pub struct Taylor<T, const K: usize, const PARAM_TANGENTS: bool>(pub [T; K]);

// SAFETY: transparent over an array of `T`.
unsafe impl<T: Real, const K: usize, const PARAM_TANGENTS: bool> bytemuck::Zeroable
    for Taylor<T, K, PARAM_TANGENTS>
{
}
// SAFETY: as above, and `PARAM_TANGENTS` is no data.
unsafe impl<T: Real, const K: usize, const PARAM_TANGENTS: bool> bytemuck::Pod
    for Taylor<T, K, PARAM_TANGENTS>
{
}

impl<T: Real, const K: usize, const PARAM_TANGENTS: bool> Taylor<T, K, PARAM_TANGENTS> {
    /// `x_0` alone.
    #[inline(always)]
    const fn still(x: T) -> Self {
        let mut coefficients = [T::ZERO; K];
        coefficients[0] = x;
        Self(coefficients)
    }
}

impl<T: Real, const K: usize, const PARAM_TANGENTS: bool> Add for Taylor<T, K, PARAM_TANGENTS> {
    type Output = Self;
    #[inline(always)]
    fn add(mut self, other: Self) -> Self {
        self += other;
        self
    }
}

impl<T: Real, const K: usize, const PARAM_TANGENTS: bool> Sub for Taylor<T, K, PARAM_TANGENTS> {
    type Output = Self;
    #[inline(always)]
    fn sub(mut self, other: Self) -> Self {
        for k in 0..K {
            self.0[k] -= other.0[k];
        }
        self
    }
}

impl<T: Real, const K: usize, const PARAM_TANGENTS: bool> Mul for Taylor<T, K, PARAM_TANGENTS> {
    type Output = Self;
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        let mut product = Self::ZERO;
        for k in 0..K {
            for i in 0..=k {
                product.0[k] += self.0[i] * other.0[k - i];
            }
        }
        product
    }
}

impl<T: Real, const K: usize, const PARAM_TANGENTS: bool> AddAssign
    for Taylor<T, K, PARAM_TANGENTS>
{
    #[inline(always)]
    fn add_assign(&mut self, other: Self) {
        for k in 0..K {
            self.0[k] += other.0[k];
        }
    }
}

/// Parameters `values + tangents e`; without tangents they are constant.
#[derive(Clone, Copy, Debug)]
pub struct ParamsAndTangents<'a, T: Real> {
    values: T::Params<'a>,
    tangents: T::Params<'a>,
}

impl<'a, T: Real> ParamsAndTangents<'a, T> {
    /// Parameters with as many tangents, or none.
    #[inline(always)]
    pub(crate) fn new(values: &'a [T], tangents: &'a [T]) -> Self {
        Self {
            values: T::as_params(values),
            tangents: T::as_params(tangents),
        }
    }
}

impl<'a, T: Real> Params<'a> for ParamsAndTangents<'a, T> {
    #[inline(always)]
    fn len(self) -> usize {
        self.values.len()
    }
    #[inline(always)]
    fn range(self, range: Range<usize>) -> Self {
        Self {
            values: self.values.range(range.clone()),
            tangents: if self.tangents.len() == 0 {
                self.tangents
            } else {
                self.tangents.range(range)
            },
        }
    }
}

/// Runs a kernel for the polynomials `P` with the vectors of their coefficients.
struct Lift<F, P>(F, PhantomData<P>);

impl<T: Real, const K: usize, const PARAM_TANGENTS: bool, F: Kernel<Taylor<T, K, PARAM_TANGENTS>>>
    Kernel<T> for Lift<F, Taylor<T, K, PARAM_TANGENTS>>
{
    type Output = F::Output;
    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) -> F::Output {
        self.0.run(TaylorSimd::<S, K, PARAM_TANGENTS>(simd))
    }
}

impl<T: Real, const K: usize, const PARAM_TANGENTS: bool> Number for Taylor<T, K, PARAM_TANGENTS> {
    type Real = T;
    const COEFFICIENTS: usize = K;
    const ZERO: Self = Self([T::ZERO; K]);
    const ONE: Self = Self::still(T::ONE);
    type Line = [T::Line; K];
    type OneLane = TaylorSimd<T::OneLane, K, PARAM_TANGENTS>;
    type Params<'a> = ParamsAndTangents<'a, T>;

    #[inline(always)]
    fn constant(x: T) -> Self {
        Self::still(x)
    }
    #[inline(always)]
    fn from_f64(x: f64) -> Self {
        Self::still(T::from_f64(x))
    }
    /// The values are in the first half of `memory`, tangents in the second.
    #[inline(always)]
    fn copy_params(
        params: Self::Params<'_>,
        at: usize,
        len: usize,
        memory: &mut [Self],
        to: usize,
    ) {
        let half = memory.len();
        let (values, tangents) = bytemuck::cast_slice_mut(memory).split_at_mut(half);
        T::copy_params(params.values, at, len, values, to);
        if PARAM_TANGENTS {
            T::copy_params(params.tangents, at, len, tangents, to);
        }
    }
    #[inline(always)]
    fn copied_params(memory: &[Self]) -> Self::Params<'_> {
        let (values, tangents) = bytemuck::cast_slice(memory).split_at(memory.len());
        ParamsAndTangents::new(
            values,
            if PARAM_TANGENTS {
                &tangents[..values.len()]
            } else {
                &[]
            },
        )
    }
    #[inline(always)]
    fn set_lane(line: &mut [Self], lane: usize, x: Self) {
        let line: &mut [T] = bytemuck::cast_slice_mut(line);
        for k in 0..K {
            line[k * Self::PANEL + lane] = x.0[k];
        }
    }
    #[inline(always)]
    fn lane(line: &[Self], lane: usize) -> Self {
        let line: &[T] = bytemuck::cast_slice(line);
        let mut x = Self::ZERO;
        for k in 0..K {
            x.0[k] = line[k * Self::PANEL + lane];
        }
        x
    }

    #[inline]
    fn dispatch_batch_in<F: Kernel<Self>>(tier: Tier, kernel: F) -> F::Output {
        T::dispatch_batch_in(tier, Lift(kernel, PhantomData))
    }
    fn add_assign_in(tier: Tier, sums: &mut [Self], terms: &[Self]) {
        T::add_assign_in(
            tier,
            bytemuck::cast_slice_mut(sums),
            bytemuck::cast_slice(terms),
        );
    }
    #[inline]
    fn dispatch_sample<F: Kernel<Self>>(kernel: F) -> F::Output {
        T::dispatch_sample(Lift(kernel, PhantomData))
    }
}

/// The lanes of the widest vector.
const MAX_LANES: usize = 16;

/// The arithmetic of [`Taylor`] polynomials on the vectors of `S`, one for every coefficient.
///
/// Comparisons use only the values: `min` and `max` select a whole polynomial by its value, the second one if the values are
/// equal. `abs` has derivative 0 at 0. Step functions and bit operations count as constant.
#[derive(Clone, Copy, Debug, Default)]
pub struct TaylorSimd<S, const K: usize, const PARAM_TANGENTS: bool>(pub S);

impl<S, const K: usize, const PARAM_TANGENTS: bool> TaylorSimd<S, K, PARAM_TANGENTS> {
    /// `y(x)` from the `y^(k)(x_0)`: the chain rule, in Taylor coefficients.
    #[inline(always)]
    fn compose<T: Real>(self, x: &[S::V; K], derivatives: [S::V; 3]) -> [S::V; K]
    where
        S: Simd<T>,
    {
        let simd = self.0;
        let mut y = [derivatives[0]; K];
        for k in 1..K {
            y[k] = simd.mul(derivatives[1], x[k]);
        }
        if K > 2 {
            let half = simd.mul(simd.splat(T::from_f64(0.5)), derivatives[2]);
            y[2] = simd.mul_add(simd.mul(half, x[1]), x[1], y[2]); // the square alone may overflow
        }
        y
    }

    #[inline(always)]
    fn load_coefficients<T: Real>(self, lanes: &[[T; MAX_LANES]; K]) -> [S::V; K]
    where
        S: Simd<T>,
    {
        let mut v = [self.0.zero(); K];
        for k in 0..K {
            v[k] = self.0.load(&lanes[k]);
        }
        v
    }

    #[inline(always)]
    fn coefficients<T: Real>(self, v: [S::V; K]) -> [[T; MAX_LANES]; K]
    where
        S: Simd<T>,
    {
        let mut lanes = [[T::ZERO; MAX_LANES]; K];
        for k in 0..K {
            self.0.store(v[k], &mut lanes[k]);
        }
        lanes
    }

    /// The value alone: what is constant where it has a derivative.
    #[inline(always)]
    fn step<T: Real>(self, value: S::V) -> [S::V; K]
    where
        S: Simd<T>,
    {
        let mut y = [self.0.zero(); K];
        y[0] = value;
        y
    }
}

impl<T: Real, S: Simd<T>, const K: usize, const PARAM_TANGENTS: bool>
    Simd<Taylor<T, K, PARAM_TANGENTS>> for TaylorSimd<S, K, PARAM_TANGENTS>
{
    type V = [S::V; K];
    type M = S::M;
    /// The values and, if they move, the tangents.
    type W = [S::W; 2];
    const FUSED: bool = S::FUSED;
    const ONE_BY_ONE: bool = S::ONE_BY_ONE;
    const LANES: usize = S::LANES;
    const REGISTERS: usize = S::REGISTERS / K;
    const GRADIENT_REGISTERS: usize = S::REGISTERS;
    type Register = Self;
    const REGISTERS_PER_VECTOR: usize = 1;
    type Half = TaylorSimd<S::Half, K, PARAM_TANGENTS>;

    #[inline(always)]
    fn register(self) -> Self {
        self
    }
    #[inline(always)]
    fn half(self) -> Self::Half {
        TaylorSimd(self.0.half())
    }
    #[inline(always)]
    fn vectorize<F: pulp::NullaryFnOnce>(self, f: F) -> F::Output {
        self.0.vectorize(f)
    }

    #[inline(always)]
    fn param(self, params: ParamsAndTangents<'_, T>, at: usize) -> Self::W {
        let value = self.0.param(params.values, at);
        if PARAM_TANGENTS {
            [value, self.0.param(params.tangents, at)]
        } else {
            [value; 2]
        }
    }
    #[inline(always)]
    fn load_params(self, params: ParamsAndTangents<'_, T>, at: usize) -> Self::W {
        let value = self.0.load_params(params.values, at);
        if PARAM_TANGENTS {
            [value, self.0.load_params(params.tangents, at)]
        } else {
            [value; 2]
        }
    }
    #[inline(always)]
    fn load_params_partial(self, params: ParamsAndTangents<'_, T>, at: usize) -> Self::W {
        let value = self.0.load_params_partial(params.values, at);
        if PARAM_TANGENTS {
            [value, self.0.load_params_partial(params.tangents, at)]
        } else {
            [value; 2]
        }
    }
    #[inline(always)]
    fn param_value(self, w: Self::W) -> Self::V {
        let mut v = self.step(self.0.param_value(w[0]));
        if PARAM_TANGENTS {
            v[1] = self.0.param_value(w[1]);
        }
        v
    }
    #[inline(always)]
    fn mul_param(self, w: Self::W, x: Self::V) -> Self::V {
        let mut y = x;
        for k in 0..K {
            y[k] = self.0.mul_param(w[0], x[k]);
            if PARAM_TANGENTS && k > 0 {
                y[k] = self.0.mul_add_param(w[1], x[k - 1], y[k]);
            }
        }
        y
    }
    #[inline(always)]
    fn mul_add_param(self, w: Self::W, x: Self::V, c: Self::V) -> Self::V {
        let mut y = c;
        for k in 0..K {
            y[k] = self.0.mul_add_param(w[0], x[k], y[k]);
            if PARAM_TANGENTS && k > 0 {
                y[k] = self.0.mul_add_param(w[1], x[k - 1], y[k]);
            }
        }
        y
    }
    #[inline(always)]
    fn elementary<F: Elementary>(self, x: Self::V) -> Self::V {
        let [y0, y1, y2, _] = F::derivatives(self.0, x[0]);
        self.compose(&x, [y0, y1, y2])
    }
    #[inline(always)]
    fn elementary_and_derivative<F: Elementary>(self, x: Self::V) -> (Self::V, Self::V) {
        let [y0, y1, y2, y3] = F::derivatives(self.0, x[0]);
        (
            self.compose(&x, [y0, y1, y2]),
            self.compose(&x, [y1, y2, y3]),
        )
    }

    #[inline(always)]
    fn splat(self, x: Taylor<T, K, PARAM_TANGENTS>) -> Self::V {
        let mut v = [self.0.zero(); K];
        for k in 0..K {
            v[k] = self.0.splat(x.0[k]);
        }
        v
    }
    #[inline(always)]
    fn load(self, x: &[Taylor<T, K, PARAM_TANGENTS>]) -> Self::V {
        if K != 2 {
            return self.load_partial(&x[..S::LANES]);
        }
        let numbers: &[T] = bytemuck::cast_slice(&x[..S::LANES]);
        let mixed = [self.0.load(numbers), self.0.load(&numbers[S::LANES..])];
        bytemuck::cast(self.0.deinterleave(mixed))
    }
    #[inline(always)]
    fn store(self, v: Self::V, x: &mut [Taylor<T, K, PARAM_TANGENTS>]) {
        let x = &mut x[..S::LANES];
        if K != 2 {
            return self.store_partial(v, x);
        }
        let mixed = self.0.interleave(v[0], v[1]);
        let numbers: &mut [T] = bytemuck::cast_slice_mut(x);
        self.0.store(mixed[0], numbers);
        self.0.store(mixed[1], &mut numbers[S::LANES..]);
    }
    #[inline(always)]
    fn load_partial(self, x: &[Taylor<T, K, PARAM_TANGENTS>]) -> Self::V {
        let mut lanes = [[T::ZERO; MAX_LANES]; K];
        for l in 0..S::LANES.min(x.len()) {
            for k in 0..K {
                lanes[k][l] = x[l].0[k];
            }
        }
        self.load_coefficients(&lanes)
    }
    #[inline(always)]
    fn store_partial(self, v: Self::V, x: &mut [Taylor<T, K, PARAM_TANGENTS>]) {
        let lanes = self.coefficients(v);
        for l in 0..S::LANES.min(x.len()) {
            for k in 0..K {
                x[l].0[k] = lanes[k][l];
            }
        }
    }

    #[inline(always)]
    fn add(self, a: Self::V, b: Self::V) -> Self::V {
        let mut y = a;
        for k in 0..K {
            y[k] = self.0.add(a[k], b[k]);
        }
        y
    }
    #[inline(always)]
    fn sub(self, a: Self::V, b: Self::V) -> Self::V {
        let mut y = a;
        for k in 0..K {
            y[k] = self.0.sub(a[k], b[k]);
        }
        y
    }
    #[inline(always)]
    fn mul(self, a: Self::V, b: Self::V) -> Self::V {
        let mut y = a;
        for k in 0..K {
            y[k] = self.0.mul(a[0], b[k]);
            for i in 1..=k {
                y[k] = self.0.mul_add(a[i], b[k - i], y[k]);
            }
        }
        y
    }
    #[inline(always)]
    fn mul_constant(self, c: T, a: Self::V) -> Self::V {
        let (c, mut y) = (self.0.splat(c), a);
        for k in 0..K {
            y[k] = self.0.mul(c, a[k]);
        }
        y
    }
    /// From `y b = a`, coefficient by coefficient.
    #[inline(always)]
    fn div(self, a: Self::V, b: Self::V) -> Self::V {
        let mut y = a;
        for k in 0..K {
            for i in 0..k {
                y[k] = self.0.neg_mul_add(y[i], b[k - i], y[k]);
            }
            y[k] = self.0.div(y[k], b[0]);
        }
        y
    }
    #[inline(always)]
    fn mul_add(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V {
        let mut y = c;
        for k in 0..K {
            for i in 0..=k {
                y[k] = self.0.mul_add(a[i], b[k - i], y[k]);
            }
        }
        y
    }
    #[inline(always)]
    fn mul_add_gradient(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V {
        let mut y = c;
        for i in 0..K {
            y[K - 1] = self.0.mul_add(a[i], b[K - 1 - i], y[K - 1]);
        }
        y
    }
    #[inline(always)]
    fn add_gradient(self, a: Self::V, b: Self::V) -> Self::V {
        let mut y = a;
        y[K - 1] = self.0.add(a[K - 1], b[K - 1]);
        y
    }
    #[inline(always)]
    fn neg_mul_add(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V {
        let mut y = c;
        for k in 0..K {
            for i in 0..=k {
                y[k] = self.0.neg_mul_add(a[i], b[k - i], y[k]);
            }
        }
        y
    }
    /// From `y y = a`, coefficient by coefficient.
    #[inline(always)]
    fn sqrt(self, a: Self::V) -> Self::V {
        let mut y = a;
        y[0] = self.0.sqrt(a[0]);
        let twice = self.0.add(y[0], y[0]);
        for k in 1..K {
            for i in 1..k {
                y[k] = self.0.neg_mul_add(y[i], y[k - i], y[k]);
            }
            y[k] = self.0.div(y[k], twice);
        }
        y
    }
    #[inline(always)]
    fn min(self, a: Self::V, b: Self::V) -> Self::V {
        self.select(self.lt(a, b), a, b)
    }
    #[inline(always)]
    fn max(self, a: Self::V, b: Self::V) -> Self::V {
        self.select(self.lt(b, a), a, b)
    }
    #[inline(always)]
    fn abs(self, a: Self::V) -> Self::V {
        let zero = self.zero();
        let y = self.select(self.lt(a, zero), self.neg(a), a);
        self.select(self.eq(a, zero), zero, y)
    }
    #[inline(always)]
    fn neg(self, a: Self::V) -> Self::V {
        let mut y = a;
        for k in 0..K {
            y[k] = self.0.neg(a[k]);
        }
        y
    }
    #[inline(always)]
    fn copysign(self, a: Self::V, sign: Self::V) -> Self::V {
        let mut y = self.abs(a);
        let one = self.0.splat(T::ONE);
        let negative = self.0.lt(self.0.copysign(one, sign[0]), self.0.zero());
        y = self.select(negative, self.neg(y), y);
        y[0] = self.0.copysign(a[0], sign[0]);
        y
    }
    #[inline(always)]
    fn round(self, a: Self::V) -> Self::V {
        self.step(self.0.round(a[0]))
    }
    #[inline(always)]
    fn exp2_int(self, n: Self::V) -> Self::V {
        self.step(self.0.exp2_int(n[0]))
    }
    #[inline(always)]
    fn exponent(self, a: Self::V) -> Self::V {
        self.step(self.0.exponent(a[0]))
    }
    #[inline(always)]
    fn shift_to_exponent(self, a: Self::V) -> Self::V {
        self.step(self.0.shift_to_exponent(a[0]))
    }
    #[inline(always)]
    fn add_bits(self, a: Self::V, b: Self::V) -> Self::V {
        self.step(self.0.add_bits(a[0], b[0]))
    }

    #[inline(always)]
    fn lt(self, a: Self::V, b: Self::V) -> Self::M {
        self.0.lt(a[0], b[0])
    }
    #[inline(always)]
    fn le(self, a: Self::V, b: Self::V) -> Self::M {
        self.0.le(a[0], b[0])
    }
    #[inline(always)]
    fn eq(self, a: Self::V, b: Self::V) -> Self::M {
        self.0.eq(a[0], b[0])
    }
    #[inline(always)]
    fn select(self, m: Self::M, yes: Self::V, no: Self::V) -> Self::V {
        let mut y = yes;
        for k in 0..K {
            y[k] = self.0.select(m, yes[k], no[k]);
        }
        y
    }
    #[inline(always)]
    fn any(self, m: Self::M) -> bool {
        self.0.any(m)
    }
    #[inline(always)]
    fn all(self, m: Self::M) -> bool {
        self.0.all(m)
    }

    #[inline(always)]
    fn sum_8(self, v: [Self::V; 8]) -> [Taylor<T, K, PARAM_TANGENTS>; 8] {
        let mut sums = [Taylor::ZERO; 8];
        for k in 0..K {
            let mut column = [self.0.zero(); 8];
            for j in 0..8 {
                column[j] = v[j][k];
            }
            let column = self.0.sum_8(column);
            for j in 0..8 {
                sums[j].0[k] = column[j];
            }
        }
        sums
    }
    #[inline(always)]
    fn sum_16(self, v: [Self::V; 16]) -> [Taylor<T, K, PARAM_TANGENTS>; 16] {
        let mut sums = [Taylor::ZERO; 16];
        for k in 0..K {
            let mut column = [self.0.zero(); 16];
            for j in 0..16 {
                column[j] = v[j][k];
            }
            let column = self.0.sum_16(column);
            for j in 0..16 {
                sums[j].0[k] = column[j];
            }
        }
        sums
    }
    #[inline(always)]
    fn sum(self, v: Self::V) -> Taylor<T, K, PARAM_TANGENTS> {
        let mut sum = Taylor::ZERO;
        for k in 0..K {
            sum.0[k] = self.0.sum(v[k]);
        }
        sum
    }

    #[inline(always)]
    fn map(
        self,
        mut v: Self::V,
        f: impl Fn(Taylor<T, K, PARAM_TANGENTS>) -> Taylor<T, K, PARAM_TANGENTS>,
    ) -> Self::V {
        let lanes: &mut [T] = bytemuck::cast_slice_mut(&mut v);
        for l in 0..S::LANES {
            let mut x = Taylor::ZERO;
            for k in 0..K {
                x.0[k] = lanes[k * S::LANES + l];
            }
            let y = f(x);
            for k in 0..K {
                lanes[k * S::LANES + l] = y.0[k];
            }
        }
        v
    }
}
