"""Where a run waits for the one that it is compared with."""

from __future__ import annotations

from spiral_dash.core.run import Run

HURRY_SECONDS = 0.2


class Hold:
    """The epoch where a run waits for the one that it is compared with, None for no such epoch.

    `at` is when it was set, in seconds of the monotonic clock.
    """

    def __init__(self, epoch: int | None = None, at: float = 0.0) -> None:
        self._epoch = epoch
        self._at = at

    def holds(self, run: Run) -> bool:
        """Whether the run has come to the epoch, and waits."""
        return self._epoch is not None and run.epoch >= self._epoch and run.progress == 0.0

    def hurries_until(self, run: Run) -> float | None:
        """Until when frames of what lies before the epoch would only delay the one of it."""
        if self._epoch is None or run.epoch >= self._epoch:
            return None
        return self._at + HURRY_SECONDS
