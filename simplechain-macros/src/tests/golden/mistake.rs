#[::core::prelude::v1::derive(
    ::core::clone::Clone,
    ::core::marker::Copy,
    ::core::fmt::Debug,
)]
pub struct Wrong;
const _: () = {
    ::core::compile_error! {
        "unknown activation `tahn`\nhelp: did you mean `tanh`?"
    }
    const fn unknown() -> ::core::primitive::usize {
        ::core::compile_error! {
            "unknown layer `dens`\nhelp: did you mean `dense`?"
        }
    }
    #[automatically_derived]
    impl simplechain::__private::Chain for Wrong {
        const INPUT_LEN: ::core::primitive::usize = 4;
        const OUTPUT_LEN: ::core::primitive::usize = 4;
        const PARAM_COUNT: ::core::primitive::usize = 292;
        const ROWS: ::core::primitive::usize = unknown();
        const OUTPUT_ROW: ::core::primitive::usize = unknown();
        const LAYERS: &'static [simplechain::__private::LayerInfo] = &[];
        type Input<T: simplechain::__private::Real> = [T; 4];
        type Output<T: simplechain::__private::Real> = [T; 4];
        type Params<T: simplechain::__private::Real> = [T; 292];
        type Activations<T: simplechain::__private::Real> = [T; unknown()];
        fn forward_tile<
            T: simplechain::__private::Real,
            S: simplechain::__private::Simd<T>,
            const SAVE: ::core::primitive::bool,
        >(self, _: S, _: &Self::Params<T>, _: &mut [S::V]) {
            ::core::unreachable!()
        }
        fn vjp_tile<
            T: simplechain::__private::Real,
            S: simplechain::__private::Simd<T>,
            const PARAMS: ::core::primitive::bool,
            const INPUT: ::core::primitive::bool,
        >(self, _: S, _: &Self::Params<T>, _: &mut [S::V], _: &mut [T]) {
            ::core::unreachable!()
        }
        fn forward_sample<
            T: simplechain::__private::Real,
            S: simplechain::__private::Simd<T>,
        >(self, _: S, _: &Self::Params<T>, _: &Self::Input<T>) -> Self::Output<T> {
            ::core::unreachable!()
        }
        fn activations_sample<
            T: simplechain::__private::Real,
            S: simplechain::__private::Simd<T>,
        >(self, _: S, _: &Self::Params<T>, _: &Self::Input<T>) -> Self::Activations<T> {
            ::core::unreachable!()
        }
        fn vjp_sample<
            T: simplechain::__private::Real,
            S: simplechain::__private::Simd<T>,
            const PARAMS: ::core::primitive::bool,
            const INPUT: ::core::primitive::bool,
            const ADD: ::core::primitive::bool,
        >(
            self,
            _: S,
            _: &Self::Params<T>,
            _: &Self::Input<T>,
            _: impl ::core::ops::FnOnce(&Self::Output<T>) -> Self::Output<T>,
            _: &mut Self::Input<T>,
            _: &mut [T],
        ) -> Self::Output<T> {
            ::core::unreachable!()
        }
    }
    #[automatically_derived]
    impl ::core::fmt::Display for Wrong {
        fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
            simplechain::__private::fmt_layers(
                "Wrong",
                <Self as simplechain::__private::Chain>::LAYERS,
                f,
            )
        }
    }
};
const _: () = {
    #[allow(unused_imports)]
    use simplechain::__private::dsl::{dense as _, id as _};
};
