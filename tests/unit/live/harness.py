"""A session on a thread of this process, driven as the server drives it."""

from __future__ import annotations

import queue
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from spiral_dash import Run, RunConfig
from spiral_dash.core.frame import decode
from spiral_dash.core.probes import Arrays, Cost, Probe, Subject
from spiral_dash.core.probes.registry import Options
from spiral_dash.core.programs import module_command, module_environment
from spiral_dash.live.checkpoint import Checkpoint, HistoryFile
from spiral_dash.live.opening import Opening
from spiral_dash.live.pace import FULL_SPEED
from spiral_dash.live.rows import RowsFolder
from spiral_dash.live.wire import FrameMessage, Wire, pack_json
from spiral_dash.live.worker import serve

PATIENCE = 20.0
QUIET = 0.15
SMALL = RunConfig.parse(
    {
        "data": {"samples_per_arm": 60, "entanglement": 4},
        "network": {"hidden": [6, 5]},
        "training": {"batch_size": 10},
        "seed": 5,
    }
)


@dataclass(frozen=True)
class Shown:
    """A frame, decoded."""

    message: FrameMessage
    arrays: dict[str, npt.NDArray[Any]]
    texts: dict[str, str]


class Remote:
    """Sends commands, gives credit, and collects what the session says."""

    def __init__(
        self,
        folder: Path,
        config: RunConfig = SMALL,
        restore: bool = False,
        reach: int | None = None,
        *,
        beside: bool = False,
    ) -> None:
        self.folder = folder
        self.config = config
        self.statuses: list[dict[str, Any]] = []
        self._frames: queue.SimpleQueue[FrameMessage] = queue.SimpleQueue()
        self._replies: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._news = threading.Condition()
        self._number = 0
        self._ours, theirs = socket.socketpair()
        self._wire = Wire.between(self._ours.fileno(), self._ours.fileno())
        self.process: subprocess.Popen[bytes] | None = None
        self._threads = [threading.Thread(target=self._listen)]
        if beside:
            # Only a process in which nothing else runs may have another beside it.
            with theirs:
                command = module_command("spiral_dash.live.worker")
                end = theirs.fileno()
                environment = module_environment()
                self.process = subprocess.Popen(command, stdin=end, stdout=end, env=environment)
        else:
            self._threads.append(threading.Thread(target=self._serve, args=(theirs,)))
        for thread in self._threads:
            thread.start()
        folder.mkdir(exist_ok=True)
        opening = Opening(
            config=config,
            folder=folder,
            restore=restore,
            speed=FULL_SPEED,
            reach=reach,
            beside=beside,
        )
        self._wire.send(pack_json(opening.model_dump(mode="json")))

    @staticmethod
    def _serve(theirs: socket.socket) -> None:
        with theirs:
            wire = Wire.between(theirs.fileno(), theirs.fileno())
            hang_up = partial(theirs.shutdown, socket.SHUT_WR)
            serve(wire, lambda _: hang_up(), on_ready=lambda: None, patience=None)

    def _listen(self) -> None:
        while (message := self._wire.receive()) is not None:
            if isinstance(message, FrameMessage):
                self._frames.put(message)
                continue
            assert isinstance(message, dict)
            if message["event"] == "reply":
                self._replies.put(message)
            else:
                with self._news:
                    self.statuses.append(message)
                    self._news.notify_all()

    def ask(self, **command: object) -> str:
        """Have a command carried out; the sentence of a refusal, "" if it was obeyed."""
        return self.ask_raw(command)

    def ask_raw(self, command: object) -> str:
        """The same for what may be no command."""
        self._number += 1
        self._wire.send(pack_json({"id": self._number, "command": command}))
        reply = self._replies.get(timeout=PATIENCE)
        assert reply["id"] == self._number
        return str(reply["error"])

    def obey(self, **command: object) -> None:
        """Have a command carried out that must not be refused."""
        assert self.ask(**command) == ""

    def watch(self, *parts: Mapping[str, object], audience: int = 0) -> None:
        """Replace what an audience watches."""
        self.obey(do="watch", parts=list(parts), audience=audience)

    def credit(self, since: int = 0, have: tuple[int, ...] = (1,), audience: int = 0) -> None:
        """Allow one frame."""
        self.obey(do="frame", run=list(have), since=since, audience=audience)

    def frame(self, seconds: float = PATIENCE) -> Shown:
        """The next frame."""
        message = self._frames.get(timeout=seconds)
        return Shown(message, *decode(message.blob))

    def no_frame(self, seconds: float = QUIET) -> bool:
        """Whether no frame comes for a while."""
        try:
            self._frames.get(timeout=seconds)
        except queue.Empty:
            return True
        return False

    def wait_until_ready(self) -> None:
        """Wait until the session is open."""
        with self._news:
            assert self._news.wait_for(lambda: bool(self.statuses), PATIENCE)

    def wait_for(self, state: str) -> None:
        """Wait until the session is in a state."""
        with self._news:
            arrived = self._news.wait_for(
                lambda: bool(self.statuses) and self.statuses[-1]["state"] == state, PATIENCE
            )
        assert arrived, self.statuses[-1]

    def step(self) -> None:
        """Train to the end of the epoch."""
        self.obey(do="step")
        self.wait_for("paused")

    def step_to(self, epoch: int) -> None:
        """Train to the end of an epoch, one by one."""
        while self.saved().epoch < epoch:
            self.step()
        assert self.saved().epoch == epoch

    def play_for(self, seconds: float) -> None:
        """Train for a while, then pause wherever training is."""
        self.obey(do="play")
        time.sleep(seconds)
        self.obey(do="pause")

    def saved(self) -> Run:
        """The run as the session last saved it."""
        checkpoint = Checkpoint.read(self.folder)
        assert checkpoint is not None
        return Run.restore(
            checkpoint.blob,
            history=HistoryFile.read(self.folder, checkpoint),
            rows=RowsFolder(self.folder).get(RunConfig.from_json(checkpoint.config)),
        )

    def state(self) -> torch.Tensor:
        """Weights and the optimiser's memory, as last saved."""
        return self.saved().trainer.engine.state

    def close(self) -> None:
        """End the session."""
        self._ours.shutdown(socket.SHUT_WR)
        for thread in self._threads:
            thread.join(PATIENCE)
            assert not thread.is_alive()
        if self.process is not None:
            assert self.process.wait(PATIENCE) in (0, -signal.SIGKILL)
        self._ours.close()


@contextmanager
def remote(
    folder: Path,
    config: RunConfig = SMALL,
    restore: bool = False,
    reach: int | None = None,
    *,
    beside: bool = False,
) -> Iterator[Remote]:
    """A session that ends with the block, in a process if another is to measure `beside` it."""
    one = Remote(folder, config, restore, reach, beside=beside)
    try:
        one.wait_until_ready()
        yield one
    finally:
        one.close()


class Level(Options):
    """Options of a probe made for a test."""

    level: int = 1


def make_probe(
    name: str, measure: Callable[[Subject, Level], Arrays], cost: Cost = Cost.CHEAP, **more: Any
) -> Probe[Level]:
    """A probe that is not in the registry."""
    return Probe(name, measure, Level, cost, "a test", {}, **more)


class Counted:
    """A measurement that counts how often it is taken, and takes as long as it is told."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.count = 0
        self.threads: set[str] = set()
        self._seconds = seconds

    def __call__(self, subject: Subject, options: Level) -> Arrays:
        self.count += 1
        self.threads.add(threading.current_thread().name)
        time.sleep(self._seconds)
        total = float(subject.network.flat.double().sum())
        return {"sum": np.array([total * options.level]), "epoch": np.array([subject.epoch])}


def headless(epochs: int, config: RunConfig = SMALL) -> Run:
    """The run as it trains by itself."""
    run = Run(config)
    run.train(epochs)
    return run


def texts_of(session: Remote) -> dict[str, str]:
    """What the next frame says."""
    session.credit()
    return session.frame().texts


def wait_for_epoch(session: Remote, epoch: int) -> None:
    """Return once a frame is of this epoch or a later one."""
    deadline = time.monotonic() + 20.0
    while int(texts_of(session)["epoch"]) < epoch:
        assert time.monotonic() < deadline
