"""What can be set, as a person meets it: names, help and steps.

Bounds and choices are not repeated here: they are read off the configuration's schema. What the
data has of its own is said by each kind's file, see `own_dials`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic.fields import FieldInfo

from spiral_dash.core.config import RunConfig
from spiral_dash.core.data.kind import DataConfig
from spiral_dash.core.validation import describe, schema_of
from spiral_dash.web.form import path_of


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
    kind: str = ""
    """The kind of data that alone has the field, if it is one's own."""

    @property
    def path(self) -> str:
        """The field as errors and URLs name it."""
        return path_of(self.group, self.name)


KIND = Dial(
    "data",
    "kind",
    "Data",
    "What the points are drawn from. Another kind begins at its own defaults.",
    half=False,
)
NETWORK = (
    Dial(
        "network",
        "features",
        "Input features",
        "What the first layer gets of a point, after scaling; attacks and pictures stay in the "
        "plane. At least one stays on.",
        half=False,
    ),
    Dial(
        "network",
        "scaling",
        "Scaling",
        "What is done to each number of a point first: nothing, mean 0 and standard deviation 1, "
        "(x − mean)/s, or the range from −1 to 1. Fitted to the training points.",
        half=False,
    ),
    Dial(
        "network",
        "hidden",
        "Hidden layers",
        "How many layers lie between input and output, and how many units nₖ each of them has: "
        "hₖ = σ(Wₖ hₖ₋₁ + bₖ), with nₖ (nₖ₋₁ + 1) weights and biases.",
        half=False,
    ),
    Dial(
        "network",
        "activation",
        "Activation",
        "The function σ that each hidden unit applies to its weighted sum: h = σ(W x + b).",
    ),
    Dial(
        "network",
        "initializer",
        "Initialiser",
        "The distribution that the first weights are drawn from. pytorch: uniform in ±1/√n, for n "
        "inputs of the unit, biases too; xavier: uniform in ±√(6/(n + m)), m units in the layer; "
        "he: normal with variance 2/n; orthogonal: W Wᵀ = I or Wᵀ W = I; zeros: 0.",
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
        "The rule that turns gradients into steps. SGD: w ← w − η ∇J; RMSprop: "
        "w ← w − η ∇J/√s, s a running mean of (∇J)²; Adam: w ← w − η m/(√s + 10⁻⁸), m one of ∇J, "
        "both without their bias; AdamW, where L2 shrinks w itself. Another one starts a new run.",
    ),
    Dial(
        "training",
        "learning_rate",
        "Learning rate",
        "The size η of a step, w ← w − η ∇J for SGD. Too large and the loss jumps or diverges, too "
        "small and nothing seems to happen.",
        step=10 ** (1 / 4),
        scale="log",
    ),
    Dial(
        "training",
        "momentum",
        "Momentum",
        "How much of the last step goes into the next: v ← μ v + ∇J, w ← w − η v.",
        step=0.05,
    ),
    Dial(
        "training",
        "batch_size",
        "Batch size",
        "Points B that a step averages its gradient over, (1/B) Σ ∇Jᵢ; an epoch of N points has "
        "⌈N/B⌉ steps. Small batches take more, noisier ones.",
        unit="points",
        step=10,
    ),
    Dial(
        "training",
        "l1",
        "L1",
        "Strength λ₁ of a penalty on the sum of |w|, which pulls weights to exactly 0: "
        "J + λ₁ Σ |w|.",
        step=0.0001,
    ),
    Dial(
        "training",
        "l2",
        "L2",
        "Strength λ₂ of a penalty on half the sum of w², which keeps weights small: "
        "J + (λ₂/2) Σ w².",
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
        "How far an example may be moved on each axis (L∞): ‖x′ − x‖∞ ≤ ε.",
        step=0.1,
    ),
    Dial(
        "training",
        "adversary_share",
        "Share",
        "The share p of every batch that is replaced by such examples: "
        "(1/B) (Σ J(xᵢ) + Σ J(x′ⱼ)), the second over p B of them.",
        step=0.1,
    ),
    Dial(
        "training",
        "adversary_steps",
        "Steps",
        "How many steps the PGD attack takes for an example: x′ ← x′ + a sign ∇ₓJ, back into the "
        "ball each time.",
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
DATA = "Data"
"""The section of the data, whose dials are those of its kind."""
SECTIONS = {
    DATA: (KIND,),
    "Network": NETWORK,
    "Training": TRAINING,
    "Adversarial training": ADVERSARY,
    "Seed": SEED,
}
CLOSED = {"Adversarial training"}
"""Sections that are closed when the page opens."""
MAIN = ("network.hidden", "network.activation", "training.learning_rate", "training.batch_size")
"""The dials that stand above the pictures, after those of the data; all others are at the side."""


def own_dials(kind: type[DataConfig]) -> tuple[Dial, ...]:
    """Return the dials of what this kind of data alone has, in the order of its fields."""
    shared = DataConfig.model_fields
    fields = kind.model_fields.items()
    return tuple(
        _of_field(name, field, kind.model_fields["kind"].default)
        for name, field in fields
        if name not in shared and _turning(field).get("by_hand", True)
    )


def main_dial(kind: type[DataConfig]) -> Dial | None:
    """Return the dial that says how hard a kind of data is, if it has one: for the spiral, the
    entanglement.
    """
    return next((dial for dial in own_dials(kind) if dial.slider is not None), None)


def shared_dials() -> tuple[Dial, ...]:
    """Return the dials of what every kind of data has."""
    fields = DataConfig.model_fields.items()
    return tuple(_of_field(name, field) for name, field in fields if name != KIND.name)


def _of_field(name: str, field: FieldInfo, kind: str = "") -> Dial:
    """Return the dial of a field of the data; what it does not say is read off its name."""
    turning = _turning(field)
    slider = turning.get("slider")
    words = name.replace("_", " ")
    return Dial(
        "data",
        name,
        field.title or words[:1].upper() + words[1:],
        field.description or "",
        unit=turning.get("unit") or "",
        step=turning.get("step") or 1.0,
        slider=None if slider is None else Slider(*slider),
        half=slider is None,
        kind=kind,
    )


def _turning(field: FieldInfo) -> Mapping[str, Any]:
    extra = field.json_schema_extra
    return extra if isinstance(extra, dict) else {}


def schema(dial: Dial) -> Mapping[str, Any]:
    """Return the JSON schema of a dial's field, of its value where it may also be left out."""
    names = [dial.group, dial.kind, dial.name] if dial.kind else dial.path.split(".")
    node = schema_of(RunConfig, names)
    return {**node, **node.get("anyOf", [{}])[0]}


def bounds_text(dial: Dial) -> str:
    """Return the range of a number in words, or nothing."""
    node = schema(dial)
    if node.get("type") not in {"integer", "number"}:
        return ""
    words = describe({name: value for name, value in node.items() if name != "anyOf"})
    return f"Takes {words}{f' {dial.unit}' if dial.unit else ''}."


def several(dial: Dial) -> tuple[str, ...]:
    """Return the names of which a field holds several; none where it does not."""
    return tuple(schema(dial).get("items", {}).get("enum", ()))


def choices(dial: Dial) -> tuple[str, ...]:
    """Return the names a field chooses from; none where it is a number."""
    node = schema(dial)
    return tuple(node.get("enum", ())) or ((node["const"],) if "const" in node else ())
