"""A disc inside a ring, as in TensorFlow Playground."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from spiral_dash.core.data.kind import Coordinate, DataConfig, Sample, per_class
from spiral_dash.core.data.registry import register
from spiral_dash.core.data.rows import Rows
from spiral_dash.core.settings import Number, Whole, turning

DISC, RING = 0.5, 0.7
"""Where the disc ends and the ring begins, as shares of the radius."""


@register
class CircleData(DataConfig):
    """A disc of half the radius, class 0, inside a ring from 0.7 of the radius on, class 1."""

    title: ClassVar[str] = "Circle"
    about: ClassVar[str] = "A disc of one class inside a ring of the other."
    source: ClassVar[str] = "TensorFlow Playground (Smilkov et al. 2017)"

    kind: Literal["circle"] = "circle"
    radius: Number = Field(
        5.0,
        ge=0.1,
        le=100.0,
        title="Radius",
        description="The ring's outer radius. The ring begins at 0.7 of it, the disc ends at half.",
        json_schema_extra=turning(step=0.5, slider=(0.5, 20.0, 0.1)),
    )
    samples_per_class: Whole = per_class(500)

    def sample(self, generator: np.random.Generator, rows: Rows | None) -> Sample:
        """Draw radius and angle uniformly, so that the middle is denser than the rim.

        The coordinate is the radius. The ideal boundary is the circle midway between the two.
        """
        count = self.samples_per_class
        share = np.concatenate(
            [generator.uniform(0.0, DISC, count), generator.uniform(RING, 1.0, count)]
        )
        angle = generator.uniform(0.0, 2 * np.pi, 2 * count)
        radius = self.radius * share
        return Sample(
            points=radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1),
            labels=np.repeat([0, 1], count),
            class_names=("disc", "ring"),
            coordinate=Coordinate("radius", "r", "", radius),
            centre=np.zeros(2),
            ideal_length=2 * np.pi * self.radius * (DISC + RING) / 2,
        )
