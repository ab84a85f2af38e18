//! A chain written by hand, as `simple_chain!` writes it: the runtime does not need the macro.

use simplechain_runtime as krate;

/// 2x2 matrix -> its matrix exponential: `4 => dense(tanh, 32) => dense(tanh, 16) => dense(id, 4)`
#[derive(Clone, Copy, Debug)]
pub struct MatExp;

const _: () = {
    use krate::activation::{Identity, Tanh};
    use krate::chain::{LayerInfo, Shape, Statistics, WeightInit};
    use krate::layer::{Dense, Input};
    use krate::network::{Layout, Network, Pass, VjpPass};
    use krate::simd::Number;

    fn layer_0() -> Dense<Tanh, 4, 32, true> {
        Dense(Tanh)
    }
    fn layer_1() -> Dense<Tanh, 32, 16, true> {
        Dense(Tanh)
    }
    fn layer_2() -> Dense<Identity, 16, 4, true> {
        Dense(Identity)
    }

    impl core::fmt::Display for MatExp {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            krate::chain::fmt_layers("MatExp", MatExp::LAYERS, f)
        }
    }

    impl Network for MatExp {
        const INPUT_LEN: usize = 4;
        const OUTPUT_LEN: usize = 4;
        const PARAM_COUNT: usize = 756;
        const CHAIN: Self = Self;
        const LAYERS: &'static [LayerInfo] = &[
            LayerInfo {
                name: "dense",
                activation: "tanh",
                constants: &[],
                own: None,
                input: Shape::Flat(4),
                output: Shape::Flat(32),
                params_start: 0,
                weight_count: 128,
                bias_count: 32,
                state_count: 0,
                statistics: Statistics::None,
                window: None,
                start: WeightInit::Scheme,
                trained: true,
                inner: &[],
            },
            LayerInfo {
                name: "dense",
                activation: "tanh",
                constants: &[],
                own: None,
                input: Shape::Flat(32),
                output: Shape::Flat(16),
                params_start: 160,
                weight_count: 512,
                bias_count: 16,
                state_count: 0,
                statistics: Statistics::None,
                window: None,
                start: WeightInit::Scheme,
                trained: true,
                inner: &[],
            },
            LayerInfo {
                name: "dense",
                activation: "id",
                constants: &[],
                own: None,
                input: Shape::Flat(16),
                output: Shape::Flat(4),
                params_start: 688,
                weight_count: 64,
                bias_count: 4,
                state_count: 0,
                statistics: Statistics::None,
                window: None,
                start: WeightInit::Scheme,
                trained: true,
                inner: &[],
            },
        ];
        type Input<T: Number> = [T; 4];
        type Output<T: Number> = [T; 4];
        type Params<T: Number> = [T; 756];
        type Activations<T: Number> = [T; 52];
        type Tape<T: Number> = [T; Self::LAYOUT.tape];
        const LAYOUT: Layout = Layout::new(4)
            .layer(layer_0, [4, 32], 0..160)
            .layer(layer_1, [32, 16], 160..688)
            .layer(layer_2, [16, 4], 688..756)
            .output(4, 756);

        #[inline(always)]
        fn forward_pass<P: Pass>(self, pass: &mut P) {
            let x: P::Tensor<4> = pass.input();
            let y_0: P::Tensor<32> = pass.layer(layer_0(), 0..160, &x);
            pass.record(&y_0);
            let y_1: P::Tensor<16> = pass.layer(layer_1(), 160..688, &y_0);
            pass.record(&y_1);
            let y_2: P::Tensor<4> = pass.layer(layer_2(), 688..756, &y_1);
            pass.record(&y_2);
            pass.output(&y_2);
        }

        #[inline(always)]
        fn vjp_pass<P: VjpPass>(self, pass: &mut P) {
            let x: P::Tensor<4> = pass.input();
            let y_0: P::Tensor<32> = pass.layer(layer_0(), 0..160, &x);
            let y_1: P::Tensor<16> = pass.layer(layer_1(), 160..688, &y_0);
            let y_2: P::Tensor<4> = pass.layer(layer_2(), 688..756, &y_1);
            let bar_2 = pass.seed(layer_2(), &y_2);
            let bar_1 = pass.vjp(layer_2(), 688..756, &y_1, &bar_2, layer_1());
            let bar_0 = pass.vjp(layer_1(), 160..688, &y_0, &bar_1, layer_0());
            let x_bar = pass.vjp(layer_0(), 0..160, &x, &bar_0, Input);
            pass.finish(&y_2, &x_bar);
        }
    }
};

/// A number that is not the layer's is found where the memory of a pass is taken, at compile time.
#[test]
fn wrong_numbers_are_found() {
    use krate::activation::Tanh;
    use krate::layer::Dense;
    use krate::network::Layout;

    fn layer() -> Dense<Tanh, 4, 32, true> {
        Dense(Tanh)
    }
    let right = Layout::new(4)
        .layer(layer, [4, 32], 0..160)
        .output(32, 160)
        .checked();
    assert_eq!(right.rows, 2 * (4 + 32) + 32);
    for (layout, what) in [
        (
            Layout::new(4).layer(layer, [5, 32], 0..160).output(32, 160),
            "input",
        ),
        (
            Layout::new(4).layer(layer, [4, 31], 0..160).output(31, 160),
            "output",
        ),
        (
            Layout::new(4).layer(layer, [4, 32], 1..161).output(32, 161),
            "first parameter",
        ),
        (
            Layout::new(4).layer(layer, [4, 32], 0..159).output(32, 159),
            "parameters of a layer",
        ),
        (
            Layout::new(4).layer(layer, [4, 32], 0..160).output(32, 161),
            "parameters of the chain",
        ),
    ] {
        let message = std::panic::catch_unwind(|| layout.checked()).expect_err("a wrong number");
        let message = message.downcast_ref::<String>().cloned();
        let message = message.unwrap_or_default();
        assert!(message.contains(what), "{message}: {what}");
    }
}
