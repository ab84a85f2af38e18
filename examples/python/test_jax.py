"""The function of JAX against JAX's own derivatives of the same network, in every transformation; and the handlers' errors."""

import functools
import os
import threading

# The programs are compiled once and run once.
os.environ.setdefault("XLA_FLAGS", "--xla_backend_optimization_level=0")

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

import reference
import simplechain_jax
from simplechain import Chain, library

jax.config.update("jax_enable_x64", True)
LIBRARY = library()
CHAINS = {prefix: Chain(LIBRARY, prefix) for prefix in reference.WIDTHS}
NETWORKS = {
    "field": lambda x, params: reference.field(x, params, jnp.tanh),
    "surrogate": lambda x, params: reference.surrogate(x, params, functools.partial(jax.nn.gelu, approximate=False), jnp.sin),
}
TOLERANCES = {"float32": 5e-5, "float64": 1e-11}


def numbers(*shape, dtype, seed=0):
    return jnp.asarray(np.random.default_rng(seed).standard_normal(shape), dtype)


def compare(program, prefix, dtype):
    """The same program with the chain and with the plain network: `program(net, x, params, dtype)`."""
    chain = CHAINS[prefix]
    x, params = numbers(chain.input_len, dtype=dtype), jnp.asarray(chain.init(1, dtype))
    nets = simplechain_jax.function(chain), NETWORKS[prefix]
    # As one compiled program: compiling operation by operation would take minutes.
    ours, theirs = (jax.tree.leaves(jax.jit(functools.partial(program, net))(x, params)) for net in nets)
    assert len(ours) == len(theirs)
    for a, b in zip(ours, theirs):
        assert a.dtype == b.dtype == dtype and a.shape == b.shape
        tolerance = TOLERANCES[dtype] * max(1.0, float(jnp.max(jnp.abs(b), initial=0)))
        np.testing.assert_allclose(a, b, rtol=0, atol=tolerance)


def loss(net):
    return lambda x, params: jnp.sum(jnp.sin(net(x, params)))


def batch(x, n):
    return x + 0.3 * jnp.arange(n, dtype=x.dtype)[:, None]


def many(params):
    return jnp.stack([params * scale for scale in (0.5, 1.0, 1.5)])


def roll(net, x, params):
    """Steps of Euler's method in a scan, for a network of any shape: the first number of the output drives all inputs."""
    return lax.scan(lambda x, _: (x + 0.1 * net(x, params)[0], x), x, None, length=7)


def orders(net, x, params):
    """A loss of `jacfwd` and `jvp`, as for an equation with derivatives, and its gradient."""

    def residual(params, x):
        slope = jax.jvp(lambda x: net(x, params), (x,), (jnp.ones_like(x),))[1]
        return jnp.sum(slope**2) + jnp.sum(jax.jacfwd(net)(x, params) ** 2)

    return jax.grad(lambda params: jnp.mean(jax.vmap(residual, (None, 0))(params, batch(x, 5))))(params)


PROGRAMS = {
    "forward": lambda net, x, params: net(x, params),
    "leading dimensions": lambda net, x, params: net(jnp.stack([batch(x, 3), batch(x, 3)]), params),
    **{
        f"a batch of {n}": lambda net, x, params, n=n: jax.value_and_grad(loss(net), (0, 1))(batch(x, n), params)
        for n in (0, 1, 2, 15, 16, 17, 33, 100)
    },
    "vmap over samples": lambda net, x, params: jax.vmap(net, (0, None))(batch(x, 7), params),
    "vmap over samples in the second axis": lambda net, x, params: jax.vmap(net, (1, None), 1)(batch(x, 7).T, params),
    "vmap over parameters": lambda net, x, params: jax.vmap(net, (None, 0))(x, many(params)),
    "vmap over both": lambda net, x, params: jax.vmap(net)(batch(x, 3), many(params)),
    "vmap over samples in vmap over parameters": lambda net, x, params: jax.vmap(
        lambda params: jax.vmap(lambda x: net(x, params))(batch(x, 5))
    )(many(params)),
    "vmap over parameters in vmap over samples": lambda net, x, params: jax.vmap(
        lambda x: jax.vmap(lambda params: net(x, params))(many(params))
    )(batch(x, 5)),
    "grad": lambda net, x, params: jax.grad(loss(net), (0, 1))(x, params),
    "grad of x alone": lambda net, x, params: jax.grad(loss(net))(x, params),
    "grad of params alone": lambda net, x, params: jax.grad(loss(net), 1)(x, params),
    "grad of vmap": lambda net, x, params: jax.grad(lambda p: jnp.mean(jax.vmap(loss(net), (0, None))(batch(x, 9), p)))(params),
    "gradients per sample": lambda net, x, params: jax.vmap(jax.grad(loss(net), (0, 1)), (0, None))(batch(x, 9), params),
    "gradients per vector of parameters": lambda net, x, params: jax.vmap(jax.grad(loss(net), (0, 1)), (None, 0))(
        batch(x, 4), many(params)
    ),
    "jvp": lambda net, x, params: jax.jvp(net, (x, params), (x + 1, params + 0.1)),
    "jvp of x": lambda net, x, params: jax.jvp(lambda x: net(x, params), (x,), (x + 1,)),
    "jvp of a batch": lambda net, x, params: jax.jvp(net, (batch(x, 17), params), (batch(x, 17) + 1, params + 0.1)),
    "jvp of params, of a batch": lambda net, x, params: jax.jvp(lambda p: net(batch(x, 17), p), (params,), (params + 0.1,)),
    "vmap of jvp": lambda net, x, params: jax.vmap(lambda v: jax.jvp(lambda x: net(x, params), (x,), (v,))[1])(batch(x, 5)),
    "jacfwd": lambda net, x, params: jax.jacfwd(net, (0, 1))(x, params),
    "jacrev": lambda net, x, params: jax.jacrev(net, (0, 1))(x, params),
    "linearize": lambda net, x, params: jax.linearize(net, x, params)[1](x, params),
    "hessian": lambda net, x, params: jax.hessian(loss(net))(x, params),
    "reverse over reverse": lambda net, x, params: jax.jacrev(jax.jacrev(loss(net)))(x, params),
    "forward over forward": lambda net, x, params: jax.jacfwd(jax.jacfwd(net))(x, params),
    "reverse over forward": lambda net, x, params: jax.jacrev(jax.jacfwd(net))(x, params),
    "product with the Hessian of params": lambda net, x, params: jax.jvp(
        jax.grad(lambda p: loss(net)(batch(x, 5), p)), (params,), (params + 0.1,)
    )[1],
    "gradient of a gradient's norm": lambda net, x, params: jax.grad(lambda p: jnp.sum(jax.grad(loss(net))(x, p) ** 2))(params),
    "loss with derivatives": orders,
    "scan": lambda net, x, params: roll(net, x, params),
    "grad of scan": lambda net, x, params: jax.grad(lambda p: jnp.sum(roll(net, x, p)[1] ** 2))(params),
    "jvp of scan": lambda net, x, params: jax.jvp(lambda p: roll(net, x, p)[0], (params,), (params,)),
    "vmap of grad of scan": lambda net, x, params: jax.vmap(
        jax.grad(lambda x, p: jnp.sum(roll(net, x, p)[0] ** 2), (0, 1)), (0, None)
    )(batch(x, 5), params),
    "hessian of scan": lambda net, x, params: jax.hessian(lambda x: jnp.sum(roll(net, x, params)[0] ** 2))(x),
    "checkpoint": lambda net, x, params: jax.grad(lambda p: loss(jax.checkpoint(net))(x, p))(params),
    "cond": lambda net, x, params: jax.grad(lambda p: jnp.sum(lax.cond(x[0] > 9, lambda: x[:2], lambda: net(x, p)[:2])))(params),
}


@pytest.mark.parametrize("program", PROGRAMS)
def test_f64(program):
    compare(PROGRAMS[program], "surrogate", "float64")


# Those that differ in what the handlers compute.
KINDS = ["forward", "a batch of 17", "vmap over both", "jvp", "jvp of a batch", "grad of x alone", "hessian", "grad of scan"]


@pytest.mark.parametrize("program", KINDS)
def test_f32(program):
    compare(PROGRAMS[program], "field", "float32")


def test_without_jit():
    chain = CHAINS["field"]
    net, x, params = simplechain_jax.function(chain), jnp.ones(2), jnp.asarray(chain.init(1, "float64"))
    np.testing.assert_array_equal(net(x, params), jax.jit(net)(x, params))
    with jax.disable_jit():
        np.testing.assert_array_equal(jax.grad(loss(net), 1)(x, params), jax.jit(jax.grad(loss(net), 1))(x, params))


def test_third_derivatives_are_an_error():
    net, x = simplechain_jax.function(CHAINS["field"]), jnp.ones(2)
    params = jnp.asarray(CHAINS["field"].init(1, "float64"))
    with pytest.raises(NotImplementedError, match="third derivatives"):
        jax.eval_shape(jax.jacfwd(jax.hessian(lambda x: jnp.sum(net(x, params)))), x)


def test_wrong_shapes_and_types_are_errors_of_tracing():
    chain = CHAINS["field"]
    net, params = simplechain_jax.function(chain), jnp.asarray(chain.init(1, "float64"))
    with pytest.raises(TypeError, match="all arrays are float32, or all float64, but not float32, float64"):
        net(jnp.ones(2, "float32"), params)
    with pytest.raises(TypeError, match="not float16, float16"):
        net(jnp.ones(2, "float16"), params.astype("float16"))
    with pytest.raises(TypeError, match=r"shape \(3,\), but needs \(2,\)"):
        net(jnp.ones(3), params)
    with pytest.raises(TypeError, match=r"shape \(7,\), but needs \(2802,\)"):
        net(jnp.ones(2), params[:7])


def handler(name, *arguments, results, **options):
    simplechain_jax.function(CHAINS["field"])
    target = simplechain_jax.target(CHAINS["field"], name)
    return jax.block_until_ready(jax.ffi.ffi_call(target, results, **options)(*arguments))


def test_the_handlers_check_what_they_get():
    params, shape = jnp.asarray(CHAINS["field"].init(1)), jax.ShapeDtypeStruct
    x, y = jnp.ones(2, "float32"), shape((2,), "float32")
    assert handler("forward", x, params, results=y).shape == (2,)
    wrong = {
        "argument 0 has the shape .3. of f32": ("forward", jnp.ones(3, "float32"), params, y),
        r"argument 1 has the shape .2802. of f64": ("forward", x, params.astype("float64"), y),
        "numbers are f32 or f64, and not of XLA's type 10": (
            "forward", x.astype("float16"), params.astype("float16"), shape((2,), "float16"),
        ),
        "argument 1 has the shape .2802. of f32": ("forward", x.astype("float64"), params, y),
        "result 0 has the shape .2. of f64": ("forward", x, params, shape((2,), "float64")),
        "result 0 has the shape .4, 2. of f32": ("forward", x, params, shape((4, 2), "float32")),
        "argument 0 has the shape .. of f32": ("forward", jnp.float32(1), params, y),
        "argument 1 has the shape .3, 2802. of f32": ("forward", x, jnp.stack([params] * 3), y),
        "2 arguments are needed, but there are 1": ("forward", x, y),
        "1 results are needed, but there are 2": ("forward", x, params, [y, y]),
        "3 arguments are needed, but there are 2": ("vjp", x, params, [y, y]),
    }
    for message, (name, *arguments, results) in wrong.items():
        with pytest.raises(jax.errors.JaxRuntimeError, match=message):
            handler(name, *arguments, results=results)
    # A result in the memory of an argument.
    with pytest.raises(jax.errors.JaxRuntimeError, match="a result overlaps an argument"):
        handler("forward", x, params, results=y, input_output_aliases={0: 0})


def test_threads():
    net, params = simplechain_jax.function(CHAINS["field"]), jnp.asarray(CHAINS["field"].init(1))
    gradient = jax.jit(jax.grad(loss(net), 1))
    xs = [numbers(100, 2, dtype="float32", seed=seed) for seed in range(4)]
    expected = [np.asarray(gradient(x, params)) for x in xs]
    wrong = []

    def work(x, expected):
        for _ in range(50):
            if not np.array_equal(gradient(x, params), expected):
                wrong.append(True)

    threads = [threading.Thread(target=work, args=pair) for pair in zip(xs, expected)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_large_batches_run_on_several_threads_inside_a_program():
    net, params = simplechain_jax.function(CHAINS["field"]), jnp.asarray(CHAINS["field"].init(1))
    x = numbers(20000, 2, dtype="float32")
    y = jax.jit(lambda x: net(x, params) + 1)(x)
    np.testing.assert_allclose(y, NETWORKS["field"](x, params) + 1, atol=1e-5)
