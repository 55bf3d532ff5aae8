"""Four squares in the corners, opposite ones of one class, as in TensorFlow Playground."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from spiral_dash.core.data.kind import DataConfig, Sample, per_class
from spiral_dash.core.data.registry import register
from spiral_dash.core.data.rows import Rows
from spiral_dash.core.settings import Number, Whole, turning


@register
class XorData(DataConfig):
    """The sign of x1 x2, over a square of half side `reach`, with a `gap` along the axes."""

    title: ClassVar[str] = "Exclusive or"
    about: ClassVar[str] = "Four squares, opposite ones of one class: the sign of x₁x₂."
    source: ClassVar[str] = "TensorFlow Playground (Smilkov et al. 2017)"

    kind: Literal["xor"] = "xor"
    reach: Number = Field(
        5.0,
        ge=0.1,
        le=100.0,
        title="Reach",
        description="The side of each of the four squares.",
        json_schema_extra=turning(step=0.5),
    )
    gap: Number = Field(
        0.3,
        ge=0.0,
        le=10.0,
        title="Gap",
        description="How far every point stays from both axes; twice that lies between the "
        "classes.",
        json_schema_extra=turning(step=0.1),
    )
    samples_per_class: Whole = per_class(500)

    def sample(self, generator: np.random.Generator, rows: Rows | None) -> Sample:
        """Draw points uniformly, move each by the gap away from both axes.

        Class 0 has x1 x2 < 0, class 1 x1 x2 > 0. The ideal boundary is the two axes.
        """
        count = self.samples_per_class
        size = generator.uniform(0.0, self.reach, (2 * count, 2)) + self.gap
        sign = generator.choice([-1.0, 1.0], 2 * count)
        labels = np.repeat([0, 1], count)
        points = size * np.stack([sign, np.where(labels == 1, sign, -sign)], axis=1)
        return Sample(
            points=points,
            labels=labels,
            class_names=("x₁x₂ < 0", "x₁x₂ > 0"),
            centre=np.zeros(2),
            ideal_length=4 * (self.reach + self.gap),
        )
