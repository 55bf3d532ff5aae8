"""The thesis' panels all in sight: how fast they play, and how soon a slider step is painted."""

from __future__ import annotations

import tempfile
from pathlib import Path
from statistics import median

from playwright.sync_api import Page

from benchmarks.framework import Result, at_least, at_most
from benchmarks.stream import THESIS, opened, play
from scripts.browser import chromium, find_browser, wait_until
from scripts.server import running_server
from spiral_dash.web.arrangements import ARRANGEMENTS

EPOCHS = 150
STEPS = 30
PANELS = ARRANGEMENTS["The thesis"]
# Rows low enough for all of them to be in sight at once.
SIZE = {"width": 1600, "height": 1500}
ROWS = ".panels { grid-auto-rows: 20rem !important; }"
# One step of the slider: when the frame of that epoch was painted, and when the last panel was
# that follows at its own pace.
STEP = """(epoch) => new Promise((resolve, reject) => {
  const begun = performance.now();
  let painted = null;
  const follow = ({detail}) => {
    if (painted === null && detail.shown_epoch === epoch) painted = performance.now() - begun;
    if (painted === null || document.querySelector(".panel:not([hidden]).is-pending")) return;
    removeEventListener("spiral-dash:status", follow);
    resolve([painted, performance.now() - begun]);
  };
  addEventListener("spiral-dash:status", follow);
  setTimeout(() => reject(new Error(`epoch ${epoch} was not painted`)), 30000);
  const slider = document.getElementById("timeline");
  slider.value = String(epoch);
  slider.dispatchEvent(new Event("input", {bubbles: true}));
  slider.dispatchEvent(new Event("change", {bubbles: true}));
})"""


def step_milliseconds(page: Page) -> tuple[list[float], list[float]]:
    """The times of many steps: to the epoch's frame, and to what is measured beside it."""
    framed, complete = [], []
    for step in range(STEPS):
        # Back and forth, so that no epoch is near the one before.
        epoch = 1 + (step * 53) % (EPOCHS - 1)
        first, last = page.evaluate(STEP, epoch)
        framed.append(first)
        complete.append(last)
        page.wait_for_timeout(100)
    return framed, complete


def measure() -> list[Result]:
    """Every figure, with the panels of the thesis' layout on screen."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running_server(Path(folder) / "server.log") as server,
        chromium(find_browser()) as browser,
    ):
        page = opened(browser, server, f"{THESIS}&panels={','.join(PANELS)}")
        page.set_viewport_size(SIZE)  # type: ignore[arg-type]
        page.add_style_tag(content=ROWS)
        page.wait_for_timeout(3000)
        playing = play(page)
        wait_until(page, "window.spiralDash.state === 'paused'", 30.0)
        page.locator("#reset").click()
        page.locator("#play").click()
        wait_until(page, f"window.spiralDash.epoch >= {EPOCHS}", 120.0)
        page.locator("#play").click()
        page.wait_for_timeout(3000)
        framed, complete = step_milliseconds(page)
    return [
        Result(
            f"frames painted a second, {len(PANELS)} panels, 2-50×5-2",
            playing.frames,
            "1/s",
            at_least(10),
            {
                "paint_milliseconds": playing.paint_milliseconds,
                "steps_per_second": playing.steps,
            },
        ),
        Result(
            f"a slider step to its frame painted, {len(PANELS)} panels, median",
            median(framed),
            "ms",
            at_most(100),
            {
                "slowest, ms": max(framed),
                "until attacks and proofs are measured as well, median, ms": median(complete),
            },
        ),
    ]
