"""The even part of gelu and silu, and bounds of E(z) - k z over an interval.

Both activations are f(z) = z / 2 + E(z) with E even, E' rising from 0 at 0 to a greatest value
at the inflection and falling to 1/2 from there on. E is thus convex within the inflections and
concave outside them. E' has no closed inverse: a table proposes where E'(z) = k, and a tangent
there turns the proposal into a bound that holds however inexact the table is.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import torch

Array = npt.NDArray[np.float64]
TABLE_CELLS = 4096
SMALLEST_TAIL = 2.0**-53
OUTER_END = math.sqrt(-math.log(SMALLEST_TAIL))
FLAT = 40.0
"""From here on E'(z) is 1/2 in float64, for gelu and for silu."""


@dataclass(frozen=True)
class EvenPart:
    """An activation z / 2 + E(z), E and E', and the inflection of E in z > 0."""

    activation: Callable[[Array], Array]
    value: Callable[[Array], Array]
    derivative: Callable[[Array], Array]
    inflection: float

    @cached_property
    def steepest(self) -> float:
        """The greatest E', which is that at the inflection."""
        return float(self.derivative(np.array(self.inflection)))

    @cached_property
    def _inner(self) -> Array:
        """Where E' = steepest * sin(a) in the convex part, a equally spaced over [0, pi/2].

        The sine takes away the square root that the inverse has at the inflection.
        """
        angle = np.linspace(0.0, 0.5 * math.pi, TABLE_CELLS + 1)
        return self._invert(self.steepest * np.sin(angle), 0.0, self.inflection)

    @cached_property
    def _outer(self) -> Array:
        """Where E' = 1/2 + (steepest - 1/2) exp(-a^2) in the concave part, a over [0, OUTER_END].

        The exponential takes away the square root at the inflection, and follows the tail.
        """
        tail = np.exp(-(np.linspace(0.0, OUTER_END, TABLE_CELLS + 1) ** 2))
        return self._invert(0.5 + (self.steepest - 0.5) * tail, FLAT, self.inflection)

    def _invert(self, target: Array, below: float, above: float) -> Array:
        """Bisect for E'(z) = target, between z where E' is below it and z where it is above."""
        low = np.full_like(target, below)
        high = np.full_like(target, above)
        for _ in range(60):
            middle = 0.5 * (low + high)
            under = self.derivative(middle) < target
            low = np.where(under, middle, low)
            high = np.where(under, high, middle)
        return 0.5 * (low + high)

    def bottom(self, slope: Array, low: Array, high: Array) -> Array:
        """Return a lower bound of E(z) - slope z on the part of [low, high] where E is convex.

        On [a, b] a convex g satisfies g(z) >= g(x) + g'(x) (z - x) for any x in it. Where the
        interval has no such part the value at one of its ends comes back. `slope` >= 0.
        """
        angle = np.arcsin(np.minimum(slope / self.steepest, 1.0))
        angle *= TABLE_CELLS / (0.5 * math.pi)
        left = np.clip(-self.inflection, low, high)
        right = np.clip(self.inflection, low, high)
        trial = np.clip(_interpolate(self._inner, angle), left, right)
        tilt = self.derivative(trial) - slope
        drop = np.maximum(tilt * (trial - left), tilt * (trial - right))
        bottom: Array = self.value(trial) - slope * trial - drop
        return bottom

    def top(self, slope: Array, low: Array, high: Array) -> Array:
        """Return an upper bound of E(z) - slope z on the part of [low, high] where E is concave.

        With slope >= 0 only the part beyond the positive inflection can have its greatest value
        inside: in the other one E(z) - slope z falls with z, as it does when slope <= 1/2 does
        not rise with it. Where the interval has no such part the value at an end comes back.
        """
        tail = np.clip((slope - 0.5) / (self.steepest - 0.5), SMALLEST_TAIL, 1.0)
        position = np.sqrt(-np.log(tail))
        position *= TABLE_CELLS / OUTER_END
        left = np.clip(self.inflection, low, high)
        trial = np.clip(_interpolate(self._outer, position), left, high)
        np.copyto(trial, high, where=slope <= 0.5)
        tilt = self.derivative(trial) - slope
        rise = np.maximum(tilt * (left - trial), tilt * (high - trial))
        top: Array = self.value(trial) - slope * trial + rise
        return top


def _interpolate(table: Array, position: Array) -> Array:
    """Linear interpolation of a table at positions counted in its cells; nan gives the last."""
    index = np.clip(np.nan_to_num(position, nan=TABLE_CELLS), 0, TABLE_CELLS - 1).astype(np.intp)
    below = table[index]
    return below + (position - index) * (table[index + 1] - below)


def _erf(z: Array) -> Array:
    # numpy has no erf; torch shares the memory.
    scaled = np.asarray(z * math.sqrt(0.5))
    shared = torch.from_numpy(scaled)
    torch.special.erf(shared, out=shared)
    return scaled


def _gelu(z: Array) -> Array:
    return 0.5 * z * (1.0 + _erf(z))


def _gelu_even(z: Array) -> Array:
    return 0.5 * z * _erf(z)


def _gelu_even_derivative(z: Array) -> Array:
    return 0.5 * _erf(z) + z * np.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi)


def _silu(z: Array) -> Array:
    return 0.5 * z * (1.0 + np.tanh(0.5 * z))


def _silu_even(z: Array) -> Array:
    return 0.5 * z * np.tanh(0.5 * z)


def _silu_even_derivative(z: Array) -> Array:
    tanh = np.tanh(0.5 * z)
    return 0.5 * tanh + 0.25 * z * (1.0 - tanh * tanh)


def _silu_inflection() -> float:
    """The root of E'' / sech^2(z / 2) = (1 - (z / 2) tanh(z / 2)) / 2: y tanh y = 1, z = 2 y."""
    low, high = 1.0, 2.0
    for _ in range(60):
        middle = 0.5 * (low + high)
        if middle * math.tanh(middle) < 1.0:
            low = middle
        else:
            high = middle
    return low + high


GELU = EvenPart(_gelu, _gelu_even, _gelu_even_derivative, math.sqrt(2.0))
SILU = EvenPart(_silu, _silu_even, _silu_even_derivative, _silu_inflection())
