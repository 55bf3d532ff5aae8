"""What a kind of data is: its settings, how it is sampled, and what it can say of itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt
from pydantic import Field

from spiral_dash.core.settings import Number, Seed, Settings, turning

if TYPE_CHECKING:
    from spiral_dash.core.data.dataset import Dataset
    from spiral_dash.core.data.rows import Rows

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Fact:
    """One number that is known of a dataset; `value` is None where it is not known.

    `about` says in a sentence what it is and where its definition comes from.
    """

    name: str
    label: str
    value: float | None
    unit: str = ""
    about: str = ""


@dataclass(frozen=True, eq=False)
class Coordinate:
    """Where each point lies along its class: `values` (N,), such as the angle along an arm."""

    name: str
    symbol: str
    unit: str
    values: Array


@dataclass(frozen=True, eq=False)
class Sample:
    """Labelled points before noise and split, in any order.

    `points` (N, n) float64, `labels` (N,) from 0, an index into `class_names`. The pictures look
    at the plane origin + u plane^T, `plane` (n, 2) with orthonormal columns, u in a square about
    `centre` (2,); what is None is found from the points: the plane of largest variance through
    their mean where n > 2, the middle of their range. `ideal_length` is that of the boundary of a
    perfect classifier, in plane units. `image` is the height and width of points that are images.
    """

    points: Array
    labels: Array
    class_names: Sequence[str]
    feature_names: Sequence[str] = ()
    coordinate: Coordinate | None = None
    plane: Array | None = None
    centre: Array | None = None
    ideal_length: float | None = None
    image: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        count, dimension = self.points.shape
        assert self.labels.shape == (count,) and count > 0
        assert np.isin(self.labels, np.arange(len(self.class_names))).all()
        assert np.isfinite(self.points).all()
        assert len(self.feature_names) in {0, dimension}
        assert self.plane is None or self.plane.shape == (dimension, 2)


def per_class(count: int) -> Any:
    """Return the field of a kind that draws as many points of each class, `count` unless told."""
    return Field(
        count,
        ge=10,
        le=10_000,
        title="Samples per class",
        description="How many points each class has, for training and testing together.",
        json_schema_extra=turning(step=50),
    )


class DataConfig(Settings):
    """What every kind of data has; the kinds are in `spiral_dash.core.data.registry`.

    Noise is in the units of the plane, on every axis: Gaussian with standard deviation
    `train_noise` on the training points, uniform in +-`test_noise` on the test points (thesis
    4.3.1). `train_share` of the points of each class train, the others test.
    """

    title: ClassVar[str] = ""
    """What the kind is called."""
    about: ClassVar[str] = ""
    """One sentence: what the points are drawn from."""
    source: ClassVar[str] = ""
    """Where the definition comes from."""

    kind: str
    train_noise: Number = Field(
        0.0,
        ge=0.0,
        le=10.0,
        title="Train noise σ",
        description="Standard deviation of Gaussian noise on the training points, on each axis.",
        json_schema_extra=turning(step=0.1),
    )
    test_noise: Number = Field(
        0.0,
        ge=0.0,
        le=10.0,
        title="Test noise δ",
        description="Test points are moved evenly by up to δ on each axis; the training points "
        "stay where they are.",
        json_schema_extra=turning(step=0.1),
    )
    train_share: Number = Field(
        0.67,
        ge=0.1,
        le=1.0,
        title="Train share",
        description="Share of the points of each class to train on; the others test. At 1 none "
        "are held out, and the test measures what was trained.",
        json_schema_extra=turning(step=0.05),
    )
    seed: Seed | None = Field(
        None,
        title="Data seed",
        description="Fixes what is drawn: points, noise, embedding, and the split into train and "
        "test. Blank: derived from the run's seed.",
    )

    def sample(self, generator: np.random.Generator, rows: Rows | None) -> Sample:
        """Draw the points; an equal generator gives equal points.

        `rows` are those that came with the configuration. Raises `ConfigError` where they are
        missing.
        """
        raise NotImplementedError

    def facts(self, dataset: Dataset) -> Sequence[Fact]:
        """Return what this kind knows of itself beyond what is counted of any dataset."""
        return ()
