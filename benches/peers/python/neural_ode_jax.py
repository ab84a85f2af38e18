"""The neural ODE u' = net(u^3), net 2-50-2, in JAX: classic Runge-Kutta from point to point in a scan.

Variants: rk4; rk4/unroll, without the loop; rk4/float64, the reference."""
import worker
from training_jax import args, jax, jnp, numbers, parameters, task

T = numbers("t.f32")
INIT, layers_of = parameters(2, 50, 2)
UNROLL = len(T) - 1 if "unroll" in args.options else 1


def field(u, params):
    (w1, b1), (w2, b2) = layers_of(params)
    return jnp.tanh(u**3 @ w1.T + b1) @ w2.T + b2


def rk4(params, u0):
    def step(u, h):
        k1 = field(u, params)
        k2 = field(u + 0.5 * h * k1, params)
        k3 = field(u + 0.5 * h * k2, params)
        k4 = field(u + h * k3, params)
        u = u + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        return u, u

    return jnp.concatenate([u0[None], jax.lax.scan(step, u0, jnp.diff(T), unroll=UNROLL)[1]])


def steps(batch):
    data = numbers(f"u_{batch}.f32").reshape(-1, batch, 2)
    return task(lambda params: jnp.mean((rk4(params, data[0]) - data) ** 2), INIT, 1e-2)


worker.serve(args, {f"batch_{batch}": steps(batch) for batch in (1, 20)})
