"""Which frame goes out when: by credit, from the newest state, within a fair share of the time."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from spiral_dash.core.frame import encode
from spiral_dash.core.run import Run
from spiral_dash.live.beside import Answer, Beside
from spiral_dash.live.commands import Frame, Part, Watch
from spiral_dash.live.frames import Points, measured
from spiral_dash.live.measurements import Measurements, Moment
from spiral_dash.live.measuring import Outcome, Task
from spiral_dash.live.thrift import Thrift
from spiral_dash.live.wire import FrameMessage

OVER_TIME_SECONDS = 0.009
OVER_TIME_SECONDS_PAUSED = 0.05
SOON_SECONDS = 0.06
"""A frame that comes after so long follows the one before as one movement."""
TURN_FACTOR = 2.75
"""A frame and the training after it take so many times as long as the frame, if that is soon."""
TURN_FACTOR_MIN = 2.0
"""And at least so many times, as long as frames still follow each other fast."""
THINNED_SECONDS = 2.0
"""Panels that have taken turns are said to do so for so long."""


@dataclass
class Audience:
    """Viewers that share their frames: what they watch, and what they may be sent next.

    `urgent`: something was changed by a person and they have not seen it yet. `shown_at` is when
    they had their last frame, in seconds of the monotonic clock.
    """

    parts: tuple[Part, ...] = ()
    request: Frame | None = None
    urgent: bool = True
    shown_at: float = 0.0


@dataclass(frozen=True)
class Scene:
    """What there is to show: the run, its number, and the texts that go with every frame.

    A run that `waits`, for another one or for the moment that its speed names, has no use for the
    time that its frames leave to training.
    """

    run: Run
    number: int
    past: int
    era: int
    weights: int
    shown: int | None
    playing: bool
    waits: bool
    texts: Callable[[], Mapping[str, str]]


@dataclass(frozen=True)
class Making:
    """A frame of a moment, as far as it is made: what is not measured yet is so elsewhere."""

    audience: int
    moment: Moment
    epoch: int
    texts: Mapping[str, str]
    begun: float
    took: float = 0.0


class Gallery:
    """Makes frames for audiences that gave credit, when there is something they have not seen.

    While the run plays and does not wait, training keeps well over half of the time as long as
    frames still follow each other within `SOON_SECONDS`, and half of it as long as they do within
    the period of `Thrift`: so long there is no other frame. Only what a person changed goes
    out at once. Where that period cannot be kept, the panels are `thinned`: they take turns.

    With a process `beside`, and a core that it has for itself, what costs something is measured
    there while the run trains on, of a copy of the network: the frame is of the moment at which it
    was begun. It is dropped where a person has changed something meanwhile.
    """

    def __init__(
        self,
        send: Callable[[FrameMessage], object],
        slow_done: Callable[[Task, Outcome], None],
        slow_progress: Callable[[], object],
        beside: Beside | None = None,
    ) -> None:
        self._send = send
        self._beside = beside
        self._making: Making | None = None
        self._audiences: dict[int, Audience] = {}
        self._measurements = Measurements(slow_done, slow_progress)
        self._points: Points | None = None
        self._serial = 1
        self._not_before = 0.0
        self._shown_last = 0
        self._thrift = Thrift()
        self._thinned_until = 0.0

    def close(self) -> None:
        """End the background measurements."""
        self._measurements.close()

    def changed(self, *, urgent: bool = False) -> None:
        """Count a change that viewers can see; `urgent` if a person made it."""
        self._serial += 1
        if urgent:
            for audience in self._audiences.values():
                audience.urgent = True

    @property
    def hurried(self) -> bool:
        """Whether somebody waits for the frame that shows what they changed, and may have it."""
        return any(
            each.urgent and each.request is not None and each.request.since < self._serial
            for each in self._audiences.values()
        )

    def forget(self) -> None:
        """Drop every result: there is a new run."""
        self._measurements.forget()

    def watch(self, command: Watch) -> None:
        """Replace what an audience watches."""
        self._audience(command.audience).parts = command.parts
        watched = [part for audience in self._audiences.values() for part in audience.parts]
        self._measurements.keep_only(watched)
        self.changed()
        self._audience(command.audience).urgent = True

    def ask(self, command: Frame) -> None:
        """Take an audience's credit, in place of an older one that is not used yet."""
        self._audience(command.audience).request = command

    def _audience(self, number: int) -> Audience:
        return self._audiences.setdefault(number, Audience())

    def accept(self, task: Task, outcome: Outcome, scene: Scene) -> None:
        """Take in a slow result."""
        self._serial += 1
        self._measurements.accept(task, outcome, self._moment(scene))

    def _moment(self, scene: Scene) -> Moment:
        return Moment(
            past=scene.past,
            era=scene.era,
            weights=scene.weights,
            serial=self._serial,
            shown=scene.shown,
            playing=scene.playing,
        )

    def serve(self, scene: Scene) -> float | None:
        """Send the frames that are allowed now; return when to come back if nothing happens."""
        again: list[float] = []
        self._measurements.keep_to(self._moment(scene))
        for number, audience in self._in_turn():
            request = audience.request
            if request is None:
                continue
            due = self._due(audience, request, scene)
            if due is not None and due <= time.monotonic():
                self._show(number, audience, request, scene)
            elif due is not None:
                again.append(due)
            slow = self._measurements.begin_slow(scene.run, audience.parts, self._moment(scene))
            if slow is not None:
                again.append(slow)
        return min(again, default=None)

    def _in_turn(self) -> list[tuple[int, Audience]]:
        """Return the audiences, the one that has waited longest first.

        The first of all, that of those whose session it is, has every second frame at least.
        """
        main_first = self._shown_last != 0
        return sorted(
            self._audiences.items(),
            key=lambda each: (main_first and each[0] != 0, each[1].shown_at),
        )

    def _due(self, audience: Audience, request: Frame, scene: Scene) -> float | None:
        """When the audience may have its next frame; None while there is nothing new."""
        moment = self._moment(scene)
        if request.since < self._serial or any(have != scene.number for have in request.run):
            if audience.urgent or not scene.playing:
                return 0.0
            if self._making is not None:
                return None
            return 0.0 if scene.waits else self._not_before
        if self._measurements.incomplete(scene.run, audience.parts, moment):
            return self._measurements.settled_at(moment)
        return None

    def _show(self, number: int, audience: Audience, request: Frame, scene: Scene) -> None:
        started, computed = time.monotonic(), time.thread_time()
        self._serial = max(self._serial, request.since + 1)
        moment = self._moment(scene)
        budget = OVER_TIME_SECONDS if scene.playing else OVER_TIME_SECONDS_PAUSED
        # The frame that shows what a person changed does not wait for curves over time.
        if audience.urgent or started < self._measurements.settled_at(moment):
            budget = 0.0
        computing = self._thrift.budget(hurried=audience.urgent) if scene.playing else math.inf
        apart = self._apart(audience, moment)
        parts = [part for part in audience.parts if part not in apart]
        if self._measurements.refresh(scene.run, parts, moment, budget, computing):
            self._thinned_until = started + THINNED_SECONDS
        measuring = time.thread_time() - computed
        texts = {
            **scene.texts(),
            "thinned": json.dumps(started < self._thinned_until),
            "run": str(scene.number),
        }
        self._shown_last = number
        making = Making(number, moment, scene.run.epoch, texts, started)
        if apart and self._beside is not None:
            if self._beside.begin(scene.run.subject(), apart):
                self._making = replace(making, took=time.monotonic() - started)
                return
            self._measurements.refresh(scene.run, apart, moment, budget)
        self._finish(making, scene)
        took = time.monotonic() - started
        self._thrift.learn(took, time.thread_time() - computed, measuring)
        self._rest(started, took)

    def _apart(self, audience: Audience, moment: Moment) -> Sequence[Part]:
        """Return what of a frame is to be measured while the run trains on."""
        here = self._beside is None or not self._thrift.has_room or self._making is not None
        if here or audience.urgent or not moment.playing:
            return ()
        return self._measurements.apart(audience.parts, moment)

    def gather(self, answer: Answer | None, scene: Scene) -> None:
        """Take in what was measured beside training; None where that has ended."""
        making, self._making = self._making, None
        if answer is None:
            self._beside = None
            return
        self._thrift.feel(answer.took, answer.computed)
        now = self._moment(scene)
        if making is None or (making.moment.past, making.moment.era) != (now.past, now.era):
            return
        audience = self._audience(making.audience)
        request = audience.request
        if audience.urgent or request is None or request.since >= making.moment.serial:
            return
        started = time.monotonic()
        self._measurements.gather(answer.outcomes, making.moment, making.epoch)
        self._finish(making, scene)
        self._rest(making.begun, making.took + time.monotonic() - started)

    def _finish(self, making: Making, scene: Scene) -> None:
        """Send a frame to whom it is for."""
        audience = self._audience(making.audience)
        request = audience.request
        assert request is not None, "a frame answers one who asked"
        arrays, known = measured(self._measurements, audience.parts, making.moment, request.since)
        texts = {**making.texts, "parts": json.dumps(known)}
        if any(have != scene.number for have in request.run):
            points = self._points_of(scene)
            arrays |= points.arrays
            texts["data"] = points.description
        blob = encode(arrays, texts)
        self._send(FrameMessage(making.audience, request.request, making.moment.serial, blob))
        audience.request = None
        audience.urgent = False
        audience.shown_at = time.monotonic()

    def _rest(self, started: float, took: float) -> None:
        """Leave training its share of the time after a frame that took so much of it."""
        turn = min(TURN_FACTOR * took, SOON_SECONDS)
        self._not_before = started + self._thrift.pause(took, max(TURN_FACTOR_MIN * took, turn))

    def _points_of(self, scene: Scene) -> Points:
        if self._points is None or not self._points.are_of(scene.run):
            self._points = Points(scene.run)
        return self._points
