"""A neural ODE in JAX with a chain for its right-hand side, beside the same network in jax.numpy and in Equinox.

    cargo build --release -p python_example
    taskset -c 0 python3 examples/python/bench.py [heun3]

100 steps of the classic Runge-Kutta method, or of Heun's third-order one, in `lax.scan` in one `jit`; float32. Times are those of an
evaluation of the network: the whole time, divided by the number of evaluations. The gradient is that of the squared end point with
respect to the parameters. The ways take turns; medians.
"""

import statistics
import sys
import time

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

import reference
import simplechain_jax
from simplechain import Chain, library

STEPS, H = 100, 0.05
ROUNDS, SECONDS = 5, 0.06


def mlp(x, layers):
    for weights, bias in layers[:-1]:
        x = jnp.tanh(x @ weights + bias)
    weights, bias = layers[-1]
    return x @ weights + bias


def equinox_mlp(layers):
    import equinox

    net = equinox.nn.MLP(2, 2, 50, 2, activation=jnp.tanh, key=jax.random.key(0))
    for index, (weights, bias) in enumerate(layers):
        net = equinox.tree_at(lambda n: (n.layers[index].weight, n.layers[index].bias), net, (weights.T, bias))
    arrays, static = equinox.partition(net, equinox.is_array)

    def call(x, arrays):
        one = equinox.combine(arrays, static)
        return one(x) if x.ndim == 1 else jax.vmap(one)(x)

    return call, arrays


def rk4(f, u):
    k1 = f(u)
    k2 = f(u + H / 2 * k1)
    k3 = f(u + H / 2 * k2)
    k4 = f(u + H * k3)
    return u + H / 6 * (k1 + 2 * k2 + 2 * k3 + k4)


def heun3(f, u):
    k1 = f(u)
    k2 = f(u + H / 3 * k1)
    k3 = f(u + 2 * H / 3 * k2)
    return u + H / 4 * (k1 + 3 * k3)


METHODS = {"rk4": (rk4, 4), "heun3": (heun3, 3)}


def solve(method, net, u, params):
    return lax.scan(lambda u, _: (method(lambda u: net(u, params), u), None), u, None, length=STEPS)[0]


def seconds(function, *arguments):
    """The median of calls for a while."""
    times, end = [], time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        start = time.perf_counter()
        jax.block_until_ready(function(*arguments))
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def main():
    name = sys.argv[1] if len(sys.argv) > 1 else "rk4"
    method, stages = METHODS[name]
    chain = Chain(library(), "field")
    params = jnp.asarray(chain.init(1))
    layers = reference.layers(params, reference.WIDTHS["field"])
    ways = {"simplechain": (simplechain_jax.function(chain), params), "jax.numpy": (mlp, layers)}
    try:
        ways["Equinox"] = equinox_mlp(layers)
    except ImportError:
        print("NOT RUN: Equinox, which is not installed", file=sys.stderr)
    print(f"JAX {jax.__version__}, {name}; ns per evaluation, and ratios to the first")
    print(f"{'trajectories':12} {'':9}", *(f"{way:>12}" for way in ways))
    for trajectories in (1, 16, 128):
        u = np.random.default_rng(0).standard_normal((trajectories, 2)).astype("float32")
        u = jnp.asarray(u[0] if trajectories == 1 else u)
        for what in ("forward", "gradient"):
            functions, ends = {}, []
            for way, (net, weights) in ways.items():
                call = lambda w, u, net=net: solve(method, net, u, w)
                if what == "gradient":
                    call = jax.value_and_grad(lambda w, u, net=net: jnp.sum(solve(method, net, u, w) ** 2))
                functions[way] = (jax.jit(call), weights)
                ends.append(functions[way][0](weights, u))
            values = [np.asarray(end if what == "forward" else end[0]) for end in ends]
            for value in values[1:]:
                np.testing.assert_allclose(value, values[0], rtol=1e-3)
            rounds = [
                {way: seconds(call, weights, u) for way, (call, weights) in functions.items()} for _ in range(ROUNDS)
            ]
            median = {way: statistics.median(turn[way] for turn in rounds) for way in ways}
            nanoseconds = (f"{median[way] / (stages * STEPS) * 1e9:12.0f}" for way in ways)
            ratios = (f"{statistics.median(turn[way] / turn['simplechain'] for turn in rounds):.2f}" for way in ways)
            print(f"{trajectories:12} {what:9}", *nanoseconds, "   ", *list(ratios)[1:])


main()
