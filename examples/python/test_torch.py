"""The function of PyTorch against autograd of the same network."""

import pytest
import torch

import reference
import simplechain_torch
from simplechain import Chain, library

LIBRARY = library()
NETWORKS = {
    "field": lambda x, params: reference.field(x, params, torch.tanh),
    "surrogate": lambda x, params: reference.surrogate(x, params, torch.nn.functional.gelu, torch.sin),
}


def inputs(prefix, batch, dtype):
    chain = Chain(LIBRARY, prefix)
    torch.manual_seed(0)
    x = torch.randn(*batch, chain.input_len, dtype=dtype, requires_grad=True)
    name = str(dtype).removeprefix("torch.")
    return simplechain_torch.function(chain), x, torch.from_numpy(chain.init(1, name)).requires_grad_()


@pytest.mark.parametrize("prefix", NETWORKS)
@pytest.mark.parametrize("batch", [(), (1,), (5,), (2, 3)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_values_and_gradients_are_those_of_autograd(prefix, batch, dtype):
    net, x, params = inputs(prefix, batch, dtype)
    tolerance = 3e-5 if dtype == torch.float32 else 1e-11

    def results(function):
        y = function(x, params)
        gradients = torch.autograd.grad(torch.sin(y).sum(), (x, params), create_graph=True)
        second = torch.autograd.grad(sum((g**2).sum() for g in gradients), (x, params))
        return y, *gradients, *second

    for ours, theirs in zip(results(net), results(NETWORKS[prefix]), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("batch", [(), (1,), (5,), (2, 3)])
def test_gradcheck(batch):
    net, x, params = inputs("surrogate", batch, torch.float64)
    assert torch.autograd.gradcheck(net, (x, params), check_forward_ad=True)
    assert torch.autograd.gradgradcheck(net, (x, params))


def test_an_optimizer_of_pytorch_trains_it():
    net, x, params = inputs("field", (64,), torch.float32)
    optimizer = torch.optim.Adam([params], 1e-2)
    losses = []
    for _ in range(100):
        optimizer.zero_grad()
        loss = ((net(x, params) - torch.sin(x).detach()) ** 2).mean()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.05 * losses[0]


def test_types_are_checked():
    net, x, params = inputs("field", (5,), torch.float32)
    with pytest.raises(TypeError, match="all arrays are of one type"):
        net(x, params.double())
