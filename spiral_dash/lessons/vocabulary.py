"""What a lesson may name: dials of the configuration, and the panels of whoever shows it."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from spiral_dash.core.config import RunConfig, Settings
from spiral_dash.core.data.registry import KINDS

GROUPS = ("data", "network", "training", "seed")
ALL = "all"
MADE_BY_SCRIPT = re.compile(r"[\w.|+-]{1,24}")
NUMBER_LENGTH_MAX = 24


@dataclass(frozen=True)
class OptionValues:
    """What an option of a panel takes: one of `values`, several of them, or a number.

    An `open` list is lengthened by the panel's script, which knows the network.
    """

    values: tuple[str, ...] = ()
    several: bool = False
    number: bool = False
    open: bool = False

    def expected(self) -> str:
        """Say in words what is taken."""
        if self.number:
            return "a number"
        return f"{'some' if self.several else 'one'} of {', '.join(self.values)}"

    def takes(self, text: str) -> bool:
        """Whether `text` is a value of the option; several are separated by commas."""
        if self.number:
            return not text or (len(text) <= NUMBER_LENGTH_MAX and _is_number(text))
        parts = [part.strip() for part in text.split(",")] if self.several else [text]
        return all(
            part in self.values or (self.open and MADE_BY_SCRIPT.fullmatch(part)) for part in parts
        )


@dataclass(frozen=True)
class Vocabulary:
    """The panels there are, with their options."""

    panels: Mapping[str, Mapping[str, OptionValues]] = field(default_factory=dict)


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


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
