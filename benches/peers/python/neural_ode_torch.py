"""The neural ODE u' = net(u^3), net 2-50-2, in PyTorch: classic Runge-Kutta from point to point in a Python loop.

Variants: rk4; rk4/whole, in one compiled graph."""
import worker
from training_torch import args, numbers, parameters, task, torch

import torch.nn.functional as F

INIT = parameters(2, 50, 2)
H = torch.diff(numbers("t.f32")).tolist()


def field(params, u):
    w1, b1, w2, b2 = params
    return F.linear(torch.tanh(F.linear(u * u * u, w1, b1)), w2, b2)


def rk4(params, u):
    path = [u]
    for h in H:
        k1 = field(params, u)
        k2 = field(params, u + 0.5 * h * k1)
        k3 = field(params, u + 0.5 * h * k2)
        k4 = field(params, u + h * k3)
        u = u + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        path.append(u)
    return torch.stack(path)


def steps(batch):
    data = numbers(f"u_{batch}.f32").reshape(-1, batch, 2)
    return task(lambda params: torch.mean((rk4(params, data[0]) - data) ** 2), INIT, 1e-2)


worker.serve(args, {f"batch_{batch}": steps(batch) for batch in (1, 20)})
