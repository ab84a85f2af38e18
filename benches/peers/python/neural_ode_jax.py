"""A training step (gradient and Adam) of the neural ODE u' = net(u^3), net 2-50-2, in JAX, 20 steps in one compiled scan.

Variants: rk4, classic Runge-Kutta from point to point in a scan; rk4/float64, the reference; diffrax, its Tsit5 with
adaptive steps, the batch as one system, recursive checkpoints; diffrax/fixed, one Tsit5 step from point to point."""
import worker

args = worker.arguments()
import jax  # noqa: E402

if "float64" in args.options:
    jax.config.update("jax_enable_x64", True)
import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402
import optax  # noqa: E402
from jax.flatten_util import ravel_pytree  # noqa: E402

if "diffrax" in args.options:
    import diffrax

jax.config.update("jax_cpu_enable_async_dispatch", False)
STEPS = 20
DTYPE = "f8" if "float64" in args.options else "f4"
T = jnp.asarray(np.fromfile(args.data / "t.f32", "<f4").astype(DTYPE))
LAYERS = worker.dense_layers(args.data / "init.f32", (2, 50, 2), DTYPE)
FLAT, unravel = ravel_pytree(jax.tree.map(jnp.asarray, LAYERS))
adam = optax.adam(1e-2)


def field(t, u, params):
    (w1, b1), (w2, b2) = unravel(params)
    return jnp.tanh(u**3 @ w1.T + b1) @ w2.T + b2


def rk4(params, u0):
    def step(u, h):
        k1 = field(0, u, params)
        k2 = field(0, u + 0.5 * h * k1, params)
        k3 = field(0, u + 0.5 * h * k2, params)
        k4 = field(0, u + h * k3, params)
        u = u + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        return u, u

    return jnp.concatenate([u0[None], jax.lax.scan(step, u0, jnp.diff(T))[1]])


def tsit5(params, u0):
    fixed = "fixed" in args.options
    control = diffrax.StepTo(T) if fixed else diffrax.PIDController(rtol=1e-3, atol=1e-6)
    solution = diffrax.diffeqsolve(
        diffrax.ODETerm(field), diffrax.Tsit5(), T[0], T[-1], None if fixed else 0.05, u0, params,
        stepsize_controller=control, saveat=diffrax.SaveAt(ts=T), max_steps=64)
    return solution.ys


def task(batch):
    data = jnp.asarray(worker.rows(args.data / f"u_{batch}.f32", 2, DTYPE).reshape(-1, batch, 2))

    def loss(params):
        solve = tsit5 if "diffrax" in args.options else rk4
        return jnp.mean((solve(params, data[0]) - data) ** 2)

    def step(state):
        params, moments = state
        updates, moments = adam.update(jax.grad(loss)(params), moments)
        return optax.apply_updates(params, updates), moments

    one, loss_of = jax.jit(step), jax.jit(loss)
    many = jax.jit(lambda state: jax.lax.scan(lambda state, _: (step(state), None), state, None, length=STEPS)[0])
    start = (FLAT, adam.init(FLAT))
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


worker.serve(args, {f"batch_{batch}": task(batch) for batch in (1, 20)})
