"""The past played again: the kept epochs, one after the other, as fast as a person chose."""

from __future__ import annotations

import numpy as np

from spiral_dash.core.run import Run
from spiral_dash.live.commands import Speed
from spiral_dash.live.pace import CATCH_UP_SECONDS

FULL_GAP_SECONDS = 1 / 60
"""At full speed each kept epoch is there for one picture of a screen."""
GAP_SECONDS_MAX = 1.0
"""Nobody waits longer where few epochs are kept, but at less than an epoch a second."""


def following(run: Run, shown: int) -> int | None:
    """Return the kept epoch after `shown`, None where that is the network as it is now."""
    kept = run.epochs
    later = kept[np.searchsorted(kept, shown, side="right") :]
    here = run.epoch if not run.progress else None
    return int(later[0]) if len(later) and later[0] != here else None


class Replay:
    """When the next kept epoch is due. Times are seconds of one monotonic clock."""

    def __init__(self) -> None:
        self._shown_at = 0.0

    def begin(self, now: float) -> None:
        """Take an epoch as shown from now on."""
        self._shown_at = now

    def due(self, run: Run, shown: int, speed: Speed) -> float:
        """When the epoch that follows `shown` may be shown."""
        after = following(run, shown)
        return self._shown_at + _gap((run.epoch if after is None else after) - shown, speed)

    def showed(self, due: float, now: float) -> None:
        """Count an epoch that was due, and is shown now."""
        self._shown_at = max(due, now - CATCH_UP_SECONDS)


def _gap(epochs: int, speed: Speed) -> float:
    if speed.steps_per_second is not None:
        return GAP_SECONDS_MAX  # no batches are kept
    if speed.epochs_per_second is None:
        return FULL_GAP_SECONDS
    each = 1.0 / speed.epochs_per_second
    return min(epochs * each, max(each, GAP_SECONDS_MAX))
