"""How the weights start, by name: each fills one layer from a generator it is given."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Generator, Tensor, nn

Initializer = Callable[[Tensor, Tensor, Generator], None]


def _uniform_by_fan_in(tensor: Tensor, fan_in: int, generator: Generator) -> None:
    bound = 1 / math.sqrt(fan_in)
    nn.init.uniform_(tensor, -bound, bound, generator=generator)


def pytorch(weight: Tensor, bias: Tensor, generator: Generator) -> None:
    """Uniform in +-1/sqrt(fan in), biases too: what `torch.nn.Linear` does."""
    _uniform_by_fan_in(weight, weight.shape[1], generator)
    _uniform_by_fan_in(bias, weight.shape[1], generator)


def xavier(weight: Tensor, bias: Tensor, generator: Generator) -> None:
    """Uniform in +-sqrt(6 / (fan in + fan out)), biases zero (Glorot and Bengio 2010)."""
    nn.init.xavier_uniform_(weight, generator=generator)
    nn.init.zeros_(bias)


def he(weight: Tensor, bias: Tensor, generator: Generator) -> None:
    """Normal with variance 2 / fan in, biases zero (He et al. 2015)."""
    nn.init.kaiming_normal_(weight, nonlinearity="relu", generator=generator)
    nn.init.zeros_(bias)


def orthogonal(weight: Tensor, bias: Tensor, generator: Generator) -> None:
    """Orthonormal rows or columns, biases zero (Saxe et al. 2014)."""
    nn.init.orthogonal_(weight, generator=generator)
    nn.init.zeros_(bias)


def zeros(weight: Tensor, bias: Tensor, generator: Generator) -> None:
    """Everything zero: no two units can ever differ, so it shows why weights start random."""
    nn.init.zeros_(weight)
    nn.init.zeros_(bias)


INITIALIZERS: dict[str, Initializer] = {
    "pytorch": pytorch,
    "xavier": xavier,
    "he": he,
    "orthogonal": orthogonal,
    "zeros": zeros,
}


def fill(name: str, layers: list[tuple[Tensor, Tensor]], generator: Generator) -> None:
    """Fill every `(weight, bias)` in place with the named initialiser, in layer order.

    Drawn in float32 on contiguous copies, so that the numbers depend on the seed alone and
    not on how the tensors lie in memory.
    """
    initialize = INITIALIZERS[name]
    for weight, bias in layers:
        drawn_weight = torch.empty(weight.shape, dtype=torch.float32)
        drawn_bias = torch.empty(bias.shape, dtype=torch.float32)
        initialize(drawn_weight, drawn_bias, generator)
        with torch.no_grad():
            weight.copy_(drawn_weight)
            bias.copy_(drawn_bias)
