//! Every function gives the bits of the call in Rust.

use core::ptr::{null, null_mut};

use simplechain::prelude::*;
use simplechain_test_c as c;
use simplechain_test_c::Small;

use super::{numbers, ok, unset};

const IN: usize = Small::INPUT_LEN;
const OUT: usize = Small::OUTPUT_LEN;
const PARAMS: usize = Small::PARAM_COUNT;
/// More than the lanes of most vectors, and no multiple of them.
const SAMPLES: usize = if cfg!(miri) { 3 } else { 19 };

#[test]
fn constants() {
    assert_eq!(c::small_input_len(), IN);
    assert_eq!(c::small_output_len(), OUT);
    assert_eq!(c::small_param_count(), PARAMS);
    assert_eq!(c::small_fingerprint(), Small::FINGERPRINT);
    let header = c::small_header();
    let fingerprint = format!(
        "#define SMALL_FINGERPRINT UINT64_C({:#x})",
        Small::FINGERPRINT
    );
    assert!(header.contains("#define SMALL_PARAM_COUNT 32"), "{header}");
    assert!(header.contains(&fingerprint), "{header}");
}

macro_rules! values {
    ($T:ident: $init:ident $load:ident $forward:ident $vjp:ident $jvp:ident $hvp:ident
        $forward_batch:ident $vjp_batch:ident $jvp_batch:ident $hvp_batch:ident) => {
        mod $T {
            use super::*;

            /// Arguments: of one sample in Rust, and of a batch.
            struct Arguments {
                xs: Vec<$T>,
                params: Vec<$T>,
                y_bars: Vec<$T>,
                x_dots: Vec<$T>,
                params_dot: Vec<$T>,
            }

            impl Arguments {
                fn new() -> Self {
                    Self {
                        xs: numbers(SAMPLES * IN, 1),
                        params: numbers(PARAMS, 2),
                        y_bars: numbers(SAMPLES * OUT, 3),
                        x_dots: numbers(SAMPLES * IN, 4),
                        params_dot: numbers(PARAMS, 5),
                    }
                }
                fn params(&self) -> &[$T; PARAMS] {
                    self.params.first_chunk().unwrap()
                }
                fn params_dot(&self) -> &[$T; PARAMS] {
                    self.params_dot.first_chunk().unwrap()
                }
                fn x(&self) -> &[$T; IN] {
                    self.xs.first_chunk().unwrap()
                }
                fn x_dot(&self) -> &[$T; IN] {
                    self.x_dots.first_chunk().unwrap()
                }
                fn y_bar(&self) -> &[$T; OUT] {
                    self.y_bars.first_chunk().unwrap()
                }
            }

            fn one<const N: usize>(numbers: &[$T]) -> [$T; N] {
                *numbers.first_chunk().unwrap()
            }

            #[test]
            #[cfg_attr(
                miri,
                ignore = "the logarithm and the cosine of Miri differ from call to call"
            )]
            fn init() {
                let mut params = unset::<$T>(PARAMS);
                ok(unsafe { c::$init(7, params.as_mut_ptr(), PARAMS) });
                assert_eq!(*params, *Small.init::<$T>(&mut rng(7)).as_slice());
            }

            /// From either number type.
            #[test]
            fn load() {
                let saved = Small.init::<f32>(&mut rng(1));
                let files = [
                    Small.to_safetensors(&saved, &[]),
                    Small.to_safetensors(&Small.cast::<f32, f64>(&saved), &[]),
                ];
                for file in files {
                    let file = file.unwrap();
                    let mut params = unset::<$T>(PARAMS);
                    let mut message = [1; 5];
                    let (bytes, to) = (file.as_ptr().cast(), params.as_mut_ptr());
                    let text = message.as_mut_ptr();
                    ok(unsafe { c::$load(bytes, file.len(), to, PARAMS, text, 5) });
                    assert_eq!(*params, *Small.cast::<f32, $T>(&saved).as_slice());
                    assert_eq!(message, [0, 1, 1, 1, 1]);
                }
            }

            #[test]
            fn forward() {
                let a = Arguments::new();
                let mut y = unset::<$T>(OUT);
                ok(unsafe { c::$forward(a.xs.as_ptr(), a.params.as_ptr(), y.as_mut_ptr()) });
                assert_eq!(*y, Small.forward(a.x(), a.params()));
                let mut ys = unset::<$T>(SAMPLES * OUT);
                let (xs, params) = (a.xs.as_ptr(), a.params.as_ptr());
                ok(unsafe { c::$forward_batch(xs, params, SAMPLES, ys.as_mut_ptr()) });
                let mut expected = [[0.0; OUT]; SAMPLES];
                let inputs = Small.inputs(&a.xs).unwrap();
                Small
                    .forward_batch(inputs, a.params(), &mut expected)
                    .unwrap();
                assert_eq!(ys, expected.as_flattened());
            }

            #[test]
            fn vjp() {
                let a = Arguments::new();
                let (x, params, y_bar) = (a.xs.as_ptr(), a.params.as_ptr(), a.y_bars.as_ptr());
                for wanted in 1..8 {
                    let [mut y, mut x_bar, mut params_bar] = [OUT, IN, PARAMS].map(unset::<$T>);
                    let or_null =
                        |bit: usize, at: *mut $T| if wanted & bit > 0 { at } else { null_mut() };
                    let code = unsafe {
                        c::$vjp(
                            x,
                            params,
                            y_bar,
                            or_null(1, y.as_mut_ptr()),
                            or_null(2, x_bar.as_mut_ptr()),
                            or_null(4, params_bar.as_mut_ptr()),
                        )
                    };
                    if wanted == 1 {
                        // That is `forward`.
                        super::super::expect(simplechain::c::Status::Null, code);
                        continue;
                    }
                    ok(code);
                    let (mut expected_x_bar, mut expected_params_bar) = ([0.0; IN], [0.0; PARAMS]);
                    let expected_y = Small.vjp(
                        a.x(),
                        a.params(),
                        a.y_bar(),
                        &mut expected_x_bar,
                        &mut expected_params_bar,
                    );
                    let results = [
                        (&y, expected_y.as_slice()),
                        (&x_bar, &expected_x_bar),
                        (&params_bar, &expected_params_bar),
                    ];
                    for (index, (result, expected)) in results.into_iter().enumerate() {
                        if wanted & (1 << index) > 0 {
                            assert_eq!(result, expected, "{wanted:b}");
                        } else {
                            assert!(result.iter().all(|number| number.is_nan()));
                        }
                    }
                }
            }

            #[test]
            fn vjp_batch() {
                let a = Arguments::new();
                let (xs, params, y_bars) = (a.xs.as_ptr(), a.params.as_ptr(), a.y_bars.as_ptr());
                let (mut expected_x_bars, mut expected_params_bar) =
                    ([[0.0; IN]; SAMPLES], [0.0; PARAMS]);
                let inputs = Small.inputs(&a.xs).unwrap();
                let cotangents = Small.outputs(&a.y_bars).unwrap();
                Small
                    .vjp_batch(
                        inputs,
                        a.params(),
                        cotangents,
                        &mut expected_x_bars,
                        &mut expected_params_bar,
                    )
                    .unwrap();
                let (mut x_bars, mut params_bar) = (unset::<$T>(SAMPLES * IN), unset::<$T>(PARAMS));
                let (x_to, params_to) = (x_bars.as_mut_ptr(), params_bar.as_mut_ptr());
                ok(unsafe { c::$vjp_batch(xs, params, y_bars, SAMPLES, x_to, params_to) });
                assert_eq!(x_bars, expected_x_bars.as_flattened());
                assert_eq!(*params_bar, expected_params_bar);
                let (mut x_bars, mut params_bar) = (unset::<$T>(SAMPLES * IN), unset::<$T>(PARAMS));
                let (x_to, params_to) = (x_bars.as_mut_ptr(), params_bar.as_mut_ptr());
                ok(unsafe { c::$vjp_batch(xs, params, y_bars, SAMPLES, x_to, null_mut()) });
                ok(unsafe { c::$vjp_batch(xs, params, y_bars, SAMPLES, null_mut(), params_to) });
                assert_eq!(x_bars, expected_x_bars.as_flattened());
                assert_eq!(*params_bar, expected_params_bar);
            }

            #[test]
            fn jvp() {
                let a = Arguments::new();
                let (x, params) = (a.xs.as_ptr(), a.params.as_ptr());
                let (x_dot, params_dot) = (a.x_dots.as_ptr(), a.params_dot.as_ptr());
                let cases = [
                    (
                        x_dot,
                        params_dot,
                        Small.jvp(a.x(), a.params(), a.x_dot(), a.params_dot()),
                    ),
                    (x_dot, null(), Small.jvp_input(a.x(), a.params(), a.x_dot())),
                    (
                        null(),
                        params_dot,
                        Small.jvp_params(a.x(), a.params(), a.params_dot()),
                    ),
                ];
                for (x_dot, params_dot, expected) in cases {
                    let [mut y, mut y_dot] = [OUT, OUT].map(unset::<$T>);
                    let (y_to, dot_to) = (y.as_mut_ptr(), y_dot.as_mut_ptr());
                    ok(unsafe { c::$jvp(x, params, x_dot, params_dot, y_to, dot_to) });
                    assert_eq!((one(&y), one(&y_dot)), expected);
                    let mut y_dot = unset::<$T>(OUT);
                    let dot_to = y_dot.as_mut_ptr();
                    ok(unsafe { c::$jvp(x, params, x_dot, params_dot, null_mut(), dot_to) });
                    assert_eq!(one(&y_dot), expected.1);
                }
            }

            #[test]
            fn jvp_batch() {
                let a = Arguments::new();
                let (xs, params) = (a.xs.as_ptr(), a.params.as_ptr());
                let (x_dots, params_dot) = (a.x_dots.as_ptr(), a.params_dot.as_ptr());
                for (x_dots, params_dot) in
                    [(x_dots, params_dot), (x_dots, null()), (null(), params_dot)]
                {
                    let [mut ys, mut y_dots] = [SAMPLES * OUT; 2].map(unset::<$T>);
                    let (to, dots_to) = (ys.as_mut_ptr(), y_dots.as_mut_ptr());
                    ok(unsafe {
                        c::$jvp_batch(xs, params, x_dots, params_dot, SAMPLES, to, dots_to)
                    });
                    let [mut expected_ys, mut expected_dots] = [[[0.0; OUT]; SAMPLES]; 2];
                    let (ys_to, dots_to) = (&mut expected_ys, &mut expected_dots);
                    let (inputs, params) = (Small.inputs(&a.xs).unwrap(), a.params());
                    let directions = Small.inputs(&a.x_dots).unwrap();
                    match (x_dots.is_null(), params_dot.is_null()) {
                        (false, false) => Small.jvp_batch(
                            inputs,
                            params,
                            directions,
                            a.params_dot(),
                            ys_to,
                            dots_to,
                        ),
                        (false, true) => {
                            Small.jvp_input_batch(inputs, params, directions, ys_to, dots_to)
                        }
                        _ => Small.jvp_params_batch(inputs, params, a.params_dot(), ys_to, dots_to),
                    }
                    .unwrap();
                    assert_eq!(ys, expected_ys.as_flattened());
                    assert_eq!(y_dots, expected_dots.as_flattened());
                }
            }

            #[test]
            fn hvp() {
                let a = Arguments::new();
                let (x, params, y_bar) = (a.xs.as_ptr(), a.params.as_ptr(), a.y_bars.as_ptr());
                let (x_dot, params_dot) = (a.x_dots.as_ptr(), a.params_dot.as_ptr());
                let chain_arguments = (a.x(), a.params(), a.y_bar());
                let (rust_x, rust_params, rust_y_bar) = chain_arguments;
                for (has_x_dot, has_params_dot, has_x_out, has_params_out) in [
                    (true, true, true, true),
                    (true, false, true, false),
                    (false, true, false, true),
                    (true, false, false, true),
                ] {
                    let (mut x_expected, mut params_expected) = ([0.0; IN], [0.0; PARAMS]);
                    let y_expected = match (has_params_dot, has_x_out) {
                        (true, true) => Small.hvp(
                            rust_x,
                            rust_params,
                            rust_y_bar,
                            a.x_dot(),
                            a.params_dot(),
                            &mut x_expected,
                            &mut params_expected,
                        ),
                        (false, true) => Small.hvp_input(
                            rust_x,
                            rust_params,
                            rust_y_bar,
                            a.x_dot(),
                            &mut x_expected,
                        ),
                        (true, false) => Small.hvp_params(
                            rust_x,
                            rust_params,
                            rust_y_bar,
                            a.params_dot(),
                            &mut params_expected,
                        ),
                        (false, false) => Small.hvp_mixed(
                            rust_x,
                            rust_params,
                            rust_y_bar,
                            a.x_dot(),
                            &mut params_expected,
                        ),
                    };
                    let [mut y, mut x_out, mut params_out] = [OUT, IN, PARAMS].map(unset::<$T>);
                    let code = unsafe {
                        c::$hvp(
                            x,
                            params,
                            y_bar,
                            if has_x_dot { x_dot } else { null() },
                            if has_params_dot { params_dot } else { null() },
                            y.as_mut_ptr(),
                            if has_x_out {
                                x_out.as_mut_ptr()
                            } else {
                                null_mut()
                            },
                            if has_params_out {
                                params_out.as_mut_ptr()
                            } else {
                                null_mut()
                            },
                        )
                    };
                    ok(code);
                    assert_eq!(*y, y_expected);
                    if has_x_out {
                        assert_eq!(*x_out, x_expected);
                    }
                    if has_params_out {
                        assert_eq!(*params_out, params_expected);
                    }
                }
            }

            #[test]
            fn hvp_batch() {
                let a = Arguments::new();
                let (xs, params, y_bars) = (a.xs.as_ptr(), a.params.as_ptr(), a.y_bars.as_ptr());
                let (x_dots, params_dot) = (a.x_dots.as_ptr(), a.params_dot.as_ptr());
                let (inputs, cotangents) = (
                    Small.inputs(&a.xs).unwrap(),
                    Small.outputs(&a.y_bars).unwrap(),
                );
                let directions = Small.inputs(&a.x_dots).unwrap();
                let call = |has_x: bool, has_params: bool| {
                    let (mut x_outs, mut params_out) =
                        (unset::<$T>(SAMPLES * IN), unset::<$T>(PARAMS));
                    let code = unsafe {
                        c::$hvp_batch(
                            xs,
                            params,
                            y_bars,
                            if has_x { x_dots } else { null() },
                            if has_params { params_dot } else { null() },
                            SAMPLES,
                            if has_x {
                                x_outs.as_mut_ptr()
                            } else {
                                null_mut()
                            },
                            if has_params {
                                params_out.as_mut_ptr()
                            } else {
                                null_mut()
                            },
                        )
                    };
                    ok(code);
                    (x_outs, params_out)
                };
                let (mut x_expected, mut params_expected) = ([[0.0; IN]; SAMPLES], [0.0; PARAMS]);
                let (x_to, params_to) = (&mut x_expected, &mut params_expected);
                Small
                    .hvp_batch(
                        inputs,
                        a.params(),
                        cotangents,
                        directions,
                        a.params_dot(),
                        x_to,
                        params_to,
                    )
                    .unwrap();
                let (x_outs, params_out) = call(true, true);
                assert_eq!(x_outs, x_expected.as_flattened());
                assert_eq!(*params_out, params_expected);
                Small
                    .hvp_input_batch(inputs, a.params(), cotangents, directions, &mut x_expected)
                    .unwrap();
                assert_eq!(call(true, false).0, x_expected.as_flattened());
                Small
                    .hvp_params_batch(
                        inputs,
                        a.params(),
                        cotangents,
                        a.params_dot(),
                        &mut params_expected,
                    )
                    .unwrap();
                assert_eq!(*call(false, true).1, params_expected);
            }
        }
    };
}

values!(f32: small_init small_load small_forward small_vjp small_jvp small_hvp
    small_forward_batch small_vjp_batch small_jvp_batch small_hvp_batch);
values!(f64: small_init_f64 small_load_f64 small_forward_f64 small_vjp_f64 small_jvp_f64 small_hvp_f64
    small_forward_batch_f64 small_vjp_batch_f64 small_jvp_batch_f64 small_hvp_batch_f64);

/// A chain without parameters takes any pointer to them.
#[test]
fn no_parameters() {
    let (x, mut y) = ([0.5_f32, -1.0, 2.0], [0.0; 3]);
    ok(unsafe { c::fixed_forward(x.as_ptr(), null(), y.as_mut_ptr()) });
    assert_eq!(y, c::Fixed.forward(&x, &[]));
    ok(unsafe { c::fixed_init(1, null_mut(), 0) });
}

/// The arguments may overlap each other: a network may take its own parameters for its input.
#[test]
fn arguments_that_overlap() {
    let params = numbers::<f32>(PARAMS, 1);
    let (mut x_bar, mut params_bar) = ([0.0; IN], [0.0; PARAMS]);
    let at = params.as_ptr();
    let (x_to, params_to) = (x_bar.as_mut_ptr(), params_bar.as_mut_ptr());
    ok(unsafe { c::small_vjp(at, at, at, null_mut(), x_to, params_to) });
    let (mut x_expected, mut params_expected) = ([0.0; IN], [0.0; PARAMS]);
    let (x, y_bar) = (params.first_chunk().unwrap(), params.first_chunk().unwrap());
    let params = params.first_chunk().unwrap();
    Small.vjp(x, params, y_bar, &mut x_expected, &mut params_expected);
    assert_eq!((x_bar, params_bar), (x_expected, params_expected));
}

/// The results do not depend on what was in their memory, not even on nothing.
#[test]
fn results_without_contents() {
    let (x, params) = (numbers::<f64>(IN, 1), numbers::<f64>(PARAMS, 2));
    let y_bar = numbers::<f64>(OUT, 3);
    let mut y = Box::<[f64; OUT]>::new_uninit();
    let mut x_bar = Box::<[f64; IN]>::new_uninit();
    let mut params_bar = Box::<[f64; PARAMS]>::new_uninit();
    let code = unsafe {
        c::small_vjp_f64(
            x.as_ptr(),
            params.as_ptr(),
            y_bar.as_ptr(),
            y.as_mut_ptr().cast(),
            x_bar.as_mut_ptr().cast(),
            params_bar.as_mut_ptr().cast(),
        )
    };
    ok(code);
    let results = unsafe {
        (
            y.assume_init(),
            x_bar.assume_init(),
            params_bar.assume_init(),
        )
    };
    assert!(
        results
            .0
            .iter()
            .chain(&*results.1)
            .chain(&*results.2)
            .all(|number| number.is_finite())
    );
}

/// Many threads, one set of parameters.
#[test]
fn threads() {
    let params = numbers::<f32>(PARAMS, 2);
    let expected: Vec<[f32; OUT]> = (0..4)
        .map(|seed| {
            Small.forward(
                &numbers(IN, seed).try_into().unwrap(),
                Small.params(&params).unwrap(),
            )
        })
        .collect();
    let (params, expected) = (&params, &expected);
    std::thread::scope(|scope| {
        for seed in 0..4 {
            scope.spawn(move || {
                let x = numbers::<f32>(IN, seed);
                for _ in 0..if cfg!(miri) { 3 } else { 1000 } {
                    let mut y = [0.0; OUT];
                    ok(unsafe { c::small_forward(x.as_ptr(), params.as_ptr(), y.as_mut_ptr()) });
                    assert_eq!(y, expected[seed]);
                }
            });
        }
    });
}
