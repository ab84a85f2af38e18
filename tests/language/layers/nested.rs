//! A chain within a chain is the same numbers as its layers written out, to the bit on a batch.

use simplechain::chain::{Chain, Network};
use simplechain::simple_chain;
use support::{Squares, bits, cast, everywhere, numbers};

simple_chain! {
    struct Head: 7 => dense(gelu, 6) => dense(tanh, 3);
    struct Nested: 4 => dense(silu, 7) => chain(Head) => dense(id, 2);
    struct Written: 4 => dense(silu, 7) => dense(gelu, 6) => dense(tanh, 3) => dense(id, 2);
    /// Branches within branches, whose sizes the macro does not know.
    struct Branches: 2 => concat(concat(layer(Squares<2>), activation(sin), activation(tanh)), layer(Squares<2>), activation(id));
    /// The same side by side.
    struct Flat: 2 => concat(layer(Squares<2>), activation(sin), activation(tanh), layer(Squares<2>), activation(id))
}

#[test]
fn branches_within_branches_are_branches() {
    let (x, params) = ([0.3, -0.7], [1.0, 2.0, 3.0, 4.0]);
    assert_eq!(Branches.forward(&x, &params), Flat.forward(&x, &params));
}

/// Types that are no plain names.
type Sized<const N: usize> = Head;
trait Has {
    type Chain;
}
impl Has for u8 {
    type Chain = Head;
}

const ONE: usize = 1;
const THREE: usize = 3;

simple_chain! {
    struct Generic: 4 => dense(silu, 7) => chain(Sized<3>) => dense(id, 2);
    struct Qualified: 4 => dense(silu, 7) => chain(<u8 as Has>::Chain) => dense(id, 2);
    /// An image goes through a chain as an image.
    struct Stem: (8, 8, 1) => conv(relu, (3, 3), 2);
    struct ThroughStem: (8, 8, 1) => chain(Stem) => batch_norm => concat(chain(Flip), conv(tanh, (1, 1), 3))
        => maxpool(2, 2) => flatten => dense(id, 2);
    struct Flip: (6, 6, 2) => scale(-1.0);
    struct WrittenStem: (8, 8, 1) => conv(relu, (3, 3), 2) => batch_norm => concat(scale(-1.0), conv(tanh, (1, 1), 3))
        => maxpool(2, 2) => flatten => dense(id, 2);
    /// Sizes that are 1 and 3, known to rustc alone and to the macro.
    struct ConstSizes: (THREE, 9, ONE) => conv(relu, (3, 3), 2) => conv(tanh, 3, 4, stride = 2, padding = 1) => maxpool(2)
        => flatten => dense(id, 2);
    struct LiteralSizes: (3, 9, 1) => conv(relu, (3, 3), 2) => conv(tanh, 3, 4, stride = 2, padding = 1) => maxpool(2)
        => flatten => dense(id, 2)
}

#[test]
fn any_path_of_a_type_will_do() {
    assert_eq!(Generic.layers()[1].inner, Nested.layers()[1].inner);
    assert_eq!(Qualified.layers()[1].inner, Nested.layers()[1].inner);
}

#[test]
fn an_image_stays_an_image() {
    assert_eq!(ThroughStem::FINGERPRINT, WrittenStem::FINGERPRINT);
    let params = numbers(1, WrittenStem::PARAM_COUNT, 0.7);
    let params: Vec<f64> = params.iter().map(|p| p.abs()).collect();
    let x = cast::<f64>(&numbers(2, 64, 1.0));
    let x = &WrittenStem.inputs(&x).unwrap()[0];
    assert_eq!(
        ThroughStem.forward(x, ThroughStem.params(&params).unwrap()),
        WrittenStem.forward(x, WrittenStem.params(&params).unwrap())
    );
}

#[test]
fn const_sizes_mean_what_literals_do() {
    assert_eq!(ConstSizes.layers(), LiteralSizes.layers());
}

#[test]
fn it_is_its_layers_written_out() {
    assert_eq!(Nested::PARAM_COUNT, Written::PARAM_COUNT);
    let params = cast::<f32>(&numbers(1, Nested::PARAM_COUNT, 0.7));
    let params = Nested.params(&params).unwrap();
    let xs = cast::<f32>(&numbers(2, 4 * 35, 1.0));
    let y_bars = cast::<f32>(&numbers(3, 2 * 35, 1.0));
    let (xs, y_bars) = (
        Nested.inputs(&xs).unwrap(),
        Nested.outputs(&y_bars).unwrap(),
    );
    everywhere(|tier, _| {
        let mut results = [(); 2].map(|()| (vec![[0.0; 4]; 35], vec![0.0; Nested::PARAM_COUNT]));
        let [nested, written] = &mut results;
        let params_bar = Nested.params_mut(&mut nested.1).unwrap();
        Nested
            .vjp_batch(xs, params, y_bars, &mut nested.0, params_bar)
            .unwrap();
        let params_bar = Written.params_mut(&mut written.1).unwrap();
        Written
            .vjp_batch(xs, params, y_bars, &mut written.0, params_bar)
            .unwrap();
        assert_eq!(bits(&nested.1), bits(&written.1), "tier {tier}");
        assert_eq!(nested.0, written.0, "tier {tier}");
        for x in xs {
            let (nested, written) = (Nested.forward(x, params), Written.forward(x, params));
            assert_eq!(nested, written, "tier {tier}");
        }
    });
}
