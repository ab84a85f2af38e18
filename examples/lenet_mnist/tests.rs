use simplechain::init;
use simplechain::prelude::*;

use crate::data::{Digits, Mnist};
use crate::idx::{self, IdxError};
use crate::report::{Line, Report, Settings};
use crate::workload::{self, LeNet};

/// A file with this many images whose header says `count`.
fn image_file(magic: u32, [count, rows, columns]: [u32; 3], images: usize) -> Vec<u8> {
    let words = [magic, count, rows, columns].map(u32::to_be_bytes);
    let mut file = words.as_flattened().to_vec();
    file.extend((0..images * 784).map(|i| i as u8));
    file
}

fn label_file(count: u32, labels: &[u8]) -> Vec<u8> {
    let mut file = [0x0801, count]
        .map(u32::to_be_bytes)
        .as_flattened()
        .to_vec();
    file.extend(labels);
    file
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn good_files() {
    let file = image_file(0x0803, [2, 28, 28], 2);
    let images = idx::images(&file).unwrap();
    assert_eq!(images.len(), 2);
    assert_eq!(images[1][0], 784_u32 as u8);
    assert_eq!(idx::images(&gzip(&file)).unwrap(), images);
    assert_eq!(
        idx::labels(&gzip(&label_file(3, &[0, 9, 4]))).unwrap(),
        [0, 9, 4]
    );
}

#[test]
fn wrong_files() {
    let images = |file: &[u8]| idx::images(file).unwrap_err();
    let good = image_file(0x0803, [2, 28, 28], 2);
    assert_eq!(images(&[]), IdxError::Header { bytes: 0 });
    assert_eq!(images(&good[..15]), IdxError::Header { bytes: 15 });
    assert_eq!(
        images(&label_file(0, &[])),
        IdxError::Magic {
            expected: 0x0803,
            found: 0x0801
        }
    );
    assert_eq!(
        images(&image_file(0x0803, [2, 32, 28], 2)),
        IdxError::Size {
            rows: 32,
            columns: 28
        }
    );
    assert_eq!(
        images(&good[..good.len() - 1]),
        IdxError::Length {
            expected: 1568,
            found: 1567
        }
    );
    assert_eq!(
        images(&image_file(0x0803, [1, 28, 28], 2)),
        IdxError::Length {
            expected: 784,
            found: 1568
        }
    );
    // No memory is allocated based on a header alone.
    assert_eq!(
        images(&image_file(0x0803, [u32::MAX, 28, 28], 1)),
        IdxError::Length {
            expected: 784 * u64::from(u32::MAX),
            found: 784
        }
    );
    let cut = gzip(&good);
    assert!(matches!(images(&cut[..cut.len() / 2]), IdxError::Gzip(_)));
    assert_eq!(
        idx::labels(&label_file(3, &[1, 10, 2])),
        Err(IdxError::Label {
            index: 1,
            label: 10
        })
    );
    assert_eq!(
        idx::labels(&label_file(3, &[1, 2])),
        Err(IdxError::Length {
            expected: 3,
            found: 2
        })
    );
}

#[test]
fn messages() {
    let read = |images: &[u8], labels: &[u8]| match Digits::read(["I", "L"], [images, labels]) {
        Ok(_) => panic!("the files are wrong"),
        Err(error) => error.to_string(),
    };
    let two = image_file(0x0803, [2, 28, 28], 2);
    assert_eq!(
        read(&two, &label_file(1, &[1])),
        "I has 2 images, but L has 1 labels"
    );
    assert_eq!(
        read(&two, &two),
        "L starts with 0x00000803, but a file of its kind with 0x00000801"
    );
    assert_eq!(
        read(&two[..100], &two),
        "I is cut off: 84 bytes follow its header, which announces 1568"
    );
    assert_eq!(
        read(&image_file(0x0803, [0, 28, 28], 0), &label_file(0, &[])),
        "I has no image"
    );
    let nowhere = std::path::Path::new("no such directory");
    let error = Mnist::of_directory(nowhere).err().unwrap().to_string();
    assert_eq!(
        error,
        "no such directory has no file train-images-idx3-ubyte or train-images-idx3-ubyte.gz"
    );
}

#[test]
fn subset() {
    let Mnist { train, test } = Mnist::subset().unwrap();
    assert_eq!((train.len(), test.len()), (4000, 1000));
    assert_eq!(train.labels[..8], [5, 0, 4, 1, 9, 2, 1, 3]);
    for digits in [train, test] {
        for digit in 0..10 {
            let share = digits
                .labels
                .iter()
                .filter(|label| **label == digit)
                .count() as f64
                / digits.len() as f64;
            assert!((0.08..0.13).contains(&share), "{digit}: {share}");
        }
        let ink = digits
            .images
            .as_flattened()
            .iter()
            .map(|byte| f64::from(*byte))
            .sum::<f64>();
        let mean = ink / 255.0 / (784 * digits.len()) as f64;
        assert!((0.12..0.15).contains(&mean), "{mean}");
    }
}

/// A short training: it learns, and gives the same bits for one and two threads.
#[test]
fn training() {
    let Mnist { mut train, test } = Mnist::subset().unwrap();
    train.images.truncate(700);
    train.labels.truncate(700);
    let mut first = None;
    for threads in [1, 2] {
        let mut params = LeNet.init(&mut init::rng(1));
        let mut trainer = workload::trainer(1e-3, 64, threads, 5);
        let history = trainer
            .fit(&mut params, &train.inputs(), &train.labels, 8)
            .unwrap();
        let losses: Vec<f64> = history.epochs.iter().map(|epoch| epoch.loss).collect();
        assert!(losses[7] < 0.5 * losses[0], "{losses:?}");
        let (_, matrix) = workload::predictions(&params, &test).unwrap();
        assert!(matrix.accuracy() > 0.7, "{matrix}");
        let bits = params.map(f32::to_bits);
        assert!(
            *first.get_or_insert_with(|| bits.clone()) == bits,
            "{threads} threads"
        );
    }
}

#[test]
fn json() {
    let mut report = Report::new(Settings {
        source: "subset".to_owned(),
        train: 1000,
        test: 100,
        batch: 32,
        rate: 1e-3,
        seed: 3,
        threads: 2,
        cores: 2,
    });
    for (epoch, seconds, test_accuracy) in [(1, 0.5, 0.25), (2, 0.25, 0.5), (3, 1.0, 0.75)] {
        report.push(Line {
            epoch,
            seconds,
            test_seconds: 0.1,
            train_loss: 1.0,
            test_accuracy,
        });
    }
    report.finish(2.5);
    let json = report.json();
    assert_eq!(json["workload"], "lenet_mnist");
    assert_eq!(json["seconds_per_epoch_median"], 0.5);
    assert_eq!(json["test_accuracy"], 0.75);
    assert_eq!(json["lines"].as_array().unwrap().len(), 3);
    let share = json["share_of_peak"].as_f64().unwrap();
    let peak = 2.0 * json["fma_peak_gflops"].as_f64().unwrap();
    assert!(
        (share - 1000.0 * 1_517_040e-9 / 0.5 / peak).abs() < 1e-12,
        "{share}"
    );
    assert!(report.to_string().contains("75.00 %"), "{report}");
}
