"""The thesis' panels all in sight: how fast they play, and how soon a slider step is painted."""

from __future__ import annotations

import tempfile
from pathlib import Path
from statistics import median

from playwright.sync_api import Page

from benchmarks.framework import Result, at_least, at_most
from benchmarks.stream import RESTING, THESIS, opened, play
from scripts.browser import chromium, find_browser, wait_until
from scripts.server import running_server
from spiral_dash.web.arrangements import ARRANGEMENTS

EPOCHS = 150
STEPS = 30
STRIDE = 16
"""Of a longer run not every epoch is kept, but these are."""
PANELS = ARRANGEMENTS["The thesis"]
# Rows low enough for all of them to be in sight at once.
SIZE = {"width": 1600, "height": 1500}
ROWS = ".panels { grid-auto-rows: 20rem !important; }"
# The slider dragged: each step as soon as the frame of the one before is painted. The time of each,
# and how long after the last of them the measurements that go at their own pace are complete.
DRAG = """async (epochs) => {
  const slider = document.getElementById("timeline");
  const pending = () => document.querySelector(".panel:not([hidden]).is-pending");
  const until = (isShown) => new Promise((resolve) => {
    const follow = ({detail}) => {
      if (!isShown(detail)) return;
      removeEventListener("spiral-dash:status", follow);
      resolve();
    };
    addEventListener("spiral-dash:status", follow);
  });
  const times = [];
  let begun = 0;
  for (const epoch of epochs) {
    begun = performance.now();
    slider.value = String(epoch);
    slider.dispatchEvent(new Event("input", {bubbles: true}));
    await until((detail) => detail.shown_epoch === epoch);
    times.push(performance.now() - begun);
  }
  if (pending()) await until(() => !pending());
  return [times, performance.now() - begun];
}"""


def drag_milliseconds(page: Page) -> tuple[list[float], float]:
    """The times of many steps of the slider, and of the last one with all that follows it."""
    kept = page.evaluate("window.spiralDash.epoch") // STRIDE
    # Back and forth, so that no epoch is near the one before.
    epochs = [STRIDE * (1 + (step * 5) % kept) for step in range(STEPS)]
    times, complete = page.evaluate(DRAG, epochs)
    return times, complete


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
        page.select_option("#speed", "full")
        page.locator("#play").click()
        wait_until(page, f"window.spiralDash.epoch >= {EPOCHS}", 120.0)
        page.locator("#play").click()
        wait_until(page, "window.spiralDash.state === 'paused'", 30.0)
        wait_until(page, RESTING, 120.0)
        steps, complete = drag_milliseconds(page)
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
            median(steps),
            "ms",
            at_most(100),
            {
                "slowest, ms": max(steps),
                "until attacks and proofs are measured as well, ms": complete,
            },
        ),
    ]
