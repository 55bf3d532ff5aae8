"""Parallel linear relaxations of the activation functions, by name.

On an interval [l, u] an activation f is enclosed between two parallel lines,
|f(z) - (k z + m)| <= d. The slope k is that of the chord, and the half-gap d follows from the
extremes of f(z) - k z, which lie at the ends or where f'(z) = k. Every stationary point is looked
at, in closed form where f' has an inverse and through a bound that holds for any trial point
where it has none, so each relaxation is sound for the interval as a whole, however wide. A
relaxation is sound for whatever slope rounding leaves, because d is worked out for that slope.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from spiral_dash.core.certify.even_part import GELU, SILU, EvenPart

Array = npt.NDArray[np.float64]
Relaxation = tuple[Array, Array, Array]
"""Slope k, offset m and half-gap d >= 0, each of the shape of the interval's ends."""

LEAKY_SLOPE = 0.01
TINY = 1e-300
"""Added to a denominator that may be zero; lost in any other."""

SOFTPLUS_THRESHOLD = 20.0
SOFTPLUS_ALLOWANCE = 2.1e-9
"""torch returns z for softplus beyond its threshold, which is log(1 + e^-20) < 2.1e-9 too low."""

SINE_REDUCTION_LIMIT = 1e6
"""Beyond it, multiples of 2 pi are no longer exact enough to find the stationary points."""


def _chord(low: Array, high: Array, value_low: Array, value_high: Array) -> Array:
    slope = value_high - value_low
    slope /= (high - low) + TINY
    return slope


def _enclose(slope: Array, top: Array, bottom: Array) -> Relaxation:
    return slope, 0.5 * (top + bottom), 0.5 * (top - bottom)


def _linear(low: Array, high: Array) -> Relaxation:
    return np.ones_like(low), np.zeros_like(low), np.zeros_like(low)


def _relu(low: Array, high: Array) -> Relaxation:
    """Chord slope u / (u - l) of the interval clipped to hold 0: exact where z keeps its sign."""
    above = np.maximum(high, 0.0)
    below = np.minimum(low, 0.0)
    slope = above / (above - below + TINY)
    half = slope * below
    half *= -0.5
    return slope, half, half


def _leaky_relu(low: Array, high: Array) -> Relaxation:
    slope, _, half = _relu(low, high)
    half = half * (1 - LEAKY_SLOPE)
    return LEAKY_SLOPE + (1 - LEAKY_SLOPE) * slope, half, half


def _tanh(low: Array, high: Array) -> Relaxation:
    """tanh' = 1 - tanh^2 = k at +-x with tanh x = t = sqrt(1 - k): a top at x, a bottom at -x.

    x = atanh t is computed as log(1 + t) - log(k) / 2, which stays exact for the slopes near 0
    of wide intervals, where 1 - t rounds to 0.
    """
    value_low = np.tanh(low)
    value_high = np.tanh(high)
    slope = _chord(low, high, value_low, value_high)
    extreme = 1.0 - slope
    np.maximum(extreme, 0.0, out=extreme)
    np.sqrt(extreme, out=extreme)
    stationary = np.log(slope + TINY)
    stationary *= -0.5
    stationary += np.log1p(extreme)
    extreme -= slope * stationary
    value_low -= slope * low
    value_high -= slope * high
    top = np.maximum(value_low, value_high)
    bottom = np.minimum(value_low, value_high)
    inside = (low < stationary) & (stationary < high)
    np.maximum(top, extreme, out=top, where=inside)
    np.negative(stationary, out=stationary)
    np.negative(extreme, out=extreme)
    inside = (low < stationary) & (stationary < high)
    np.minimum(bottom, extreme, out=bottom, where=inside)
    return _enclose(slope, top, bottom)


def _sigmoid(low: Array, high: Array) -> Relaxation:
    """sigmoid z = (1 + tanh(z / 2)) / 2."""
    slope, offset, gap = _tanh(0.5 * low, 0.5 * high)
    return 0.25 * slope, 0.5 + 0.5 * offset, 0.5 * gap


def _convex(
    low: Array,
    high: Array,
    value: Callable[[Array], Array],
    inverse_derivative: Callable[[Array], Array],
) -> Relaxation:
    """A convex f lies under its chord; f(z) - k z is lowest where f'(z) = k."""
    value_low = value(low)
    value_high = value(high)
    slope = _chord(low, high, value_low, value_high)
    stationary = np.clip(inverse_derivative(slope), low, high)
    value_low -= slope * low
    value_high -= slope * high
    bottom = value(stationary) - slope * stationary
    top = np.maximum(value_low, value_high)
    np.minimum(bottom, np.minimum(value_low, value_high), out=bottom)
    return _enclose(slope, top, bottom)


def _elu_value(z: Array) -> Array:
    return np.where(z > 0.0, z, np.expm1(np.minimum(z, 0.0)))


def _elu(low: Array, high: Array) -> Relaxation:
    return _convex(low, high, _elu_value, lambda slope: np.log(np.maximum(slope, TINY)))


def _softplus_value(z: Array) -> Array:
    return np.maximum(z, 0.0) + np.log1p(np.exp(-np.abs(z)))


def _logit(slope: Array) -> Array:
    inner = np.clip(slope, TINY, 1.0)
    return np.log(inner) - np.log(np.maximum(1.0 - inner, TINY))


def _softplus(low: Array, high: Array) -> Relaxation:
    slope, offset, gap = _convex(low, high, _softplus_value, _logit)
    return slope, offset, gap + SOFTPLUS_ALLOWANCE * (high > SOFTPLUS_THRESHOLD)


def _even_part(part: EvenPart, low: Array, high: Array) -> Relaxation:
    """f(z) = z / 2 + E(z) with E even (gelu, silu): f(z) - k z is E(z) - (k - 1/2) z."""
    value_low = part.activation(low)
    value_high = part.activation(high)
    slope = _chord(low, high, value_low, value_high)
    value_low -= slope * low
    value_high -= slope * high
    # E is even: where it is met with a falling slope, look at the mirrored interval.
    steepness = slope - 0.5
    mirrored = steepness < 0.0
    left = np.where(mirrored, -high, low)
    right = np.where(mirrored, -low, high)
    np.abs(steepness, out=steepness)
    top = np.maximum(value_low, value_high)
    bottom = np.minimum(value_low, value_high)
    np.minimum(bottom, part.bottom(steepness, left, right), out=bottom)
    np.maximum(top, part.top(steepness, left, right), out=top)
    return _enclose(slope, top, bottom)


def _gelu(low: Array, high: Array) -> Relaxation:
    return _even_part(GELU, low, high)


def _silu(low: Array, high: Array) -> Relaxation:
    return _even_part(SILU, low, high)


def _sine(low: Array, high: Array) -> Relaxation:
    """sin' = cos = k at a + 2 pi n, all tops, and at -a + 2 pi n, all bottoms, with a = acos k.

    An interval shorter than a period holds at most one of either (two only at its very ends).
    A longer one gets |sin z| <= 1, with slope 0.
    """
    value_low = np.sin(low)
    value_high = np.sin(high)
    slope = _chord(low, high, value_low, value_high)
    angle = np.arccos(np.clip(slope, -1.0, 1.0))
    period = 2.0 * math.pi
    top_at = np.minimum(angle + period * np.ceil((low - angle) / period), high)
    bottom_at = np.minimum(period * np.ceil((low + angle) / period) - angle, high)
    np.maximum(top_at, low, out=top_at)
    np.maximum(bottom_at, low, out=bottom_at)
    value_low -= slope * low
    value_high -= slope * high
    top = np.maximum(value_low, value_high)
    bottom = np.minimum(value_low, value_high)
    np.maximum(top, np.sin(top_at) - slope * top_at, out=top)
    np.minimum(bottom, np.sin(bottom_at) - slope * bottom_at, out=bottom)
    wide = ~(high - low < period)
    wide |= np.maximum(np.abs(low), np.abs(high)) > SINE_REDUCTION_LIMIT
    slope[wide], top[wide], bottom[wide] = 0.0, 1.0, -1.0
    return _enclose(slope, top, bottom)


VALUES: dict[str, Callable[[Array], Array]] = {
    "tanh": np.tanh,
    "relu": lambda z: np.maximum(z, 0.0),
    "sigmoid": lambda z: 0.5 + 0.5 * np.tanh(0.5 * z),
    "linear": lambda z: z,
    "leaky_relu": lambda z: np.maximum(z, LEAKY_SLOPE * z),
    "elu": _elu_value,
    "gelu": GELU.activation,
    "silu": SILU.activation,
    "softplus": _softplus_value,
    "sine": np.sin,
}

RELAXATIONS: dict[str, Callable[[Array, Array], Relaxation]] = {
    "tanh": _tanh,
    "relu": _relu,
    "sigmoid": _sigmoid,
    "linear": _linear,
    "leaky_relu": _leaky_relu,
    "elu": _elu,
    "gelu": _gelu,
    "silu": _silu,
    "softplus": _softplus,
    "sine": _sine,
}


def relax(activation: str, low: Array, high: Array) -> Relaxation:
    """Return k, m, d with |f(z) - (k z + m)| <= d for every z in [low, high], elementwise.

    `low` and `high` are float64 arrays of one shape, low <= high. An end that is not finite
    gives values that are not finite, which no bound accepts as a proof. Raises KeyError for an
    activation that has no relaxation.
    """
    with np.errstate(all="ignore"):
        return RELAXATIONS[activation](low, high)
