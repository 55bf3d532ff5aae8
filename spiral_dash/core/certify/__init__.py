"""Proofs of robustness: exact radii in the plane, one-shot bounds in any dimension."""

from spiral_dash.core.certify.front import Front
from spiral_dash.core.certify.one_shot import one_shot_radius
from spiral_dash.core.certify.quadtree import exact_radii
from spiral_dash.core.certify.radii import ExactRadii, RobustAccuracy, robust_accuracy
from spiral_dash.core.certify.relaxation import RELAXATIONS

__all__ = [
    "RELAXATIONS",
    "ExactRadii",
    "Front",
    "RobustAccuracy",
    "exact_radii",
    "one_shot_radius",
    "robust_accuracy",
]
