"""What a point becomes before the first layer: scaled, and turned into features of the plane."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, Self, get_args

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from spiral_dash.core.validation import ConfigError

Array = npt.NDArray[Any]
FeatureName = Literal["x1", "x2", "x1^2", "x2^2", "x1x2", "sin_x1", "sin_x2"]
Scaling = Literal["none", "standard", "minmax"]
FEATURES: tuple[FeatureName, ...] = get_args(FeatureName)
"""In the order in which the network gets them (TensorFlow Playground's seven)."""
PLAIN: tuple[FeatureName, ...] = ("x1", "x2")
"""The numbers as they are, whatever their count."""


@dataclass(frozen=True)
class Feature:
    """A function of z = (z_1, z_2), and its two partial derivatives; None stands for 0."""

    value: Callable[[Any, Any], Any]
    slopes: tuple[Callable[[Array, Array], Array] | None, Callable[[Array, Array], Array] | None]
    in_torch: Callable[[Tensor, Tensor], Tensor]


def _one(first: Array, second: Array) -> Array:
    return np.ones_like(first)


FEATURE: dict[FeatureName, Feature] = {
    "x1": Feature(lambda p, q: p, (_one, None), lambda p, q: p),
    "x2": Feature(lambda p, q: q, (None, _one), lambda p, q: q),
    "x1^2": Feature(lambda p, q: p * p, (lambda p, q: p + p, None), lambda p, q: p * p),
    "x2^2": Feature(lambda p, q: q * q, (None, lambda p, q: q + q), lambda p, q: q * q),
    "x1x2": Feature(lambda p, q: p * q, (lambda p, q: q, lambda p, q: p), lambda p, q: p * q),
    "sin_x1": Feature(
        lambda p, q: np.sin(p), (lambda p, q: np.cos(p), None), lambda p, q: torch.sin(p)
    ),
    "sin_x2": Feature(
        lambda p, q: np.sin(q), (None, lambda p, q: np.cos(q)), lambda p, q: torch.sin(q)
    ),
}


@dataclass(frozen=True, eq=False)
class InputMap:
    """x (n numbers, data units) -> z = (x - shift) * scale -> what the first layer gets.

    `shift` and `scale` are (n,) float64 that float32 holds exactly, so that the map is the same
    function in either. `features` are functions of z in the plane; None stands for z itself.
    Arrays of points are feature-major with a last row of ones, as a pass takes them.
    """

    shift: Array
    scale: Array
    features: tuple[FeatureName, ...] | None = None

    @classmethod
    def identity(cls, dimension: int) -> Self:
        """Return the map that leaves `dimension` numbers as they are."""
        return cls(np.zeros(dimension), np.ones(dimension))

    @classmethod
    def fit(cls, x: Tensor, features: Sequence[FeatureName], scaling: Scaling) -> Self:
        """Return the map whose scaling is that of the points x (N, n), a column each.

        `standard` gives mean 0 and standard deviation 1, `minmax` the range [-1, 1]; a column that
        never changes becomes 0. Raises `ConfigError` for features of points outside the plane.
        """
        dimension = x.shape[1]
        if tuple(features) != PLAIN and dimension != 2:
            raise ConfigError(
                {
                    "network.features": "network.features: expected x1,x2, which stands for all "
                    f"{dimension} numbers of a point, got {','.join(features)}: products, squares "
                    "and sines are for data of two numbers."
                }
            )
        named = None if tuple(features) == PLAIN else tuple(features)
        if scaling == "none":
            return cls(np.zeros(dimension), np.ones(dimension), named)
        columns = x.numpy().astype(np.float64)
        low, high = columns.min(axis=0), columns.max(axis=0)
        if scaling == "standard":
            shift, size = columns.mean(axis=0), columns.std(axis=0)
        else:
            shift, size = (low + high) / 2, (high - low) / 2
        size = np.where(low < high, size, 1.0)
        shift = np.where(low < high, shift, low)
        limits = np.finfo(np.float32)
        scale = 1 / np.clip(size, limits.tiny, 1 / limits.tiny)
        return cls(_as_float32(shift), _as_float32(scale), named)

    @property
    def dimension(self) -> int:
        """Numbers a point has, n."""
        return len(self.shift)

    @property
    def units(self) -> int:
        """Numbers the first layer gets, F."""
        return self.dimension if self.features is None else len(self.features)

    @cached_property
    def is_scaled(self) -> bool:
        """Whether z differs from x."""
        return bool(self.shift.any() or (self.scale != 1).any())

    @cached_property
    def is_identity(self) -> bool:
        """Whether the first layer gets the point as it is."""
        return self.features is None and not self.is_scaled

    def columns(self, x: Array) -> Array:
        """Return what the first layer gets, (F + 1, N), of points (n + 1, N); `x` itself if same.

        Both end in a row of ones.
        """
        if self.is_identity:
            return x
        result = np.empty((self.units + 1, x.shape[1]), x.dtype)
        result[-1] = 1
        if self.features is None:
            np.subtract(x[:-1], self._column(self.shift, x), out=result[:-1])
            np.multiply(result[:-1], self._column(self.scale, x), out=result[:-1])
            return result
        first, second = self._scaled(x)
        for row, name in zip(result, self.features, strict=False):
            row[:] = FEATURE[name].value(first, second)
        return result

    def pullback(self, x: Array, gradient: Array) -> Array:
        """Return d/dx, (n, N), at points (n + 1, N), given d/d features (F, N), which it may be."""
        if self.is_identity:
            return gradient
        if self.features is None:
            return np.asarray(gradient * self._column(self.scale, x))
        result = np.zeros((2, x.shape[1]), x.dtype)
        for of, axis, slope in self._slopes(x):
            result[axis] += slope * gradient[of]
        return np.asarray(result * self._column(self.scale, x))

    def tangent(self, x: Array, direction: Array) -> Array:
        """Return the derivative of the features, (F, N), along `direction` (n,) at (n + 1, N)."""
        along = self.scale * direction
        result = np.zeros((self.units, x.shape[1]), x.dtype)
        if self.features is None:
            result += along[:, None]
            return result
        for of, axis, slope in self._slopes(x):
            result[of] += slope * along[axis]
        return result

    def apply(self, x: Tensor) -> Tensor:
        """Return what the first layer gets, (N, F), of points (N, n), by torch, differentiably."""
        if self.is_identity:
            return x
        shift, scale = torch.from_numpy(self.shift).to(x), torch.from_numpy(self.scale).to(x)
        z = (x - shift) * scale if self.is_scaled else x
        if self.features is None:
            return z
        first, second = z.unbind(-1)
        return torch.stack([FEATURE[name].in_torch(first, second) for name in self.features], -1)

    def _slopes(self, x: Array) -> list[tuple[int, int, Array]]:
        """Return each derivative that is not 0: the feature, the axis of z, its values (N,)."""
        assert self.features is not None
        first, second = self._scaled(x)
        return [
            (of, axis, slope(first, second))
            for of, name in enumerate(self.features)
            for axis, slope in enumerate(FEATURE[name].slopes)
            if slope is not None
        ]

    def _scaled(self, x: Array) -> Array:
        if not self.is_scaled:
            return x[:-1]
        return np.asarray((x[:-1] - self._column(self.shift, x)) * self._column(self.scale, x))

    @staticmethod
    def _column(values: Array, like: Array) -> Array:
        return values.astype(like.dtype)[:, None]


def _as_float32(values: Array) -> Array:
    return values.astype(np.float32).astype(np.float64)
