"""Ready-made layouts: which panels are open, in which order, and what they are good for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Layout:
    """Panels in their order, and a sentence on what they show together.

    Where the decision boundary is first and loss and accuracy are third, these three fill the
    page: a large picture, one beside it, the curves below; the others follow further down.
    """

    name: str
    purpose: str
    panels: tuple[str, ...]


LAYOUTS = (
    Layout(
        "First view",
        "A large boundary, the network beside it, loss and accuracy below; what happens inside "
        "follows further down.",
        ("boundary", "network", "metrics", "mapping", "weights", "spectrum", "robustness"),
    ),
    Layout(
        "The five essentials",
        "Boundary, point mapping, weights, eigenvalues and adversarial accuracy, and nothing else.",
        ("boundary", "mapping", "weights", "spectrum", "robustness"),
    ),
    Layout(
        "The thesis",
        "What the dissertation looks at: mapping and distance moved, weights, norms and "
        "eigenvalues, zero gradients, collapse, attacks.",
        (
            "boundary",
            "mapping",
            "distance",
            "weights",
            "trends",
            "spectrum",
            "gradients",
            "collapse",
            "robustness",
            "metrics",
        ),
    ),
    Layout(
        "Picture only",
        "The boundary alone, as large as the page: for a projector, for drawing points, for "
        "attacking one.",
        ("boundary",),
    ),
    Layout(
        "How points are moved",
        "Where each layer sends the points, how far, how it stretches the plane, and how far a "
        "class is drawn together.",
        ("mapping", "distance", "jacobian", "collapse"),
    ),
    Layout(
        "Does it learn?",
        "Loss and accuracy beside the gradients, the weights' distribution and their norms: where "
        "training that is stuck shows first.",
        ("metrics", "gradients", "histograms", "trends"),
    ),
    Layout(
        "How well does it hold?",
        "Attacks and proofs: accuracy against ε, each point's exact radius, what an attack made of "
        "an example, and the slope of the loss.",
        ("boundary", "robustness", "radius", "examples", "input_gradient"),
    ),
)
ARRANGEMENTS = {layout.name: layout.panels for layout in LAYOUTS}
USUAL = LAYOUTS[0].panels
"""What is open until a person or the address chooses."""
