"""The strokes that a person has drawn and may take back."""

from __future__ import annotations

from collections import deque

from spiral_dash.core.data.kind import DataConfig

STROKES_MAX = 100


class Strokes:
    """What the data were before each stroke, the newest last."""

    def __init__(self) -> None:
        self._before: deque[tuple[int, DataConfig]] = deque(maxlen=STROKES_MAX)

    def __len__(self) -> int:
        return len(self._before)

    def begin(self, stroke: int, data: DataConfig) -> None:
        """Take note of the `data` that a stroke is drawn on, at its first points."""
        if not self._before or self._before[-1][0] != stroke:
            self._before.append((stroke, data))

    def clear(self) -> None:
        """Forget them: the data are others."""
        self._before.clear()

    def take_back(self) -> DataConfig | None:
        """Return what the data were before the last stroke, None where there is none."""
        return self._before.pop()[1] if self._before else None
