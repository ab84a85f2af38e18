//! Files that are cut, changed, or made to do harm: an error or parameters, never a panic.

use rand::Rng;
use simplechain::Error;
use simplechain::prelude::*;

use crate::chains::Plain;

fn file() -> Vec<u8> {
    let params = Plain.init::<f32>(&mut rng(0));
    Plain.to_safetensors(&params, &[("key", "text")]).unwrap()
}

/// A file with this header, and as many bytes of data.
fn with_header(header: &str, data: usize) -> Vec<u8> {
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.resize(bytes.len() + data, 0);
    bytes
}

fn error(bytes: &[u8]) -> String {
    let error = Plain.from_safetensors::<f32>(bytes).unwrap_err();
    let _ = simplechain::storage::entries_of(bytes);
    assert!(matches!(error, Error::Format { .. }), "{error}");
    error.to_string()
}

#[test]
fn every_truncation_is_an_error() {
    let bytes = file();
    for len in 0..bytes.len() {
        error(&bytes[..len]);
    }
    let longer = [&bytes[..], &[0]].concat();
    assert!(error(&longer).contains("1 bytes at its end belong to no tensor"));
}

#[test]
fn random_changes_do_no_harm() {
    let bytes = file();
    let (mut rng, mut read) = (rng(5), 0);
    let mut below = |n: usize| (rng.next_u64() % n as u64) as usize;
    for _ in 0..20_000 {
        let mut changed = bytes.clone();
        for _ in 0..1 + below(4) {
            let at = below(changed.len());
            match below(4) {
                0 => changed[at] = below(256) as u8,
                1 => changed[at] ^= 1 << below(8),
                2 => {
                    changed.remove(at);
                }
                _ => changed.insert(at, b"0123456789{}[]\",:\\"[below(18)]),
            }
        }
        read += usize::from(Plain.from_safetensors::<f32>(&changed).is_ok());
        let _ = Plain.from_safetensors_converted::<f64>(&changed);
        let _ = simplechain::storage::entries_of(&changed);
    }
    // Those that changed nothing but parameters and entries.
    assert!((100..15_000).contains(&read), "{read}");
}

#[test]
fn lengths_that_lie() {
    for len in [1_u64 << 60, u64::MAX, u64::MAX - 7, 1 << 32] {
        let bytes = [&len.to_le_bytes()[..], b"{}"].concat();
        let text = format!("its header has {len} bytes, but only 2 follow");
        assert!(error(&bytes).contains(&text));
    }
    let tensor = |shape: &str, offsets: &str| {
        format!("{{\"a\":{{\"dtype\":\"F32\",\"shape\":{shape},\"data_offsets\":{offsets}}}}}")
    };
    for (shape, offsets, text) in [
        ("[1152921504606846976]", "[0,8]", "not the size"),
        ("[4294967296,4294967296]", "[0,8]", "not the size"),
        ("[18446744073709551615]", "[0,8]", "not the size"),
        ("[4611686018427387904]", "[0,0]", "not the size"),
        ("[3]", "[0,8]", "not the size"),
        ("[2]", "[8,0]", "gap"),
        ("[2]", "[0,16]", "not whole"),
        ("[2]", "[0,18446744073709551615]", "not whole"),
        (
            "[2]",
            "[18446744073709551615,18446744073709551615]",
            "not whole",
        ),
        ("[2]", "[0,18446744073709551616]", "not the JSON"),
        ("[2.0]", "[0,8]", "not the JSON"),
        ("[-2]", "[0,8]", "not the JSON"),
        ("[2]", "[0,8,8]", "not the JSON"),
        ("2", "[0,8]", "not the JSON"),
        ("[1]", "[4,8]", "gap"),
        ("[1]", "[0,4]", "belong to no tensor"),
    ] {
        let message = error(&with_header(&tensor(shape, offsets), 8));
        assert!(message.contains(text), "{shape} {offsets}: {message}");
    }
}

#[test]
fn tensors_that_overlap_or_repeat() {
    let tensor = |name: &str, start: usize, end: usize| {
        let len = (end - start) / 4;
        format!(
            "\"{name}\":{{\"dtype\":\"F32\",\"shape\":[{len}],\"data_offsets\":[{start},{end}]}}"
        )
    };
    for (tensors, text) in [
        ([tensor("a", 0, 8), tensor("b", 4, 12)], "overlaps"),
        ([tensor("a", 0, 12), tensor("b", 0, 12)], "overlaps"),
        ([tensor("a", 0, 4), tensor("b", 8, 12)], "follows a gap"),
        ([tensor("a", 0, 4), tensor("a", 4, 12)], "has `a` twice"),
    ] {
        let message = error(&with_header(&format!("{{{}}}", tensors.join(",")), 12));
        assert!(message.contains(text), "{message}");
    }
}

#[test]
fn headers_that_are_no_headers() {
    let deep = "[".repeat(100_000);
    let objects = "{\"a\":".repeat(100_000);
    for header in [
        "",
        "[]",
        "{",
        "{}}",
        "{\"__metadata__\":{\"a\":1}}",
        "{\"__metadata__\":{\"a\":{}}}",
        "{\"a\":{}}",
        "{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4],\"more\":1}}",
        &deep,
        &objects,
    ] {
        let message = error(&with_header(header, 4));
        assert!(message.contains("not the JSON"), "{message}");
    }
    let twice = "{\"__metadata__\":{\"a\":\"\"},\"__metadata__\":{\"a\":\"\"}}";
    assert!(error(&with_header(twice, 0)).contains("twice"));
    let unknown = "{\"a\":{\"dtype\":\"F31\",\"shape\":[],\"data_offsets\":[0,4]}}";
    assert!(error(&with_header(unknown, 4)).contains("type `F31`, which is not known"));
    let mut bytes = with_header("{\"a\"}", 0);
    bytes[10] = 0xff;
    assert!(error(&bytes).contains("UTF-8"));
    // A name of any length is shortened in a message.
    let long = "x\u{1b}".repeat(100_000);
    let long = long.replace('\u{1b}', "\\u001b");
    let header =
        format!("{{\"{long}\":{{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}}}");
    let message = error(&with_header(&header, 4));
    assert!(message.len() < 600 && !message.contains('\u{1b}'));
}

#[test]
fn architectures_that_are_none() {
    let deep = "[".repeat(100_000);
    let long = format!("{{\\\"layers\\\":[{}]}}", "0,".repeat(200_000));
    for text in ["", "{}", "null", &deep, &long] {
        let header = format!("{{\"__metadata__\":{{\"simplechain.architecture\":\"{text}\"}}}}");
        let bytes = with_header(&header, 0);
        let error = Plain.from_safetensors::<f32>(&bytes).unwrap_err();
        assert!(matches!(error, Error::NoArchitecture), "{error}");
    }
}
