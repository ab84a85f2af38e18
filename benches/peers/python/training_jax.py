"""Training steps in JAX, gradient and Adam, 20 in one compiled scan: what the workers of `neural_ode` and `pinn` share."""
import worker

args = worker.arguments()
import jax  # noqa: E402

if "float64" in args.options:
    jax.config.update("jax_enable_x64", True)
import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402
import optax  # noqa: E402
from jax.flatten_util import ravel_pytree  # noqa: E402

jax.config.update("jax_cpu_enable_async_dispatch", False)
STEPS = 20
DTYPE = "f8" if "float64" in args.options else "f4"


def parameters(*widths):
    """The initial parameters as one vector, and what makes layers of such a vector again."""
    layers = worker.dense_layers(args.data / "init.f32", widths, DTYPE)
    return ravel_pytree(jax.tree.map(jnp.asarray, layers))


def numbers(name):
    return jnp.asarray(np.fromfile(args.data / name, "<f4").astype(DTYPE))


def task(loss, init, rate):
    """Steps down the `loss` of a vector of parameters."""
    adam = optax.adam(rate)

    def step(state):
        params, moments = state
        updates, moments = adam.update(jax.grad(loss)(params), moments)
        return optax.apply_updates(params, updates), moments

    one, loss_of = jax.jit(step), jax.jit(loss)
    many = jax.jit(lambda state: jax.lax.scan(lambda state, _: (step(state), None), state, None, length=STEPS)[0])
    start = (init, adam.init(init))
    state = start

    def run(times):
        nonlocal state
        for _ in range(times // STEPS):
            state = many(state)
        for _ in range(times % STEPS):
            state = one(state)
        jax.block_until_ready(state)

    def check(steps):
        nonlocal state
        state = start
        run(steps)
        return [loss_of(state[0])]

    return worker.Task(run, check, STEPS)
