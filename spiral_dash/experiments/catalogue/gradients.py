"""Gradients that are exactly zero, by activation and size (Fig 4.8)."""

from __future__ import annotations

from spiral_dash.experiments.catalogue.common import (
    ACTIVATION,
    WEIGHTS_DATA,
    activations,
    side,
)
from spiral_dash.experiments.claims import Claim
from spiral_dash.experiments.design import Experiment, Factor, Level, Measurement
from spiral_dash.experiments.figures import Figure
from spiral_dash.experiments.quantities import Quantity

NETWORK = "network"
LAYERS = tuple(
    Quantity(
        name=f"zero_{k + 1}",
        label=f"layer {k + 1}",
        unit="%",
        source="gradients.zero_share",
        pick=(k,),
        scale=100,
    )
    for k in range(6)
)
ZERO = Quantity(
    name="zero", label="Gradients equal to 0", unit="%", source="gradients.zero_share", scale=100
)

EXPERIMENT = Experiment(
    id="gradients",
    question="How many gradients are exactly zero after training, by activation and by size?",
    section="4.2, Fig 4.8",
    thesis="For relu many gradients are zero in the network of 50 units and far fewer in that of "
    "10; tanh has none in any layer or size.",
    base=WEIGHTS_DATA,
    factors=(
        activations(),
        Factor(
            name=NETWORK,
            label="Network",
            levels=(
                Level(label="5 × 10", settings={"network.hidden": [10] * 5}),
                Level(label="5 × 50", settings={"network.hidden": [50] * 5}),
            ),
        ),
    ),
    measurements=(Measurement(probe="gradients", keep=("zero_share", "tiny_share")),),
    quantities=(ZERO, *LAYERS),
    figures=(
        Figure(
            title="Gradients equal to 0, by layer",
            thesis=("4.8",),
            kind="array",
            quantities=("gradients.zero_share",),
            x_label="Layer",
            y_label="Share of gradients",
            lines=NETWORK,
            panels=ACTIVATION,
        ),
    ),
    claims=(
        Claim(
            text="For relu, more gradients are zero with 50 units a layer than with 10.",
            test="greater",
            unit="% of gradients",
            a=side("zero", "relu", where={NETWORK: "5 × 50"}),
            b=side("zero", "relu", where={NETWORK: "5 × 10"}),
        ),
        Claim(
            text="For tanh, no gradient is zero in any layer or size.",
            test="never",
            a=side("zero", "tanh"),
        ),
    ),
)
