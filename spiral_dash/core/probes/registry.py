"""What a probe is, and the registry of them all."""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt

from spiral_dash.core.config import validated
from spiral_dash.core.data.dataset import Dataset
from spiral_dash.core.edits import NOTHING_HELD, Hold
from spiral_dash.core.network import Network
from spiral_dash.core.settings import Options
from spiral_dash.core.validation import ProbeError

__all__ = ["PROBES", "Arrays", "Cost", "Options", "Probe", "ProbeError", "Subject", "probe"]

Arrays = dict[str, npt.NDArray[Any]]


class Cost(enum.Enum):
    """Whether a probe is taken with every frame, or at a slower cadence of its own."""

    CHEAP = "cheap"
    SLOW = "slow"


def _always(share: float) -> bool:
    return True


@dataclass(frozen=True, eq=False)
class Subject:
    """What is measured: a network, its data, and where it came from.

    `initial` is the network as it was drawn, `hold` what of it has been frozen or silenced;
    `history` maps a metric's name to its values over every epoch of the run, entry 0 being epoch
    0, also when `epoch` is an earlier one; `seed` seeds what a measurement draws. A long
    measurement calls `proceed` with the share it has done, and ends early when that returns False.
    """

    network: Network
    data: Dataset
    initial: Network
    history: Mapping[str, npt.NDArray[Any]]
    epoch: int
    seed: int
    proceed: Callable[[float], bool] = _always
    hold: Hold = NOTHING_HELD

    def generator(self, purpose: str) -> np.random.Generator:
        """Return a generator that depends on the seed and the purpose alone."""
        return np.random.default_rng([self.seed, *purpose.encode()])

    def layer(self, number: int | None, default: int, highest: int | None = None) -> int:
        """Return a layer number, `default` for None; raise `ProbeError` outside 1 to `highest`."""
        last = self.network.depth if highest is None else highest
        chosen = default if number is None else number
        if not 1 <= chosen <= last:
            raise ProbeError(f"Layer {chosen} does not exist here: expected 1 to {last}.")
        return chosen


OptionsT = TypeVar("OptionsT", bound=Options)
_OF_CLASSES = re.compile(r"\((.*, )?m,?\)")


@dataclass(frozen=True)
class Probe(Generic[OptionsT]):
    """A pure function of a subject and options, which returns named arrays.

    `returns` says of every array its shape, unit and meaning. Arrays in `unit_interval` hold
    shares or probabilities, which may travel as bytes. Arrays in `summary` are small enough to
    be followed over the epochs; a probe without any is not. One that is `of_history` looks at
    what was recorded of every epoch.
    """

    name: str
    measure: Callable[[Subject, OptionsT], Arrays]
    options: type[OptionsT]
    cost: Cost
    source: str
    returns: Mapping[str, str]
    unit_interval: tuple[str, ...] = ()
    summary: tuple[str, ...] = ()
    of_history: bool = False

    @property
    def by_class(self) -> tuple[str, ...]:
        """The arrays whose last axis counts the m classes, as `returns` gives their shapes."""
        return tuple(name for name, text in self.returns.items() if _OF_CLASSES.match(text))

    def __call__(self, subject: Subject, /, **options: object) -> Arrays:
        """Validate `options` and measure; raise `ConfigError` or `ProbeError`."""
        return self.measure(subject, validated(self.options, options))


PROBES: dict[str, Probe[Any]] = {}


def probe(
    name: str,
    *,
    options: type[OptionsT],
    source: str,
    returns: Mapping[str, str],
    cost: Cost = Cost.CHEAP,
    unit_interval: tuple[str, ...] = (),
    summary: tuple[str, ...] = (),
    of_history: bool = False,
) -> Callable[[Callable[[Subject, OptionsT], Arrays]], Callable[[Subject, OptionsT], Arrays]]:
    """Register the decorated function as the probe `name`; see `Probe` for the arguments."""

    def register(
        measure: Callable[[Subject, OptionsT], Arrays],
    ) -> Callable[[Subject, OptionsT], Arrays]:
        assert name not in PROBES, f"two probes are called {name}"
        PROBES[name] = Probe(
            name, measure, options, cost, source, returns, unit_interval, summary, of_history
        )
        return measure

    return register
