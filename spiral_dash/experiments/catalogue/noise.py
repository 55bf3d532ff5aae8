"""Hypothesis 4, part 1: accuracy under random noise (Fig 4.16)."""

from __future__ import annotations

from spiral_dash.experiments.catalogue.common import ACTIVATION, activations, side
from spiral_dash.experiments.claims import Claim
from spiral_dash.experiments.design import Experiment, Factor, Level, Measurement
from spiral_dash.experiments.figures import Figure
from spiral_dash.experiments.quantities import Quantity

NETWORK = "network"
DELTAS = (0, 0.25, 0.5, 1, 1.5, 2)
CLEAN = Quantity(
    name="clean",
    label="Accuracy without noise",
    unit="%",
    source="attack.accuracy",
    pick=(0,),
    scale=100,
)
NOISY = Quantity(
    name="noisy",
    label="Accuracy at δ = 2",
    unit="%",
    source="attack.accuracy",
    pick=(len(DELTAS) - 1,),
    scale=100,
)
SMALL_NET, LARGE_NET = "one layer of 2", "5 × 50"

EXPERIMENT = Experiment(
    id="H4.1",
    question="Does the activation influence how a network stands random noise on the test points?",
    section="4.3.1, Hypothesis 4 part 1, Fig 4.16",
    thesis="Noise costs little while it is not much larger than the gap of the arms: small "
    "networks 76.67 to 73.93 % (tanh) and 81.97 to 75.30 % (relu), large ones 98.94 to 94.24 % "
    "and 100 to 98.79 %; tanh is slightly worse, on the whole they are comparable.",
    remarks=(
        "The data are those of the networks' own sections: entanglement 5 for the small network, "
        "8 from φ = 2 on for the large one. The thesis names neither.",
    ),
    factors=(
        activations(),
        Factor(
            name=NETWORK,
            label="Network",
            levels=(
                Level(label=SMALL_NET, settings={"network.hidden": [2], "data.entanglement": 5}),
                Level(
                    label=LARGE_NET,
                    settings={
                        "network.hidden": [50] * 5,
                        "data.entanglement": 8,
                        "data.phi_min": 2,
                    },
                ),
            ),
        ),
    ),
    measurements=(Measurement(probe="attack", options={"method": "noise", "epsilons": [*DELTAS]}),),
    quantities=(CLEAN, NOISY),
    figures=(
        Figure(
            title="Accuracy under uniform noise",
            thesis=("4.16",),
            kind="array",
            over="attack.epsilons",
            quantities=("attack.accuracy",),
            lines=ACTIVATION,
            panels=NETWORK,
            x_label="δ (plane units)",
            y_label="Test accuracy",
        ),
    ),
    claims=(
        *(
            Claim(
                text=f"relu is more accurate than tanh at δ = 2 ({name}).",
                test="greater",
                unit="points",
                a=side("noisy", "relu", where={NETWORK: name}),
                b=side("noisy", "tanh", where={NETWORK: name}),
            )
            for name in (SMALL_NET, LARGE_NET)
        ),
        *(
            Claim(
                text=f"The two are comparable at δ = 2, to within 5 points ({name}).",
                test="equal",
                margin=5.0,
                unit="points",
                a=side("noisy", "relu", where={NETWORK: name}),
                b=side("noisy", "tanh", where={NETWORK: name}),
            )
            for name in (SMALL_NET, LARGE_NET)
        ),
        *(
            Claim(
                text=f"Noise of δ = 2 costs the large network less than 5 points ({name}).",
                test="less",
                unit="points lost",
                a=side("clean", name, where={NETWORK: LARGE_NET}),
                b=side("noisy", name, where={NETWORK: LARGE_NET}),
                value=5.0,
            )
            for name in ("relu", "tanh")
        ),
    ),
)
