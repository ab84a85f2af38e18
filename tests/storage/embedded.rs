//! Parameters that are found in a file without memory: what `include_params!` does when a program is compiled.

use std::panic::catch_unwind;

use simplechain::__private::embedded;
use simplechain::prelude::*;

use crate::chains::{Images, Nested, Plain, Sequence};

/// Why the parameters of a chain are not found in these bytes, if they are not.
macro_rules! refused {
    ($Net:ty, $T:ident, $bytes:expr) => {{
        let bytes: &[u8] = $bytes;
        let found = catch_unwind(|| embedded::$T::<$Net, { <$Net>::PARAM_COUNT }>(bytes));
        found.err().map(|why| match why.downcast::<String>() {
            Ok(why) => *why,
            Err(why) => (*why.downcast::<&str>().expect("a text")).to_owned(),
        })
    }};
}

#[test]
fn the_parameters_of_every_layer() {
    macro_rules! same {
        ($($Net:ident)*) => {$(
            let entries = [("a", "\"quoted\\"), ("simplechain", "{\"}")];
            let params = $Net.init::<f32>(&mut rng(3));
            let bytes = $Net.to_safetensors(&params, &entries).unwrap();
            assert_eq!(embedded::f32::<$Net, { $Net::PARAM_COUNT }>(&bytes), *params);
            let params = $Net.init::<f64>(&mut rng(4));
            let bytes = $Net.to_safetensors(&params, &entries).unwrap();
            assert_eq!(embedded::f64::<$Net, { $Net::PARAM_COUNT }>(&bytes), *params);
            assert!(refused!($Net, f32, &bytes).unwrap().contains("another type"));
        )*};
    }
    same!(Plain Nested Images Sequence);
}

#[test]
fn nothing_else() {
    let bytes = Plain
        .to_safetensors(&Plain.init::<f32>(&mut rng(0)), &[])
        .unwrap();
    assert_eq!(refused!(Plain, f32, &bytes), None);
    assert!(
        refused!(Nested, f32, &bytes)
            .unwrap()
            .contains("another chain")
    );
    for len in 0..bytes.len() {
        assert!(refused!(Plain, f32, &bytes[..len]).is_some(), "{len} bytes");
    }
    // A name, an offset: what another program has rewritten.
    let start = bytes
        .windows(12)
        .position(|window| window == b"0.dense.bias")
        .unwrap();
    let mut renamed = bytes.clone();
    renamed[start] = b'1';
    assert!(
        refused!(Plain, f32, &renamed)
            .unwrap()
            .contains("rewritten")
    );
}
