"""Experiments run to their end, or as far as they get: what is done is kept and not done again."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from spiral_dash.core.validation import ConfigError, whole_number
from spiral_dash.experiments.design import Experiment
from spiral_dash.experiments.plan import count, jobs
from spiral_dash.experiments.pool import InProcess, ProcessPool, Workers
from spiral_dash.experiments.results import Results
from spiral_dash.experiments.store import Store
from spiral_dash.experiments.work import Outcome

WORKERS_MAX = 1024


@dataclass
class Progress:
    """How far it is: runs in all, those done (before and now), how many diverged or lack results.

    `seconds_left` is None until the first run is done.
    """

    total: int
    done: int = 0
    now: int = 0
    diverged: int = 0
    failed: int = 0
    begun: float = field(default_factory=time.time)

    @property
    def seconds_left(self) -> float | None:
        """About how long the rest will take."""
        if not self.now:
            return None
        return (time.time() - self.begun) / self.now * (self.total - self.done)

    def count(self, outcome: Outcome) -> None:
        """Count one more run."""
        self.done = min(self.done + 1, self.total)
        self.now += 1
        self.diverged += outcome.diverged is not None
        self.failed += outcome.diverged is None and any(one.error for one in outcome.found)

    def as_note(self, state: str) -> dict[str, Any]:
        """Return what a reader of the store is told."""
        return {
            "state": state,
            "process": os.getpid(),
            "total": self.total,
            "done": self.done,
            "diverged": self.diverged,
            "failed": self.failed,
            "seconds_left": self.seconds_left,
            "at": time.time(),
        }


def run_experiment(
    experiment: Experiment,
    *,
    out: Path | str,
    workers: int | None = None,
    cluster: str | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> Results:
    """Run what of an experiment is not in the folder `out` yet; return all its results.

    `workers` processes work on it (None: one a core; 0: none but this one). Interrupted or killed,
    it goes on where it stopped when it is called again. With the address of a Ray `cluster`, such
    as "10.0.0.1:6379", it runs there, on all its processors or `workers` of them. Raises
    `ConfigError`.

    >>> from tempfile import mkdtemp
    >>> from spiral_dash.experiments import Experiment, Measurement, factor
    >>> experiment = Experiment(
    ...     id="depth", question="Does it help?", seeds=2, epochs=1,
    ...     factors=[factor("network.hidden", [4], [4, 4])],
    ...     measurements=[Measurement(probe="metrics")],
    ... )
    >>> run_experiment(experiment, out=mkdtemp(), workers=0).done
    4
    """
    folder = Path(out)
    run_experiments(
        [experiment], out=folder, workers=workers, cluster=cluster, on_progress=on_progress
    )
    with Store(folder) as store:
        return Results.read(store, experiment)


def run_experiments(
    experiments: Sequence[Experiment],
    *,
    out: Path,
    workers: int | Workers | None = None,
    cluster: str | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    command: str = "",
) -> Progress:
    """Run what of several experiments is not in the folder yet; what they share is run once."""
    for experiment in experiments:
        experiment.check()
    with Store(out, write=True) as store:
        for experiment in experiments:
            store.ask(experiment, command)
        done = store.keys()
        progress = Progress(count(experiments))
        todo = _counted(experiments, done)
        progress.done = progress.total - todo if todo is not None else 0
        pool = _workers(workers, cluster) if todo != 0 else InProcess()
        state = "stopped"
        try:
            if on_progress is not None:
                on_progress(progress)
            for outcome in pool.run(jobs(experiments, done)):
                progress.count(outcome)
                store.add(outcome, progress.as_note("running"))
                if on_progress is not None:
                    on_progress(progress)
            state = "done"
        finally:
            pool.close()
            store.note(progress.as_note(state))
    return progress


COUNTED_MAX = 50_000


def _counted(experiments: Sequence[Experiment], done: set[str]) -> int | None:
    """Return how many runs are to do; None where there are too many to look before."""
    if not done:
        return count(experiments)
    if sum(one.runs for one in experiments) > COUNTED_MAX:
        return None
    return sum(1 for _ in jobs(experiments, done))


def _workers(asked: int | Workers | None, cluster: str | None) -> Workers:
    if asked is not None and not isinstance(asked, int):
        return asked
    if cluster is not None:
        from spiral_dash.experiments.cluster import RayCluster

        return RayCluster(cluster, asked)
    if asked is None:
        return ProcessPool()
    number = whole_number("workers", asked, least=0)
    if number > WORKERS_MAX:
        raise ConfigError(
            {"workers": f"workers: expected at most {WORKERS_MAX} processes, got {number}."}
        )
    return ProcessPool(number) if number else InProcess()
