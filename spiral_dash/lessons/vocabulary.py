"""What a lesson may name: dials of the configuration, and the panels of whoever shows it."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from spiral_dash.core.config import RunConfig, Settings
from spiral_dash.core.data.registry import KINDS

GROUPS = ("data", "network", "training", "seed")
ALL = "all"


class PanelOption(Protocol):
    """An option of a panel."""

    def read(self, text: str) -> object:
        """Return the value of a text; raise `ValueError` with what was expected."""


@dataclass(frozen=True)
class Vocabulary:
    """The panels there are, with their options."""

    panels: Mapping[str, Mapping[str, PanelOption]] = field(default_factory=dict)


@functools.cache
def dials() -> tuple[str, ...]:
    """Return the paths of all fields of a configuration that a person may turn."""
    paths: list[str] = []
    for name, value in RunConfig():
        if name == "schedule":
            continue
        models: Iterable[type[Settings]] = (
            KINDS.values()
            if name == "data"
            else [type(value)]
            if isinstance(value, Settings)
            else ()
        )
        fields = {inner for model in models for inner in model.model_fields}
        paths.extend(sorted(f"{name}.{inner}" for inner in fields) or [name])
    return tuple(paths)


def is_dial(name: str) -> bool:
    """Whether `name` is that of a dial or of a group of them."""
    return name in GROUPS or name in dials()
