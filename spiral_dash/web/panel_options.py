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
Kind = Literal["choice", "switch", "text", "several"]
KINDS: dict[str, Kind] = {
    "Select": "choice",
    "Switch": "switch",
    "Input": "text",
    "Checklist": "several",
}
MADE_BY_SCRIPT = re.compile(r"[\w.|+-]{1,24}")


@dataclass(frozen=True)
class Option:
    """One option of a panel: what it takes, and what it is until somebody chooses.

    A list of one choice is that to which the panel's script adds what the network has. A text has
    at most `most` characters and is a number, or of a `pattern`, which is numbers with commas.
    """

    kind: Kind
    choices: tuple[str, ...]
    usual: Value
    most: int = NUMBER_LENGTH_MAX
    pattern: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether the panel's script, which knows the network, adds choices of its own."""
        return self.kind == "choice" and len(self.choices) < 2

    def read(self, text: str) -> Value:
        """Return the value of a text; raise `ValueError` with what was expected."""
        match self.kind:
            case "switch":
                if text not in SWITCHED:
                    raise ValueError(f"expected on or off, got {shown(text)}.")
                return SWITCHED[text]
            case "several":
                names = [name.strip() for name in text.split(",") if name.strip()]
                if not set(names) <= set(self.choices):
                    raise ValueError(self._expected(text))
                return names
            case "choice":
                made = self.is_open and MADE_BY_SCRIPT.fullmatch(text)
                if text not in self.choices and not made:
                    raise ValueError(self._expected(text))
            case "text":
                self._check_text(text)
        return text

    def _check_text(self, text: str) -> None:
        if len(text) > self.most:
            raise ValueError(f"expected at most {self.most} characters, got {shown(text)}.")
        if self.pattern is None and text and not _is_number(text):
            raise ValueError(f"expected a number, got {shown(text)}.")
        if self.pattern is not None and not re.fullmatch(self.pattern, text):
            raise ValueError(f"expected numbers with commas between them, got {shown(text)}.")

    def _expected(self, text: str) -> str:
        return f"expected {'some' if self.kind == 'several' else 'one'} of " + (
            f"{', '.join(self.choices)}, got {shown(text)}."
        )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


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
                getattr(component, "pattern", None),
            )
            for component in _controls(content)
        }
        for panel, content in contents("/").items()
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


def written(panel: str, option: str, text: str) -> str:
    """Return the text of an option, which may be of several values, as an address holds it."""
    value = panel_options()[panel][option].read(text)
    return ",".join(value) if isinstance(value, list) else text
