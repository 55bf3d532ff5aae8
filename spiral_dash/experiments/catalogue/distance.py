"""How far points are moved against how far out they lie (Fig 4.15)."""

from __future__ import annotations

from spiral_dash.experiments.catalogue.common import ACTIVATION, SMALL, activations, side
from spiral_dash.experiments.claims import Claim
from spiral_dash.experiments.design import Experiment, Measurement
from spiral_dash.experiments.figures import Figure
from spiral_dash.experiments.quantities import Quantity

BOTH = ("relu", "tanh")

EXPERIMENT = Experiment(
    id="distance",
    question="Are points farther from the centre moved farther by the hidden layer?",
    section="4.2.2, Fig 4.15",
    thesis="The distance moved rises with the radius, about linearly, alike for both activations.",
    base=SMALL,
    factors=(activations(),),
    measurements=(Measurement(probe="distance", keep=("slope", "correlation")),),
    quantities=(
        Quantity(name="slope", label="Slope of distance over radius", source="distance.slope"),
        Quantity(
            name="correlation", label="Correlation with the radius", source="distance.correlation"
        ),
    ),
    figures=(
        Figure(
            title="Distance moved over radius: slope and correlation",
            thesis=("4.15",),
            over=ACTIVATION,
            quantities=("slope", "correlation"),
            y_label="Slope, correlation",
        ),
    ),
    claims=(
        *(
            Claim(
                text=f"The distance moved rises with the radius ({name}).",
                test="greater",
                a=side("slope", name),
            )
            for name in BOTH
        ),
        *(
            Claim(
                text=f"It rises about linearly: the correlation is above 0.9 ({name}).",
                test="greater",
                a=side("correlation", name),
                value=0.9,
            )
            for name in BOTH
        ),
        Claim(
            text="The slope is alike for both activations, to within 0.2.",
            test="equal",
            margin=0.2,
            a=side("slope", "relu"),
            b=side("slope", "tanh"),
        ),
    ),
)
