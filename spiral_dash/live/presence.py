"""Who is there to see a session, and since when nobody is."""

from __future__ import annotations

import time
from collections.abc import Sequence

from spiral_dash.live.audience import Viewer

LOST_SECONDS = 30.0
"""A viewer whose connection broke, without a goodbye, is expected back for so long."""


class Presence:
    """Times are seconds of the monotonic clock.

    Viewers, and what is asked of the session, are signs of somebody; a credit, which a page gives
    by itself, is none, and neither is a viewer that is `apart`: a small picture for somebody else.
    """

    def __init__(self, viewers: Sequence[Viewer], seen_at: float | None = None) -> None:
        self._viewers = viewers
        self._seen_at = time.monotonic() if seen_at is None else seen_at
        self._expected_until = 0.0

    def touch(self) -> None:
        """Somebody is there now."""
        self._seen_at = time.monotonic()

    def left(self, goodbye: bool) -> None:
        """A viewer is gone; without a goodbye, it may only have lost its connection."""
        self.touch()
        self._expected_until = 0.0 if goodbye else time.monotonic() + LOST_SECONDS

    @property
    def _here(self) -> list[Viewer]:
        return [viewer for viewer in self._viewers if not viewer.apart]

    @property
    def alone(self) -> float:
        """For how many seconds no viewer has been attached."""
        return 0.0 if self._here else time.monotonic() - self._seen_at

    @property
    def unwatched(self) -> float:
        """For how many seconds nobody has looked or touched anything, whether a tab is open or not.

        A tab in sight is looked at.
        """
        if any(not viewer.hidden for viewer in self._here):
            return 0.0
        last = max([self._seen_at, *(viewer.touched_at for viewer in self._here)])
        return time.monotonic() - last

    def expected(self) -> bool:
        """Whether somebody is about to come back."""
        return not self._here and time.monotonic() < self._expected_until
