//! The mean and the standard deviation of streamed values.

use alloc::vec;
use alloc::vec::Vec;

use crate::error::{Error, check_range};
use crate::simd::Real;

/// Mean and deviation of each of several channels, updated value by value in `f64` (Welford, 1962): the sum of squares is that
/// of differences from the mean, so that nothing cancels far from 0.
pub(crate) struct Moments {
    /// Values per channel so far.
    count: f64,
    means: Vec<f64>,
    /// Sums of the squared differences from the mean.
    squares: Vec<f64>,
}

impl Moments {
    pub(crate) fn new(channels: usize) -> Self {
        Self {
            count: 0.0,
            means: vec![0.0; channels],
            squares: vec![0.0; channels],
        }
    }

    /// Adds a sample: of every channel as many values, channel after channel.
    pub(crate) fn add<T: Real>(&mut self, sample: &[T]) {
        let pixels = sample.len() / self.means.len();
        let channels = self.means.iter_mut().zip(&mut self.squares);
        for ((mean, squares), values) in channels.zip(sample.chunks_exact(pixels)) {
            let mut count = self.count;
            for value in values {
                let value = value.to_f64();
                count += 1.0;
                let off = value - *mean;
                *mean += off / count;
                *squares += off * (value - *mean);
            }
        }
        self.count += pixels as f64;
    }

    /// Writes the means, then the standard deviations (divided by `n`), 1 for a channel without any.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] if the squares of the values exceed the range of `f64`.
    pub(crate) fn write<T: Real>(&self, to: &mut [T]) -> Result<(), Error> {
        let (means, stds) = to.split_at_mut(self.means.len());
        for (to, mean) in means.iter_mut().zip(&self.means) {
            *to = T::from_f64(*mean);
        }
        for (to, squares) in stds.iter_mut().zip(&self.squares) {
            let std = (squares / self.count).sqrt();
            check_range(
                "a standard deviation",
                std,
                std.is_finite(),
                "finite: scale the data, so that its squares are finite",
            )?;
            let std = T::from_f64(std);
            // A deviation whose reciprocal overflows cannot be divided by.
            let is_constant = std == T::ZERO || !(T::ONE / std).is_finite();
            *to = if is_constant { T::ONE } else { std };
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    fn moments(values: &[f64]) -> [f64; 2] {
        let mut moments = Moments::new(1);
        for value in values {
            moments.add(&[*value]);
        }
        let mut found = [f64::NAN; 2];
        moments.write(&mut found).unwrap();
        found
    }

    #[test]
    fn far_from_zero_nothing_cancels() {
        let [mean, std] = moments(&[1e9 + 4.0, 1e9 + 7.0, 1e9 + 13.0, 1e9 + 16.0]);
        assert_eq!(mean, 1e9 + 10.0);
        assert!((std - 22.5_f64.sqrt()).abs() < 1e-12, "{std}");
    }

    #[test]
    fn a_constant_has_the_deviation_1() {
        assert_eq!(moments(&[0.1; 1000]), [0.1, 1.0]);
        assert_eq!(moments(&[3.0]), [3.0, 1.0]);
        // 1e-310 has no finite reciprocal.
        assert_eq!(moments(&[0.0, 2e-310])[1], 1.0);
    }

    #[test]
    fn squares_beyond_the_range_are_an_error() {
        let mut moments = Moments::new(2);
        moments.add(&[1.0, 1e200]);
        moments.add(&[2.0, -1e200]);
        let error = moments.write(&mut [0.0; 4]).unwrap_err();
        assert!(error.to_string().contains("scale the data"), "{error}");
    }
}
