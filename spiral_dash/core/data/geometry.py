"""What is known exactly of Archimedean arms r = b phi: their distances and their length (2.3.2).

Distances are those of the curves, without noise, and are found from what a closest pair must
satisfy, so that one-dimensional searches do the work of a search over pairs of points.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
SCAN_STEP = 0.05
"""Step of the first, dense scans, in radians."""
ZOOM_SAMPLES = 17
"""Samples of each finer search, which is 8 times finer than the one before."""
PRECISION = 1e-11
"""A search ends when it cannot lower the minimum by more than this share of it."""


def arc_length(phi: Array | float, b: float) -> Array:
    """Return the length of an arm from the origin to phi, b/2 (phi sqrt(1+phi^2) + asinh phi)."""
    return np.asarray(b / 2 * (phi * np.sqrt(1 + np.square(phi)) + np.arcsinh(phi)))


@functools.lru_cache(maxsize=256)
def distance_l2(low: float, high: float, arms: int) -> float:
    """Return the L2 distance min ||x - y|| of `arms` arms from phi = low to high, for b = 1.

    It is proportional to b (thesis eq. 2.7, its minimum).

    Points of two arms that are an angle alpha apart, at phi and phi + t, t >= 0, are
    sqrt(t^2 + 2 phi (phi + t) (1 - cos(t - alpha))) apart, which grows with phi: one point of a
    closest pair is at the inner end, and only t is searched.
    """
    if low == 0.0:
        return 0.0  # all arms begin at the origin
    alpha = 2 * np.pi * np.arange(1, arms)[:, None] / arms

    def distance(row: Array, t: Array) -> Array:
        ahead = 1 - np.cos(t - alpha[row])
        return np.asarray(np.sqrt(t * t + 2 * low * (low + t) * ahead))

    t = np.linspace(0.0, high - low, math.ceil((high - low) / SCAN_STEP) + 1)
    rows = np.arange(len(alpha))
    return _lowest(distance, np.broadcast_to(t, (len(rows), len(t))), distance(rows, t))


def distance_linf(low: float, high: float, arms: int, plane: Array, l2: float) -> float:
    """Return the L-infinity distance for b = 1 between arms embedded by `plane` (n, 2).

    `l2` is their L2 distance, which it does not exceed.

    The differences between the points of two arms fill a region of the plane, and one inside it
    could be made shorter. So a closest pair lies on its border: there a point is at an end of its
    arm, or the two tangents are parallel. With tau(phi) = phi + atan(phi), the tangent's angle
    less the arm's own, both kinds read: the partner of tau is at slope tau + shift, where the
    slope is 0 for an end and 1 for parallel tangents. Both are scanned, and refined, over tau.
    """
    if low == 0.0:
        return 0.0
    per_turn = math.ceil(math.pi / arms / SCAN_STEP)
    step = math.pi / arms / per_turn  # so that the angles between arms are whole steps
    first, last = (phi + math.atan(phi) for phi in (low, high))
    tau = np.append(np.arange(first, last, step), last)
    count = len(tau) - 1
    # For an even number, half of the pairs are the others turned by pi, which no norm notices.
    bases = range(arms // 2 if arms % 2 == 0 else arms)
    pairs = [(base, other) for base in bases for other in range(arms) if base != other]
    # How long in L2 a closest pair can be: the norms' ratio over directions, less what a direction
    # between two of these may differ by. The phi of a pair differ by less than that, tau by twice.
    directions = np.exp(1j * np.linspace(0.0, np.pi, 256))
    longest = l2 / (float(_linf_norm(directions, plane).min()) - np.pi / 255 / 2)
    reach = min(count, math.ceil(2 * longest / step) + 1)
    half_turn = arms * per_turn
    parallel = [
        (base, other, 1, offset)
        for base, other in pairs
        for offset in range(2 * per_turn * (base - other) % half_turn, reach, half_turn)
    ]
    ends = [(base, other, 0, offset) for base, other in pairs for offset in (0, count)]
    moving, partner, slope, offset = np.array(parallel + ends).T[:, :, None]
    turned = np.exp(2j * np.pi * np.arange(arms) / arms)
    shift = np.where(slope == 1, offset * step, tau[offset])

    def norm(row: Array, tau: Array) -> Array:
        ahead = turned[partner[row]] * _on_arm(slope[row] * tau + shift[row])
        return _linf_norm(ahead - turned[moving[row]] * _on_arm(tau), plane)

    z = _on_arm(tau)
    at = slope * np.arange(count + 1) + offset
    between = turned[partner] * z[np.minimum(at, count)] - turned[moving] * z
    lengths = np.where((slope == 0) | (at < count), np.abs(between), np.inf)
    near = lengths <= longest
    values = np.full(lengths.shape, np.inf)
    values[near] = _linf_norm(between[near], plane)
    furthest = np.where(slope == 1, last - shift, last)
    return _lowest(norm, np.minimum(tau, furthest), values)


def _on_arm(tau: Array) -> Array:
    """Return phi e^(i phi), where phi + atan(phi) = tau > 0, by Newton's method from below."""
    phi = np.maximum(tau / 2, tau - np.pi / 2)
    for _ in range(5):
        squared = phi * phi
        phi = phi + (tau - phi - np.arctan(phi)) * (1 + squared) / (2 + squared)
    return np.asarray(phi * np.exp(1j * phi))


def _linf_norm(points: Array, plane: Array) -> Array:
    """Return the L-infinity norm, after the embedding, of points given as complex numbers."""
    pairs = np.stack([points.real, points.imag], axis=-1)
    return np.asarray(np.abs(pairs @ plane.T).max(axis=-1))


def _lowest(function: Callable[[Array, Array], Array], t: Array, values: Array) -> float:
    """Return the lowest value of functions that were sampled at ascending t (rows, samples).

    `function(rows, t)` evaluates those of `rows`; `values` are the samples, infinite where they
    need no refinement. Every sample no higher than its neighbours starts a finer search between
    them, while it may still matter: a convex function goes no further below its lowest sample
    than it changes over the intervals around, and twice that is for what is not quite convex.
    """
    rows, best = np.arange(len(values)), np.inf
    around = np.arange(-2, 2)
    while len(values):
        best = min(best, float(values.min()))
        padded = np.pad(values, ((0, 0), (1, 1)), mode="edge")
        lowest = (values <= padded[:, :-2]) & (values <= padded[:, 2:]) & np.isfinite(values)
        line, sample = np.nonzero(lowest)
        interval = np.clip(sample[:, None] + around, 0, values.shape[1] - 2)
        with np.errstate(invalid="ignore"):  # between two samples that need no refinement
            changes = values[line[:, None], interval + 1] - values[line[:, None], interval]
        room = 2 * np.fmax.reduce(np.abs(changes), axis=1)
        deep = values[line, sample] - room < best * (1 - PRECISION)
        line, sample = line[deep], sample[deep]
        rows = rows[line]
        lower = t[line, np.maximum(sample - 1, 0)]
        upper = t[line, np.minimum(sample + 1, t.shape[1] - 1)]
        t = lower[:, None] + (upper - lower)[:, None] * np.linspace(0.0, 1.0, ZOOM_SAMPLES)
        values = function(rows, t)
    return best
