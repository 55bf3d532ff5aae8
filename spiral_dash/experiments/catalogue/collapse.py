"""Hypothesis 3: what happens to the classes on their way through two units (Figs 4.9 to 4.14)."""

from __future__ import annotations

from spiral_dash.experiments.catalogue.common import (
    ACTIVATION,
    BATCH,
    SMALL,
    TEST_ACCURACY,
    activations,
    side,
)
from spiral_dash.experiments.claims import Claim
from spiral_dash.experiments.design import Experiment, Measurement, factor
from spiral_dash.experiments.figures import Figure
from spiral_dash.experiments.quantities import Quantity

EPOCHS = (0, 5, 10, 20, 50, 100)
ASYMMETRY = Quantity(
    name="asymmetry",
    label="Least over greatest gyration ratio of the classes",
    source="collapse.gyration_ratio",
    pick=(0,),
    reduce="asymmetry",
)

EXPERIMENT = Experiment(
    id="H3",
    question="Are the classes treated differently in training, depending on the activation?",
    section="4.2.1, Hypothesis 3, Figs 4.9 to 4.14",
    thesis="With relu one class collapses almost to a point as the training goes on, with tanh "
    "neither does; the batch size makes no difference to the shape.",
    remarks=(
        "A class' gyration ratio is its spread over the distance to the other class. The "
        "asymmetry is the smaller ratio over the greater: near 0 where one class has collapsed "
        "and the other has not.",
    ),
    base=SMALL,
    factors=(activations(), factor(BATCH, 10, 50, 200, 500, label="Batch size")),
    measurements=(
        Measurement(probe="collapse", keep=("gyration_ratio", "zero_share"), epochs=EPOCHS),
        Measurement(probe="metrics", keep=("test_accuracy",), epochs=EPOCHS),
        Measurement(
            probe="mapping",
            options={"layer": 1},
            keep=("train",),
            epochs=EPOCHS,
            first_seeds=1,
        ),
    ),
    quantities=(ASYMMETRY, TEST_ACCURACY),
    figures=(
        Figure(
            title="Asymmetry of the classes during the training",
            thesis=("4.10", "4.11"),
            kind="epochs",
            quantities=("asymmetry",),
            lines=ACTIVATION,
            where={BATCH: "50"},
        ),
        Figure(
            title="Asymmetry at the end, by batch size",
            thesis=("4.12", "4.13"),
            over=BATCH,
            quantities=("asymmetry",),
            lines=ACTIVATION,
        ),
        Figure(
            title="Where two units send the points as they learn, one seed",
            thesis=("4.9", "4.10", "4.11"),
            kind="mapping",
            where={BATCH: "50"},
            lines=ACTIVATION,
        ),
        Figure(
            title="Where two units send the points at the end, by batch size, one seed",
            thesis=("4.12", "4.13", "4.14"),
            kind="mapping",
            over=BATCH,
            lines=ACTIVATION,
        ),
    ),
    claims=(
        Claim(
            text="One class collapses more with relu than with tanh.",
            test="less",
            a=side("asymmetry", "relu", where={BATCH: "50"}),
            b=side("asymmetry", "tanh", where={BATCH: "50"}),
        ),
        Claim(
            text="With relu, one class has at most a third of the other's gyration ratio.",
            test="less",
            a=side("asymmetry", "relu", where={BATCH: "50"}),
            value=1 / 3,
        ),
        Claim(
            text="With relu, one class collapses as the training goes on.",
            test="less",
            a=side("asymmetry", "relu", where={BATCH: "50"}),
            b=side("asymmetry", "relu", where={BATCH: "50"}, epoch=5),
        ),
        *(
            Claim(
                text=f"The batch size makes no difference to the asymmetry ({name}).",
                test="trend",
                direction="none",
                a=side("asymmetry", name),
                along=BATCH,
            )
            for name in ("relu", "tanh")
        ),
    ),
)
