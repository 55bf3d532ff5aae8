"""Which dials a link leaves to others: their names, as `hide=` and `lock=` write them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from spiral_dash.core.data.registry import KINDS
from spiral_dash.core.validation import and_more, shown
from spiral_dash.web.dials import KIND, SECTIONS, own_dials, shared_dials

GROUPS = ("data", "network", "training")
TOGETHER = {"data.distance": "data.b", "data.b": "data.distance"}
"""Dials of which one follows the other."""
NAMED_MAX = 3


def dial_paths() -> tuple[str, ...]:
    """Return the path of every dial, such as `network.activation`, of every kind of data."""
    own = (dial for kind in KINDS.values() for dial in own_dials(kind))
    sections = (dial for dials in SECTIONS.values() for dial in dials)
    return tuple(dict.fromkeys(dial.path for dial in (KIND, *own, *shared_dials(), *sections)))


def read_dials(name: str, text: str, problems: list[str]) -> tuple[str, ...]:
    """Return the known ones of the dials that `text` lists with commas.

    A dial is named by its path, a whole group by `data`, `network` or `training`. What is unknown
    is left out, with a sentence that begins with `name`.
    """
    asked = list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    known = {*GROUPS, *dial_paths()}
    unknown = [each for each in asked if each not in known]
    if unknown:
        problems.append(
            f"{name}: expected names of dials such as network.activation or data.entanglement, or "
            f"a group ({', '.join(GROUPS)}), got {first_few(unknown)}."
        )
    return with_partners(each for each in asked if each in known)


def first_few(names: Sequence[str]) -> str:
    """Return the first of some names as they arrived, and how many more there are."""
    return and_more(", ".join(map(shown, names[:NAMED_MAX])), len(names) - NAMED_MAX)


def all_but(free: Iterable[str]) -> tuple[str, ...]:
    """Return the paths of all dials that neither stand in `free` nor follow one that does.

    A group stands for its dials. This is what to lock, or hide, where only some dials are free.
    """
    names = set(with_partners(free))
    return tuple(
        path
        for path in dial_paths()
        if path not in names and path.partition(".")[0] not in names & set(GROUPS)
    )


def with_partners(names: Iterable[str]) -> tuple[str, ...]:
    """Return names of dials, each with the one that follows it, if any."""
    both = ((name, TOGETHER.get(name)) for name in names)
    return tuple(dict.fromkeys(name for pair in both for name in pair if name is not None))
