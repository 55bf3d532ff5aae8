"""Robust accuracy proved either way: every test point decided at every epsilon."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from spiral_dash.core.attacks import EPSILON_MAX, THESIS_EPSILONS
from spiral_dash.core.balls import Norm
from spiral_dash.core.certify import (
    RELAXATIONS,
    one_shot_radius,
    robust_accuracy,
)
from spiral_dash.core.network import Network
from spiral_dash.core.probes.proving import (
    front_in_space,
    greatest_number,
    layers_of,
    predictions,
    radii_on_plane,
)
from spiral_dash.core.probes.registry import Arrays, Cost, Options, ProbeError, Subject, probe

BOXES_MAX = 400_000


class ExactOptions(Options):
    """Radii to decide, the ball's norm, the most squares to bound, and the kind of proof.

    `quadtree` decides the data plane exactly; `one-shot` encloses each ball of the whole ambient
    space at once, which is sound, and loose.
    """

    epsilons: tuple[Annotated[float, Field(ge=0.0, le=EPSILON_MAX)], ...] = Field(
        THESIS_EPSILONS, min_length=1, max_length=64
    )
    norm: Norm = "linf"
    max_boxes: int = Field(100_000, ge=100, le=BOXES_MAX)
    proof: Literal["quadtree", "one-shot"] = "quadtree"


@probe(
    "exact_robustness",
    options=ExactOptions,
    source="Def. 15, 2.4.6; bounds after CROWN (Zhang et al. 2018), split by a quadtree",
    cost=Cost.SLOW,
    returns={
        "epsilons": "(E,): the radii asked for, ascending as given, plane units",
        "accuracy": "(E,): share of test points proved robust",
        "accuracy_upper": "(E,): share not proved otherwise; the same where all is decided",
        "decided": "(E,) int64: number of test points proved either way",
        "radius_lower": "(N,): largest radius proved robust, 0 where misclassified, plane units",
        "radius_upper": "(N,): least radius proved not robust, 0 where misclassified, "
        "infinity where none is known up to the largest epsilon",
        "boxes": "(M, 4): the proof's squares, x1 min, x1 max, x2 min, x2 max; quadtree only",
        "verdict": "(M,) int8: the class proved on each square, -1 undecided; quadtree only",
        "whole_space": "() uint8: 1 if the statement is of the ambient space, 0 of the data plane",
        "capped": "() uint8: 1 if the limit on squares was reached, so that some stay open",
        "cancelled": "() uint8: 1 if the proof was called off before its end",
    },
    unit_interval=(),
)
def exact_robustness(subject: Subject, options: ExactOptions) -> Arrays:
    """Return the share of test points that keep their class for all ||d|| <= epsilon (eq. 4.3).

    In an ambient dimension above 2 the quadtree's statement is of the data plane: points are
    projected to it and perturbed within it. Input features are bounded as functions of the point,
    which is what is perturbed. At epsilon 0 a point counts as the network classifies it, the first
    of equal logits winning.

    The bounds are those of the network in float64, whose rounding is not directed outward. A point
    that the network itself, in float32, classifies otherwise counts by what the network does: as
    wrong, or as right and undecided. Balls in which float32 may overflow stay unproved. Raises
    `ProbeError` where the activation has no relaxation, or the weights or the network's outputs at
    the test points are not finite.
    """
    network, data = subject.network, subject.data
    check_provable(network)
    x, labels = data.shown.x_test, data.shown.y_test.numpy()
    epsilons = np.array(options.epsilons)
    if options.proof == "one-shot":
        correct = predictions(network, x) == labels
        radius = one_shot_radius(
            layers_of(network),
            network.activation,
            x.double().numpy(),
            labels,
            float(epsilons.max()),
            norm=options.norm,
            front=front_in_space(network),
            correct=correct,
            greatest=greatest_number(network),
        )
        within = (radius >= epsilons[:, None]) & (radius > 0) | (epsilons[:, None] == 0)
        certified = within & correct
        not_falsified = np.broadcast_to(correct, certified.shape)
        return {
            "epsilons": epsilons,
            "accuracy": certified.mean(axis=1),
            "accuracy_upper": not_falsified.mean(axis=1),
            "decided": (certified | ~not_falsified).sum(axis=1),
            "radius_lower": radius,
            "radius_upper": np.where(correct, np.inf, 0.0),
            "whole_space": np.array(1, np.uint8),
            "capped": np.array(0, np.uint8),
            "cancelled": np.array(0, np.uint8),
        }
    radii = radii_on_plane(
        network,
        data,
        x,
        labels,
        options.epsilons,
        norm=options.norm,
        max_boxes=options.max_boxes,
        progress=subject.proceed,
    )
    shares = robust_accuracy(radii, options.epsilons)
    return {
        "epsilons": epsilons,
        "accuracy": shares.certified,
        "accuracy_upper": shares.not_falsified,
        "decided": shares.decided,
        "radius_lower": radii.radius_lower,
        "radius_upper": radii.radius_upper,
        "boxes": radii.boxes,
        "verdict": radii.verdict,
        "whole_space": np.array(data.dimension == 2, np.uint8),
        "capped": np.array(radii.capped, np.uint8),
        "cancelled": np.array(radii.cancelled, np.uint8),
    }


def check_provable(network: Network) -> None:
    """Raise `ProbeError` where there can be no proof: no bound, or weights that are not finite."""
    if network.activation not in RELAXATIONS:
        raise ProbeError(f"There is no proof for {network.activation}: no sound bound is known.")
    if not np.isfinite(network.flat.numpy()).all():
        raise ProbeError("There is no proof for weights that are not finite: reset the run.")
