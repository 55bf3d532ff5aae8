"""Two half circles that reach into each other, as in scikit-learn."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from spiral_dash.core.data.kind import Coordinate, DataConfig, Sample, per_class
from spiral_dash.core.data.registry import register
from spiral_dash.core.data.rows import Rows
from spiral_dash.core.settings import Number, Whole, turning


@register
class MoonsData(DataConfig):
    """Class 0 is r (cos t, sin t), class 1 r (1 - cos t, 1/2 - sin t), t from 0 to pi."""

    title: ClassVar[str] = "Moons"
    about: ClassVar[str] = "Two half circles that reach into each other."
    source: ClassVar[str] = "make_moons of scikit-learn (Pedregosa et al. 2011)"

    kind: Literal["moons"] = "moons"
    radius: Number = Field(
        3.0,
        ge=0.1,
        le=100.0,
        title="Radius",
        description="The radius of both half circles.",
        json_schema_extra=turning(step=0.5, slider=(0.5, 20.0, 0.1)),
    )
    samples_per_class: Whole = per_class(500)

    def sample(self, generator: np.random.Generator, rows: Rows | None) -> Sample:
        """Space the points evenly in the angle t, which is the coordinate; nothing is drawn."""
        t = np.linspace(0.0, np.pi, self.samples_per_class)
        upper = np.stack([np.cos(t), np.sin(t)], axis=1)
        lower = np.stack([1 - np.cos(t), 0.5 - np.sin(t)], axis=1)
        return Sample(
            points=self.radius * np.concatenate([upper, lower]),
            labels=np.repeat([0, 1], len(t)),
            class_names=("upper", "lower"),
            coordinate=Coordinate("t", "t", "rad", np.tile(t, 2)),
        )
