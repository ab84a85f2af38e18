//! A chain within a chain is the same numbers as its layers written out, to the bit on a batch.

use simplechain::chain::Chain;
use simplechain::simple_chain;

use crate::Squares;
use crate::case::{bits, cast, everywhere, numbers};

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
