//! What a chain needs of the memory of a pass, and whether the numbers that the macro wrote are those of its layers.

use core::ops::Range;

use crate::layer::{Cotangent, Fused, Layer, SampleLayer};

/// The memory of a chain, summed up layer by layer in the order of the forward pass. Each step checks the lengths and ranges that
/// the macro wrote against the constants of the layer itself.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// Rows of a panel: of every tensor its values and its cotangents, of layers what they keep for themselves.
    pub rows: usize,
    /// Vectors that the backward pass of some layer needs in between.
    pub scratch: usize,
    /// Elements of one sample that a tape holds: outputs, and derivatives that do not follow from them.
    pub tape: usize,
    params: usize,
}

impl Layout {
    /// An input of so many elements.
    pub const fn new(input: usize) -> Self {
        Self {
            rows: 2 * input,
            scratch: 0,
            tape: 0,
            params: 0,
        }
    }

    /// A layer from `input` to `output` elements.
    pub const fn layer<L: Layer + SampleLayer>(
        self,
        _: fn() -> L,
        [input, output]: [usize; 2],
        params: Range<usize>,
    ) -> Self {
        let mut layout = self.step::<L>([input, output], params);
        layout.tape += output;
        if L::NEEDS_SAVED {
            layout.tape += output;
        }
        layout
    }

    /// Two layers that share a kernel on tiles, with `mid` elements between them.
    pub const fn fused<L: Fused>(
        self,
        _: fn() -> L,
        [input, mid, output]: [usize; 3],
        params: Range<usize>,
    ) -> Self {
        assert!(L::MID_LEN == mid, "elements between two layers");
        let mut layout = self.step::<L>([input, output], params);
        layout.tape += mid + output;
        if L::First::NEEDS_SAVED {
            layout.tape += mid;
        }
        layout
    }

    const fn step<L: Layer>(self, [input, output]: [usize; 2], params: Range<usize>) -> Self {
        assert!(L::INPUT_LEN == input, "elements of a layer's input");
        assert!(L::OUTPUT_LEN == output, "elements of a layer's output");
        let mut layout = self.params(L::PARAM_COUNT, params);
        layout.rows += L::SAVED_ROWS + 2 * output;
        if layout.scratch < L::SCRATCH {
            layout.scratch = L::SCRATCH;
        }
        layout
    }

    pub(super) const fn params(mut self, count: usize, Range { start, end }: Range<usize>) -> Self {
        if count > 0 {
            assert!(start == self.params, "first parameter of a layer");
            assert!(end - start == count, "parameters of a layer");
            self.params = end;
        }
        self
    }

    /// The input of a branch, `len` elements.
    pub const fn fork(mut self, len: usize) -> Self {
        self.rows += 2 * len;
        self
    }

    /// A sum of branches, or branches side by side: `len` elements.
    pub const fn merged(mut self, len: usize) -> Self {
        self.rows += 2 * len;
        self.tape += len;
        self
    }

    /// The output, of so many elements, and the number of all parameters.
    pub const fn output(mut self, len: usize, params: usize) -> Self {
        assert!(self.params == params, "parameters of a chain");
        // Its cotangents, before they are those of pre-activations.
        self.rows += len;
        self
    }
}
