//! The functions that CasADi calls.

use core::ffi::{CStr, c_char, c_int};
use core::ptr::{null, null_mut};

use simplechain::c::Status;
use simplechain::chain::Array;
use simplechain::prelude::*;
use simplechain_test_c as c;
use simplechain_test_c::Small;

use super::{expect, numbers, ok, unset};

const IN: usize = Small::INPUT_LEN;
const OUT: usize = Small::OUTPUT_LEN;
const PARAMS: usize = Small::PARAM_COUNT;

/// What CasADi asks about the arguments, or about the results: names and patterns.
fn described(
    count: i64,
    name: extern "C" fn(i64) -> *const c_char,
    pattern: extern "C" fn(i64) -> *const i64,
    is_differentiable: extern "C" fn(i64) -> c_int,
) -> Vec<(String, [i64; 2], bool)> {
    for outside in [-1, count] {
        assert!(name(outside).is_null() && pattern(outside).is_null());
    }
    let describe = |i| {
        let name = unsafe { CStr::from_ptr(name(i)) }
            .to_str()
            .unwrap()
            .to_owned();
        let pattern = pattern(i);
        let [rows, columns, first] = unsafe { *pattern.cast::<[i64; 3]>() };
        assert_eq!(
            is_differentiable(i) == 1,
            !name.contains("params"),
            "{name}"
        );
        if first != 1 {
            // The beginning of each column, and the end.
            let begins =
                unsafe { core::slice::from_raw_parts(pattern.add(2), columns as usize + 1) };
            assert!(begins.iter().all(|begin| *begin == 0), "{name}");
        }
        (name, [rows, columns], first == 1)
    };
    (0..count).map(describe).collect()
}

#[test]
fn shapes() {
    let [n, m, p] = [IN, OUT, PARAMS].map(|len| len as i64);
    let of = |name: &str, shape, is_dense| (name.to_owned(), shape, is_dense);
    let inputs = described(
        c::jac_adj1_model_n_in(),
        c::jac_adj1_model_name_in,
        c::jac_adj1_model_sparsity_in,
        c::jac_adj1_model_diff_in,
    );
    let expected = [
        of("x", [n, 1], true),
        of("params", [p, 1], true),
        of("out_y", [m, 1], false),
        of("adj_y", [m, 1], true),
        of("out_adj_x", [n, 1], false),
        of("out_adj_params", [p, 1], false),
    ];
    assert_eq!(inputs, expected);
    let outputs = described(
        c::jac_adj1_model_n_out(),
        c::jac_adj1_model_name_out,
        c::jac_adj1_model_sparsity_out,
        c::jac_adj1_model_diff_out,
    );
    let expected = [
        of("jac_adj_x_x", [n, n], true),
        of("jac_adj_x_params", [n, p], false),
        of("jac_adj_x_out_y", [n, m], false),
        of("jac_adj_x_adj_y", [n, m], true),
        of("jac_adj_params_x", [p, n], false),
        of("jac_adj_params_params", [p, p], false),
        of("jac_adj_params_out_y", [p, m], false),
        of("jac_adj_params_adj_y", [p, m], false),
    ];
    assert_eq!(outputs, expected);
    let jacobian = described(
        c::jac_model_n_out(),
        c::jac_model_name_out,
        c::jac_model_sparsity_out,
        c::jac_model_diff_out,
    );
    assert_eq!(
        jacobian,
        [
            of("jac_y_x", [m, n], true),
            of("jac_y_params", [m, p], false)
        ]
    );
}

type Evaluate =
    unsafe extern "C" fn(*const *const f64, *const *mut f64, *mut i64, *mut f64, c_int) -> c_int;
type Work = unsafe extern "C" fn(*mut i64, *mut i64, *mut i64, *mut i64) -> c_int;

/// Calls with these arguments, and memory for these results.
fn call(f: Evaluate, work: Work, arguments: &[Option<&[f64]>], results: &mut [Option<&mut [f64]>]) {
    let mut sizes = [-1; 4];
    let [arg, res, iw, w] = sizes.each_mut().map(|size| &raw mut *size);
    ok(unsafe { work(arg, res, iw, w) });
    assert_eq!(
        sizes[..3],
        [arguments.len() as i64, results.len() as i64, 0]
    );
    let mut scratch = unset::<f64>(sizes[3] as usize);
    let at = |argument: &Option<&[f64]>| argument.map_or(null(), <[f64]>::as_ptr);
    let arguments: Vec<*const f64> = arguments.iter().map(at).collect();
    let at =
        |result: &mut Option<&mut [f64]>| result.as_mut().map_or(null_mut(), |to| to.as_mut_ptr());
    let results: Vec<*mut f64> = results.iter_mut().map(at).collect();
    let (arg, res) = (arguments.as_ptr(), results.as_ptr());
    ok(unsafe { f(arg, res, null_mut(), scratch.as_mut_ptr(), 0) });
}

#[test]
fn values() {
    let (x, params) = (numbers::<f64>(IN, 1), numbers::<f64>(PARAMS, 2));
    let (y_bar, x_dot) = (numbers::<f64>(OUT, 3), numbers::<f64>(IN, 4));
    let (x_array, params_array) = (x.first_chunk().unwrap(), params.first_chunk().unwrap());
    let (x, params, seed, dot) = (Some(&*x), Some(&*params), Some(&*y_bar), Some(&*x_dot));
    let [
        mut y,
        mut jacobian,
        mut product,
        mut x_bar,
        mut hessian,
        mut transposed,
    ] = [OUT, OUT * IN, OUT, IN, IN * IN, IN * OUT].map(unset::<f64>);
    call(c::model, c::model_work, &[x, params], &mut [Some(&mut y)]);
    assert_eq!(*y, Small.forward(x_array, params_array));

    let arguments = [x, params, None, dot, None];
    call(
        c::fwd1_model,
        c::fwd1_model_work,
        &arguments,
        &mut [Some(&mut product)],
    );
    let expected = Small
        .jvp_input(x_array, params_array, x_dot.first_chunk().unwrap())
        .1;
    assert_eq!(*product, expected);

    let arguments = [x, params, None, seed];
    call(
        c::adj1_model,
        c::adj1_model_work,
        &arguments,
        &mut [Some(&mut x_bar), None],
    );
    let mut expected = [0.0; IN];
    let seed_array = y_bar.first_chunk().unwrap();
    Small.vjp_input(x_array, params_array, seed_array, &mut expected);
    assert_eq!(*x_bar, expected);

    let mut rows = [[0.0; IN]; OUT];
    Small
        .jacobian_input(x_array, params_array, &mut rows)
        .unwrap();
    call(
        c::jac_model,
        c::jac_model_work,
        &[x, params, None],
        &mut [Some(&mut jacobian), None],
    );
    let columns: Vec<f64> = (0..IN).flat_map(|i| rows.map(|row| row[i])).collect();
    assert_eq!(jacobian, columns);

    let mut results = [const { None::<&mut [f64]> }; 8];
    results[0] = Some(&mut hessian);
    results[3] = Some(&mut transposed);
    let arguments = [x, params, None, seed, None, None];
    call(
        c::jac_adj1_model,
        c::jac_adj1_model_work,
        &arguments,
        &mut results,
    );
    let mut expected = [[0.0; IN]; IN];
    Small
        .hessian_input(x_array, params_array, seed_array, &mut expected)
        .unwrap();
    assert_eq!(hessian, expected.as_flattened());
    assert_eq!(transposed, rows.as_flattened());
}

/// An argument that is null is zero, a result that is null is not wanted.
#[test]
fn null_pointers() {
    let params = numbers::<f64>(PARAMS, 2);
    let mut y = unset::<f64>(OUT);
    call(
        c::model,
        c::model_work,
        &[None, Some(&params)],
        &mut [Some(&mut y)],
    );
    assert_eq!(
        *y,
        Small.forward(&[0.0; IN], Small.params(&params).unwrap())
    );
    call(c::model, c::model_work, &[None, None], &mut [Some(&mut y)]);
    assert_eq!(*y, Small.forward(&[0.0; IN], &Array::splat(0.0)));
    call(c::model, c::model_work, &[None, None], &mut [None]);
    let code = unsafe { c::model(null(), null(), null_mut(), null_mut(), 0) };
    expect(Status::Null, code);
}
