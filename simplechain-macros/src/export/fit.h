/* Trains `params` in place: Adam with the learning rate `rate` for the mean of 1/2 sum (y - target)^2 over the samples, `epochs` times over
   all of them, in batches of `batch_size` (0: one of all samples) in an order that `seed` gives, by as many threads (0: all CPUs).
   Every call starts Adam anew. The loss of the last epoch is written to `loss`. After UPPER_TRAINING, `params` are those
   of the last good step, and what went wrong is written to `message` unless that is NULL, cut to `message_len` bytes with the zero at its end.
   Allocates for the time of the call. */
int32_t PREFIX_fit(const REAL *xs, const REAL *targets, size_t samples, size_t epochs, size_t batch_size, double rate, uint64_t seed,
    size_t threads, REAL *params, size_t params_len, double *loss, char *message, size_t message_len);
