//! The handlers for XLA, called with frames as XLA makes them; `examples/python` calls them from JAX itself.

use core::ffi::{CStr, c_char, c_int, c_void};
use core::ptr;

use simplechain::prelude::*;
use simplechain_test_c::*;

use super::{numbers, unset};

type Handler = unsafe extern "C" fn(*mut c_void) -> *mut c_void;

const F32: c_int = 11;
const F64: c_int = 12;
const EXECUTE: c_int = 3;

// The structures of `xla/ffi/api/c_api.h` once more, with all fields.

#[repr(C)]
struct Buffer {
    struct_size: usize,
    extension: *mut c_void,
    dtype: c_int,
    data: *mut c_void,
    rank: i64,
    dims: *const i64,
}

#[repr(C)]
struct Operands {
    struct_size: usize,
    extension: *mut c_void,
    size: i64,
    types: *const c_int,
    values: *const *const Buffer,
}

#[repr(C)]
struct Attributes {
    struct_size: usize,
    extension: *mut c_void,
    size: i64,
    types: *const c_int,
    names: *const *const c_void,
    values: *const *const c_void,
}

#[repr(C)]
struct Frame {
    struct_size: usize,
    extension: *mut c_void,
    api: *const Api,
    context: *mut c_void,
    stage: c_int,
    arguments: Operands,
    results: Operands,
    attributes: Attributes,
    future: *mut c_void,
}

#[repr(C)]
struct Version {
    struct_size: usize,
    extension: *mut c_void,
    major: c_int,
    minor: c_int,
}

#[repr(C)]
struct Api {
    struct_size: usize,
    extension: *mut c_void,
    version: Version,
    internal: *const c_void,
    error_create: unsafe extern "C" fn(*const ErrorCreate) -> *mut c_void,
}

#[repr(C)]
struct ErrorCreate {
    struct_size: usize,
    extension: *mut c_void,
    message: *const c_char,
    code: c_int,
}

#[repr(C)]
struct Metadata {
    struct_size: usize,
    version: Version,
    traits: u32,
    state_type_id: i64,
}

#[repr(C)]
struct MetadataExtension {
    struct_size: usize,
    kind: c_int,
    next: *mut c_void,
    metadata: *mut Metadata,
}

/// An error as this test's XLA keeps it: a box of code and text.
unsafe extern "C" fn error_create(arguments: *const ErrorCreate) -> *mut c_void {
    let arguments = unsafe { &*arguments };
    assert_eq!(arguments.struct_size, 28);
    let message = unsafe { CStr::from_ptr(arguments.message) };
    let message = message.to_str().expect("UTF-8").to_owned();
    Box::into_raw(Box::new((arguments.code, message))).cast()
}

fn api(minor: c_int) -> Api {
    Api {
        struct_size: size_of::<Api>() + 17 * size_of::<usize>(),
        extension: ptr::null_mut(),
        version: Version {
            struct_size: 24,
            extension: ptr::null_mut(),
            major: 0,
            minor,
        },
        internal: ptr::null(),
        error_create,
    }
}

/// Numbers and their dimensions.
struct Array<T> {
    numbers: Vec<T>,
    dims: Vec<i64>,
}

fn array<T: Real>(dims: &[i64], seed: usize) -> Array<T> {
    Array {
        numbers: numbers(dims.iter().product::<i64>() as usize, seed),
        dims: dims.to_vec(),
    }
}

fn result<T: Real>(dims: &[i64]) -> Array<T> {
    Array {
        numbers: unset(dims.iter().product::<i64>() as usize),
        dims: dims.to_vec(),
    }
}

fn buffer<T: Real>(array: &mut Array<T>) -> Buffer {
    Buffer {
        struct_size: size_of::<Buffer>(),
        extension: ptr::null_mut(),
        dtype: if T::NAME == "f32" { F32 } else { F64 },
        data: array.numbers.as_mut_ptr().cast(),
        rank: array.dims.len() as i64,
        dims: array.dims.as_ptr(),
    }
}

/// What a handler answers: the text of its error, with the code before it.
fn answer(
    handler: Handler,
    stage: c_int,
    arguments: &[Buffer],
    results: &[Buffer],
) -> Result<(), String> {
    let kinds = [1; 8];
    let arguments: Vec<*const Buffer> = arguments.iter().map(ptr::from_ref).collect();
    let results: Vec<*const Buffer> = results.iter().map(ptr::from_ref).collect();
    let operands = |values: &[*const Buffer]| Operands {
        struct_size: size_of::<Operands>(),
        extension: ptr::null_mut(),
        size: values.len() as i64,
        types: kinds.as_ptr(),
        values: values.as_ptr(),
    };
    let api = api(3);
    let mut frame = Frame {
        struct_size: size_of::<Frame>(),
        extension: ptr::null_mut(),
        api: &raw const api,
        context: ptr::null_mut(),
        stage,
        arguments: operands(&arguments),
        results: operands(&results),
        attributes: Attributes {
            struct_size: size_of::<Attributes>(),
            extension: ptr::null_mut(),
            size: 0,
            types: ptr::null(),
            names: ptr::null(),
            values: ptr::null(),
        },
        future: ptr::null_mut(),
    };
    let error = unsafe { handler((&raw mut frame).cast()) };
    if error.is_null() {
        return Ok(());
    }
    let (code, message) = *unsafe { Box::from_raw(error.cast::<(c_int, String)>()) };
    Err(format!("{code}: {message}"))
}

fn call<T: Real>(
    handler: Handler,
    arguments: &mut [Array<T>],
    results: &mut [Array<T>],
) -> Result<(), String> {
    let arguments: Vec<Buffer> = arguments.iter_mut().map(buffer).collect();
    let results: Vec<Buffer> = results.iter_mut().map(buffer).collect();
    answer(handler, EXECUTE, &arguments, &results)
}

/// Two vectors of parameters with three samples each, against the calls in Rust.
fn groups<T: Real>() {
    const GROUPS: usize = 2;
    let shape = |len: i64| [GROUPS as i64, 3, len];
    let (mut x, mut p) = (array::<T>(&shape(3), 1), array::<T>(&[2, 32], 2));
    let (mut y_bar, mut x_dot, mut p_dot) = (
        array::<T>(&shape(2), 3),
        array(&shape(3), 4),
        array(&[2, 32], 5),
    );
    let mut y = [result::<T>(&shape(2))];
    let mut bars = [result::<T>(&shape(3)), result(&[2, 32])];
    let mut arguments = [x, p];
    call(small_xla_forward, &mut arguments, &mut y).unwrap();
    [x, p] = arguments;
    for group in 0..GROUPS {
        let xs = Small.inputs(&x.numbers[9 * group..][..9]).unwrap();
        let params = Small.params(&p.numbers[32 * group..][..32]).unwrap();
        let mut expected = [[T::ZERO; 2]; 3];
        Small.forward_batch(xs, params, &mut expected).unwrap();
        assert_eq!(y[0].numbers[6 * group..][..6], *expected.as_flattened());
    }

    let mut arguments = [x, p, y_bar];
    call(small_xla_vjp, &mut arguments, &mut bars).unwrap();
    [x, p, y_bar] = arguments;
    for group in 0..GROUPS {
        let xs = Small.inputs(&x.numbers[9 * group..][..9]).unwrap();
        let params = Small.params(&p.numbers[32 * group..][..32]).unwrap();
        let y_bars = Small.outputs(&y_bar.numbers[6 * group..][..6]).unwrap();
        let (mut x_bars, mut params_bar) = ([[T::ZERO; 3]; 3], Small.zeros());
        Small
            .vjp_batch(xs, params, y_bars, &mut x_bars, &mut params_bar)
            .unwrap();
        assert_eq!(bars[0].numbers[9 * group..][..9], *x_bars.as_flattened());
        assert_eq!(bars[1].numbers[32 * group..][..32], params_bar[..]);
    }
    let (x_bar, p_bar) = (bars[0].numbers.clone(), bars[1].numbers.clone());
    let mut arguments = [x, p, y_bar];
    call(small_xla_vjp_input, &mut arguments, &mut bars[..1]).unwrap();
    call(small_xla_vjp_params, &mut arguments, &mut bars[1..]).unwrap();
    assert!(bars[0].numbers == x_bar && bars[1].numbers == p_bar);
    [x, p, y_bar] = arguments;

    // Products, where one is the transpose of the other: `y_bar^T y_dot = x_bar^T x_dot + p_bar^T p_dot`.
    let dot =
        |a: &[T], b: &[T]| -> f64 { a.iter().zip(b).map(|(a, b)| a.to_f64() * b.to_f64()).sum() };
    let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-4 * (1.0 + a.abs()), "{a} {b}");
    let mut arguments = [x, p, x_dot, p_dot];
    call(small_xla_jvp, &mut arguments, &mut y).unwrap();
    [x, p, x_dot, p_dot] = arguments;
    let slope = dot(&y[0].numbers, &y_bar.numbers);
    close(
        slope,
        dot(&x_bar, &x_dot.numbers) + dot(&p_bar, &p_dot.numbers),
    );
    let mut arguments = [x, p, x_dot];
    call(small_xla_jvp_input, &mut arguments, &mut y).unwrap();
    [x, p, x_dot] = arguments;
    let input = dot(&y[0].numbers, &y_bar.numbers);
    let mut arguments = [x, p, p_dot];
    call(small_xla_jvp_params, &mut arguments, &mut y).unwrap();
    [x, p, p_dot] = arguments;
    close(slope, input + dot(&y[0].numbers, &y_bar.numbers));

    // `y_bar^T second(v, w) = w^T hvp(v)`.
    let (x_w, p_w) = (array::<T>(&shape(3), 6), array::<T>(&[2, 32], 7));
    let mut arguments = [x, p, y_bar, x_dot, p_dot];
    call(small_xla_hvp, &mut arguments, &mut bars).unwrap();
    [x, p, y_bar, x_dot, p_dot] = arguments;
    let curvature = dot(&bars[0].numbers, &x_w.numbers) + dot(&bars[1].numbers, &p_w.numbers);
    let mut arguments = [x, p, x_dot, p_dot, x_w, p_w];
    call(small_xla_second, &mut arguments, &mut y).unwrap();
    close(curvature, dot(&y[0].numbers, &y_bar.numbers));
}

#[test]
fn groups_of_f32_and_f64() {
    groups::<f32>();
    groups::<f64>();
}

#[test]
fn a_single_sample_and_an_empty_batch() {
    let mut y = [result::<f64>(&[2])];
    let mut arguments = [array(&[3], 1), array(&[32], 2)];
    call(small_xla_forward, &mut arguments, &mut y).unwrap();
    let [x, p] = &arguments;
    let params = Small.params(&p.numbers).unwrap();
    let expected = Small.forward(x.numbers[..].try_into().unwrap(), params);
    assert_eq!(y[0].numbers, expected);

    let mut arguments = [array::<f32>(&[0, 3], 1), array(&[32], 2), array(&[0, 2], 3)];
    let mut bars = [result(&[0, 3]), result(&[32])];
    call(small_xla_vjp, &mut arguments, &mut bars).unwrap();
    assert_eq!(bars[1].numbers, [0.0; 32]);
}

#[test]
fn a_query_for_metadata_is_answered_with_a_version_that_xla_has() {
    for (theirs, ours) in [(1, 1), (3, 3), (9, 3)] {
        let api = api(theirs);
        let mut metadata: Metadata = unsafe { core::mem::zeroed() };
        metadata.struct_size = core::mem::offset_of!(Metadata, traits) + 4;
        let mut extension = MetadataExtension {
            struct_size: size_of::<MetadataExtension>(),
            kind: 1,
            next: ptr::null_mut(),
            metadata: &raw mut metadata,
        };
        let mut frame: Frame = unsafe { frame_of_a_query(&raw const api) };
        frame.extension = (&raw mut extension).cast();
        assert!(unsafe { small_xla_forward((&raw mut frame).cast()) }.is_null());
        assert_eq!((metadata.version.major, metadata.version.minor), (0, ours));
        assert_eq!((metadata.traits, metadata.state_type_id), (0, 0));
    }
}

/// # Safety
/// A null pointer is valid for all pointers but `api`.
unsafe fn frame_of_a_query(api: *const Api) -> Frame {
    let mut frame: core::mem::MaybeUninit<Frame> = core::mem::MaybeUninit::zeroed();
    unsafe {
        let to = frame.as_mut_ptr();
        (&raw mut (*to).struct_size).write(size_of::<Frame>());
        (&raw mut (*to).api).write(api);
        (&raw mut (*to).stage).write(EXECUTE);
        frame.assume_init()
    }
}

#[test]
fn what_does_not_fit_is_an_error() {
    fn fails(part: &str, arguments: &mut [Array<f32>], results: &mut [Array<f32>]) {
        let error = call(small_xla_forward, arguments, results).unwrap_err();
        assert!(error.contains(part), "{error}");
        assert!(
            results
                .iter()
                .all(|result| result.numbers.iter().all(|y| y.is_nan()))
        );
    }
    let (x, p, y) = (
        |dims: &[i64]| array(dims, 1),
        || array(&[32], 2),
        |dims: &[i64]| result(dims),
    );
    fails(
        "3: argument 0 has the shape [4] of f32, but this call needs (..params, ..samples, 3)",
        &mut [x(&[4]), p()],
        &mut [y(&[2])],
    );
    fails(
        "argument 1 has the shape [31] of f32, but this call needs (.., 32)",
        &mut [x(&[3]), array(&[31], 2)],
        &mut [y(&[2])],
    );
    fails(
        "result 0 has the shape [5, 2]",
        &mut [x(&[3]), p()],
        &mut [y(&[5, 2])],
    );
    fails(
        "result 0 has the shape [2]",
        &mut [x(&[5, 3]), p()],
        &mut [y(&[2])],
    );
    fails(
        "argument 0 has the shape []",
        &mut [x(&[]), p()],
        &mut [y(&[2])],
    );
    fails(
        "argument 1 has the shape [2, 32]",
        &mut [x(&[3]), array(&[2, 32], 2)],
        &mut [y(&[2])],
    );
    fails(
        "argument 1 has the shape [2, 32]",
        &mut [x(&[3, 3]), array(&[2, 32], 2)],
        &mut [y(&[3, 2])],
    );
    fails(
        "2 arguments are needed, but there are 1",
        &mut [x(&[3])],
        &mut [y(&[2])],
    );
    fails(
        "1 results are needed, but there are 2",
        &mut [x(&[3]), p()],
        &mut [y(&[2]), y(&[2])],
    );

    let (mut x, mut p, mut y) = (
        array::<f32>(&[3], 1),
        array::<f64>(&[32], 2),
        result::<f32>(&[2]),
    );
    let arguments = [buffer(&mut x), buffer(&mut p)];
    let error = answer(small_xla_forward, EXECUTE, &arguments, &[buffer(&mut y)]).unwrap_err();
    assert!(
        error.contains("argument 1 has the shape [32] of f64"),
        "{error}"
    );

    let mut p = array::<f32>(&[32], 2);
    let mut arguments = [buffer(&mut x), buffer(&mut p)];
    let error = answer(small_xla_forward, 1, &arguments, &[buffer(&mut y)]).unwrap_err();
    assert!(
        error.contains("12: the call frame is not one for execution"),
        "{error}"
    );

    let overlapping = Buffer {
        dims: y.dims.as_ptr(),
        ..buffer(&mut x)
    };
    let error = answer(small_xla_forward, EXECUTE, &arguments, &[overlapping]).unwrap_err();
    assert!(error.contains("overlaps"), "{error}");

    for argument in &mut arguments {
        argument.dtype = 10;
    }
    let error = answer(small_xla_forward, EXECUTE, &arguments, &[buffer(&mut y)]).unwrap_err();
    assert!(
        error.contains("of f32, but this call needs") || error.contains("type 10"),
        "{error}"
    );
    arguments[0].dtype = F32;
    arguments[1].dtype = F32;
    arguments[0].data = ptr::null_mut();
    let error = answer(small_xla_forward, EXECUTE, &arguments, &[buffer(&mut y)]).unwrap_err();
    assert!(error.contains("a pointer is null"), "{error}");
}

#[test]
fn a_panic_is_an_error() {
    let mut arguments = [array::<f32>(&[3], 1), array(&[8], 2)];
    let error = call(buggy_xla_forward, &mut arguments, &mut [result(&[2])]).unwrap_err();
    assert!(error.starts_with("13: a panic"), "{error}");
}
