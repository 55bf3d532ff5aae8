"""Test points beside what an attack made of them, a few at a time."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from spiral_dash.core.attacks import (
    ATTACKS,
    EPSILON_MAX,
    AttackCalledOffError,
    AttackSettings,
)
from spiral_dash.core.balls import Norm
from spiral_dash.core.network import Network
from spiral_dash.core.passes import TiledPass
from spiral_dash.core.probes.images import check_finite, columns
from spiral_dash.core.probes.matrices import check_weights
from spiral_dash.core.probes.registry import Arrays, Cost, Options, ProbeError, Subject, probe

Array = npt.NDArray[Any]


class ExamplesTableOptions(Options):
    """Which points, and how they are attacked.

    Of the test points that `show` names, `count` from the `first` on, which is counted from 0;
    beyond the last of them it is the last that begins a page of `count`.
    """

    first: int = Field(0, ge=0, le=1_000_000)
    count: int = Field(12, ge=1, le=60)
    show: Literal["all", "wrong", "broken"] = "all"
    method: Literal["fgsm", "bim", "pgd"] = "bim"
    epsilon: float = Field(0.5, ge=0.0, le=EPSILON_MAX)
    iterations: int = Field(10, ge=1, le=200)
    alpha: float | None = Field(None, gt=0.0, le=EPSILON_MAX)
    restarts: int = Field(10, ge=1, le=50)
    norm: Norm = "linf"


@probe(
    "examples_table",
    options=ExamplesTableOptions,
    cost=Cost.SLOW,
    source="4.3.2, eqs. 4.4 to 4.6; Madry et al. 2018",
    returns={
        "index": "(K,) int64: the test points, counted from 0 in the order of `data.x_test`",
        "total": "() int64: how many test points `show` names",
        "first": "() int64: place of the first of these among them",
        "clean": "() int64: how many of all test points are classified correctly",
        "broken_count": "() int64: for how many of those the attack met another class",
        "points": "(K, n): the points",
        "label": "(K,) int64: their classes",
        "predicted": "(K,) int64: the class that the network gives each",
        "probability": "(K,): how sure it is of it, 0 to 1",
        "found": "(K, n): what the attack found within epsilon, the last point tried if nothing; "
        "the point itself where that is classified wrongly",
        "found_predicted": "(K,) int64: the class that the network gives it",
        "found_probability": "(K,): how sure it is of that, 0 to 1",
        "broken": "(K,) uint8: 1 where the point is classified correctly and what was found is not",
        "range": "(2,): the least and the largest number of the training points, as the ends of "
        "a scale of grey",
    },
)
def examples_table(subject: Subject, options: ExamplesTableOptions) -> Arrays:
    """Attack every test point within epsilon of it, and return some of them.

    All are attacked, so that a point has the same example on whatever page it is looked at. Of
    more than 3,000 test points it is the sample that pictures show. Raises `ProbeError` where the
    weights are not finite and where the attack would take too long.
    """
    network, data = subject.network, subject.data.shown
    check_weights(network)
    x, y = data.x_test.numpy(), data.y_test.numpy()
    settings = AttackSettings(
        epsilons=(options.epsilon,),
        iterations=options.iterations,
        alpha=options.alpha,
        restarts=options.restarts,
        norm=options.norm,
    )
    attack = ATTACKS[options.method](settings)
    try:
        attacked = attack.run(network, x, y, subject.generator("attack"), subject.proceed)
    except AttackCalledOffError as error:
        raise ProbeError(str(error)) from error
    predicted, probability = _answers(network, x)
    correct = predicted == y
    broken = correct & ~attacked.robust[0]
    named = {"all": np.ones(len(y), bool), "wrong": ~correct, "broken": broken}[options.show]
    rows = np.flatnonzero(named)
    last_page = max(len(rows) - 1, 0) // options.count * options.count
    first = min(options.first, last_page)
    shown = rows[first : first + options.count]
    found = attacked.examples[0, shown]
    found_predicted, found_probability = _answers(network, found)
    low, high = float(data.x_train.min()), float(data.x_train.max())
    return {
        "index": shown,
        "total": np.array(len(rows)),
        "first": np.array(first),
        "clean": np.array(int(correct.sum())),
        "broken_count": np.array(int(broken.sum())),
        "points": x[shown],
        "label": y[shown],
        "predicted": predicted[shown],
        "probability": probability[shown],
        "found": found,
        "found_predicted": found_predicted,
        "found_probability": found_probability,
        "broken": broken[shown].astype(np.uint8),
        "range": np.array([low, high]),
    }


def _answers(network: Network, x: Array) -> tuple[Array, Array]:
    """Return the class that the network gives each point (N, n), and how sure it is, (N,) both."""
    with np.errstate(all="ignore"):
        logits = TiledPass(network).logits(columns(x, network)).astype(np.float64)
    check_finite(logits)
    shares = np.exp(logits - logits.max(axis=0))
    return logits.argmax(axis=0), shares.max(axis=0) / shares.sum(axis=0)
