//! Training.

use core::ffi::c_char;

use super::Status;
use super::calls::{check_param_count, code, write_text};
use super::memory::Memory;
use crate::chain::Chain;
use crate::loss::SquaredLoss;
use crate::optim::Adam;
use crate::simd::Real;
use crate::train::Trainer;

/// [`Trainer::fit`] with [`SquaredLoss`] and [`Adam`], for `epochs` epochs; the loss of the last one is written to `loss`. A `batch_size` of 0 is
/// a full batch; `threads` of 0 are the default. Every call starts Adam anew.
///
/// [`Status::Training`] if the data or a setting is wrong, or the training diverged; `params` are those of the last good step. Unless
/// `message` is null, the text of the error is written there, cut to `message_len` bytes, the last of which is a zero.
///
/// ```c
/// int32_t PREFIX_fit(const float *xs, const float *targets, size_t samples, size_t epochs, size_t batch_size, double rate,
///     uint64_t seed, size_t threads, float *params, size_t params_len, double *loss, char *message, size_t message_len);
/// ```
///
/// # Safety
/// The [rules](super#rules).
pub unsafe fn fit<C: Chain, T: Real>(
    chain: C,
    xs: *const T,
    targets: *const T,
    samples: usize,
    epochs: usize,
    batch_size: usize,
    rate: f64,
    seed: u64,
    threads: usize,
    params: *mut T,
    params_len: usize,
    loss: *mut f64,
    message: *mut c_char,
    message_len: usize,
) -> i32 {
    code(|| {
        check_param_count::<C>(params_len)?;
        let mut memory = Memory::new();
        let xs = memory.argument(xs, samples, C::INPUT_LEN)?;
        let targets = memory.argument(targets, samples, C::OUTPUT_LEN)?;
        let mut params = memory.output(params, 1, C::PARAM_COUNT)?;
        let mut loss = memory.output(loss, 1, 1)?;
        let mut message = memory.optional_output(message.cast::<u8>(), message_len, 1)?;
        memory.check_disjoint()?;
        // SAFETY: the caller's promise, and the check.
        let (xs, targets) = unsafe { (xs.arrays::<C::Input<T>>(), targets.arrays()) };
        // SAFETY: the same.
        let (params, loss) = unsafe { (params.array(), loss.slice()) };
        // SAFETY: the same.
        let message = message.as_mut().map(|message| unsafe { message.slice() });

        let mut trainer = Trainer::new(chain, SquaredLoss, Adam::<T>::new(rate)).seed(seed);
        if batch_size > 0 {
            trainer = trainer.batch_size(batch_size);
        }
        if threads > 0 {
            trainer = trainer.threads(threads);
        }
        let result = trainer.fit(params, xs, targets, epochs);
        let text = result.as_ref().err().map(ToString::to_string);
        write_text(message.unwrap_or_default(), &text.unwrap_or_default());
        loss[0] = result.map_err(|_| Status::Training)?.last_loss();
        Ok(())
    })
}
