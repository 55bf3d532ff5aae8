"""axe-core finds nothing, and every picture is described in words that follow what it shows."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from scripts.browser import wait_until
from scripts.server import Server
from spiral_dash.web.panels import PANELS

AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
RUN = """() => axe.run(document).then(({violations}) =>
  violations.map(({id, nodes}) => `${id}: ${nodes.map(({html}) => html.slice(0, 200)).join()}`))
"""
EVERYTHING = ",".join(PANELS)


def found(page: Page) -> list[str]:
    page.evaluate(AXE)
    violations: list[str] = page.evaluate(RUN)
    return violations


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_any_panel(
    context: BrowserContext, server: Server, theme: str
) -> None:
    page = context.new_page()
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    page.goto(f"{server.url}/?panels={EVERYTHING}")
    wait_until(page, "window.spiralDash?.framesPainted > 1", 20.0)
    expect(page.locator("[data-panel] [data-graph] .js-plotly-plot").first).to_be_visible()
    assert found(page) == []


def test_axe_finds_nothing_in_dialogs(context: BrowserContext, server: Server) -> None:
    page = context.new_page()
    page.goto(f"{server.url}/?panels=weights")
    wait_until(page, "window.spiralDash?.framesPainted > 1", 20.0)
    for key in ("g", "?", "p", "j"):
        page.keyboard.press(key)
        expect(page.locator("dialog[open]")).to_be_visible()
        assert found(page) == []
        page.keyboard.press("Escape")
        expect(page.locator("dialog[open]")).to_have_count(0)


def test_pictures_are_described_as_they_are_now(context: BrowserContext, server: Server) -> None:
    page = context.new_page()
    page.goto(f"{server.url}/?panels=boundary,weights,spectrum,metrics,trends")
    wait_until(page, "window.spiralDash?.framesPainted > 1", 20.0)
    described = page.locator("[data-graph]").evaluate_all(
        "(graphs) => graphs.map((graph) => graph.getAttribute('aria-describedby'))"
    )
    assert described and all(described)
    said = page.locator(".panel-said")
    for text in said.all():
        expect(text).to_have_text(re.compile(r"^Epoch 0\. \S"))
    page.locator("#step").click()
    for text in said.all():
        expect(text).to_have_text(re.compile(r"^Epoch 1\. \S"))
