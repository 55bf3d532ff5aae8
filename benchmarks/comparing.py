"""Two runs compared on the live page: frames a second of each, and how far apart they are."""

from __future__ import annotations

import tempfile
from pathlib import Path
from time import perf_counter

from playwright.sync_api import Browser, Page

from benchmarks.framework import Result, at_least, at_most
from benchmarks.stream import VIEWPORT
from scripts.browser import chromium, find_browser, wait_until
from scripts.server import Server, running_server

SECONDS = 6.0
SIX = "panels=boundary,mapping,metrics,trends,gradients,weights"
ALIKE = "network.hidden=8,8,8&training.batch_size=10&vs.network.activation=relu"
UNLIKE = "network.hidden=4,2&vs.network.hidden=50,50,50,50,50"
READY = "window.spiralDash?.second?.state === 'ready' && window.spiralDash.framesPainted > 0"
# Of every picture: how far apart the runs are on it, and which epochs were new.
WATCH = """() => {
  window.compared = { apart: 0, frames: [0, 0], last: [-1, -1] };
  addEventListener("spiral-dash:painted", () => {
    const { compared, spiralDash: { shownEpoch, second } } = window;
    const epochs = [shownEpoch, second.shownEpoch];
    compared.apart = Math.max(compared.apart, Math.abs(epochs[0] - epochs[1]));
    epochs.forEach((epoch, run) => (compared.frames[run] += Number(epoch !== compared.last[run])));
    compared.last = epochs;
  });
}"""


def opened(browser: Browser, server: Server, query: str) -> Page:
    """Open two runs with six panels of each."""
    page = browser.new_context(viewport=VIEWPORT).new_page()
    page.goto(f"{server.url}/?{query}&{SIX}&speed=full")
    wait_until(page, READY, 60.0)
    page.wait_for_timeout(2500)
    page.evaluate(WATCH)
    return page


def play(page: Page) -> tuple[float, int, float]:
    """Play for some seconds: frames a second of the slower run, epochs apart, epochs a second."""
    page.locator("#play").click()
    page.wait_for_timeout(2500)
    page.evaluate("window.compared.frames = [0, 0]")
    first, begun = page.evaluate("window.spiralDash.shownEpoch"), perf_counter()
    page.wait_for_timeout(1000 * SECONDS)
    elapsed = perf_counter() - begun
    frames, apart = page.evaluate("[window.compared.frames, window.compared.apart]")
    epochs = page.evaluate("window.spiralDash.shownEpoch") - first
    page.locator("#play").click()
    return min(frames) / elapsed, apart, epochs / elapsed


def measure() -> list[Result]:
    """Frames a second at full speed, and the epochs that the two were ever apart."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running_server(Path(folder) / "server.log") as server,
        chromium(find_browser()) as browser,
    ):
        page = opened(browser, server, ALIKE)
        frames, apart, epochs = play(page)
        page.close()
        page = opened(browser, server, UNLIKE)
        slow, unlike, _ = play(page)
        page.close()
    return [
        Result(
            "two runs compared, six panels each, 8-8-8: frames a second of each",
            frames,
            "1/s",
            at_least(20),
            {"epochs a second of each": epochs},
        ),
        Result("the same: epochs apart, at most", apart, "epochs", at_most(1)),
        Result(
            "4-2 compared with five layers of 50: epochs apart, at most",
            unlike,
            "epochs",
            at_most(1),
            {"frames a second of each": slow},
        ),
    ]
