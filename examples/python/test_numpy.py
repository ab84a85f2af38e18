"""The NumPy module: values and derivatives against differences, training, errors, threads."""

import threading

import numpy as np
import pytest

import reference
from simplechain import Chain, Error, library

FIELD = Chain(library(), "field")
TOLERANCES = {"float32": 2e-5, "float64": 1e-12}


def numbers(*shape, dtype="float64", seed=0):
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


@pytest.mark.parametrize("dtype", TOLERANCES)
@pytest.mark.parametrize("batch", [(), (1,), (17,), (2, 3), (0,)])
def test_forward_is_the_formula(batch, dtype):
    params, x = FIELD.init(1, dtype), numbers(*batch, 2, dtype=dtype)
    expected = reference.field(x.astype("float64"), params.astype("float64"), np.tanh)
    y = FIELD.forward(x, params)
    assert y.dtype == dtype and y.shape == (*batch, 2)
    np.testing.assert_allclose(y, expected, atol=TOLERANCES[dtype])


@pytest.mark.parametrize("batch", [(), (1,), (17,)])
def test_derivatives_are_differences(batch):
    params, x, y_bar = FIELD.init(1, "float64"), numbers(*batch, 2), numbers(*batch, 2, seed=1)
    x_dot, params_dot = numbers(*batch, 2, seed=2), numbers(FIELD.param_count, seed=3)
    h = 1e-5

    def difference(function):
        return (function(x + h * x_dot, params + h * params_dot) - function(x - h * x_dot, params - h * params_dot)) / (2 * h)

    y, y_dot = FIELD.jvp(x, params, x_dot, params_dot)
    np.testing.assert_array_equal(y, FIELD.forward(x, params))
    np.testing.assert_allclose(y_dot, difference(FIELD.forward), rtol=1e-7, atol=1e-8)
    x_bar, params_bar = FIELD.vjp(x, params, y_bar)
    np.testing.assert_allclose(np.sum(x_bar * x_dot) + params_bar @ params_dot, np.sum(y_bar * y_dot), rtol=1e-12)
    x_out, params_out = FIELD.hvp(x, params, y_bar, x_dot, params_dot)
    np.testing.assert_allclose(x_out, difference(lambda x, p: FIELD.vjp(x, p, y_bar)[0]), rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(params_out, difference(lambda x, p: FIELD.vjp(x, p, y_bar)[1]), rtol=1e-6, atol=1e-7)


def test_training_lowers_the_loss_and_is_the_same_for_any_number_of_threads():
    x = numbers(300, 2, dtype="float32")
    y = np.stack([-x[:, 1], x[:, 0]], 1)
    trained = []
    for threads in (1, 2):
        params = FIELD.init(1)
        first = 0.5 * np.mean(np.sum((FIELD.forward(x, params) - y) ** 2, 1))
        loss = FIELD.fit(params, x, y, epochs=50, batch_size=32, rate=3e-3, seed=7, threads=threads)
        assert loss < 0.01 * first
        trained.append(params)
    np.testing.assert_array_equal(*trained)


def test_a_custom_loss_trains_by_vjp():
    x, params = numbers(64, 2), FIELD.init(1, "float64")
    y = np.sin(x)
    losses = []
    for _ in range(200):
        residual = FIELD.forward(x, params) - y
        losses.append(np.mean(np.abs(residual)))
        params -= 0.05 * FIELD.vjp(x, params, np.sign(residual) / len(x))[1]
    assert losses[-1] < 0.3 * losses[0]


def test_arrays_that_are_not_contiguous_are_copied():
    params, x = FIELD.init(1), numbers(4, 2, dtype="float32")
    np.testing.assert_array_equal(FIELD.forward(np.asfortranarray(x), params), FIELD.forward(x, params))
    np.testing.assert_array_equal(FIELD.forward(x[::2], params), FIELD.forward(x, params)[::2])


def test_errors_say_what_is_wrong():
    params, x = FIELD.init(1), numbers(3, 2, dtype="float32")
    with pytest.raises(TypeError, match="`params` is of type float64, but all arrays are of one type"):
        FIELD.forward(x, params.astype("float64"))
    with pytest.raises(TypeError, match="`x` is of type int64"):
        FIELD.forward(np.array([1, 2]), params)
    with pytest.raises(ValueError, match=r"`x` has the shape \(3, 3\), but needs \(3, 2\)"):
        FIELD.forward(numbers(3, 3, dtype="float32"), params)
    with pytest.raises(ValueError, match=r"`params` has the shape \(5,\), but needs \(2802,\)"):
        FIELD.forward(x, params[:5])
    with pytest.raises(TypeError, match="float32 or float64"):
        FIELD.init(1, "float16")
    with pytest.raises(TypeError, match="contiguous array that can be written"):
        FIELD.fit(list(params), x, x, 1)
    with pytest.raises(Error, match="safetensors") as raised:
        FIELD.load(b"nothing")
    assert raised.value.code != 0
    with pytest.raises(Error, match="finite|diverged"):
        FIELD.fit(params, x, np.full_like(x, np.nan), 1)


def test_threads():
    params, x = FIELD.init(1), numbers(1000, 2, dtype="float32")
    expected, wrong = FIELD.forward(x, params), []

    def work():
        for _ in range(50):
            if not np.array_equal(FIELD.forward(x, params), expected):
                wrong.append(True)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
