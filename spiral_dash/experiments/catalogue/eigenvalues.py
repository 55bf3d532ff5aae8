"""Hypothesis 2: the eigenvalues of the weights against complexity (Figs 4.5, 4.6, D.1)."""

from __future__ import annotations

from spiral_dash.experiments.catalogue.common import (
    ACTIVATION,
    ENTANGLEMENT,
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

MATRICES = (0, 1, 2, 3)
"""The probe gives the four square matrices in order."""


def _each(name: str, array: str) -> tuple[Quantity, ...]:
    return tuple(
        Quantity(
            name=f"{name}_{k + 1}",
            label=f"hidden matrix {k + 1}",
            source=f"eigenvalues.{array}",
            pick=(k,),
        )
        for k in MATRICES
    )


MODULUS, RANGE, CONDITION = (
    _each("modulus", "mean_modulus"),
    _each("range", "range"),
    _each("condition", "condition"),
)
MEANS = (
    Quantity(name="modulus", label="Mean |λ|", source="eigenvalues.mean_modulus"),
    Quantity(name="range", label="|λ|max − |λ|min", source="eigenvalues.range"),
    Quantity(name="condition", label="|λ|max / |λ|min", source="eigenvalues.condition"),
    Quantity(name="complex", label="Complex eigenvalues", source="eigenvalues.complex_count"),
    Quantity(
        name="last_highest",
        label="Last matrix has the largest mean |λ|",
        source="eigenvalues.mean_modulus",
        reduce="last_highest",
    ),
)
BOTH = ("relu", "tanh")

EXPERIMENT = Experiment(
    id="H2",
    question="Do the eigenvalues of the weights grow with the complexity of the data, and are they "
    "larger in the final layers?",
    section="4.1.2, Hypothesis 2, Figs 4.5, 4.6 and D.1",
    thesis="The mean modulus rises with entanglement; the final layer is not always the highest; "
    "the range rises steadily for relu and is erratic, with a high final layer, for tanh; the "
    "condition and the number of complex eigenvalues show no trend.",
    base={**LARGE, **WEIGHTS_DATA},
    factors=(activations(), entanglements(2, 4, 6, 8, 10)),
    measurements=(
        Measurement(
            probe="eigenvalues", keep=("mean_modulus", "range", "condition", "complex_count")
        ),
    ),
    quantities=(*MEANS, *MODULUS, *RANGE, *CONDITION),
    figures=tuple(
        Figure(
            title=title,
            thesis=(number,),
            over=ENTANGLEMENT,
            quantities=tuple(one.name for one in shown),
            panels=ACTIVATION,
            y_label=label,
            log=label.endswith("min") and "/" in label,
        )
        for title, number, shown, label in (
            ("Mean modulus of the eigenvalues", "4.5", MODULUS, "mean |λ|"),
            ("Range of the moduli", "4.6", RANGE, "|λ|max − |λ|min"),
            ("Condition", "D.1", CONDITION, "|λ|max / |λ|min"),
        )
    ),
    claims=(
        *(
            Claim(
                text=f"The mean modulus rises with entanglement ({name}).",
                test="trend",
                a=side("modulus", name),
                along=ENTANGLEMENT,
            )
            for name in BOTH
        ),
        *(
            Claim(
                text="The final matrix has the largest mean modulus in fewer than nine networks of "
                f"ten ({name}).",
                test="less",
                a=side("last_highest", name),
                value=0.9,
            )
            for name in BOTH
        ),
        Claim(
            text="The range rises with entanglement (relu).",
            test="trend",
            a=side("range", "relu"),
            along=ENTANGLEMENT,
        ),
        Claim(
            text="The range is higher in the final matrix than in the first (tanh).",
            test="greater",
            a=side("range_4", "tanh"),
            b=side("range_1", "tanh"),
        ),
        Claim(
            text="The range of the final matrix is less regular for tanh than for relu.",
            test="greater",
            a=side("range_4", "tanh", along=ENTANGLEMENT, summary="roughness"),
            b=side("range_4", "relu", along=ENTANGLEMENT, summary="roughness"),
        ),
        *(
            Claim(
                text=f"{what} shows no trend with entanglement ({name}).",
                test="trend",
                direction="none",
                a=side(quantity, name),
                along=ENTANGLEMENT,
            )
            for quantity, what in (
                ("condition", "The condition"),
                ("complex", "The number of complex eigenvalues"),
            )
            for name in BOTH
        ),
    ),
)
