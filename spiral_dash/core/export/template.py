"""Texts with places to fill and lines that are there only sometimes.

`$NAME` is filled. What stands between a line `#if name` and its `#end` stays where the name is
among those that hold; such parts may lie within each other.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping


def filled(text: str, holding: Collection[str], values: Mapping[str, str]) -> str:
    """Return a text with its places filled; raise KeyError for one that has no value."""
    return re.sub(r"\$([A-Z_]+)", lambda place: values[place[1]], _kept(text, holding))


def _kept(text: str, holding: Collection[str]) -> str:
    lines, open_parts = [], []
    for line in text.splitlines(keepends=True):
        if line.startswith("#if "):
            open_parts.append(line.split()[1] in holding)
        elif line.startswith("#end"):
            open_parts.pop()
        elif all(open_parts):
            lines.append(line)
    assert not open_parts
    return "".join(lines)
