"""What a frame may cost where many sessions share few cores: panels take turns."""

from __future__ import annotations

import math

PERIOD_SECONDS = 0.17
"""Frames are to follow each other so fast, however many sessions there are."""
FRAME_SHARE = 0.45
"""Of that time frames may take, the rest is for training."""
HURRIED_SHARE = 0.15
CROWDED = 1.5
"""A thread that takes so many times as long as it computes shares its core."""
FULL = 3.0
"""One that takes so many times as long would not go faster on two cores."""
MEMORY = 0.9
"""How much of what was known stays with every new frame."""


class Thrift:
    """Learns from every frame how much longer things take than they compute, and what it costs
    beside what is measured for it."""

    def __init__(self) -> None:
        self._slowness = 1.0
        self._beside = 0.0

    def learn(self, took: float, computed: float, measuring: float) -> None:
        """Take note that a frame took so many seconds, and how many on a core: in all, and for
        its measurements."""
        self.feel(took, computed)
        if computed > 0.0:
            self._beside += (1.0 - MEMORY) * (computed - measuring - self._beside)

    def feel(self, took: float, computed: float) -> None:
        """Take note that something took so many seconds, and how many on a core."""
        if computed > 0.0:
            seen = max(1.0, took / computed)
            self._slowness += (1.0 - MEMORY) * (seen - self._slowness)

    @property
    def has_room(self) -> bool:
        """Whether the cores have room for measuring beside training."""
        return self._slowness < FULL

    def budget(self, *, hurried: bool) -> float:
        """Seconds on a core that the measurements of one frame may take; without bound if alone.

        A frame that somebody waits for is `hurried`, and has less.
        """
        if self._slowness < CROWDED:
            return math.inf
        share = HURRIED_SHARE if hurried else FRAME_SHARE
        return max(0.0, share * PERIOD_SECONDS / self._slowness - self._beside)

    def pause(self, took: float, usual: float) -> float:
        """Return how long after the begin of a frame that `took` so long the next may follow.

        `usual` is what training would be left otherwise. Where that makes frames late, they come
        first, and training has what they leave, a fifth at least.
        """
        return max(1.25 * took, min(usual, PERIOD_SECONDS))
