"""The network's panel in a real Chromium: frames painted beside the boundary, and its probe."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path

from playwright.sync_api import Page

from benchmarks.framework import Result, at_least, at_most, seconds_per_call
from benchmarks.stream import Playing, opened, play
from scripts.browser import chromium, find_browser
from scripts.server import running_server
from spiral_dash.core.config import RunConfig
from spiral_dash.core.probes import PROBES
from spiral_dash.core.run import Run
from spiral_dash.core.threads import single_thread

SIX_BY_EIGHT = "network.hidden=8,8,8,8,8,8"
WIDE = "network.hidden=128,128,128,128,128,128,128,128"
PANELS = "panels=boundary,network"
EPOCHS = 3


def probe_milliseconds(query: str) -> float:
    """The time of one measurement of all units, on one thread as in a session."""
    run = Run(RunConfig.from_query(query))
    run.train(EPOCHS)
    with single_thread():
        return 1e3 * seconds_per_call(partial(PROBES["units"], run.subject()))


def fast_and_usual(page: Page) -> tuple[Playing, Playing]:
    """The run at full speed, and at 20 epochs a second."""
    fast = play(page)
    usual = play(page, "20")
    return fast, usual


def measure() -> list[Result]:
    """Both panels on screen, 2-8-8-8-8-8-8-2."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running_server(Path(folder) / "server.log") as server,
        chromium(find_browser()) as browser,
    ):
        fast, usual = fast_and_usual(opened(browser, server, f"{SIX_BY_EIGHT}&{PANELS}"))
    return [
        _frames("at full speed", fast, 30),
        _frames("at 20 epochs/s", usual, 30),
        Result("units, 6 × 8", probe_milliseconds(SIX_BY_EIGHT), "ms", at_most(5)),
        Result("units, 8 × 128", probe_milliseconds(WIDE), "ms", at_most(30)),
    ]


def _frames(name: str, playing: Playing, goal: float) -> Result:
    return Result(
        f"frames painted a second, network and boundary, 6 × 8, {name}",
        playing.frames,
        "1/s",
        at_least(goal),
        {
            "paint_milliseconds": playing.paint_milliseconds,
            "steps_per_second": playing.steps,
        },
    )
