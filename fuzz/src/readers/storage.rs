//! Saved networks: any bytes are parameters or an error, the same from memory and from a file, and parameters survive.

use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;

use simplechain::prelude::*;
use simplechain::{Error, storage};

use crate::chains::{Others, Plain, Windows};
use crate::files::{check_message, directory, within_memory};

/// Parameters, architecture and messages; then the tree of an architecture, which takes many times its length.
const FIXED: usize = 64 << 10;
const TIMES: usize = 100;

/// Holds for any bytes.
pub fn check(data: &[u8]) {
    static FILE: OnceLock<PathBuf> = OnceLock::new();
    let file = FILE.get_or_init(|| directory("storage").join("file"));
    fs::write(file, data).expect("a file");
    chain(Plain, data, file);
    chain(Others, data, file);
    chain(Windows, data, file);
    let entries = within_memory(FIXED, TIMES, data, || storage::entries_of(data));
    let Ok(entries) = entries else {
        return;
    };
    let of_user: Vec<_> = entries.iter().map(|(a, b)| (&**a, &**b)).collect();
    let params = Plain.init::<f32>(&mut rng(0));
    let bytes = Plain
        .to_safetensors(&params, &of_user)
        .expect("entries that were read");
    assert_eq!(
        storage::entries_of(&bytes).expect("what was written"),
        entries
    );
}

fn chain<C: Chain>(chain: C, data: &[u8], file: &PathBuf) {
    let single = number_type::<C, f32>(chain, data, file);
    let double = number_type::<C, f64>(chain, data, file);
    if let (Some(single), Some(double)) = (single, double) {
        // One of them was converted.
        for (single, double) in single.iter().zip(&double) {
            let same = f64::from_bits(*single) as f32 == f64::from_bits(*double) as f32;
            assert!(same || f64::from_bits(*single).is_nan());
        }
    }
}

/// The bits of the parameters, if they can be read and converted.
fn number_type<C: Chain, T: Real>(chain: C, data: &[u8], file: &PathBuf) -> Option<Vec<u64>> {
    let read = within_memory(FIXED, TIMES, data, || {
        let params = chain.from_safetensors::<T>(data);
        params.map(|params| params.into_box())
    });
    let loaded = within_memory(FIXED, TIMES, data, || chain.load::<T>(file));
    let converted = within_memory(FIXED, TIMES, data, || {
        chain.from_safetensors_converted::<T>(data)
    });
    let from_file = chain.load_converted::<T>(file);
    same::<C, T>(&read, &loaded);
    same::<C, T>(&converted, &from_file);
    if let Ok(params) = &read {
        same::<C, T>(&read, &converted);
        let bytes = chain.to_safetensors::<T>(params, &[]).expect("no entries");
        same::<C, T>(
            &read,
            &chain
                .from_safetensors::<T>(&bytes)
                .map(|params| params.into_box()),
        );
    }
    converted
        .ok()
        .map(|params| support::bits(params.as_slice()))
}

/// The same bits, or the same error but for the name of the file.
fn same<C: Chain, T: Real>(
    a: &Result<Box<C::Params<T>>, Error>,
    b: &Result<Box<C::Params<T>>, Error>,
) {
    match (a, b) {
        (Ok(a), Ok(b)) => {
            assert!(
                support::bits(a.as_slice()) == support::bits(b.as_slice()),
                "other bits"
            );
        }
        (Err(a), Err(b)) => {
            check_message(a);
            check_message(b);
            let (a, b) = (a.to_string(), b.to_string());
            assert!(b.ends_with(&a), "{a}\nor\n{b}");
        }
        (Ok(_), Err(error)) | (Err(error), Ok(_)) => panic!("only one of two readers: {error}"),
    }
}
