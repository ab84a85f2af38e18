"""The networks of `src/lib.rs` in plain arrays: for the tests and the benchmark, with `numpy` one of NumPy, jax.numpy and torch."""

WIDTHS = {"field": (2, 50, 50, 2), "surrogate": (3, 9, 4)}


def layers(params, widths):
    """Weights `(inputs, outputs)` and biases: views of the flat parameters, layer after layer."""
    result, at = [], 0
    for inputs, outputs in zip(widths, widths[1:]):
        weights = params[at : at + inputs * outputs].reshape(inputs, outputs)
        at += inputs * outputs
        result.append((weights, params[at : at + outputs]))
        at += outputs
    return result


def field(x, params, tanh):
    *hidden, (weights, bias) = layers(params, WIDTHS["field"])
    for w, b in hidden:
        x = tanh(x @ w + b)
    return x @ weights + bias


def surrogate(x, params, gelu, sin):
    (w0, b0), (w1, b1) = layers(params, WIDTHS["surrogate"])
    return sin(gelu(x @ w0 + b0) @ w1 + b1)
