"""Numbers that are read out of what was measured: one a run."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from spiral_dash.core.probes import Arrays
from spiral_dash.core.settings import Settings

Array = npt.NDArray[Any]
Reduction = Literal["mean", "max", "min", "sum", "asymmetry", "last_highest"]


class Quantity(Settings):
    """One number of a run: an entry of an array that was kept, or several of them reduced.

    `source` is probe and array, such as `norms.frobenius`; `pick` the entries looked at, counted
    from 0 (None: all), and `reduce` what is made of them. `asymmetry` is the least over the
    greatest, `last_highest` 1 where the last is the greatest, else 0.
    """

    name: str = Field(min_length=1, max_length=100)
    label: str = ""
    unit: str = ""
    source: str = Field(pattern=r"^\w+\.[\w<>]+$")
    pick: tuple[int, ...] | None = None
    reduce: Reduction = "mean"
    scale: float = 1.0

    @property
    def title(self) -> str:
        """Label and unit."""
        label = self.label or self.name
        return f"{label} ({self.unit})" if self.unit else label

    @property
    def probe(self) -> str:
        """The probe that measures it."""
        return self.source.partition(".")[0]

    @property
    def array(self) -> str:
        """The name of the array that it is read out of."""
        return self.source.partition(".")[2]

    def read(self, arrays: Arrays) -> float:
        """Return the number; NaN where it was not measured."""
        if self.array not in arrays:
            return np.nan
        values = np.atleast_1d(arrays[self.array]).astype(np.float64)
        if self.pick is not None:
            if max(self.pick) >= len(values):
                return np.nan
            values = values[list(self.pick)]
        return self.scale * _reduced(values.ravel(), self.reduce)


def _reduced(values: Array, how: Reduction) -> float:
    if not len(values) or np.isnan(values).any():
        return np.nan
    match how:
        case "mean":
            return float(values.mean())
        case "max":
            return float(values.max())
        case "min":
            return float(values.min())
        case "sum":
            return float(values.sum())
        case "asymmetry":
            return float(values.min() / values.max()) if values.max() > 0 else np.nan
        case "last_highest":
            return float(values[-1] >= values.max())
