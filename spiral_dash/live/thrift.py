"""What a frame may cost where many sessions share few cores: panels take turns."""

from __future__ import annotations

import math

PERIOD_SECONDS = 0.18
"""Frames are to follow each other so fast, however many sessions there are."""
FRAME_SHARE = 0.6
"""Of that time frames may take, the rest is for training."""
CROWDED = 1.5
"""A thread that takes so many times as long as it computes shares its core."""
MEMORY = 0.9
"""How much of what was known stays with every new frame."""


class Thrift:
    """Learns from every frame how much longer things take than they compute."""

    def __init__(self) -> None:
        self._slowness = 1.0

    def learn(self, took: float, computed: float) -> None:
        """Take note that a frame took so many seconds, of which so many on a core."""
        if computed > 0.0:
            seen = max(1.0, took / computed)
            self._slowness = MEMORY * self._slowness + (1.0 - MEMORY) * seen

    @property
    def budget(self) -> float:
        """Seconds on a core that the measurements of one frame may take; without bound if alone."""
        if self._slowness < CROWDED:
            return math.inf
        return FRAME_SHARE * PERIOD_SECONDS / self._slowness

    def pause(self, took: float, usual: float) -> float:
        """Return how long after the begin of a frame that `took` so long the next may follow.

        `usual` is what training would be left otherwise. Where that makes frames late, they come
        first, and training has what they leave, a fifth at least.
        """
        return max(1.25 * took, min(usual, PERIOD_SECONDS))
