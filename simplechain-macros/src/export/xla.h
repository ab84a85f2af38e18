/* A handler of XLA's foreign function interface, an `XLA_FFI_Handler` for numbers of both types: (x, params) -> y. */
void *PREFIX_xla_forward(void *call_frame);

/* The same: (x, params, x_dot, params_dot) -> y_dot. */
void *PREFIX_xla_jvp(void *call_frame);

/* The same: (x, params, x_dot) -> y_dot. */
void *PREFIX_xla_jvp_input(void *call_frame);

/* The same: (x, params, params_dot) -> y_dot. */
void *PREFIX_xla_jvp_params(void *call_frame);

/* The same: (x, params, y_bar) -> (x_bar, params_bar). */
void *PREFIX_xla_vjp(void *call_frame);

/* The same: (x, params, y_bar) -> x_bar. */
void *PREFIX_xla_vjp_input(void *call_frame);

/* The same: (x, params, y_bar) -> params_bar. */
void *PREFIX_xla_vjp_params(void *call_frame);

/* The same: (x, params, y_bar, x_dot, params_dot) -> (x_out, params_out). */
void *PREFIX_xla_hvp(void *call_frame);

/* The same: (x, params, x_v, params_v, x_w, params_w) -> y. */
void *PREFIX_xla_second(void *call_frame);
