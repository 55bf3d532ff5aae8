"""Drawing on the decision boundary in a real Chromium: how soon a drawn point is in the data."""

from __future__ import annotations

import tempfile
from pathlib import Path
from statistics import median

from playwright.sync_api import Page

from benchmarks.framework import Result, at_most
from benchmarks.stream import opened
from scripts.browser import chromium, find_browser, wait_until
from scripts.server import running_server

POINTS = 20
QUERY = "data.kind=gaussians&data.samples_per_class=150"
# A frame of other points is a frame of another run.
WATCH = """() => {
  window.drawn = {run: 0, pressedAt: 0, shownAt: null};
  addEventListener("spiral-dash:status", ({detail}) => {
    if (detail.run > window.drawn.run && window.drawn.pressedAt && window.drawn.shownAt === null) {
      window.drawn.shownAt = performance.now();
    }
    window.drawn.run = detail.run;
  });
  const press = () => Object.assign(window.drawn, {pressedAt: performance.now(), shownAt: null});
  addEventListener("pointerdown", press, true);
}"""


def point_milliseconds(page: Page) -> list[float]:
    """The time from the press of the pen to the painted frame whose data have the point."""
    page.evaluate(WATCH)
    card = page.locator("[data-panel=boundary]")
    card.get_by_label("Draw", exact=True).check()
    page.wait_for_timeout(1000)
    box = card.locator(".draglayer .nsewdrag").first.bounding_box()
    assert box is not None
    times = []
    for point in range(POINTS):
        across = box["x"] + box["width"] * (0.2 + 0.6 * point / POINTS)
        page.mouse.click(across, box["y"] + box["height"] / 2)
        wait_until(page, "window.drawn.shownAt !== null", 20.0)
        times.append(page.evaluate("window.drawn.shownAt - window.drawn.pressedAt"))
        page.wait_for_timeout(400)
    return times


def measure() -> list[Result]:
    """The default layout's six panels on screen, the run at rest."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running_server(Path(folder) / "server.log") as server,
        chromium(find_browser()) as browser,
    ):
        times = point_milliseconds(opened(browser, server, QUERY))
    return [
        Result(
            "a point drawn to the frame that shows it, median",
            median(times),
            "ms",
            at_most(100),
            {"slowest_milliseconds": max(times)},
        )
    ]
