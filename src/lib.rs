//! Small neural networks as one line of Rust: expanded at compile time, trained and differentiated on the CPU at close to the speed of the hardware.
//!
//! ```
//! use simplechain::prelude::*;
//!
//! simple_chain! {
//!     /// 2x2 matrix -> its matrix exponential.
//!     pub struct MatExp: 4 => dense(tanh, 32) => dense(tanh, 16) => dense(id, 4)
//! }
//!
//! # fn main() -> Result<(), simplechain::Error> {
//! let mut params = MatExp.init::<f32>(&mut rng(1));
//! let xs = [[0.1, 0.2, 0.3, 0.4], [0.0, 0.5, -0.5, 0.0]];
//! let ys = [[1.141, 0.257, 0.386, 1.527], [0.878, 0.479, -0.479, 0.878]];
//! let mut trainer = Trainer::new(MatExp, SquaredLoss, Adam::new(1e-2));
//! let history = trainer.fit(&mut params, &xs, &ys, 200)?;
//! assert!(history.last_loss() < 1e-2);
//! println!("{:?}", MatExp.forward(&xs[0], &params)); // [f32; 4], nothing allocated
//! # Ok(())
//! # }
//! ```
//!
//! | | |
//! |---|---|
//! | [`guide`] | from one dense chain to a neural ODE in ten minutes; [`guide::deploy`]: microcontrollers, browsers, C, Python, JAX |
//! | [`simple_chain!`] | the language of chains |
//! | [`chain::Chain`] | the calls of a chain: on one sample, on batches |
//! | [`derivatives::Derivatives`] | Jacobian- and Hessian-vector products, jets |
//! | [`train`], [`loss`], [`optim`], [`init`], [`metrics`], [`data`] | training |
//! | [`ode`] | differential equations with a chain in them |
//! | [`storage`], [`exchange`] | files, and other frameworks |
//! | [`export_c!`], [`export_fit!`], [`export_casadi!`], [`export_xla!`], [`c`] | a chain as a library for C, and for what calls C |
//! | [`activation`](mod@activation), [`layer`], [`simd`] | what chains are made of, and what they run on |
//!
//! # Features
//!
//! | | |
//! |---|---|
//! | `std` (default) | files, [`exchange`], the clock, the choice of the tier at run time |
//! | `alloc` (in `std`) | batches, training on one thread, parameters in a `Box` |
//! | neither | on `core` alone: the calls on one sample (forward, activations, all derivatives), parameters in a program ([`include_params!`]) |
//! | `rayon`, `safetensors` (default) | threads; saved networks |
//! | `onnx`, `npz` | formats of [`exchange`] |
//! | `ndarray`, `nalgebra`, `faer` | arrays of other libraries where slices are taken: [`data`] |
//! | `progress`, `scalar` | `train::Progress`; the tier `scalar` in every build |
//!
//! Without `std` (`default-features = false`) a program contains the best tier that all CPUs have which it is compiled for. Without `alloc` all that a
//! call keeps is on the stack: a few times the outputs of all layers, and for the backward pass with tangents of parameters a copy of these. A call that
//! needs more memory, which so far is a convolution of one image, does not compile then.
#![cfg_attr(not(feature = "std"), no_std)]
#![deny(unsafe_code)]

#[cfg(feature = "std")]
#[allow(unsafe_code)] // the one module where it is lifted
pub mod c;

#[doc(inline)]
pub use simplechain_runtime::activation::Activation;
#[doc(inline)]
pub use simplechain_runtime::chain::Array;
#[cfg(feature = "std")]
#[doc(inline)]
pub use simplechain_runtime::exchange;
/// The crate that random numbers come from, in the version that [`rng`](init::rng) and `init` are made for.
#[doc(no_inline)]
pub use simplechain_runtime::rand;
#[doc(inline)]
pub use simplechain_runtime::simd::{Aligned, Real, Tier};
#[doc(inline)]
pub use simplechain_runtime::{
    Error, NotFinite, Step, WrongDerivative, activation, chain, data, derivatives, kernels, layer,
    simd, storage,
};
#[cfg(feature = "alloc")]
#[doc(inline)]
pub use simplechain_runtime::{init, loss, metrics, ode, optim, train};

/// Declares a chain of layers: a type whose sizes are all known at compile time, and its [`Chain`](chain::Chain).
///
/// ```
/// use simplechain::prelude::*;
///
/// simple_chain! {
///     /// Documentation and attributes go to the struct, and so does `pub`.
///     pub struct Net: 4 => dense(tanh, 32) => dense(id, 4)
/// }
/// let net = simple_chain!(4 => dense(tanh, 32) => dense(id, 4));
/// # assert_eq!(net.layers(), Net.layers());
///
/// simple_chain! {
///     pub struct LeNet: (28, 28, 1)
///         => conv(relu, (5, 5), 6) => maxpool(2, 2) => conv(relu, (5, 5), 16) => maxpool(2, 2)
///         => flatten => dense(relu, 120) => dense(relu, 84) => dense(id, 10)
/// }
/// assert_eq!(LeNet::PARAM_COUNT, 44_426);
///
/// simple_chain! {
///     struct Encoder: 8 => dense(tanh, 16) => dense(tanh, 4);
///     struct Surrogate: 8 => normalize(0.5, 2.0) => concat(chain(Encoder), activation(sin))
///         => residual(dense(silu, 32) => dropout(0.1) => dense(id, 12)) => dense(id, 1)
/// }
/// assert_eq!(Surrogate::OUTPUT_LEN, 1);
/// ```
///
/// The first form declares a unit struct (the word `struct` may be left out), the second is an expression: a unit value of an anonymous type. One
/// invocation may declare several structs, separated by `;`.
///
/// A chain is
///
/// ```text
/// input => layer => layer => .. => output
/// ```
///
/// - The **input** is the size of a sample; or an image `(height, width, channels)`, which is stored channel by channel
///   and row by row: `x[w + W * (h + H * c)]`; or a sequence `(length, channels)`, an image of height 1: `x[l + L * c]`.
/// - A **layer** takes the output of the previous one, and is one of
///   - `dense(activation, width)`, fully connected; `dense(activation, width, bias = false)` has no biases;
///   - `conv(activation, (height, width), channels)`, a convolution from an image to an image. `stride = 2` or `(2, 1)` moves
///     its kernel by more than a pixel; `padding = 1` or `(1, 0)` pads the image with zeros, `padding = same` with as many as
///     keep its size (divided by the stride; of an odd count the larger half comes after); `groups = 2` divides the channels into independent
///     groups; `bias = false`.
///     Along a sequence, or any image of height 1, `conv(activation, length, channels)`: with a single integer for the kernel, a single
///     `stride` or `padding` is along the length too;
///   - `maxpool(height, width)` and `avgpool(height, width)`, along a sequence `maxpool(length)`: the maximum or mean of windows, side by side or by a `stride`;
///     pixels at the end that fill no window are left out;
///   - `global_maxpool` and `global_avgpool`, those of whole channels;
///   - `flatten`, which makes the numbers of an image the input of `dense`;
///   - `activation(tanh)`; `layer_norm` and other normalizations; `dropout(rate)`, which acts in training alone, and
///     `batch_norm`, which takes the statistics of the batch there and running ones elsewhere;
///   - `normalize(mean, std)` and `scale(factor)` or `scale(factor, offset)`, with constants: a number for all, or the path of
///     a `const` item, an `f64` or an array of them with one for each number or channel;
///   - `standardize`, whose means and deviations [`adapt`](chain::Chain::adapt) computes from the training inputs, and
///     `unstandardize`, the last layer, back to the units of the targets ([`adapt_outputs`](chain::Chain::adapt_outputs));
///   - `fourier(count)` with `period = ..` (2 pi without) and `chebyshev(degree)`, features of every input;
///   - `residual(layer => ..)`, which adds its input to what its layers give; `concat(layer => .., layer => ..)`, which gives
///     what each of its branches gives, one after the other; `frozen(layer => ..)`, whose parameters are not trained;
///   - `chain(path::Type)`, another chain, whose output goes on as it is, flat or an image; `layer(path::Type)`, a type of your
///     own that implements [`CustomLayer`](layer::CustomLayer). A path may have generic arguments, `chain(Encoder<3>)`.
/// - The **output** at the end may be left out. If it is there, it is a check: the size that the chain must have.
/// - An **activation** is a word, such as `tanh`, `relu`, `gelu`, `leaky_relu(slope)`, or `id` for none: the types in
///   [`activation`](mod@activation) name the word of each. Or it is a value of your own type that implements
///   [`Activation`], such as `my::Cube` or `Snake(0.5)`.
/// - A **size** is a literal or the path of a `const` item of type `usize` (not of a variable), a constant a literal or the path of one of type `f64`.
///
/// Saved parameters belong to the architecture that they were trained with:
/// [`architecture`](chain::Chain::architecture) writes it as JSON, constants by value, and
/// [`check_architecture`](chain::Chain::check_architecture) says which layer differs. `dropout` and `frozen`, which act only in
/// training, may change.
///
/// The chain may be written in angle brackets, `< 4 => dense(tanh, 32) >`.
///
/// Mistakes are reported at the offending token, all those of a chain together (whether a path of yours names anything, the compiler looks afterwards):
///
/// ```compile_fail
/// # use simplechain::prelude::*;
/// let net = simple_chain!(4 => dense(tahn, 32) => dense(id, 4)); // did you mean `tanh`?
/// ```
#[macro_export]
macro_rules! simple_chain {
    ($($tokens:tt)*) => {
        $crate::__private::simple_chain! { $crate; $($tokens)* }
    };
}

/// Functions of a C interface for a chain, in a crate of the type `cdylib` or `staticlib`: see the module [`c`].
///
/// ```
/// use simplechain::prelude::*;
///
/// simple_chain! { pub struct MatExp: 4 => dense(tanh, 32) => dense(tanh, 16) => dense(id, 4) }
/// simplechain::export_c!(MatExp, prefix = matexp);
///
/// let header: String = matexp_header();
/// assert!(header.contains("int32_t matexp_forward(const float x[MATEXP_INPUT_LEN], const float *params,"));
/// ```
///
/// The first argument is the type of the chain. `prefix` is what the names of all functions begin with; two chains in one program have
/// two prefixes. The functions are items of the place where the macro is called, and a crate with `#![forbid(unsafe_code)]`
/// cannot export them.
#[cfg(feature = "std")]
#[macro_export]
macro_rules! export_c {
    ($($tokens:tt)*) => {
        $crate::__private::export_c! { $crate; $($tokens)* }
    };
}

/// A chain as an external function of [CasADi](https://web.casadi.org), with exact derivatives: see the module [`c::casadi`].
///
/// ```
/// use simplechain::prelude::*;
///
/// simple_chain! { pub struct MatExp: 4 => dense(tanh, 32) => dense(tanh, 16) => dense(id, 4) }
/// simplechain::export_casadi!(MatExp, name = matexp); // casadi.external("matexp", "./libmatexp.so")
/// ```
#[cfg(feature = "std")]
#[macro_export]
macro_rules! export_casadi {
    ($($tokens:tt)*) => {
        $crate::__private::export_casadi! { $crate; $($tokens)* }
    };
}

/// Training for a library that [`export_c!`] makes: the function `PREFIX_fit` for `float`, and `PREFIX_fit_f64` for `double`. See
/// [`c::fit()`].
///
/// ```
/// use simplechain::prelude::*;
///
/// simple_chain! { pub struct MatExp: 4 => dense(tanh, 32) => dense(tanh, 16) => dense(id, 4) }
/// simplechain::export_fit!(MatExp, prefix = matexp);
/// ```
#[macro_export]
macro_rules! export_fit {
    ($($tokens:tt)*) => {
        $crate::__private::export_fit! { $crate; $($tokens)* }
    };
}

/// Handlers for [XLA's foreign function interface](https://docs.jax.dev/en/latest/ffi.html), through which a program in JAX calls a
/// chain: see the module [`c::xla`].
///
/// ```
/// use simplechain::prelude::*;
///
/// simple_chain! { pub struct MatExp: 4 => dense(tanh, 32) => dense(tanh, 16) => dense(id, 4) }
/// simplechain::export_xla!(MatExp, prefix = matexp); // jax.ffi.register_ffi_target(.., library.matexp_xla_forward ..)
/// ```
#[macro_export]
macro_rules! export_xla {
    ($($tokens:tt)*) => {
        $crate::__private::export_xla! { $crate; $($tokens)* }
    };
}

/// The bytes of a file as part of the program, as `include_bytes!`, but aligned to 64 bytes, so that
/// [`from_safetensors`](storage::Storage::from_safetensors) borrows the parameters in them without a copy.
///
/// ```ignore
/// static NET: &[u8] = simplechain::include_aligned!("net.safetensors"); // beside this source file
/// let params = Net.from_safetensors::<f32>(NET)?;
/// ```
#[macro_export]
macro_rules! include_aligned {
    ($path:expr $(,)?) => {{
        #[repr(C, align(64))]
        struct Aligned<B: ?::core::marker::Sized>(B);
        static BYTES: &Aligned<[::core::primitive::u8]> = &Aligned(*::core::include_bytes!($path));
        &BYTES.0
    }};
}

/// The parameters in a file of [`save`](storage::Storage::save), as an array of the program: a `&'static` reference to them, aligned to 64
/// bytes. On a microcontroller they stay in flash.
///
/// The file is read and checked when the program is compiled. It must be as `save` wrote it, of numbers of the given type and of a chain with the
/// same [`FINGERPRINT`](chain::Chain::FINGERPRINT).
///
/// ```ignore
/// let params = simplechain::include_params!(Net, f32, "net.safetensors"); // beside this source file
/// let y = Net.forward(&[0.3, 0.7], params);
/// ```
#[cfg(feature = "safetensors")]
#[macro_export]
macro_rules! include_params {
    ($Chain:ty, $T:ident, $path:expr $(,)?) => {{
        #[repr(C, align(64))]
        struct Aligned<P>(P);
        #[allow(long_running_const_eval)]
        static PARAMS: Aligned<<$Chain as $crate::chain::Network>::Params<$T>> =
            Aligned($crate::__private::embedded::$T::<
                $Chain,
                { <$Chain as $crate::chain::Network>::PARAM_COUNT },
            >(::core::include_bytes!($path)));
        &PARAMS.0
    }};
}

#[doc = include_str!("../docs/guide.md")]
pub mod guide {
    #[doc = include_str!("../docs/deploy.md")]
    pub mod deploy {}
}

/// The examples in the README are tested.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// What most programs with a network need: `use simplechain::prelude::*;`
pub mod prelude {
    pub use crate::activation::Activation;
    pub use crate::chain::Array as _; // other libraries have an `Array` too
    pub use crate::chain::{Chain, Network};
    pub use crate::data::{Bytes, Contiguous, ContiguousMut, Samples};
    pub use crate::derivatives::Derivatives;
    #[cfg(feature = "std")]
    pub use crate::exchange::Exchange;
    pub use crate::simd::Real;
    pub use crate::simple_chain;
    pub use crate::storage::Storage;
    #[cfg(feature = "alloc")]
    pub use crate::{
        chain::BoxedArray as _,
        init::{Init, rng},
        loss::{
            AbsoluteLoss, BinaryCrossEntropy, GaussianLoss, HuberLoss, L1, L2, LogitCrossEntropy,
            Loss, LossFn, Penalized, PenaltyFn, SquaredLoss, Weighted, WeightedSquaredLoss,
        },
        optim::{
            Adam, Cosine, Lbfgs, LevenbergMarquardt, Lion, OneCycle, Optimizer, Plateau, RmsProp,
            Sgd, StepDecay, Stop,
        },
        train::{Trainer, Validation, fit_many},
    };
}

/// The paths that code generated by the macros uses.
#[doc(hidden)]
pub mod __private {
    pub mod check;
    mod given;
    mod info;
    pub mod own;

    #[cfg(feature = "std")]
    pub use crate::c;
    pub use given::given;
    pub use info::{
        batch_norm, conv, count, dense, flat, flatten, grouped, layer, nested, norm, numbers,
        owned, pool, standardize, window, with,
    };
    pub use simplechain_macros::{export_c, export_casadi, export_fit, export_xla, simple_chain};
    pub use simplechain_runtime::activation::*;
    pub use simplechain_runtime::chain::{Chain, LayerInfo, Shape, fmt_layers};
    pub use simplechain_runtime::dsl;
    pub use simplechain_runtime::layer::*;
    pub use simplechain_runtime::network::{Layout, Network, Pass, VjpPass};
    pub use simplechain_runtime::simd::Number;
    #[cfg(feature = "safetensors")]
    pub use simplechain_runtime::storage::embedded;
}
