"""The first picture is there before Dash is, and Dash comes whatever becomes of the picture."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, Route, expect

from scripts.browser import wait_until
from scripts.server import Server

PAINTED = "performance.getEntriesByName('spiral-dash:first-picture').length > 0"
COLOURS = """() => {
  const canvas = document.getElementById("opening");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return new Set(new Uint32Array(data.buffer)).size;
}"""


def test_the_first_picture_needs_neither_dash_nor_plotly(
    context: BrowserContext, server: Server
) -> None:
    page = context.new_page()
    held: list[Route] = []
    held_back = True

    def hold(route: Route) -> None:
        if held_back:
            held.append(route)
        else:
            route.continue_()

    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.route("**/_dash-component-suites/**", hold)
    page.route("**/assets/plotly/**", hold)
    page.goto(server.url, wait_until="commit")
    wait_until(page, PAINTED, 20.0)
    assert page.evaluate("typeof window.DashRenderer") == "undefined"
    assert page.evaluate("typeof window.Plotly") == "undefined"
    assert page.evaluate(COLOURS) > 20
    held_back = False
    for route in held:
        route.continue_()
    expect(page.locator('[data-panel="boundary"] .js-plotly-plot')).to_be_visible()
    expect(page.locator("#opening")).to_have_count(0)
    page.locator("#play").click()
    wait_until(page, "window.spiralDash.epoch > 0")
    # Dash is content with the Plotly that is there, and loads no larger one.
    assert len({url for url in asked if "plotly-" in url or "plotly.min" in url}) == 1, asked


def test_other_panels_do_not_wait_for_a_picture(context: BrowserContext, server: Server) -> None:
    page = context.new_page()
    page.goto(f"{server.url}/?panels=weights")
    expect(page.locator('[data-panel="weights"] .js-plotly-plot')).to_be_visible()
    expect(page.locator("#opening")).to_have_count(0)
