//! Explicit Runge-Kutta methods.

/// An explicit Runge-Kutta method as its tableau (Butcher, 1964): the stages are
/// `k_i = f(t + C[i] h, u + h sum_j A[i][j] k_j)`, and the step is `u + h sum_i B[i] k_i`.
///
/// Row `i` of `A` has `i` entries, and there are as many rows as entries of `B` and `C`, one per stage.
pub trait Method {
    /// The times of the stages, as fractions of the step.
    const C: &'static [f64];
    /// The weights of the stage states.
    const A: &'static [&'static [f64]];
    /// The weights of the step.
    const B: &'static [f64];
}

/// The classic fourth-order method, 4 stages (Kutta, 1901).
#[derive(Clone, Copy, Debug)]
pub struct Rk4;

impl Method for Rk4 {
    const C: &'static [f64] = &[0.0, 0.5, 0.5, 1.0];
    const A: &'static [&'static [f64]] = &[&[], &[0.5], &[0.0, 0.5], &[0.0, 0.0, 1.0]];
    const B: &'static [f64] = &[1.0 / 6.0, 1.0 / 3.0, 1.0 / 3.0, 1.0 / 6.0];
}

/// The fifth-order method by Tsitouras (*Runge-Kutta pairs of order 5(4) satisfying only the first column simplifying
/// assumption*, 2011), 6 stages: as in Julia's `Tsit5` and diffrax. The seventh stage is only needed for the error estimate, and
/// is omitted.
#[derive(Clone, Copy, Debug)]
pub struct Tsit5;

impl Method for Tsit5 {
    const C: &'static [f64] = &[0.0, 0.161, 0.327, 0.9, 0.980_025_540_904_509_7, 1.0];
    const A: &'static [&'static [f64]] = &[
        &[],
        &[0.161],
        &[-0.008_480_655_492_356_989, 0.335_480_655_492_357],
        &[
            2.897_153_057_105_493_5,
            -6.359_448_489_975_075,
            4.362_295_432_869_581_5,
        ],
        &[
            5.325_864_828_439_257,
            -11.748_883_564_062_828,
            7.495_539_342_889_836_5,
            -0.092_495_066_361_755_25,
        ],
        &[
            5.861_455_442_946_42,
            -12.920_969_317_847_11,
            8.159_367_898_576_159,
            -0.071_584_973_281_401,
            -0.028_269_050_394_068_383,
        ],
    ];
    const B: &'static [f64] = &[
        0.096_460_766_818_065_23,
        0.01,
        0.479_889_650_414_499_6,
        1.379_008_574_103_742,
        -3.290_069_515_436_081,
        2.324_710_524_099_774,
    ];
}
