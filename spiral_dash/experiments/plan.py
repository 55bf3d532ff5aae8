"""Which runs a design asks for, and what of them is still to be done."""

from __future__ import annotations

import hashlib
import itertools
import json
import math
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass

from spiral_dash.core.config import RunConfig
from spiral_dash.experiments.design import LAST, Cell, Experiment, Measurement

RESULTS_VERSION = "1"
"""Raised whenever the same configuration and seed would give other numbers than before."""
OF_THE_WHOLE_RUN = frozenset({"history"})
"""Probes that look at every epoch up to the one they are taken at."""
MERGED_MAX = 200_000


def digest(*parts: str) -> str:
    """Return 32 hexadecimal digits that stand for the parts."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


@dataclass(frozen=True)
class Want:
    """One measurement at one epoch, and the key under which its result is kept."""

    key: str
    probe: str
    options: str
    epoch: int
    keep: tuple[str, ...]
    every: int | None = None
    """Every how many epochs it looks at, where it looks at those before its own."""


@dataclass(frozen=True)
class Job:
    """One run: what a worker needs to train it and to take what is wanted of it."""

    run: str
    config: str
    wants: tuple[Want, ...]
    evaluate_every: int


Asked = dict[str, Want]
"""Key -> what is wanted of one run."""


def run_digest(config: RunConfig) -> str:
    """Return what a configuration with its seed is known by."""
    return digest("run", RESULTS_VERSION, config.compact)


def want(config: RunConfig, measurement: Measurement, epoch: int, experiment: Experiment) -> Want:
    """Return a measurement of a run at an epoch, -1 for the experiment's last."""
    at = experiment.epochs if epoch == LAST else epoch
    options = json.dumps(measurement.options, sort_keys=True)
    parts = [config.compact, measurement.probe, options, ",".join(measurement.kept), str(at)]
    every = None
    if measurement.probe in OF_THE_WHOLE_RUN:
        every = experiment.evaluate_every or max(experiment.epochs, 1)
        parts.append(f"every {every}")
    key = digest("result", RESULTS_VERSION, *parts)
    return Want(key, measurement.probe, options, at, measurement.kept, every)


def wants(experiment: Experiment, config: RunConfig, number: int) -> Iterator[Want]:
    """Yield what an experiment wants of one configuration, the `number`-th of its seeds."""
    for measurement in experiment.measurements:
        if measurement.first_seeds is None or number < measurement.first_seeds:
            for epoch in measurement.epochs:
                yield want(config, measurement, epoch, experiment)


def jobs(experiments: Sequence[Experiment], done: Container[str]) -> Iterator[Job]:
    """Yield the runs of which something is not among the results `done`, seed after seed.

    What several experiments want of one run is one job; a single experiment, however large, is
    gone through without being held.
    """
    if len(experiments) == 1:
        [experiment] = experiments
        for config, asked in _of(experiment):
            yield from _job(config, asked, done)
        return
    found: dict[str, tuple[RunConfig, Asked]] = {}
    for experiment in experiments:
        for config, asked in _of(experiment):
            found.setdefault(run_digest(config), (config, {}))[1].update(asked)
    for config, asked in sorted(found.values(), key=lambda one: one[0].seed):
        yield from _job(config, asked, done)


def _of(experiment: Experiment) -> Iterator[tuple[RunConfig, Asked]]:
    for number, _, config in experiment.configs():
        yield config, {one.key: one for one in wants(experiment, config, number)}


def _job(config: RunConfig, asked: Asked, done: Container[str]) -> Iterator[Job]:
    missing = tuple(one for one in asked.values() if one.key not in done)
    if missing:
        # An epoch that any of them looks at is evaluated; without any, the last alone.
        strides = [one.every for one in missing if one.every is not None]
        every = math.gcd(*strides) or max(1, *(one.epoch for one in missing))
        yield Job(run_digest(config), config.compact, missing, every)


def count(experiments: Sequence[Experiment]) -> int:
    """Return how many different runs the designs ask for, at most."""
    total = sum(one.runs for one in experiments)
    if len(experiments) == 1 or total > MERGED_MAX:
        return total
    return len({run_digest(config) for one in experiments for config, _ in _of(one)})


def estimated_seconds(experiment: Experiment, cells: int = 20) -> float:
    """Return about how long one run takes on one core: training alone, by its arithmetic."""
    times = []
    for cell, _ in zip(experiment.cells(), range(cells), strict=False):
        times.append(_seconds(cell, experiment))
    return sum(times) / len(times)


def _seconds(cell: Cell, experiment: Experiment) -> float:
    config = cell.config(experiment.first_seed)
    data = config.data
    points = data.train_share * _points(config)
    sizes = (2, *config.network.hidden, 2)
    parameters = sum(a * b + b for a, b in itertools.pairwise(sizes))
    batch = min(config.training.batch_size, points)
    step = 30e-6 + 6 * parameters * batch / 4e10
    return float(0.02 + experiment.epochs * max(points / batch, 1) * step)


def _points(config: RunConfig) -> int:
    data = config.data
    for name in ("samples_per_arm", "samples_per_class"):
        if hasattr(data, name):
            return 2 * int(getattr(data, name))
    return 2000
