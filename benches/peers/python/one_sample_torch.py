"""One sample through small networks in PyTorch.

Variants: module, nn.Sequential and autograd; plain, torch.nn.functional on bare tensors and autograd; compile, plain and
torch.func.vjp compiled into one graph; jit, traced and frozen TorchScript (forward only)."""
import worker

args = worker.arguments()
torch = worker.torch(args)
import itertools  # noqa: E402

import torch.nn.functional as F  # noqa: E402
from torch import nn  # noqa: E402


def plain(params, x):
    for weights, biases in zip(params[0:-2:2], params[1:-2:2]):
        x = torch.tanh(F.linear(x, weights, biases))
    return F.linear(x, params[-2], params[-1])


def plain_vjp(params, x, y_bar):
    y, pull = torch.func.vjp(plain, params, x)
    return y, pull(y_bar)


def module(layers, params):
    pairs = [[nn.Linear(*reversed(weights.shape)), nn.Tanh()] for weights, _ in layers]
    net = nn.Sequential(*list(itertools.chain(*pairs))[:-1])
    with torch.no_grad():
        for param, numbers in zip(net.parameters(), params):
            param.copy_(numbers)
    return net


class Network:
    def __init__(self, name):
        layers, x, y_bar = worker.network(args, name)
        self.x, self.y_bar = torch.from_numpy(x)[None], torch.from_numpy(y_bar)[None]
        self.params = [torch.from_numpy(numbers) for layer in layers for numbers in layer]
        self.net = module(layers, self.params)
        self.result = None

    def forward(self):
        """A function of no arguments."""
        if args.variant == "compile":
            compiled = torch.compile(plain, fullgraph=True)
            return lambda: compiled(self.params, self.x)
        if args.variant == "plain":
            return lambda: plain(self.params, self.x)
        net = self.net.eval().requires_grad_(False)
        if args.variant == "jit":
            net = torch.jit.optimize_for_inference(torch.jit.freeze(torch.jit.trace(net, self.x)))
        return lambda: net(self.x)

    def vjp(self):
        if args.variant == "compile":
            compiled = torch.compile(plain_vjp, fullgraph=True)
            return lambda: compiled(self.params, self.x, self.y_bar)
        x = self.x.clone().requires_grad_()
        if args.variant == "plain":
            leaves = [param.clone().requires_grad_() for param in self.params]
            net = lambda x: plain(leaves, x)  # noqa: E731
        else:
            net = self.net.requires_grad_()
            leaves = list(net.parameters())

        def call():
            y = net(x)
            x_bar, *bars = torch.autograd.grad(y, [x, *leaves], self.y_bar)
            return y, (bars, x_bar)

        return call

    def task(self, what):
        with torch.enable_grad():
            call = getattr(self, what)()
        mode = torch.inference_mode if what == "forward" else torch.enable_grad
        if args.variant == "compile":
            mode = torch.no_grad

        def run(times):
            with mode():
                for _ in range(times):
                    self.result = call()

        def check(_):
            run(1)
            if what == "forward":
                return self.result.ravel().tolist()
            y, (bars, x_bar) = self.result
            return torch.cat([numbers.detach().ravel() for numbers in (y, x_bar, *bars)]).tolist()

        return worker.Task(run, check)


kinds = ("forward",) if args.variant == "jit" else ("forward", "vjp")
worker.serve(args, {f"{name}/{what}": Network(name).task(what) for name in worker.NETWORKS for what in kinds})
