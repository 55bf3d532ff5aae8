"""Accuracy against the width of the layers (Fig 4.7)."""

from __future__ import annotations

from spiral_dash.experiments.catalogue.common import (
    ACTIVATION,
    TEST_ACCURACY,
    WEIGHTS_DATA,
    activations,
    side,
)
from spiral_dash.experiments.claims import Claim
from spiral_dash.experiments.design import Experiment, Factor, Level, Measurement
from spiral_dash.experiments.figures import Figure

WIDTH = "width"
WIDTHS = (1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 50)
ENOUGH = 95.0

EXPERIMENT = Experiment(
    id="size",
    question="How does accuracy depend on the width of the layers, and does relu need fewer units "
    "than tanh?",
    section="4.2, Fig 4.7",
    thesis="relu learns well with far fewer units than tanh, and tanh behaves more chaotically.",
    base=WEIGHTS_DATA,
    factors=(
        activations(),
        Factor(
            name=WIDTH,
            label="Units in each of 5 layers",
            levels=tuple(Level(label=str(n), settings={"network.hidden": [n] * 5}) for n in WIDTHS),
        ),
    ),
    measurements=(Measurement(probe="metrics", keep=("test_accuracy", "train_accuracy")),),
    quantities=(TEST_ACCURACY,),
    figures=(
        Figure(
            title="Accuracy against the units of a layer",
            thesis=("4.7",),
            over=WIDTH,
            quantities=("accuracy",),
            lines=ACTIVATION,
        ),
    ),
    claims=(
        Claim(
            text=f"relu reaches {ENOUGH:g} % with fewer units than tanh.",
            test="less",
            unit="units",
            a=side("accuracy", "relu", along=WIDTH, summary="reach", threshold=ENOUGH),
            b=side("accuracy", "tanh", along=WIDTH, summary="reach", threshold=ENOUGH),
        ),
        Claim(
            text="Over the width, accuracy is less regular for tanh than for relu.",
            test="greater",
            a=side("accuracy", "tanh", along=WIDTH, summary="roughness"),
            b=side("accuracy", "relu", along=WIDTH, summary="roughness"),
        ),
        *(
            Claim(
                text=f"Accuracy rises with the width ({name}).",
                test="trend",
                a=side("accuracy", name),
                along=WIDTH,
            )
            for name in ("relu", "tanh")
        ),
    ),
)
