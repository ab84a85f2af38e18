//! Compiles the expansions that the macro's own tests compare as text, and runs each once.

#![allow(unreachable_pub, clippy::type_complexity)] // the text is that of a library, and of a macro

use simplechain::prelude::*;

/// Includes the golden text of that name.
macro_rules! golden {
    ($name:literal) => {
        include!(concat!(
            "../../simplechain-macros/src/tests/golden/",
            $name,
            ".rs"
        ));
    };
}

mod matrix_exponential {
    golden!("matrix_exponential");
}

mod one_layer {
    golden!("one_layer");
}

mod const_sizes {
    const INPUT: usize = 3;
    const OUTPUT: usize = 2;
    golden!("const_sizes");
}

mod expression {
    golden!("expression");
}

mod lenet {
    golden!("lenet");
}

mod windows {
    const SIDE: usize = 7;
    const CHANNELS: usize = 4;
    golden!("windows");
}

mod activations {
    use simplechain::activation::Activation;
    use simplechain::simd::{Number, Simd};

    mod own {
        use super::{Activation, Number, Simd};

        /// `y = z^3`
        #[derive(Clone, Copy)]
        pub(super) struct Cube;

        impl Activation for Cube {
            #[inline(always)]
            fn value<T: Number, S: Simd<T>>(self, simd: S, z: S::V) -> S::V {
                simd.mul(z, simd.mul(z, z))
            }
            #[inline(always)]
            fn value_and_derivative<T: Number, S: Simd<T>>(self, simd: S, z: S::V) -> (S::V, S::V) {
                let square = simd.mul(z, z);
                (
                    simd.mul(z, square),
                    simd.mul(simd.splat(T::from_f64(3.0)), square),
                )
            }
        }
    }

    /// `y = a z`
    #[derive(Clone, Copy)]
    struct Scaled(f64);

    impl Activation for Scaled {
        #[inline(always)]
        fn value<T: Number, S: Simd<T>>(self, simd: S, z: S::V) -> S::V {
            simd.mul(simd.splat(T::from_f64(self.0)), z)
        }
        #[inline(always)]
        fn value_and_derivative<T: Number, S: Simd<T>>(self, simd: S, z: S::V) -> (S::V, S::V) {
            let a = simd.splat(T::from_f64(self.0));
            (simd.mul(a, z), a)
        }
    }

    golden!("activations");
}

mod within {
    use simplechain::simple_chain;

    const MEAN: [f64; 4] = [0.5, 0.5, 0.5, 0.0];

    simple_chain! {
        pub(super) struct Encoder: 4 => dense(sigmoid, 1)
    }

    mod own {
        use simplechain::layer::CustomLayer;
        use simplechain::simd::{Number, Simd};

        /// `y = 2 x`
        #[derive(Clone, Copy, Default)]
        pub(super) struct Double<const N: usize>;

        impl<const N: usize> CustomLayer for Double<N> {
            const INPUT_LEN: usize = N;
            const OUTPUT_LEN: usize = N;

            #[inline(always)]
            fn forward<T: Number, S: Simd<T>>(
                self,
                simd: S,
                _: T::Params<'_>,
                x: &[S::V],
                y: &mut [S::V],
            ) {
                for i in 0..N {
                    y[i] = simd.add(x[i], x[i]);
                }
            }
            #[inline(always)]
            fn vjp<T: Number, S: Simd<T>, const PARAMS: bool>(
                self,
                simd: S,
                _: T::Params<'_>,
                _: &[S::V],
                y_bar: &[S::V],
                x_bar: &mut [S::V],
                _: &mut [S::V],
            ) {
                for i in 0..N {
                    x_bar[i] = simd.add(y_bar[i], y_bar[i]);
                }
            }
        }
    }

    golden!("within");
}

/// The output where every parameter is 0.5.
fn output<C: Chain>(chain: C, x: &C::Input<f32>) -> C::Output<f32> {
    let flat = vec![0.5; C::PARAM_COUNT];
    chain.forward(x, chain.params(&flat).expect("as many as the chain has"))
}

#[test]
fn golden_chains_run() {
    let _ = output(matrix_exponential::MatExp, &[0.1; 4]);
    assert_eq!(output(one_layer::Line, &[1.0, 2.0, 3.0]), [3.0]);
    assert_eq!(output(const_sizes::Sized, &[1.0, 0.0, 0.0]), [3.0; 2]);
    let unnamed = expression::unnamed();
    assert_eq!(unnamed.to_string().lines().next(), Some("chain"));
    let _ = output(activations::Bent, &[0.1, 0.2]);
    assert!(output(lenet::LeNet, &[0.1; 784])[9] > 1e6);
    let _ = output(within::Within, &[0.1; 4]);
    let _ = output(windows::Windows, &[0.1; 7 * 9 * 2]);
}
