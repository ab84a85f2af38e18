#[::core::prelude::v1::derive(
    ::core::clone::Clone,
    ::core::marker::Copy,
    ::core::fmt::Debug,
)]
pub(super) struct Sized;
const _: () = {
    use simplechain::__private as __lib;
    const fn input_len() -> ::core::primitive::usize {
        INPUT
    }
    const fn width_0() -> ::core::primitive::usize {
        crate::HIDDEN
    }
    const fn params_end_0() -> ::core::primitive::usize {
        input_len() * width_0() + width_0()
    }
    const fn params_end_1() -> ::core::primitive::usize {
        params_end_0() + width_0() * 2 + 2
    }
    const fn activations_len() -> ::core::primitive::usize {
        width_0() + 2
    }
    const _: () = {
        use __lib::check::size;
        size("INPUT", input_len())
    };
    const _: () = {
        use __lib::check::size;
        size("crate::HIDDEN", width_0())
    };
    const _: () = {
        use __lib::check::param_count;
        param_count(params_end_1())
    };
    const _: () = {
        use __lib::check::output;
        output(OUTPUT, 2)
    };
    #[inline(always)]
    fn layer_0() -> __lib::Dense<__lib::Relu, { input_len() }, { width_0() }, true> {
        __lib::Dense(__lib::Relu)
    }
    #[inline(always)]
    fn layer_1() -> __lib::Dense<__lib::Identity, { width_0() }, 2, true> {
        __lib::Dense(__lib::Identity)
    }
    #[automatically_derived]
    impl __lib::Network for Sized {
        const INPUT_LEN: ::core::primitive::usize = input_len();
        const OUTPUT_LEN: ::core::primitive::usize = 2;
        const PARAM_COUNT: ::core::primitive::usize = params_end_1();
        const LAYERS: &'static [__lib::LayerInfo] = &[
            __lib::dense("relu", input_len(), width_0(), true, 0),
            __lib::dense("id", width_0(), 2, true, params_end_0()),
        ];
        const LAYOUT: __lib::Layout = __lib::Layout::new(input_len())
            .layer(layer_0, [input_len(), width_0()], 0..params_end_0())
            .layer(layer_1, [width_0(), 2], params_end_0()..params_end_1())
            .output(2, params_end_1());
        const CHAIN: Self = Sized;
        type Input<T: __lib::Number> = [T; input_len()];
        type Output<T: __lib::Number> = [T; 2];
        type Params<T: __lib::Number> = [T; params_end_1()];
        type Activations<T: __lib::Number> = [T; activations_len()];
        type Tape<T: __lib::Number> = [T; <Sized as __lib::Network>::LAYOUT.tape];
        #[inline(always)]
        fn forward_pass<P: __lib::Pass>(self, pass: &mut P) {
            let x: P::Tensor<{ input_len() }> = pass.input();
            let y_0: P::Tensor<{ width_0() }> = pass
                .layer(layer_0(), 0..params_end_0(), &x);
            pass.record(&y_0);
            let y_1: P::Tensor<2> = pass
                .layer(layer_1(), params_end_0()..params_end_1(), &y_0);
            pass.record(&y_1);
            pass.output(&y_1);
        }
        #[inline(always)]
        fn vjp_pass<P: __lib::VjpPass>(self, pass: &mut P) {
            let x: P::Tensor<{ input_len() }> = pass.input();
            let y_0: P::Tensor<{ width_0() }> = pass
                .layer(layer_0(), 0..params_end_0(), &x);
            let y_1: P::Tensor<2> = pass
                .layer(layer_1(), params_end_0()..params_end_1(), &y_0);
            let bar_1 = pass.seed(layer_1(), &y_1);
            let bar_0 = pass
                .vjp(layer_1(), params_end_0()..params_end_1(), &y_0, &bar_1, layer_0());
            let x_bar = pass.vjp(layer_0(), 0..params_end_0(), &x, &bar_0, __lib::Input);
            pass.finish(&y_1, &x_bar);
        }
    }
    #[automatically_derived]
    impl ::core::fmt::Display for Sized {
        fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
            __lib::fmt_layers("Sized", <Self as __lib::Network>::LAYERS, f)
        }
    }
};
const _: () = {
    #[allow(unused_imports)]
    use simplechain::__private::dsl::{dense as _, relu as _, dense as _, id as _};
};
