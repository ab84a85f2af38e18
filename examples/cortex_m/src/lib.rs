//! A network that was trained on another machine, and what is computed with it: the same lines on a microcontroller as on the host.
#![no_std]
#![deny(unsafe_code)]

#[cfg(all(target_os = "none", feature = "alloc"))]
#[allow(unsafe_code)]
pub mod heap;
#[cfg(target_os = "none")]
#[allow(unsafe_code)]
pub mod stack;

use core::fmt::{self, Write};

use simplechain::prelude::*;

simple_chain! {
    /// 2x2 matrix -> its matrix exponential.
    pub struct MatExp: 4 => dense(tanh, 32) => dense(tanh, 16) => dense(id, 4);
    /// Other layers, with parameters that nothing has trained.
    struct Others: (6, 5, 2)
        => conv(tanh, (3, 3), 3, padding = 1) => maxpool(2, 2) => flatten => dense(gelu, 7) => layer_norm
        => residual(dense(silu, 7)) => dense(sin, 3)
}

/// The parameters of the network.
pub type Params = <MatExp as Network>::Params<f32>;

/// The bytes of the file that `host/src/bin/train.rs` writes.
pub static FILE: &[u8] = simplechain::include_aligned!("../net.safetensors");

/// The trained parameters: a constant of the program.
pub fn params() -> &'static Params {
    simplechain::include_params!(MatExp, f32, "../net.safetensors")
}

/// A matrix with elements in `[-1, 1)`, which all machines compute alike.
pub fn matrix(seed: u32) -> [f32; 4] {
    let mut index = 4 * seed;
    [(); 4].map(|()| {
        index += 1;
        let mut bits = index.wrapping_mul(0x9e37_79b9);
        bits = (bits ^ bits >> 16).wrapping_mul(0x85eb_ca6b);
        bits = (bits ^ bits >> 13).wrapping_mul(0xc2b2_ae35);
        ((bits ^ bits >> 16) >> 8) as f32 / (1 << 23) as f32 - 1.0
    })
}

/// Writes the bits of outputs and derivatives, a line for each.
///
/// # Errors
/// Those of `to`.
pub fn write_results(to: &mut impl Write) -> fmt::Result {
    let params = params();
    // The same parameters, read from the file when the program runs.
    let read = MatExp
        .from_safetensors::<f32>(FILE)
        .map_err(|_| fmt::Error)?;
    let y_bar = [1.0, -0.5, 0.25, 2.0];
    let x_dot = [0.5, 1.0, -1.0, 0.25];
    for x in (0..8).map(matrix) {
        write(to, "forward", &MatExp.forward(&x, params))?;
        write(to, "from_safetensors", &MatExp.forward(&x, &read))?;
        let (mut x_bar, mut params_bar) = ([0.0; 4], [0.0; MatExp::PARAM_COUNT]);
        write(
            to,
            "vjp y",
            &MatExp.vjp(&x, params, &y_bar, &mut x_bar, &mut params_bar),
        )?;
        write(to, "vjp x_bar", &x_bar)?;
        write(to, "vjp params_bar", &params_bar)?;
        let (_, y_dot) = MatExp.jvp_input(&x, params, &x_dot);
        write(to, "jvp_input", &y_dot)?;
        let (_, y_dot) = MatExp.jvp(&x, params, &x_dot, params);
        write(to, "jvp", &y_dot)?;
        let mut x_out = [0.0; 4];
        MatExp.hvp_input(&x, params, &y_bar, &x_dot, &mut x_out);
        write(to, "hvp_input", &x_out)?;
    }
    let (mut x, mut params) = ([0.0; Others::INPUT_LEN], [0.0; Others::PARAM_COUNT]);
    for (seed, numbers) in (0..).zip(x.chunks_mut(4).chain(params.chunks_mut(4))) {
        numbers.copy_from_slice(&matrix(seed)[..numbers.len()]);
    }
    let (mut x_bar, mut params_bar) = (x, params);
    write(
        to,
        "others y",
        &Others.vjp(&x, &params, &[1.0, -0.5, 2.0], &mut x_bar, &mut params_bar),
    )?;
    write(to, "others x_bar", &x_bar)?;
    write(to, "others params_bar", &params_bar)
}

/// Trains further on a few matrices, on one thread, and writes the bits of loss and parameters after some epochs.
///
/// # Errors
/// Those of `to`.
#[cfg(feature = "alloc")]
pub fn write_training(to: &mut impl Write) -> fmt::Result {
    let mut xs = [[0.0; 4]; 64];
    for (seed, x) in xs.iter_mut().enumerate() {
        *x = matrix(seed as u32);
    }
    let mut params = MatExp.own(params()).map_err(|_| fmt::Error)?;
    let mut trainer = Trainer::new(MatExp, SquaredLoss, Adam::new(1e-3))
        .batch_size(32)
        .threads(1);
    for _ in 0..3 {
        // To the matrices themselves: another task.
        let history = trainer
            .fit(&mut params, &xs, &xs, 2)
            .map_err(|_| fmt::Error)?;
        write(to, "loss", &[history.last_loss() as f32])?;
        write(to, "params", &*params)?;
    }
    Ok(())
}

/// The bits of a few numbers, and a hash (FNV-1a) of all.
fn write(to: &mut impl Write, what: &str, numbers: &[f32]) -> fmt::Result {
    write!(to, "{what}:")?;
    for number in numbers.iter().take(4) {
        write!(to, " {:08x}", number.to_bits())?;
    }
    let mut hash = 0x811c_9dc5_u32;
    for byte in numbers
        .iter()
        .flat_map(|number| number.to_bits().to_le_bytes())
    {
        hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    }
    writeln!(to, " hash {hash:08x}")
}
