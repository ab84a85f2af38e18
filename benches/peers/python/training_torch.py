"""Training steps in PyTorch, gradient and Adam: what the workers of `neural_ode` and `pinn` share. With /whole both in
one compiled graph, the gradient by torch.func; else eager, with the fused Adam."""
import worker

args = worker.arguments()
torch = worker.torch(args)
import math  # noqa: E402

import numpy as np  # noqa: E402


def parameters(*widths):
    """[weights, biases, weights, ..]"""
    layers = worker.dense_layers(args.data / "init.f32", widths)
    return [torch.from_numpy(numbers) for layer in layers for numbers in layer]


def numbers(name):
    return torch.from_numpy(np.fromfile(args.data / name, "<f4"))


def task(loss, init, rate):
    """Steps down the `loss` of a list of parameters."""
    way = (Whole if "whole" in args.options else Eager)(loss, init, rate)
    return worker.Task(way.run, way.check)


class Eager:
    def __init__(self, loss, init, rate):
        self.loss, self.init, self.rate = loss, init, rate
        self.restart()

    def restart(self):
        self.params = [torch.nn.Parameter(init.clone()) for init in self.init]
        self.adam = torch.optim.Adam(self.params, lr=self.rate, fused=True)

    def run(self, times):
        for _ in range(times):
            self.adam.zero_grad(set_to_none=True)
            self.loss(self.params).backward()
            self.adam.step()

    def check(self, steps):
        self.restart()
        self.run(steps)
        return [self.loss(self.params).item()]


class Whole:
    def __init__(self, loss, init, rate):
        self.loss, self.init, self.rate = loss, init, rate
        self.compiled = torch.compile(self.update, fullgraph=True)
        self.restart()

    def restart(self):
        zeros = [torch.zeros_like(init) for init in self.init]
        self.state = [self.init, zeros, zeros, torch.zeros(())]

    def update(self, params, m, v, t):
        grads = torch.func.grad(self.loss)(params)
        t = t + 1
        m = [0.9 * m + 0.1 * g for m, g in zip(m, grads)]
        v = [0.999 * v + 0.001 * g * g for v, g in zip(v, grads)]
        c1, c2 = 1 - torch.exp(t * math.log(0.9)), 1 - torch.exp(t * math.log(0.999))
        params = [p - self.rate * (m / c1) / ((v / c2).sqrt() + 1e-8) for p, m, v in zip(params, m, v)]
        return params, m, v, t

    def run(self, times):
        with torch.no_grad():
            for _ in range(times):
                self.state = self.compiled(*self.state)

    def check(self, steps):
        self.restart()
        self.run(steps)
        return [self.loss(self.state[0]).item()]
