"""A network is one flat vector: its layers are views of it, and it computes what torch does."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch
from torch import Generator, nn

from spiral_dash.core.activations import ACTIVATIONS
from spiral_dash.core.initializers import fill
from spiral_dash.core.network import Network, parameter_count, split

SIZES = [(2, 2), (2, 4, 3), (2, 50, 50, 50, 50, 50, 2), (32, 128, 1, 6)]
every_shape = pytest.mark.parametrize("sizes", SIZES, ids=str)


def random_network(sizes: tuple[int, ...], activation: str = "tanh") -> Network:
    network = Network(sizes, activation)
    layers = list(zip(network.weights, network.biases, strict=True))
    fill("pytorch", layers, Generator().manual_seed(0))
    return network


def sequential(network: Network) -> nn.Sequential:
    """The same network written the ordinary way, with copies of the parameters."""
    modules: list[nn.Module] = []
    for index, (inputs, outputs) in enumerate(pairwise(network.sizes)):
        linear = nn.Linear(inputs, outputs)
        with torch.no_grad():
            linear.weight.copy_(network.weights[index])
            linear.bias.copy_(network.biases[index])
        modules += [linear, nn.Tanh()]
    return nn.Sequential(*modules[:-1])


@every_shape
def test_parameter_count_is_that_of_the_linear_layers(sizes: tuple[int, ...]) -> None:
    layers = [nn.Linear(inputs, outputs) for inputs, outputs in pairwise(sizes)]
    expected = sum(p.numel() for layer in layers for p in layer.parameters())
    assert parameter_count(sizes) == expected
    assert Network(sizes, "relu").flat.shape == (expected,)


@every_shape
def test_split_covers_the_vector_once(sizes: tuple[int, ...]) -> None:
    flat = torch.arange(parameter_count(sizes), dtype=torch.float32)
    blocks = split(flat, sizes)
    assert [tuple(block.shape) for block in blocks] == [(o, i + 1) for i, o in pairwise(sizes)]
    assert torch.equal(torch.cat([block.flatten() for block in blocks]), flat)
    blocks[-1][-1, -1] = -1.0
    assert flat[-1] == -1.0


@every_shape
def test_forward_is_that_of_a_sequential(sizes: tuple[int, ...]) -> None:
    network = random_network(sizes)
    x = torch.randn(17, sizes[0], generator=Generator().manual_seed(1))
    torch.testing.assert_close(network(x), sequential(network)(x))


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_layers_go_through_the_activation_but_for_the_last(activation: str) -> None:
    network = random_network((3, 5, 4, 2), activation)
    x = torch.randn(9, 3, generator=Generator().manual_seed(1))
    outputs = network.layers(x)
    assert [tuple(h.shape) for h in outputs] == [(9, 5), (9, 4), (9, 2)]
    h = x
    for index, output in enumerate(outputs):
        z = h @ network.weights[index].T + network.biases[index]
        h = ACTIVATIONS[activation].module(z) if index < 2 else z
        torch.testing.assert_close(output, h)
    assert torch.equal(network(x), outputs[-1])


def test_training_the_vector_changes_the_module() -> None:
    network = random_network((2, 4, 2))
    x = torch.randn(5, 2, generator=Generator().manual_seed(1))
    network.flat.zero_()
    assert not network(x).any()
    network.flat[-1] = 3.0  # the last bias
    assert torch.equal(network(x)[:, 1], torch.full((5,), 3.0))
    assert network.biases[-1].tolist()[1] == 3.0


def test_changing_the_module_changes_the_vector() -> None:
    network = random_network((2, 4, 2))
    with torch.no_grad():
        network.weights[0][0, 0] = 7.0
    assert float(network.flat[0]) == 7.0


def test_a_vector_that_is_given_is_shared() -> None:
    flat = torch.zeros(parameter_count((2, 3, 2)))
    network = Network((2, 3, 2), "tanh", flat)
    flat.fill_(0.5)
    assert bool((network.weights[0] == 0.5).all())


@pytest.mark.parametrize("dtype", [None, torch.float32, torch.float64])
def test_a_copy_has_the_same_numbers_in_memory_of_its_own(dtype: torch.dtype | None) -> None:
    network = random_network((2, 4, 3), "elu")
    copied = network.copy(dtype)
    assert (copied.sizes, copied.activation) == (network.sizes, "elu")
    assert copied.flat.dtype == (dtype or torch.float32)
    assert torch.equal(copied.flat, network.flat.to(copied.flat.dtype))
    before = copied.flat.clone()
    network.flat.fill_(9.0)
    assert torch.equal(copied.flat, before)
    copied.flat.zero_()
    assert bool((network.flat == 9.0).all())


def test_autograd_reaches_every_parameter() -> None:
    network = random_network((2, 4, 3, 2))
    network(torch.ones(3, 2)).sum().backward()
    for parameter in network.parameters():
        assert parameter.grad is not None and bool(parameter.grad.abs().sum() > 0)


def test_depth_counts_the_weight_matrices() -> None:
    assert [Network(sizes, "tanh").depth for sizes in SIZES] == [1, 2, 6, 3]


@pytest.mark.parametrize("shape", [(0,), (8,), (10,), (9, 1)])
def test_a_vector_of_another_shape_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"9 parameters, got a vector of shape"):
        Network((2, 3), "tanh", torch.zeros(shape))
