"""LeNet-5 in PyTorch, relu behind the pool (the same function, less work).

Variants: eager, with the fused Adam; compile, the same with torch.compile around network and loss; whole, network,
gradient (torch.func) and Adam as one compiled graph; with /nhwc, channels last. float64 is the reference."""
import worker

args = worker.arguments()
torch = worker.torch(args)
import numpy as np  # noqa: E402
import torch.nn.functional as F  # noqa: E402
from torch import nn  # noqa: E402

BATCH = 128
torch.manual_seed(0)
torch.set_default_dtype(torch.float64 if args.variant == "float64" else torch.float32)
layout = torch.channels_last if "nhwc" in args.options else torch.contiguous_format


def images(name):
    pixels = np.fromfile(args.data / name, np.uint8).reshape(-1, 1, 28, 28)
    pixels = torch.from_numpy(pixels).to(torch.get_default_dtype()) / 255
    return pixels.contiguous(memory_format=layout)


def labels(name):
    return torch.from_numpy(np.fromfile(args.data / name, np.uint8)).long()


X, Y = images("images.u8"), labels("labels.u8")
X_TEST, Y_TEST = images("test_images.u8"), labels("test_labels.u8")


class LeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1, self.c2 = nn.Conv2d(1, 6, 5), nn.Conv2d(6, 16, 5)
        self.f1, self.f2, self.f3 = nn.Linear(256, 120), nn.Linear(120, 84), nn.Linear(84, 10)

    def forward(self, x):
        x = F.relu(F.max_pool2d(self.c1(x), 2))
        x = F.relu(F.max_pool2d(self.c2(x), 2))
        return self.f3(F.relu(self.f2(F.relu(self.f1(x.flatten(1))))))


net = LeNet().to(memory_format=layout)


def load():
    numbers = np.fromfile(args.data / "init.f32", "<f4")
    with torch.no_grad():
        for param in net.parameters():
            init, numbers = np.split(numbers, [param.numel()])
            param.copy_(torch.from_numpy(init).reshape(param.shape))


def loss(x, y):
    return F.cross_entropy(net(x), y)


class Modules:
    def __init__(self):
        self.loss = torch.compile(loss) if "compile" in args.options else loss
        self.restart()

    def restart(self):
        load()
        self.adam = torch.optim.Adam(net.parameters(), lr=3e-4, fused=True)

    def step(self, x, y):
        self.adam.zero_grad(set_to_none=True)
        self.loss(x, y).backward()
        self.adam.step()


class Whole:
    def __init__(self):
        self.names = [name for name, _ in net.named_parameters()]
        self.compiled = torch.compile(self.update, fullgraph=True)
        self.restart()

    def restart(self):
        load()
        self.params = [param.detach() for param in net.parameters()]  # updated in place, so `net` sees it
        self.moments = [[torch.zeros_like(param) for param in self.params] for _ in range(2)]
        self.t = torch.zeros(())

    def update(self, params, m, v, t, x, y):
        def loss(params):
            return F.cross_entropy(torch.func.functional_call(net, params, (x,)), y)

        grads = torch.func.grad(loss)(dict(zip(self.names, params)))
        t += 1
        c1, c2 = 1 - 0.9**t, 1 - 0.999**t
        for name, param, m, v in zip(self.names, params, m, v):
            m.mul_(0.9).add_(0.1 * grads[name])
            v.mul_(0.999).add_(0.001 * grads[name] * grads[name])
            param.sub_(3e-4 * (m / c1) / ((v / c2).sqrt() + 1e-8))

    def step(self, x, y):
        with torch.no_grad():
            self.compiled(self.params, *self.moments, self.t, x, y)


way = Whole() if "whole" in args.options else Modules()


def run(times):
    """Epochs, each in a new order."""
    for _ in range(times):
        for batch in torch.randperm(len(X)).split(BATCH):
            way.step(X.index_select(0, batch), Y.index_select(0, batch))


def check(steps):
    """Batches in the order of the file."""
    way.restart()
    batches = len(X) // BATCH
    for step in range(steps):
        start = step % batches * BATCH
        way.step(X[start : start + BATCH], Y[start : start + BATCH])
    with torch.inference_mode():
        return [loss(X_TEST, Y_TEST).item()]


worker.serve(args, {"epoch": worker.Task(run, check)})
