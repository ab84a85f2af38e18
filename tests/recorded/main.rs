//! Numbers that were written down: the bits of chains, and what PyTorch gives for images.

mod bits;
mod pytorch_images;

simplechain::simple_chain! {
    /// Compiled once for both.
    struct LeNet: (28, 28, 1)
        => conv(relu, (5, 5), 6) => maxpool(2, 2) => conv(relu, (5, 5), 16) => maxpool(2, 2)
        => flatten => dense(relu, 120) => dense(relu, 84) => dense(id, 10)
}
