"""The neural ODE u' = net(u^3), net 2-50-2, by torchdiffeq.

Variants: rk4, a step of fourth order (the 3/8 rule) from point to point; dopri5, steps chosen by the error; both with
backpropagation through the solver, or with /adjoint by the continuous adjoint."""
import worker
from training_torch import args, numbers, parameters, task, torch

import torch.nn.functional as F
import torchdiffeq

INIT = parameters(2, 50, 2)
T = numbers("t.f32")
METHOD = args.options[0]
TOLERANCES = {"rtol": 1e-3, "atol": 1e-6} if METHOD == "dopri5" else {}


def solve(params, u0):
    w1, b1, w2, b2 = params

    def field(t, u):
        return F.linear(torch.tanh(F.linear(u * u * u, w1, b1)), w2, b2)

    if "adjoint" in args.options:
        params = tuple(params)
        return torchdiffeq.odeint_adjoint(field, u0, T, method=METHOD, adjoint_params=params, **TOLERANCES)
    return torchdiffeq.odeint(field, u0, T, method=METHOD, **TOLERANCES)


def steps(batch):
    data = numbers(f"u_{batch}.f32").reshape(-1, batch, 2)
    return task(lambda params: torch.mean((solve(params, data[0]) - data) ** 2), INIT, 1e-2)


worker.serve(args, {f"batch_{batch}": steps(batch) for batch in (1, 20)})
