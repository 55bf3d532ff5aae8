"""Runs on the machines of a Ray cluster, behind the interface of one machine's processes.

Ray is loaded in a process of its own, which can be ended whatever Ray is at, and only where a
cluster is asked for. Between machines it sends Python objects as they are: whoever can reach a
cluster can run programs on it.
"""

from __future__ import annotations

import itertools
import platform
import time
from collections.abc import Iterator
from functools import cache
from importlib.metadata import version
from multiprocessing.connection import Connection
from typing import Any

from spiral_dash.core.cluster import Unfit, brief, check, join, knock, refusal, silence
from spiral_dash.core.validation import ConfigError, whole_number
from spiral_dash.experiments.plan import RESULTS_VERSION, Job
from spiral_dash.experiments.pool import AHEAD, be_a_worker, context, live_with_parent
from spiral_dash.experiments.work import Outcome, execute, failed

TRIES = 3
"""A run is given up once so many processes have ended while they were at it."""
WAIT_SECONDS, LOST_SECONDS = 2.0, 10.0
"""Where nothing is done for so long, the cluster is asked for; silent for so long, it is lost."""
COUNT_SECONDS = 1.0

Stamp = tuple[tuple[str, str], ...]


@cache
def stamp() -> Stamp:
    """Return what has to be the same wherever the same run is to give the same numbers."""
    own = ("spiral-dash results", RESULTS_VERSION), ("on", platform.machine())
    return *own, *((name, version(name)) for name in ("torch", "numpy"))


become_a_worker = cache(be_a_worker)


def work(job: Job, expected: Stamp) -> Outcome | Stamp:
    """Do a job on a node; return the node's stamp where that is another than the expected."""
    if (own := stamp()) != expected:
        return own
    become_a_worker()
    return execute(job)


class RayCluster:
    """Runs as tasks of a Ray cluster, each of which has one processor.

    A run whose process or node ends is done again elsewhere.
    """

    def __init__(self, address: str, workers: int | None = None) -> None:
        """Join the cluster whose head is at `address`, for at most so many runs at a time.

        Raises `ConfigError` where there is none, or Ray is not installed.
        """
        if workers is not None:
            whole_number("workers", workers, least=1)
        check(address)
        self._address = address
        made = context()
        self._connection, theirs = made.Pipe()
        self._process = made.Process(  # type: ignore[attr-defined]
            target=_drive, args=(theirs, address, workers), daemon=True, name="cluster"
        )
        self._process.start()
        theirs.close()

    def run(self, jobs: Iterator[Job]) -> Iterator[Outcome]:
        """Yield the outcome of each job as it is done.

        Raises `ConfigError` where the cluster cannot be joined or is gone, or a node is not as this
        machine is.
        """
        self._connection.send("run")
        while (said := self._receive()) is not None:
            if isinstance(said, Outcome):
                yield said
            elif isinstance(said, int):
                self._connection.send([*itertools.islice(jobs, said)])
            else:
                raise refusal(said)

    def _receive(self) -> Outcome | int | str | None:
        """Return an outcome, how many jobs are wanted, what is wrong, or None at the end."""
        heard = time.monotonic()
        while True:
            try:
                if self._connection.poll(WAIT_SECONDS):
                    said: Outcome | int | str | None = self._connection.recv()
                    return said
                knock(self._address)
                heard = time.monotonic()
            except (EOFError, ConfigError) as error:
                if isinstance(error, EOFError) or time.monotonic() - heard > LOST_SECONDS:
                    raise refusal(
                        f"the Ray cluster at {self._address} is gone. What was done is kept, and "
                        "the same command goes on from there"
                    ) from error

    def close(self) -> None:
        """Leave the cluster at once; what is under way there is ended."""
        self._process.kill()
        self._process.join()
        self._connection.close()


def _drive(connection: Connection, address: str, most: int | None) -> None:
    """Be the process that Ray is loaded in: whatever it prints goes nowhere."""
    live_with_parent()
    silence()
    try:
        driver = _Driver(connection, address, most)
        while True:
            connection.recv()
            driver.serve()
            connection.send(None)
    except Unfit as error:
        connection.send(str(error))


class _Driver:
    """Ray's side of a connection: asks for as many jobs as there is room for, sends outcomes."""

    def __init__(self, connection: Connection, address: str, most: int | None) -> None:
        self._connection = connection
        self._most = most
        self._ray = join(address)
        options = {"num_cpus": 1, "max_retries": 0}
        self._work = self._ray.remote(**options)(work)
        self._expected = stamp()
        self._under_way: dict[Any, tuple[Job, int]] = {}
        self._size = 0
        self._counted = float("-inf")

    def serve(self) -> None:
        """Have jobs done until there are no more."""
        more = True
        while more or self._under_way:
            if more and (wanted := self._room()) > 0:
                self._connection.send(wanted)
                jobs = self._connection.recv()
                for job in jobs:
                    self._begin(job, 1)
                more = len(jobs) == wanted
            if self._under_way:
                done, _ = self._ray.wait([*self._under_way], timeout=COUNT_SECONDS)
                for task in done:
                    self._end(task)

    def _begin(self, job: Job, tries: int) -> None:
        self._under_way[self._work.remote(job, self._expected)] = job, tries

    def _room(self) -> int:
        """Return how many runs more may be handed out: nodes come and go."""
        if time.monotonic() - self._counted > COUNT_SECONDS:
            self._counted = time.monotonic()
            self._size = AHEAD * max(1, int(self._ray.cluster_resources().get("CPU", 0)))
        return min(self._size, self._most or self._size) - len(self._under_way)

    def _end(self, task: Any) -> None:
        job, tries = self._under_way.pop(task)
        outcome = self._outcome(task)
        if outcome is None and tries < TRIES:
            self._begin(job, tries + 1)
        else:
            given_up = f"The process that ran it ended, {TRIES} times."
            self._connection.send(outcome or failed(job, given_up))

    def _outcome(self, task: Any) -> Outcome | None:
        """Return what a task gave, None where its process ended; raise `Unfit`."""
        errors = self._ray.exceptions
        try:
            found = self._ray.get(task)
        except errors.RayTaskError as error:
            raise Unfit(
                f"a node cannot do a run ({brief(error)}). Each needs this version of spiral-dash"
            ) from error
        except errors.RayError:
            return None
        if isinstance(found, Outcome):
            return found
        raise Unfit(
            f"expected nodes with {_in_words(self._expected)}, got one with {_in_words(found)}"
        )


def _in_words(one: Stamp) -> str:
    return ", ".join(" ".join(part) for part in one)
