"""How fast a session trains: the limit a person sets, and the rate that was reached."""

from __future__ import annotations

from collections import deque

CATCH_UP_SECONDS = 0.25
RATE_SECONDS = 2.0
SAMPLE_SECONDS = 0.1


class Pace:
    """When the next epoch may begin. Times are seconds of one monotonic clock."""

    def __init__(self) -> None:
        self._limit: float | None = None
        self._due = 0.0

    @property
    def limit(self) -> float | None:
        """At most so many epochs a second; None for as fast as it goes."""
        return self._limit

    def set_limit(self, epochs_per_second: float | None, now: float) -> None:
        """Change the limit; the next epoch may begin at once."""
        self._limit = epochs_per_second
        self._due = now

    def epoch_finished(self, now: float) -> None:
        """Count an epoch. A delay is caught up with, unless it was too long to be noticed so."""
        if self._limit is not None:
            self._due = max(self._due + 1.0 / self._limit, now - CATCH_UP_SECONDS)

    def due(self) -> float:
        """When the next epoch may begin."""
        return self._due if self._limit is not None else 0.0


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
