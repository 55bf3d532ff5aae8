"""Isotropic Gaussian blobs whose means lie evenly on a circle."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from spiral_dash.core.data.kind import DataConfig, Sample, per_class
from spiral_dash.core.data.registry import register
from spiral_dash.core.data.rows import Rows
from spiral_dash.core.settings import Number, Whole, turning


@register
class GaussiansData(DataConfig):
    """Class k is normal about `separation` / 2 (cos(2 pi k / m), sin(...)) with deviation `spread`.

    The separation is thus the distance of opposite means.
    """

    title: ClassVar[str] = "Gaussians"
    about: ClassVar[str] = "Two to six round blobs on a circle, one a class."
    source: ClassVar[str] = "TensorFlow Playground (Smilkov et al. 2017), for two blobs"

    kind: Literal["gaussians"] = "gaussians"
    separation: Number = Field(
        6.0,
        ge=0.0,
        le=100.0,
        title="Separation",
        description="How far opposite means lie apart: the diameter of the circle of means.",
        json_schema_extra=turning(step=0.5, slider=(0.0, 20.0, 0.1)),
    )
    spread: Number = Field(
        1.0,
        ge=0.01,
        le=50.0,
        title="Spread",
        description="Standard deviation of each blob on each axis. Blobs overlap where it is large "
        "beside the separation.",
        json_schema_extra=turning(step=0.1),
    )
    classes: Whole = Field(
        2,
        ge=2,
        le=6,
        title="Classes",
        description="How many blobs there are; each is a class.",
    )
    samples_per_class: Whole = per_class(500)

    def sample(self, generator: np.random.Generator, rows: Rows | None) -> Sample:
        """Draw `samples_per_class` points about each mean."""
        labels = np.repeat(np.arange(self.classes), self.samples_per_class)
        angle = 2 * np.pi * labels / self.classes
        means = self.separation / 2 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
        noise = generator.standard_normal((self.classes, self.samples_per_class, 2))
        return Sample(
            points=means + self.spread * noise.reshape(-1, 2),
            labels=labels,
            class_names=[str(k) for k in range(self.classes)],
        )
