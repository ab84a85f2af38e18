"""The neural ODE u' = net(u^3), net 2-50-2, by diffrax under jit: Tsit5, recursive checkpoints, the batch as one system.

Variants: adaptive, its steps chosen by the error; fixed, one step from point to point; fixed/float64, the reference."""
import worker
from training_jax import args, jnp, numbers, parameters, task

import diffrax

T = numbers("t.f32")
INIT, layers_of = parameters(2, 50, 2)
FIXED = "fixed" in args.options


def field(t, u, params):
    (w1, b1), (w2, b2) = layers_of(params)
    return jnp.tanh(u**3 @ w1.T + b1) @ w2.T + b2


def tsit5(params, u0):
    control = diffrax.StepTo(T) if FIXED else diffrax.PIDController(rtol=1e-3, atol=1e-6)
    solution = diffrax.diffeqsolve(
        diffrax.ODETerm(field), diffrax.Tsit5(), T[0], T[-1], None if FIXED else 0.05, u0, params,
        stepsize_controller=control, saveat=diffrax.SaveAt(ts=T), max_steps=64)
    return solution.ys


def steps(batch):
    data = numbers(f"u_{batch}.f32").reshape(-1, batch, 2)
    return task(lambda params: jnp.mean((tsit5(params, data[0]) - data) ** 2), INIT, 1e-2)


# Fixed steps are what we do with the same method.
worker.serve(args, {f"batch_{batch}" + "_tsit5" * FIXED: steps(batch) for batch in (1, 20)})
