//! Fills the constants of `standardize` and `unstandardize` from data.

use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;

use crate::array::Array;
use crate::data::Samples;
use crate::error::{Error, NotFinite};
use crate::info::{LayerInfo, Shape, Statistics, for_each_layer};
use crate::moments::Moments;
use crate::network::Network;
use crate::pass::probe::Probe;
use crate::simd::Real;

/// Channels of a shape; every element of a vector is one.
fn channels(shape: Shape) -> usize {
    match shape {
        Shape::Flat(len) => len,
        Shape::Image(_, _, channels) => channels,
    }
}

/// The layers with these statistics that are not frozen, and their ranges of parameters.
fn adapted(layers: &'static [LayerInfo], of: Statistics) -> Vec<(LayerInfo, Range<usize>)> {
    let (mut found, mut frozen_until) = (Vec::new(), 0);
    for_each_layer(layers, 0, &mut |layer, range| {
        if !layer.trained {
            frozen_until = range.end.max(frozen_until);
        }
        if layer.statistics == of && range.start >= frozen_until {
            found.push((*layer, range));
        }
    });
    found
}

/// Every `standardize` gets the statistics of what reaches it, the first one first.
pub(crate) fn inputs<C: Network, T: Real, X: Samples<T, C::Input<T>> + ?Sized>(
    chain: C,
    params: &mut C::Params<T>,
    xs: &X,
) -> Result<(), Error> {
    let layers = adapted(C::LAYERS, Statistics::Inputs);
    if layers.is_empty() {
        return Err(Error::NothingToAdapt {
            layer: "standardize",
        });
    }
    if xs.count() == 0 {
        return Err(Error::EmptyBatch);
    }
    let mut adapted = C::Params::boxed(T::ZERO);
    adapted.as_mut_slice().copy_from_slice(params.as_slice());
    let mut x = C::Input::boxed(T::ZERO);
    for (index, (layer, range)) in layers.iter().enumerate() {
        let mut moments = Moments::new(channels(layer.input));
        let mut found = vec![T::ZERO; layer.input.len()];
        for sample in 0..xs.count() {
            xs.read(sample, 0, x.as_mut_slice());
            if index == 0 {
                check_finite("input", sample, x.as_slice())?;
            }
            T::dispatch_sample(Probe {
                chain,
                x: x.as_slice(),
                params: T::as_params(adapted.as_slice()),
                target: range.start,
                found: &mut found,
            });
            check_finite("`standardize` input", sample, &found)?;
            moments.add(&found);
        }
        moments.write(&mut adapted.as_mut_slice()[range.clone()])?;
    }
    params.as_mut_slice().copy_from_slice(adapted.as_slice());
    Ok(())
}

/// An `unstandardize` whose output is a part of the chain's.
struct Last {
    params: Range<usize>,
    columns: Range<usize>,
    channels: usize,
}

/// Every `unstandardize` gets the statistics of its part of the targets.
pub(crate) fn outputs<C: Network, T: Real, Y: Samples<T, C::Output<T>> + ?Sized>(
    params: &mut C::Params<T>,
    ys: &Y,
) -> Result<(), Error> {
    let layer = "unstandardize";
    let all = adapted(C::LAYERS, Statistics::Targets);
    if all.is_empty() {
        return Err(Error::NothingToAdapt { layer });
    }
    let mut last = Vec::new();
    find_last(C::LAYERS, 0, 0, &mut last);
    if last.len() < all.len() {
        return Err(Error::NotLast { layer });
    }
    if ys.count() == 0 {
        return Err(Error::EmptyBatch);
    }
    let mut moments: Vec<_> = last
        .iter()
        .map(|last| Moments::new(last.channels))
        .collect();
    let mut y = C::Output::boxed(T::ZERO);
    for sample in 0..ys.count() {
        ys.read(sample, 0, y.as_mut_slice());
        check_finite("target", sample, y.as_slice())?;
        for (last, moments) in last.iter().zip(&mut moments) {
            moments.add(&y.as_slice()[last.columns.clone()]);
        }
    }
    let mut adapted = C::Params::boxed(T::ZERO);
    adapted.as_mut_slice().copy_from_slice(params.as_slice());
    for (last, moments) in last.iter().zip(&moments) {
        moments.write(&mut adapted.as_mut_slice()[last.params.clone()])?;
    }
    params.as_mut_slice().copy_from_slice(adapted.as_slice());
    Ok(())
}

/// Of layers whose parameters begin at `params`, and whose output is that of the chain from `column` on.
fn find_last(layers: &[LayerInfo], params: usize, column: usize, found: &mut Vec<Last>) {
    // Neither changes a value or the order of values.
    let computes = |layer: &&LayerInfo| !matches!(layer.name, "flatten" | "dropout");
    let Some(layer) = layers.iter().rev().find(computes) else {
        return;
    };
    let first = params + layer.params_start;
    if layer.statistics == Statistics::Targets {
        found.push(Last {
            params: first..first + layer.param_count(),
            columns: column..column + layer.output.len(),
            channels: channels(layer.output),
        });
    } else if matches!(layer.name, "chain" | "concat") {
        let (mut params, mut column) = (first, column);
        for inner in layer.inner {
            find_last(inner, params, column, found);
            params += inner.iter().map(LayerInfo::param_count).sum::<usize>();
            column += inner.last().map_or(0, |layer| layer.output.len());
        }
    }
}

fn check_finite<T: Real>(what: &'static str, sample: usize, values: &[T]) -> Result<(), Error> {
    match T::first_not_finite(values) {
        None => Ok(()),
        Some(column) => Err(Error::NotFinite(NotFinite {
            what,
            sample,
            column,
            value: values[column].to_f64(),
        })),
    }
}
