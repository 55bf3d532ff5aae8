"""The results of an experiment as arrays over its cells and seeds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from spiral_dash.core.config import RunConfig
from spiral_dash.core.probes import Arrays
from spiral_dash.experiments.design import LAST, Experiment
from spiral_dash.experiments.plan import Want, run_digest, wants
from spiral_dash.experiments.quantities import Quantity
from spiral_dash.experiments.store import Store

Array = npt.NDArray[Any]
SEEDS_SHOWN = 50
"""Of how many seeds a picture has a point for each run, and a list a link."""


@dataclass(frozen=True)
class Planned:
    """A run of an experiment before anything is known of it: where it stands in the design, what it
    is known by, and the results that it is to have.
    """

    index: tuple[int, ...]
    config: RunConfig
    digest: str = ""
    wanted: tuple[Want, ...] = ()


@dataclass(frozen=True, eq=False)
class One:
    """One run of an experiment, and what is known of it.

    `found` maps (probe, epoch), the epoch counted from 0, to the arrays or the reason that there
    are none; `numbers` is what was read out of them. A run that was not done yet has nothing.
    """

    planned: Planned
    found: Mapping[tuple[str, int], Arrays | str]
    epoch: int | None
    diverged: str | None
    numbers: dict[tuple[str, int], float] = field(default_factory=dict)

    @property
    def index(self) -> tuple[int, ...]:
        """Its level of each factor, counted from 0."""
        return self.planned.index

    @property
    def config(self) -> RunConfig:
        """Its configuration."""
        return self.planned.config

    @property
    def is_whole(self) -> bool:
        """Whether all is known of it, and will stay so."""
        return self.is_done and len(self.found) == len(self.planned.wanted) and not self.errors

    def number(self, quantity: Quantity, name: str, epoch: int) -> float:
        """Return a quantity, which is called `name`, at an epoch; NaN where it is unknown."""
        if (name, epoch) not in self.numbers:
            arrays = self.found.get((quantity.probe, epoch))
            self.numbers[name, epoch] = (
                quantity.read(arrays) if isinstance(arrays, dict) else np.nan
            )
        return self.numbers[name, epoch]

    @property
    def is_done(self) -> bool:
        """Whether it was run."""
        return self.epoch is not None

    @property
    def errors(self) -> list[str]:
        """Why measurements could not be taken."""
        return [what for what in self.found.values() if isinstance(what, str)]


class Results:
    """What is known of an experiment: `runs`, and any quantity over cells and seeds."""

    def __init__(self, experiment: Experiment, runs: list[One]) -> None:
        self.experiment = experiment
        self.runs = runs
        self._cache: dict[tuple[str, int], Array] = {}
        self._queries: dict[tuple[int, ...], str] = {}

    @classmethod
    def read(cls, store: Store, experiment: Experiment, earlier: Results | None = None) -> Results:
        """Read what a store knows of an experiment; of what was read `earlier`, what is missing."""
        if earlier is None or earlier.experiment != experiment:
            runs = [_unknown(planned) for planned in _plan(experiment)]
        else:
            runs = earlier.runs
        open_ = [run.planned for run in runs if not run.is_whole]
        known = store.results(one.key for planned in open_ for one in planned.wanted)
        about = store.runs(planned.digest for planned in open_)
        return cls(
            experiment,
            [run if run.is_whole else _one(run.planned, known, about, experiment) for run in runs],
        )

    @property
    def done(self) -> int:
        """How many runs there are."""
        return sum(run.is_done for run in self.runs)

    @property
    def diverged(self) -> int:
        """How many of them diverged."""
        return sum(run.diverged is not None for run in self.runs)

    @property
    def failed(self) -> int:
        """How many have a measurement that could not be taken, those that diverged left out."""
        return sum(bool(run.errors) and run.diverged is None for run in self.runs)

    @property
    def seeds(self) -> int:
        """How many seeds have every one of their runs."""
        done = np.array([run.is_done for run in self.runs]).reshape(self.experiment.seeds, -1)
        return int(done.all(axis=1).sum())

    def values(self, quantity: Quantity, epoch: int = LAST) -> Array:
        """Return a quantity, (levels of each factor, in order ..., seeds); NaN where unknown."""
        key = quantity.model_dump_json(), epoch
        if key not in self._cache:
            at = self.experiment.epochs if epoch == LAST else epoch
            numbers = [run.number(quantity, key[0], at) for run in self.runs]
            shape = (self.experiment.seeds, *self.experiment.shape)
            self._cache[key] = np.moveaxis(np.array(numbers, np.float64).reshape(shape), 0, -1)
        return self._cache[key]

    def at(
        self,
        quantity: Quantity,
        where: Mapping[str, str],
        epoch: int = LAST,
        along: str | None = None,
    ) -> Array:
        """Return a quantity at the levels named, (levels of the other factors ..., seeds).

        Those of the factor `along` come last before the seeds.
        """
        factors = self.experiment.factors
        index = [
            one.labels.index(where[one.name]) if one.name in where else slice(None)
            for one in factors
        ]
        chosen: Array = self.values(quantity, epoch)[tuple(index)]
        if along is None:
            return chosen
        free = [one.name for one in factors if one.name not in where]
        return np.moveaxis(chosen, free.index(along), -2)

    def address(self, cell: tuple[int, ...], seed: int) -> str:
        """Return the address that opens a run as it was measured, from the experiment's page."""
        query = self._query(cell)
        named = f"{query}&" if query else ""
        return f"../?{named}seed={seed}&epoch={self.experiment.epochs}"

    def _query(self, index: tuple[int, ...]) -> str:
        if index not in self._queries:
            settings = self.experiment.settings_at(index)
            # The usual seed is left out of a query, so that one can be put in.
            self._queries[index] = settings.config(RunConfig().seed).to_query()
        return self._queries[index]

    def epochs_of(self, probe: str) -> list[int]:
        """Return the epochs at which a probe is taken, ascending."""
        measured = {
            self.experiment.epochs if epoch == LAST else epoch
            for measurement in self.experiment.measurements
            if measurement.probe == probe
            for epoch in measurement.epochs
        }
        return sorted(measured)

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield a row for each run and epoch at which something was measured.

        Columns are the factors, the seed, the epoch, whether the run diverged, and every number
        measured: `norms.frobenius[1]` for the first entry of an array, counted from 1.
        """
        for run in self.runs:
            for epoch in sorted({at for _, at in run.found}):
                row: dict[str, Any] = {
                    factor.name: factor.levels[level].label
                    if factor.numbers is None
                    else factor.numbers[level]
                    for factor, level in zip(self.experiment.factors, run.index, strict=True)
                }
                row |= {"seed": run.config.seed, "epoch": epoch, "diverged": bool(run.diverged)}
                problems = []
                for (probe, at), arrays in run.found.items():
                    if at != epoch:
                        continue
                    if isinstance(arrays, str):
                        problems.append(f"{probe}: {arrays}")
                    else:
                        row |= _columns(probe, arrays)
                yield row | {"error": " ".join(problems)}


COLUMNS_MAX = 256
"""Entries of an array that become columns; a larger one is left to its file."""


def _columns(probe: str, arrays: Arrays) -> dict[str, float]:
    columns: dict[str, float] = {}
    for name, array in arrays.items():
        path = f"{probe}.{name}"
        if array.ndim == 0:
            columns[path] = array.item()
        elif array.size <= COLUMNS_MAX:
            for place in np.ndindex(array.shape):
                label = ",".join(str(k + 1) for k in place)
                columns[f"{path}[{label}]"] = array[place].item()
    return columns


def _plan(experiment: Experiment) -> Iterator[Planned]:
    for number, cell, config in experiment.configs():
        wanted = tuple(wants(experiment, config, number))
        yield Planned(cell.index, config, run_digest(config), wanted)


def _unknown(planned: Planned) -> One:
    return One(planned, {}, None, None)


def _one(
    planned: Planned,
    known: Mapping[str, Arrays | str],
    about: Mapping[str, tuple[int, str | None]],
    experiment: Experiment,
) -> One:
    found = {(w.probe, w.epoch): known[w.key] for w in planned.wanted if w.key in known}
    epoch, diverged = about.get(planned.digest, (None, None)) if found else (None, None)
    if epoch is not None and epoch > experiment.epochs:  # another went on with it
        epoch, diverged = experiment.epochs, None
    return One(planned, found, epoch, diverged)
