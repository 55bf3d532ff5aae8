"""Accuracy under attack: what is left of the test accuracy when every point may be moved."""

from __future__ import annotations

import numpy as np
from pydantic import Field

from spiral_dash.core.attacks import (
    ATTACKS,
    Attack,
    AttackCalledOffError,
    AttackName,
    AttackSettings,
    AttackTooLargeError,
)
from spiral_dash.core.probes.matrices import check_weights
from spiral_dash.core.probes.proving import predictions
from spiral_dash.core.probes.registry import Arrays, Cost, ProbeError, Subject, probe


class AttackOptions(AttackSettings):
    """Which attack, or with `methods` which attacks, and how each searches.

    `epsilons` are the radii of the balls and `alpha` the length of a step, in plane units (None:
    half the radius); `iterations` counts the steps of bim and pgd, `restarts` the starts of pgd.
    """

    method: AttackName = "fgsm"
    methods: tuple[AttackName, ...] | None = Field(None, min_length=1, max_length=len(ATTACKS))


@probe(
    "attack",
    options=AttackOptions,
    cost=Cost.SLOW,
    source="4.3.1, 4.3.2, eqs. 4.4 to 4.6, Figs 4.16 to 4.18; pgd: Madry et al. 2018",
    returns={
        "epsilons": "(E,): radii of the balls, plane units, in the order asked for",
        "accuracy": "(E,): share of the test set that holds against `method`; not with `methods`",
        **{
            f"accuracy_{name}": f"(E,): the same against {name}; only where `methods` names it"
            for name in ATTACKS
        },
        "clean": "(): share of the test set classified correctly as it is",
    },
    unit_interval=("accuracy", *(f"accuracy_{name}" for name in ATTACKS), "clean"),
)
def attack(subject: Subject, options: AttackOptions) -> Arrays:
    """Return the share of test points for which no misclassified iterate was met.

    A point is lost at epsilon when any iterate within its ball is misclassified, the point itself
    among them, so the share is an upper bound of the robust accuracy, and at epsilon 0 the share
    classified correctly. An iterate counts where float64 agrees with the network's float32, so that
    its rounding contradicts no proof. The balls lie in the ambient space, before any scaling and
    features. Raises `ProbeError` where the weights, or the network's outputs at the test points,
    are not finite, and where the search would take too long or was called off.
    """
    network, data = subject.network, subject.data.shown
    check_weights(network)
    x, y = data.x_test.numpy(), data.y_test.numpy()

    attacks = {name: ATTACKS[name](options) for name in options.methods or (options.method,)}
    visits = sum(one.visits for one in attacks.values())
    done = 0

    def accuracy(one: Attack) -> np.ndarray:
        nonlocal done
        try:
            robust = one.robust(
                network,
                x,
                y,
                subject.generator("attack"),
                lambda share: subject.proceed((done + one.visits * share) / visits),
            )
        except (AttackTooLargeError, AttackCalledOffError) as error:
            raise ProbeError(str(error)) from error
        done += one.visits
        return np.asarray(robust.mean(axis=1))

    arrays: Arrays = {
        "epsilons": np.array(options.epsilons),
        "clean": np.array((predictions(network, data.x_test) == y).mean()),
    }
    if options.methods is None:
        arrays["accuracy"] = accuracy(attacks[options.method])
    else:
        arrays |= {f"accuracy_{name}": accuracy(one) for name, one in attacks.items()}
    return arrays
