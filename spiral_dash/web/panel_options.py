"""What each panel's options take, read off their controls, and the same as an address writes it."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from dash.development.base_component import Component

from spiral_dash.core.validation import shown
from spiral_dash.web.panels import contents
from spiral_dash.web.panels.base import NUMBER_LENGTH_MAX

Value = str | bool | list[str]
SWITCHED = {"on": True, "off": False}
KINDS: dict[str, Literal["choice", "switch", "text", "several"]] = {
    "Select": "choice",
    "Switch": "switch",
    "Input": "text",
    "Checklist": "several",
}


@dataclass(frozen=True)
class Option:
    """One option of a panel: what it takes, and what it is until somebody chooses.

    The `choices` of one that depends on the network are known to the panel's script alone. A text
    has at most `most` characters and is of a `pattern`: anything, or numbers with commas.
    """

    kind: Literal["choice", "switch", "text", "several"]
    choices: tuple[str, ...]
    usual: Value
    most: int = NUMBER_LENGTH_MAX
    pattern: str = ".*"

    def read(self, text: str) -> Value:
        """Return the value of a text; raise `ValueError` with what was expected."""
        match self.kind:
            case "switch":
                if text not in SWITCHED:
                    raise ValueError(f"expected on or off, got {shown(text)}.")
                return SWITCHED[text]
            case "several":
                names = [name for name in text.split(",") if name]
                if not set(names) <= set(self.choices):
                    raise ValueError(self._expected(text))
                return names
        if self.kind == "choice" and self.choices and text not in self.choices:
            raise ValueError(self._expected(text))
        if len(text) > self.most:
            raise ValueError(f"expected at most {self.most} characters, got {shown(text)}.")
        if not re.fullmatch(self.pattern, text, re.DOTALL):
            raise ValueError(f"expected numbers with commas between them, got {shown(text)}.")
        return text

    def _expected(self, text: str) -> str:
        return f"expected {'some' if self.kind == 'several' else 'one'} of " + (
            f"{', '.join(self.choices)}, got {shown(text)}."
        )


@functools.cache
def panel_options() -> Mapping[str, Mapping[str, Option]]:
    """Return the options of each panel, by the panel's name and the option's."""
    return {
        panel: {
            component.id["option"]: Option(
                KINDS[type(component).__name__],
                tuple(str(each["value"]) for each in getattr(component, "options", None) or ()),
                component.value,
                getattr(component, "maxlength", NUMBER_LENGTH_MAX),
                getattr(component, "pattern", ".*"),
            )
            for component in _controls(content)
        }
        for panel, content in contents().items()
    }


def _controls(component: Any) -> Iterator[Any]:
    if isinstance(component, list | tuple):
        for each in component:
            yield from _controls(each)
    elif isinstance(component, Component):
        identity = getattr(component, "id", None)
        if isinstance(identity, dict) and identity.get("type") == "panel-option":
            yield component
        yield from _controls(getattr(component, "children", None))


def usual_options() -> dict[str, dict[str, Value]]:
    """Return what every option is until somebody chooses, by panel and option."""
    return {
        panel: {name: option.usual for name, option in options.items()}
        for panel, options in panel_options().items()
    }
