"""The kinds of data, by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from spiral_dash.core.data.spiral import sample_spiral

if TYPE_CHECKING:
    import numpy as np

    from spiral_dash.core.config import DataConfig
    from spiral_dash.core.data.plane import PlaneSample

DATASETS: dict[str, Callable[[DataConfig, np.random.Generator], PlaneSample]] = {
    "spiral": sample_spiral,
}
