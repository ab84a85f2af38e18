/* A chain of Rust in a C program: outputs, derivatives against differences, batches, saved parameters and codes.

       cargo build --release -p c_example
       gcc -std=c99 examples/c/main.c target/release/libmatexp.a -lm -lpthread -ldl -o main && ./main [net.safetensors]
*/
#include "matexp.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { IN = MATEXP_INPUT_LEN, OUT = MATEXP_OUTPUT_LEN, PARAMS = MATEXP_PARAM_COUNT, SAMPLES = 100 };

static int failures = 0;

static void check(int holds, const char *what) {
    if (!holds) {
        printf("FAILED: %s\n", what);
        failures++;
    }
}

/* Stops at a call that fails, with its message. */
static void must(int32_t code, const char *call) {
    if (code != MATEXP_OK) {
        printf("FAILED: %s: %s\n", call, matexp_message(code));
        exit(1);
    }
}

static void *allocate(size_t count, size_t size) {
    void *memory = malloc(count * size);
    if (memory == NULL) exit(1);
    return memory;
}

static float *floats(size_t count) { return (float *)allocate(count, sizeof(float)); }

static double *doubles(size_t count) { return (double *)allocate(count, sizeof(double)); }

static double dot(const double *a, const double *b, int len) {
    double sum = 0;
    for (int i = 0; i < len; i++) sum += a[i] * b[i];
    return sum;
}

/* f(s) = y_bar^T y(x + s x_dot, params + s params_dot) */
static double along(double s, const double *x, const double *params, const double *x_dot, const double *params_dot,
                    const double *y_bar, double *moved_params) {
    double moved[IN], y[OUT];
    for (int i = 0; i < IN; i++) moved[i] = x[i] + s * x_dot[i];
    for (int i = 0; i < PARAMS; i++) moved_params[i] = params[i] + s * params_dot[i];
    must(matexp_forward_f64(moved, moved_params, y), "forward");
    return dot(y_bar, y, OUT);
}

/* Derivatives in a direction, against central differences. */
static void derivatives(const double *params) {
    const double x[IN] = {0.1, -0.2, 0.3, 0.4}, y_bar[OUT] = {1, -0.5, 0.25, 2}, x_dot[IN] = {0.3, 0.1, -0.7, 0.2};
    double y[OUT], y_dot[OUT], x_bar[IN], x_out[IN];
    double *params_dot = doubles(PARAMS), *params_bar = doubles(PARAMS);
    double *params_out = doubles(PARAMS), *moved = doubles(PARAMS);
    for (int i = 0; i < PARAMS; i++) params_dot[i] = sin(i);

    const double h = 1e-5;
    const double before = along(-h, x, params, x_dot, params_dot, y_bar, moved);
    const double here = along(0, x, params, x_dot, params_dot, y_bar, moved);
    const double after = along(h, x, params, x_dot, params_dot, y_bar, moved);
    const double first = (after - before) / (2 * h), second = (after - 2 * here + before) / (h * h);

    must(matexp_jvp_f64(x, params, x_dot, params_dot, y, y_dot), "jvp");
    must(matexp_vjp_f64(x, params, y_bar, NULL, x_bar, params_bar), "vjp");
    must(matexp_hvp_f64(x, params, y_bar, x_dot, params_dot, NULL, x_out, params_out), "hvp");
    const double by_jvp = dot(y_bar, y_dot, OUT);
    const double by_vjp = dot(x_bar, x_dot, IN) + dot(params_bar, params_dot, PARAMS);
    const double by_hvp = dot(x_out, x_dot, IN) + dot(params_out, params_dot, PARAMS);
    printf("derivatives in a direction: jvp %.12f, vjp %.12f, differences %.12f\n", by_jvp, by_vjp, first);
    printf("second derivative: hvp %.7f, differences %.7f\n", by_hvp, second);
    check(fabs(by_jvp - by_vjp) < 1e-12 * (1 + fabs(by_jvp)), "jvp and vjp agree");
    check(fabs(by_jvp - first) < 1e-7 * (1 + fabs(first)), "jvp is the difference");
    check(fabs(by_hvp - second) < 1e-4 * (1 + fabs(second)), "hvp is the second difference");
    free(params_dot);
    free(params_bar);
    free(params_out);
    free(moved);
}

/* A batch is as its samples, and trains: gradient descent on the squared distance from (1, 2, 3, 4). */
static void batches(float *params) {
    float *xs = floats(SAMPLES * IN), *ys = floats(SAMPLES * OUT);
    float *y_bars = floats(SAMPLES * OUT), *params_bar = floats(PARAMS);
    for (int i = 0; i < SAMPLES * IN; i++) xs[i] = (float)sin(i);
    must(matexp_forward_batch(xs, params, SAMPLES, ys), "forward_batch");
    for (int sample = 0; sample < SAMPLES; sample++) {
        float y[OUT];
        must(matexp_forward(xs + sample * IN, params, y), "forward");
        for (int i = 0; i < OUT; i++) check(fabsf(y[i] - ys[sample * OUT + i]) < 1e-5f, "a batch is as its samples");
    }
    float loss = 0, first = 0;
    for (int step = 0; step < 200; step++) {
        must(matexp_forward_batch(xs, params, SAMPLES, ys), "forward_batch");
        loss = 0;
        for (int i = 0; i < SAMPLES * OUT; i++) {
            const float difference = ys[i] - (float)(1 + i % OUT);
            loss += difference * difference / SAMPLES;
            y_bars[i] = 2 * difference / SAMPLES;
        }
        if (step == 0) first = loss;
        must(matexp_vjp_batch(xs, params, y_bars, SAMPLES, NULL, params_bar), "vjp_batch");
        for (int i = 0; i < PARAMS; i++) params[i] -= 0.01f * params_bar[i];
    }
    printf("training: loss %.3f, after 200 steps %.5f\n", first, loss);
    check(loss < first / 100, "the loss falls");
    free(xs);
    free(ys);
    free(y_bars);
    free(params_bar);
}

/* What is wrong is a code. */
static void refusals(const float *params) {
    float x[IN] = {0}, y[OUT];
    char message[200];
    float *other = floats(PARAMS);
    const float *misaligned = (const float *)(const void *)((const char *)params + 1);
    check(matexp_forward(x, NULL, y) == MATEXP_NULL, "a null pointer");
    check(matexp_forward(x, misaligned, y) == MATEXP_MISALIGNED, "a misaligned pointer");
    check(matexp_forward(x, params, x) == MATEXP_OVERLAP, "the result in place of an argument");
    check(matexp_forward_batch(x, params, (size_t)-1, y) == MATEXP_LENGTH, "more samples than memory");
    check(matexp_init(1, other, PARAMS - 1) == MATEXP_LENGTH, "too few parameters");
    check(matexp_load("no file", 7, other, PARAMS, message, sizeof message) == MATEXP_FORMAT, "not a file");
    printf("load: %s: %s\n", matexp_message(MATEXP_FORMAT), message);
    free(other);
}

/* Parameters of a file that Rust saved: `MatExp.save(path, &params)`. */
static void load(const char *path, float *params) {
    char message[200] = "";
    FILE *file = fopen(path, "rb");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0) exit(1);
    const size_t len = (size_t)ftell(file);
    char *bytes = (char *)allocate(len, 1);
    rewind(file);
    if (fread(bytes, 1, len, file) != len) exit(1);
    fclose(file);
    const int32_t code = matexp_load(bytes, len, params, PARAMS, message, sizeof message);
    printf("%s: %s%s\n", path, matexp_message(code), message);
    check(code == MATEXP_OK, "the file is of this chain");
    free(bytes);
}

int main(int count, char **arguments) {
    check(matexp_fingerprint() == MATEXP_FINGERPRINT, "the header is that of the library");
    check(matexp_input_len() == IN && matexp_output_len() == OUT && matexp_param_count() == PARAMS, "the sizes");

    float *params = floats(PARAMS);
    double *wide = doubles(PARAMS);
    must(matexp_init(1, params, PARAMS), "init");
    must(matexp_init_f64(1, wide, PARAMS), "init");
    for (int i = 0; i < PARAMS; i++) check(params[i] == (float)wide[i], "a seed is a seed in both types");

    derivatives(wide);
    refusals(params);
    batches(params);
    if (count > 1) load(arguments[1], params);
    free(params);
    free(wide);
    printf("%d failures\n", failures);
    return failures != 0;
}
