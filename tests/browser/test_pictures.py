"""What holds of every picture: nothing is cut off, axes are what they say, large is large."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from scripts.browser import wait_until
from scripts.server import Server
from spiral_dash.web.panels import PANELS
from tests.browser.probing import (
    OPTIONS,
    SECONDS,
    arrange,
    card,
    choose,
    renewed,
    train,
)

SMALL = "data.samples_per_arm=60&network.hidden=6,6,6"
OF_EPOCHS = [panel for panel, option, _ in OPTIONS if option == "epoch_axis"]
CUT = """[...document.querySelectorAll(
  '.panel:not([hidden]) :is(.panel-note, .panel-options, .panel-header, .examples-none)')]
  .filter((each) => each.scrollHeight > each.clientHeight + 1
    || each.scrollWidth > each.clientWidth + 1)
  .map((each) => `${each.closest('.panel').dataset.panel}: ${each.textContent}`)"""
CURVES = """(panel) => [...document.querySelectorAll(
  `[data-panel=${panel}] .js-plotly-plot`)].flatMap((graph) => graph.data.flatMap((trace) => {
    const name = (trace.xaxis ?? "x").replace("x", "xaxis");
    const axis = graph._fullLayout[name];
    return axis.title.text === "epoch" && trace.customdata?.length > 1
      ? [{ type: axis.type, first: trace.x[0], last: trace.x.at(-1), end: axis.range[1] }]
      : [];
  }))"""
SETTLED = "!document.querySelector('.panel:not([hidden]) .is-live')"


@pytest.fixture
def page(lasting_page: Page, server: Server) -> Page:
    return renewed(lasting_page, server.url, SMALL)


def test_nothing_is_cut_off_in_any_panel(page: Page) -> None:
    before = page.viewport_size
    arrange(page, list(PANELS))
    choose(page, "boundary", "attack", True)
    choose(page, "boundary", "proof", True)
    try:
        for width, height in ((1366, 768), (390, 844)):
            page.set_viewport_size({"width": width, "height": height})
            for name in PANELS:
                card(page, name).scroll_into_view_if_needed()
                page.wait_for_timeout(150)
            wait_until(page, f"!({CUT}).join('; ')", SECONDS)
    finally:
        if before:
            page.set_viewport_size(before)


def test_epochs_are_counted_on_a_linear_or_a_logarithmic_axis(page: Page) -> None:
    arrange(page, OF_EPOCHS)
    last = train(page, 12)
    for scale in ("linear", "log"):
        for panel in OF_EPOCHS:
            choose(page, panel, "epoch_axis", scale)
        for panel in OF_EPOCHS:
            card(page, panel).scroll_into_view_if_needed()
            drawn = f"(({CURVES})('{panel}'))"
            arrived = f"{drawn}.every((c) => c.type === '{scale}' && c.last === {last})"
            wait_until(page, f"{drawn}.length > 0 && {arrived}", SECONDS)
            curves = page.evaluate(drawn)
            for curve in curves:
                # Epoch 0 has a place on either.
                assert curve["first"] == (0.5 if scale == "log" else 0), panel
                end = 10 ** curve["end"] if scale == "log" else curve["end"]
                assert last <= end <= 4 * last, panel


def test_a_mapping_has_equal_scales_unless_others_are_chosen(page: Page) -> None:
    arrange(page, ["mapping"])
    train(page, 5)
    ratio = """(() => { const { xaxis: x, yaxis: y } =
      document.querySelector('[data-panel=mapping] .js-plotly-plot')._fullLayout;
      const unit = ({ _length: length, range: [low, high] }) => length / (high - low);
      return unit(x) / unit(y); })()"""
    wait_until(page, f"{SETTLED} && Math.abs({ratio} - 1) < 0.01", SECONDS)
    choose(page, "mapping", "scales", "own")
    wait_until(page, f"{SETTLED} && Math.abs({ratio} - 1) > 0.05", SECONDS)


def test_what_fills_the_page_has_larger_letters_and_a_sharp_canvas(page: Page) -> None:
    arrange(page, ["boundary", "metrics"])
    size = """(() => { const graph = document.querySelector('[data-panel=metrics] .js-plotly-plot');
      const text = graph.querySelector('.xtick text'); const canvas = graph.querySelector('canvas');
      return [text.getBoundingClientRect().height,
        canvas ? canvas.width / canvas.getBoundingClientRect().width : 0]; })()"""
    train(page, 3)
    wait_until(page, SETTLED, SECONDS)
    height, sharpness = page.evaluate(size)
    card(page, "metrics").locator('[data-action="enlarge"]').click()
    wait_until(page, f"{SETTLED} && {size}[0] > 1.6 * {height}", SECONDS)
    wait_until(page, f"Math.abs({size}[1] - {sharpness}) < 0.05", SECONDS)
    card(page, "metrics").locator('[data-action="enlarge"]').click()
