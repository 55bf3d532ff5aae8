"""Processes that work on runs, one a core, niced, each with one thread of arithmetic."""

from __future__ import annotations

import contextlib
import itertools
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Generator, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.context import BaseContext
from typing import Protocol

import torch
from threadpoolctl import threadpool_limits

from spiral_dash.core.programs import cores
from spiral_dash.experiments.plan import Job
from spiral_dash.experiments.work import Outcome, execute, failed

NICENESS = 10
AHEAD = 2
"""Runs handed out for each process, so that none waits for the next."""


class Workers(Protocol):
    """Something that works on runs."""

    def run(self, jobs: Iterator[Job]) -> Iterator[Outcome]:
        """Yield the outcome of each job as it is done, in whatever order."""
        ...

    def close(self) -> None:
        """Stop at once; what is under way is lost."""
        ...


def context() -> BaseContext:
    """Return how processes are made.

    A process of one thread is forked, with all that it has loaded. Where there are more threads
    than this one, a fork could inherit a lock that nobody opens.
    """
    if sys.platform == "linux" and threading.active_count() == 1:
        return multiprocessing.get_context("fork")
    methods = multiprocessing.get_all_start_methods()
    made = multiprocessing.get_context("forkserver" if "forkserver" in methods else "spawn")
    if "forkserver" in methods:
        made.set_forkserver_preload(["spiral_dash.experiments.work"])
    return made


def prepare() -> None:
    """Make this process a worker: niced, one thread, deaf to Ctrl-C, gone with its parent."""
    live_with_parent()
    be_a_worker()


def live_with_parent() -> None:
    """Have this process be deaf to Ctrl-C, which its parent hears, and end with that."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def be_a_worker() -> None:
    """Have this process let others go first, and do arithmetic with one thread."""
    with contextlib.suppress(OSError, AttributeError):
        os.setpriority(os.PRIO_PROCESS, 0, max(NICENESS, os.getpriority(os.PRIO_PROCESS, 0)))
    torch.set_num_threads(1)
    threadpool_limits(1)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


class ProcessPool:
    """Runs in processes of this machine."""

    def __init__(self, workers: int | None = None) -> None:
        self.workers = workers or cores()
        self._executor = self._start()

    def _start(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(self.workers, context(), prepare)

    def run(self, jobs: Iterator[Job]) -> Iterator[Outcome]:
        """Yield the outcome of each job as it is done; one that ends its process is given up.

        When a process ends, the runs under way are tried again one at a time: whichever ends its
        process once more is the one.
        """
        while suspects := (yield from self._together(jobs)):
            for job in suspects:
                self._restart()
                yield self._alone(job)

    def _together(self, jobs: Iterator[Job]) -> Generator[Outcome, None, list[Job]]:
        """Yield outcomes; return what was under way when a process ended, or nothing at the end."""
        under_way: dict[Future[Outcome], Job] = {}
        while True:
            for job in itertools.islice(jobs, AHEAD * self.workers - len(under_way)):
                try:
                    under_way[self._executor.submit(execute, job)] = job
                except BrokenProcessPool:
                    return [*under_way.values(), job]
            if not under_way:
                return []
            done, _ = wait(under_way, return_when=FIRST_COMPLETED)
            lost = []
            for future in done:
                job = under_way.pop(future)
                try:
                    yield future.result()
                except BrokenProcessPool:
                    lost.append(job)
            if lost:
                return [*lost, *under_way.values()]

    def _alone(self, job: Job) -> Outcome:
        try:
            return self._executor.submit(execute, job).result()
        except BrokenProcessPool:
            self._restart()
            return failed(job, "The process that ran it ended before it was done.")

    def _restart(self) -> None:
        if getattr(self._executor, "_broken", False):
            self._executor.shutdown(wait=False, cancel_futures=True)
            self._executor = self._start()

    def close(self) -> None:
        """End every process at once; what is under way is lost."""
        processes = [*(getattr(self._executor, "_processes", None) or {}).values()]
        self._executor.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.terminate()
        for process in processes:
            process.join()


class InProcess:
    """Runs in this very process, one after the other: for tests, and for looking into a run."""

    def run(self, jobs: Iterator[Job]) -> Iterator[Outcome]:
        """Yield the outcome of each job, in order."""
        yield from map(execute, jobs)

    def close(self) -> None:
        """Do nothing: nothing goes on."""
