"""Archimedean spiral arms, x_k(phi) = b phi (cos(phi + 2 pi k / m), sin(...)) (thesis 2.3.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from spiral_dash.core.data.plane import PlaneSample

if TYPE_CHECKING:
    from spiral_dash.core.config import DataConfig

Array = npt.NDArray[Any]


def arm_points(phi: Array, arm: int, arms: int, b: float) -> Array:
    """Return points (N, 2) of arm `arm` of `arms` at angles phi (N,) in radians."""
    turned = phi + 2 * np.pi * arm / arms
    points: Array = b * phi[:, None] * np.stack([np.cos(turned), np.sin(turned)], axis=1)
    return points


def arc_length(phi: Array | float, b: float) -> Array:
    """Return the length of an arm from the origin to phi, b/2 (phi sqrt(1+phi^2) + asinh phi)."""
    return np.asarray(b / 2 * (phi * np.sqrt(1 + np.square(phi)) + np.arcsinh(phi)))


def angles(config: DataConfig) -> Array:
    """Return the angles (samples_per_arm,) that an arm is sampled at, ascending.

    `angle` spaces them evenly in phi, as the thesis does; `arc-length` evenly along the curve,
    found by Newton's method on s(phi), whose slope is b sqrt(1 + phi^2).
    """
    low, high = config.phi_min, config.phi_min + config.entanglement
    even = np.linspace(low, high, config.samples_per_arm)
    if config.sampling == "angle":
        return even
    ends = arc_length(np.array([low, high]), 1.0)
    wanted = np.linspace(ends[0], ends[1], config.samples_per_arm)
    phi = np.sqrt(2 * wanted)
    for _ in range(60):
        step = (arc_length(phi, 1.0) - wanted) / np.sqrt(1 + phi**2)
        phi = phi - step
        if np.abs(step).max() < 1e-13 * high:
            break
    clipped: Array = np.clip(phi, low, high)
    return clipped


def sample_spiral(config: DataConfig, generator: np.random.Generator) -> PlaneSample:
    """Return `arms` arms of `samples_per_arm` points; without noise nothing is drawn."""
    phi = angles(config)
    arms = range(config.arms)
    return PlaneSample(
        points=np.concatenate([arm_points(phi, k, config.arms, config.b) for k in arms]),
        labels=np.repeat(np.arange(config.arms), len(phi)),
        phi=np.tile(phi, config.arms),
    )
