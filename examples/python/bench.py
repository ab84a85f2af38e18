"""A neural ODE in JAX with a chain for its right-hand side, beside the same network in jax.numpy and in Equinox.

    cargo build --release -p python_example
    python3 examples/python/bench.py           # on one core: taskset -c 0 python3 ..

Classic Runge-Kutta, 100 steps in `lax.scan`, in one `jit`; float32. The time is that of an evaluation of the network: the whole time,
divided by the 400 evaluations. The gradient is that of the squared end point with respect to the parameters. The ways take turns; medians.
"""

import statistics
import sys
import time

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

import simplechain_jax
from simplechain import Chain, library

STEPS, H = 100, 0.05
ROUNDS, SECONDS = 5, 0.06
WIDTHS = (2, 50, 50, 2)


def layers(params):
    """Weights `(inputs, outputs)` and biases of the flat parameters."""
    params, result = np.asarray(params), []
    for inputs, outputs in zip(WIDTHS, WIDTHS[1:]):
        weights, bias, params = np.split(params, [inputs * outputs, (inputs + 1) * outputs])
        result.append((jnp.asarray(weights.reshape(inputs, outputs)), jnp.asarray(bias)))
    return result


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


def solve(net, u, params):
    def step(u, _):
        k1 = net(u, params)
        k2 = net(u + H / 2 * k1, params)
        k3 = net(u + H / 2 * k2, params)
        k4 = net(u + H * k3, params)
        return u + H / 6 * (k1 + 2 * k2 + 2 * k3 + k4), None

    return lax.scan(step, u, None, length=STEPS)[0]


def seconds(function, *arguments):
    """The median of calls for a while."""
    times, end = [], time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        start = time.perf_counter()
        jax.block_until_ready(function(*arguments))
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def main():
    chain = Chain(library(), "field")
    params = chain.init(1)
    ways = {"simplechain": (simplechain_jax.function(chain), jnp.asarray(params)), "jax.numpy": (mlp, layers(params))}
    try:
        ways["Equinox"] = equinox_mlp(layers(params))
    except ImportError:
        print("NOT RUN: Equinox, which is not installed", file=sys.stderr)
    print(f"JAX {jax.__version__}; ns per evaluation, and times as fast as the slowest of a row's others")
    print(f"{'trajectories':12} {'':9}", *(f"{way:>12}" for way in ways), f"{'ratios':>12}")
    for trajectories in (1, 16, 128):
        u = np.random.default_rng(0).standard_normal((trajectories, 2)).astype("float32")
        u = jnp.asarray(u[0] if trajectories == 1 else u)
        for what in ("forward", "gradient"):
            functions, ends = {}, []
            for way, (net, weights) in ways.items():
                call = lambda w, u, net=net: solve(net, u, w)
                if what == "gradient":
                    call = jax.value_and_grad(lambda w, u, net=net: jnp.sum(solve(net, u, w) ** 2))
                functions[way] = (jax.jit(call), weights)
                ends.append(functions[way][0](weights, u))
            values = [np.asarray(end if what == "forward" else end[0]) for end in ends]
            for value in values[1:]:
                np.testing.assert_allclose(value, values[0], rtol=1e-3)
            rounds = [
                {way: seconds(call, weights, u) for way, (call, weights) in functions.items()} for _ in range(ROUNDS)
            ]
            median = {way: statistics.median(turn[way] for turn in rounds) for way in ways}
            nanoseconds = (f"{median[way] / (4 * STEPS) * 1e9:12.0f}" for way in ways)
            ratios = (f"{statistics.median(turn[way] / turn['simplechain'] for turn in rounds):.2f}" for way in ways)
            print(f"{trajectories:12} {what:9}", *nanoseconds, "   ", *list(ratios)[1:])


main()
