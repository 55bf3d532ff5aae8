"""Handwritten digits, 8 x 8 (Alpaydin and Kaynak 1998); source and licence in `files/README.md`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from spiral_dash.core.data.kind import DataConfig, Sample
from spiral_dash.core.data.registry import register
from spiral_dash.core.data.rows import Rows
from spiral_dash.core.settings import Whole, turning

FILE = Path(__file__).with_name("files") / "digits.npz"
WHITE = 16
CLASSES = 10
LEAST = 174
"""As many images as the rarest digit has."""


@register
class DigitsData(DataConfig):
    """1,797 images of 8 x 8 pixels in [0, 1], the digits 0 to 9; up to so many of each."""

    title: ClassVar[str] = "Digits"
    about: ClassVar[str] = "1,797 images of handwritten digits, 8 × 8 pixels from 0 to 1."
    source: ClassVar[str] = "Alpaydin and Kaynak 1998, UCI, as scikit-learn ships them (CC BY 4.0)"

    kind: Literal["digits"] = "digits"
    classes: Whole = Field(
        CLASSES,
        ge=2,
        le=CLASSES,
        title="Digits",
        description="How many of the digits are taken, from 0 on; each is a class.",
    )
    samples_per_class: Whole = Field(
        200,
        ge=10,
        le=200,
        title="Images a digit",
        description="At most so many images of each digit, for training and testing together; "
        "there are 174 to 183.",
        json_schema_extra=turning(step=10),
    )

    def sample(self, generator: np.random.Generator, rows: Rows | None) -> Sample:
        """Return the first `classes` digits, the first `samples_per_class` images of each."""
        images, labels = _images()
        rows_of = [
            np.flatnonzero(labels == k)[: self.samples_per_class] for k in range(self.classes)
        ]
        chosen = np.concatenate(rows_of)
        height, width = images.shape[1:]
        return Sample(
            points=images[chosen].reshape(len(chosen), -1) / WHITE,
            labels=labels[chosen].astype(np.int64),
            class_names=[str(k) for k in range(self.classes)],
            feature_names=[f"pixel {r},{c}" for r in range(height) for c in range(width)],
            image=(height, width),
        )


@cache
def _images() -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    with np.load(FILE, allow_pickle=False) as file:
        return file["images"], file["labels"]
