use ::ndarray::{
    Array, Array0, Array1, Array2, Array4, ArrayD, ArrayRef2, ArrayView1, ArrayView2,
    ArrayViewMut2, Axis, CowArray, aview2, s,
};
use simplechain::data::{Contiguous, ContiguousMut};
use simplechain::ode::{Autonomous, Rk4, Solver};
use simplechain::prelude::*;
use simplechain::simd::Real;

use crate::chains::{Images, Net, Sequences, numbers, outputs, refusal, refusal_mut};

const NOT_STANDARD: &str =
    "the array is not in standard layout, row after row: pass its `as_standard_layout()`";
const NOT_STANDARD_MUT: &str = "the array is not in standard layout, row after row: write to an array of its own, \
                                and `assign` that to it";

fn array<T: Real>(rows: usize, columns: usize) -> Array2<T> {
    Array2::from_shape_vec((rows, columns), numbers(rows * columns)).unwrap()
}

fn the_same_outputs<T: Real>() {
    let x = array::<T>(5, 4);
    let flat_params = Array1::from_vec(numbers(Net::PARAM_COUNT));
    let params = Net.params(&flat_params).unwrap();
    assert_eq!(params.as_ptr(), flat_params.as_ptr());
    let expected = outputs(&x.as_slice().unwrap()[4..]);

    let last: ArrayView2<T> = x.slice(s![1.., ..]);
    let xs = Net.inputs(&last).unwrap();
    assert_eq!(xs.as_ptr().cast(), last.as_ptr());
    let mut y = Array2::from_elem((5, 2), T::ZERO);
    let mut above: ArrayViewMut2<T> = y.slice_mut(s![..4, ..]);
    Net.forward_batch(xs, params, Net.outputs_mut(&mut above).unwrap())
        .unwrap();
    assert_eq!(y.as_slice().unwrap()[..8], expected[..]);
    assert_eq!(y.row(4).to_vec(), [T::ZERO; 2]);

    let mut ys = vec![[T::ZERO; 2]; 4];
    Net.forward_batch(xs, params, &mut ys).unwrap();
    assert_eq!(aview2(&ys), y.slice(s![..4, ..]));
    assert_eq!(
        aview2(&ys).numbers().unwrap().as_ptr(),
        ys.as_flattened().as_ptr()
    );
}

#[test]
fn views_give_the_same_outputs() {
    the_same_outputs::<f32>();
    the_same_outputs::<f64>();
}

#[test]
fn every_kind_of_array() {
    let mut x = array::<f32>(3, 4);
    let first = x.as_ptr();
    assert_eq!(x.numbers().unwrap().as_ptr(), first);
    assert_eq!(x.view().numbers().unwrap().as_ptr(), first);
    assert_eq!(x.view_mut().numbers_mut().unwrap().as_ptr(), first);
    assert_eq!(CowArray::from(x.view()).numbers().unwrap().as_ptr(), first);
    let reference: &mut ArrayRef2<f32> = &mut x;
    assert_eq!(Net.inputs(reference).unwrap().len(), 3);
    assert_eq!(Net.inputs_mut(reference).unwrap().as_ptr().cast(), first);
    assert_eq!(Net.inputs(&x.to_shared()).unwrap().len(), 3);
    assert_eq!(Net.inputs(&x.clone().into_dyn()).unwrap().len(), 3);

    let row: ArrayView1<f32> = x.row(1);
    assert_eq!(
        Net.inputs(&row).unwrap(),
        [[x[[1, 0]], x[[1, 1]], x[[1, 2]], x[[1, 3]]]]
    );
    assert_eq!(
        Net.inputs(&Array1::from_vec(numbers::<f64>(12)))
            .unwrap()
            .len(),
        3
    );
    assert_eq!(Array0::from_elem((), 1.0).numbers().unwrap(), [1.0]);
    // An axis of one may have any stride.
    assert_eq!(
        x.slice(s![1..2, ..]).numbers().unwrap(),
        row.numbers().unwrap()
    );
    assert_eq!(
        x.slice(s![..;2, ..]).slice(s![1.., ..]).numbers().unwrap(),
        x.row(2).to_vec()
    );
}

#[test]
fn no_samples() {
    assert_eq!(Net.inputs(&Array2::<f32>::zeros((0, 4))).unwrap().len(), 0);
    assert_eq!(
        Net.outputs_mut(&mut Array2::<f64>::zeros((0, 2)))
            .unwrap()
            .len(),
        0
    );
    assert_eq!(Net.inputs(&Array1::<f32>::zeros(0)).unwrap().len(), 0);
    let nothing = Array2::<f32>::zeros((3, 0));
    assert_eq!(
        Net.inputs(&nothing).unwrap_err().to_string(),
        "expected samples of 4 input numbers, found 0: the samples are the rows of an array"
    );
}

#[test]
fn other_layouts_are_refused() {
    let mut x = array::<f64>(4, 4);
    assert_eq!(refusal(&x.t()), NOT_STANDARD);
    assert_eq!(refusal(&x.slice(s![.., ..2])), NOT_STANDARD);
    assert_eq!(refusal(&x.slice(s![..;2, ..])), NOT_STANDARD);
    assert_eq!(refusal(&x.slice(s![..;-1, ..])), NOT_STANDARD);
    assert_eq!(refusal(&x.column(1)), NOT_STANDARD);
    assert_eq!(refusal(&x.row(1).slice(s![..;-1])), NOT_STANDARD);
    assert_eq!(refusal(&x.row(1).broadcast((4, 4)).unwrap()), NOT_STANDARD);
    assert_eq!(
        refusal_mut(&mut x.view_mut().reversed_axes()),
        NOT_STANDARD_MUT
    );
    assert_eq!(refusal_mut(&mut x.slice_mut(s![.., ..2])), NOT_STANDARD_MUT);

    assert_eq!(
        Net.inputs(&x.t().as_standard_layout())
            .unwrap()
            .as_flattened()[..4],
        x.column(0).to_vec()
    );
    assert_eq!(Net.inputs(&x.t()).unwrap_err().to_string(), NOT_STANDARD);
    assert_eq!(
        Net.outputs_mut(&mut x.slice_mut(s![.., ..2]))
            .unwrap_err()
            .to_string(),
        NOT_STANDARD_MUT
    );
    assert_eq!(
        Net.params(&x.column(0)).unwrap_err().to_string(),
        NOT_STANDARD
    );
}

#[test]
fn samples_of_another_length_are_refused() {
    let x = array::<f32>(100, 8);
    assert_eq!(
        Net.inputs(&x).unwrap_err().to_string(),
        "expected samples of 4 input numbers, found 8: the samples are the rows of an array"
    );
    let (wide, mut y) = (array::<f32>(4, 100), array::<f32>(100, 4));
    assert_eq!(
        Net.inputs(&wide).unwrap_err().to_string(),
        "expected samples of 4 input numbers, found 100: the samples are the rows of an array"
    );
    assert_eq!(
        Net.outputs_mut(&mut y).unwrap_err().to_string(),
        "expected samples of 2 output numbers, found 4: the samples are the rows of an array"
    );
    assert_eq!(
        Net.outputs(&y).unwrap_err(),
        simplechain::Error::SampleLen {
            what: "output numbers",
            expected: 2,
            found: 4,
            samples: "rows of an array",
        }
    );
    let params = array::<f32>(2, Net::PARAM_COUNT);
    assert_eq!(
        Net.params(&params.index_axis(Axis(0), 1)).unwrap()[..],
        params.row(1).to_vec()[..]
    );
    assert_eq!(
        Net.params(&params).unwrap_err().to_string(),
        "expected 58 parameters, found 116"
    );
}

#[test]
fn images_are_channels_height_width() {
    let images = Array4::<f32>::zeros((7, 3, 4, 5));
    assert_eq!(Images.inputs(&images).unwrap().len(), 7);
    assert_eq!(
        Images
            .inputs(&ArrayD::<f32>::zeros(vec![7, 1, 3, 4, 5]))
            .unwrap()
            .len(),
        7
    );
    assert_eq!(
        Images.inputs(&Array2::<f32>::zeros((7, 60))).unwrap().len(),
        7
    );
    assert_eq!(
        Images
            .inputs(&Array4::<f32>::zeros((7, 4, 5, 3)))
            .unwrap_err()
            .to_string(),
        "expected images of 3x4x5 (channels, height, width), found 4x5x3"
    );
    assert_eq!(
        Images
            .inputs(&images.permuted_axes([0, 2, 3, 1]))
            .unwrap_err()
            .to_string(),
        "expected images of 3x4x5 (channels, height, width), found 4x5x3"
    );
    let sequences = |axes| Array::<f64, _>::zeros(axes);
    assert_eq!(Sequences.inputs(&sequences((7, 2, 6))).unwrap().len(), 7);
    assert_eq!(
        Sequences
            .inputs(&sequences((7, 6, 2)))
            .unwrap_err()
            .to_string(),
        "expected images of 2x1x6 (channels, height, width), found 6x2"
    );
    assert_eq!(Sequences.outputs(&sequences((7, 5, 4))).unwrap().len(), 7);
    assert!(Sequences.outputs(&sequences((7, 4, 5))).is_err());
}

#[test]
fn training_on_views() {
    let (x, y) = (array::<f32>(40, 4), array::<f32>(40, 2));
    let fit = |xs: &[[f32; 4]], ys: &[[f32; 2]]| {
        let mut params = Net.init::<f32>(&mut rng(3));
        let mut trainer = Trainer::new(Net, SquaredLoss, Adam::new(1e-2)).threads(1);
        let history = trainer.fit(&mut params, xs, ys, 20).unwrap();
        (history.last_loss(), params)
    };
    let (loss, params) = fit(
        Net.inputs(&x.view()).unwrap(),
        Net.outputs(&y.view()).unwrap(),
    );
    let (xs, ys) = (x.into_raw_vec_and_offset().0, y.into_raw_vec_and_offset().0);
    assert_eq!((loss, params), fit(xs.as_chunks().0, ys.as_chunks().0));
}

#[test]
fn times_of_a_solver() {
    let field = Autonomous(simple_chain!(2 => dense(tanh, 4) => dense(id, 2)));
    let params = numbers(22);
    let params = field.0.params(&params).unwrap();
    let times = Array::linspace(0.0, 1.0, 5);
    let mut solver = Solver::new(field, Rk4, times.numbers().unwrap(), 2).unwrap();
    let us = aview2(solver.solve(&[0.5, -0.5], params)).to_owned();
    let mut plain = Solver::new(field, Rk4, &[0.0, 0.25, 0.5, 0.75, 1.0], 2).unwrap();
    assert_eq!(us, aview2(plain.solve(&[0.5, -0.5], params)));
}
