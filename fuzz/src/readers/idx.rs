//! The reader of MNIST's files of the example `lenet_mnist`.

use crate::files::{check_message, within_memory};

#[path = "../../../examples/lenet_mnist/idx.rs"]
#[allow(dead_code, reason = "the example has more")]
mod example;

/// What a gzipped file may become: its format allows 1032 times its length, a `Vec` twice that, and the images are a copy.
const FIXED: usize = 256 << 10;
const TIMES: usize = 4 * 1032;

/// Holds for any bytes.
pub fn check(data: &[u8]) {
    match within_memory(FIXED, TIMES, data, || example::images(data)) {
        Err(error) => check_message(&error),
        Ok(images) => {
            let sides = [example::SIDE as u32; 2];
            let file = written(
                &[images.len() as u32, sides[0], sides[1]],
                images.as_flattened(),
            );
            assert_eq!(example::images(&file), Ok(images));
        }
    }
    match within_memory(FIXED, TIMES, data, || example::labels(data)) {
        Err(error) => check_message(&error),
        Ok(labels) => {
            assert!(labels.iter().all(|label| *label <= example::MOST_LABEL));
            let file = written(&[labels.len() as u32], &labels);
            assert_eq!(example::labels(&file), Ok(labels));
        }
    }
}

/// A file of these dimensions.
fn written(dimensions: &[u32], bytes: &[u8]) -> Vec<u8> {
    let mut file = vec![0, 0, 8, dimensions.len() as u8];
    file.extend(
        dimensions
            .iter()
            .flat_map(|dimension| dimension.to_be_bytes()),
    );
    file.extend(bytes);
    file
}
