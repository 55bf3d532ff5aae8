"""Archimedean spiral arms, x_k(phi) = b phi (cos(phi + 2 pi k / m), sin(...)) (thesis 2.3.1)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt
from pydantic import BeforeValidator, Field, ValidationInfo, field_validator

from spiral_dash.core.data.dataset import Dataset
from spiral_dash.core.data.geometry import arc_length, distance_l2, distance_linf
from spiral_dash.core.data.kind import Coordinate, DataConfig, Fact, Sample
from spiral_dash.core.data.registry import register
from spiral_dash.core.data.rows import Rows
from spiral_dash.core.settings import Number, Whole, turning
from spiral_dash.core.validation import plain_number, shown

Array = npt.NDArray[Any]
GROWTH_MIN, GROWTH_MAX = 0.01, 100.0
Distance = Annotated[float, Field(gt=0.0, le=1e4), BeforeValidator(plain_number)]


@register
class SpiralData(DataConfig):
    """The spiral's dials and how it is sampled (thesis 2.3.1, 2.3.2, 3.5).

    Lengths are in the units of the plane, angles in radians. Where a `distance` is set, the
    growth follows it; elsewhere the growth is `b`.
    """

    title: ClassVar[str] = "Spiral"
    about: ClassVar[str] = "Archimedean spirals that wind around each other, one a class."
    source: ClassVar[str] = "Thesis 2.3.1, 2.3.2, 3.5; angle noise: Stanford CS231n"

    kind: Literal["spiral"] = "spiral"
    entanglement: Number = Field(
        8.0,
        ge=0.5,
        le=20.0,
        title="Entanglement",
        description="How far each arm turns, φmax − φmin. More turns wind the classes more tightly "
        "into each other, which is harder to learn.",
        json_schema_extra=turning(unit="rad", step=0.5, slider=(0.5, 20.0, 0.1)),
    )
    phi_min: Number = Field(
        1.0,
        ge=0.0,
        le=20.0,
        title="Start φmin",
        description="The angle an arm starts at. Near 0 the arms meet at the origin and their "
        "points cluster there.",
        json_schema_extra=turning(unit="rad", step=0.25),
    )
    arms: Whole = Field(
        2,
        ge=2,
        le=6,
        title="Arms",
        description="How many spirals are wound together; each is a class.",
    )
    distance: Distance | None = Field(
        None,
        title="Distance between spirals",
        description="The shortest L₂ distance between points of two arms. It is proportional to "
        "the growth b, which follows.",
        json_schema_extra=turning(unit="L₂", step=0.25, slider=(0.5, 12.0, 0.05)),
    )
    b: Number = Field(
        2.0,
        ge=GROWTH_MIN,
        le=GROWTH_MAX,
        title="Growth b",
        description="How fast an arm moves outwards: its radius is b φ. Setting it sets the "
        "distance.",
        json_schema_extra=turning(step=0.25),
    )
    codimension: Whole = Field(
        1,
        ge=1,
        le=31,
        title="Codimension",
        description="Dimensions of the space beyond the curve's own: 1 is the plane. For more, the "
        "plane is turned at random into a larger space.",
    )
    samples_per_arm: Whole = Field(
        1000,
        ge=50,
        le=5000,
        title="Samples per arm",
        description="How many points are taken from each arm, for training and testing together.",
        json_schema_extra=turning(step=50),
    )
    sampling: Literal["angle", "arc-length"] = Field(
        "angle",
        title="Sampling",
        description="Even in the angle puts points closer together near the centre; even along the "
        "arc length spaces them equally.",
    )
    angle_noise: Number = Field(
        0.0,
        ge=0.0,
        le=3.0,
        title="Angle noise",
        description="Standard deviation of Gaussian noise on each point's angle; its radius stays.",
        json_schema_extra=turning(unit="rad", step=0.05),
    )

    @field_validator("distance")
    @classmethod
    def _within_reach(cls, distance: float | None, info: ValidationInfo) -> float | None:
        """Refuse a distance for which the growth would leave its bounds."""
        known = info.data
        if distance is None or not {"entanglement", "phi_min", "arms"} <= known.keys():
            return distance
        if known["phi_min"] == 0:
            raise ValueError("expected none where φ_min is 0, since the arms meet at the origin")
        per_b = distance_l2(
            known["phi_min"], known["phi_min"] + known["entanglement"], known["arms"]
        )
        if not per_b * GROWTH_MIN <= distance <= per_b * GROWTH_MAX:
            raise ValueError(
                f"expected a number from {per_b * GROWTH_MIN:.4g} to {per_b * GROWTH_MAX:.4g} "
                f"for these arms, got {shown(distance)}"
            )
        return distance

    @property
    def phi_max(self) -> float:
        """The angle at which the arms end."""
        return self.phi_min + self.entanglement

    @property
    def growth(self) -> float:
        """The b in r = b phi: the one that was set, or the one that gives the distance."""
        if self.distance is None:
            return self.b
        return self.distance / distance_l2(self.phi_min, self.phi_max, self.arms)

    @property
    def distance_l2(self) -> float:
        """The least L2 distance between points of two arms (thesis eq. 2.7, its minimum)."""
        return self.growth * distance_l2(self.phi_min, self.phi_max, self.arms)

    @property
    def arm_length(self) -> float:
        """The length of an arm."""
        inner, outer = arc_length(np.array([self.phi_min, self.phi_max]), self.growth)
        return float(outer - inner)

    def sample(self, generator: np.random.Generator, rows: Rows | None) -> Sample:
        """Return `arms` arms of `samples_per_arm` points; without angle noise nothing is drawn.

        Noise on the angle is Gaussian and leaves the radius as it is. Where n > 2 the plane is
        embedded by a random orthonormal matrix (thesis 2.3.2, 6.4). The ideal boundary is made of
        the curves midway between neighbouring arms, each as long as an arm.
        """
        turning, embedding = generator.spawn(2)
        phi = angles(self)
        arms = range(self.arms)
        turned = self.angle_noise * turning.standard_normal((self.arms, len(phi)))
        points = [arm_points(phi, k, self.arms, self.growth, turned[k]) for k in arms]
        plane = _orthonormal_plane(self.codimension + 1, embedding)
        return Sample(
            points=np.concatenate(points) @ plane.T,
            labels=np.repeat(np.arange(self.arms), len(phi)),
            class_names=[str(k) for k in arms],
            coordinate=Coordinate("phi", "φ", "rad", np.tile(phi, self.arms)),
            plane=plane,
            centre=np.zeros(2),
            ideal_length=self.arms * self.arm_length,
        )

    def facts(self, dataset: Dataset) -> Sequence[Fact]:
        """Return codimension, entanglement, distances and length, of the curves without noise."""
        plane = dataset.plane.numpy()
        return spiral_facts(self, plane)


def spiral_facts(config: SpiralData, plane: Array) -> tuple[Fact, ...]:
    """Return what is known of arms embedded by `plane` (n, 2), exactly (thesis 2.3.2)."""
    low, high = config.phi_min, config.phi_max
    l2 = distance_l2(low, high, config.arms)
    linf = distance_linf(low, high, config.arms, plane, l2)
    return (
        Fact(
            "codimension",
            "Codimension",
            config.codimension,
            about="Dimensions of the space beyond the curve's own (thesis 2.3.2).",
        ),
        Fact(
            "entanglement",
            "Entanglement",
            config.entanglement,
            "rad",
            "How far each arm turns (thesis 2.3.2).",
        ),
        Fact(
            "distance_l2",
            "Distance L₂",
            config.growth * l2,
            about="The least distance between points of two arms, without noise (eq. 2.7).",
        ),
        Fact(
            "distance_linf",
            "Distance L∞",
            config.growth * linf,
            about="The same in the norm of the attacks, along the axes of the space.",
        ),
        Fact(
            "arc_length",
            "Arc length",
            config.arm_length,
            about="The length of one arm, b/2 (φ√(1+φ²) + asinh φ) between its ends.",
        ),
    )


def arm_points(phi: Array, arm: int, arms: int, b: float, noise: Array | float = 0.0) -> Array:
    """Return points (N, 2) of arm `arm` of `arms` at phi (N,), turned by `noise`, in radians."""
    turned = phi + noise + 2 * np.pi * arm / arms
    points: Array = b * phi[:, None] * np.stack([np.cos(turned), np.sin(turned)], axis=1)
    return points


def angles(config: SpiralData) -> Array:
    """Return the angles (samples_per_arm,) that an arm is sampled at, ascending.

    `angle` spaces them evenly in phi, as the thesis does; `arc-length` evenly along the curve,
    found by Newton's method on s(phi), whose slope is b sqrt(1 + phi^2).
    """
    low, high = config.phi_min, config.phi_max
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


def _orthonormal_plane(dimension: int, generator: np.random.Generator) -> Array:
    if dimension == 2:
        return np.eye(2)
    q, r = np.linalg.qr(generator.standard_normal((dimension, 2)))
    return np.asarray(q * np.sign(np.diag(r)))
