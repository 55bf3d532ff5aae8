"""What panels let a person choose from, and how it is drawn: the one table for page and scripts.

`make typedefs` writes it for the scripts, as `assets/panels/choices.mjs`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Quantity:
    """A figure that a panel follows: its `label` in the list, and its `title` at the axis.

    `scale` "auto" is logarithmic where the values span decades, "share" goes from 0 to 1. The
    values are the array `array` of the probe `probe`, one for each class where `per_class`.
    """

    label: str
    title: str
    scale: Literal["linear", "log", "auto", "share"]
    probe: str
    array: str
    per_class: bool = False


TRENDS = {
    "frobenius": Quantity("Frobenius norm", "‖W‖<sub>F</sub>", "auto", "norms", "frobenius"),
    "spectral": Quantity(
        "spectral norm", "‖W‖<sub>2</sub> = σ<sub>max</sub>", "auto", "norms", "spectral"
    ),
    "mean_modulus": Quantity("mean |λ|", "mean |λ|", "auto", "eigenvalues", "mean_modulus"),
    "range": Quantity(
        "|λ| max − min",
        "|λ|<sub>max</sub> − |λ|<sub>min</sub>",
        "auto",
        "eigenvalues",
        "range",
    ),
    "modulus_ratio": Quantity(
        "|λ| max / min",
        "|λ|<sub>max</sub> / |λ|<sub>min</sub>",
        "auto",
        "eigenvalues",
        "condition",
    ),
    "complex_count": Quantity(
        "complex λ", "complex eigenvalues", "linear", "eigenvalues", "complex_count"
    ),
    "condition": Quantity(
        "condition number",
        "σ<sub>max</sub> / σ<sub>min</sub>",
        "auto",
        "singular_values",
        "condition",
    ),
    "rank": Quantity("rank", "rank", "linear", "singular_values", "rank"),
}
COLLAPSE = {
    "gyration_ratio": Quantity(
        "gyration ratio", "gyration ratio", "linear", "collapse", "gyration_ratio", per_class=True
    ),
    "effective_rank": Quantity(
        "effective rank", "effective rank", "linear", "collapse", "effective_rank", per_class=True
    ),
    "cdnv": Quantity("CDNV", "CDNV", "auto", "collapse", "cdnv"),
    "zero_share": Quantity(
        "zero share", "share at zero", "share", "collapse", "zero_share", per_class=True
    ),
}
GRADIENTS = {
    "norm": Quantity("norm", "‖g‖", "log", "gradients", "norm"),
    "zero_share": Quantity("exactly zero", "share with g = 0", "share", "gradients", "zero_share"),
    "tiny_share": Quantity(
        "below 1e-8", "share with |g| < 10<sup>−8</sup>", "share", "gradients", "tiny_share"
    ),
    "dead_units": Quantity("dead units", "share of dead units", "share", "gradients", "dead_units"),
}

NORMS = {"linf": "L∞", "l2": "L₂"}
ATTACKS = {"noise": "noise", "fgsm": "FGSM", "bim": "BIM", "pgd": "PGD"}
EXACT = {"pause": "exact on pause", "live": "exact live", "off": "exact off"}
"""When the proof is taken."""

EPOCH_AXIS = {"linear": "epoch", "log": "log epoch"}
"""How every panel of curves over the epochs counts them."""


def labels(quantities: Mapping[str, Quantity]) -> dict[str, str]:
    """Return the choices of a list: value and what is shown."""
    return {name: quantity.label for name, quantity in quantities.items()}
