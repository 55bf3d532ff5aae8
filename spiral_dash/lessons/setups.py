"""What a step's `setup` asks of the page, checked against what there is."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import unquote

from spiral_dash.core.config import ConfigError, RunConfig, shown
from spiral_dash.lessons.blocks import Block, Entry
from spiral_dash.lessons.model import Setup
from spiral_dash.lessons.problems import Problems
from spiral_dash.lessons.vocabulary import ALL, Vocabulary, is_dial
from spiral_dash.live.pace import read_speed
from spiral_dash.web.form import Reading, read_query

KEYS = ("run", "panels", "speed", "epoch", "free", "next")
COMPARED = "vs."
PANELS_MAX = 12
EPOCH_MAX = 5_000
NONE = "none"


def read_setup(block: Block, known: Vocabulary, problems: Problems) -> Setup:
    """Return a setup; note what it names that is not there."""
    found: dict[str, Entry] = {}
    options: dict[str, Entry] = {}
    for entry in block.entries:
        if entry.key in found or entry.key in options:
            problems.add(entry.line, f"expected {entry.key} once, got it again.")
        elif entry.key in KEYS:
            found[entry.key] = entry
        elif "." in entry.key:
            options[entry.key] = entry
        else:
            problems.add(
                entry.line,
                f"expected one of {', '.join(KEYS)}, or an option such as metrics.scale, got "
                f"{shown(entry.key)}.",
            )
    panels = _panels(found.get("panels"), known, problems)
    return Setup(
        query=_query(found.get("run"), problems),
        panels=panels,
        options=dict(_options(options.values(), panels, known, problems)),
        speed=_speed(found.get("speed"), problems),
        epoch=_epoch(found.get("epoch"), problems),
        free=_free(found.get("free"), problems),
    )


def _query(entry: Entry | None, problems: Problems) -> str:
    """Return an address that is valid for the run and for the one it is compared with."""
    if entry is None:
        return ""
    text = "".join(entry.value.split()).removeprefix("?")
    pairs = [part for part in text.split("&") if part]
    run = [part for part in pairs if not part.startswith(COMPARED)]
    other = [part.removeprefix(COMPARED) for part in pairs if part.startswith(COMPARED)]
    names = [_name(part) for part in pairs]
    for name in sorted({name for name in names if names.count(name) > 1}):
        problems.add(entry.line, f"expected {name} once in the run, got it again.")
    for part in [*run, *other]:
        if "=" not in part:
            problems.add(entry.line, f"expected name=value between &, got {shown(part)}.")
        elif _name(part) != "seed" and "." not in _name(part) and _name(part) != "schedule":
            problems.add(
                entry.line,
                f"expected settings such as network.activation, got {shown(_name(part))}. What "
                "else the page shows has lines of its own.",
            )
    changed = {_name(part) for part in other}
    both = [part for part in run if _name(part) not in changed] + other
    first = _read(run, problems, entry.line)
    second = _read(both, problems, entry.line, first) if other else None
    if first and second and first.config == second.config and not second.problems:
        problems.add(entry.line, "expected a compared run that differs, got the same run twice.")
    return "&".join(pairs)


def _read(
    parts: list[str], problems: Problems, line: int, first: Reading | None = None
) -> Reading | None:
    """Read a run; of one that is compared with the `first`, say what is wrong with it alone."""
    prefix = COMPARED if first else ""
    try:
        reading = read_query("&".join(parts))
    except ValueError as error:
        problems.add(line, f"{prefix}{error}")
        return None
    said = first.problems if first else {}
    for path, sentence in reading.problems.items():
        if said.get(path) != sentence:
            problems.add(line, f"{prefix}{sentence}")
    return reading


def _name(part: str) -> str:
    return unquote(part.partition("=")[0])


def _panels(entry: Entry | None, known: Vocabulary, problems: Problems) -> tuple[str, ...]:
    if entry is None:
        return ()
    names = _listed(entry.value)
    for name in names:
        if name not in known.panels:
            problems.add(
                entry.line,
                f"expected panels out of {', '.join(known.panels)}, got {shown(name)}.",
            )
    if not 1 <= len(names) <= PANELS_MAX or len(set(names)) < len(names):
        problems.add(
            entry.line, f"expected 1 to {PANELS_MAX} different panels, got {shown(entry.value)}."
        )
    return tuple(names)


def _options(
    entries: Iterable[Entry], panels: tuple[str, ...], known: Vocabulary, problems: Problems
) -> Iterable[tuple[str, str]]:
    for entry in entries:
        panel, _, name = entry.key.partition(".")
        taken = known.panels.get(panel)
        if taken is None:
            problems.add(
                entry.line,
                f"expected an option of one of the panels {', '.join(panels) or NONE}, got "
                f"{shown(entry.key)}. Settings of the run belong into the line run.",
            )
        elif panel not in panels:
            problems.add(entry.line, f"expected {panel} among the step's panels, got its option.")
        elif name not in taken:
            problems.add(
                entry.line,
                f"expected {panel} with one of {', '.join(taken) or 'no options'}, got "
                f"{shown(name)}.",
            )
        else:
            try:
                taken[name].read(entry.value)
            except ValueError as error:
                problems.add(entry.line, f"{entry.key}: {error}")
            else:
                yield entry.key, entry.value


def _speed(entry: Entry | None, problems: Problems) -> str:
    if entry is None:
        return ""
    try:
        read_speed(entry.value)
    except ConfigError as error:
        problems.add(entry.line, str(error))
    return entry.value


def _epoch(entry: Entry | None, problems: Problems) -> int | None:
    if entry is None:
        return None
    if not (entry.value.isascii() and entry.value.isdecimal()) or int(entry.value) > EPOCH_MAX:
        problems.add(
            entry.line,
            f"expected an epoch as a whole number from 0 to {EPOCH_MAX}, got {shown(entry.value)}.",
        )
        return None
    return int(entry.value)


def _free(entry: Entry | None, problems: Problems) -> tuple[str, ...]:
    if entry is None or entry.value == NONE:
        return ()
    names = _listed(entry.value)
    if names == [ALL]:
        return (ALL,)
    for name in names:
        if not is_dial(name):
            problems.add(
                entry.line,
                f"expected dials such as data.entanglement, groups such as network, {ALL} or "
                f"{NONE}, got {shown(name)}.",
            )
    return tuple(names)


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def run_of(query: str) -> RunConfig:
    """Return the run that a setup's query begins with."""
    pairs = [part for part in query.split("&") if not part.startswith(COMPARED)]
    return read_query("&".join(pairs)).config


def compared_run_of(query: str) -> RunConfig | None:
    """Return the run that it is compared with, None where it is alone."""
    pairs = [part for part in query.split("&") if part]
    other = [part.removeprefix(COMPARED) for part in pairs if part.startswith(COMPARED)]
    changed = {_name(part) for part in other}
    kept = [part for part in pairs if not part.startswith(COMPARED) and _name(part) not in changed]
    return read_query("&".join([*kept, *other])).config if other else None
