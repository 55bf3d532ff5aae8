"""Ready-made settings: of data, network and training, all at once."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from spiral_dash.core.config import RunConfig


@dataclass(frozen=True)
class Preset:
    """Ready-made settings: what they are good for, and those that differ from the defaults."""

    name: str
    purpose: str
    settings: Mapping[str, Mapping[str, object]]

    @property
    def search(self) -> str:
        """The settings as an address, to which the page adds the seeds that it has."""
        return RunConfig.parse(self.settings).to_query()


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
    Preset(
        "Two spirals 1988",
        "The published benchmark: 97 points an arm, three turns each, all to train (Lang and "
        "Witbrock 1988)",
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
    ),
    Preset(
        "mlbench spirals",
        "mlbench.spirals(300, 1.5) of R: 150 points an arm, one and a half turns each",
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
        "A disc inside a ring, which a layer of 4 units learns within seconds",
        {
            "data": {"kind": "circle"},
            "network": {"hidden": (4,)},
            "training": {"learning_rate": 0.01, "batch_size": 10},
        },
    ),
    Preset(
        "Digits",
        "Handwritten digits of 8 × 8 pixels, ten classes, one hidden layer of 32 units",
        {"data": {"kind": "digits"}, "network": {"hidden": (32,), "activation": "relu"}},
    ),
)
