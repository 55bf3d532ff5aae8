"""A thread of its own for what takes long to measure, so that neither training nor frames wait."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from spiral_dash.core.probes import Arrays, Probe, ProbeError, Subject
from spiral_dash.core.validation import ConfigError
from spiral_dash.live.log import LOG

PROGRESS_SECONDS = 0.2
"""The least time between two reports of a measurement's progress."""


@dataclass(frozen=True)
class Outcome:
    """Arrays, or the sentence that says why there are none, and the seconds it took."""

    arrays: Arrays
    error: str
    seconds: float


def attempt(measure: Callable[[], Arrays]) -> Outcome:
    """Measure; a measurement that fails costs its own picture and nothing else."""
    started = time.perf_counter()
    arrays: Arrays = {}
    error = ""
    try:
        arrays = measure()
    except (ProbeError, ConfigError) as problem:
        error = str(problem)
    except Exception as problem:
        LOG.exception("a measurement failed")
        error = f"This measurement failed: {type(problem).__name__}: {problem}."
    return Outcome(arrays, error, time.perf_counter() - started)


class Progress:
    """How far a measurement has come: told on its own thread, read and called off from another.

    `changed` is called on the measurement's thread, at most every `PROGRESS_SECONDS`.
    """

    def __init__(self, changed: Callable[[], object]) -> None:
        self.share: float | None = None
        self.called_off = False
        self._changed = changed
        self._told_at = time.monotonic()

    def call_off(self) -> None:
        """Have the measurement end at its next step."""
        self.called_off = True

    def proceed(self, share: float) -> bool:
        """Take note of the share done, from 0 to 1; False when the measurement is to end."""
        self.share = min(max(share, 0.0), 1.0)
        now = time.monotonic()
        if now - self._told_at >= PROGRESS_SECONDS and not self.called_off:
            self._told_at = now
            self._changed()
        return not self.called_off


@dataclass(frozen=True)
class Task:
    """A probe to take on a subject of its own memory; `identity` and `moment` come back."""

    identity: str
    moment: tuple[int, int]
    probe: Probe[Any]
    options: dict[str, object]
    subject: Subject
    progress: Progress

    def __call__(self) -> Arrays:
        """Take the measurement."""
        subject = replace(self.subject, proceed=self.progress.proceed)
        return self.probe(subject, **self.options)


class BackgroundThread:
    """Takes one measurement at a time; `done` is called on the thread with what came of it."""

    def __init__(self, done: Callable[[Task, Outcome], None]) -> None:
        self._tasks: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
        self._done = done
        self._thread: threading.Thread | None = None

    def begin(self, task: Task) -> None:
        """Start on `task` as soon as the one before it is finished."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="measuring", daemon=True)
            self._thread.start()
        self._tasks.put(task)

    def close(self) -> None:
        """End the thread, once it has finished what it is at."""
        if self._thread is not None:
            self._tasks.put(None)
            self._thread.join()

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            self._done(task, attempt(task))
