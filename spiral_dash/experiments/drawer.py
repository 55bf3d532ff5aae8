"""A process that draws answers: what that loads, and the time it takes, are not the server's.

`python -m spiral_dash.experiments.drawer` reads a request a line, JSON with a folder and a design,
and answers with HTML, as JSON, a line. It ends when there are no more.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from html import escape
from pathlib import Path

from spiral_dash.core.config import ConfigError
from spiral_dash.experiments.design import Experiment
from spiral_dash.experiments.report import answer
from spiral_dash.experiments.results import Results
from spiral_dash.experiments.store import NoResultsError, Store
from spiral_dash.experiments.table import needed

NICENESS = 5
KEPT = 4
_lately: dict[tuple[str, str, int], str] = {}
_read: dict[tuple[str, str], Results] = {}


def draw_answer(folder: Path, design: str) -> str:
    """Return the answer of an experiment as HTML; empty where there are no results."""
    try:
        needed("scipy", "matplotlib")
        experiment = Experiment.model_validate_json(design)
        with Store(folder) as store:
            return _drawn(store, experiment)
    except NoResultsError:
        return ""
    except ConfigError as error:
        return f'<p class="note">{escape(str(error))}</p>'


def _drawn(store: Store, experiment: Experiment) -> str:
    """Return an answer; one that was drawn lately is as good while no result has been added."""
    key = (str(store.folder), experiment.model_dump_json(), store.newest)
    if key not in _lately:
        known = (key[0], experiment.id)
        earlier = _read.pop(known, None)
        _read.clear()  # the results of one experiment at a time: they may be large
        _read[known] = Results.read(store, experiment, earlier)
        _lately[key] = answer(_read[known], links=True)
        while len(_lately) > KEPT:
            del _lately[next(iter(_lately))]
    _lately[key] = _lately.pop(key)  # the one that was not asked for the longest goes first
    return _lately[key]


def main() -> None:
    """Answer requests until there are no more; whatever else the machine does goes first."""
    with contextlib.suppress(OSError, AttributeError):
        os.nice(NICENESS)
    for line in sys.stdin:
        asked = json.loads(line)
        print(json.dumps(draw_answer(Path(asked["folder"]), asked["design"])), flush=True)


if __name__ == "__main__":
    main()
