"""How fast a session trains: the limit a person sets, and the rate that was reached."""

from __future__ import annotations

import math
import re
from collections import deque

from spiral_dash.core.validation import ConfigError, shown
from spiral_dash.live.commands import Speed, parse_command

USUAL_SPEED = Speed(epochs_per_second=20.0)
FULL_SPEED = Speed()
PICTURES_PER_SECOND = 60.0
"""Training below full speed goes by portions of an epoch that a screen can show one by one."""
CATCH_UP_SECONDS = 0.25
RATE_SECONDS = 2.0
SAMPLE_SECONDS = 0.1
SPEED = re.compile(r"(\d{1,7}(?:\.\d{1,6})?)(batch|batches)?")


def read_speed(text: str) -> Speed:
    """Return the speed that is written as `20` (epochs a second), `2batches` or `full`.

    Raises `ConfigError`; `Speed.text` writes it.
    """
    if text == FULL_SPEED.text:
        return FULL_SPEED
    found = SPEED.fullmatch(text)
    if found is None:
        expected = f"expected epochs a second such as 20, 2batches, or {FULL_SPEED.text}"
        raise ConfigError({"speed": f"speed: {expected}, got {shown(text)}."})
    number, batches = found.groups()
    unit = "steps_per_second" if batches else "epochs_per_second"
    speed = parse_command({"do": "speed", unit: float(number)})
    assert isinstance(speed, Speed)
    return speed


class Pace:
    """When the next batches may be taken. Times are seconds of a monotonic clock."""

    def __init__(self, speed: Speed = USUAL_SPEED) -> None:
        self.speed = speed
        self._due = 0.0

    @property
    def by_batches(self) -> bool:
        """Whether batches are counted, and not epochs."""
        return self.speed.steps_per_second is not None

    @property
    def _per_second(self) -> float | None:
        return self.speed.steps_per_second or self.speed.epochs_per_second

    def set(self, speed: Speed, now: float) -> None:
        """Change the speed; what comes next may begin at once."""
        self.speed = speed
        self._due = now

    def portion(self, batches: int) -> int | None:
        """Return how many of the `batches` of an epoch fit a picture, None for all."""
        if self.by_batches:
            return 1
        if self.speed.epochs_per_second is None:
            return None
        return math.ceil(batches * self.speed.epochs_per_second / PICTURES_PER_SECOND)

    def finished(self, now: float, share: float = 1.0) -> None:
        """Count one, or a share of one.

        A delay is caught up with, unless it was too long to be noticed so.
        """
        if self._per_second is not None:
            self._due = max(self._due + share / self._per_second, now - CATCH_UP_SECONDS)

    def due(self) -> float:
        """When the next one may begin."""
        return self._due if self._per_second is not None else 0.0


class Rates:
    """Epochs and steps a second over the last two seconds of training."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, float, int]] = deque()

    def clear(self) -> None:
        """Forget what was seen: training stopped or jumped."""
        self._samples.clear()

    def add(self, now: float, epochs: float, steps: int) -> None:
        """Record where training is at time `now`: epochs and steps since any beginning."""
        samples = self._samples
        if samples and now - samples[-1][0] < SAMPLE_SECONDS:
            return
        samples.append((now, epochs, steps))
        while len(samples) > 2 and now - samples[1][0] > RATE_SECONDS:
            samples.popleft()

    def rates(self) -> tuple[float, float]:
        """Return epochs and steps a second; zeros until two samples are there."""
        if len(self._samples) < 2:
            return 0.0, 0.0
        (t0, epochs0, steps0), (t1, epochs1, steps1) = self._samples[0], self._samples[-1]
        return (epochs1 - epochs0) / (t1 - t0), (steps1 - steps0) / (t1 - t0)
