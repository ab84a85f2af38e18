//! The memory that the passes of a chain need, and the check that the sizes in the generated code are those of its layers.

use core::ops::Range;

use crate::layer::{ActivationGrad, Fused, Layer, SampleLayer};

/// The memory of a chain, summed up layer by layer in the order of the forward pass.
///
/// Each step compares the lengths and ranges in the generated code with the constants of the layer itself. A difference is an
/// error where the memory is taken, [`checked`](Self::checked): a mistake in the chain also causes differences, and is
/// reported separately.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// Rows of a panel: the values and cotangents of every tensor, and the private rows of layers.
    pub rows: usize,
    /// Scratch vectors: the maximum over the backward passes of all layers.
    pub scratch: usize,
    /// Elements of one sample that a tape holds: outputs, and derivatives that do not follow from them.
    pub tape: usize,
    params: usize,
    /// The first constant that differs from the layer's.
    wrong: Option<&'static str>,
}

impl Layout {
    /// An input of so many elements.
    pub const fn new(input: usize) -> Self {
        Self {
            rows: 2 * input,
            scratch: 0,
            tape: 0,
            params: 0,
            wrong: None,
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
        let mut layout = self.step::<L>([input, output], params);
        layout = layout.compare(L::MID_LEN, mid, "elements between two layers");
        layout.tape += mid + output;
        if L::First::NEEDS_SAVED {
            layout.tape += mid;
        }
        layout
    }

    const fn step<L: Layer>(self, lens: [usize; 2], params: Range<usize>) -> Self {
        let mut layout = self
            .lens([L::INPUT_LEN, L::OUTPUT_LEN], lens)
            .params(L::PARAM_COUNT, params);
        layout.rows += L::SAVED_ROWS + 2 * lens[1];
        if layout.scratch < L::SCRATCH {
            layout.scratch = L::SCRATCH;
        }
        layout
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
        // Its cotangents, before they are those of pre-activations.
        self.rows += len;
        let sum = self.params;
        self.compare(sum, params, "parameters of the chain")
    }

    /// The layout, if every generated constant matches the layer's.
    pub const fn checked(self) -> Self {
        if let Some(what) = self.wrong {
            panic!("{}", what);
        }
        self
    }

    pub(super) const fn lens(self, [input, output]: [usize; 2], written: [usize; 2]) -> Self {
        self.compare(input, written[0], "elements of a layer's input")
            .compare(output, written[1], "elements of a layer's output")
    }

    pub(super) const fn params(self, count: usize, Range { start, end }: Range<usize>) -> Self {
        if count == 0 {
            return self;
        }
        let first = self.params;
        let mut layout = self
            .compare(first, start, "first parameter of a layer")
            .compare(first + count, end, "parameters of a layer");
        layout.params = end;
        layout
    }

    const fn compare(mut self, own: usize, written: usize, what: &'static str) -> Self {
        if own != written && self.wrong.is_none() {
            self.wrong = Some(what);
        }
        self
    }
}
