"""Ready-made choices of panels, in their order."""

from __future__ import annotations

from spiral_dash.web.panels import PANELS

_THESIS = (
    "boundary", "mapping", "distance", "weights", "trends", "spectrum", "gradients", "collapse",
    "robustness", "metrics",
)  # fmt: skip
_ESSENTIALS = ("boundary", "mapping", "weights", "spectrum", "robustness", "metrics")

ARRANGEMENTS = {
    "The five essentials": _ESSENTIALS,
    "The thesis": tuple(name for name in _THESIS if name in PANELS),
}
USUAL = _ESSENTIALS
"""What is open until a person or the address chooses."""
