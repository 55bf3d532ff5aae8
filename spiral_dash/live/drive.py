"""How a session's training goes on: how fast, and until where."""

from __future__ import annotations

import time
from typing import Any, Self

from spiral_dash.core.run import Run
from spiral_dash.core.validation import validated, whole_number
from spiral_dash.live.commands import Speed, Stop, Unit
from spiral_dash.live.hold import Hold
from spiral_dash.live.pace import USUAL_SPEED, Pace, Rates, read_speed
from spiral_dash.live.stop import is_reached


class Drive:
    """Trains a run in slices, each when it is due, and knows when it is to rest.

    `step` is what training rests after, `reach` the epoch that it hurries to and rests at, whatever
    the speed and the `stop` are. Both are over with the next rest.
    """

    def __init__(self, speed: Speed = USUAL_SPEED) -> None:
        self.pace = Pace(speed)
        self.rates = Rates()
        self.stop = Stop()
        self.hold = Hold()
        self.step: Unit | None = None
        self.reach: int | None = None

    @property
    def course(self) -> dict[str, Any]:
        """What `restored` takes: plain values for JSON."""
        return {
            "speed": self.pace.speed.text,
            "stop": self.stop.model_dump(),
            "step": self.step,
            "reach": self.reach,
        }

    @classmethod
    def restored(cls, course: dict[str, Any]) -> Self:
        """Return a drive on the course of another; raise `ValueError` where it is none."""
        drive = cls(read_speed(str(course.get("speed"))))
        drive.stop = validated(Stop, course.get("stop"))
        step, reach = course.get("step"), course.get("reach")
        drive.step = None if step is None else Unit(step)
        drive.reach = None if reach is None else whole_number("reach", reach, least=0)
        return drive

    def begin(self, *, step: Unit | None = None, reach: int | None = None) -> None:
        """Train at once: for one `step`, to the epoch `reach`, or on and on."""
        self.step, self.reach = step, reach
        self.set_speed(self.pace.speed)

    def rest(self) -> None:
        """Training has stopped."""
        self.step = self.reach = None
        self.rates.clear()

    def set_speed(self, speed: Speed) -> None:
        """Change the speed; it holds at once."""
        self.pace.set(speed, time.monotonic())

    @property
    def _freely(self) -> bool:
        return self.step is None and self.reach is None

    @property
    def _by_batches(self) -> bool:
        return self.step is Unit.BATCH or (self._freely and self.pace.by_batches)

    def due(self, run: Run) -> float | None:
        """When training may go on, None while it is on hold."""
        if self.step is None and self.hold.holds(run):
            return None
        return self.pace.due() if self._freely else 0.0

    def idles(self, run: Run) -> bool:
        """Whether training has no use for the time now: it is on hold, or ahead of its pace."""
        due = self.due(run)
        return due is None or due > time.monotonic()

    def train(self, run: Run, seconds: float, *, to_end: bool = False) -> bool:
        """Train a slice, or `to_end` of the epoch; whether training is to rest then."""
        batches, before = run.trainer.batches, run.trainer.steps
        finished = run.advance(seconds, None if to_end else self._portion(batches))
        now = time.monotonic()
        self.rates.add(now, run.epoch + run.progress, run.trainer.steps)
        taken = run.trainer.steps - before
        self.pace.finished(now, taken if self.pace.by_batches else taken / batches)
        if run.diverged or self.step is Unit.BATCH:
            return True
        return finished and self._ends(run)

    def _portion(self, batches: int) -> int | None:
        if self.step is Unit.BATCH:
            return 1
        return self.pace.portion(batches) if self._freely else None

    def _ends(self, run: Run) -> bool:
        if self._freely:
            return is_reached(self.stop, run)
        return self.step is not None or run.epoch == self.reach

    def finishes_epochs(self, run: Run) -> bool:
        """Whether a pause should wait for the end of the epoch under way."""
        return run.progress > 0.0 and not self._by_batches
