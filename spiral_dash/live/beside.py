"""A process beside a session's own that measures for its frames, so that training need not wait."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, Pipe
from typing import Any, NoReturn

import numpy.typing as npt
import torch

from spiral_dash.core.network import Network
from spiral_dash.core.probes import PROBES, Subject
from spiral_dash.core.threads import single_thread
from spiral_dash.live.commands import Part
from spiral_dash.live.machine import NICENESS_FRAMES, lower_priority
from spiral_dash.live.measuring import Outcome, attempt

DESCRIPTORS_MAX = 4096


@dataclass(frozen=True)
class Answer:
    """What was measured of each part, and the seconds each took on a core; and of all how long."""

    outcomes: Sequence[tuple[Part, Outcome, float]]
    took: float

    @property
    def computed(self) -> float:
        """Seconds on a core."""
        return sum(computed for _, _, computed in self.outcomes)


@dataclass(frozen=True)
class _Look:
    """The parts to measure of a network with these parameters, at the end of an epoch or within."""

    parameters: npt.NDArray[Any]
    epoch: int
    parts: Sequence[Part]


def possible() -> bool:
    """Whether this process may be copied: nothing else runs in it (Linux)."""
    return sys.platform == "linux" and threading.active_count() == 1


class Beside:
    """Measures what it is handed, one frame at a time, in a process that ends with this one.

    It has memory of its own: what it looks at is sent, the parameters each time, the rest when it
    is another one. `pid` is that process.
    """

    def __init__(self) -> None:
        ours, theirs = Pipe()
        self.pid = os.fork()
        if self.pid == 0:
            ours.close()
            _serve(theirs)
        theirs.close()
        self._wire = ours
        self._sent: Subject | None = None
        self._thread: threading.Thread | None = None

    def listen(self, done: Callable[[Answer | None], None]) -> None:
        """Have `done` called on a thread with every answer, and with None after the last."""
        thread = threading.Thread(target=self._listen, args=(done,), name="beside", daemon=True)
        thread.start()
        self._thread = thread

    def _listen(self, done: Callable[[Answer | None], None]) -> None:
        with suppress(EOFError, OSError):
            while True:
                done(self._wire.recv())
        with suppress(ChildProcessError):
            os.waitpid(self.pid, 0)
        done(None)

    def begin(self, subject: Subject, parts: Sequence[Part]) -> bool:
        """Have parts measured of a subject that may change meanwhile; False if nobody does it."""
        try:
            if self._sent is None or not _is_same(self._sent, subject):
                # Its weights follow with every look; what was recorded of epochs stays here.
                self._sent = replace(subject, network=subject.initial, history={})
                self._wire.send(self._sent)
            self._wire.send(_Look(subject.network.flat.numpy(), subject.epoch, parts))
        except OSError:
            return False
        return True

    def close(self) -> None:
        """End the process, whatever it is at."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        if self._thread is not None:
            self._thread.join()
        self._wire.close()


def _is_same(one: Subject, other: Subject) -> bool:
    """Whether two subjects differ in what is sent with every look alone."""
    return (
        one.data is other.data
        and one.initial is other.initial
        and one.hold == other.hold
        and one.seed == other.seed
    )


def _serve(wire: Connection) -> NoReturn:
    """Measure until the other side is gone."""
    os.closerange(3, wire.fileno())
    os.closerange(wire.fileno() + 1, DESCRIPTORS_MAX)
    try:
        with single_thread(), suppress(EOFError, OSError):
            lower_priority(NICENESS_FRAMES)
            _answer(wire)
    finally:
        os._exit(0)


def _answer(wire: Connection) -> None:
    subject: Subject | None = None
    while True:
        message = wire.recv()
        if isinstance(message, Subject):
            subject = message
            continue
        assert subject is not None
        wire.send(_measured(subject, message))


def _measured(subject: Subject, look: _Look) -> Answer:
    begun, former = time.monotonic(), subject.initial
    network = Network(
        former.sizes, former.activation, torch.from_numpy(look.parameters), former.inputs
    )
    now = replace(subject, network=network, epoch=look.epoch)

    def measure(part: Part) -> tuple[Part, Outcome, float]:
        computed = time.thread_time()
        outcome = attempt(lambda: PROBES[part.probe](now, **part.arguments))
        return part, outcome, time.thread_time() - computed

    return Answer([measure(part) for part in look.parts], time.monotonic() - begun)
