//! Fits in shards: what is in their files, what is computed again, and what is an error.

use core::sync::atomic::{AtomicUsize, Ordering};
use core::time::Duration;
use std::fs;
use std::io::ErrorKind;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::thread;

use safetensors::SafeTensors;
use simplechain::Error;
use simplechain::prelude::*;
use simplechain::train::{Shard, ShardedFits};

use crate::directory::Directory;

simple_chain! {
    struct Net: 1 => dense(tanh, 3) => dense(id, 1);
    struct Other: 1 => dense(sin, 3) => dense(id, 1)
}

const COUNT: usize = 20;

/// Numbers that depend on all that a fit is, and one that is not equal to itself.
fn numbers(item: usize) -> [f64; 3] {
    let params = Net.init::<f64>(&mut rng(item as u64));
    [params[0], item as f64, f64::NAN]
}

fn fits(directory: &Directory) -> ShardedFits {
    ShardedFits::new(directory.path(), COUNT)
        .chain(Net)
        .setting("rate", 0.1)
}

/// Computes a shard, and returns how many fits were called.
fn compute(fits: &ShardedFits, index: usize, count: usize) -> Result<usize, Error> {
    let calls = AtomicUsize::new(0);
    let shard = Shard::new(index, count)?;
    let computed = fits.fit(shard, Some(2), |item| {
        calls.fetch_add(1, Ordering::Relaxed);
        Ok(numbers(item))
    })?;
    assert_eq!(computed, calls.into_inner());
    Ok(computed)
}

fn bits(results: &[[f64; 3]]) -> Vec<u64> {
    results.as_flattened().iter().map(|x| x.to_bits()).collect()
}

fn expected() -> Vec<u64> {
    bits(&(0..COUNT).map(numbers).collect::<Vec<_>>())
}

fn files(directory: &Directory) -> Vec<PathBuf> {
    let names = directory.names().into_iter();
    names.map(|name| directory.file(&name)).collect()
}

fn message(merged: Result<Vec<[f64; 3]>, Error>) -> String {
    merged.unwrap_err().to_string()
}

#[test]
fn shards_in_any_order_are_one_process() {
    let one = Directory::new("shards-one");
    assert_eq!(compute(&fits(&one), 0, 1), Ok(COUNT));
    assert_eq!(bits(&fits(&one).merge().unwrap()), expected());
    for order in [[0, 1, 2], [2, 0, 1], [1, 2, 0]] {
        let several = Directory::new("shards-several");
        let computed = order.map(|index| compute(&fits(&several), index, 3).unwrap());
        assert_eq!(computed.iter().sum::<usize>(), COUNT);
        assert_eq!(bits(&fits(&several).merge().unwrap()), expected());
    }
}

#[test]
fn only_what_is_missing_is_computed() {
    let directory = Directory::new("shards-missing");
    let fits = fits(&directory);
    assert_eq!(compute(&fits, 1, 4), Ok(5));
    assert_eq!(compute(&fits, 1, 4), Ok(0));
    assert_eq!(directory.names().len(), 1, "no file without a result");
    let error = fits.merge::<f64, 3>().unwrap_err();
    let items: Vec<usize> = (0..COUNT).filter(|item| item % 4 != 1).collect();
    assert_eq!(
        error,
        Error::Missing {
            total: COUNT,
            items
        }
    );
    let text = "15 of 20 fits have no result: 0, 2, 3, 4, 6, 7, 8, 10, 11, 12 ..;";
    assert!(error.to_string().starts_with(text), "{error}");

    // By another number of shards, and by the whole: of 0, 3, .. 18, only 9 is there.
    assert_eq!(compute(&fits, 0, 3), Ok(6));
    assert_eq!(compute(&fits, 0, 1), Ok(9));
    assert_eq!(bits(&fits.merge().unwrap()), expected());
    // What is removed is missing again.
    fs::remove_file(&files(&directory)[0]).unwrap();
    assert!(message(fits.merge()).contains("have no result"));
    compute(&fits, 0, 1).unwrap();
    assert_eq!(bits(&fits.merge().unwrap()), expected());
}

#[test]
fn files_are_safetensors_that_others_read() {
    let directory = Directory::new("shards-format");
    compute(&fits(&directory), 2, 4).unwrap();
    let name = &directory.names()[0];
    assert!(name.starts_with("fits-2-of-4-") && name.ends_with(".safetensors"));
    let file = fs::read(directory.file(name)).unwrap();
    let tensors = SafeTensors::deserialize(&file).unwrap();
    let [items, results] = ["items", "results"].map(|name| tensors.tensor(name).unwrap());
    assert_eq!((items.shape(), results.shape()), (&[5][..], &[5, 3][..]));
    let (items, _) = items.data().as_chunks();
    let (results, _) = results.data().as_chunks();
    for (item, row) in items.iter().zip(results.chunks(3)) {
        let item = u64::from_le_bytes(*item);
        assert_eq!(f64::from_le_bytes(row[1]), item as f64);
        assert_eq!(item % 4, 2);
    }
    let (_, header) = SafeTensors::read_metadata(&file).unwrap();
    let metadata = header.metadata().as_ref().unwrap();
    assert_eq!(metadata["simplechain.fits.setting.rate"], "0.1");
    let fingerprint = format!("{:016x}", Net::FINGERPRINT);
    assert_eq!(metadata["simplechain.fits.chain"], fingerprint);
}

#[test]
fn results_of_other_fits_are_never_mixed() {
    let directory = Directory::new("shards-other");
    compute(&fits(&directory), 0, 2).unwrap();
    let new = |count| ShardedFits::new(directory.path(), count);
    for (other, what, now, there) in [
        (
            new(COUNT + 1).chain(Net).setting("rate", 0.1),
            "count",
            "21",
            "20",
        ),
        (
            fits(&directory).setting("rate", 0.2),
            "setting.rate",
            "0.2",
            "0.1",
        ),
        (
            fits(&directory).setting("seed", 1),
            "setting.seed",
            "1",
            "not given",
        ),
        (new(COUNT).chain(Net), "setting.rate", "not given", "0.1"),
        (new(COUNT).setting("rate", 0.1), "chain", "not given", ""),
        (fits(&directory).chain(Other), "chain", "", ""),
    ] {
        let text = format!("`{what}` is {now}");
        for error in [
            other.merge::<f64, 3>().unwrap_err(),
            compute(&other, 1, 2).unwrap_err(),
        ] {
            let text = if now.is_empty() { "`chain` is" } else { &text };
            let there = format!("but {there}");
            assert!(error.to_string().contains(text), "{error}");
            assert!(error.to_string().contains(&there), "{error}");
            let Error::File { error, .. } = error else {
                panic!("{error}");
            };
            assert!(matches!(*error, Error::OtherFits { .. }), "{error}");
        }
    }
    let error = fits(&directory).merge::<f64, 2>().unwrap_err();
    assert!(
        error
            .to_string()
            .contains("`numbers` is 2 x F64 now, but 3 x F64 there"),
        "{error}"
    );
    let error = fits(&directory).merge::<f32, 3>().unwrap_err();
    assert!(
        error.to_string().contains("`numbers` is 3 x F32 now"),
        "{error}"
    );

    // Two that begin at the same time see nothing of each other: the merge does.
    let late = Directory::new("shards-late");
    compute(&fits(&late).setting("rate", 0.3), 1, 2).unwrap();
    let name = &late.names()[0];
    fs::copy(late.file(name), directory.file(name)).unwrap();
    assert!(message(fits(&directory).merge()).contains("`setting.rate` is 0.1 now, but 0.3 there"));
}

#[test]
fn duplicates_are_equal_or_an_error() {
    let [one, other] = ["one", "other"].map(|name| Directory::new(&format!("shards-twice-{name}")));
    compute(&fits(&one), 0, 1).unwrap();
    compute(&fits(&other), 1, 2).unwrap();
    let name = &other.names()[0];
    let copy = one.file(name);
    fs::copy(other.file(name), &copy).unwrap();
    assert_eq!(bits(&fits(&one).merge().unwrap()), expected());

    // The last bit of one number of one fit.
    let wrong = Directory::new("shards-twice-wrong");
    let flipped = |item| {
        let mut numbers: [f64; 3] = numbers(item);
        if item == 7 {
            numbers[2] = f64::from_bits(numbers[2].to_bits() ^ 1);
        }
        Ok(numbers)
    };
    let shard = Shard::new(1, 2).unwrap();
    fits(&wrong).fit(shard, None, flipped).unwrap();
    fs::remove_file(&copy).unwrap();
    let copy = one.file(&wrong.names()[0]);
    fs::copy(&files(&wrong)[0], &copy).unwrap();
    for error in [
        fits(&one).merge::<f64, 3>().unwrap_err(),
        compute(&fits(&one), 0, 1).unwrap_err(),
    ] {
        let Error::Contradiction { item, paths } = &error else {
            panic!("{error}");
        };
        assert_eq!(*item, 7);
        assert_eq!(Vec::from(paths.clone()), files(&one));
    }
}

#[test]
fn a_file_that_is_not_as_it_was_written() {
    let directory = Directory::new("shards-wrong");
    compute(&fits(&directory), 0, 1).unwrap();
    let path = files(&directory).remove(0);
    let good = fs::read(&path).unwrap();
    let merge = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        fits(&directory).merge::<f64, 3>()
    };
    // Every bit counts: of the header what is not padding, and all of the numbers.
    let header_len = 8 + u64::from_le_bytes(*good.first_chunk().unwrap()) as usize;
    let used = good[..header_len].iter().rposition(|byte| *byte != b' ');
    let used = used.unwrap() + 1;
    let version = good[..used]
        .windows(20)
        .position(|text| text == b"simplechain.version\"");
    let version = version.unwrap();
    // Whose version wrote it is not compared.
    let of_version = version..version + "simplechain.version\":\"0.1.0".len();
    for at in (0..used).chain(header_len..good.len()) {
        let mut bytes = good.clone();
        bytes[at] ^= 1 << (at % 5);
        let merged = merge(&bytes);
        assert!(merged.is_err() || of_version.contains(&at), "byte {at}");
    }
    for len in [0, 7, used, header_len, good.len() - 1] {
        let error = merge(&good[..len]).unwrap_err();
        assert!(error.to_string().contains("safetensors"), "{error}");
        assert!(compute(&fits(&directory), 0, 1).is_err());
    }
    // Another kind of safetensors file under such a name.
    Net.save(&path, &Net.init::<f64>(&mut rng(0))).unwrap();
    assert!(fits(&directory).merge::<f64, 3>().is_err());
    // Files of other names, and what killed processes leave, are nobody's results.
    merge(&good).unwrap();
    fs::write(directory.file("notes.safetensors"), "x").unwrap();
    fs::write(directory.file(".simplechain-1-0.tmp"), "x").unwrap();
    assert_eq!(bits(&fits(&directory).merge().unwrap()), expected());
}

#[test]
fn a_fit_that_fails_costs_no_other() {
    let directory = Directory::new("shards-fails");
    let fails = |item| match item {
        5 | 9 => Err(Error::EmptyBatch),
        _ => Ok(numbers(item)),
    };
    let error = fits(&directory)
        .fit(Shard::WHOLE, Some(2), fails)
        .unwrap_err();
    let error_of = |index| Error::Fit {
        index,
        error: Box::new(Error::EmptyBatch),
    };
    assert_eq!(error, error_of(5));
    // The index is that of the item, not of what was missing.
    let error = fits(&directory).fit(Shard::new(1, 4).unwrap(), None, |_| {
        Err::<[f64; 3], _>(Error::EmptyBatch)
    });
    assert_eq!(error, Err(error_of(5)));
    let error = fits(&directory).merge::<f64, 3>().unwrap_err();
    let items = vec![5, 9];
    assert_eq!(
        error,
        Error::Missing {
            total: COUNT,
            items
        }
    );
    assert_eq!(compute(&fits(&directory), 0, 1), Ok(2));
    assert_eq!(bits(&fits(&directory).merge().unwrap()), expected());
}

#[test]
fn a_panic_loses_nothing_before_it() {
    let directory = Directory::new("shards-panic");
    let fits = fits(&directory);
    let fit = || {
        fits.fit(Shard::WHOLE, Some(1), |item| {
            assert!(item < 11, "on purpose");
            Ok(numbers(item))
        })
    };
    assert!(catch_unwind(AssertUnwindSafe(fit)).is_err());
    let error = fits.merge::<f64, 3>().unwrap_err();
    let items = (11..COUNT).collect();
    assert_eq!(
        error,
        Error::Missing {
            total: COUNT,
            items
        }
    );
    compute(&fits, 0, 1).unwrap();
    assert_eq!(bits(&fits.merge().unwrap()), expected());
}

/// A result does not wait for the next fit, which may take an hour.
#[test]
fn results_are_written_while_a_fit_runs() {
    let directory = Directory::new("shards-journal");
    let fits = fits(&directory).every(Duration::from_millis(1));
    let fit = |item| {
        while item == 1 && files(&directory).is_empty() {
            thread::sleep(Duration::from_millis(1));
        }
        Ok(numbers(item))
    };
    assert_eq!(fits.fit(Shard::WHOLE, Some(1), fit), Ok(COUNT));
    assert_eq!(bits(&fits.merge().unwrap()), expected());
}

#[test]
fn a_directory_that_is_removed_ends_the_fits() {
    let directory = Directory::new("shards-removed");
    let fits = fits(&directory).every(Duration::ZERO);
    let calls = AtomicUsize::new(0);
    let fit = |item| {
        calls.fetch_add(1, Ordering::Relaxed);
        if item == 0 {
            fs::remove_dir_all(directory.path()).unwrap();
        }
        // Until the writer has seen it.
        thread::sleep(Duration::from_millis(10));
        Ok(numbers(item))
    };
    let error = fits.fit(Shard::WHOLE, Some(1), fit).unwrap_err();
    let Error::Io { kind, action, .. } = error else {
        panic!("{error}");
    };
    assert_eq!((kind, action), (ErrorKind::NotFound, "write"));
    assert!(calls.into_inner() < COUNT);
}

#[test]
fn a_directory_that_cannot_be_made() {
    let directory = Directory::new("shards-no-directory");
    let path = directory.file("file");
    fs::write(&path, "").unwrap();
    let fits = ShardedFits::new(path, COUNT);
    assert!(matches!(compute(&fits, 0, 1), Err(Error::Io { .. })));
    let none = ShardedFits::new(directory.file("none"), COUNT);
    assert!(matches!(none.merge::<f64, 3>(), Err(Error::Missing { .. })));
    assert!(
        none.fit(Shard::WHOLE, Some(0), |item| Ok(numbers(item)))
            .is_err()
    );
}

#[test]
fn no_fits_more_shards_than_fits_and_f32() {
    let directory = Directory::new("shards-few");
    let none = ShardedFits::new(directory.file("none"), 0);
    assert_eq!(compute(&none, 0, 2), Ok(0));
    assert_eq!(none.merge::<f64, 3>(), Ok(Vec::new()));

    let few = ShardedFits::new(directory.file("few"), 3);
    let fit = |item: usize| Ok([item as f32 / 3.0]);
    for index in 0..5 {
        let shard = Shard::new(index, 5).unwrap();
        let expected = usize::from(index < 3);
        assert_eq!(few.fit(shard, None, fit), Ok(expected));
    }
    assert_eq!(few.merge(), Ok(vec![[0.0], [1.0 / 3.0], [2.0_f32 / 3.0]]));
    // Of a fit without numbers it is known that it was made.
    let empty = ShardedFits::new(directory.file("empty"), 3);
    assert_eq!(empty.fit(Shard::WHOLE, None, |_| Ok([0.0_f64; 0])), Ok(3));
    assert_eq!(empty.merge::<f64, 0>(), Ok(vec![[]; 3]));
}
