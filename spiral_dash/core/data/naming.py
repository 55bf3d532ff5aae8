"""Names that people give to columns and classes, and places in a table, in words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from spiral_dash.core.validation import SHOWN_MAX, ConfigError, and_more, shown

NAME_MAX = 60
PLACES_MAX = 3
# Control characters, and halves of a UTF-16 pair, which no UTF-8 text can hold.
_UNWRITABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def tidy(name: str) -> str:
    """Return a name on one line: runs of white space as one blank, no control characters."""
    return _UNWRITABLE.sub("", " ".join(name.split()))


def checked_names(field: str, names: object, count: int, what: str) -> tuple[str, ...]:
    """Return `count` different names of 1 to 60 characters; raise `ConfigError` otherwise.

    `what` says what each name is for, such as "column".
    """
    listed = [names] if isinstance(names, str) else names
    try:
        given = list(listed)  # type: ignore[call-overload]
    except TypeError:
        raise ConfigError(
            {field: f"{field}: expected a list of names, got {shown(names)}."}
        ) from None
    if len(given) != count:
        raise ConfigError(
            {field: f"{field}: expected {count} names, one for each {what}, got {len(given)}."}
        )
    tidied = []
    for name in given:
        text = tidy(str(name)) if isinstance(name, str | int) else ""
        if not 1 <= len(text) <= NAME_MAX:
            arrived = (
                f"{len(text)} characters, {text[:SHOWN_MAX]!r}"
                if isinstance(name, str) and text
                else shown(name)
            )
            raise ConfigError(
                {field: f"{field}: expected names of 1 to {NAME_MAX} characters, got {arrived}."}
            )
        tidied.append(text)
    twice = next((name for place, name in enumerate(tidied) if name in tidied[:place]), None)
    if twice is not None:
        raise ConfigError(
            {field: f"{field}: expected a different name for each {what}, got {twice!r} twice."}
        )
    return tuple(tidied)


def different(names: Sequence[str]) -> tuple[str, ...]:
    """Return the names with " (2)", " (3)" behind those that are there already.

    Names longer than 60 characters are cut, and end in "…".
    """
    taken: set[str] = set()
    result = []
    for name in names:
        number, unique = 1, _cut(name, NAME_MAX)
        while unique in taken:
            number += 1
            ending = f" ({number})"
            unique = _cut(name, NAME_MAX - len(ending)) + ending
        taken.add(unique)
        result.append(unique)
    return tuple(result)


def _cut(name: str, most: int) -> str:
    return name if len(name) <= most else name[: most - 1] + "…"


def of_column(name: str) -> str:
    """Return how a sentence calls a column; one without a name is "column 3" already."""
    return name if re.fullmatch(r"column \d+", name) else f"column {name}"


def listed(places: Sequence[str], count: int) -> str:
    """Return the first few of `count` places, and how many more there are."""
    rest = count - min(len(places), PLACES_MAX)
    return and_more("; ".join(places[:PLACES_MAX]) + ";" * (rest > 0), rest)
