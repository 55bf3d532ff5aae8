"""What the texts of a frame mean: the one definition, from which the page's types are made.

A frame carries each field as a text of its name: a text, a state or a speed as it is, everything
else as JSON, and "" where a number is None. `facts` and `Gallery` write them,
`assets/stream/state.mjs` reads them.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from spiral_dash.core.config import RunConfig, TrainingConfig
from spiral_dash.live.states import State


class _Said(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FactText(_Said):
    """One number that is known of the data; `about` says what it is."""

    name: str
    label: str
    value: float | None
    unit: str
    about: str


class CoordinateText(_Said):
    """What tells where a point lies along its class."""

    name: str
    symbol: str
    unit: str


class DataText(_Said):
    """The data beside their points.

    `counts` are train and test points of each class; `shown` how many of the train and of the
    test points are sent. The window of the plane is a square about `centre` of half side `extent`;
    `explained` is the share of variance that the plane holds, None where it is exact.
    """

    kind: str
    classes: int
    class_names: tuple[str, ...]
    counts: tuple[tuple[int, int], ...]
    has_test: bool
    shown: tuple[int, int]
    dimension: int
    feature_names: tuple[str, ...]
    explained: float | None
    centre: tuple[float, float]
    extent: float
    coordinate: CoordinateText | None
    image: tuple[int, int] | None
    facts: tuple[FactText, ...]


class PartText(_Said):
    """What is known of one measurement that is watched: the sentence of its error, or the rest.

    `arrays` are the names of those that came with the frame, `age` is in seconds, `progress` the
    share done while it is measured in the background, `pending` whether more will follow.
    """

    probe: str | None = None
    options: dict[str, Any] | None = None
    pending: bool | None = None
    progress: float | None = None
    arrays: tuple[str, ...] | None = None
    age: float | None = None
    error: str | None = None


class ChangeText(_Said):
    """What was changed during the run: at which epoch, after how many of its steps."""

    epoch: int
    step: int
    text: str


class MetricsText(_Said):
    """Loss in nats and accuracy from 0 to 1 after the epoch shown; None where not finite."""

    train_loss: float | None
    train_accuracy: float | None
    test_loss: float | None
    test_accuracy: float | None


class StopText(_Said):
    """Where training is to stop, and what there is to say of that now."""

    at: Literal["epoch", "train_accuracy", "test_accuracy", "train_loss", "test_loss"]
    value: float
    said: str


class FrameTexts(_Said):
    """Every text of a frame.

    `progress` is the share of the epoch under way, `step` the batches taken of it and `batches` how
    many it has, `shown_epoch` the epoch that the measurements are of, `seeking` the earlier one
    looked at, `speed` as an address writes it, `reach` the epoch that training hurries to, `stop`
    where it is to stop, `training` what the run has come to by its schedule, `epochs` the first,
    the last and the number of kept snapshots, `strokes` how many drawn ones can be taken back.
    Panels are `thinned` where the server is busy: they take turns, so that frames go on coming.
    `data` comes with the points, whenever they are others.
    """

    run: int
    state: State
    epoch: int
    progress: float
    shown_epoch: int
    epochs_per_second: float
    steps_per_second: float
    step: int
    batches: int
    speed: str
    reach: int | None
    stop: StopText | None
    seeking: int | None
    notice: str
    config: RunConfig
    training: TrainingConfig
    schedule: tuple[ChangeText, ...]
    metrics: MetricsText
    epochs: tuple[int, int, int]
    strokes: int
    thinned: bool
    parts: dict[str, PartText]
    data: DataText | None = None
