//! What a file makes its reader allocate.

use allocation_counter::measure;
use simplechain::prelude::*;

simple_chain! { struct Net: 3 => dense(tanh, 5) => dense(id, 2) }

/// Memory that does not depend on the file: the chain's own architecture, messages.
const FIXED: u64 = 1 << 16;

fn peak(bytes: &[u8]) -> u64 {
    let info = measure(|| {
        let _ = Net.from_safetensors::<f32>(bytes);
        let _ = simplechain::storage::entries_of(bytes);
    });
    info.bytes_max
}

fn with_header(header: &str) -> Vec<u8> {
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes
}

#[test]
fn lengths_that_are_lies_allocate_nothing() {
    // A length that is a lie allocates nothing.
    for len in [1_u64 << 60, 99_999_999, u64::MAX] {
        let bytes = [&len.to_le_bytes()[..], b"{}"].concat();
        assert!(peak(&bytes) < FIXED);
    }
    let shape = "{\"a\":{\"dtype\":\"F32\",\"shape\":[1152921504606846976],\"data_offsets\":[0,4611686018427387904]}}";
    assert!(peak(&with_header(shape)) < FIXED);

    // Headers that are nothing but what takes most memory for its length: a small multiple of it.
    let tensor =
        |i: usize| format!("\"{i:x}\":{{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,0]}}");
    let tensors: Vec<String> = (0..20_000).map(tensor).collect();
    let entries: Vec<String> = (0..50_000).map(|i| format!("\"{i:x}\":\"\"")).collect();
    let lens = "1,".repeat(200_000) + "1";
    for header in [
        format!("{{{}}}", tensors.join(",")),
        format!("{{\"__metadata__\":{{{}}}}}", entries.join(",")),
        format!("{{\"a\":{{\"dtype\":\"F32\",\"shape\":[{lens}],\"data_offsets\":[0,0]}}}}"),
    ] {
        let bytes = with_header(&header);
        let peak = peak(&bytes);
        println!("{} bytes of a file: {peak} of memory", bytes.len());
        assert!(peak < 16 * bytes.len() as u64 + FIXED, "{peak}");
    }
}

/// Loading takes memory for the parameters and the header alone.
#[test]
fn loading_allocates_the_parameters_once() {
    simple_chain! { struct Wide: 512 => dense(tanh, 512) => dense(id, 2) }
    let params = Wide.init::<f32>(&mut rng(0));
    let path = std::env::temp_dir().join(format!("simplechain-memory-{}", std::process::id()));
    Wide.save(&path, &params).expect("saved");
    let info = measure(|| {
        let _ = Wide.load::<f32>(&path).expect("loaded");
    });
    std::fs::remove_file(&path).expect("removed");
    let params = size_of_val(&*params) as u64;
    assert!(info.bytes_max < params + FIXED, "{}", info.bytes_max);
}
