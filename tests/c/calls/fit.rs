//! Training.

use core::ffi::CStr;
use core::ptr;

use simplechain::c::Status;
use simplechain::prelude::*;
use simplechain_test_c::*;

use super::{expect, numbers, ok};

#[test]
#[cfg_attr(miri, ignore = "threads and minutes")]
fn fit_is_the_trainer() {
    let (xs, ys) = (numbers::<f64>(3 * 20, 1), numbers::<f64>(2 * 20, 2));
    let (mut params, mut loss) = (numbers::<f64>(32, 3), 0.0);
    let mut expected = Small.own(&params).unwrap();
    ok(unsafe {
        small_fit_f64(
            xs.as_ptr(),
            ys.as_ptr(),
            20,
            3,
            8,
            1e-2,
            5,
            1,
            params.as_mut_ptr(),
            32,
            &raw mut loss,
            ptr::null_mut(),
            0,
        )
    });
    let mut trainer = Trainer::new(Small, SquaredLoss, Adam::new(1e-2))
        .batch_size(8)
        .seed(5);
    let (xs, ys) = (Small.inputs(&xs).unwrap(), Small.outputs(&ys).unwrap());
    let history = trainer.fit(&mut expected, xs, ys, 3).unwrap();
    assert_eq!(loss, history.last_loss());
    assert_eq!(params, expected[..]);
}

#[test]
#[cfg_attr(miri, ignore = "the same")]
fn what_fails_says_why_and_keeps_the_parameters() {
    let (xs, ys) = (numbers::<f32>(3 * 4, 1), vec![f32::NAN; 2 * 4]);
    let (mut params, mut loss, mut message) = (numbers::<f32>(32, 3), 0.0, [1; 100]);
    let before = params.clone();
    let code = unsafe {
        small_fit(
            xs.as_ptr(),
            ys.as_ptr(),
            4,
            1,
            0,
            1e-2,
            0,
            0,
            params.as_mut_ptr(),
            32,
            &raw mut loss,
            message.as_mut_ptr(),
            100,
        )
    };
    expect(Status::Training, code);
    let message = unsafe { CStr::from_ptr(message.as_ptr()) };
    assert!(message.to_str().unwrap().contains("finite"), "{message:?}");
    assert_eq!(params, before);
}
