"""Ready-made settings: of data, network and training, and what the page shows of them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from spiral_dash.core.config import RunConfig
from spiral_dash.web.arrangements import ARRANGEMENTS, USUAL


@dataclass(frozen=True)
class Preset:
    """Ready-made settings: the reason for them, what to watch, and what differs from the defaults.

    `versus` is what differs in a second run, as an address writes it; "" for no second run.
    `panels`, `options` (by `panel.option`) and `speed` are what the page shows of it.
    """

    name: str
    purpose: str
    watch: str
    settings: Mapping[str, Mapping[str, object]]
    versus: str = ""
    panels: tuple[str, ...] = USUAL
    options: Mapping[str, str] = field(default_factory=dict)
    speed: str = ""

    @property
    def search(self) -> str:
        """All of it as an address, to which the page adds the seeds that it has."""
        page = {f"panel.{name}": value for name, value in self.options.items()}
        if self.panels != USUAL:
            page["panels"] = ",".join(self.panels)
        if self.speed:
            page["speed"] = self.speed
        parts = (RunConfig.parse(self.settings).to_query(), self.versus, urlencode(page, safe=","))
        return "&".join(filter(None, parts))


_SHORT = {"entanglement": 4.0, "samples_per_arm": 200}
_FAST = {"learning_rate": 0.01, "batch_size": 10}

PRESETS = (
    Preset(
        "Playground",
        "3 hidden layers of 8 units, which learn a short spiral within seconds.",
        "the loss falls in steps: at each, the boundary takes in a further piece of the arms.",
        {"data": _SHORT, "network": {"hidden": (8, 8, 8)}, "training": _FAST},
    ),
    Preset(
        "Thesis",
        "The network of the dissertation: 5 hidden layers of 50 units, on an entanglement of 8.",
        "the norms and the moduli of the eigenvalues grow layer by layer, long after the accuracy "
        "has reached its end.",
        {"network": {"hidden": (50,) * 5}},
        panels=ARRANGEMENTS["The thesis"],
    ),
    Preset(
        "Mapping",
        "One hidden layer of 2 units, whose plane can be drawn as it is.",
        "the grid folds where the units bend: no fold undoes the spiral, because a plane alone has "
        "no room for it.",
        {"data": {"entanglement": 5.0}, "network": {"hidden": (2,)}},
        panels=("boundary", "mapping", "distance", "jacobian", "metrics"),
        options={"mapping.show": "grid"},
    ),
    Preset(
        "tanh and relu",
        "Two runs in step that differ in the activation alone.",
        "one boundary is smooth, the other is made of straight lines. Which of them is first?",
        {"data": _SHORT, "network": {"hidden": (8, 8, 8)}, "training": _FAST},
        versus="vs.network.activation=relu",
    ),
    Preset(
        "Plain and adversarial",
        "Two runs in step, the second trained on points moved against it (PGD, ε = 0.75).",
        "how far from the points does each boundary lie, and what does that cost in accuracy?",
        {
            "data": {"samples_per_arm": 200},
            "network": {"hidden": (16, 16, 16)},
            "training": {**_FAST, "adversary_epsilon": 0.75},
        },
        versus="vs.training.adversary=pgd",
    ),
    Preset(
        "Accurate, not robust",
        "A relu network that soon classifies every point, and what attacks leave of that.",
        "the accuracy is 100 %, and the curve under attack falls long before the line that a "
        "perfect classifier would keep. Pause for the exact one.",
        {
            "data": {"entanglement": 6.0},
            "network": {"hidden": (16, 16, 16), "activation": "relu"},
            "training": {"learning_rate": 0.01},
        },
        panels=("boundary", "robustness", "metrics", "radius", "examples"),
    ),
    Preset(
        "Straight lines only",
        "Three layers without a bend: linear activations on a short spiral.",
        "however many layers there are, the boundary stays one straight line. Change the "
        "activation, and it bends.",
        {
            "data": _SHORT,
            "network": {"hidden": (8, 8, 8), "activation": "linear"},
            "training": _FAST,
        },
    ),
    Preset(
        "Vanishing gradients",
        "Six sigmoid layers and plain gradient descent.",
        "the loss stays at ln 2 ≈ 0.693, that of a guess: layer by layer, less of the gradient "
        "comes through. Then try the optimiser adam.",
        {
            "data": {"entanglement": 4.0},
            "network": {"hidden": (10,) * 6, "activation": "sigmoid"},
            "training": {"optimizer": "sgd", "learning_rate": 0.1},
        },
        panels=("boundary", "gradients", "metrics", "histograms"),
        options={"metrics.scale": "log"},
    ),
    Preset(
        "Too large a step",
        "The settings of Playground with a learning rate of 1.",
        "the loss jumps instead of falling. Turn the learning rate down while it trains.",
        {
            "data": _SHORT,
            "network": {"hidden": (8, 8, 8)},
            "training": {"learning_rate": 1.0, "batch_size": 10},
        },
        options={"metrics.scale": "log"},
    ),
    Preset(
        "Learnt by heart",
        "Two clouds that overlap, 200 points, and a network with far more weights than points.",
        "the training loss goes on falling while the test loss rises: the boundary winds around "
        "single points. Then try L2.",
        {
            "data": {"kind": "gaussians", "samples_per_class": 100, "separation": 3.0},
            "network": {"hidden": (64, 64)},
            "training": {"learning_rate": 0.01, "batch_size": 20},
        },
        panels=("boundary", "network", "metrics", "histograms"),
        options={"boundary.test": "on"},
    ),
    Preset(
        "Class collapse",
        "relu with one hidden layer of 2 units, where the dissertation saw a class drawn together.",
        "how far does each class shrink beside its distance from the other? Another seed may say "
        "otherwise: experiment H3 counts many.",
        {
            "data": {"entanglement": 5.0},
            "network": {"hidden": (2,), "activation": "relu"},
            "training": {"learning_rate": 0.01},
        },
        panels=("mapping", "collapse", "boundary", "metrics"),
    ),
    Preset(
        "Two spirals 1988",
        "The published benchmark: 97 points an arm, three turns each, all to train (Lang and "
        "Witbrock 1988).",
        "the centre, where the arms are closest, is learnt last. There are no test points.",
        {
            "data": {
                "b": 1 / math.pi,
                "phi_min": math.pi / 2,
                "entanglement": 6 * math.pi,
                "samples_per_arm": 97,
                "train_share": 1.0,
            },
            "network": {"hidden": (50,) * 3},
            "training": {"batch_size": 20},
        },
        speed="60",
    ),
    Preset(
        "mlbench spirals",
        "mlbench.spirals(300, 1.5) of R: 150 points an arm, one and a half turns each.",
        "two layers of 16 units are enough. How few are?",
        {
            "data": {
                "b": 1 / (3 * math.pi),
                "phi_min": math.pi,
                "entanglement": 2 * math.pi * 1.5 * 149 / 150,
                "samples_per_arm": 150,
            },
            "network": {"hidden": (16, 16)},
            "training": {"learning_rate": 0.01, "batch_size": 20},
        },
    ),
    Preset(
        "Circle",
        "A disc inside a ring, which a layer of 4 units learns within seconds.",
        "each unit gives one straight cut, and together they close a ring. Try 3 units, then 2.",
        {
            "data": {"kind": "circle"},
            "network": {"hidden": (4,)},
            "training": _FAST,
        },
        speed="5",
    ),
    Preset(
        "Digits",
        "Handwritten digits of 8 × 8 pixels, ten classes, one hidden layer of 32 units.",
        "which digits are taken for which, and how little has to be changed of an image.",
        {"data": {"kind": "digits"}, "network": {"hidden": (32,), "activation": "relu"}},
        panels=("boundary", "examples", "metrics", "mapping"),
    ),
)
