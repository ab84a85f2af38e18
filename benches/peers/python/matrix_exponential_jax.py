"""4-32-16-4 in JAX with Adam from optax over one flat vector, a sample a column, buffers donated.

Variants: step, one compiled step a call; scan, 50 steps in one; scan/chunk, whose gradient is summed over chunks that
stay in the cache."""
import worker

args = worker.arguments()
import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402
import optax  # noqa: E402
from jax.flatten_util import ravel_pytree  # noqa: E402

jax.config.update("jax_cpu_enable_async_dispatch", False)
CHUNK = 1000
STEPS = 1 if args.variant == "step" else 50
X, Y = (worker.rows(args.data / name, 4) for name in ("x.f32", "y.f32"))
N = len(X)
chunked = "chunk" in args.options
FLAT, unravel = ravel_pytree(jax.tree.map(jnp.asarray, worker.dense_layers(args.data / "init.f32", (4, 32, 16, 4))))
adam = optax.adam(1e-3)


def columns(rows):
    rows = rows.reshape(-1, CHUNK, 4) if chunked else rows
    return jnp.asarray(np.ascontiguousarray(rows.swapaxes(-1, -2)))


def loss(params, x, y):
    (w1, b1), (w2, b2), (w3, b3) = unravel(params)
    h = jnp.tanh(w1 @ x + b1[:, None])
    h = jnp.tanh(w2 @ h + b2[:, None])
    return 0.5 * jnp.sum((w3 @ h + b3[:, None] - y) ** 2) / N


def gradient(params, x, y):
    if not chunked:
        return jax.grad(loss)(params, x, y)
    add = lambda sum, chunk: (sum + jax.grad(loss)(params, *chunk), None)  # noqa: E731
    return jax.lax.scan(add, jnp.zeros_like(params), (x, y))[0]


def step(state, x, y):
    params, moments = state
    updates, moments = adam.update(gradient(params, x, y), moments)
    return optax.apply_updates(params, updates), moments


def steps(state, x, y):
    if STEPS == 1:
        return step(state, x, y)
    return jax.lax.scan(lambda state, _: (step(state, x, y), None), state, None, length=STEPS)[0]


compiled = jax.jit(steps, donate_argnums=0)
one = jax.jit(step)
x, y = columns(X), columns(Y)
state = (FLAT + 0, adam.init(FLAT))


def run(times):
    global state
    for _ in range(times // STEPS):
        state = compiled(state, x, y)
    for _ in range(times % STEPS):
        state = one(state, x, y)
    jax.block_until_ready(state)


def check(count):
    global state
    state = (FLAT + 0, adam.init(FLAT))
    run(count)
    return [loss(state[0], jnp.asarray(X.T), jnp.asarray(Y.T))]


worker.serve(args, {"epoch": worker.Task(run, check, STEPS)})
