"""The first picture after a cold open, beside a page of the same Dash with one bare graph.

Both show the same run before training: the share of its second class over the plane, and the
training points. The bare page is sent its figure with the layout, and asks nothing more.
"""

from __future__ import annotations

import multiprocessing
import socket
import tempfile
from pathlib import Path
from statistics import median
from time import monotonic, sleep

import plotly.graph_objects as go
import uvicorn
from dash import Dash, dcc
from playwright.sync_api import Browser

from benchmarks.framework import Result, at_most
from scripts.browser import chromium, find_browser, wait_until
from scripts.server import running_server
from spiral_dash.core.config import RunConfig
from spiral_dash.core.probes import PROBES
from spiral_dash.core.run import Run
from spiral_dash.web.app import Backend

ROUNDS = 7
LESSON = "entanglement"
RESOLUTION = 100
SECONDS = 60.0
# Told with the browser's own picture, in milliseconds since the address was asked for.
WATCH = """
const isThere = () => CONDITION;
const look = () => {
  if (isThere()) requestAnimationFrame(() => (window.firstPicture = performance.now()));
  else requestAnimationFrame(look);
};
requestAnimationFrame(look);
"""
OURS = "performance.getEntriesByName('spiral-dash:first-picture').length > 0"
BARE = "document.querySelectorAll('.scatterlayer .trace').length === 2"


def bare_figure() -> go.Figure:
    """The run's boundary and points, as one would draw them with Plotly."""
    run = Run(RunConfig())
    grid = PROBES["boundary"](run.subject(None), resolution=RESOLUTION)
    figure = go.Figure(
        go.Heatmap(x=grid["x1"], y=grid["x2"], z=grid["probability"] / 255, zmin=0, zmax=1)
    )
    x, y = run.data.x_train.numpy(), run.data.y_train.numpy()
    for label in range(2):
        figure.add_scatter(x=x[y == label, 0], y=x[y == label, 1], mode="markers")
    return figure.update_layout(height=500)


def serve_bare(port: int) -> None:
    """Serve the bare page, until it is killed."""
    app = Dash(__name__, backend=Backend)
    app.layout = dcc.Graph(figure=bare_figure())
    uvicorn.run(app.server, port=port, log_level="error")


def first_picture(browser: Browser, url: str, condition: str) -> float:
    """Seconds from the address to the picture, in a browser without anything kept."""
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    page = context.new_page()
    page.add_init_script(WATCH.replace("CONDITION", condition))
    page.goto(url)
    wait_until(page, "window.firstPicture !== undefined", SECONDS)
    seconds: float = page.evaluate("window.firstPicture") / 1000
    context.close()
    return seconds


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port


def wait_for(port: int) -> None:
    """Return once somebody listens at a port."""
    deadline = monotonic() + SECONDS
    while monotonic() < deadline:
        with socket.socket() as caller:
            if caller.connect_ex(("127.0.0.1", port)) == 0:
                return
        sleep(0.1)
    raise TimeoutError("The bare page was not served.")


def measure() -> list[Result]:
    """Medians over pairs of visits that take turns."""
    port = free_port()
    bare = multiprocessing.get_context("spawn").Process(target=serve_bare, args=(port,))
    bare.start()
    try:
        wait_for(port)
        with (
            tempfile.TemporaryDirectory() as folder,
            running_server(Path(folder) / "server.log") as server,
            chromium(find_browser()) as browser,
        ):
            rounds = [
                (
                    first_picture(browser, server.url, OURS),
                    first_picture(browser, f"http://127.0.0.1:{port}", BARE),
                    first_picture(browser, f"{server.url}/lesson/{LESSON}", OURS),
                )
                for _ in range(ROUNDS)
            ]
    finally:
        bare.kill()
        bare.join()
    ours, bares, lessons = zip(*rounds, strict=True)
    of_bare = [one / other for one, other in zip(ours, bares, strict=True)]
    of_ours = [one / other for one, other in zip(lessons, ours, strict=True)]
    return [
        Result("first picture after a cold open", median(ours), "s"),
        Result("the same of a page with one bare graph", median(bares), "s"),
        Result("first picture, over a bare graph's", median(of_bare), "×", at_most(0.8)),
        Result("first picture of a lesson, over that", median(of_ours), "×", at_most(1.2)),
    ]
