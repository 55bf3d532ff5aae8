"""Points drawn on the decision boundary: by mouse, by touch and by keyboard, and taken back."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import FloatRect, Page, expect

from scripts.browser import wait_until
from scripts.server import Server
from tests.browser.probing import card, renewed

SMALL = "data.kind=gaussians&data.samples_per_class=60&network.hidden=4"
WATCH = """() => {
  if (window.seen) return;
  window.seen = {};
  addEventListener("spiral-dash:status", ({ detail }) => {
    window.seen = { strokes: detail.strokes, ...(detail.dataset ?? detail.geometry) };
  });
}"""


@pytest.fixture
def drawing(lasting_page: Page, server: Server) -> Page:
    """A page with a small set on screen and the pen in hand."""
    page = renewed(lasting_page, server.url, SMALL)
    page.evaluate(WATCH)
    card(page, "boundary").get_by_label("Draw", exact=True).check()
    expect(card(page, "boundary").locator('[data-action="undraw"]')).to_be_visible()
    return page


def plot(page: Page) -> FloatRect:
    box = card(page, "boundary").locator(".draglayer .nsewdrag").first.bounding_box()
    assert box is not None
    return box


def at(page: Page, across: float, up: float) -> tuple[float, float]:
    box = plot(page)
    return box["x"] + across * box["width"], box["y"] + (1 - up) * box["height"]


def seen(page: Page, expression: str) -> None:
    wait_until(page, f"((seen) => {expression})(window.seen)", 30)


def points(page: Page) -> int:
    counts: Any = page.evaluate("window.seen.counts ?? [[60, 60]]")
    return sum(sum(row) for row in counts)


def total(number: int | str) -> str:
    return f"seen.counts?.flat().reduce((sum, count) => sum + count, 0) === {number}"


def test_a_click_leaves_a_point_and_undo_takes_it_back(drawing: Page) -> None:
    card_of = card(drawing, "boundary")
    undo = card_of.locator('[data-action="undraw"]')
    expect(undo).to_be_disabled()
    drawing.mouse.click(*at(drawing, 0.5, 0.5))
    seen(drawing, f"seen.kind === 'points' && {total(121)}")
    expect(drawing.locator("#state, #readout-state").first).to_have_text("ready")
    wait_until(drawing, "location.search.includes('data.kind=points')", 30)
    drawing.mouse.click(*at(drawing, 0.3, 0.6))
    seen(drawing, total(122))
    expect(undo).to_be_enabled()
    undo.click()
    seen(drawing, total(121))
    undo.click()
    seen(drawing, f"seen.kind === 'gaussians' && {total(120)}")
    expect(undo).to_be_disabled()


def test_a_drag_sprays_a_new_class_and_the_eraser_takes_it(drawing: Page) -> None:
    card_of = card(drawing, "boundary")
    card_of.locator("select[id*='\"pen\"']").select_option("new")
    drawing.mouse.move(*at(drawing, 0.3, 0.9))
    drawing.mouse.down()
    drawing.mouse.move(*at(drawing, 0.7, 0.9), steps=12)
    drawing.mouse.up()
    seen(drawing, "seen.classes === 3 && seen.counts[2][0] + seen.counts[2][1] > 5")
    expect(card_of.locator("select[id*='\"pen\"']")).to_have_value("2")
    card_of.locator("select[id*='\"tool\"']").select_option("erase")
    drawing.mouse.move(*at(drawing, 0.22, 0.9))
    drawing.mouse.down()
    for up in (0.82, 0.86, 0.9, 0.94, 0.98):
        drawing.mouse.move(*at(drawing, 0.2, up), steps=3)
        drawing.mouse.move(*at(drawing, 0.8, up), steps=14)
    drawing.mouse.up()
    seen(drawing, "seen.classes === 2")
    card_of.locator('[data-action="clear-points"]').click()
    seen(drawing, total(2))


def test_the_keyboard_draws_too(drawing: Page) -> None:
    wrapper = card(drawing, "boundary").locator(".panel-graph-main")
    wrapper.focus()
    drawing.keyboard.press("Enter")
    seen(drawing, total(121))
    for _ in range(3):
        drawing.keyboard.press("Shift+ArrowUp")
    drawing.keyboard.press("Enter")
    seen(drawing, total(122))
    drawing.keyboard.press("Control+z")
    seen(drawing, total(121))
    assert drawing.evaluate("window.spiralDash.epoch") == 0


def test_a_drawn_set_trains_and_without_the_pen_nothing_is_drawn(drawing: Page) -> None:
    drawing.mouse.click(*at(drawing, 0.4, 0.4))
    seen(drawing, total(121))
    drawing.locator("#step").click()
    wait_until(drawing, "window.spiralDash.epoch === 1", 30)
    card(drawing, "boundary").get_by_label("Draw", exact=True).uncheck()
    expect(card(drawing, "boundary").locator('[data-action="undraw"]')).to_be_hidden()
    drawing.mouse.click(*at(drawing, 0.4, 0.6))
    drawing.wait_for_timeout(500)
    assert points(drawing) == 121


def test_fingers_draw(drawing: Page) -> None:
    """Touches as the browser gives them to the page, without a mouse's events after them."""
    x, y = at(drawing, 0.6, 0.4)
    session = drawing.context.new_cdp_session(drawing)
    touch = {"touchPoints": [{"x": x, "y": y}]}
    session.send("Input.dispatchTouchEvent", {"type": "touchStart", **touch})
    for step in range(1, 8):
        moved = {"touchPoints": [{"x": x + 8 * step, "y": y}]}
        session.send("Input.dispatchTouchEvent", {"type": "touchMove", **moved})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    session.detach()
    seen(drawing, "seen.counts?.flat().reduce((sum, count) => sum + count, 0) > 124")
