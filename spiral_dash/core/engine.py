"""The hot loop: one training step as a handful of calls on arrays allocated once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from spiral_dash.core.edits import Edit, Hold, apply
from spiral_dash.core.inputs import InputMap
from spiral_dash.core.network import Network, parameter_count, split
from spiral_dash.core.optimizers import OPTIMIZERS
from spiral_dash.core.passes import Pass

Array = npt.NDArray[Any]


class Engine:
    """A network, its optimiser's memory, and the step that moves both.

    `state` is one flat vector: parameters (P), the optimiser's slots (P each), the step count.
    A copy of it is a complete snapshot.
    """

    def __init__(
        self,
        sizes: Sequence[int],
        activation: str,
        optimizer: str,
        dtype: torch.dtype = torch.float32,
        inputs: InputMap | None = None,
    ) -> None:
        count = parameter_count(sizes)
        self._optimizer = OPTIMIZERS[optimizer]
        self.state = torch.zeros(count * (1 + self._optimizer.slots) + 1, dtype=dtype)
        vectors = list(self.state[:-1].split(count))
        self.network = Network(sizes, activation, vectors[0], inputs)
        self._gradient = torch.zeros(count, dtype=dtype)
        self.gradient = [block.numpy() for block in split(self._gradient, sizes)]
        self._move = self._optimizer.bind(vectors[0], self._gradient, vectors[1:], self.state[-1:])
        self._flat = vectors[0].numpy()
        self._flat_gradient = self._gradient.numpy()
        self._is_weight = _weight_mask(sizes, dtype)
        self._passes: dict[int, Pass] = {}
        self._memory = vectors[1].numpy()
        self._flat_state = self.state.numpy()
        self._held: tuple[Array, Array] | None = None

    def edit(self, edit: Edit, hold: Hold) -> None:
        """Do what a person wants done to the network, which holds `hold` until then."""
        apply(edit, self._flat, self._memory, self.network.sizes, hold)

    def hold(self, hold: Hold) -> None:
        """Keep what `hold` names as it is now from step to step, and what is remembered of it."""
        positions = hold.positions(self.network.sizes)
        vectors = 1 + self._optimizer.slots
        index = (np.arange(vectors)[:, None] * len(self._flat) + positions).ravel()
        self._held = (index, self._flat_state[index]) if len(positions) else None

    def batch_pass(self, points: int) -> Pass:
        """Return the buffers for a batch of `points` columns, made on first use."""
        if points not in self._passes:
            self._passes[points] = Pass(self.network, points)
        return self._passes[points]

    def backward(self, x: Array, targets: Array) -> Sequence[Array]:
        """Return the gradient of the mean cross-entropy of a batch, (out, in + 1) a layer.

        `x` (F + 1, B) is what the first layer gets, a last row of ones; `targets` (classes, B)
        are one-hot.
        """
        points = x.shape[1]
        batch = self._passes.get(points) or self.batch_pass(points)
        batch.forward(x)
        delta = batch.cross_entropy_delta(targets, 1.0 / points)
        batch.parameter_gradient(x, delta, self.gradient)
        return self.gradient

    def step(
        self,
        x: Array,
        targets: Array,
        learning_rate: float,
        momentum: float,
        l1: float,
        l2: float,
    ) -> None:
        """Take one step on one batch; arrays as for `backward`."""
        self.backward(x, targets)
        if l1 or l2:
            self._regularize(learning_rate, l1, l2)
        self._move(learning_rate, momentum)
        if self._held is not None:
            index, values = self._held
            self._flat_state[index] = values

    def _regularize(self, learning_rate: float, l1: float, l2: float) -> None:
        """Add the penalty's gradient, l1 sign(w) + l2 w, on weights and never on biases."""
        if l1:
            self._flat_gradient += l1 * self._is_weight * np.sign(self._flat)
        if l2 and self._optimizer.decoupled:
            self._flat -= learning_rate * l2 * self._is_weight * self._flat
        elif l2:
            self._flat_gradient += l2 * self._is_weight * self._flat


def _weight_mask(sizes: Sequence[int], dtype: torch.dtype) -> Array:
    mask = torch.ones(parameter_count(sizes), dtype=dtype)
    for block in split(mask, sizes):
        block[:, -1] = 0
    return mask.numpy()
