"""What a figure shows: which numbers, over what, in which panels and lines."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from spiral_dash.core.settings import Settings


class Figure(Settings):
    """A figure of panels with lines and their bands.

    `kind` says what lies on the x axis: the levels of factor `over`; the numbers of the array
    `over` beside the one shown (`array`); or the epochs measured (`epochs`). `quantities` are the
    lines, or for `array` the arrays, such as `attack.accuracy_bim`. Further lines are the levels
    of factor `lines`, panels those of `panels`. `mapping` and `boundary` are pictures of one seed
    a cell, at the epochs measured. `map` is the rank correlation of every quantity with every
    setting of the levels of `over`. What is not named is averaged over.
    """

    title: str
    thesis: tuple[str, ...] = ()
    kind: Literal["levels", "array", "epochs", "mapping", "boundary", "map"] = "levels"
    over: str = ""
    quantities: tuple[str, ...] = Field((), max_length=40)
    labels: tuple[str, ...] = ()
    lines: str | None = None
    panels: str | None = None
    y_label: str = ""
    x_label: str = ""
    log: bool = False
    where: dict[str, str] = Field(default_factory=dict)
