"""What is known of a run for the screen: the newest result of every measurement watched."""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np

from spiral_dash.core.probes import PROBES, Arrays, Cost, Subject
from spiral_dash.core.run import Run
from spiral_dash.core.timeline import POINTS_MAX
from spiral_dash.core.validation import validated
from spiral_dash.live.commands import Part
from spiral_dash.live.measuring import BackgroundThread, Outcome, Progress, Task, attempt

SLOW_SECONDS_MIN = 0.5
SLOW_COST_FACTOR = 10.0
POINTS_PLAYING = 100
"""While the run plays, what is followed over the epochs is followed no finer."""
REST_FACTOR = 5.0
"""While the run plays, the slow probes take a sixth of the background thread's time."""
APART_SECONDS, APART_SECONDS_A_PART = 0.01, 0.0004
"""What a frame's measurements, and each of them, cost at least where they are taken elsewhere."""
SCRUBBING_SECONDS = 0.2
"""After a look at another epoch, what takes long waits so long for the next one."""
COSTS_KNOWN_MAX = 256


@dataclass(frozen=True)
class Moment:
    """What a measurement is taken of, and when.

    `weights` counts the slices trained. `past` counts what changed the epochs behind (a new run, a
    reset, a branch), `era` these and the looks at another epoch: a result of one era says nothing
    about another, a curve over the epochs nothing about another past. `shown` is the epoch
    looked at, None for the network as it is; `serial` counts the changes a viewer can see.
    """

    past: int
    era: int
    weights: int
    serial: int
    shown: int | None
    playing: bool


@dataclass(frozen=True)
class Taken:
    """A result, what it is of, and the serial since which it stands.

    `of` is an era and its weights, over time a past and its last epoch; `epoch` is the run's at
    that serial.
    """

    outcome: Outcome
    of: tuple[int, int]
    serial: int
    at: float
    missing: int = 0
    epoch: int = -1

    def serial_of(self, outcome: Outcome) -> int | None:
        """Return the serial since which `outcome` stands, None unless it is the same."""
        return self.serial if _equal(self.outcome, outcome) else None

    def due(self) -> float:
        """When a slow measurement may be taken again while the run plays."""
        pause = max(SLOW_SECONDS_MIN, SLOW_COST_FACTOR * self.outcome.seconds)
        return self.at + pause


class Measurements:
    """Takes what is watched: cheap probes at once, slow ones one at a time on their own thread.

    A slow probe is taken again after half a second or ten times what it cost, whichever is
    longer, and at once when the run does not play, so that the last picture is of the last
    weights. While it plays, the thread rests after each for `REST_FACTOR` times as long as it
    took, so that training and frames come first. `slow_done` is called on that thread and has to
    bring the result to `accept`, and `slow_progress` whenever there is more to say of how far it
    has come. A slow probe that nobody watches any more, or whose era is over, is called off.
    """

    def __init__(
        self, slow_done: Callable[[Task, Outcome], None], slow_progress: Callable[[], object]
    ) -> None:
        self._taken: dict[str, Taken] = {}
        self._background = BackgroundThread(slow_done)
        self._slow_progress = slow_progress
        self._under_way: Task | None = None
        self._rested_at = 0.0
        self._era = 0
        self._jumped_at = 0.0
        self._seconds: dict[str, float] = {}
        self._computed: dict[str, float] = {}

    def close(self) -> None:
        """End the thread."""
        if self._under_way is not None:
            self._under_way.progress.call_off()
        self._background.close()

    def forget(self) -> None:
        """Drop everything: there is a new run."""
        self._taken.clear()
        self._seconds.clear()

    def keep_only(self, watched: Iterable[Part]) -> None:
        """Drop what nobody watches any more."""
        wanted = {part.identity for part in watched}
        self._taken = {name: taken for name, taken in self._taken.items() if name in wanted}
        self._computed = {name: cost for name, cost in self._computed.items() if name in wanted}
        if self._under_way is not None and self._under_way.identity not in wanted:
            self._under_way.progress.call_off()

    def keep_to(self, moment: Moment) -> None:
        """Call off what is measured of another era."""
        if moment.era != self._era:
            self._era, self._jumped_at = moment.era, time.monotonic()
        if self._under_way is not None and self._under_way.moment[0] != moment.era:
            self._under_way.progress.call_off()

    def taken(self, part: Part) -> Taken | None:
        """Return the newest result of a part, None before the first."""
        return self._taken.get(part.identity)

    def known(self, part: Part, moment: Moment) -> Taken | None:
        """Return the newest result of a part in this era, None before the first."""
        taken = self._taken.get(part.identity)
        if taken is None:
            return None
        return taken if taken.of[0] == (moment.past if part.over_time else moment.era) else None

    def refresh(
        self,
        run: Run,
        parts: Iterable[Part],
        moment: Moment,
        budget: float,
        computing: float = math.inf,
    ) -> bool:
        """Take every part that is due and does not belong to the background.

        Of what is known already, all but one that would bring that to more than `computing` seconds
        on a core waits for another turn, and those taken longest ago come first; returns whether
        any does wait.
        What is followed over the epochs shares `budget` seconds, each taking one epoch at least, or
        waits where there is none and something is known of it already; slow probes followed over
        the epochs are taken one epoch at a time while the run plays.
        """
        parts = sorted(parts, key=self._taken_at) if computing < math.inf else tuple(parts)
        until, waits, took = time.thread_time() + computing, False, False
        share = budget / max(1, sum(part.over_time for part in parts))
        now = time.monotonic()
        slow_turn = True

        @cache
        def subject() -> Subject:
            return run.subject(moment.shown)

        for part in parts:
            slow = PROBES[part.probe].cost is Cost.SLOW
            begun = time.thread_time()
            late = begun + self._computed.get(part.identity, 0.0) >= until
            if took and late and self._may_wait(part, moment, run.epoch):
                waits = True
                continue
            if not part.over_time:
                if not slow and self._stale(part, moment.era, moment.weights):
                    self._take(subject, part, moment, run.epoch)
                    took = self._has_taken(part, begun)
            elif self._stale(part, moment.past, run.epoch) and (not slow or slow_turn):
                if not budget and self.known(part, moment) is not None:
                    continue
                if slow and now < self._due(part, moment):
                    continue
                slow_turn = slow_turn and not slow
                self._follow(run, part, moment, 0.0 if slow and moment.playing else share)
                took = self._has_taken(part, begun)
        return waits

    def _has_taken(self, part: Part, begun: float) -> bool:
        """Take note of what a part cost since its thread had computed `begun` seconds."""
        self._computed[part.identity] = time.thread_time() - begun
        return True

    def _may_wait(self, part: Part, moment: Moment, epoch: int) -> bool:
        """Whether there is something to take of a part, but another turn is soon enough."""
        of = (moment.past, epoch) if part.over_time else (moment.era, moment.weights)
        if not self._stale(part, *of):
            return False
        background = PROBES[part.probe].cost is Cost.SLOW and not part.over_time
        return not background and self.known(part, moment) is not None

    def _stale(self, part: Part, *of: int) -> bool:
        taken = self._taken.get(part.identity)
        return taken is None or taken.of != of or taken.missing > 0

    def _take(self, subject: Callable[[], Subject], part: Part, moment: Moment, epoch: int) -> None:
        outcome = attempt(lambda: PROBES[part.probe](subject(), **part.arguments))
        self._put(part, outcome, moment, epoch)

    def apart(self, parts: Iterable[Part], moment: Moment) -> list[Part]:
        """Return the parts that are due and that it is worth to have taken elsewhere, if any.

        Each is known to cost something, and needs the network alone.
        """
        due = [
            part
            for part in parts
            if not part.over_time
            and PROBES[part.probe].cost is Cost.CHEAP
            and not PROBES[part.probe].of_history
            and self._computed.get(part.identity, 0.0) >= APART_SECONDS_A_PART
            and self._stale(part, moment.era, moment.weights)
        ]
        costs = (self._computed[part.identity] for part in due)
        return due if sum(costs) >= APART_SECONDS else []

    def gather(
        self, outcomes: Iterable[tuple[Part, Outcome, float]], moment: Moment, epoch: int
    ) -> None:
        """Take in what was measured elsewhere of a moment, and the seconds it took on a core."""
        for part, outcome, computed in outcomes:
            self._computed[part.identity] = computed
            self._put(part, outcome, moment, epoch)

    def _put(self, part: Part, outcome: Outcome, moment: Moment, epoch: int) -> None:
        of, before = (moment.era, moment.weights), self._taken.get(part.identity)
        # Within an epoch, what was recorded of the epochs stays as it is.
        stands = before is not None and (before.of[0], before.epoch) == (moment.era, epoch)
        serial = before.serial_of(outcome) if stands and before is not None else None
        self._taken[part.identity] = Taken(
            outcome,
            of,
            moment.serial if serial is None else serial,
            time.monotonic(),
            epoch=epoch,
        )

    def _follow(self, run: Run, part: Part, moment: Moment, budget: float) -> None:
        def measure() -> Arrays:
            validated(PROBES[part.probe].options, part.arguments)
            points = POINTS_PLAYING if moment.playing else POINTS_MAX
            return run.over_time(part.probe, budget=budget, points=points, **part.arguments)

        outcome = attempt(measure)
        missing = int(outcome.arrays.pop("missing", np.zeros(())))
        before = self._taken.get(part.identity)
        serial = None if before is None else before.serial_of(outcome)
        of = (moment.past, run.epoch)
        self._taken[part.identity] = Taken(
            outcome, of, moment.serial if serial is None else serial, time.monotonic(), missing
        )

    def incomplete(self, run: Run, parts: Iterable[Part], moment: Moment) -> bool:
        """Whether more can be learnt about `parts` over time with nothing else changing."""
        return not moment.playing and any(
            part.over_time and self._stale(part, moment.past, run.epoch) for part in parts
        )

    def begin_slow(self, run: Run, parts: Iterable[Part], moment: Moment) -> float | None:
        """Start the slow probe that has waited longest, if one is due and none is under way.

        Returns when the next one will be due, None when there is nothing to wait for.
        """
        slow = [
            part
            for part in parts
            if not part.over_time
            and PROBES[part.probe].cost is Cost.SLOW
            and self._stale(part, moment.era, moment.weights)
        ]
        if not slow or self._under_way is not None:
            return None
        now = time.monotonic()
        ready = [part for part in slow if self._due(part, moment) <= now]
        if not ready:
            return min(self._due(part, moment) for part in slow)
        if moment.playing and now < self._rested_at:
            return self._rested_at
        part = min(ready, key=self._taken_at if moment.playing else self._cost)
        subject = run.subject(moment.shown)
        # The live network goes on training while this is measured.
        subject = dataclasses.replace(subject, network=subject.network.copy())
        progress = Progress(self._slow_progress)
        task = Task(
            part.identity,
            (moment.era, moment.weights),
            PROBES[part.probe],
            part.arguments,
            subject,
            progress,
        )
        self._under_way = task
        self._background.begin(task)
        return None

    def settled_at(self, moment: Moment) -> float:
        """When one who looks at another epoch is taken to have found it."""
        return 0.0 if moment.shown is None else self._jumped_at + SCRUBBING_SECONDS

    def _due(self, part: Part, moment: Moment) -> float:
        if moment.shown is not None:
            return self.settled_at(moment)
        taken = self._taken.get(part.identity)
        return taken.due() if taken is not None and moment.playing else 0.0

    def _cost(self, part: Part) -> float:
        """What a part cost last; at rest, what is soon done does not wait for what takes long."""
        return self._seconds.get(part.identity, math.inf)

    def _taken_at(self, part: Part) -> float:
        taken = self._taken.get(part.identity)
        return 0.0 if taken is None else taken.at

    def accept(self, task: Task, outcome: Outcome, moment: Moment) -> bool:
        """Take in what the background measured; False if it was called off, or its era is over."""
        self._under_way = None
        self._rested_at = time.monotonic() + REST_FACTOR * outcome.seconds
        if task.progress.called_off or task.moment[0] != moment.era:
            return False
        self._taken[task.identity] = Taken(outcome, task.moment, moment.serial, time.monotonic())
        if len(self._seconds) >= COSTS_KNOWN_MAX:
            self._seconds.clear()
        self._seconds[task.identity] = outcome.seconds
        return True

    def progress(self, part: Part) -> float | None:
        """Return the share done of what is measured of a part now, None where nothing is known."""
        task = self._under_way
        under_way = task is not None and task.identity == part.identity
        return task.progress.share if task is not None and under_way else None

    def pending(self, part: Part, moment: Moment) -> bool:
        """Whether a fuller or newer result will follow without the run training on."""
        taken = self.known(part, moment)
        if taken is None or taken.missing:
            return True
        stale = not part.over_time and taken.of != (moment.era, moment.weights)
        return stale and not moment.playing


def _equal(one: Outcome, other: Outcome) -> bool:
    return (
        one.error == other.error
        and one.arrays.keys() == other.arrays.keys()
        and all(np.array_equal(one.arrays[name], other.arrays[name]) for name in one.arrays)
    )
