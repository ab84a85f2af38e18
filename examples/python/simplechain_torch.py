"""A chain as a function of PyTorch, with first and second derivatives and forward mode; on the CPU.

    net = simplechain_torch.function(Chain(library(), "field"))
    y = net(x, params)

`x` has the shape `(.., input_len)`, `params` the shape `(param_count,)`; both are float32, or both float64.
"""

import torch
from torch.autograd import Function
from torch.autograd.function import once_differentiable


def function(chain):
    """The function `net(x, params)` of a `simplechain.Chain`."""
    return lambda x, params: Forward.apply(chain, x, params)


def call(method, *tensors):
    results = method(*(tensor.detach().numpy() for tensor in tensors))
    if isinstance(results, tuple):
        return tuple(map(torch.from_numpy, results))
    return torch.from_numpy(results)


class Forward(Function):
    @staticmethod
    def forward(chain, x, params):
        return call(chain.forward, x, params)

    @staticmethod
    def setup_context(context, inputs, output):
        context.chain, x, params = inputs
        context.save_for_backward(x, params)
        context.save_for_forward(x, params)

    @staticmethod
    def backward(context, y_bar):
        return None, *Vjp.apply(context.chain, *context.saved_tensors, y_bar)

    @staticmethod
    def jvp(context, _, x_dot, params_dot):
        primals = context.saved_tensors
        dots = [torch.zeros_like(p) if dot is None else dot for p, dot in zip(primals, (x_dot, params_dot))]
        return call(context.chain.jvp, *primals, *dots)[1]


class Vjp(Function):
    """The backward pass, whose own derivatives are the products with the Hessian and the Jacobian."""

    @staticmethod
    def forward(chain, x, params, y_bar):
        return call(chain.vjp, x, params, y_bar)

    @staticmethod
    def setup_context(context, inputs, output):
        context.chain, *saved = inputs
        context.save_for_backward(*saved)

    @staticmethod
    @once_differentiable
    def backward(context, x_dot, params_dot):
        x, params, y_bar = context.saved_tensors
        # `sum x_dot x_bar + sum params_dot params_bar` is the derivative of `y_bar^T y` in the direction of the dots.
        bars = call(context.chain.hvp, x, params, y_bar, x_dot, params_dot)
        return None, *bars, call(context.chain.jvp, x, params, x_dot, params_dot)[1]
