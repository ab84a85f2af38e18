//! The largest errors, in units in the last place of the exact result.

/// The largest errors of a function.
#[derive(Clone, Copy, Debug)]
pub struct MaxUlp {
    /// The largest for any input: all were tried.
    pub f32: f64,
    /// The largest of 60 000 inputs and some more, because not all can be tried.
    pub f64: f64,
}

macro_rules! max_ulp {
    ($($(#[$doc:meta])* $NAME:ident: $f32:literal, $f64:literal;)*) => {
        $(
            $(#[$doc])*
            pub const $NAME: MaxUlp = MaxUlp { f32: $f32, f64: $f64 };
        )*
    };
}

max_ulp! {
    /// [`Math::tanh`](super::Math::tanh)
    TANH: 1.76, 1.83;
    /// [`Math::tanh_fast`](super::Math::tanh_fast)
    TANH_FAST: 3.12, 1.83;
    /// [`Math::exp`](super::Math::exp)
    EXP: 1.05, 1.0;
    /// [`Math::exp_m1`](super::Math::exp_m1)
    EXP_M1: 1.6, 1.93;
    /// [`Math::ln`](super::Math::ln)
    LN: 0.96, 1.22;
    /// [`Math::sigmoid`](super::Math::sigmoid)
    SIGMOID: 2.41, 2.27;
    /// [`Math::softplus`](super::Math::softplus)
    SOFTPLUS: 1.83, 1.62;
    /// [`Math::silu`](super::Math::silu)
    SILU: 3.2, 2.8;
    /// [`Math::gelu`](super::Math::gelu)
    GELU: 4.32, 4.09;
    /// [`Math::gelu_tanh`](super::Math::gelu_tanh)
    GELU_TANH: 3.35, 2.97;
    /// [`Math::elu`](super::Math::elu)
    ELU: 0.95, 1.19;
    /// [`Math::sin`](super::Math::sin)
    SIN: 1.66, 1.68;
    /// [`Math::cos`](super::Math::cos)
    COS: 1.66, 1.68;
    /// The derivatives of `silu`, `gelu` and `gelu_tanh`, which cross zero: in units in the last place of 1.
    DERIVATIVE: 1.66, 1.64;
}

/// What the errors may be more in a tier without fused multiply-add.
pub const UNFUSED: f64 = 0.5;
