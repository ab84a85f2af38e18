//! What is wrong with a call is its code, and nothing is written then.

use core::ffi::{CStr, c_char};
use core::ptr::{null, null_mut};

use simplechain::c::Status;
use simplechain::prelude::*;
use simplechain_test_c as c;
use simplechain_test_c::Small;

use super::{expect, numbers, unset};

const PARAMS: usize = Small::PARAM_COUNT;

#[test]
fn every_code_has_a_message() {
    let message = |code| {
        unsafe { CStr::from_ptr(c::small_message(code)) }
            .to_str()
            .unwrap()
    };
    let header = c::small_header();
    for (code, status) in Status::ALL.into_iter().enumerate() {
        assert_eq!(code, status as usize);
        assert_eq!(message(code as i32), status.message().to_str().unwrap());
        assert!(header.contains(&format!(" {code} /* {} */", message(code as i32))));
    }
    for code in [-1, Status::ALL.len() as i32, i32::MIN, i32::MAX] {
        assert_eq!(message(code), "not a code of this library");
    }
}

#[test]
fn null_pointers() {
    let (x, params, mut y) = (numbers::<f32>(3, 1), numbers::<f32>(PARAMS, 2), [7.0; 3]);
    let (x, params, y_to) = (x.as_ptr(), params.as_ptr(), y.as_mut_ptr());
    for [x, params, y] in [
        [null(), params, y_to],
        [x, null(), y_to],
        [x, params, null()],
    ] {
        expect(Status::Null, unsafe {
            c::small_forward(x, params, y.cast_mut())
        });
        expect(Status::Null, unsafe {
            c::small_forward_batch(x, params, 1, y.cast_mut())
        });
    }
    // No direction, and a direction of the parameters for a result of the input.
    let none = null_mut();
    expect(Status::Null, unsafe {
        c::small_jvp(x, params, null(), null(), none, y_to)
    });
    expect(Status::Null, unsafe {
        c::small_hvp(x, params, x, null(), params, none, y_to, none)
    });
    expect(Status::Null, unsafe {
        c::small_vjp_batch(x, params, x, 1, none, none)
    });
    assert_eq!(y, [7.0; 3]);
    // Of no samples there are none.
    expect(Status::Ok, unsafe {
        c::small_forward_batch(null(), params, 0, none)
    });
}

#[test]
fn misaligned_pointers() {
    let (x, params, mut y) = (numbers::<f32>(4, 1), numbers::<f32>(PARAMS, 2), [7.0; 3]);
    let (at, params) = (x.as_ptr().wrapping_byte_add(1), params.as_ptr());
    expect(Status::Misaligned, unsafe {
        c::small_forward(at, params, y.as_mut_ptr())
    });
    let to = y.as_mut_ptr().wrapping_byte_add(2);
    expect(Status::Misaligned, unsafe {
        c::small_forward(x.as_ptr(), params, to)
    });
    assert_eq!(y, [7.0; 3]);
}

#[test]
fn overlap() {
    let params = numbers::<f32>(PARAMS, 2);
    let params = params.as_ptr();
    // x is 2 to 4.
    let mut memory = numbers::<f32>(8, 1);
    let before = memory.clone();
    for at in 0..7 {
        let to = memory.as_mut_ptr();
        let code = unsafe { c::small_forward(to.add(2), params, to.add(at)) };
        let is_disjoint = at == 0 || at >= 5;
        expect(
            if is_disjoint {
                Status::Ok
            } else {
                Status::Overlap
            },
            code,
        );
        if !is_disjoint {
            assert_eq!(memory, before);
        }
        memory.clone_from(&before);
    }
    // Results with each other.
    let (x, mut results) = (numbers::<f32>(3, 1), unset::<f32>(PARAMS));
    let (x, to) = (x.as_ptr(), results.as_mut_ptr());
    let code = unsafe { c::small_vjp(x, params, x, null_mut(), to.add(5), to) };
    expect(Status::Overlap, code);
    let code = unsafe { c::small_vjp(x, params, x, to.add(4), to.add(5), null_mut()) };
    expect(Status::Overlap, code);
    assert!(results.iter().all(|number| number.is_nan()));
}

#[test]
fn lengths() {
    let (x, params, mut y) = (numbers::<f32>(3, 1), numbers::<f32>(PARAMS, 2), [7.0; 2]);
    for samples in [usize::MAX, usize::MAX / 4, usize::MAX / 24 + 1] {
        let code =
            unsafe { c::small_forward_batch(x.as_ptr(), params.as_ptr(), samples, y.as_mut_ptr()) };
        expect(Status::Length, code);
    }
    assert_eq!(y, [7.0; 2]);
    let mut to = unset::<f64>(PARAMS);
    for len in [0, PARAMS - 1, PARAMS + 1] {
        expect(Status::Length, unsafe {
            c::small_init_f64(1, to.as_mut_ptr(), len)
        });
    }
    assert!(to.iter().all(|number| number.is_nan()));
}

/// `load`, and its message.
fn load(bytes: &[u8], room: usize) -> (i32, String) {
    let mut params = unset::<f32>(PARAMS);
    let mut message = vec![b'#' as c_char; room + 1];
    let (to, text) = (params.as_mut_ptr(), message.as_mut_ptr());
    let code = unsafe { c::small_load(bytes.as_ptr().cast(), bytes.len(), to, PARAMS, text, room) };
    assert!(
        params.iter().all(|number| number.is_nan()),
        "something was written"
    );
    assert_eq!(message[room], b'#' as c_char, "one past the end");
    let bytes: Vec<u8> = message.into_iter().map(|byte| byte as u8).collect();
    let text = CStr::from_bytes_until_nul(&bytes);
    (
        code,
        text.map_or(String::new(), |text| text.to_str().unwrap().to_owned()),
    )
}

#[test]
fn files() {
    let saved = c::Fixed.to_safetensors::<f32>(&[], &[]).unwrap();
    let (code, message) = load(&saved, 1000);
    expect(Status::Architecture, code);
    assert!(message.contains("layer 0"), "{message}");

    let whole = Small
        .to_safetensors(&Small.init::<f32>(&mut rng(1)), &[])
        .unwrap();
    let (code, message) = load(&whole[..whole.len() - 1], 1000);
    expect(Status::Format, code);
    assert!(message.contains("safetensors"), "{message}");
    let (code, message) = load(&[], 1000);
    expect(Status::Format, code);
    assert!(!message.is_empty());

    // A message is cut to the room that there is.
    let (_, all) = load(&saved, 1000);
    assert_eq!(load(&saved, 10).1, all[..9]);
    assert_eq!(load(&saved, 1).1, "");
    assert_eq!(load(&saved, 0).1, "");
    let mut params = unset::<f32>(PARAMS);
    let (bytes, to) = (saved.as_ptr().cast(), params.as_mut_ptr());
    expect(Status::Architecture, unsafe {
        c::small_load(bytes, saved.len(), to, PARAMS, null_mut(), 0)
    });
    expect(Status::Null, unsafe {
        c::small_load(null(), 8, to, PARAMS, null_mut(), 0)
    });
}

/// No panic leaves a function.
#[test]
fn panics() {
    let (x, params) = (numbers::<f32>(3, 1), numbers::<f32>(8, 2));
    let (x, params) = (x.as_ptr(), params.as_ptr());
    let [mut y, mut x_bar, mut params_bar] = [2, 3, 8].map(unset::<f32>);
    let (y, x_to, params_to) = (y.as_mut_ptr(), x_bar.as_mut_ptr(), params_bar.as_mut_ptr());
    std::panic::set_hook(Box::new(|_| ()));
    let none = null_mut();
    let codes = unsafe {
        [
            c::buggy_forward(x, params, y),
            c::buggy_vjp(x, params, x, y, x_to, params_to),
            c::buggy_jvp(x, params, x, params, none, y),
            c::buggy_hvp(x, params, x, x, params, none, x_to, params_to),
            c::buggy_forward_batch(x, params, 1, y),
            c::buggy_vjp_batch(x, params, x, 1, x_to, params_to),
            c::buggy_jvp_batch(x, params, x, params, 1, y, x_to),
            c::buggy_hvp_batch(x, params, x, x, params, 1, x_to, params_to),
        ]
    };
    let _ = std::panic::take_hook();
    for code in codes {
        expect(Status::Panic, code);
    }
}
