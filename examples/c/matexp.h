/* Written by simplechain from the declaration of a chain; change that, and write this anew.

   Arrays are contiguous: a batch is sample after sample, and parameters are those of `params` in Rust, layer after layer.

   Results are written before the function returns 0, which is MATEXP_OK. Otherwise it returns one of the codes below, and, unless the
   code is MATEXP_PANIC, has written nothing but the message of `load`.

   Every pointer is aligned to its type; no more is needed. It is not NULL, unless the comment of the function says that it may be, or
   no elements are behind it. Arguments may overlap each other; a result overlaps neither an argument nor another result. These are
   checked. That memory is as long as it must be is the caller's promise.

   All functions may be called by any number of threads at once, while nobody writes the arguments. Functions on one sample allocate
   nothing; but hvp, and chains with many thousand values between their layers, need memory that the first call of a thread allocates
   and the thread keeps. So do functions on batches, which share their work among threads if there is much of it.
 */
#ifndef MATEXP_H
#define MATEXP_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MATEXP_INPUT_LEN 4
#define MATEXP_OUTPUT_LEN 4
#define MATEXP_PARAM_COUNT 756
#define MATEXP_FINGERPRINT UINT64_C(0xf9f02619d4fe144b)

#define MATEXP_OK 0 /* success */
#define MATEXP_NULL 1 /* a pointer is null that must not be */
#define MATEXP_MISALIGNED 2 /* a pointer is not aligned to its type */
#define MATEXP_OVERLAP 3 /* a result overlaps an argument or another result */
#define MATEXP_LENGTH 4 /* a length is not that of the chain, or too large */
#define MATEXP_FORMAT 5 /* not a whole safetensors file written by simplechain */
#define MATEXP_ARCHITECTURE 6 /* the file has the parameters of another chain */
#define MATEXP_UNSUPPORTED 7 /* the library was built without a feature that this needs */
#define MATEXP_PANIC 8 /* a panic in the library; results are unspecified */
#define MATEXP_TRAINING 9 /* the training failed */

/* The length of an input. */
size_t matexp_input_len(void);

/* The length of an output. */
size_t matexp_output_len(void);

/* The number of parameters. */
size_t matexp_param_count(void);

/* The fingerprint of the chain. If it is not MATEXP_FINGERPRINT, the header is of another chain, and no other function may be called. */
uint64_t matexp_fingerprint(void);

/* The text of a code, in static memory. */
const char *matexp_message(int32_t code);

/* First parameters: weights are drawn from Glorot's normal distribution, biases are 0. The same seed gives the same parameters. `params_len`
   is MATEXP_PARAM_COUNT. Allocates for the time of the call. */
int32_t matexp_init(uint64_t seed, float *params, size_t params_len);

/* Parameters from the bytes of a file that simplechain saved for this chain, rounded if its numbers are of the other type. `params_len`
   is MATEXP_PARAM_COUNT. Unless `message` is NULL, what is wrong with the file is written there, cut to `message_len` bytes
   with the zero at its end. Allocates for the time of the call. */
int32_t matexp_load(const void *bytes, size_t bytes_len, float *params, size_t params_len, char *message, size_t message_len);

/* y, the output of the chain. */
int32_t matexp_forward(const float x[MATEXP_INPUT_LEN], const float *params, float y[MATEXP_OUTPUT_LEN]);

/* x_bar = y_bar^T dy/dx, params_bar = y_bar^T dy/dparams, and y. What is NULL is not computed: y, and one of the two. */
int32_t matexp_vjp(const float x[MATEXP_INPUT_LEN], const float *params, const float y_bar[MATEXP_OUTPUT_LEN],
    float *y, float *x_bar, float *params_bar);

/* y_dot = dy/dx x_dot + dy/dparams params_dot, and y. y may be NULL, and one of the two directions, which is zero then. */
int32_t matexp_jvp(const float x[MATEXP_INPUT_LEN], const float *params, const float *x_dot, const float *params_dot,
    float *y, float y_dot[MATEXP_OUTPUT_LEN]);

/* The derivatives of the results of vjp in a direction: with f = y_bar^T y, x_out = f_xx x_dot + f_xp params_dot and
   params_out = f_px x_dot + f_pp params_dot; and y. y may be NULL, and all but x_dot and x_out, params_dot and params_out, or
   x_dot and params_out. */
int32_t matexp_hvp(const float x[MATEXP_INPUT_LEN], const float *params, const float y_bar[MATEXP_OUTPUT_LEN],
    const float *x_dot, const float *params_dot, float *y, float *x_out, float *params_out);

/* The outputs of a batch. */
int32_t matexp_forward_batch(const float *xs, const float *params, size_t samples, float *ys);

/* x_bars of a batch, and params_bar, the sum over its samples. One of the two may be NULL. */
int32_t matexp_vjp_batch(const float *xs, const float *params, const float *y_bars, size_t samples,
    float *x_bars, float *params_bar);

/* ys and y_dots of a batch, whose samples have a direction each and share that of the parameters. One of the two may be NULL. */
int32_t matexp_jvp_batch(const float *xs, const float *params, const float *x_dots, const float *params_dot, size_t samples,
    float *ys, float *y_dots);

/* x_outs of a batch, and params_out, the sum over its samples. All may be NULL but x_dots and x_outs, or params_dot and params_out. */
int32_t matexp_hvp_batch(const float *xs, const float *params, const float *y_bars, const float *x_dots, const float *params_dot,
    size_t samples, float *x_outs, float *params_out);

/* The same in double. */
int32_t matexp_init_f64(uint64_t seed, double *params, size_t params_len);
int32_t matexp_load_f64(const void *bytes, size_t bytes_len, double *params, size_t params_len, char *message, size_t message_len);
int32_t matexp_forward_f64(const double x[MATEXP_INPUT_LEN], const double *params, double y[MATEXP_OUTPUT_LEN]);
int32_t matexp_vjp_f64(const double x[MATEXP_INPUT_LEN], const double *params, const double y_bar[MATEXP_OUTPUT_LEN],
    double *y, double *x_bar, double *params_bar);
int32_t matexp_jvp_f64(const double x[MATEXP_INPUT_LEN], const double *params, const double *x_dot, const double *params_dot,
    double *y, double y_dot[MATEXP_OUTPUT_LEN]);
int32_t matexp_hvp_f64(const double x[MATEXP_INPUT_LEN], const double *params, const double y_bar[MATEXP_OUTPUT_LEN],
    const double *x_dot, const double *params_dot, double *y, double *x_out, double *params_out);
int32_t matexp_forward_batch_f64(const double *xs, const double *params, size_t samples, double *ys);
int32_t matexp_vjp_batch_f64(const double *xs, const double *params, const double *y_bars, size_t samples,
    double *x_bars, double *params_bar);
int32_t matexp_jvp_batch_f64(const double *xs, const double *params, const double *x_dots, const double *params_dot, size_t samples,
    double *ys, double *y_dots);
int32_t matexp_hvp_batch_f64(const double *xs, const double *params, const double *y_bars, const double *x_dots, const double *params_dot,
    size_t samples, double *x_outs, double *params_out);

#ifdef __cplusplus
}
#endif

#endif
