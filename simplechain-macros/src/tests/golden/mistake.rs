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
    impl __lib::Chain for Wrong {
        const INPUT_LEN: ::core::primitive::usize = 4;
        const OUTPUT_LEN: ::core::primitive::usize = 4;
        const PARAM_COUNT: ::core::primitive::usize = 292;
        const ROWS: ::core::primitive::usize = unknown();
        const OUTPUT_ROW: ::core::primitive::usize = unknown();
        const WORK: ::core::primitive::usize = unknown();
        const LAYERS: &'static [__lib::LayerInfo] = &[];
        type Input<T: __lib::Number> = [T; 4];
        type Output<T: __lib::Number> = [T; 4];
        type Params<T: __lib::Number> = [T; 292];
        type Activations<T: __lib::Number> = [T; unknown()];
        fn forward_tile<
            T: __lib::Number,
            S: __lib::Simd<T>,
            const SAVE: ::core::primitive::bool,
        >(self, _: S, _: T::Params<'_>, _: &mut [S::V], _: __lib::Mode) {
            ::core::unreachable!()
        }
        fn forward_panels<
            T: __lib::Number,
            S: __lib::Simd<T>,
            const SAVE: ::core::primitive::bool,
            const ROWS: ::core::primitive::usize,
        >(
            self,
            _: S,
            _: T::Params<'_>,
            _: &mut [[S::V; ROWS]],
            _: ::core::primitive::usize,
            _: __lib::Mode,
        ) {
            ::core::unreachable!()
        }
        fn vjp_panels<
            T: __lib::Number,
            S: __lib::Simd<T>,
            const PARAMS: ::core::primitive::bool,
            const INPUT: ::core::primitive::bool,
            const ROWS: ::core::primitive::usize,
        >(
            self,
            _: S,
            _: T::Params<'_>,
            _: &mut [[S::V; ROWS]],
            _: ::core::primitive::usize,
            _: &mut [S::V],
            _: &mut [T],
        ) {
            ::core::unreachable!()
        }
        fn vjp_tile<
            T: __lib::Number,
            S: __lib::Simd<T>,
            const PARAMS: ::core::primitive::bool,
            const INPUT: ::core::primitive::bool,
        >(self, _: S, _: T::Params<'_>, _: &mut [S::V], _: &mut [S::V], _: &mut [T]) {
            ::core::unreachable!()
        }
        fn forward_sample<T: __lib::Number, S: __lib::Simd<T>, M: __lib::Memory>(
            self,
            _: S,
            _: T::Params<'_>,
            _: &[T],
            _: &mut [T],
        ) {
            ::core::unreachable!()
        }
        fn activations_sample<T: __lib::Number, S: __lib::Simd<T>, M: __lib::Memory>(
            self,
            _: S,
            _: T::Params<'_>,
            _: &[T],
            _: &mut [T],
        ) {
            ::core::unreachable!()
        }
        fn vjp_sample<
            T: __lib::Number,
            S: __lib::Simd<T>,
            M: __lib::Memory,
            const PARAMS: ::core::primitive::bool,
            const INPUT: ::core::primitive::bool,
            const ADD: ::core::primitive::bool,
        >(
            self,
            _: S,
            _: T::Params<'_>,
            _: &[T],
            _: ::core::option::Option<&[T]>,
            _: &mut [T],
            _: impl __lib::SampleSeed<T>,
            _: &mut [T],
            _: &mut [T],
        ) {
            ::core::unreachable!()
        }
    }
    #[automatically_derived]
    impl ::core::fmt::Display for Wrong {
        fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
            __lib::fmt_layers("Wrong", <Self as __lib::Chain>::LAYERS, f)
        }
    }
};
const _: () = {
    #[allow(unused_imports)]
    use simplechain::__private::dsl::{dense as _, id as _};
};
