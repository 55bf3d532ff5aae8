"""Numbers as an answer prints them."""

from __future__ import annotations

import math


def number(value: float) -> str:
    """Return a number as it is printed, three digits."""
    return "–" if math.isnan(value) else f"{value:.3g}".replace("-", "−")


def probability(p: float) -> str:
    """Return a p-value as it is printed."""
    return "< 0.0001" if p < 1e-4 else f"{p:.2g}"
