"""A fully connected network whose parameters are views of one flat vector."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any, Self

import torch
from torch import Tensor, nn

from spiral_dash.core.activations import ACTIVATIONS
from spiral_dash.core.inputs import InputMap
from spiral_dash.core.validation import ConfigError


def parameter_count(sizes: Sequence[int]) -> int:
    """Number of weights and biases of a network with `sizes` units a layer."""
    return sum((fan_in + 1) * fan_out for fan_in, fan_out in itertools.pairwise(sizes))


def split(flat: Tensor, sizes: Sequence[int]) -> list[Tensor]:
    """Cut a flat vector into one (out, in + 1) block a layer: weights, then the bias column.

    The bias as a last column lets one matrix product with inputs that end in a one do the work
    of a product and a sum, forward and backward. The blocks are views.
    """
    blocks: list[Tensor] = []
    start = 0
    for fan_in, fan_out in itertools.pairwise(sizes):
        stop = start + (fan_in + 1) * fan_out
        blocks.append(flat[start:stop].view(fan_out, fan_in + 1))
        start = stop
    return blocks


class Network(nn.Module):
    """h_0 = x, h_l = a(W_l h_{l-1} + b_l), logits = W_L h_{L-1} + b_L (thesis eq. 2.12, 4.2).

    `inputs` turns a point x into h_0, whose length is `sizes[0]`; left out, they are the same.
    `flat` holds every parameter, shape (P,); `weights[l]` (out, in) and `biases[l]` (out,) are
    views of it, so what trains the vector trains the module. Maps (N, n) to (N, classes).
    """

    def __init__(
        self,
        sizes: Sequence[int],
        activation: str,
        flat: Tensor | None = None,
        inputs: InputMap | None = None,
    ) -> None:
        super().__init__()
        self.sizes = tuple(sizes)
        self.inputs = InputMap.identity(self.sizes[0]) if inputs is None else inputs
        if self.inputs.units != self.sizes[0]:
            raise ValueError(
                f"A network of {self.sizes} gets {self.sizes[0]} inputs, "
                f"got a map to {self.inputs.units}."
            )
        self.activation = activation
        expected = parameter_count(self.sizes)
        self.flat = torch.zeros(expected) if flat is None else flat
        if self.flat.shape != (expected,):
            raise ValueError(
                f"A network of {self.sizes} has {expected} parameters, "
                f"got a vector of shape {tuple(self.flat.shape)}."
            )
        self._bind()
        self._function = ACTIVATIONS[activation].module

    def _bind(self) -> None:
        """Make the weights and biases views of the flat vector."""
        blocks = split(self.flat, self.sizes)
        self.weights = nn.ParameterList([nn.Parameter(block[:, :-1]) for block in blocks])
        self.biases = nn.ParameterList([nn.Parameter(block[:, -1]) for block in blocks])

    @property
    def depth(self) -> int:
        """Number of weight matrices L; layers are counted 1 to L, the last gives the logits."""
        return len(self.sizes) - 1

    @property
    def dimension(self) -> int:
        """Numbers a point has, n; `sizes[0]` counts what the first layer gets of it."""
        return self.inputs.dimension

    def copy(self, dtype: torch.dtype | None = None) -> Self:
        """Return a network of its own memory with the same parameters, in `dtype` if given."""
        flat = self.flat.to(dtype or self.flat.dtype, copy=True)
        return type(self)(self.sizes, self.activation, flat, self.inputs)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self.copy()

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)  # type: ignore[no-untyped-call]
        self._bind()

    def _apply(self, fn: Callable[..., Any], recurse: bool = True) -> Self:
        """Refuse what would part the module from its vector: another type, another device."""
        sample = fn(self.flat.new_empty(0))
        moved = (sample.dtype, sample.device) != (self.flat.dtype, self.flat.device)
        if moved or sample.is_shared() != self.flat.is_shared():
            raise ConfigError(
                {
                    "network": "A run's network stays as it is, since its weights are those that "
                    f"are trained: expected {self.flat.dtype} on {self.flat.device}, got "
                    f"{sample.dtype} on {sample.device}. Use network.copy(dtype) for another."
                }
            )
        return self

    def layers(self, x: Tensor) -> list[Tensor]:
        """Return the output of every layer 1 to L, each (N, units); the last are the logits.

        `x` is (N, n), in the units of the data.
        """
        outputs: list[Tensor] = []
        h = self.inputs.apply(x)
        last = self.depth - 1
        for index, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            h = nn.functional.linear(h, weight, bias)
            if index < last:
                h = self._function(h)
            outputs.append(h)
        return outputs

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits, (N, classes), of points (N, n)."""
        return self.layers(x)[-1]
