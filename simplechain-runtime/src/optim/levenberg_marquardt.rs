//! Levenberg-Marquardt: least squares with the curvature of the residuals' Jacobian.

use alloc::boxed::Box;
#[cfg(feature = "std")]
use alloc::format;
use alloc::vec;
use alloc::vec::Vec;
use core::ops::{ControlFlow, Range};

use super::lbfgs::check_finite;
use super::vector::{dot, largest};
use super::{Minimum, Stop, check_not_negative};
use crate::array::Array;
use crate::error::{Error, check_len, check_range};
use crate::finite::find_not_finite;
use crate::kernels::normal::{Cholesky, Gram};
use crate::layer::WrtParams;
use crate::loss::SquaredLoss;
use crate::network::Network;
use crate::ranks::Ranks;
#[cfg(feature = "std")]
use crate::ranks::{self, Communicator};
use crate::run::sample;
use crate::simd::Number;
#[cfg(not(feature = "std"))]
use crate::{float::Float as _, simd::Real as _};

/// The Levenberg-Marquardt method for `1/2 sum_i r_i(p)^2`: a step solves `(J^T J + mu D) h = -J^T r`, with `D` the
/// largest diagonal of `J^T J` so far (Moré, 1978), so that the units of the parameters do not matter, and `mu` adapted by the
/// gain ratio of each step (Madsen, Nielsen and Tingleff, *Methods for Non-Linear Least Squares Problems*, 2004). For small
/// `mu` these are Gauss-Newton steps.
///
/// For fits of a few hundred parameters in `f64`: a step costs `m n^2 / 2 + n^3 / 6` multiply-adds for `m` residuals and `n`
/// parameters, and few steps are needed. The Jacobian is never stored, only `J^T J`.
///
/// ```
/// use simplechain::optim::{LevenbergMarquardt, Stop};
///
/// // y = a exp(b x)
/// let data = [(0.0, 2.0), (0.5, 1.213), (1.0, 0.736), (2.0, 0.271)];
/// let mut p = [1.0, 0.0];
/// let minimum = LevenbergMarquardt::new().minimize(&mut p, 50, |p, equations| {
///     for (x, y) in data {
///         let e = (p[1] * x).exp();
///         equations.add(p[0] * e - y, &[e, p[0] * x * e]);
///     }
/// })?;
/// assert!(minimum.value < 1e-6);
/// assert!((p[0] - 2.0).abs() < 1e-3 && (p[1] + 1.0).abs() < 1e-3);
/// # Ok::<(), simplechain::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct LevenbergMarquardt {
    damping: f64,
    gradient: f64,
}

impl Default for LevenbergMarquardt {
    fn default() -> Self {
        Self::new()
    }
}

/// Rows that are buffered, then added to `J^T J` at once: each addition passes over the whole matrix.
const ROWS: usize = 64;
/// Blocks of samples whose equations are added up, and so the maximum number of useful processes.
const MAX_BLOCKS: usize = 64;
/// Residuals of a block, at least: to add its equations takes as long as some rows.
const MIN_BLOCK: usize = 512;
/// With this much damping a step changes no parameter.
const MAX_DAMPING: f64 = 1e16;

/// The normal equations of a fit: residuals, each with its gradient with respect to the parameters.
#[derive(Clone, Debug)]
pub struct NormalEquations {
    params: usize,
    with_rows: bool,
    /// `1/2 sum r^2`
    value: f64,
    /// `J^T r`
    gradient: Vec<f64>,
    /// Row stride of `matrix` and `rows`.
    stride: usize,
    /// The lower triangle of `J^T J`, row by row.
    matrix: Vec<f64>,
    rows: Vec<f64>,
    kept: usize,
    /// Whether `matrix` has products of rows, which were buffered before.
    has_products: bool,
}

impl NormalEquations {
    fn new(params: usize) -> Self {
        let stride = params.next_multiple_of(f64::PANEL);
        Self {
            params,
            with_rows: true,
            value: 0.0,
            gradient: vec![0.0; params],
            stride,
            matrix: vec![0.0; stride * stride],
            rows: vec![0.0; ROWS * stride],
            kept: 0,
            has_products: false,
        }
    }

    /// Whether gradients are needed. If not, the rows may be anything, even empty.
    #[must_use]
    pub fn needs_rows(&self) -> bool {
        self.with_rows
    }

    /// Adds a residual and its gradient with respect to the parameters.
    ///
    /// # Panics
    /// If rows are needed, and the length of this one is not the number of parameters.
    pub fn add(&mut self, residual: f64, row: &[f64]) {
        self.value += 0.5 * residual * residual;
        if !self.with_rows {
            return;
        }
        assert_eq!(row.len(), self.params, "numbers in the row of a residual");
        for (sum, slope) in self.gradient.iter_mut().zip(row) {
            *sum += residual * slope;
        }
        self.rows[self.stride * self.kept..][..row.len()].copy_from_slice(row);
        self.kept += 1;
        if self.kept == ROWS {
            self.add_rows();
        }
    }

    /// Adds the products of the buffered rows.
    fn add_rows(&mut self) {
        if self.has_products && self.kept == 0 {
            return;
        }
        f64::dispatch_batch(Gram {
            rows: &self.rows[..self.stride * self.kept],
            stride: self.stride,
            matrix: &mut self.matrix,
            add: self.has_products,
        });
        self.kept = 0;
        self.has_products = true;
    }

    /// The largest cosine of the angle between the residuals and a column of the Jacobian: 0 at a minimum, in any units.
    fn largest_cosine(&self) -> f64 {
        let residuals = (2.0 * self.value).sqrt();
        let tangents = |i: usize| self.matrix[self.stride * i + i].sqrt();
        let gradient = self.gradient.iter().enumerate();
        let cosines = gradient.map(|(i, g)| match *g {
            0.0 => 0.0,
            g => g.abs() / residuals / tangents(i),
        });
        cosines.fold(0.0, f64::max)
    }

    fn evaluate(&mut self, with_rows: bool, residuals: impl FnOnce(&mut Self)) {
        self.with_rows = with_rows;
        self.value = 0.0;
        if with_rows {
            self.gradient.fill(0.0);
            self.kept = 0;
            self.has_products = false;
        }
        residuals(self);
        if with_rows {
            self.add_rows();
        }
    }

    /// Adds the equations of other residuals to those of its own.
    fn add_block(&mut self, block: &Self) {
        self.value += block.value;
        if !self.with_rows {
            return;
        }
        self.add_rows();
        let add = |sums: &mut [f64], terms: &[f64]| {
            for (sum, term) in sums.iter_mut().zip(terms) {
                *sum += term;
            }
        };
        add(&mut self.gradient, &block.gradient);
        for i in 0..self.params {
            let row = self.triangle_row(i);
            add(&mut self.matrix[row.clone()], &block.matrix[row]);
        }
    }

    /// Length of the gradient and the lower triangle.
    fn packed_len(&self) -> usize {
        self.params + self.params * (self.params + 1) / 2
    }

    /// Appends the gradient, then the rows of the lower triangle.
    fn pack(&self, to: &mut Vec<f64>) {
        to.extend_from_slice(&self.gradient);
        for i in 0..self.params {
            to.extend_from_slice(&self.matrix[self.triangle_row(i)]);
        }
    }

    /// Takes what [`pack`](Self::pack) gives, in place of all rows.
    fn unpack(&mut self, from: &[f64]) {
        let (gradient, mut triangle) = from.split_at(self.params);
        self.gradient.copy_from_slice(gradient);
        for i in 0..self.params {
            let row = triangle.split_off(..i + 1).expect("a row");
            let place = self.triangle_row(i);
            self.matrix[place].copy_from_slice(row);
        }
        self.has_products = true;
    }

    /// Where a row of the lower triangle is in `matrix`.
    fn triangle_row(&self, i: usize) -> Range<usize> {
        self.stride * i..self.stride * i + i + 1
    }
}

impl LevenbergMarquardt {
    /// With initial damping 1e-3 and tolerance 1e-10.
    pub fn new() -> Self {
        Self {
            damping: 1e-3,
            gradient: 1e-10,
        }
    }

    /// The initial damping `mu`: small if the start is near the minimum.
    #[must_use]
    pub fn damping(self, damping: f64) -> Self {
        Self { damping, ..self }
    }

    /// Stops when no column of `J` has a larger cosine with the residuals `r`, whatever the units (Moré, 1978):
    /// `|J_i^T r| <= tolerance |J_i| |r|` for every parameter.
    #[must_use]
    pub fn gradient_tolerance(self, tolerance: f64) -> Self {
        Self {
            gradient: tolerance,
            ..self
        }
    }

    /// Minimises half the sum of squares of the residuals that `residuals` adds to the equations.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] if a setting makes no sense; [`Error::Diverged`] if value or gradient are infinite or NaN at the
    /// start, or the gradient after a step. (A step to where the value is so is not made.) `params` are the last good ones.
    pub fn minimize(
        &self,
        params: &mut [f64],
        iterations: usize,
        residuals: impl FnMut(&[f64], &mut NormalEquations),
    ) -> Result<Minimum, Error> {
        self.minimize_with(params, iterations, residuals, |_, _, _| {
            ControlFlow::Continue(())
        })
    }

    /// Minimises, and calls `on_iteration` after every step with the step count, value and parameters; it may break.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] if a setting makes no sense; [`Error::Diverged`] if value or gradient are infinite or NaN at the
    /// start, or the gradient after a step. (A step to where the value is so is not made.) `params` are the last good ones.
    pub fn minimize_with(
        &self,
        params: &mut [f64],
        iterations: usize,
        mut residuals: impl FnMut(&[f64], &mut NormalEquations),
        mut on_iteration: impl FnMut(usize, f64, &[f64]) -> ControlFlow<()>,
    ) -> Result<Minimum, Error> {
        let positive = self.damping > 0.0 && self.damping.is_finite();
        check_range("the damping", self.damping, positive, "above 0 and finite")?;
        check_not_negative("tolerance of the gradient", self.gradient)?;

        let count = params.len();
        let mut equations = NormalEquations::new(count);
        let stride = equations.stride;
        let mut factor = equations.matrix.clone();
        let (mut scale, mut step, mut trial) =
            (vec![0.0_f64; count], vec![0.0; count], params.to_vec());
        let (mut damping, mut growth) = (self.damping, 2.0);
        let (mut made, mut evaluations) = (0, 1);
        equations.evaluate(true, |equations| residuals(params, equations));
        check_finite(equations.value, &equations.gradient, 0)?;
        let mut value = equations.value;
        let stop = loop {
            if equations.largest_cosine() <= self.gradient {
                break Stop::Gradient;
            }
            if made == iterations {
                break Stop::Iterations;
            }
            for (i, scale) in scale.iter_mut().enumerate() {
                *scale = scale.max(equations.matrix[stride * i + i]);
                if *scale == 0.0 {
                    // A parameter without influence: it does not move, whatever its scale.
                    *scale = f64::MIN_POSITIVE;
                }
            }
            let lower = loop {
                if damping > MAX_DAMPING {
                    break false;
                }
                factor.copy_from_slice(&equations.matrix);
                for (i, scale) in scale.iter().enumerate() {
                    factor[stride * i + i] += damping * scale;
                }
                let mut lower = false;
                let positive = f64::dispatch_batch(Cholesky {
                    matrix: &mut factor,
                    stride,
                    count,
                });
                if positive {
                    step.copy_from_slice(&equations.gradient);
                    solve(&factor, stride, &mut step);
                    for ((trial, param), step) in trial.iter_mut().zip(&*params).zip(&step) {
                        *trial = param - step;
                    }
                    if trial == params {
                        break false;
                    }
                    equations.evaluate(false, |equations| residuals(&trial, equations));
                    evaluations += 1;
                    // The decrease predicted by the quadratic model: 1/2 h^T (mu D h + J^T r).
                    let promised = step.iter().zip(&scale).zip(&equations.gradient);
                    let promised: f64 = promised
                        .map(|((h, scale), g)| 0.5 * h * (damping * scale * h + g))
                        .sum();
                    let gain = (value - equations.value) / promised;
                    lower = equations.value < value && gain.is_finite();
                    if lower {
                        damping *= (1.0 - (2.0 * gain - 1.0).powi(3)).max(1.0 / 3.0);
                        growth = 2.0;
                    }
                }
                if lower {
                    break true;
                }
                damping *= growth;
                growth *= 2.0;
            };
            if !lower {
                break Stop::NoDecrease;
            }
            equations.evaluate(true, |equations| residuals(&trial, equations));
            evaluations += 1;
            made += 1;
            check_finite(equations.value, &equations.gradient, made)?;
            params.copy_from_slice(&trial);
            value = equations.value;
            if on_iteration(made, value, params).is_break() {
                break Stop::Caller;
            }
        };
        Ok(Minimum {
            value,
            gradient: largest(&equations.gradient),
            iterations: made,
            evaluations,
            stop,
        })
    }

    /// Fits a chain to data by minimising the mean over the samples of half the squared distance, which is [`SquaredLoss`]. The rows
    /// of the Jacobian are `vjp`s of the chain, whose layers work as in inference; frozen parameters and running statistics do not change.
    ///
    /// # Errors
    /// For invalid data or settings; then nothing is changed. [`Error::Diverged`] as in [`minimize`](Self::minimize), with the
    /// data element that makes loss or gradient infinite or NaN, if one does.
    pub fn fit<C: Network>(
        &self,
        chain: C,
        params: &mut C::Params<f64>,
        xs: &[C::Input<f64>],
        ys: &[C::Output<f64>],
        iterations: usize,
    ) -> Result<Minimum, Error> {
        check_data(xs, ys)?;
        self.fit_blocks(None, chain, params, xs, ys, iterations)
    }

    /// [`fit`](Self::fit) together with the other processes of a communicator: each computes the normal equations of its part of the samples, and all
    /// make the same steps. `xs` and `ys` are those of all samples; those of others are not used.
    ///
    /// Parameters have the bits of [`fit`](Self::fit) for any number of processes: the samples are split into blocks, at most 64, whose equations are added
    /// in their order. A process keeps the equations of all blocks of its own until then.
    ///
    /// # Errors
    /// As [`fit`](Self::fit); [`Error::Rank`], [`Error::RanksDiffer`].
    #[cfg(feature = "std")]
    pub fn fit_over<C: Network>(
        &self,
        communicator: &dyn Communicator,
        chain: C,
        params: &mut C::Params<f64>,
        xs: &[C::Input<f64>],
        ys: &[C::Output<f64>],
        iterations: usize,
    ) -> Result<Minimum, Error> {
        let ranks = Ranks::new(communicator);
        ranks.agree(check_data(xs, ys))?;
        ranks.compare([
            ("the number of samples", xs.len() as u64),
            ("the number of iterations", iterations as u64),
            ("the settings", ranks::hash(format!("{self:?}").as_bytes())),
            ("the parameters", ranks::hash(params.as_slice())),
        ])?;
        self.fit_blocks(Some(&ranks), chain, params, xs, ys, iterations)
    }

    fn fit_blocks<C: Network>(
        &self,
        ranks: Option<&Ranks<'_>>,
        chain: C,
        params: &mut C::Params<f64>,
        xs: &[C::Input<f64>],
        ys: &[C::Output<f64>],
        iterations: usize,
    ) -> Result<Minimum, Error> {
        let blocks = xs.len() * C::OUTPUT_LEN / MIN_BLOCK;
        let blocks = blocks.clamp(1, MAX_BLOCKS.min(xs.len()));
        let first = |block: usize| xs.len() * block / blocks;
        let samples = |block: usize| first(block)..first(block + 1);
        let own = ranks.map_or(0..blocks, |ranks| ranks.part(blocks));
        let mut rows = Rows::new(chain, xs, ys);
        let mut block = NormalEquations::new(C::PARAM_COUNT);
        // Over ranks, the equations of all blocks that are here one after another, and their sum over all ranks.
        let mut here = Vec::new();
        let mut sum = Vec::new();
        let residuals = |params: &[f64], equations: &mut NormalEquations| {
            let needs_rows = equations.needs_rows();
            let mut add_to = |equations: &mut NormalEquations, block| {
                rows.add_to(equations, params, samples(block));
            };
            let Some(ranks) = ranks else {
                add_to(equations, 0);
                for index in 1..blocks {
                    block.evaluate(needs_rows, |block| add_to(block, index));
                    equations.add_block(&block);
                }
                return;
            };
            here.clear();
            for index in own.clone() {
                block.evaluate(needs_rows, |block| add_to(block, index));
                if needs_rows {
                    block.pack(&mut here);
                }
                here.push(block.value);
            }
            let len = if needs_rows { block.packed_len() } else { 0 };
            sum.resize(len, 0.0);
            equations.value = ranks.sum(blocks, &here, len + 1, &mut sum);
            if needs_rows {
                equations.unpack(&sum);
            }
        };
        let minimum = self.minimize(params.as_mut_slice(), iterations, residuals);
        let cause = || {
            let samples = first(own.start)..first(own.end);
            let found = find_not_finite(chain, &SquaredLoss, xs, ys, samples);
            ranks.map_or(found, |ranks| ranks.first(found))
        };
        minimum.map_err(|error| error.caused_by(cause))
    }
}

/// Whether there is a target for every sample.
fn check_data<X, Y>(xs: &[X], ys: &[Y]) -> Result<(), Error> {
    check_len("targets", xs.len(), ys.len())?;
    if xs.is_empty() {
        return Err(Error::EmptyBatch);
    }
    Ok(())
}

/// The residuals of a chain, each `(y - target) / sqrt(samples)`, and their gradients.
struct Rows<'a, C: Network> {
    chain: C,
    xs: &'a [C::Input<f64>],
    ys: &'a [C::Output<f64>],
    row: Box<C::Params<f64>>,
    y: Box<C::Output<f64>>,
    y_bar: Box<C::Output<f64>>,
}

impl<'a, C: Network> Rows<'a, C> {
    fn new(chain: C, xs: &'a [C::Input<f64>], ys: &'a [C::Output<f64>]) -> Self {
        Self {
            chain,
            xs,
            ys,
            row: C::Params::boxed(0.0),
            y: C::Output::boxed(0.0),
            y_bar: C::Output::boxed(0.0),
        }
    }

    /// Adds those of some of the samples.
    fn add_to(&mut self, equations: &mut NormalEquations, params: &[f64], samples: Range<usize>) {
        let Self {
            chain,
            xs,
            ys,
            row,
            y,
            y_bar,
        } = self;
        let params = C::Params::from_slice(params).expect("as many");
        let weight = 1.0 / (xs.len() as f64).sqrt();
        for (x, target) in xs[samples.clone()].iter().zip(&ys[samples]) {
            sample::forward_into(*chain, x, params, y);
            for (o, (y, target)) in y.as_slice().iter().zip(target.as_slice()).enumerate() {
                if equations.needs_rows() {
                    y_bar.as_mut_slice()[o] = weight;
                    let row = row.as_mut_slice();
                    sample::vjp::<_, _, WrtParams>(*chain, x, params, y_bar, &mut [], row);
                    y_bar.as_mut_slice()[o] = 0.0;
                }
                equations.add(weight * (y - target), row.as_slice());
            }
        }
    }
}

/// `x = (L L^T)^-1 x`
fn solve(factor: &[f64], stride: usize, x: &mut [f64]) {
    for i in 0..x.len() {
        let row = &factor[stride * i..];
        x[i] = (x[i] - dot(&row[..i], &x[..i])) / row[i];
    }
    for i in (0..x.len()).rev() {
        let row = &factor[stride * i..];
        x[i] /= row[i];
        let last = x[i];
        for (x, factor) in x[..i].iter_mut().zip(row) {
            *x -= last * factor;
        }
    }
}
