use ::nalgebra::{
    DMatrix, DMatrixView, DMatrixViewMut, DVector, DVectorView, Dyn, Matrix2xX, MatrixView,
    RowDVector, SMatrix, SMatrixView, SVector, U1,
};
use simplechain::prelude::*;
use simplechain::simd::Real;

use crate::chains::{Images, Net, numbers, outputs, refusal, refusal_mut};

const GAPS: &str = "the matrix is not column after column without gaps: pass its `clone_owned()`";
const GAPS_MUT: &str = "the matrix is not column after column without gaps: write to a matrix of its own, and \
                        `copy_from` that to it";

fn matrix<T: Real>(rows: usize, columns: usize) -> DMatrix<T> {
    DMatrix::from_vec(rows, columns, numbers(rows * columns))
}

fn the_same_outputs<T: Real>() {
    let x = matrix::<T>(4, 5);
    let flat_params = DVector::from_vec(numbers(Net::PARAM_COUNT));
    let params = Net.params(&flat_params).unwrap();
    assert_eq!(params.as_ptr(), flat_params.as_ptr());
    let expected = outputs(&x.as_slice()[4..]);

    let last = x.columns(1, 4);
    let xs = Net.inputs(&last).unwrap();
    assert_eq!(xs.as_ptr().cast(), last.as_ptr());
    let mut y = Matrix2xX::from_element(5, T::ZERO);
    let mut left = y.columns_mut(0, 4);
    Net.forward_batch(xs, params, Net.outputs_mut(&mut left).unwrap())
        .unwrap();
    assert_eq!(y.as_slice()[..8], expected[..]);
    assert_eq!(y.column(4).as_slice(), [T::ZERO; 2]);

    let mut ys = vec![[T::ZERO; 2]; 4];
    Net.forward_batch(xs, params, &mut ys).unwrap();
    let view = DMatrixView::from_slice(ys.as_flattened(), 2, 4);
    assert_eq!(view, y.columns(0, 4));
    assert_eq!(view.numbers().unwrap().as_ptr(), ys.as_flattened().as_ptr());
}

#[test]
fn views_give_the_same_outputs() {
    the_same_outputs::<f32>();
    the_same_outputs::<f64>();
}

#[test]
fn every_kind_of_matrix() {
    let mut x = matrix::<f32>(4, 3);
    let first = x.as_ptr();
    let dynamic: DMatrixView<f32> = x.as_view();
    assert_eq!(dynamic.numbers().unwrap().as_ptr(), first);
    let fixed: SMatrixView<f32, 4, 3> = x.as_view();
    assert_eq!(fixed.numbers().unwrap().as_ptr(), first);
    let any: MatrixView<f32, Dyn, Dyn, Dyn, Dyn> = x.view_with_steps((0, 0), (4, 3), (0, 0));
    assert_eq!(any.numbers().unwrap().as_ptr(), first);
    assert_eq!(x.fixed_columns::<2>(0).numbers().unwrap().as_ptr(), first);
    assert_eq!(x.fixed_view::<4, 2>(0, 0).numbers().unwrap().len(), 8);
    let mut dynamic: DMatrixViewMut<f32> = x.as_view_mut();
    assert_eq!(Net.inputs_mut(&mut dynamic).unwrap().as_ptr().cast(), first);
    assert_eq!(Net.inputs(&dynamic).unwrap().as_ptr().cast(), first);
    assert_eq!(x.numbers_mut().unwrap().as_ptr(), first);

    let mut fixed = SMatrix::<f64, 4, 3>::from_fn(|i, j| (10 * j + i) as f64);
    assert_eq!(Net.inputs(&fixed).unwrap()[1], [10.0, 11.0, 12.0, 13.0]);
    Net.inputs_mut(&mut fixed).unwrap()[2][1] = -1.0;
    assert_eq!(fixed[(1, 2)], -1.0);
    assert_eq!(Net.inputs(&x.remove_column(0)).unwrap().len(), 2);
}

#[test]
fn vectors() {
    let column = SVector::<f64, 8>::from_fn(|i, _| i as f64);
    assert_eq!(
        Net.inputs(&column).unwrap(),
        [[0.0, 1.0, 2.0, 3.0], [4.0, 5.0, 6.0, 7.0]]
    );
    assert_eq!(Net.inputs(&column.transpose()).unwrap().len(), 2);
    assert_eq!(Net.inputs(&DVector::<f32>::zeros(12)).unwrap().len(), 3);
    assert_eq!(Net.inputs(&RowDVector::<f32>::zeros(12)).unwrap().len(), 3);
    let slice = numbers::<f32>(4);
    let view = DVectorView::from_slice(&slice, 4);
    assert_eq!(Net.inputs(&view).unwrap().as_ptr().cast(), slice.as_ptr());

    let mut x = matrix::<f32>(4, 3);
    let expected = x.as_slice()[4..8].to_vec();
    assert_eq!(x.column(1).numbers().unwrap(), expected);
    assert_eq!(x.column_mut(1).numbers_mut().unwrap(), expected);
    // A part of one column has no gaps.
    assert_eq!(x.view((1, 1), (2, 1)).numbers().unwrap(), &expected[1..3]);
    assert_eq!(x.column(1).rows(1, 2).numbers().unwrap(), &expected[1..3]);
}

#[test]
fn no_samples() {
    assert_eq!(Net.inputs(&DMatrix::<f32>::zeros(4, 0)).unwrap().len(), 0);
    assert_eq!(
        Net.outputs_mut(&mut DMatrix::<f64>::zeros(2, 0))
            .unwrap()
            .len(),
        0
    );
    assert_eq!(Net.inputs(&DVector::<f32>::zeros(0)).unwrap().len(), 0);
    let x = matrix::<f32>(4, 3);
    assert_eq!(x.columns(1, 0).numbers().unwrap().len(), 0);
    assert_eq!(x.rows(1, 0).numbers().unwrap().len(), 0);
    assert_eq!(
        Net.inputs(&DMatrix::<f32>::zeros(0, 3))
            .unwrap_err()
            .to_string(),
        "expected samples of 4 input numbers, found 0: the samples are the columns of a matrix"
    );
}

#[test]
fn other_layouts_are_refused() {
    let mut x = matrix::<f64>(4, 4);
    assert_eq!(refusal(&x.rows(0, 2)), GAPS);
    assert_eq!(refusal(&x.view((1, 1), (2, 2))), GAPS);
    assert_eq!(refusal(&x.row(1)), GAPS);
    assert_eq!(refusal(&x.columns_with_step(0, 2, 1)), GAPS);
    assert_eq!(refusal(&x.rows_with_step(0, 2, 1)), GAPS);
    assert_eq!(refusal(&x.column(0).rows_with_step(0, 2, 1)), GAPS);
    assert_eq!(refusal_mut(&mut x.rows_mut(0, 2)), GAPS_MUT);
    assert_eq!(refusal_mut(&mut x.row_mut(1)), GAPS_MUT);

    let flat = numbers::<f64>(16);
    let transposed = DMatrixView::from_slice_with_strides(&flat, 4, 4, 4, 1);
    assert_eq!(refusal(&transposed), GAPS);
    assert_eq!(Net.inputs(&transposed).unwrap_err().to_string(), GAPS);
    assert_eq!(Net.inputs(&transposed.clone_owned()).unwrap().len(), 4);
    assert_eq!(Net.outputs(&x.rows(0, 2)).unwrap_err().to_string(), GAPS);
    assert_eq!(
        Net.outputs_mut(&mut x.rows_mut(0, 2))
            .unwrap_err()
            .to_string(),
        GAPS_MUT
    );
    let rows = matrix::<f64>(2, Net::PARAM_COUNT);
    assert_eq!(Net.params(&rows.row(0)).unwrap_err().to_string(), GAPS);
    let repeated: MatrixView<f64, Dyn, Dyn, U1, Dyn> =
        MatrixView::from_slice_with_strides_generic(&flat, Dyn(4), Dyn(2), U1, Dyn(0));
    assert_eq!(refusal(&repeated), GAPS);
}

#[test]
fn samples_of_another_length_are_refused() {
    assert_eq!(
        Net.inputs(&matrix::<f32>(100, 4)).unwrap_err().to_string(),
        "expected samples of 4 input numbers, found 100: the samples are the columns of a matrix"
    );
    assert_eq!(
        Net.outputs_mut(&mut SMatrix::<f64, 4, 2>::zeros())
            .unwrap_err()
            .to_string(),
        "expected samples of 2 output numbers, found 4: the samples are the columns of a matrix"
    );
    assert_eq!(
        Net.params_mut(&mut DVector::<f32>::zeros(57))
            .unwrap_err()
            .to_string(),
        "expected 58 parameters, found 57"
    );
    assert_eq!(Images.inputs(&matrix::<f32>(60, 2)).unwrap().len(), 2);
    assert_eq!(
        Images
            .inputs(&matrix::<f32>(20, 6))
            .unwrap_err()
            .to_string(),
        "expected samples of 60 input numbers, found 20: the samples are the columns of a matrix"
    );
}

#[test]
fn lbfgs_on_a_vector() {
    let (x, y) = (matrix::<f64>(4, 10), matrix::<f64>(2, 10));
    let (xs, ys) = (Net.inputs(&x).unwrap(), Net.outputs(&y).unwrap());
    let loss = |params: &[f64], grads: &mut [f64]| {
        let (params, grads) = (Net.params(params).unwrap(), Net.params_mut(grads).unwrap());
        Net.value_and_grad_batch(&SquaredLoss, xs, ys, params, grads)
            .unwrap()
    };
    let mut params = DVector::from_vec(numbers(Net::PARAM_COUNT));
    let mut plain = numbers(Net::PARAM_COUNT);
    let minimum = Lbfgs::new()
        .minimize(params.numbers_mut().unwrap(), 30, loss)
        .unwrap();
    let expected = Lbfgs::new().minimize(&mut plain, 30, loss).unwrap();
    assert_eq!(minimum.value, expected.value);
    assert_eq!(params.as_slice(), plain);
}
