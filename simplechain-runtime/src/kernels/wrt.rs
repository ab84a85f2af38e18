//! What a backward pass differentiates with respect to.

/// The derivatives that a backward pass computes, as a type: code for the others is not compiled.
pub trait Wrt: Copy + Send + Sync + 'static {
    /// Whether the gradient with respect to the parameters is computed.
    const PARAMS: bool;
    /// Whether the cotangent of the input is computed.
    const INPUT: bool;
    /// Whether a single sample's derivatives are added to what is there. Those of a tile always are: the gradient is a sum over
    /// the samples.
    const ADD: bool = false;
    /// Whether there is a backward pass.
    const ANY: bool = Self::PARAMS || Self::INPUT;
    /// The same derivatives and the cotangent of the input, which every layer but the first computes for the layer before it.
    type WithInput: Wrt;
}

/// There is no backward pass.
#[derive(Clone, Copy, Debug)]
pub struct WrtNothing;

/// Only the gradient with respect to the parameters.
#[derive(Clone, Copy, Debug)]
pub struct WrtParams;

/// Only the cotangent of the input.
#[derive(Clone, Copy, Debug)]
pub struct WrtInput;

/// Both the gradient with respect to the parameters and the cotangent of the input.
#[derive(Clone, Copy, Debug)]
pub struct WrtBoth;

/// The derivatives `W`, added to what is there.
#[derive(Clone, Copy, Debug)]
pub struct Adding<W>(W);

impl Wrt for WrtNothing {
    const PARAMS: bool = false;
    const INPUT: bool = false;
    type WithInput = WrtInput;
}

impl Wrt for WrtParams {
    const PARAMS: bool = true;
    const INPUT: bool = false;
    type WithInput = WrtBoth;
}

impl Wrt for WrtInput {
    const PARAMS: bool = false;
    const INPUT: bool = true;
    type WithInput = Self;
}

impl Wrt for WrtBoth {
    const PARAMS: bool = true;
    const INPUT: bool = true;
    type WithInput = Self;
}

impl<W: Wrt> Wrt for Adding<W> {
    const PARAMS: bool = W::PARAMS;
    const INPUT: bool = W::INPUT;
    const ADD: bool = true;
    type WithInput = Adding<W::WithInput>;
}
