//! Minimax coefficients; printed by `coefficients.py`, which also says how they are found.
#![allow(clippy::excessive_precision, clippy::approx_constant)] // as printed: one table, two number types

/// The constants of the functions for each number type: polynomials, constant term first.
pub trait Constants: Sized + 'static {
    /// `1.5 * 2^f`, f the bits of the fraction: adding it leaves an integer in the low bits.
    const SHIFT: Self;
    /// [`SHIFT`](Self::SHIFT) and the stored exponent of 1/2: adding it to `n` leaves the exponent of `2^(n-1)` in the low bits.
    const SHIFT_HALF_EXP2: Self;
    /// [`SHIFT`](Self::SHIFT) + the exponent of the largest power of two.
    const SHIFT_MAX_EXP2: Self;
    /// `2^h + 1`, h half the bits of a number, rounded up: splits it into halves.
    const SPLIT: Self;
    /// 1 / ln 2.
    const LOG2_E: Self;
    /// ln 2.
    const LN_2: Self;
    /// ln 2 - [`LN_2`](Self::LN_2).
    const LN_2_LOW: Self;
    /// Part 1 of three whose sum is pi / 2.
    const FRAC_PI_2_HIGH: Self;
    /// Part 2 of three whose sum is pi / 2.
    const FRAC_PI_2_MIDDLE: Self;
    /// Part 3 of three whose sum is pi / 2.
    const FRAC_PI_2_LOW: Self;
    /// 2 / pi.
    const FRAC_2_PI: Self;
    /// 1 / sqrt(2 pi).
    const FRAC_1_SQRT_2PI: Self;
    /// Coefficient of `x^1` in `2 sqrt(2/pi) (x + 0.044715 x^3)`.
    const GELU_TANH_1: Self;
    /// Its rounding error.
    const GELU_TANH_1_LOW: Self;
    /// Coefficient of `x^3` in `2 sqrt(2/pi) (x + 0.044715 x^3)`.
    const GELU_TANH_3: Self;
    /// Its rounding error.
    const GELU_TANH_3_LOW: Self;
    /// `tanh` rounds to 1 from here on.
    const TANH_LIMIT: Self;
    /// `e^x` rounds to 0 up to here.
    const EXP_MIN: Self;
    /// `e^x` overflows from here on.
    const EXP_MAX: Self;
    /// `silu(-x)` and its derivative round to 0 from here on.
    const SILU_LIMIT: Self;
    /// `gelu_tanh(-x)` and its derivative round to 0 from here on.
    const GELU_TANH_LIMIT: Self;
    /// `gelu(-x)` and its derivative round to 0 from here on.
    const GELU_LIMIT: Self;
    /// `c` of [`NORMAL_TAIL`](Self::NORMAL_TAIL).
    const TAIL_SCALE: Self;
    /// `sin` and `cos` reduce arguments up to here in vectors.
    const SIN_LIMIT: Self;
    /// The smallest normal number.
    const SMALLEST_NORMAL: Self;
    /// `(tanh(w) - w) / w^3` in `w^2` for `|w| <= 0.275`.
    const TANH: &'static [Self];
    /// `(e^r - 1 - r) / r^2` in `r` for `|r| <= ln(2)/2`, relative to `e^r - 1`.
    const EXP: &'static [Self];
    /// `(2 atanh(s) - 2 s) / s^3` in `s^2` for `|s| <= 0.3333`, relative to `2 atanh(s)`.
    const LN_1P: &'static [Self];
    /// `(2 atanh(s) - 2 s) / s^3` in `s^2` for `|s| <= 0.1716`, relative to `2 atanh(s)`.
    const LN: &'static [Self];
    /// `(sin(r) - r) / r^3` in `r^2` for `|r| <= pi/4`, relative to `sin(r)`.
    const SIN: &'static [Self];
    /// `(cos(r) - 1) / r^2` in `r^2` for `|r| <= pi/4`, relative to `cos(r)`.
    const COS: &'static [Self];
    /// `(a + c) e^(a^2/2) P(X > a)` for normal `X`, in `v = a / (a + c) - 1/4`, up to `a =` [`GELU_LIMIT`](Self::GELU_LIMIT).
    const NORMAL_TAIL: &'static [Self];
}

impl Constants for f32 {
    const SHIFT: Self = 12582912.0;
    const SHIFT_HALF_EXP2: Self = 12583038.0;
    const SHIFT_MAX_EXP2: Self = 12583039.0;
    const SPLIT: Self = 4097.0;
    const LOG2_E: Self = 1.442695;
    const LN_2: Self = 0.6931472;
    const LN_2_LOW: Self = -1.9046542e-09;
    const FRAC_PI_2_HIGH: Self = 1.5707964;
    const FRAC_PI_2_MIDDLE: Self = -4.371139e-08;
    const FRAC_PI_2_LOW: Self = -1.7151245e-15;
    const FRAC_2_PI: Self = 0.63661975;
    const FRAC_1_SQRT_2PI: Self = 0.3989423;
    const GELU_TANH_1: Self = 1.5957692;
    const GELU_TANH_1_LOW: Self = -4.534068e-08;
    const GELU_TANH_3: Self = 0.071354814;
    const GELU_TANH_3_LOW: Self = 2.3988325e-09;
    const TANH_LIMIT: Self = 9.1;
    const EXP_MIN: Self = -104.0;
    const EXP_MAX: Self = 89.0;
    const SILU_LIMIT: Self = 109.0;
    const GELU_TANH_LIMIT: Self = 11.05;
    const GELU_LIMIT: Self = 14.6;
    const TAIL_SCALE: Self = 3.0;
    const SIN_LIMIT: Self = 131072.0;
    const SMALLEST_NORMAL: Self = 1.1754944e-38;
    // Error of the polynomial: 0.11 * 2^-24.
    const TANH: &'static [Self] = &[-0.3333317, 0.13320138, -0.050918404];
    // Error of the polynomial: 0.28 * 2^-24.
    const EXP: &'static [Self] = &[0.49999997, 0.16666543, 0.0416672, 0.008366521, 0.0013882531];
    // Error of the polynomial: 0.079 * 2^-24.
    const LN_1P: &'static [Self] = &[0.6666642, 0.40021512, 0.2800181, 0.28011912];
    // Error of the polynomial: 0.014 * 2^-24.
    const LN: &'static [Self] = &[0.66666776, 0.3997756, 0.2987136];
    // Error of the polynomial: 0.073 * 2^-24.
    const SIN: &'static [Self] = &[-0.16666654, 0.008332143, -0.00019514651];
    // Error of the polynomial: 0.67 * 2^-24.
    const COS: &'static [Self] = &[-0.49999884, 0.04165573, -0.0013591253];
    // Error of the polynomial: 0.16 * 2^-24.
    const NORMAL_TAIL: &'static [Self] = &[
        1.0463132,
        -1.5353476,
        1.112041,
        -0.105483666,
        -0.33495158,
        0.025352696,
        0.14476052,
        0.03980299,
        -0.05702733,
        -0.07221435,
        0.055770326,
    ];
}
impl Constants for f64 {
    const SHIFT: Self = 6755399441055744.0;
    const SHIFT_HALF_EXP2: Self = 6755399441056766.0;
    const SHIFT_MAX_EXP2: Self = 6755399441056767.0;
    const SPLIT: Self = 134217729.0;
    const LOG2_E: Self = 1.4426950408889634;
    const LN_2: Self = 0.6931471805599453;
    const LN_2_LOW: Self = 2.3190468138462996e-17;
    const FRAC_PI_2_HIGH: Self = 1.5707963267948966;
    const FRAC_PI_2_MIDDLE: Self = 6.123233995736766e-17;
    const FRAC_PI_2_LOW: Self = -1.4973849048591698e-33;
    const FRAC_2_PI: Self = 0.6366197723675814;
    const FRAC_1_SQRT_2PI: Self = 0.3989422804014327;
    const GELU_TANH_1: Self = 1.5957691216057308;
    const GELU_TANH_1_LOW: Self = -9.96930880911092e-17;
    const GELU_TANH_3: Self = 0.07135481627260025;
    const GELU_TANH_3_LOW: Self = -6.175149918155315e-19;
    const TANH_LIMIT: Self = 19.1;
    const EXP_MIN: Self = -746.0;
    const EXP_MAX: Self = 710.0;
    const SILU_LIMIT: Self = 753.0;
    const GELU_TANH_LIMIT: Self = 21.7;
    const GELU_LIMIT: Self = 38.7;
    const TAIL_SCALE: Self = 3.0;
    const SIN_LIMIT: Self = 131072.0;
    const SMALLEST_NORMAL: Self = 2.2250738585072014e-308;
    // Error of the polynomial: 0.17 * 2^-53.
    const TANH: &'static [Self] = &[
        -0.33333333333331355,
        0.13333333332664596,
        -0.05396825320283848,
        0.02186944693909272,
        -0.008862023487746172,
        0.0035726241592485527,
        -0.0012911939391595537,
    ];
    // Error of the polynomial: 0.0046 * 2^-53.
    const EXP: &'static [Self] = &[
        0.5,
        0.16666666666666677,
        0.04166666666666652,
        0.00833333333332168,
        0.0013888888888962368,
        0.00019841269885963986,
        2.480158717252145e-05,
        2.755724437563438e-06,
        2.7557402651822065e-07,
        2.5108978523148095e-08,
        2.0875329368403417e-09,
    ];
    // Error of the polynomial: 0.014 * 2^-53.
    const LN_1P: &'static [Self] = &[
        0.6666666666666631,
        0.4000000000015511,
        0.28571428548120176,
        0.2222222395354056,
        0.181817444820125,
        0.15386548343759474,
        0.1330112187467611,
        0.1210494194153432,
        0.08344980959439441,
        0.17009744522720935,
    ];
    // Error of the polynomial: 0.015 * 2^-53.
    const LN: &'static [Self] = &[
        0.6666666666666734,
        0.399999999994153,
        0.2857142874227983,
        0.22222198581261748,
        0.18183564057054855,
        0.15314053698111077,
        0.14795954397111238,
    ];
    // Error of the polynomial: 0.041 * 2^-53.
    const SIN: &'static [Self] = &[
        -0.1666666666666663,
        0.008333333333321995,
        -0.00019841269829497056,
        2.755731358808546e-06,
        -2.5050742371796798e-08,
        1.5895908013932368e-10,
    ];
    // Error of the polynomial: 0.57 * 2^-53.
    const COS: &'static [Self] = &[
        -0.49999999999999406,
        0.04166666666648601,
        -0.0013888888870442668,
        2.4801578596630966e-05,
        -2.7555233997039495e-07,
        2.0630139804284703e-09,
    ];
    // Error of the polynomial: 0.51 * 2^-53.
    const NORMAL_TAIL: &'static [Self] = &[
        1.0463131674604935,
        -1.5353475321606083,
        1.1120413170144565,
        -0.10548600679879698,
        -0.33497683959354574,
        0.025502064356943296,
        0.14515336564152426,
        0.036369867707280366,
        -0.0551107172844908,
        -0.048190447170720775,
        0.0005232081965168615,
        0.027744182543623448,
        0.020310116051366275,
        -0.0006320149097569151,
        -0.012335369078633134,
        -0.012736409910684957,
        -0.007964312851427624,
        0.028329859607282955,
        -0.00741659710283837,
        -0.07572931313921531,
        0.23201785385919987,
        -0.29527383236803445,
        0.17445232142689404,
        -0.039809658236765855,
    ];
}
