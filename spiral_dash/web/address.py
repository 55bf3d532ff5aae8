"""The page's address: a configuration, and what the page shows of it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

from pydantic import BaseModel, ConfigDict

from spiral_dash.core.validation import shown
from spiral_dash.live.commands import EPOCH_MAX
from spiral_dash.live.pace import read_speed
from spiral_dash.web.access import first_few, read_dials
from spiral_dash.web.form import Reading, read_query
from spiral_dash.web.panel_options import SWITCHED, Value, panel_options
from spiral_dash.web.panels import PANELS
from spiral_dash.web.versus import is_versus, read_versus

PANEL = "panel."
"""What the name of a panel's option begins with, as in `panel.boundary.show=disagreement`."""


class PageState(BaseModel):
    """What an address says of the page: None, or nothing, where it is silent.

    `options` are the values of options by panel and option; `speed` is the text of a speed, see
    `read_speed`; `epoch` the one on show; `projector` whether letters are large; `hide` and `lock`
    name dials that are not shown, or not to be turned; `vs` is the second run, compared with the
    first, as an address of its own.
    """

    model_config = ConfigDict(frozen=True)

    panels: tuple[str, ...] | None
    options: dict[str, dict[str, Value]]
    speed: str | None
    epoch: int | None = None
    projector: bool | None = None
    hide: tuple[str, ...] | None = None
    lock: tuple[str, ...] | None = None
    vs: str | None = None


@dataclass(frozen=True)
class Address:
    """What an address says of the run and of the page; a sentence for each thing that is wrong."""

    reading: Reading
    page: PageState
    problems: list[str]


def read_address(search: str) -> Address:
    """Read what is valid in a URL's query; what is not is as usual, and has a sentence."""
    fields = [field for field in search.removeprefix("?").split("&") if field]
    names = [unquote_plus(field.partition("=")[0]) for field in fields]
    of_page = [name in READERS or name.startswith(PANEL) for name in names]
    of_second = [is_versus(name) for name in names]
    sorts = list(zip(fields, of_page, of_second, strict=True))
    reading = read_query("&".join(f for f, page, second in sorts if not page and not second))
    text = "&".join(f for f, page, _ in sorts if page)
    page, problems = _read_page(parse_qsl(text, keep_blank_values=True))
    second, wrong = read_versus(reading, [f for f, _, second in sorts if second])
    problems = [*reading.problems.values(), *problems, *wrong]
    return Address(reading, page.model_copy(update={"vs": second}), problems)


def _read_page(pairs: list[tuple[str, str]]) -> tuple[PageState, list[str]]:
    problems: list[str] = []
    values: dict[str, Any] = dict.fromkeys(READERS)
    options: dict[str, dict[str, Value]] = {}
    for name, text in pairs:
        try:
            if name in READERS:
                values[name] = READERS[name](text, problems)
            else:
                panel, _, option = name.removeprefix(PANEL).partition(".")
                value = _option(panel, option, text)
                options.setdefault(panel, {})[option] = value
        except ValueError as error:
            sentence = str(error)
            problems.append(sentence if sentence.startswith(name) else f"{name}: {sentence}")
    return PageState(options=options, **values), problems


def _panels(text: str, problems: list[str]) -> tuple[str, ...] | None:
    asked = list(dict.fromkeys(name for name in text.split(",") if name))
    unknown = [name for name in asked if name not in PANELS]
    if unknown:
        expected = ", ".join(PANELS)
        problems.append(f"panels: expected some of {expected}, got {first_few(unknown)}.")
    known = tuple(name for name in asked if name in PANELS)
    return None if unknown and not known else known


def _speed(text: str, problems: list[str]) -> str:
    return read_speed(text).text


def _epoch(text: str, problems: list[str]) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 9 and int(text) <= EPOCH_MAX):
        raise ValueError(f"expected a whole number from 0 to {EPOCH_MAX}, got {shown(text)}.")
    return int(text)


def _projector(text: str, problems: list[str]) -> bool:
    if text not in SWITCHED:
        raise ValueError(f"expected on or off, got {shown(text)}.")
    return SWITCHED[text]


def _option(panel: str, option: str, text: str) -> Value:
    options = panel_options().get(panel)
    if options is None:
        raise ValueError(f"expected a panel, one of {', '.join(PANELS)}, got {shown(panel)}.")
    if option not in options:
        has = f"expected one of its options, {', '.join(options)}" if options else "has no options"
        raise ValueError(f"{has}, got {shown(option)}.")
    return options[option].read(text)


READERS: dict[str, Callable[[str, list[str]], object]] = {
    "panels": _panels,
    "speed": _speed,
    "epoch": _epoch,
    "projector": _projector,
    "hide": functools.partial(read_dials, "hide"),
    "lock": functools.partial(read_dials, "lock"),
}
