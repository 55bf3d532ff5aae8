"""An experiment as a value: a question, factors, seeds, what is measured, figures and claims."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, Field, JsonValue, model_validator

from spiral_dash.core.config import ConfigError, RunConfig
from spiral_dash.core.probes import PROBES
from spiral_dash.core.settings import SEED_MAX, Options, Settings
from spiral_dash.core.validation import plain_number, shown, validated
from spiral_dash.experiments.claims import Claim
from spiral_dash.experiments.figures import Figure
from spiral_dash.experiments.quantities import Quantity

EPOCHS_MAX = 100_000
CELLS_HELD = 10_000
SEEDS_MAX = 10_000
TAKEN = frozenset({"start", "cancel", "state", "compare"})
"""What addresses beside those of the experiments are called."""
LAST = -1
"""The epoch at which a run ends, wherever that is."""

Count = Annotated[int, BeforeValidator(plain_number)]


class Level(Settings):
    """One value of a factor: what it is called, and the settings that it stands for."""

    label: str = Field(max_length=200)
    settings: dict[str, JsonValue]


class Factor(Settings):
    """Something that is varied: a name, and two or more levels, or one that is held."""

    name: str = Field(min_length=1, max_length=100)
    levels: tuple[Level, ...] = Field(min_length=1)
    label: str = ""

    @property
    def labels(self) -> tuple[str, ...]:
        """What the levels are called, in order."""
        return tuple(level.label for level in self.levels)

    @property
    def title(self) -> str:
        """What the factor is called."""
        return self.label or self.name

    @cached_property
    def numbers(self) -> tuple[float, ...] | None:
        """The levels as numbers, where each sets one field to one number and they rise."""
        values = [[*level.settings.values()] for level in self.levels]
        found = [v[0] for v in values if len(v) == 1 and isinstance(v[0], int | float)]
        if len(found) < len(values) or any(isinstance(v, bool) for v in found):
            return None
        numbers = tuple(float(v) for v in found)
        rising = all(a < b for a, b in itertools.pairwise(numbers))
        return numbers if rising else None


def factor(field: str, *values: JsonValue, label: str = "") -> Factor:
    """Return the factor that sets one field of `RunConfig`, such as `data.entanglement`."""
    levels = tuple(Level(label=_label(value), settings={field: value}) for value in values)
    return Factor(name=field, levels=levels, label=label)


def _label(value: JsonValue) -> str:
    if isinstance(value, list):
        return ",".join(map(_label, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _known_probe(name: str) -> str:
    if name not in PROBES:
        raise ValueError(f"expected one of {', '.join(sorted(PROBES))}, got {shown(name)}")
    return name


def _name(name: str) -> str:
    if not name.strip(".") or name.lower() in TAKEN:
        raise ValueError(
            f"expected a name other than {', '.join(sorted(TAKEN))} or dots alone, got "
            f"{shown(name)}"
        )
    return name


class Measurement(Settings):
    """A probe with its options, the epochs it is taken at (-1: the last), and what is kept of it.

    Without `keep` that is the probe's summary, or everything where it has none. `first_seeds`
    takes it of so many seeds alone, for what is only to be looked at.
    """

    probe: Annotated[str, AfterValidator(_known_probe)]
    options: dict[str, JsonValue] = Field(default_factory=dict)
    epochs: tuple[Count, ...] = Field((LAST,), min_length=1)
    keep: tuple[str, ...] = ()
    first_seeds: int | None = None

    @model_validator(mode="after")
    def _possible(self) -> Self:
        try:
            wanted: Options = validated(PROBES[self.probe].options, self.options)
        except ConfigError as error:
            raise ValueError(f"options of {self.probe}: {error}".removesuffix(".")) from error
        del wanted
        wrong = [epoch for epoch in self.epochs if epoch < LAST]
        if wrong:
            raise ValueError(f"epochs: expected numbers from 0, or -1, got {wrong[0]}")
        return self

    @property
    def kept(self) -> tuple[str, ...]:
        """The arrays kept, in order; empty where that is every one."""
        return self.keep or PROBES[self.probe].summary


@dataclass(frozen=True)
class Cell:
    """One combination of levels: the index of each factor's level, and the settings together."""

    index: tuple[int, ...]
    settings: Mapping[str, JsonValue]

    def config(self, seed: int) -> RunConfig:
        """Return the configuration of one seed; raise `ConfigError`."""
        values: dict[str, Any] = {"seed": seed}
        for path, value in self.settings.items():
            group, _, field = path.rpartition(".")
            target = values.setdefault(group, {}) if group else values
            target[field] = value
        return RunConfig.parse(values)


class Experiment(Settings):
    """A question that is put to many runs: every combination of levels, from every seed.

    `base` holds for all of them. Runs are trained for `epochs` epochs from seeds `first_seed`
    onwards, and evaluate both sets every `evaluate_every` epochs (None: at the end alone).
    """

    id: Annotated[str, AfterValidator(_name)] = Field(
        min_length=1, max_length=60, pattern=r"^[\w.-]+$"
    )
    question: str = Field(max_length=500)
    thesis: str = ""
    section: str = ""
    remarks: tuple[str, ...] = ()
    base: dict[str, JsonValue] = Field(default_factory=dict)
    factors: tuple[Factor, ...] = ()
    seeds: Count = Field(20, ge=1, le=SEEDS_MAX)
    first_seed: Count = Field(1, ge=0, le=SEED_MAX - SEEDS_MAX)
    epochs: Count = Field(100, ge=0, le=EPOCHS_MAX)
    evaluate_every: Count | None = Field(None, ge=1, le=EPOCHS_MAX)
    measurements: tuple[Measurement, ...] = Field(min_length=1)
    quantities: tuple[Quantity, ...] = ()
    figures: tuple[Figure, ...] = ()
    claims: tuple[Claim, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        names = [one.name for one in self.factors]
        if len(set(names)) < len(names):
            raise ValueError("factors: expected each name once")
        for measurement in self.measurements:
            late = [epoch for epoch in measurement.epochs if epoch > self.epochs]
            if late:
                raise ValueError(
                    f"{measurement.probe}: expected epochs up to {self.epochs}, got {late[0]}"
                )
        for figure in self.figures:
            if figure.kind == "map":
                self._check_map(figure.over)
        return self

    def _check_map(self, over: str) -> None:
        for factor in self.factors:
            if factor.name != over:
                continue
            settings = [level.settings for level in factor.levels]
            numbers = all(
                isinstance(value, int | float) and not isinstance(value, bool)
                for one in settings
                for value in one.values()
            )
            if not numbers or any(one.keys() != settings[0].keys() for one in settings):
                raise ValueError(
                    f"{over}: expected levels that set the same numbers each, for a map of them"
                )

    @property
    def shape(self) -> tuple[int, ...]:
        """How many levels each factor has."""
        return tuple(len(one.levels) for one in self.factors)

    @property
    def runs(self) -> int:
        """How many runs the design asks for."""
        return math.prod(self.shape) * self.seeds

    @property
    def seed_numbers(self) -> range:
        """The seeds, in order."""
        return range(self.first_seed, self.first_seed + self.seeds)

    def cells(self) -> Iterator[Cell]:
        """Yield every combination of levels; the last factor varies fastest."""
        for index in itertools.product(*map(range, self.shape)):
            yield self.settings_at(index)

    def configs(self) -> Iterator[tuple[int, Cell, RunConfig]]:
        """Yield the number of the seed, the cell and the configuration of every run, seed by seed.

        A cell is validated for its first seed: another changes nothing else. Raises `ConfigError`.
        """
        checked: dict[tuple[int, ...], RunConfig] = {}
        for number, seed in enumerate(self.seed_numbers):
            for cell in self.cells():
                config = checked.get(cell.index) or cell.config(seed)
                if len(checked) < CELLS_HELD:
                    checked.setdefault(cell.index, config)
                # What a configuration works out once is not copied along.
                yield number, cell, config.model_copy(update={"seed": seed})

    def settings_at(self, index: tuple[int, ...]) -> Cell:
        """Return the combination of these levels, one of each factor."""
        settings = dict(self.base)
        for one, level in zip(self.factors, index, strict=True):
            settings |= one.levels[level].settings
        return Cell(index, settings)

    def quantity(self, name: str) -> Quantity:
        """Return the quantity called `name`."""
        return next(one for one in self.quantities if one.name == name)

    def factor_named(self, name: str) -> int:
        """Return the place of the factor called `name`."""
        return [one.name for one in self.factors].index(name)

    def asks_like(self, other: Experiment) -> bool:
        """Whether the other asks for the same runs and measurements, from whatever seeds."""
        return self._asked == other._asked

    @property
    def _asked(self) -> tuple[object, ...]:
        levels = [[level.settings for level in one.levels] for one in self.factors]
        return self.base, levels, self.measurements, self.epochs, self.evaluate_every

    def check(self) -> None:
        """Refuse levels that no run can have; raise `ConfigError` before anything runs.

        Each level is tried by itself, with the first of every other factor, so that what is wrong
        is named however many combinations there are.
        """
        settings = [[level.settings for level in one.levels] for one in self.factors]
        for place, levels in enumerate(settings):
            for level in levels:
                others = [other[0] for k, other in enumerate(settings) if k != place]
                _merged([self.base, *others, level]).config(self.first_seed)
        if not settings:
            Cell((), self.base).config(self.first_seed)


def _merged(parts: Sequence[Mapping[str, JsonValue]]) -> Cell:
    settings: dict[str, JsonValue] = {}
    for part in parts:
        settings |= part
    return Cell((), settings)
