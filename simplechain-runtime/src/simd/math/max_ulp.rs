//! The largest errors, in units in the last place.

/// The largest errors of a function.
#[derive(Clone, Copy, Debug)]
pub struct MaxUlp {
    /// Found by trying all inputs.
    pub f32: f64,
    /// Found by comparing with stored values of 300 bits.
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
    TANH: 9.75, 9.0;
    /// [`Math::tanh_fast`](super::Math::tanh_fast)
    TANH_FAST: 9.1, 9.0;
    /// [`Math::exp`](super::Math::exp)
    EXP: 9.1, 9.0;
    /// [`Math::exp_m1`](super::Math::exp_m1)
    EXP_M1: 9.1, 9.0;
    /// [`Math::ln`](super::Math::ln)
    LN: 9.1, 9.0;
    /// [`Math::sigmoid`](super::Math::sigmoid)
    SIGMOID: 9.1, 9.0;
    /// [`Math::softplus`](super::Math::softplus)
    SOFTPLUS: 9.1, 9.0;
    /// [`Math::silu`](super::Math::silu)
    SILU: 9.1, 9.0;
    /// [`Math::gelu`](super::Math::gelu)
    GELU: 9.1, 9.0;
    /// [`Math::gelu_tanh`](super::Math::gelu_tanh)
    GELU_TANH: 9.1, 9.0;
    /// [`Math::elu`](super::Math::elu)
    ELU: 9.1, 9.0;
    /// [`Math::sin`](super::Math::sin)
    SIN: 9.1, 9.0;
    /// [`Math::cos`](super::Math::cos)
    COS: 9.1, 9.0;
    /// The derivatives that are no function of this list, in last places of 1.
    DERIVATIVE: 9.1, 9.0;
}
