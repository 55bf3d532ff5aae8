"""Numbers as an answer prints them."""

from __future__ import annotations

import math


def number(value: float) -> str:
    """Return a number as it is printed, three digits."""
    return "–" if math.isnan(value) else f"{value:.3g}".replace("-", "−")


def two(value: float) -> str:
    """Return a correlation with its sign and two digits."""
    text = f"{value:+.2f}".replace("-", "−")
    return text if text[1:] != "0.00" else "0.00"


def probability(p: float) -> str:
    """Return a p-value as it is printed."""
    return "< 0.0001" if p < 1e-4 else f"{p:.2g}"
