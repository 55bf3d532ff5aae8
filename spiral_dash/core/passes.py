"""Forward and backward passes in closed form, on arrays allocated once.

Arrays are feature-major, (units, points), because then every buffer the elementwise functions
touch is contiguous, the softmax runs along the points, and a batch is a slice of columns. An
input carries a last row of ones, which meets the bias column of its layer's block.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from spiral_dash.core.activations import ACTIVATIONS, logistic_of_many
from spiral_dash.core.inputs import InputMap
from spiral_dash.core.network import Network, split

Array = npt.NDArray[Any]
TILE, TILE_MAX = 256, 2048
"""Points a tile, at least and at most."""
WIDE = 16
"""Units of a layer from which on the logistic function is worth its call."""
TILE_VALUES = 50 * TILE
"""Values of the widest layer in a tile: its buffers stay within a core's second-level cache."""


def with_ones(points: Array, dtype: npt.DTypeLike) -> Array:
    """Return points (N, n) as (n + 1, N), the last row ones, contiguous."""
    columns = np.ones((points.shape[1] + 1, points.shape[0]), dtype)
    columns[:-1] = points.T
    return columns


def one_hot(labels: Array, classes: int, dtype: npt.DTypeLike) -> Array:
    """Return labels (N,) as indicator columns (classes, N)."""
    indicators: Array = (np.arange(classes)[:, None] == labels[None, :]).astype(dtype)
    return indicators


def logistic_blocks(blocks: Sequence[Array]) -> list[Array] | None:
    """Return the blocks with which logistic units compute what those of tanh do, to rounding.

    tanh z = 2 s(2 z) - 1 for the logistic function s, and 2 z and 2 s - 1 are left to the weights.
    None where they grow beyond what the type holds.
    """
    given = [block.copy() for block in blocks]
    for block in given[1:]:
        block[:, -1] -= block[:, :-1].sum(axis=1)
        block[:, :-1] *= 2
    for block in given[:-1]:
        np.multiply(block, 2, out=block)
    return given if all(np.isfinite(block).all() for block in given) else None


class Pass:
    """Passes over `points` columns through a network's layers, whose memory it reads, not copies.

    What goes in are the F numbers that the first layer gets of each point: `Network.inputs` has
    been applied. With `swift`, logits are right to rounding and no more, and of what lies below
    them nothing is said: there is no way back.
    """

    def __init__(self, network: Network, points: int, *, swift: bool = False) -> None:
        sizes = network.sizes
        activation = ACTIVATIONS[network.activation]
        dtype = network.flat.numpy().dtype
        self.points = points
        self._blocks = [block.numpy() for block in split(network.flat, sizes)]
        self._value = activation.value
        if swift and network.activation == "tanh" and max(sizes[1:-1], default=0) >= WIDE:
            with np.errstate(all="ignore"):
                blocks = logistic_blocks(self._blocks)
            if blocks is not None:
                self._blocks, self._value = blocks, logistic_of_many
        self._pullback = activation.pullback
        self._augmented = [np.ones((units + 1, points), dtype) for units in sizes[1:-1]]
        self.hidden = [augmented[:-1] for augmented in self._augmented]
        self.inputs = (
            [np.empty_like(h) for h in self.hidden] if activation.needs_input else self.hidden
        )
        self.logits = np.empty((sizes[-1], points), dtype)
        self.deltas = [np.empty_like(h) for h in self.hidden]
        self._scratch = [np.empty_like(h) for h in self.hidden]
        self._row = np.empty((1, points), dtype)
        self._up = list(
            zip(self._blocks[:-1], self.inputs, self.hidden, self._augmented, strict=True)
        )
        self._down = [
            (
                self._augmented[k].T,
                self._blocks[k + 1][:, :-1].T,
                self.deltas[k],
                self.inputs[k],
                self.hidden[k],
                self._scratch[k],
            )
            for k in reversed(range(len(self.hidden)))
        ]

    def forward(self, x: Array) -> Array:
        """Return the logits (classes, points) of x (F + 1, points); valid until the next call."""
        dot, value = np.dot, self._value
        below = x
        for block, z, h, augmented in self._up:
            dot(block, below, out=z)
            value(z, h)
            below = augmented
        dot(self._blocks[-1], below, out=self.logits)
        return self.logits

    def softmax(self) -> Array:
        """Turn the logits, in place, into class probabilities; each column sums to one."""
        logits, row = self.logits, self._row
        np.maximum.reduce(logits, axis=0, out=row, keepdims=True)
        np.subtract(logits, row, out=logits)
        np.exp(logits, out=logits)
        np.add.reduce(logits, axis=0, out=row, keepdims=True)
        np.divide(logits, row, out=logits)
        return logits

    def cross_entropy_delta(self, targets: Array, scale: float) -> Array:
        """Turn the logits, in place, into scale * (softmax - one-hot), d loss / d logits."""
        delta = self.softmax()
        np.subtract(delta, targets, out=delta)
        np.multiply(delta, delta.dtype.type(scale), out=delta)
        return delta

    def ascent_delta(self, targets: Array) -> Array:
        """Turn the logits, in place, into (softmax over the rivals of the class) - one-hot.

        That is d cross-entropy / d logits over 1 - p_y, so it points the same way; where the
        network is sure of a class the gradient itself underflows, and this does not.
        """
        logits = self.logits
        if len(logits) == 2:
            np.multiply(targets, targets.dtype.type(-2), out=logits)
            logits += 1
            return logits
        np.copyto(logits, logits.dtype.type(-np.inf), where=targets > 0)
        logits = self.softmax()
        logits -= targets
        return logits

    def parameter_gradient(self, x: Array, delta: Array, gradient: Sequence[Array]) -> None:
        """Write d/d block, (out, in + 1), into `gradient` a layer, given d/d logits `delta`.

        `x` must be what the last `forward` was given.
        """
        dot, pullback = np.dot, self._pullback
        layer = len(gradient) - 1
        for below_t, weight_t, next_delta, z, h, scratch in self._down:
            dot(delta, below_t, out=gradient[layer])
            dot(weight_t, delta, out=next_delta)
            pullback(next_delta, z, h, scratch)
            delta = next_delta
            layer -= 1
        dot(delta, x.T, out=gradient[0])

    def input_gradient(self, delta: Array, out: Array) -> Array:
        """Write d/dx, (F, points), into `out`, given d/d logits `delta` (classes, points)."""
        dot, pullback = np.dot, self._pullback
        for _, weight_t, next_delta, z, h, scratch in self._down:
            dot(weight_t, delta, out=next_delta)
            pullback(next_delta, z, h, scratch)
            delta = next_delta
        dot(self._blocks[0][:, :-1].T, delta, out=out)
        return out


class TiledPass:
    """Passes over any number of points, in tiles that stay in cache.

    Points are columns in the units of the data, (n + 1, N); `inputs` turns each tile into what
    the first layer gets. Left out, it is the network's own map. A `swift` one is for pictures: see
    `Pass`.
    """

    def __init__(
        self,
        network: Network,
        tile: int | None = None,
        *,
        inputs: InputMap | None = None,
        swift: bool = False,
    ) -> None:
        self._network = network
        fitting = TILE_VALUES // max(network.sizes)
        self.tile = min(max(fitting, TILE), TILE_MAX) if tile is None else tile
        self._inputs = network.inputs if inputs is None else inputs
        self._swift = swift
        self._passes: dict[int, Pass] = {}
        self.dtype: np.dtype[Any] = network.flat.numpy().dtype

    def tiles(self, x: Array) -> Iterator[tuple[slice, Pass, Array]]:
        """Yield each tile of x (n + 1, N): which columns, a pass so wide, and what it is given."""
        for start in range(0, x.shape[1], self.tile):
            columns = slice(start, min(start + self.tile, x.shape[1]))
            width = columns.stop - columns.start
            if width not in self._passes:
                self._passes[width] = Pass(self._network, width, swift=self._swift)
            yield columns, self._passes[width], self._inputs.columns(x[:, columns])

    def input_gradient(self, tile: Pass, x: Array, delta: Array) -> Array:
        """Return d/dx, (n, points), of a tile just gone forward, at its columns x (n + 1, points).

        `delta` (classes, points) is d/d logits.
        """
        gradient = np.empty((self._network.sizes[0], tile.points), x.dtype)
        return self._inputs.pullback(x, tile.input_gradient(delta, gradient))

    def logits(self, x: Array) -> Array:
        """Return logits (classes, N) of x (n + 1, N)."""
        result = np.empty((self._network.sizes[-1], x.shape[1]), x.dtype)
        for columns, tile, given in self.tiles(x):
            result[:, columns] = tile.forward(given)
        return result

    def probabilities(self, x: Array) -> Array:
        """Return class probabilities (classes, N) of x (n + 1, N)."""
        result = np.empty((self._network.sizes[-1], x.shape[1]), x.dtype)
        for columns, tile, given in self.tiles(x):
            tile.forward(given)
            result[:, columns] = tile.softmax()
        return result

    def loss_gradient(self, x: Array, targets: Array) -> Array:
        """Return d cross-entropy / dx of each point, (n, N); targets are one-hot (classes, N)."""
        result = np.empty((x.shape[0] - 1, x.shape[1]), x.dtype)
        for columns, tile, given in self.tiles(x):
            tile.forward(given)
            delta = tile.cross_entropy_delta(targets[:, columns], 1.0)
            result[:, columns] = self.input_gradient(tile, x[:, columns], delta)
        return result

    def ascent(self, x: Array, targets: Array) -> tuple[Array, Array]:
        """Return logits (classes, N) and the way the loss rises in x, (n, N), for x (n + 1, N).

        The second is d cross-entropy / dx up to a positive factor a point; see `ascent_delta`.
        """
        logits = np.empty((self._network.sizes[-1], x.shape[1]), x.dtype)
        gradient = np.empty((x.shape[0] - 1, x.shape[1]), x.dtype)
        for columns, tile, given in self.tiles(x):
            logits[:, columns] = tile.forward(given)
            delta = tile.ascent_delta(targets[:, columns])
            gradient[:, columns] = self.input_gradient(tile, x[:, columns], delta)
        return logits, gradient
