//! The calls on batches, for [`Chain`](crate::chain::Chain) and for optimizers.

use super::batch::{BatchPass, Ends, Job, run};
use super::cotangents::{GivenCotangents, LossCotangents, NoCotangents};
use super::plan::{Plan, threads_for};
use super::sink::{Arrays, Discard, Load, Store, Total};
use super::source::{Counted, Gather};
use crate::array::Array;
use crate::data::Samples;
use crate::error::{Error, check_len};
use crate::layer::Mode;
use crate::loss::{Loss, check_batch};
use crate::network::Network;
use crate::simd::{Number, Real};

/// Both cotangents of a batch, overwritten or accumulated.
pub(crate) fn vjp_batch<C: Network, T: Real, X: Samples<T, C::Input<T>> + ?Sized>(
    chain: C,
    xs: &X,
    params: &C::Params<T>,
    y_bars: &[C::Output<T>],
    x_bars: &mut [C::Input<T>],
    params_bar: &mut C::Params<T>,
    add: bool,
) -> Result<(), Error> {
    check_len("output cotangents", xs.count(), y_bars.len())?;
    check_len("input cotangents", xs.count(), x_bars.len())?;
    let ends = Ends {
        cotangents: GivenCotangents(Gather::new(y_bars, None)),
        outputs: Discard,
        input_cotangents: Arrays { to: x_bars, add },
        gradient: Total {
            to: params_bar.as_mut_slice(),
            add,
        },
    };
    run::<_, T, _, _>(chain, xs, T::as_params(params.as_slice()), ends);
    Ok(())
}

/// The cotangents of a batch's inputs, overwritten or accumulated.
pub(crate) fn vjp_input_batch<C: Network, T: Real, X: Samples<T, C::Input<T>> + ?Sized>(
    chain: C,
    xs: &X,
    params: &C::Params<T>,
    y_bars: &[C::Output<T>],
    x_bars: &mut [C::Input<T>],
    add: bool,
) -> Result<(), Error> {
    check_len("output cotangents", xs.count(), y_bars.len())?;
    check_len("input cotangents", xs.count(), x_bars.len())?;
    let ends = Ends {
        cotangents: GivenCotangents(Gather::new(y_bars, None)),
        outputs: Discard,
        input_cotangents: Arrays { to: x_bars, add },
        gradient: Discard,
    };
    run::<_, T, _, _>(chain, xs, T::as_params(params.as_slice()), ends);
    Ok(())
}

/// The parameter cotangent of a batch, overwritten or accumulated.
pub(crate) fn vjp_params_batch<C: Network, T: Real, X: Samples<T, C::Input<T>> + ?Sized>(
    chain: C,
    xs: &X,
    params: &C::Params<T>,
    y_bars: &[C::Output<T>],
    params_bar: &mut C::Params<T>,
    add: bool,
) -> Result<(), Error> {
    check_len("output cotangents", xs.count(), y_bars.len())?;
    let ends = Ends {
        cotangents: GivenCotangents(Gather::new(y_bars, None)),
        outputs: Discard,
        input_cotangents: Discard,
        gradient: Total {
            to: params_bar.as_mut_slice(),
            add,
        },
    };
    run::<_, T, _, _>(chain, xs, T::as_params(params.as_slice()), ends);
    Ok(())
}

/// The outputs of a batch.
pub(crate) fn forward_batch<C: Network, T: Real, X: Samples<T, C::Input<T>> + ?Sized>(
    chain: C,
    xs: &X,
    params: &C::Params<T>,
    ys: &mut [C::Output<T>],
) -> Result<(), Error> {
    check_len("outputs", xs.count(), ys.len())?;
    let ends = Ends {
        cotangents: NoCotangents,
        outputs: Arrays { to: ys, add: false },
        input_cotangents: Discard,
        gradient: Discard,
    };
    run::<_, T, _, _>(chain, xs, T::as_params(params.as_slice()), ends);
    Ok(())
}

/// The length of the tape of a batch, which need not be filled.
pub(crate) const fn batch_tape_len<C: Network, T: Number>(samples: usize) -> usize {
    samples.div_ceil(T::PANEL) * C::ROWS * T::PANEL
}

/// The outputs of a batch; all that a backward pass needs stays in the tape.
pub(crate) fn forward_batch_tape<C: Network, T: Real>(
    chain: C,
    xs: &[C::Input<T>],
    params: &C::Params<T>,
    tape: &mut [T],
    ys: &mut [C::Output<T>],
) -> Result<(), Error> {
    check_len("outputs", xs.len(), ys.len())?;
    check_len("tape", batch_tape_len::<C, T>(xs.len()), tape.len())?;
    let ends = Ends {
        cotangents: NoCotangents,
        outputs: Store {
            arrays: Arrays { to: ys, add: false },
            tape,
            panel: batch_tape_len::<C, T>(1),
        },
        input_cotangents: Discard,
        // With its code the layers save what they need.
        gradient: Total {
            to: &mut [],
            add: false,
        },
    };
    run_tape(chain, xs, params, ends, true);
    Ok(())
}

/// Adds both cotangents of a batch, with the tape of its forward pass.
pub(crate) fn vjp_batch_tape_add<C: Network, T: Real>(
    chain: C,
    xs: &[C::Input<T>],
    params: &C::Params<T>,
    tape: &[T],
    y_bars: &[C::Output<T>],
    x_bars: &mut [C::Input<T>],
    params_bar: &mut C::Params<T>,
) -> Result<(), Error> {
    check_len("output cotangents", xs.len(), y_bars.len())?;
    check_len("input cotangents", xs.len(), x_bars.len())?;
    check_len("tape", batch_tape_len::<C, T>(xs.len()), tape.len())?;
    let ends = Ends {
        cotangents: GivenCotangents(Gather::new(y_bars, None)),
        outputs: Load {
            tape,
            panel: batch_tape_len::<C, T>(1),
        },
        input_cotangents: Arrays {
            to: x_bars,
            add: true,
        },
        gradient: Total {
            to: params_bar.as_mut_slice(),
            add: true,
        },
    };
    run_tape(chain, xs, params, ends, false);
    Ok(())
}

/// One half of the work on a batch with a tape.
fn run_tape<C: Network, T: Real>(
    chain: C,
    xs: &[C::Input<T>],
    params: &C::Params<T>,
    job: impl Job<T>,
    forward_only: bool,
) {
    BatchPass {
        chain,
        params: T::as_params(params.as_slice()),
        plan: Plan::new::<C, T>(xs.len()),
        threads: threads_for::<C>(xs.len()),
        mode: Mode::Inference,
        inputs: Gather::new(xs, None),
        job,
        forward_only,
    }
    .run();
}

/// The mean loss of a batch, and its gradient.
pub(crate) fn value_and_grad_batch<C, T, L, X>(
    chain: C,
    loss: &L,
    xs: &X,
    targets: &[L::Target],
    params: &C::Params<T>,
    grads: &mut C::Params<T>,
) -> Result<T, Error>
where
    C: Network,
    T: Real,
    L: Loss<C, T>,
    X: Samples<T, C::Input<T>> + ?Sized,
{
    let scale = check_batch(loss, chain, xs, targets)?;
    let ends = Ends {
        cotangents: LossCotangents::new(chain, loss, targets, scale),
        outputs: Discard,
        input_cotangents: Discard,
        gradient: Total {
            to: grads.as_mut_slice(),
            add: false,
        },
    };
    let xs = Counted::new(chain, loss, xs, targets);
    let sum = run(chain, &xs, T::as_params(params.as_slice()), ends);
    let penalty = loss.penalty(chain, params, Some(grads));
    Ok(sum * scale + penalty)
}

/// The mean loss of a batch.
pub(crate) fn loss_batch<C, T, L, X>(
    chain: C,
    loss: &L,
    xs: &X,
    targets: &[L::Target],
    params: &C::Params<T>,
) -> Result<T, Error>
where
    C: Network,
    T: Real,
    L: Loss<C, T>,
    X: Samples<T, C::Input<T>> + ?Sized,
{
    let scale = check_batch(loss, chain, xs, targets)?;
    let ends = Ends {
        cotangents: LossCotangents::new(chain, loss, targets, scale),
        outputs: Discard,
        input_cotangents: Discard,
        gradient: Discard,
    };
    let xs = Counted::new(chain, loss, xs, targets);
    let sum = run(chain, &xs, T::as_params(params.as_slice()), ends);
    Ok(sum * scale + loss.penalty(chain, params, None))
}
