"""What can be set, as a person meets it: names, help, steps, and ready-made settings.

Bounds and choices are not repeated here: they are read off the configuration's schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from spiral_dash.core.config import RunConfig
from spiral_dash.core.validation import describe, schema_of
from spiral_dash.web.form import path_of, texts_of


@dataclass(frozen=True)
class Slider:
    """The part of a field's range that is dragged through; the number beside it takes all of it."""

    low: float
    high: float
    step: float


@dataclass(frozen=True)
class Dial:
    """One field's control: what it is called, its unit, what turning it does.

    `step` is what an arrow key adds, or multiplies with where `scale` is `log`. A `half` dial
    shares its row.
    """

    group: str
    name: str
    label: str
    help: str
    unit: str = ""
    step: float = 1.0
    scale: Literal["linear", "log"] = "linear"
    slider: Slider | None = None
    half: bool = True

    @property
    def path(self) -> str:
        """The field as errors and URLs name it."""
        return path_of(self.group, self.name)


SPIRAL = (
    Dial(
        "data",
        "kind",
        "Data",
        "What the points are drawn from.",
        half=False,
    ),
    Dial(
        "data",
        "entanglement",
        "Entanglement",
        "How far each arm turns, φmax − φmin. More turns wind the classes more tightly into "
        "each other, which is harder to learn.",
        unit="rad",
        step=0.5,
        slider=Slider(0.5, 20.0, 0.1),
        half=False,
    ),
    Dial(
        "data",
        "distance",
        "Distance between spirals",
        "The shortest L₂ distance between points of two arms. It is proportional to the growth "
        "b, which follows.",
        unit="L₂",
        step=0.25,
        slider=Slider(0.5, 12.0, 0.05),
        half=False,
    ),
    Dial(
        "data",
        "b",
        "Growth b",
        "How fast an arm moves outwards: its radius is b φ. Setting it sets the distance.",
        step=0.25,
    ),
    Dial(
        "data",
        "phi_min",
        "Start φmin",
        "The angle an arm starts at. Near 0 the arms meet at the origin and their points "
        "cluster there.",
        unit="rad",
        step=0.25,
    ),
    Dial(
        "data",
        "codimension",
        "Codimension",
        "Dimensions of the space beyond the curve's own: 1 is the plane. For more, the plane is "
        "turned at random into a larger space.",
    ),
    Dial(
        "data",
        "arms",
        "Arms",
        "How many spirals are wound together; each is a class.",
    ),
    Dial(
        "data",
        "samples_per_arm",
        "Samples per arm",
        "How many points are taken from each arm, for training and testing together.",
        step=50,
    ),
    Dial(
        "data",
        "sampling",
        "Sampling",
        "Even in the angle puts points closer together near the centre; even along the arc "
        "length spaces them equally.",
    ),
    Dial(
        "data",
        "angle_noise",
        "Angle noise",
        "Standard deviation of Gaussian noise on each point's angle; its radius stays.",
        unit="rad",
        step=0.05,
    ),
    Dial(
        "data",
        "train_noise",
        "Train noise σ",
        "Standard deviation of Gaussian noise on the training points, on each axis.",
        step=0.1,
    ),
    Dial(
        "data",
        "test_noise",
        "Test noise δ",
        "Test points are moved evenly by up to δ on each axis; the training points stay on the "
        "spiral.",
        step=0.1,
    ),
    Dial(
        "data",
        "train_share",
        "Train share",
        "Share of the points to train on; the others test.",
        step=0.05,
    ),
    Dial(
        "data",
        "seed",
        "Data seed",
        "Fixes noise, embedding and the split into train and test. Blank: derived from the "
        "run's seed.",
    ),
)
NETWORK = (
    Dial(
        "network",
        "features",
        "Input features",
        "What the first layer gets of a point of the plane: any of x1, x2, x1^2, x2^2, x1x2, "
        "sin_x1, sin_x2, with commas between them.",
        half=False,
    ),
    Dial(
        "network",
        "scaling",
        "Scaling",
        "What is done to each number of a point first: nothing, mean 0 and standard deviation 1, "
        "or the range from −1 to 1. Fitted to the training points.",
        half=False,
    ),
    Dial(
        "network",
        "hidden",
        "Hidden layers",
        "How many layers lie between input and output, and how many units each of them has.",
        half=False,
    ),
    Dial(
        "network",
        "activation",
        "Activation",
        "The function each hidden unit applies to its weighted sum.",
    ),
    Dial(
        "network",
        "initializer",
        "Initialiser",
        "The distribution that the first weights are drawn from.",
    ),
    Dial(
        "network",
        "seed",
        "Weight seed",
        "Fixes the initial weights. Blank: derived from the run's seed.",
        half=False,
    ),
)
TRAINING = (
    Dial(
        "training",
        "optimizer",
        "Optimiser",
        "The rule that turns gradients into steps. Another one starts a new run.",
    ),
    Dial(
        "training",
        "learning_rate",
        "Learning rate",
        "The size of a step. Too large and the loss jumps or diverges, too small and nothing "
        "seems to happen.",
        step=10 ** (1 / 4),
        scale="log",
    ),
    Dial(
        "training",
        "momentum",
        "Momentum",
        "How much of the last step goes into the next.",
        step=0.05,
    ),
    Dial(
        "training",
        "batch_size",
        "Batch size",
        "Points a step averages its gradient over. Small batches take more, noisier steps an "
        "epoch.",
        unit="points",
        step=10,
    ),
    Dial(
        "training",
        "l1",
        "L1",
        "Strength of a penalty on the sum of |w|, which pulls weights to exactly 0.",
        step=0.0001,
    ),
    Dial(
        "training",
        "l2",
        "L2",
        "Strength of a penalty on half the sum of w², which keeps weights small.",
        step=0.0001,
    ),
)
ADVERSARY = (
    Dial(
        "training",
        "adversary",
        "Adversary",
        "The attack that finds examples to train on, within ε of the training points. None: "
        "ordinary training.",
    ),
    Dial(
        "training",
        "adversary_epsilon",
        "Size ε",
        "How far an example may be moved on each axis (L∞).",
        step=0.1,
    ),
    Dial(
        "training",
        "adversary_share",
        "Share",
        "The share of every batch that is replaced by such examples.",
        step=0.1,
    ),
    Dial(
        "training",
        "adversary_steps",
        "Steps",
        "How many steps the PGD attack takes for an example.",
    ),
)
SEED = (
    Dial(
        "run",
        "seed",
        "Seed",
        "The data, the first weights, the batches and the measurements draw from seeds derived "
        "from this one. The same seed and dials give the same run, bit for bit.",
        half=False,
    ),
)
SECTIONS = {
    "Spiral": SPIRAL,
    "Network": NETWORK,
    "Training": TRAINING,
    "Adversarial training": ADVERSARY,
    "Seed": SEED,
}
CLOSED = {"Adversarial training"}
"""Sections that are closed when the page opens."""


@dataclass(frozen=True)
class Preset:
    """Ready-made settings: what they are good for, and those that differ from the defaults."""

    name: str
    purpose: str
    settings: Mapping[str, Mapping[str, object]]

    def texts(self) -> dict[str, str]:
        """Return what each control shows; the seeds stay as they are."""
        texts = texts_of(RunConfig.parse(self.settings))
        return {path: text for path, text in texts.items() if not path.endswith("seed")}


PRESETS = (
    Preset(
        "Thesis",
        "The thesis network: 5 hidden layers of 50 units, on an entanglement of 8",
        {"network": {"hidden": (50,) * 5}},
    ),
    Preset(
        "Mapping",
        "The mapping network: one hidden layer of 2 units, whose plane can be drawn as it is",
        {"data": {"entanglement": 5.0}, "network": {"hidden": (2,)}},
    ),
    Preset(
        "Playground",
        "3 hidden layers of 8 units, which learn a short spiral within seconds",
        {
            "data": {"entanglement": 4.0, "samples_per_arm": 200},
            "network": {"hidden": (8, 8, 8)},
            "training": {"learning_rate": 0.01, "batch_size": 10},
        },
    ),
)


def schema(dial: Dial) -> Mapping[str, Any]:
    """Return the JSON schema of a dial's field, of its value where it may also be left out."""
    node = schema_of(RunConfig, dial.path.split("."))
    return {**node, **node.get("anyOf", [{}])[0]}


def bounds_text(dial: Dial) -> str:
    """Return the range of a number in words, or nothing."""
    node = schema(dial)
    if node.get("type") not in {"integer", "number"}:
        return ""
    words = describe({name: value for name, value in node.items() if name != "anyOf"})
    return f"Takes {words}{f' {dial.unit}' if dial.unit else ''}."


def is_list(dial: Dial) -> bool:
    """Whether a field holds several entries."""
    return schema(dial).get("type") == "array"


def choices(dial: Dial) -> tuple[str, ...]:
    """Return the names a field chooses from; none where it is a number."""
    node = schema(dial)
    return tuple(node.get("enum", ())) or ((node["const"],) if "const" in node else ())
