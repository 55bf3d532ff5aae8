"""Robust accuracy proved either way: every test point decided at every epsilon."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
import numpy.typing as npt
import torch
from pydantic import Field

from spiral_dash.core.attacks import EPSILON_MAX, THESIS_EPSILONS
from spiral_dash.core.certify import (
    RELAXATIONS,
    exact_radii,
    one_shot_radius,
    robust_accuracy,
)
from spiral_dash.core.data.dataset import Dataset
from spiral_dash.core.network import Network
from spiral_dash.core.probes.registry import Arrays, Cost, Options, ProbeError, Subject, probe

BOXES_MAX = 400_000


class ExactOptions(Options):
    """Radii to decide, the ball's norm, the most squares to bound, and the kind of proof.

    `quadtree` decides the data plane exactly; `one-shot` encloses each ball of the whole ambient
    space at once, which is sound, and loose.
    """

    epsilons: tuple[Annotated[float, Field(gt=0.0, le=EPSILON_MAX)], ...] = Field(
        THESIS_EPSILONS, min_length=1, max_length=64
    )
    norm: Literal["linf", "l2"] = "linf"
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
    projected to it and perturbed within it. float64; rounding is not directed outward. Raises
    `ProbeError` where the activation has no relaxation or the weights are not finite.
    """
    network, data = subject.network, subject.data
    if network.activation not in RELAXATIONS:
        raise ProbeError(f"There is no proof for {network.activation}: no sound bound is known.")
    if not bool(torch.isfinite(network.flat).all()):
        raise ProbeError("There is no proof for weights that are not finite: reset the run.")
    labels = data.shown.y_test.numpy()
    epsilons = np.array(options.epsilons)
    if options.proof == "one-shot":
        radius = one_shot_radius(
            _layers(network),
            network.activation,
            data.shown.x_test.double().numpy(),
            labels,
            float(epsilons.max()),
            norm=options.norm,
        )
        correct = _correct(network, data)
        return {
            "epsilons": epsilons,
            "accuracy": (radius[None, :] >= epsilons[:, None]).mean(axis=1),
            "accuracy_upper": np.full(len(epsilons), correct.mean()),
            "decided": (radius[None, :] >= epsilons[:, None]).sum(axis=1),
            "radius_lower": radius,
            "radius_upper": np.where(correct, np.inf, 0.0),
            "whole_space": np.array(1, np.uint8),
            "capped": np.array(0, np.uint8),
            "cancelled": np.array(0, np.uint8),
        }
    radii = exact_radii(
        layers_on_plane(network, data),
        network.activation,
        data.project(data.shown.x_test.double()).numpy(),
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


def _correct(network: Network, data: Dataset) -> npt.NDArray[np.bool_]:
    """Which test points are classified correctly, (N,)."""
    with torch.no_grad():
        hits = network(data.shown.x_test).argmax(dim=1) == data.shown.y_test
    return np.asarray(hits.numpy())


def _layers(network: Network) -> list[tuple[torch.Tensor, torch.Tensor]]:
    return [
        (weight.detach().double(), bias.detach().double())
        for weight, bias in zip(network.weights, network.biases, strict=True)
    ]


def layers_on_plane(network: Network, data: Dataset) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """The network as a function of plane coordinates u: W_1 (o + Q u) = (W_1 Q) u + W_1 o."""
    (weight, bias), *rest = _layers(network)
    return [(weight @ data.plane.double(), bias + weight @ data.origin.double()), *rest]
