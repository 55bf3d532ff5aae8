"""A board of squares whose colours take turns."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from spiral_dash.core.data.kind import DataConfig, Sample, per_class
from spiral_dash.core.data.registry import register
from spiral_dash.core.data.rows import Rows
from spiral_dash.core.settings import Number, Whole, turning


@register
class CheckerboardData(DataConfig):
    """A square of half side `reach`, cut into `cells` x `cells` squares of two classes."""

    title: ClassVar[str] = "Checkerboard"
    about: ClassVar[str] = "A board of squares that take turns between two classes."
    source: ClassVar[str] = "The laboratory's own"

    kind: Literal["checkerboard"] = "checkerboard"
    cells: Whole = Field(
        4,
        ge=2,
        le=12,
        title="Squares a side",
        description="How many squares lie side by side. More of them are harder to learn.",
        json_schema_extra=turning(slider=(2, 12, 1)),
    )
    reach: Number = Field(
        5.0,
        ge=0.1,
        le=100.0,
        title="Reach",
        description="Half the side of the board.",
        json_schema_extra=turning(step=0.5),
    )
    gap: Number = Field(
        0.0,
        ge=0.0,
        le=0.9,
        title="Gap",
        description="The share of a square's side that stays empty between it and the next.",
        json_schema_extra=turning(step=0.05),
    )
    samples_per_class: Whole = per_class(1000)

    def sample(self, generator: np.random.Generator, rows: Rows | None) -> Sample:
        """Draw uniformly from the squares of each class.

        `gap` is the share of a square's side that stays empty. Class 0 has the lower left square.
        The ideal boundary is the lines between the squares.
        """
        count = self.samples_per_class
        column, row = np.meshgrid(np.arange(self.cells), np.arange(self.cells))
        squares = np.stack([column.ravel(), row.ravel()], axis=1)
        labels = np.repeat([0, 1], count)
        chosen = [
            generator.choice(squares[squares.sum(axis=1) % 2 == label], count) for label in (0, 1)
        ]
        within = 0.5 + (1 - self.gap) * generator.uniform(-0.5, 0.5, (2 * count, 2))
        side = 2 * self.reach / self.cells
        return Sample(
            points=side * (np.concatenate(chosen) + within) - self.reach,
            labels=labels,
            class_names=("dark", "light"),
            centre=np.zeros(2),
            ideal_length=2 * (self.cells - 1) * 2 * self.reach,
        )
