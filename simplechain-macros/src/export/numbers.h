/* First parameters: weights are drawn from Glorot's normal distribution, biases are 0. The same seed gives the same parameters. `params_len`
   is UPPER_PARAM_COUNT. Allocates for the time of the call. */
int32_t PREFIX_init(uint64_t seed, REAL *params, size_t params_len);

/* Parameters from the bytes of a file that simplechain saved for this chain, rounded if its numbers are of the other type. `params_len`
   is UPPER_PARAM_COUNT. Unless `message` is NULL, what is wrong with the file is written there, cut to `message_len` bytes
   with the zero at its end. Allocates for the time of the call. */
int32_t PREFIX_load(const void *bytes, size_t bytes_len, REAL *params, size_t params_len, char *message, size_t message_len);

/* y, the output of the chain. */
int32_t PREFIX_forward(const REAL x[UPPER_INPUT_LEN], const REAL *params, REAL y[UPPER_OUTPUT_LEN]);

/* x_bar = y_bar^T dy/dx, params_bar = y_bar^T dy/dparams, and y. What is NULL is not computed: y, and one of the two. */
int32_t PREFIX_vjp(const REAL x[UPPER_INPUT_LEN], const REAL *params, const REAL y_bar[UPPER_OUTPUT_LEN],
    REAL *y, REAL *x_bar, REAL *params_bar);

/* y_dot = dy/dx x_dot + dy/dparams params_dot, and y. y may be NULL, and one of the two directions, which is zero then. */
int32_t PREFIX_jvp(const REAL x[UPPER_INPUT_LEN], const REAL *params, const REAL *x_dot, const REAL *params_dot,
    REAL *y, REAL y_dot[UPPER_OUTPUT_LEN]);

/* The derivatives of the results of vjp in a direction: with f = y_bar^T y, x_out = f_xx x_dot + f_xp params_dot and
   params_out = f_px x_dot + f_pp params_dot; and y. y may be NULL, and all but x_dot and x_out, params_dot and params_out, or
   x_dot and params_out. */
int32_t PREFIX_hvp(const REAL x[UPPER_INPUT_LEN], const REAL *params, const REAL y_bar[UPPER_OUTPUT_LEN],
    const REAL *x_dot, const REAL *params_dot, REAL *y, REAL *x_out, REAL *params_out);

/* The outputs of a batch. */
int32_t PREFIX_forward_batch(const REAL *xs, const REAL *params, size_t samples, REAL *ys);

/* x_bars of a batch, and params_bar, the sum over its samples. One of the two may be NULL. */
int32_t PREFIX_vjp_batch(const REAL *xs, const REAL *params, const REAL *y_bars, size_t samples,
    REAL *x_bars, REAL *params_bar);

/* ys and y_dots of a batch, whose samples have a direction each and share that of the parameters. One of the two may be NULL. */
int32_t PREFIX_jvp_batch(const REAL *xs, const REAL *params, const REAL *x_dots, const REAL *params_dot, size_t samples,
    REAL *ys, REAL *y_dots);

/* x_outs of a batch, and params_out, the sum over its samples. All may be NULL but x_dots and x_outs, or params_dot and params_out. */
int32_t PREFIX_hvp_batch(const REAL *xs, const REAL *params, const REAL *y_bars, const REAL *x_dots, const REAL *params_dot,
    size_t samples, REAL *x_outs, REAL *params_out);
