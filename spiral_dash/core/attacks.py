"""Attacks: points near a test point that the network takes for another class.

The base holds every iterate to its ball, scores it and keeps the examples; an attack only
proposes where to look next. All points and all epsilons are walked at once.

The network computes in float32. An iterate that it misclassifies counts where float64 agrees, or
where float32 gives no finite answer: within its rounding nothing is found, as nothing is proved.
"""

from __future__ import annotations

import abc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Literal, final

import numpy as np
import numpy.typing as npt
import torch
from pydantic import Field

from spiral_dash.core.balls import NORMS, Norm
from spiral_dash.core.network import Network
from spiral_dash.core.passes import TiledPass, one_hot, with_ones
from spiral_dash.core.settings import Options
from spiral_dash.core.validation import ProbeError

Array = npt.NDArray[Any]
AttackName = Literal["noise", "fgsm", "bim", "pgd"]

EPSILON_MAX = 1e6
THESIS_EPSILONS = (0.1, 0.25, 0.5, 1.0, 1.5, 2.0)
SECONDS_MAX = 20.0
"""The longest an attack may be expected to take on one core."""
_STEP_SECONDS, _INPUT_SECONDS, _PARAMETER_SECONDS = 4e-7, 1e-7, 1.6e-10
"""Measured cost of a step of one ball: in all, for each input, for each parameter."""
_BLOCK = 4096
"""Balls walked together: enough to hide the calls' overhead, few enough for the caches."""
_GRAIN = 64
"""Balls are given up in multiples of this, since each width of a tile has buffers of its own."""
_MARGIN = 1000.0
"""Times the seen rounding of its arithmetic, by which a network is wrong beyond doubt."""


class AttackTooLargeError(ProbeError):
    """An attack that would take too long; the message names the limit."""


class AttackCalledOffError(RuntimeError):
    """An attack that whoever asked for it ended."""


class AttackSettings(Options):
    """How an attack searches.

    `epsilons` are the radii of the balls and `alpha` the length of a step, in plane units (None:
    half the radius, thesis 4.3.2); `iterations` counts the steps of bim and pgd, `restarts` the
    random starts of pgd. An attack ignores what it has no use for.
    """

    epsilons: tuple[Annotated[float, Field(ge=0.0, le=EPSILON_MAX)], ...] = Field(
        THESIS_EPSILONS, min_length=1, max_length=64
    )
    iterations: int = Field(4, ge=1, le=200)
    alpha: float | None = Field(None, gt=0.0, le=EPSILON_MAX)
    restarts: int = Field(10, ge=1, le=50)
    norm: Norm = "linf"


@dataclass(frozen=True, eq=False)
class Outcome:
    """What an attack found for E epsilons and N points.

    `examples` (E, N, n) lie within epsilon of their points: the first misclassified point met,
    or the last one tried where none was. `robust` (E, N) is False where one was met, the
    unharmed point included: a clean error is not robust. At epsilon 0 there is nothing else to
    meet.
    """

    examples: Array
    robust: Array


class Attack(abc.ABC):
    """A search of every ball: `rounds` times a start, and steps uphill in the loss from it."""

    def __init__(self, settings: AttackSettings) -> None:
        self.settings = settings

    @property
    @abc.abstractmethod
    def rounds(self) -> int:
        """How many starts are tried."""

    @property
    @abc.abstractmethod
    def random_start(self) -> bool:
        """Whether to start from a point drawn uniformly from the ball, or from its centre."""

    @abc.abstractmethod
    def strides(self, radius: Array) -> list[Array]:
        """Propose the length of each step in balls of radii (B,), (B,) a step."""

    @property
    def steps(self) -> int:
        """How many steps follow a start."""
        return len(self.strides(np.empty(0)))

    @property
    def visits(self) -> int:
        """How many points of each ball are looked at, at most."""
        return self.rounds * (self.steps + 1)

    def run(
        self,
        network: Network,
        x: Array,
        y: Array,
        generator: np.random.Generator,
        proceed: Callable[[float], bool] | None = None,
    ) -> Outcome:
        """Attack points x (N, n) of classes y (N,); an equal generator gives an equal outcome.

        What happens at one epsilon does not depend on the others. `proceed` as for `robust`. Raises
        `AttackTooLargeError` where it would last longer than `SECONDS_MAX`.
        """
        shape = (len(self.settings.epsilons), len(x))
        examples = np.empty((*shape, x.shape[1]), network.flat.numpy().dtype)
        robust = np.empty(shape, bool)
        for points, search in self._searches(network, x, y, generator, proceed):
            examples[:, points] = search.by_point(search.tried)
            robust[:, points] = search.holds.reshape(shape[0], -1)
        return Outcome(examples, robust)

    def robust(
        self,
        network: Network,
        x: Array,
        y: Array,
        generator: np.random.Generator,
        proceed: Callable[[float], bool] | None = None,
    ) -> Array:
        """Return `Outcome.robust` alone, without the memory that the examples need.

        `proceed` is called with the share done before each round; where it returns False the
        attack ends with `AttackCalledOffError`.
        """
        found = self._searches(network, x, y, generator, proceed)
        rows = len(self.settings.epsilons)
        return np.concatenate([search.holds.reshape(rows, -1) for _, search in found], axis=1)

    def path(self, network: Network, x: Array, y: Array, generator: np.random.Generator) -> Array:
        """Return every iterate of the first round, (steps + 1, E, N, n), beyond a success too.

        Arguments and errors as for `run`, whose random starts are the same for the same points.
        """
        self._check_duration(network, len(x))
        with np.errstate(all="ignore"):
            tiles = TiledPass(network)
            search = _Search(tiles, network, x, y, self.settings, _Second(network, x))
            unit = search.draw(generator.spawn(self.rounds)[0])
            walk = self._walk(search, unit, narrow=False)
            return np.stack([search.by_point(iterate) for iterate in walk])

    def _searches(
        self,
        network: Network,
        x: Array,
        y: Array,
        generator: np.random.Generator,
        proceed: Callable[[float], bool] | None = None,
    ) -> Iterator[tuple[slice, _Search]]:
        """Search the balls of a block of points after another."""
        self._check_duration(network, len(x))
        tiles = TiledPass(network)
        second = _Second(network, x)
        width = max(1, _BLOCK // len(self.settings.epsilons))
        # Cut into the tiles of one pass over all points, or a logit might be rounded otherwise.
        width = -(-width // tiles.tile) * tiles.tile
        # A stream for each round, so that a point's draws do not depend on the blocks.
        streams = generator.spawn(self.rounds)
        with np.errstate(all="ignore"):
            for begin in range(0, len(x), width):
                points = slice(begin, begin + width)
                search = _Search(tiles, network, x[points], y[points], self.settings, second)
                for number, stream in enumerate(streams):
                    share = (begin + len(x[points]) * number / self.rounds) / len(x)
                    if proceed is not None and not proceed(share):
                        raise AttackCalledOffError("The attack was called off.")
                    for _ in self._walk(search, search.draw(stream), narrow=True):
                        pass
                yield points, search

    def _walk(self, search: _Search, unit: Array, narrow: bool) -> Iterator[Array]:
        """Walk from one start, yielding each iterate.

        With `narrow` a ball is given up when it is broken, or when a step leads nowhere: every
        later iterate would be the same.
        """
        columns = search.columns
        if narrow:
            columns = columns[_worth_keeping(search.holds)]
        balls = search.balls.take(columns)
        if self.random_start:
            x = balls.project(balls.centre + balls.radius * unit[:, columns])
            ascent = search.visit(columns, x, go_on=self.steps > 0)
        else:
            x, ascent = balls.centre, search.clean_ascent[:, columns]
        yield x
        for number in range(self.steps):
            direction = balls.steepest(np.nan_to_num(ascent))
            proposed = balls.project(x + self.strides(balls.radius)[number] * direction)
            if narrow:
                alive = search.holds[columns] & (proposed != x).any(axis=0)
                kept = _worth_keeping(alive)
                columns, balls, proposed = columns[kept], balls.take(kept), proposed[:, kept]
                if not columns.size:
                    return
            x = proposed
            ascent = search.visit(columns, x, go_on=number + 1 < self.steps)
            yield x

    def _check_duration(self, network: Network, points: int) -> None:
        visits = points * len(self.settings.epsilons) * self.visits
        inputs, parameters = network.dimension, len(network.flat)
        visit = _STEP_SECONDS + _INPUT_SECONDS * inputs + _PARAMETER_SECONDS * parameters
        if visits * visit > SECONDS_MAX:
            raise AttackTooLargeError(
                f"This attack would take about {visits * visit:.0f} s, and at most "
                f"{SECONDS_MAX:g} s are allowed. Choose fewer epsilons, iterations or restarts."
            )


class _Search:
    """Points each in a ball of every radius, and what was met in them.

    Column e * N + i is point i in its ball of radius e. `tried` (n, E * N) holds the last point
    looked at while the ball still held, `holds` (E * N,) whether it does.
    """

    def __init__(
        self,
        tiles: TiledPass,
        network: Network,
        x: Array,
        y: Array,
        settings: AttackSettings,
        second: _Second,
    ) -> None:
        dtype = network.flat.numpy().dtype
        centre = np.ascontiguousarray(x.T, dtype)
        targets = one_hot(y, network.sizes[-1], dtype)
        # The centres are the same for every epsilon: one pass serves all.
        logits, ascent = tiles.ascent(with_ones(centre.T, dtype), targets)
        copies = len(settings.epsilons)
        radius = np.repeat(np.array(settings.epsilons), len(x))
        self.balls = NORMS[settings.norm].around(np.tile(centre, copies), radius)
        self.clean_ascent = np.tile(ascent, copies)
        self.tried = self.balls.centre.copy()
        self.holds = np.tile(_hits(logits, y), copies)
        self.columns = np.arange(self.holds.size)
        self._labels = np.tile(y, copies)
        self._targets = np.tile(targets, copies)
        self._tiles = tiles
        self._copies = copies
        self._second = second

    def draw(self, stream: np.random.Generator) -> Array:
        """Return a point of the unit ball a column, the same for a point in each of its balls."""
        dimension, count = self.tried.shape
        unit = type(self.balls).draw(stream, count // self._copies, dimension)
        return np.tile(unit, self._copies)

    def visit(self, columns: Array, x: Array, go_on: bool) -> Array:
        """Score iterates x (n, K); return the way the loss rises there, or x if not to `go_on`."""
        holding = self.holds[columns]
        if go_on:
            logits, ascent = self._tiles.ascent(with_ones(x.T, x.dtype), self._targets[:, columns])
        else:
            logits, ascent = self._tiles.logits(with_ones(x.T, x.dtype)), x
        self.tried[:, columns[holding]] = x[:, holding]
        missed = holding & ~_hits(logits, self._labels[columns]) & (self.balls.radius[columns] > 0)
        at = np.flatnonzero(missed)
        if at.size:
            labels = self._labels[columns[at]]
            missed[at] = self._second.agrees(x[:, at], labels, logits[:, at])
        self.holds[columns] &= ~missed
        return ascent

    def by_point(self, columns: Array) -> Array:
        """Return columns (n, E * N) as (E, N, n)."""
        return columns.T.reshape(self._copies, -1, len(columns))


class _Second:
    """A second opinion on points that the network misclassifies: the same in float64.

    It is asked where the network is wrong by less than `_MARGIN` times the relative difference of
    the two arithmetics, as seen at some of the points x (N, n).
    """

    def __init__(self, network: Network, x: Array) -> None:
        self._network = network
        self._x = x[:: -(-len(x) // _GRAIN)] if len(x) else x

    @cached_property
    def _tiles(self) -> TiledPass:
        return TiledPass(self._network.copy(torch.float64))

    @cached_property
    def _difference(self) -> float:
        """The largest difference of the logits, relative to the largest of a point's."""
        own = TiledPass(self._network)
        rounded = own.logits(with_ones(self._x, own.dtype)).astype(np.float64)
        exact = self._tiles.logits(with_ones(self._x, np.float64))
        size = np.abs(rounded).max(axis=0)
        largest = float((np.abs(rounded - exact).max(axis=0) / size).max(initial=0.0))
        return largest if np.isfinite(largest) else np.inf

    def agrees(self, x: Array, labels: Array, logits: Array) -> Array:
        """Return which points x (n, K), misclassified by `logits` (classes, K), are so here too.

        A point without finite logits is given no class, and so is misclassified in any case.
        """
        agreed = np.ones(len(labels), bool)
        if self._network.flat.dtype == torch.float64:
            return agreed
        rounding = max(self._difference, float(np.finfo(logits.dtype).eps))
        wrong_by = logits.max(axis=0) - np.take_along_axis(logits, labels[None], axis=0)[0]
        clear = wrong_by > _MARGIN * rounding * np.abs(logits).max(axis=0)
        asked = np.flatnonzero(np.isfinite(logits).all(axis=0) & ~clear)
        if asked.size:
            # Filled up to whole grains: each width of a tile has buffers of its own.
            filled = np.zeros((len(x), -(-asked.size // _GRAIN) * _GRAIN))
            filled[:, : asked.size] = x[:, asked]
            exact = self._tiles.logits(with_ones(filled.T, np.float64))[:, : asked.size]
            agreed[asked] = ~_hits(exact, labels[asked])
        return agreed


def _worth_keeping(alive: Array) -> Array | slice:
    """Return which columns to go on with: those alive, filled up with others to whole grains."""
    count = -(-int(alive.sum()) // _GRAIN) * _GRAIN
    if count >= len(alive):
        return slice(None)
    return np.sort(np.argsort(~alive, kind="stable")[:count])


def _hits(logits: Array, labels: Array) -> Array:
    """Whether the first of the largest logits is the label's; never where one is not finite."""
    return np.asarray((logits.argmax(axis=0) == labels) & np.isfinite(logits).all(axis=0))


def _stride(settings: AttackSettings, radius: Array) -> Array:
    return radius / 2 if settings.alpha is None else np.full_like(radius, settings.alpha)


@final
class Noise(Attack):
    """A point drawn uniformly from the ball (thesis 4.3.1): what an attack has to surpass."""

    rounds = 1
    random_start = True

    def strides(self, radius: Array) -> list[Array]:
        return []


@final
class FastGradientSign(Attack):
    """x + eps sign(grad_x J), in L2 x + eps grad_x J / ||grad_x J|| (thesis eq. 4.4)."""

    rounds = 1
    random_start = False

    def strides(self, radius: Array) -> list[Array]:
        return [radius]


@final
class BasicIterative(Attack):
    """x_k+1 = project(x_k + alpha sign(grad_x J(x_k))), x_0 = x (thesis eqs. 4.5, 4.6).

    The ball stays around x_0. Clipping around x_k instead, as the thesis' own program does, lets
    an example travel (1 + N/2) eps in N steps.
    """

    rounds = 1
    random_start = False

    def strides(self, radius: Array) -> list[Array]:
        return [_stride(self.settings, radius)] * self.settings.iterations


@final
class ProjectedGradient(Attack):
    """The basic iterative method from random starts (Madry et al. 2018; thesis 4.3.2)."""

    random_start = True

    @property
    def rounds(self) -> int:
        return self.settings.restarts

    def strides(self, radius: Array) -> list[Array]:
        return [_stride(self.settings, radius)] * self.settings.iterations


ATTACKS: dict[str, type[Attack]] = {
    "noise": Noise,
    "fgsm": FastGradientSign,
    "bim": BasicIterative,
    "pgd": ProjectedGradient,
}
