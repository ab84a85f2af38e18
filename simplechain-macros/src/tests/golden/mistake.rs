#[::core::prelude::v1::derive(
    ::core::clone::Clone,
    ::core::marker::Copy,
    ::core::fmt::Debug,
)]
pub struct Wrong;
const _: () = {
    use simplechain::__private as __lib;
    ::core::compile_error! {
        "unknown activation `tahn`\nhelp: did you mean `tanh`?"
    }
    const fn unknown() -> ::core::primitive::usize {
        ::core::compile_error! {
            "unknown layer `dens`\nhelp: did you mean `dense`?"
        }
    }
    #[automatically_derived]
    impl __lib::Network for Wrong {
        const INPUT_LEN: ::core::primitive::usize = 4;
        const OUTPUT_LEN: ::core::primitive::usize = 4;
        const PARAM_COUNT: ::core::primitive::usize = 292;
        const LAYERS: &'static [__lib::LayerInfo] = {
            unknown();
            &[]
        };
        const LAYOUT: __lib::Layout = __lib::Layout::new(unknown());
        const CHAIN: Self = Wrong;
        type Input<T: __lib::Number> = [T; 4];
        type Output<T: __lib::Number> = [T; 4];
        type Params<T: __lib::Number> = [T; 292];
        type Activations<T: __lib::Number> = [T; unknown()];
        type Tape<T: __lib::Number> = [T; unknown()];
        fn forward_pass<P: __lib::Pass>(self, _: &mut P) {
            ::core::unreachable!()
        }
        fn vjp_pass<P: __lib::VjpPass>(self, _: &mut P) {
            ::core::unreachable!()
        }
    }
    #[automatically_derived]
    impl ::core::fmt::Display for Wrong {
        fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
            __lib::fmt_layers("Wrong", <Self as __lib::Network>::LAYERS, f)
        }
    }
};
const _: () = {
    #[allow(unused_imports)]
    use simplechain::__private::dsl::{dense as _, id as _};
};
