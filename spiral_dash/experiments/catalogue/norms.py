"""Hypothesis 1: the Frobenius norm of the weights against complexity and depth (Fig 4.4)."""

from __future__ import annotations

from spiral_dash.experiments.catalogue.common import (
    ACTIVATION,
    ENTANGLEMENT,
    HIDDEN,
    LARGE,
    WEIGHTS_DATA,
    activations,
    entanglements,
    side,
)
from spiral_dash.experiments.claims import Claim
from spiral_dash.experiments.design import Experiment, Measurement
from spiral_dash.experiments.figures import Figure
from spiral_dash.experiments.quantities import Quantity

EACH = tuple(
    Quantity(
        name=f"frobenius_{number}",
        label=f"hidden matrix {number}",
        source="norms.frobenius",
        pick=(layer,),
    )
    for number, layer in enumerate(HIDDEN, start=1)
)
MEAN = Quantity(
    name="frobenius", label="Mean Frobenius norm", source="norms.frobenius", pick=HIDDEN
)

EXPERIMENT = Experiment(
    id="H1",
    question="Does the Frobenius norm of the weights rise with the complexity of the data, and is "
    "it higher in the final layers?",
    section="4.1.1, Hypothesis 1, Fig 4.4",
    thesis="The norm rises with entanglement for both activations and is highest in the final "
    "layers; tanh is irregular.",
    base={**LARGE, **WEIGHTS_DATA},
    factors=(activations(), entanglements(2, 4, 6, 8, 10)),
    measurements=(Measurement(probe="norms"),),
    quantities=(MEAN, *EACH),
    figures=(
        Figure(
            title="Frobenius norm of the four 50 × 50 matrices",
            thesis=("4.4",),
            over=ENTANGLEMENT,
            quantities=tuple(one.name for one in EACH),
            panels=ACTIVATION,
            y_label="Frobenius norm",
        ),
    ),
    claims=(
        *(
            Claim(
                text=f"The mean norm rises with entanglement ({name}).",
                test="trend",
                a=side("frobenius", name),
                along=ENTANGLEMENT,
            )
            for name in ("relu", "tanh")
        ),
        *(
            Claim(
                text=f"The last of the four matrices has a higher norm than the first ({name}).",
                test="greater",
                a=side("frobenius_4", name),
                b=side("frobenius_1", name),
            )
            for name in ("relu", "tanh")
        ),
        Claim(
            text="Over entanglement, the last matrix' norm is less regular for tanh than for relu.",
            test="greater",
            a=side("frobenius_4", "tanh", along=ENTANGLEMENT, summary="roughness"),
            b=side("frobenius_4", "relu", along=ENTANGLEMENT, summary="roughness"),
        ),
    ),
)
