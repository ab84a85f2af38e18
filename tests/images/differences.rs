//! Every layer's gradient against differences of the forward pass in `f64`.

use simplechain::simple_chain;

use crate::gradients::gradients;
use crate::windows::{Odd, Padded};

simple_chain! {
    /// Strided and padded windows, and the mean.
    struct Smooth: (5, 7, 2) => conv(tanh, (3, 3), 3, stride = (1, 2), padding = 1) => avgpool(2, 2, stride = 1)
        => conv(silu, (2, 3), 2) => flatten => dense(id, 2)
}

#[test]
fn convolution_and_mean() {
    gradients(Smooth, 1);
}

/// Biases are not 0, and the seeds are ones where no maximum changes its place within the differences.
#[test]
fn maximum() {
    gradients(Odd, 2);
    gradients(Padded, 3);
}
