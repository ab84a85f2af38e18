//! Every call of a chain with images against its twin, over sizes, strides, paddings and channels.

use simplechain::simple_chain;
use support::{Case, every_other_call, outputs_and_cotangents};

/// Around the 8 and 16 lanes of a panel, and one of many panels.
const BATCHES: [usize; 6] = [0, 1, 15, 16, 17, 83];

// Windows of 1 2 3 5 7 11 columns, even and odd; strides 1 2 3; no padding, as much as there can be, and of one side
// only; 1 2 3 5 6 7 16 17 channels in and out; images as small as one pixel; pools that leave out a row or a column.
simple_chain! {
    /// Pool in the convolution, with a row left out; a window of even size padded on one side.
    pub(crate) struct Odd: (9, 7, 1) => conv(tanh, (3, 3), 5) => maxpool(2, 2) => conv(gelu, (2, 2), 17, padding = same)
        => flatten => dense(id, 3);
    /// Strides, and an image as the output.
    struct Strides: (8, 9, 3) => conv(sigmoid, (5, 5), 6, stride = 2, padding = 2) => avgpool(2, 2)
        => conv(id, (1, 1), 16) => (2, 2, 16);
    /// A pool whose windows overlap, behind the widest window that is kept in registers.
    struct Overlap: (11, 13, 2) => conv(silu, (7, 7), 1, padding = 3) => maxpool(3, 3, stride = 2) => flatten
        => dense(tanh, 2);
    /// A window wider than that; an activation that is not monotone under a pool; a pool as the last layer.
    struct Wide: (6, 20, 1) => conv(sin, (3, 11), 2, bias = false) => maxpool(1, 2);
    /// Many channels to few; stride and padding of one direction only.
    struct Channels: (5, 6, 17) => conv(elu, (3, 3), 7, stride = (2, 1), padding = (1, 0)) => maxpool(2, 3);
    /// Pools first and behind one another; a stride larger than the window.
    struct Pools: (12, 9, 2) => maxpool(2, 2) => avgpool(3, 2, stride = 1) => conv(softplus, (2, 1), 3, stride = 3, padding = (1, 0))
        => flatten => dense(id, 1);
    /// Nothing is smaller.
    struct Pixel: (1, 1, 3) => conv(tanh, (1, 1), 2) => flatten => dense(id, 1);
    /// A pool of one pixel is a pool: behind activations that are monotone, that are not, and that keep their derivative; with
    /// padding; of whole channels that are one pixel; and by itself.
    struct Ones: (2, 3, 1) => conv(tanh, (1, 1), 2) => maxpool(1, 1) => conv(gelu, (1, 2), 1, padding = same) => maxpool(1, 1)
        => conv(softplus, (2, 3), 2) => global_maxpool => maxpool(1, 1) => avgpool(1, 1) => flatten => dense(id, 1);
    /// The same along a sequence, as the last layer, where a stride leaves out some.
    struct OnesOfSequence: (5, 1) => maxpool(1, stride = 2) => conv(id, 1, 1, bias = false) => maxpool(1);
    /// Padding under a pool, of the most pixels that are pooled in registers.
    pub(crate) struct Padded: (9, 10, 2) => conv(leaky_relu(0.1), (3, 3), 3, padding = same) => maxpool(3, 3)
        => conv(relu, (3, 3), 8, padding = 2) => flatten => dense(id, 2);
    /// Pools of 2 x 2 and 1 x 3 pixels, whose backward pass looks the weights up; with strides and a column left out.
    struct LookedUp: (14, 26, 2) => conv(tanh, (4, 5), 3, stride = (2, 1)) => maxpool(2, 2) => conv(gelu, (1, 5), 5) => maxpool(1, 3)
        => flatten => dense(id, 2);
    /// The same of 4 x 1 pixels, in an image one column wide.
    struct LookedUpRows: (13, 1, 1) => conv(elu, (6, 1), 2) => maxpool(4, 1)
}

/// One test a chain and number type.
macro_rules! windows {
    ($check:ident::<$T:ident>: $($name:ident $Chain:ident)*) => {
        $(
            #[test]
            fn $name() {
                $check::<_, $T>($Chain, &Case::of($Chain, &BATCHES));
            }
        )*
    };
}

mod f32 {
    use super::*;

    windows! {
        outputs_and_cotangents::<f32>:
        odd Odd strides Strides overlap Overlap wide Wide channels Channels pools Pools pixel Pixel ones Ones
        ones_of_sequence OnesOfSequence padded Padded looked_up LookedUp looked_up_rows LookedUpRows
    }
    windows! {
        every_other_call::<f32>:
        odd_other Odd
    }
}

/// The code is that of `f32`, with 8 lanes for 16: a part of the chains will do.
mod f64 {
    use super::*;

    windows! {
        outputs_and_cotangents::<f64>:
        odd Odd wide Wide ones Ones padded Padded looked_up LookedUp looked_up_rows LookedUpRows
    }
}
