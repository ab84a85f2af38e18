//! The expansion is a guest: among names that mean something else, without a prelude, under every lint.

#![no_implicit_prelude]
#![forbid(unsafe_code)]
#![deny(
    warnings,
    missing_docs,
    missing_debug_implementations,
    single_use_lifetimes,
    trivial_casts,
    trivial_numeric_casts,
    unreachable_pub,
    unused,
    unused_qualifications,
    unused_results,
    nonstandard_style,
    rust_2018_idioms,
    clippy::all,
    clippy::pedantic,
    clippy::nursery
)]
#![allow(clippy::float_cmp)] // the same bits are meant
#![allow(clippy::redundant_pub_crate)] // contradicts `unreachable_pub`

use ::core::prelude::v1::test;
use ::simplechain::chain::Chain as _;
use ::simplechain::simple_chain;

simple_chain! {
    /// Documented, so that nothing is missing.
    pub(crate) struct Documented: 4 => dense(tanh, 3) => dense(id, 2, bias = false) => 2
}

/// Every name that the expansion might be careless about means something else here.
#[allow(dead_code, non_camel_case_types, unused_macros)]
mod hostile {
    use ::simplechain::simple_chain;

    mod core {}
    mod std {}
    mod simplechain {}

    struct Option;
    struct Result;
    struct Vec;
    struct Box;
    struct String;
    struct Some;
    struct None;
    struct Ok;
    struct Err;
    struct usize;
    struct bool;
    struct str;
    struct f32;
    struct f64;

    trait Clone {}
    trait Copy {}
    trait Debug {}
    trait FnOnce {}
    trait Sized {}

    struct Chain;
    struct ActivationGrad;
    struct Dense;
    struct Input;
    struct Layer;
    struct LayerInfo;
    struct Real;
    struct Rows;
    struct Shape;
    struct Simd;
    struct Tanh;
    struct __Chain;
    struct AvgPool;
    struct Conv;
    struct ConvMaxPool;
    struct MaxPool;
    struct SampleLayer;
    struct Window;

    const fn layer_0() {}
    const fn rows_0() {}
    const fn width_0() {}
    const fn seed_tile() {}
    const fn size() {}
    const fn conv() {}
    const fn flatten() {}
    const fn window() {}
    const fn window_out() {}
    const fn zeros() {}
    mod check {}

    macro_rules! compile_error {
        ($($tokens:tt)*) => {
            wrong
        };
    }
    macro_rules! unreachable {
        ($($tokens:tt)*) => {
            wrong
        };
    }

    // What the generic parameters of the generated methods are called.
    const ADD: ::core::primitive::usize = 2;
    const INPUT: ::core::primitive::usize = 3;
    const PARAMS: ::core::primitive::usize = 4;
    const SAVE: ::core::primitive::usize = 5;
    const T: ::core::primitive::usize = 6;

    simple_chain! {
        pub(super) S: T => dense(tanh, INPUT) => dense(tanh, PARAMS) => dense(tanh, SAVE) => dense(id, ADD) => ADD;
        pub(super) Self_: 1 => dense(sin, 1);
        pub(super) Images: (T, T, 1) => conv(relu, (ADD, INPUT), PARAMS, stride = ADD, padding = same)
            => conv(tanh, (2, 2), ADD, padding = 1) => maxpool(2, 2) => avgpool(ADD, 1) => flatten => dense(id, ADD);
    }
}

/// A macro of the user's that declares a chain from what it is given.
macro_rules! declare {
    ($(#[$attribute:meta])* $visibility:vis $name:ident, $input:expr, $hidden:literal, $activation:ident, $out:path) => {
        simple_chain! {
            $(#[$attribute])*
            $visibility struct $name: $input => dense($activation, $hidden) => dense(id, $out) => $out
        }
    };
}

mod sizes {
    pub(super) const OUT: usize = 2;
}

declare!(
    /// Declared by a macro.
    pub(crate) Declared, 4, 3, tanh, sizes::OUT
);

/// A macro of the user's that hands on a whole chain.
macro_rules! hand_on {
    ($($tokens:tt)*) => { simple_chain!($($tokens)*) };
}

/// A macro of the user's that holds a chain.
macro_rules! fixed {
    ($activation:expr) => {
        simple_chain!(4 => dense($activation, 3) => dense(id, 2, bias = false))
    };
}

simple_chain! {
    #[cfg(any())]
    Absent: MISSING => dense(MISSING, 0);

    #[derive(PartialEq, Eq, Hash, Default)]
    Present: 4 => dense(tanh, 3) => dense(id, 2, bias = false)
}

const X: [f32; 4] = [0.1, 0.2, 0.3, 0.4];
const FLAT: [f32; 21] = [0.5; 21];

#[test]
fn every_form_is_the_same_chain() {
    // What the locals of the generated methods are called.
    let (x, params, simd, tile, rest, y_0) = (X, FLAT, 1, 2, 3, 4);
    let y = Documented.forward(&x, &params);

    let unnamed = simple_chain!(4 => dense(tanh, 3) => dense(id, 2, bias = false));
    ::std::assert_eq!(unnamed.forward(&x, &params), y);
    let bracketed = simple_chain!(< 4 => dense(tanh, 3) => dense(id, 2, bias = false) => 2 >);
    ::std::assert_eq!(bracketed.forward(&x, &params), y);
    let handed_on = hand_on!(4 => dense(tanh, 3) => dense(id, 2, bias = false));
    ::std::assert_eq!(handed_on.forward(&x, &params), y);
    ::std::assert_eq!(fixed!(tanh).forward(&x, &params), y);
    ::std::assert_eq!(Present.forward(&x, &params), y);
    ::std::assert_eq!(Present, <Present as ::core::default::Default>::default());

    ::std::assert_eq!(simd + tile + rest + y_0, 10);
}

#[test]
fn hostile_names_do_not_matter() {
    ::std::assert_eq!(
        <hostile::S as ::simplechain::chain::Network>::PARAM_COUNT,
        74
    );
    ::std::assert_eq!(hostile::S.forward(&[1.0; 6], &[0.0; 74]), [0.0; 2]);
    ::std::assert_eq!(hostile::Self_.layers().len(), 1);
    ::std::assert_eq!(hostile::Images.forward(&[1.0; 36], &[0.0; 72]), [0.0; 2]);
}

#[test]
fn a_macro_declares_a_chain() {
    ::std::assert_eq!(Declared.layers().len(), 2);
    ::std::assert_eq!(<Declared as ::simplechain::chain::Network>::PARAM_COUNT, 23);
}

#[test]
fn inside_of_a_generic_function() {
    const HIDDEN: usize = 3;

    fn count<T: ::core::marker::Copy>(_: T) -> usize {
        simple_chain! {
            Local: 4 => dense(tanh, HIDDEN) => dense(id, 2)
        }
        <Local as ::simplechain::chain::Network>::PARAM_COUNT
    }
    ::std::assert_eq!(count(0), 23);
}
