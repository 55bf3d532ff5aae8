"""Initialisers: their distributions, and that numbers depend on the generator alone."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Generator, Tensor, nn

from spiral_dash.core.initializers import INITIALIZERS, fill
from spiral_dash.core.network import Network

every_initializer = pytest.mark.parametrize("name", INITIALIZERS)
drawing = pytest.mark.parametrize("name", [name for name in INITIALIZERS if name != "zeros"])


def drawn(name: str, out: int, inputs: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    weight, bias = torch.full((out, inputs), math.nan), torch.full((out,), math.nan)
    fill(name, [(weight, bias)], Generator().manual_seed(seed))
    return weight, bias


@every_initializer
def test_a_seed_reproduces(name: str) -> None:
    for first, second in zip(drawn(name, 20, 30, 5), drawn(name, 20, 30, 5), strict=True):
        assert torch.equal(first, second)


@drawing
def test_another_seed_differs(name: str) -> None:
    assert not torch.equal(drawn(name, 20, 30, 5)[0], drawn(name, 20, 30, 6)[0])


@every_initializer
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_views_of_a_network_get_the_numbers_of_plain_tensors(name: str, dtype: torch.dtype) -> None:
    network = Network((3, 7, 5, 2), "tanh").copy(dtype)
    layers = list(zip(network.weights, network.biases, strict=True))
    fill(name, layers, Generator().manual_seed(1))
    plain = [(torch.empty(w.shape), torch.empty(b.shape)) for w, b in layers]
    fill(name, plain, Generator().manual_seed(1))
    for (weight, bias), (plain_weight, plain_bias) in zip(layers, plain, strict=True):
        assert torch.equal(weight.detach(), plain_weight.to(dtype))
        assert torch.equal(bias.detach(), plain_bias.to(dtype))


@every_initializer
def test_the_global_generator_is_left_alone(name: str) -> None:
    before = torch.get_rng_state()
    drawn(name, 4, 4)
    assert torch.equal(before, torch.get_rng_state())


@pytest.mark.parametrize(("out", "inputs"), [(200, 300), (300, 200), (50, 2)])
def test_pytorch_draws_what_a_linear_layer_does(out: int, inputs: int) -> None:
    """`torch.nn.Linear` calls kaiming_uniform_ with a = sqrt 5 for its weights."""
    expected = torch.empty(out, inputs)
    nn.init.kaiming_uniform_(expected, a=math.sqrt(5), generator=Generator().manual_seed(0))
    weight, bias = drawn("pytorch", out, inputs)
    torch.testing.assert_close(weight, expected)
    bound = 1 / math.sqrt(inputs)
    assert 0.9 * bound < bias.abs().max() <= bound


@pytest.mark.parametrize(("out", "inputs"), [(200, 300), (300, 200)])
def test_xavier_is_uniform_within_its_bound(out: int, inputs: int) -> None:
    weight, bias = drawn("xavier", out, inputs)
    bound = math.sqrt(6 / (inputs + out))
    assert 0.99 * bound < weight.abs().max() <= bound
    assert float(weight.var()) == pytest.approx(bound**2 / 3, rel=0.02)
    assert not bias.any()


@pytest.mark.parametrize(("out", "inputs"), [(200, 300), (300, 200)])
def test_he_has_variance_two_over_fan_in(out: int, inputs: int) -> None:
    weight, bias = drawn("he", out, inputs)
    assert float(weight.var()) == pytest.approx(2 / inputs, rel=0.02)
    assert abs(float(weight.mean())) < 4 * math.sqrt(2 / inputs / weight.numel())
    assert not bias.any()


@pytest.mark.parametrize(("out", "inputs"), [(30, 50), (50, 30), (40, 40), (1, 7)])
def test_orthogonal_has_orthonormal_rows_or_columns(out: int, inputs: int) -> None:
    weight, bias = drawn("orthogonal", out, inputs)
    gram = weight @ weight.T if out <= inputs else weight.T @ weight
    torch.testing.assert_close(gram, torch.eye(len(gram)), atol=1e-5, rtol=0)
    assert not bias.any()


def test_zeros() -> None:
    weight, bias = drawn("zeros", 5, 6)
    assert not weight.any() and not bias.any()


def test_layers_are_drawn_in_order_from_one_stream() -> None:
    first, second = (
        [(torch.empty(4, 3), torch.empty(4)), (torch.empty(2, width), torch.empty(2))]
        for width in (4, 9)
    )
    fill("pytorch", first, Generator().manual_seed(2))
    fill("pytorch", second, Generator().manual_seed(2))
    assert torch.equal(first[0][0], second[0][0])
    assert torch.equal(first[0][1], second[0][1])
