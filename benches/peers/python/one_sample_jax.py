"""One sample through small networks in JAX.

Variants: call, a compiled call, the parameters one flat vector; loop, calls inside one compiled loop, each of which needs
the one before, that is without what a call costs."""
import worker

args = worker.arguments()
import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
from jax.flatten_util import ravel_pytree  # noqa: E402

jax.config.update("jax_cpu_enable_async_dispatch", False)
CALLS = 2000
EPS = 1e-20  # too little to change a number, though the next call must wait for it


def tasks(name):
    layers, x, y_bar = worker.network(args, name)
    params, unravel = ravel_pytree(jax.tree.map(jnp.asarray, layers))
    x, y_bar = jnp.asarray(x), jnp.asarray(y_bar)

    def net(params, x):
        *hidden, (w, b) = unravel(params)
        for weights, biases in hidden:
            x = jnp.tanh(weights @ x + biases)
        return w @ x + b

    def vjp(params, x, y_bar):
        y, pull = jax.vjp(net, params, x)
        return y, *pull(y_bar)

    def forward_loop(params, x):
        return jax.lax.fori_loop(0, CALLS, lambda _, x: x + EPS * jnp.sum(net(params, x)), x)

    def vjp_loop(params, x, y_bar):
        def call(_, state):
            x, bars = state
            _, params_bar, x_bar = vjp(params, x, y_bar)
            return x + EPS * x_bar, bars + params_bar

        return jax.lax.fori_loop(0, CALLS, call, (x, jnp.zeros_like(params)))

    def task(function, *arguments):
        compiled = jax.jit(function)

        def run(times):
            for _ in range(max(1, times // granule)):
                jax.block_until_ready(compiled(*arguments))

        return run

    def check_forward(_):
        return jax.jit(net)(params, x)

    def check_vjp(_):
        y, params_bar, x_bar = jax.jit(vjp)(params, x, y_bar)
        return jnp.concatenate([y, x_bar, params_bar])

    if args.variant == "loop":
        granule = CALLS
        yield f"{name}/forward_chained", worker.Task(task(forward_loop, params, x), check_forward, CALLS)
        yield f"{name}/vjp_chained", worker.Task(task(vjp_loop, params, x, y_bar), check_vjp, CALLS)
    else:
        granule = 1
        yield f"{name}/forward", worker.Task(task(net, params, x), check_forward)
        yield f"{name}/vjp", worker.Task(task(vjp, params, x, y_bar), check_vjp)


worker.serve(args, {key: task for name in worker.NETWORKS for key, task in tasks(name)})
