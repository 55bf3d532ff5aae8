"""From the command to the page, and from the page to a session that is ready."""

from __future__ import annotations

import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

from benchmarks.framework import Result, at_most
from scripts.browser import chromium, find_browser, wait_until
from scripts.server import running_server

ROUNDS = 3
# The page's request for a session is its first update; its socket opens once there is one.
SESSION = """() => {
  const isUpdate = ({name}) => name.includes("_dash-update");
  const [first] = performance.getEntriesByType("resource").filter(isUpdate);
  return first ? first.duration : null;
}"""


def round_trip() -> tuple[float, float, float]:
    """Seconds to the page answering, to a session once it is asked for, to the first picture."""
    with tempfile.TemporaryDirectory() as folder:
        begun = perf_counter()
        with running_server(Path(folder) / "server.log") as server:
            answering = perf_counter() - begun
            with chromium(find_browser()) as browser:
                page = browser.new_page(viewport={"width": 1366, "height": 768})
                opened = perf_counter()
                page.goto(server.url)
                wait_until(page, "window.spiralDash?.framesPainted > 0", 60.0)
                first_picture = perf_counter() - opened
                session = page.evaluate(SESSION) / 1000
    return answering, session, first_picture


def measure() -> list[Result]:
    """Medians over several starts."""
    rounds = [round_trip() for _ in range(ROUNDS)]
    answering, session, first = (median(values) for values in zip(*rounds, strict=True))
    return [
        Result("python app.py to the page answering", answering, "s", at_most(5)),
        Result("a session ready, once the page asks for one", session, "s", at_most(0.5)),
        Result("the page asked for, to its first picture", first, "s"),
    ]
