"""A training step (gradient and Adam) of the neural ODE u' = net(u^3), net 2-50-2, in PyTorch.

Variants: rk4, classic Runge-Kutta from point to point in a Python loop; whole, the same with gradient (torch.func) and Adam
in one compiled graph; odeint, torchdiffeq's adaptive dopri5, backpropagation through the solver; adjoint, its continuous
adjoint."""
import worker

args = worker.arguments()
torch = worker.torch(args)
import math  # noqa: E402

import numpy as np  # noqa: E402
import torch.nn.functional as F  # noqa: E402
from torch import nn  # noqa: E402

if args.variant in ("odeint", "adjoint"):
    import torchdiffeq

T = torch.from_numpy(np.fromfile(args.data / "t.f32", "<f4"))
H = torch.diff(T).tolist()
LAYERS = worker.dense_layers(args.data / "init.f32", (2, 50, 2))
INIT = [torch.from_numpy(numbers) for layer in LAYERS for numbers in layer]


def field(params, u):
    w1, b1, w2, b2 = params
    return F.linear(torch.tanh(F.linear(u * u * u, w1, b1)), w2, b2)


class Field(nn.Module):
    def __init__(self):
        super().__init__()
        self.params = nn.ParameterList(init.clone() for init in INIT)

    def forward(self, t, u):
        return field(list(self.params), u)


def rk4(params, data):
    u, path = data[0], [data[0]]
    for h in H:
        k1 = field(params, u)
        k2 = field(params, u + 0.5 * h * k1)
        k3 = field(params, u + 0.5 * h * k2)
        k4 = field(params, u + h * k3)
        u = u + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        path.append(u)
    return torch.mean((torch.stack(path) - data) ** 2)


class Eager:
    def __init__(self, data):
        self.data = data
        self.restart()

    def restart(self):
        self.field = Field()
        self.adam = torch.optim.Adam(self.field.parameters(), lr=1e-2, fused=True)

    def loss(self):
        if args.variant == "rk4":
            return rk4(list(self.field.params), self.data)
        solve = torchdiffeq.odeint_adjoint if args.variant == "adjoint" else torchdiffeq.odeint
        return torch.mean((solve(self.field, self.data[0], T, method="dopri5", rtol=1e-3, atol=1e-6) - self.data) ** 2)

    def run(self, times):
        for _ in range(times):
            self.adam.zero_grad(set_to_none=True)
            self.loss().backward()
            self.adam.step()

    def check(self, steps):
        self.restart()
        self.run(steps)
        return [self.loss().item()]


class Whole:
    def __init__(self, data):
        self.data = data
        self.compiled = torch.compile(self.update, fullgraph=True)
        self.restart()

    def restart(self):
        zeros = [torch.zeros_like(init) for init in INIT]
        self.state = [INIT, zeros, zeros, torch.zeros(())]

    def update(self, params, m, v, t):
        grads = torch.func.grad(rk4)(params, self.data)
        t = t + 1
        m = [0.9 * m + 0.1 * g for m, g in zip(m, grads)]
        v = [0.999 * v + 0.001 * g * g for v, g in zip(v, grads)]
        c1, c2 = 1 - torch.exp(t * math.log(0.9)), 1 - torch.exp(t * math.log(0.999))
        params = [p - 1e-2 * (m / c1) / ((v / c2).sqrt() + 1e-8) for p, m, v in zip(params, m, v)]
        return params, m, v, t

    def run(self, times):
        with torch.no_grad():
            for _ in range(times):
                self.state = self.compiled(*self.state)

    def check(self, steps):
        self.restart()
        self.run(steps)
        return [rk4(self.state[0], self.data).item()]


def task(batch):
    data = torch.from_numpy(worker.rows(args.data / f"u_{batch}.f32", 2).reshape(-1, batch, 2))
    way = Whole(data) if args.variant == "whole" else Eager(data)
    return worker.Task(way.run, way.check)


worker.serve(args, {f"batch_{batch}": task(batch) for batch in (1, 20)})
