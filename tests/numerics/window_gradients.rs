//! Every layer's gradient against differences of the forward pass in `f64`.

use simplechain::simple_chain;
use support::gradients;

simple_chain! {
    /// Strided and padded windows, and the mean.
    struct Smooth: (5, 7, 2) => conv(tanh, (3, 3), 3, stride = (1, 2), padding = 1) => avgpool(2, 2, stride = 1)
        => conv(silu, (2, 3), 2) => flatten => dense(id, 2);
    /// Maxima, as a part of a convolution and alone, with a row and a column left out and with overlapping windows.
    struct Maximum: (6, 6, 1) => conv(tanh, (2, 2), 2) => maxpool(2, 2) => conv(sin, (1, 1), 3) => maxpool(2, 1, stride = 1)
        => flatten => dense(id, 1)
}

#[test]
fn convolution_and_mean() {
    gradients(Smooth, 1);
}

/// Biases are not 0, and the seed is one where no maximum changes its place within the differences.
#[test]
fn maximum() {
    gradients(Maximum, 1);
}
