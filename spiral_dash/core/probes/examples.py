"""What the attacks find around one test point: examples, the way of BIM, the exact radius."""

from __future__ import annotations

import numpy as np
import torch
from pydantic import Field

from spiral_dash.core.attacks import ATTACKS, EPSILON_MAX, AttackSettings
from spiral_dash.core.balls import Norm
from spiral_dash.core.certify import RELAXATIONS
from spiral_dash.core.probes.matrices import check_weights
from spiral_dash.core.probes.proving import predictions, radii_on_plane
from spiral_dash.core.probes.registry import Arrays, Cost, Options, ProbeError, Subject, probe

BOXES = 20_000
REACH, STEPS = 4.0, 2000
"""The radius is looked for up to so many epsilon, and bracketed within one of so many steps."""


class ExamplesOptions(Options):
    """The test point, counted from 0 in the order of `data.x_test`, and how it is attacked."""

    point: int = Field(0, ge=0, le=1_000_000)
    epsilon: float = Field(0.5, ge=0.0, le=EPSILON_MAX)
    iterations: int = Field(4, ge=1, le=200)
    alpha: float | None = Field(None, gt=0.0, le=EPSILON_MAX)
    restarts: int = Field(10, ge=1, le=50)
    norm: Norm = "linf"


@probe(
    "examples",
    options=ExamplesOptions,
    source="4.3.2, eqs. 4.4 to 4.6",
    cost=Cost.SLOW,
    returns={
        "point": "(2,): the test point, plane coordinates",
        "label": "() int64: its class",
        "predicted": "() int64: the class the network gives it",
        **{
            name: f"(2,): what {name} found, plane coordinates; the last point tried if nothing"
            for name in ATTACKS
        },
        "broken": f"({len(ATTACKS)},) uint8: 1 where {', '.join(ATTACKS)} met another class",
        "path": "(iterations + 1, 2): every iterate of bim, the point first, plane coordinates",
        "radius_lower": "(): largest radius proved robust, plane units; NaN without a proof",
        "radius_upper": "(): least radius proved not robust, plane units; NaN without a proof",
    },
)
def examples(subject: Subject, options: ExamplesOptions) -> Arrays:
    """Attack one test point within epsilon of it by every method, and bracket its exact radius.

    Attacks move in the ambient space and are shown by their place in the data plane; the radius
    is that of the data plane, looked for up to four times epsilon and bracketed to epsilon / 500.
    Raises `ProbeError` for a point that does not exist, and where the weights or the network's
    outputs at the point are not finite.
    """
    network, data = subject.network, subject.data.shown
    check_weights(network)
    count = len(data.y_test)
    if options.point >= count:
        raise ProbeError(
            f"Test point {options.point} does not exist here: expected 0 to {count - 1}."
        )
    here = slice(options.point, options.point + 1)
    x, y = data.x_test[here].numpy(), data.y_test[here].numpy()
    settings = AttackSettings.model_validate(
        {**options.model_dump(exclude={"point", "epsilon"}), "epsilons": (options.epsilon,)}
    )

    def on_plane(found: np.ndarray) -> np.ndarray:
        return np.asarray(data.project(torch.from_numpy(found)).numpy())

    predicted = int(predictions(network, data.x_test[here])[0])
    arrays: Arrays = {
        "point": on_plane(x)[0],
        "label": np.array(y[0]),
        "predicted": np.array(predicted),
    }
    broken = []
    for name, attack in ATTACKS.items():
        found = attack(settings).run(network, x, y, subject.generator("attack"))
        arrays[name] = on_plane(found.examples[0])[0]
        broken.append(not found.robust[0, 0])
    arrays["broken"] = np.array(broken, np.uint8)
    walk = ATTACKS["bim"](settings).path(network, x, y, subject.generator("attack"))
    arrays["path"] = on_plane(walk[:, 0, 0])
    lower = upper = np.nan
    if network.activation in RELAXATIONS:
        radii = radii_on_plane(
            network,
            data,
            data.x_test[here],
            y,
            np.arange(1, STEPS + 1) / STEPS * REACH * options.epsilon,
            norm=options.norm,
            max_boxes=BOXES,
        )
        lower, upper = float(radii.radius_lower[0]), float(radii.radius_upper[0])
    return {**arrays, "radius_lower": np.array(lower), "radius_upper": np.array(upper)}
