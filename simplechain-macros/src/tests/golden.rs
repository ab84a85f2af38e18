//! Whole expansions, as text to read. The workspace's `tests/language/golden.rs` compiles the same text.
//!
//! `GOLDEN=overwrite cargo test -p simplechain-macros` writes the files anew.

use proc_macro2::TokenStream;
use quote::quote;

use super::{assert_golden, expand};

#[track_caller]
fn assert_expansion(name: &str, expansion: TokenStream) {
    let file = syn::parse2(expansion).expect("an expansion is made of items");
    assert_golden(&format!("golden/{name}.rs"), &prettyplease::unparse(&file));
}

#[test]
fn matrix_exponential() {
    let chain = "
        /// 2x2 matrix -> its matrix exponential.
        pub struct MatExp: 4 => dense(tanh, 32) => dense(tanh, 16) => dense(id, 4)
    ";
    assert_expansion("matrix_exponential", expand(chain));
}

#[test]
fn one_layer() {
    assert_expansion(
        "one_layer",
        expand("pub(super) struct Line: 3 => dense(id, 1, bias = false)"),
    );
}

/// Sizes that are `const` items, and what is left to rustc.
#[test]
fn const_sizes() {
    assert_expansion(
        "const_sizes",
        expand("pub(super) Sized: INPUT => dense(relu, crate::HIDDEN) => dense(id, 2) => OUTPUT"),
    );
}

/// LeNet-5 for images of 28x28.
#[test]
fn lenet() {
    let chain = "
        /// LeNet-5.
        pub struct LeNet: (28, 28, 1)
            => conv(relu, (5, 5), 6) => maxpool(2, 2) => conv(relu, (5, 5), 16) => maxpool(2, 2)
            => flatten => dense(relu, 120) => dense(relu, 84) => dense(id, 10)
    ";
    assert_expansion("lenet", expand(chain));
}

/// Windows with strides and paddings, and sizes of images that are `const` items.
#[test]
fn windows() {
    assert_expansion(
        "windows",
        expand(
            "pub(super) Windows: (SIDE, 9, 2)
                => conv(relu, (3, 3), CHANNELS, stride = 2, padding = same, bias = false)
                => avgpool(2, 2, stride = 1) => conv(tanh, (2, 2), 3, padding = 1)
                => maxpool(2, 2)",
        ),
    );
}

/// Layers that are made of chains, or of types of the user's own.
#[test]
fn within() {
    assert_expansion(
        "within",
        expand(
            "pub Within: 4 => normalize(MEAN, 2.0) => residual(dense(tanh, 4))
                => concat(chain(Encoder), activation(sin)) => layer(own::Double<5>) => dropout(0.1) => layer_norm
                => fourier(2, period = 3.0) => dense(id, 1)",
        ),
    );
}

/// Activations that are more than a word.
#[test]
fn activations() {
    assert_expansion(
        "activations",
        expand(
            "pub Bent: 2 => dense(leaky_relu(0.1), 3) => dense(own::Cube, 4) => dense(Scaled(0.5), 1)",
        ),
    );
}

/// The expression form is a block.
#[test]
fn expression() {
    let block = expand("2 => dense(tanh, 1)");
    assert_expansion(
        "expression",
        quote!(pub fn unnamed() -> impl simplechain::__private::Network #block),
    );
}

/// Beside an error there is a type all the same.
#[test]
fn mistake() {
    assert_expansion(
        "mistake",
        expand("pub struct Wrong: 4 => dense(tahn, 32) => dens(id, 4)"),
    );
}
