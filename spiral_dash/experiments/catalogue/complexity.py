"""Robustness and decision boundary against the complexity of the data (Figs 4.19, 4.20)."""

from __future__ import annotations

from spiral_dash.experiments.catalogue.common import (
    ACTIVATION,
    ENTANGLEMENT,
    LARGE,
    TEST_ACCURACY,
    activations,
    entanglements,
    side,
)
from spiral_dash.experiments.claims import Claim
from spiral_dash.experiments.design import Experiment, Measurement
from spiral_dash.experiments.figures import Figure
from spiral_dash.experiments.quantities import Quantity

EPSILONS = (0.1, 0.25, 0.5, 1, 1.5, 2)
BOTH = ("relu", "tanh")
BIM = Quantity(
    name="bim",
    label="Accuracy under BIM, mean over ε",
    unit="%",
    source="attack.accuracy",
    scale=100,
)
SMALL_EPSILON, LARGE_EPSILON = (
    Quantity(
        name=f"bim_{EPSILONS[k]:g}",
        label=f"Accuracy under BIM at ε = {EPSILONS[k]:g}",
        unit="%",
        source="attack.accuracy",
        pick=(k,),
        scale=100,
    )
    for k in (1, len(EPSILONS) - 1)
)

EXPERIMENT = Experiment(
    id="complexity",
    question="Do robustness and the decision boundary get worse with the complexity of the data?",
    section="4.3.3, Figs 4.19 and 4.20",
    thesis="Accuracy under BIM is lower for more entangled data, most so for small ε, and the "
    "boundary looks more complex; no metric was at hand.",
    remarks=(
        "The boundary's length over that of the ideal boundary, and its total turning, are "
        "metrics of the laboratory's own.",
    ),
    base=LARGE,
    factors=(activations(), entanglements(4, 6, 8, 10, 12)),
    measurements=(
        Measurement(
            probe="attack",
            options={"method": "bim", "epsilons": [*EPSILONS], "iterations": 4},
        ),
        Measurement(
            probe="boundary_complexity",
            keep=("length", "length_ratio", "curves", "turning"),
        ),
        Measurement(probe="metrics", keep=("test_accuracy",)),
        Measurement(
            probe="boundary",
            options={"resolution": 120},
            keep=("probability", "x1", "x2"),
            first_seeds=1,
        ),
    ),
    quantities=(
        BIM,
        SMALL_EPSILON,
        LARGE_EPSILON,
        TEST_ACCURACY,
        Quantity(
            name="length_ratio",
            label="Boundary over its ideal length",
            source="boundary_complexity.length_ratio",
        ),
        Quantity(
            name="turning",
            label="Total turning",
            unit="rad",
            source="boundary_complexity.turning",
        ),
    ),
    figures=(
        Figure(
            title="Accuracy under BIM, by entanglement",
            thesis=("4.19",),
            kind="array",
            over="attack.epsilons",
            quantities=("attack.accuracy",),
            lines=ENTANGLEMENT,
            panels=ACTIVATION,
            x_label="ε (L∞, plane units)",
            y_label="Test accuracy",
        ),
        Figure(
            title="Total turning of the boundary",
            thesis=("4.20",),
            over=ENTANGLEMENT,
            quantities=("turning",),
            lines=ACTIVATION,
        ),
        Figure(
            title="Length of the boundary over that of the ideal one",
            thesis=("4.20",),
            over=ENTANGLEMENT,
            quantities=("length_ratio",),
            lines=ACTIVATION,
        ),
        Figure(
            title="Decision boundaries, one seed",
            thesis=("4.20",),
            kind="boundary",
            over=ENTANGLEMENT,
            lines=ACTIVATION,
        ),
    ),
    claims=(
        *(
            Claim(
                text=f"Accuracy under BIM falls with entanglement ({name}).",
                test="trend",
                direction="falling",
                a=side("bim", name),
                along=ENTANGLEMENT,
            )
            for name in BOTH
        ),
        *(
            Claim(
                text="From the least to the greatest entanglement, more is lost at ε = 0.25 than "
                f"at ε = 2 ({name}).",
                test="greater",
                unit="points lost",
                a=side("bim_0.25", name, along=ENTANGLEMENT, summary="drop"),
                b=side("bim_2", name, along=ENTANGLEMENT, summary="drop"),
            )
            for name in BOTH
        ),
        *(
            Claim(
                text=f"The total turning of the boundary rises with entanglement ({name}).",
                test="trend",
                a=side("turning", name),
                along=ENTANGLEMENT,
            )
            for name in BOTH
        ),
    ),
)
