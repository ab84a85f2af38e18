//! The inputs as written by `../../session/data.py`: values without a header, little-endian, row by row.

use std::fs;
use std::path::Path;

use crate::worker::Result;

pub fn bytes(dir: &Path, name: &str) -> Result<Vec<u8>> {
    let path = dir.join(name);
    Ok(fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?)
}

pub fn numbers(dir: &Path, name: &str) -> Result<Vec<f32>> {
    Ok(bytemuck::pod_collect_to_vec(&bytes(dir, name)?))
}

/// Rows of this length.
pub fn rows<const N: usize>(dir: &Path, name: &str) -> Result<Vec<[f32; N]>> {
    let numbers = numbers(dir, name)?;
    let (rows, rest) = numbers.as_chunks();
    if !rest.is_empty() {
        return Err(format!("{name}: no whole number of rows of {N}").into());
    }
    Ok(rows.to_vec())
}

/// Weights by output and input, `w[i + inputs * o]`, and biases of a dense layer.
#[derive(Clone)]
pub struct Dense {
    pub inputs: usize,
    pub outputs: usize,
    pub weights: Vec<f32>,
    pub biases: Vec<f32>,
}

/// The initial parameters of a network of dense layers.
pub fn dense_layers(dir: &Path, name: &str, widths: &[usize]) -> Result<Vec<Dense>> {
    let numbers = numbers(dir, name)?;
    let mut rest = &numbers[..];
    let mut take = |count: usize| -> Result<Vec<f32>> {
        let (taken, left) = rest
            .split_at_checked(count)
            .ok_or_else(|| format!("{name}: too short"))?;
        rest = left;
        Ok(taken.to_vec())
    };
    let layers = widths.windows(2).map(|pair| {
        let (inputs, outputs) = (pair[0], pair[1]);
        Ok(Dense {
            inputs,
            outputs,
            weights: take(inputs * outputs)?,
            biases: take(outputs)?,
        })
    });
    let layers = layers.collect::<Result<Vec<_>>>()?;
    if !rest.is_empty() {
        return Err(format!("{name}: too long").into());
    }
    Ok(layers)
}

/// The widths in the name of a network: `4-32-16-4`.
pub fn widths(name: &str) -> Vec<usize> {
    name.split('-')
        .map(|width| width.parse().expect("a width"))
        .collect()
}

/// The networks of the workload `one_sample`.
pub const NETWORKS: [&str; 3] = ["4-32-16-4", "2-50-50-2", "3-64-64-1"];
