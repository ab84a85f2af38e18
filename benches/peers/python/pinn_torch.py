"""Burgers' equation by a network 2-20-20-1 in PyTorch.

Variants are ways to the residual `u_t + u u_x - nu u_xx`: autograd, torch.autograd.grad twice with create_graph, as it is
usually written; taylor, the coefficients of u, u_x, u_xx and u_t by hand, one below the other, so that each layer is one
product; taylor/curve, the same along (x + s, t - s^2 / (2 nu)), where the second derivative is u_xx - u_t / nu. With /whole all
in one compiled graph."""
import worker
from training_torch import args, math, numbers, parameters, task, torch

import torch.nn.functional as F

NU = 0.01 / math.pi
INIT = parameters(2, 20, 20, 1)
CURVE = "curve" in args.options
X, T = torch.tensor([1.0, 0.0]), torch.tensor([0.0, 1.0])


def net(params, points):
    w1, b1, w2, b2, w3, b3 = params
    return F.linear(torch.tanh(F.linear(torch.tanh(F.linear(points, w1, b1)), w2, b2)), w3, b3)


def autograd(params, points):
    points = points.detach().requires_grad_()
    u = net(params, points)
    slopes, = torch.autograd.grad(u.sum(), points, create_graph=True)
    u_x, u_t = slopes[:, :1], slopes[:, 1:]
    u_xx = torch.autograd.grad(u_x.sum(), points, create_graph=True)[0][:, :1]
    return u_t + u * u_x - NU * u_xx


def taylor(params, points):
    x, t = X.expand_as(points), T.expand_as(points)
    h = torch.cat([points, x, t / -NU] if CURVE else [points, x, 0 * t, t])
    for w, b in (params[:2], params[2:4]):
        value, first, second, *rest = F.linear(h, w).split(len(points))
        y = torch.tanh(value + b)
        d = 1 - y * y
        h = torch.cat([y, d * first, d * (second - 2 * y * first * first), *(d * u_t for u_t in rest)])
    u, u_x, second, *rest = F.linear(h, params[4]).split(len(points))
    return (u + params[5]) * u_x - NU * second + sum(rest)


residual = {"autograd": autograd, "taylor": taylor}[args.options[0]]


def steps(count):
    inside = numbers(f"inside_{count}.f32").reshape(-1, 2)
    boundary = numbers(f"boundary_{count}.f32").reshape(-1, 3)

    def loss(params):
        off = net(params, boundary[:, :2]) - boundary[:, 2:]
        return torch.mean(residual(params, inside) ** 2) + torch.mean(off**2)

    return task(loss, INIT, 1e-3)


worker.serve(args, {f"points_{count}": steps(count) for count in (256, 2000)})
