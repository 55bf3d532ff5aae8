"""Which property of the data goes with which of the network: the aim of the thesis (1.2)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.resources import files

from spiral_dash.core.config import ConfigError
from spiral_dash.experiments.catalogue.common import ACTIVATION, TEST_ACCURACY, activations
from spiral_dash.experiments.design import Experiment, Factor, Level, Measurement
from spiral_dash.experiments.figures import Figure
from spiral_dash.experiments.quantities import Quantity

POINTS, POINTS_MIN, POINTS_MAX = 128, 8, 256
DATA = "data"
EPSILONS = (0.25, 0.5, 1.0)
METHODS = ("noise", "fgsm", "bim", "pgd")
HIDDEN = (1, 2)
"""The two 16 x 16 matrices among the four of the network, counted from 0."""
LAST_HIDDEN = (2,)


def data_at(point: Sequence[float]) -> Level:
    """Return the data of a point of the unit cube (6,); samples lie on a logarithmic scale."""
    entanglement, distance, start, codimension, noise, samples = point
    settings = {
        "data.entanglement": round(2 + 12 * entanglement, 2),
        "data.distance": round(1 + 7 * distance, 2),
        "data.phi_min": round(0.5 + 4.5 * start, 2),
        "data.codimension": 1 + int(8 * codimension),
        "data.angle_noise": round(0.2 * noise, 3),
        "data.samples_per_arm": round(100 * 10**samples),
    }
    label = ", ".join(f"{value:g}" for value in settings.values())
    return Level(label=label, settings={**settings})


def data_factor(points: int) -> Factor:
    """Return the first so many points of the design; raise `ConfigError`."""
    if not POINTS_MIN <= points <= POINTS_MAX:
        raise ConfigError(
            {"points": f"points: expected from {POINTS_MIN} to {POINTS_MAX}, got {points}."}
        )
    table = files("spiral_dash.experiments.catalogue").joinpath("map_points.json")
    rows = json.loads(table.read_text("utf-8"))[:points]
    return Factor(name=DATA, label="Data", levels=tuple(map(data_at, rows)))


def _of(name: str, label: str, source: str, **more: object) -> Quantity:
    return Quantity(name=name, label=label, source=source, **more)


NETWORK = (
    _of("frobenius", "Frobenius norm", "norms.frobenius", pick=HIDDEN),
    _of("spectral", "Spectral norm", "norms.spectral", pick=HIDDEN),
    _of("modulus", "Mean |λ|", "eigenvalues.mean_modulus"),
    _of("range", "|λ|max − |λ|min", "eigenvalues.range"),
    _of("eigenvalue_condition", "|λ|max / |λ|min", "eigenvalues.condition"),
    _of("condition", "Condition σmax / σmin", "singular_values.condition", pick=HIDDEN),
    _of("cdnv", "Class collapse: CDNV, last layer", "collapse.cdnv", pick=LAST_HIDDEN),
    _of(
        "asymmetry",
        "Class collapse: least over greatest gyration ratio",
        "collapse.gyration_ratio",
        pick=LAST_HIDDEN,
        reduce="asymmetry",
    ),
    _of("zero", "Gradients equal to 0", "gradients.zero_share", unit="%", scale=100),
    _of("gradient", "Norm of the gradients", "gradients.norm"),
    _of("length", "Boundary over its ideal length", "boundary_complexity.length_ratio"),
    _of("curves", "Boundary: number of curves", "boundary_complexity.curves"),
    _of("turning", "Boundary: total turning", "boundary_complexity.turning", unit="rad"),
    Quantity(
        name="train_accuracy",
        label="Training accuracy",
        unit="%",
        source="metrics.train_accuracy",
        scale=100,
    ),
    TEST_ACCURACY,
    *(
        Quantity(
            name=method,
            label=f"Accuracy under {method if method == 'noise' else method.upper()}, mean over ε",
            unit="%",
            source=f"attack.accuracy_{method}",
            scale=100,
        )
        for method in METHODS
    ),
    Quantity(
        name="exact",
        label="Exact robust accuracy, mean over ε",
        unit="%",
        source="exact_robustness.accuracy",
        scale=100,
    ),
)

EXPERIMENT = Experiment(
    id="map",
    question="Which property of the data goes with which property of the trained network?",
    section="1.2, its aim",
    thesis="To find how the properties of a trained network depend on those of its data; it varies "
    "one property of the data at a time, and draws no picture of them all.",
    remarks=(
        "Data fill the space of six properties evenly (a scrambled Sobol' sequence): entanglement "
        "2 to 14 rad, distance of the arms 1 to 8, φmin 0.5 to 5 rad, codimension 1 to 8, angle "
        "noise 0 to 0.2 rad, and 100 to 1000 samples an arm on a logarithmic scale.",
        "The network has three hidden layers of 16 units, so that its robustness is proved, and "
        "not only attacked, at every point. Norms and conditions are means over the two square "
        "matrices; robustness is the mean over ε = 0.25, 0.5 and 1 (L∞, plane units).",
        "The attacks move a point in the whole space, the exact proof is of the plane that the "
        "data lie in; for codimension 1 the plane is the whole space.",
        "A correlation says that two numbers rise together over these data. That of robustness "
        "with the distance is there for any good network: balls of one size matter less where "
        "the classes lie farther apart.",
    ),
    base={"network.hidden": [16, 16, 16]},
    factors=(activations(), data_factor(POINTS)),
    seeds=1,
    measurements=(
        Measurement(probe="norms"),
        Measurement(probe="eigenvalues", keep=("mean_modulus", "range", "condition")),
        Measurement(probe="singular_values", keep=("condition",)),
        Measurement(probe="collapse", keep=("gyration_ratio", "cdnv")),
        Measurement(probe="gradients", keep=("zero_share", "norm")),
        Measurement(probe="boundary_complexity", keep=("length_ratio", "curves", "turning")),
        Measurement(probe="metrics", keep=("train_accuracy", "test_accuracy")),
        Measurement(
            probe="attack",
            options={"methods": [*METHODS], "epsilons": [*EPSILONS]},
            keep=tuple(f"accuracy_{method}" for method in METHODS),
        ),
        Measurement(
            probe="exact_robustness",
            options={"epsilons": [*EPSILONS], "max_boxes": 20_000},
            keep=("accuracy", "accuracy_upper", "decided"),
        ),
    ),
    quantities=NETWORK,
    figures=(
        Figure(
            title="Rank correlation of the properties of the data and of the network",
            kind="map",
            over=DATA,
            quantities=tuple(one.name for one in NETWORK),
            panels=ACTIVATION,
        ),
    ),
)


def with_points(points: int) -> Experiment:
    """Return the map over so many data; raise `ConfigError`."""
    return EXPERIMENT.replace(factors=(activations(), data_factor(points)))
