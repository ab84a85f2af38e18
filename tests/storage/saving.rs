//! Saving and loading: the same bits, of the same chain, in one piece.

use std::fs;
use std::io::ErrorKind;

use simplechain::Error;
use simplechain::prelude::*;
use simplechain::storage::{CowParams, entries, entries_of};

use crate::chains::{Images, Nested, Plain, Sequence};
use crate::directory::Directory;

/// Through a file and through bytes, in both number types.
fn round_trip<N: Network>(net: N, directory: &Directory) {
    fn one<T: Real, N: Network>(net: N, directory: &Directory) {
        let params = net.init::<T>(&mut rng(3));
        let path = directory.file("net.safetensors");
        net.save(&path, &params).expect("saved");
        let loaded = net.load::<T>(&path).expect("loaded");
        assert_eq!(loaded.as_slice(), params.as_slice());

        let bytes = net.to_safetensors::<T>(&params, &[]).expect("bytes");
        assert_eq!(bytes, fs::read(&path).expect("a file"));
        let from_bytes = net.from_safetensors::<T>(&bytes).expect("from bytes");
        assert_eq!(from_bytes.as_slice(), params.as_slice());
        assert_eq!(
            from_bytes.into_box::<T>().as_slice(),
            params.as_slice(),
            "in a box"
        );
    }
    one::<f32, N>(net, directory);
    one::<f64, N>(net, directory);
}

#[test]
fn the_same_bits() {
    let directory = Directory::new("same");
    round_trip(Plain, &directory);
    round_trip(Nested, &directory);
    round_trip(Images, &directory);
    round_trip(Sequence, &directory);
    assert_eq!(directory.names(), ["net.safetensors"]);
}

#[test]
fn special_values_too() {
    let mut params = Plain.init::<f32>(&mut rng(0));
    let special = [f32::NAN, f32::INFINITY, -0.0, f32::MIN_POSITIVE / 4.0];
    params[..4].copy_from_slice(&special);
    params[4] = f32::from_bits(0xffc0_1234);
    let bytes = Plain.to_safetensors(&params, &[]).unwrap();
    let loaded = Plain.from_safetensors::<f32>(&bytes).unwrap();
    let bits = |params: &[f32]| params.iter().map(|p| p.to_bits()).collect::<Vec<_>>();
    assert_eq!(bits(&loaded[..]), bits(&params[..]));
}

#[test]
fn no_copy_where_bytes_are_aligned() {
    let params = Plain.init::<f64>(&mut rng(0));
    let bytes = Plain.to_safetensors(&params, &[]).unwrap();
    // The data are at the end, at a multiple of 64.
    assert_eq!((bytes.len() - size_of_val(&*params)) % 64, 0);
    for shift in 0..9 {
        let mut memory = vec![0_u64; bytes.len() / 8 + 2];
        let memory: &mut [u8] = bytemuck::cast_slice_mut(&mut memory);
        let shifted = &mut memory[shift..][..bytes.len()];
        shifted.copy_from_slice(&bytes);
        let loaded = Plain.from_safetensors::<f64>(shifted).unwrap();
        assert_eq!(*loaded, *params);
        let is_borrowed = matches!(loaded, CowParams::Borrowed(_));
        assert_eq!(is_borrowed, shift % 8 == 0, "shift {shift}");
    }
}

/// A file in the program: `fixtures/plain.safetensors`, made by the test below.
static INCLUDED: &[u8] = simplechain::include_aligned!("fixtures/plain.safetensors");

#[test]
fn a_file_in_the_program_is_not_copied() {
    let params = Plain.from_safetensors::<f32>(INCLUDED).unwrap();
    assert!(matches!(params, CowParams::Borrowed(_)));
    assert_eq!(*params, *Plain.init::<f32>(&mut rng(7)));
    assert_eq!(entries_of(INCLUDED).unwrap()["made by"], "saving.rs");
}

/// `WRITE_FIXTURES=1 cargo test -p simplechain-test-storage` writes the file again.
#[test]
fn the_file_in_the_program_is_as_it_would_be_written() {
    let params = Plain.init::<f32>(&mut rng(7));
    let bytes = Plain.to_safetensors(&params, &[("made by", "saving.rs")]);
    let bytes = bytes.unwrap();
    if std::env::var_os("WRITE_FIXTURES").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/plain.safetensors");
        fs::write(path, &bytes).unwrap();
    }
    assert!(bytes == INCLUDED, "the format or the version has changed");
}

#[test]
fn entries_are_kept() {
    let directory = Directory::new("entries");
    let path = directory.file("net.safetensors");
    let params = Plain.init::<f32>(&mut rng(0));
    let own = [("dataset", "a \"quoted\"\n\u{1f600} text"), ("", "")];
    Plain.save_with(&path, &params, &own).unwrap();
    let read = entries(&path).unwrap();
    let read: Vec<(&str, &str)> = read.iter().map(|(key, text)| (&**key, &**text)).collect();
    assert_eq!(read, [own[1], own[0]]);
    for wrong in [
        &[("simplechain.version", "1")][..],
        &[("a", "1"), ("a", "2")],
    ] {
        let error = Plain.save_with(&path, &params, wrong).unwrap_err();
        assert!(matches!(error, Error::Entry(_)), "{error}");
    }
    assert_eq!(
        entries(&path).unwrap().len(),
        2,
        "the old file is still there"
    );
}

#[test]
fn numbers_are_converted_on_request_alone() {
    let directory = Directory::new("converted");
    let path = directory.file("net.safetensors");
    let params = Nested.init::<f64>(&mut rng(0));
    Nested.save(&path, &params).unwrap();
    let error = Nested.load::<f32>(&path).unwrap_err().to_string();
    assert!(
        error.contains("has the type F64, but F32 is read"),
        "{error}"
    );
    assert!(error.contains("load_converted"), "{error}");
    let single = Nested.load_converted::<f32>(&path).unwrap();
    assert_eq!(single, Nested.cast::<f64, f32>(&params));
    Nested.save(&path, &single).unwrap();
    let double = Nested.load_converted::<f64>(&path).unwrap();
    assert_eq!(double, Nested.cast::<f32, f64>(&single));
    let bytes = fs::read(&path).unwrap();
    assert_eq!(
        Nested.from_safetensors_converted::<f64>(&bytes).unwrap(),
        double
    );
}

#[test]
fn another_chain_is_an_error_that_names_the_layer() {
    simple_chain! { struct Other: 3 => dense(tanh, 5) => dense(relu, 2) }
    let directory = Directory::new("other");
    let path = directory.file("net.safetensors");
    Other.save(&path, &Other.init::<f32>(&mut rng(0))).unwrap();
    let error = Plain.load::<f32>(&path).unwrap_err();
    let Error::File { path: at, error } = &error else {
        panic!("{error}");
    };
    assert_eq!(*at, path);
    assert!(matches!(**error, Error::Architecture { .. }), "{error}");
    let message = "layer 1 `dense` has the activation id, the saved chain has relu";
    assert!(error.to_string().contains(message), "{error}");
}

#[test]
fn layers_of_training_alone_may_differ() {
    simple_chain! {
        struct Trained: 3 => dropout(0.1) => dense(tanh, 5) => dropout(0.5) => frozen(layer_norm => dense(id, 2));
        struct Served: 3 => dense(tanh, 5) => layer_norm => dense(id, 2)
    }
    let params = Trained.init::<f32>(&mut rng(0));
    let bytes = Trained.to_safetensors(&params, &[]).unwrap();
    let served = Served.from_safetensors::<f32>(&bytes).unwrap();
    assert!(matches!(served, CowParams::Borrowed(_)) || cfg!(target_endian = "big"));
    assert_eq!(served[..], params[..]);
    let bytes = Served.to_safetensors(&served, &[]).unwrap();
    let trained = Trained.from_safetensors::<f32>(&bytes).unwrap();
    assert_eq!(trained[..], params[..]);
}

#[test]
fn what_cannot_be_read_or_written_is_an_error() {
    let directory = Directory::new("io");
    let params = Plain.init::<f32>(&mut rng(0));
    let missing = directory.file("missing.safetensors");
    let kind = |error: Error| match error {
        Error::Io { kind, .. } => kind,
        error => panic!("{error}"),
    };
    let error = Plain.load::<f32>(&missing).unwrap_err();
    assert!(error.to_string().contains("missing.safetensors"), "{error}");
    assert_eq!(kind(error), ErrorKind::NotFound);
    let no_directory = directory.file("none").join("net.safetensors");
    let error = Plain.save(&no_directory, &params).unwrap_err();
    assert_eq!(kind(error), ErrorKind::NotFound);
    let error = Plain.save(directory.path(), &params).unwrap_err();
    assert_eq!(kind(error), ErrorKind::IsADirectory);

    let file = directory.file("file");
    fs::write(&file, "text").unwrap();
    let error = Plain.save(file.join("net.safetensors"), &params);
    assert!(matches!(error, Err(Error::Io { .. })));
    let error = Plain.load::<f32>(&file).unwrap_err();
    assert!(matches!(error, Error::File { .. }), "{error}");
    assert_eq!(directory.names(), ["file"], "nothing temporary is left");
}

#[cfg(unix)]
#[test]
fn links_and_devices() {
    let directory = Directory::new("links");
    let params = Plain.init::<f32>(&mut rng(0));
    let (file, link) = (directory.file("file"), directory.file("link"));
    fs::write(&file, "old").unwrap();
    std::os::unix::fs::symlink(&file, &link).unwrap();
    Plain.save(&link, &params).unwrap();
    assert!(link.is_symlink(), "it still leads there");
    assert_eq!(Plain.load::<f32>(&file).unwrap(), params);
    // A renamed file would take the place of the device.
    let error = Plain.save("/dev/null", &params).unwrap_err();
    assert!(error.to_string().contains("not a regular file"), "{error}");
}

#[test]
fn a_reader_never_sees_a_part() {
    let directory = Directory::new("parts");
    let path = directory.file("net.safetensors");
    let nets: Vec<_> = (0..4)
        .map(|seed| Images.init::<f32>(&mut rng(seed)))
        .collect();
    Images.save(&path, &nets[0]).unwrap();
    std::thread::scope(|scope| {
        for params in &nets {
            let path = &path;
            scope.spawn(move || {
                for _ in 0..30 {
                    Images.save(path, params).unwrap();
                }
            });
        }
        for _ in 0..200 {
            let read = Images.load::<f32>(&path).expect("a whole file");
            assert!(nets.contains(&read));
        }
    });
    assert_eq!(directory.names(), ["net.safetensors"]);
}
