"""The live page in a real Chromium: frames painted, what training keeps, how soon a dial shows."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from playwright.sync_api import Browser, Page

from benchmarks.framework import Result, at_least, at_most
from scripts.browser import chromium, find_browser, wait_until
from scripts.server import Server, running_server
from spiral_dash.core.config import RunConfig
from spiral_dash.core.run import Run

VIEWPORT: Any = {"width": 1600, "height": 1000}
SECONDS = 6.0
SIX = "panels=boundary,metrics,trends,mapping,weights,spectrum"
SMALL = f"{SIX}&network.hidden=4,2&training.batch_size=10"
THESIS = "network.hidden=50,50,50,50,50"
TURNS = 12
ROUNDS = 3
READY = "window.spiralDash?.connected && window.spiralDash.framesPainted > 0"
RESTING = "!document.querySelector('.panel:not([hidden]).is-pending')"
# Kept by the page itself, so that asking for it costs the page nothing while it is measured.
WATCH = """() => {
  window.measured = {steps: []};
  addEventListener("spiral-dash:status", ({detail}) => {
    if (detail.state === "playing") window.measured.steps.push(detail.steps_per_second);
    if (detail.config.data.entanglement !== window.measured.wanted) return;
    if (window.measured.shownAt === null) window.measured.shownAt = performance.now();
  });
}"""
TURN = """(value) => {
  Object.assign(window.measured, {wanted: value, shownAt: null, turnedAt: performance.now()});
  const dial = document.getElementById("slider-data-entanglement");
  const {set} = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value");
  set.call(dial, String(value));
  dial.dispatchEvent(new Event("input", {bubbles: true}));
  dial.dispatchEvent(new Event("change", {bubbles: true}));
}"""


@dataclass(frozen=True)
class Playing:
    """What was measured while a run played: per second, and milliseconds a frame."""

    frames: float
    steps: float
    paint_milliseconds: float


def opened(browser: Browser, server: Server, query: str) -> Page:
    """Open the page with every panel on screen, drawn."""
    page = browser.new_context(viewport=VIEWPORT).new_page()
    page.goto(f"{server.url}/?{query}")
    wait_until(page, READY, 60.0)
    page.evaluate(WATCH)
    page.wait_for_timeout(1500)
    return page


def play(page: Page, speed: str = "full") -> Playing:
    """Play for some seconds, at full speed unless another is named."""
    page.select_option("#speed", speed)
    page.keyboard.press("Escape")
    page.locator("#play").click()
    page.wait_for_timeout(2000)
    before, begun = page.evaluate("window.spiralDash.framesPainted"), perf_counter()
    page.evaluate("window.measured.steps = []")
    page.wait_for_timeout(1000 * SECONDS)
    elapsed = perf_counter() - begun
    frames = page.evaluate("window.spiralDash.framesPainted") - before
    steps = page.evaluate("window.measured.steps")
    paint = page.evaluate("window.spiralDash.paintMs")
    page.locator("#play").click()
    return Playing(frames / elapsed, median(steps or [0.0]), paint)


def prove_live(page: Page) -> None:
    """Leave the boundary and the robustness on screen, the exact curve taken while it plays."""
    page.evaluate(
        "dispatchEvent(new CustomEvent('spiral-dash:panels',"
        " { detail: { names: ['boundary', 'robustness'] } }))"
    )
    page.locator("[data-panel=robustness] select[id*='\"exact\"']").select_option("live")


def headless_steps_per_second(query: str) -> float:
    """The steps a second of the same run that nobody watches, in this process."""
    run = Run(RunConfig.from_query(query))
    run.advance(0.5)
    steps, begun = run.trainer.steps, perf_counter()
    while perf_counter() - begun < SECONDS / 2:
        run.advance(0.2)
    return (run.trainer.steps - steps) / (perf_counter() - begun)


def watched_and_alone(page: Page) -> tuple[Playing, float]:
    """One play of the thesis network, and the steps a second of the same run alone.

    One right after the other: what a core does in a second changes from minute to minute.
    """
    playing = play(page)
    wait_until(page, RESTING, 60.0)
    return playing, headless_steps_per_second(THESIS)


def turn_milliseconds(page: Page) -> list[float]:
    """The time from a turn of the entanglement dial to the painted frame that shows it."""
    times = []
    for turn in range(TURNS):
        page.evaluate(TURN, 4 + 0.5 * turn)
        wait_until(page, "window.measured.shownAt !== null", 20.0)
        times.append(page.evaluate("window.measured.shownAt - window.measured.turnedAt"))
        page.wait_for_timeout(400)
    return times


def measure() -> list[Result]:
    """Every figure, with six panels on screen unless it says others."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running_server(Path(folder) / "server.log") as server,
        chromium(find_browser()) as browser,
    ):
        page = opened(browser, server, "")
        usual = play(page, "20")
        page.close()
        page = opened(browser, server, SMALL)
        turns = turn_milliseconds(page)
        small = play(page)
        prove_live(page)
        robustness = play(page)
        page.close()
        page = opened(browser, server, f"{SIX}&{THESIS}")
        rounds = [watched_and_alone(page) for _ in range(ROUNDS)]
        page.close()
    by_frames = sorted((playing for playing, _ in rounds), key=lambda playing: playing.frames)
    thesis = by_frames[ROUNDS // 2]
    kept = [playing.steps / alone for playing, alone in rounds]
    return [
        _frames("the page as it opens, at 20 epochs/s", usual, 50),
        _frames("six panels, 2-4-2-2", small, 45),
        _frames("six panels, 2-50×5-2", thesis, 25),
        _frames("boundary and robustness, attacked and proved live, 2-4-2-2", robustness, 20),
        Result(
            "training kept while watched, of the same run alone, median, 2-50×5-2",
            median(kept),
            "×",
            at_least(0.5),
            {"least": min(kept), "most": max(kept)},
        ),
        Result(
            "a dial turned to the frame that shows it, median",
            median(turns),
            "ms",
            at_most(150),
            {"slowest_milliseconds": max(turns)},
        ),
    ]


def _frames(name: str, playing: Playing, goal: float) -> Result:
    return Result(
        f"frames painted a second, {name}",
        playing.frames,
        "1/s",
        at_least(goal),
        {
            "paint_milliseconds": playing.paint_milliseconds,
            "steps_per_second": playing.steps,
        },
    )
