"""4-32-16-4 in PyTorch.

Variants: eager, nn.Sequential with the fused Adam; compile, the same with torch.compile around network and loss; whole,
network, gradient (torch.func) and Adam over one flat vector as one compiled graph, a sample a column."""
import worker

args = worker.arguments()
import math  # noqa: E402

torch = worker.torch(args)
from torch import nn  # noqa: E402

X, Y = (torch.from_numpy(worker.rows(args.data / name, 4)) for name in ("x.f32", "y.f32"))
LAYERS = worker.dense_layers(args.data / "init.f32", (4, 32, 16, 4))
INIT = [torch.from_numpy(numbers) for layer in LAYERS for numbers in layer]
N = len(X)


class Modules:
    def __init__(self):
        self.net = nn.Sequential(nn.Linear(4, 32), nn.Tanh(), nn.Linear(32, 16), nn.Tanh(), nn.Linear(16, 4))
        self.loss = torch.compile(self.loss_of) if args.variant == "compile" else self.loss_of
        self.restart()

    def restart(self):
        with torch.no_grad():
            for param, init in zip(self.net.parameters(), INIT):
                param.copy_(init)
        self.adam = torch.optim.Adam(self.net.parameters(), lr=1e-3, fused=True)

    def loss_of(self):
        return 0.5 * torch.sum((self.net(X) - Y) ** 2) / N

    def run(self, times):
        for _ in range(times):
            self.adam.zero_grad(set_to_none=True)
            self.loss().backward()
            self.adam.step()

    def check(self, steps):
        self.restart()
        self.run(steps)
        return [self.loss_of().item()]


class Whole:
    def __init__(self):
        self.shapes, self.sizes = [init.shape for init in INIT], [init.numel() for init in INIT]
        self.x, self.y = X.T.contiguous(), Y.T.contiguous()
        self.compiled = torch.compile(self.step, fullgraph=True)
        self.restart()

    def restart(self):
        flat = torch.cat([init.ravel() for init in INIT])
        self.state = [flat, torch.zeros_like(flat), torch.zeros_like(flat), torch.zeros(())]

    def loss(self, params, x, y):
        w1, b1, w2, b2, w3, b3 = (part.view(shape) for part, shape in zip(params.split(self.sizes), self.shapes))
        h = torch.tanh(w1 @ x + b1[:, None])
        h = torch.tanh(w2 @ h + b2[:, None])
        return 0.5 * torch.sum((w3 @ h + b3[:, None] - y) ** 2) / N

    def step(self, params, m, v, t, x, y):
        g = torch.func.grad(self.loss)(params, x, y)
        t = t + 1
        m = 0.9 * m + 0.1 * g
        v = 0.999 * v + 0.001 * g * g
        m_hat, v_hat = m / (1 - torch.exp(t * math.log(0.9))), v / (1 - torch.exp(t * math.log(0.999)))
        return params - 1e-3 * m_hat / (v_hat.sqrt() + 1e-8), m, v, t

    def run(self, times):
        with torch.no_grad():
            for _ in range(times):
                self.state = self.compiled(*self.state, self.x, self.y)

    def check(self, steps):
        self.restart()
        self.run(steps)
        return [self.loss(self.state[0], self.x, self.y).item()]


way = Whole() if args.variant == "whole" else Modules()
worker.serve(args, {"epoch": worker.Task(way.run, way.check)})
