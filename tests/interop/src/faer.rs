use ::faer::{Col, ColMut, ColRef, Mat, MatRef, Row, RowMut, RowRef};
use simplechain::data::Columns;
use simplechain::prelude::*;
use simplechain::simd::Real;

use crate::chains::{Net, numbers, outputs, refusal, refusal_mut};

const STEPS: &str =
    "the vector's numbers are not side by side, or run backwards: pass its `to_owned()`";
const STEPS_MUT: &str = "the vector's numbers are not side by side, or run backwards: write to a vector of its own, and \
                         `copy_from` that to it";

fn the_same_outputs<T: Real>() {
    let flat = numbers::<T>(20);
    let x = Mat::from_fn(4, 5, |i, j| flat[4 * j + i]);
    assert!(x.col_stride() > 4); // there are gaps
    let flat_params = numbers(Net::PARAM_COUNT);
    let flat_params = Col::from_fn(Net::PARAM_COUNT, |i| flat_params[i]);
    let params = Net.params(&flat_params).unwrap();
    assert_eq!(params.as_ptr(), flat_params.as_ptr());

    let given = |x: MatRef<T>| {
        let mut ys = vec![[T::ZERO; 2]; x.ncols()];
        Net.forward_batch(&Columns::new(x).unwrap(), params, &mut ys)
            .unwrap();
        ys.as_flattened().to_vec()
    };
    assert_eq!(given(x.as_ref()), outputs(&flat));
    assert_eq!(given(x.subcols(1, 3)), outputs(&flat[4..16]));
    assert_eq!(
        given(MatRef::from_column_major_slice(&flat, 4, 5)),
        outputs(&flat)
    );
    let rows = Mat::from_fn(5, 4, |i, j| flat[4 * i + j]);
    assert_eq!(given(rows.transpose()), outputs(&flat));
    let backwards = x.reverse_cols();
    assert_eq!(given(backwards)[8..], outputs(&flat[..4]));
    assert_eq!(given(x.subcols(0, 0)), []);

    let copied: Vec<[T; 4]> = Columns::new(x.as_ref()).unwrap().to_vec();
    assert_eq!(copied.as_flattened(), flat);
    let view = MatRef::from_column_major_slice(copied.as_flattened(), 4, 5);
    assert_eq!(view.as_ptr(), copied.as_ptr().cast());
    assert_eq!(view[(3, 4)], flat[19]);
}

#[test]
fn matrices_give_the_same_outputs() {
    the_same_outputs::<f32>();
    the_same_outputs::<f64>();
}

#[test]
fn every_kind_of_vector() {
    let flat = numbers::<f32>(8);
    let mut column = Col::from_fn(8, |i| flat[i]);
    let first = column.as_ptr();
    assert_eq!(Net.inputs(&column).unwrap().as_ptr().cast(), first);
    assert_eq!(column.numbers().unwrap(), flat);
    let view: ColRef<f32> = column.as_ref();
    assert_eq!(view.numbers().unwrap().as_ptr(), first);
    assert_eq!(view.subrows(2, 4).numbers().unwrap(), &flat[2..6]);
    let mut view: ColMut<f32> = column.as_mut();
    assert_eq!(view.numbers().unwrap().as_ptr(), first);
    assert_eq!(Net.outputs_mut(&mut view).unwrap().as_ptr().cast(), first);
    assert_eq!(column.numbers_mut().unwrap().as_ptr(), first);

    let mut row = Row::from_fn(8, |i| flat[i]);
    let first = row.as_ptr();
    assert_eq!(Net.inputs(&row).unwrap().as_ptr().cast(), first);
    let view: RowRef<f32> = row.as_ref();
    assert_eq!(view.numbers().unwrap().as_ptr(), first);
    let mut view: RowMut<f32> = row.as_mut();
    assert_eq!(view.numbers().unwrap().as_ptr(), first);
    assert_eq!(Net.outputs_mut(&mut view).unwrap().as_ptr().cast(), first);
    assert_eq!(row.numbers_mut().unwrap().as_ptr(), first);

    let matrix = Mat::from_fn(4, 2, |i, j| flat[4 * j + i]);
    assert_eq!(
        Net.inputs(&matrix.col(1)).unwrap().as_flattened(),
        &flat[4..]
    );
    assert_eq!(Net.inputs(&Col::<f64>::zeros(0)).unwrap().len(), 0);
}

#[test]
fn other_layouts_are_refused() {
    let mut matrix = Mat::<f64>::zeros(4, 4);
    let column = Col::<f64>::zeros(4);
    assert_eq!(refusal(&matrix.row(1)), STEPS);
    assert_eq!(refusal(&matrix.transpose().col(1)), STEPS);
    assert_eq!(refusal(&column.as_ref().reverse_rows()), STEPS);
    assert_eq!(refusal_mut(&mut matrix.row_mut(1)), STEPS_MUT);
    assert_eq!(
        refusal_mut(&mut matrix.as_mut().transpose_mut().col_mut(0)),
        STEPS_MUT
    );
    assert_eq!(Net.inputs(&matrix.row(1)).unwrap_err().to_string(), STEPS);
    assert_eq!(Net.inputs(&matrix.row(1).to_owned()).unwrap().len(), 1);
}

#[test]
fn samples_of_another_length_are_refused() {
    let matrix = Mat::<f64>::zeros(100, 4);
    assert_eq!(
        Columns::<_, 4>::new(matrix.as_ref())
            .unwrap_err()
            .to_string(),
        "expected samples of 4 numbers, found 100: the samples are the columns of a matrix"
    );
    assert!(Columns::<_, 4>::new(matrix.transpose()).is_ok());
    assert_eq!(
        Net.inputs(&Col::<f32>::zeros(9)).unwrap_err().to_string(),
        "expected a multiple of 4 input numbers, found 9"
    );
    assert_eq!(
        Net.params_mut(&mut Row::<f32>::zeros(9))
            .unwrap_err()
            .to_string(),
        "expected 58 parameters, found 9"
    );
}

#[test]
fn training_on_columns() {
    let flat = numbers::<f32>(4 * 40);
    let x = Mat::from_fn(4, 40, |i, j| flat[4 * j + i]);
    let y = Mat::from_fn(2, 40, |i, j| flat[4 * j + i] * flat[4 * j + 2]);
    let xs = Columns::new(x.as_ref()).unwrap();
    let ys = Columns::new(y.as_ref()).unwrap().to_vec();
    let mut trainer = Trainer::new(Net, SquaredLoss, Adam::new(1e-2)).batch_size(16);
    let mut params = Net.init::<f32>(&mut rng(3));
    let history = trainer.fit(&mut params, &xs, &ys, 20).unwrap();

    let mut trainer = Trainer::new(Net, SquaredLoss, Adam::new(1e-2)).batch_size(16);
    let mut plain = Net.init::<f32>(&mut rng(3));
    let expected = trainer.fit(&mut plain, Net.inputs(&flat).unwrap(), &ys, 20);
    assert_eq!(history.last_loss(), expected.unwrap().last_loss());
    assert_eq!(params, plain);
}
