"""The second run of a page: in its address, what differs from the first, as `vs.` and a field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl, quote, unquote_plus, urlencode

from spiral_dash.core.config import RunConfig
from spiral_dash.core.data.points import PointsData
from spiral_dash.core.data.registry import KINDS
from spiral_dash.core.difference import differences
from spiral_dash.core.validation import shown
from spiral_dash.web.form import KIND, ROWS, Reading, query_of, read_query

VERSUS = "vs."
"""What the name of a field of the second run begins with, as in `vs.network.activation=relu`."""
BARE = "vs"
SAME = "same"
"""`vs=same` is a second run that does not differ from the first, or not yet."""
EXAMPLE = f"{VERSUS}network.activation=relu"
FIELDS_MAX = 200
"""Settings that a second run may name: more than any kind of data has."""


def is_versus(name: str) -> bool:
    """Whether a field of an address says something of the second run."""
    return name == BARE or name.startswith(VERSUS)


def read_versus(first: Reading, fields: Sequence[str]) -> tuple[str | None, list[str]]:
    """Return the second run as an address of its own, None where there is none.

    `first` is the run that it differs from, `fields` are those of the address that `is_versus` is
    true of, as they stand there. What cannot be used is left out and has a sentence; of more than
    `FIELDS_MAX` there is no second run.
    """
    if len(fields) > FIELDS_MAX:
        return None, [
            f"{BARE}: expected at most {FIELDS_MAX} settings that differ, got {len(fields):,}. "
            "Leave some out."
        ]
    bare = _pairs([each for each in fields if not each.startswith(VERSUS)])
    problems = [
        f"{BARE}: expected {SAME}, or {VERSUS} and a setting that differs, such as {EXAMPLE}; "
        f"got {shown(value)}."
        for _, value in bare
        if value != SAME
    ]
    differing = [each.removeprefix(VERSUS) for each in fields if each.startswith(VERSUS)]
    known = _known(first.config, differing)
    usable = [each for each in differing if _name(each) in known]
    problems += [
        f"{VERSUS}{_name(each)}: there is no such setting. Check its spelling or leave it out."
        for each in differing
        if _name(each) not in known
    ]
    reading = _read(first.config, usable)
    while wrong := {_name(each) for each in usable} & reading.problems.keys():
        problems += [f"{VERSUS}{reading.problems[path]}" for path in sorted(wrong)]
        usable = [each for each in usable if _name(each) not in wrong]
        reading = _read(first.config, usable)
    problems += [f"{VERSUS}{sentence}" for sentence in reading.problems.values()]
    is_there = bool(usable) or (BARE, SAME) in bare
    return (_address_of(reading, first) if is_there else None), problems


def versus_of(one: RunConfig, other: RunConfig) -> str:
    """Return what an address says of a second run `other` beside the first, `one`."""
    parts = [
        f"{VERSUS}{path}={quote(text or '', safe=',;:=')}"
        for path, _, text in differences(one, other)
    ]
    return "&".join(parts) or f"{BARE}={SAME}"


def _pairs(fields: Sequence[str]) -> list[tuple[str, str]]:
    return parse_qsl("&".join(fields), keep_blank_values=True)


def _name(field: str) -> str:
    return unquote_plus(field.partition("=")[0])


def _known(first: RunConfig, differing: Sequence[str]) -> Mapping[str, str | None]:
    """Return every setting that the second run has, with its default."""
    kind = dict(_pairs(differing)).get(KIND, first.data.kind)
    usual = RunConfig(data={"kind": kind}) if kind in KINDS else first.usual
    return {**usual.texts, ROWS: ""}


def _read(first: RunConfig, differing: Sequence[str]) -> Reading:
    """Read the second run: what the first is, and in its place what differs."""
    known = _known(first, differing)
    changed = {_name(each) for each in differing}
    kept = [
        (path, text)
        for path, text in first.texts.items()
        if text is not None and path in known and path not in changed
    ]
    # No value is what a setting that may have none is given by leaving it out.
    given = [each for each in differing if each.partition("=")[2] or known[_name(each)] is not None]
    inherited = urlencode(kept, quote_via=quote, safe=",;:=")
    return read_query("&".join([inherited, *given]))


def _address_of(second: Reading, first: Reading) -> str:
    rows = second.rows
    data = second.config.data
    if rows is None and isinstance(data, PointsData) and data == first.config.data:
        rows = first.rows
    return query_of(second.config, None if rows is None else rows.text_or_none())
