"""The page as it opens: a large picture, what is below it costs nothing, and what to do first."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, FloatRect, Page, expect

from scripts.browser import wait_until
from scripts.server import Server
from spiral_dash.web.arrangements import ARRANGEMENTS, USUAL
from spiral_dash.web.dials import MAIN
from spiral_dash.web.headline import STEPS
from tests.browser.probing import visit

SECONDS = 30.0
AS_A_STRANGER = (
    "for (const name of ['hints', 'dials']) localStorage.removeItem(`spiral-dash-${name}`)"
)
SHOW = "names => window.dispatchEvent(new CustomEvent('spiral-dash:panels', { detail: { names } }))"
WATCHED = (
    "async () => [...(await import('/assets/page/page.mjs')).page.watched.values()]"
    ".flatMap((text) => JSON.parse(text || '[]')).map(({ probe }) => probe)"
)


@pytest.fixture
def opened(context: BrowserContext, server: Server) -> Page:
    page = context.new_page()
    page.add_init_script(AS_A_STRANGER)
    page.goto(server.url)
    wait_until(page, "window.spiralDash?.framesPainted > 0", SECONDS)
    return page


def boxes(page: Page, names: tuple[str, ...]) -> dict[str, FloatRect]:
    found = {name: page.locator(f'[data-panel="{name}"]').bounding_box() for name in names}
    return {name: box for name, box in found.items() if box is not None}


def test_the_first_view_teaches(opened: Page) -> None:
    large, beside, below, *further = USUAL
    box = boxes(opened, USUAL)
    assert box[large]["width"] * box[large]["height"] > box[beside]["width"] * box[beside]["height"]
    assert box[beside]["x"] > box[large]["x"] + box[large]["width"]
    assert box[below]["y"] > box[large]["y"] + box[large]["height"]
    assert box[below]["y"] + box[below]["height"] <= 900
    assert all(box[name]["y"] > box[below]["y"] for name in further)
    for path in ("data.kind", "data.entanglement", *MAIN):
        group, name = path.split(".")
        dial = opened.locator(f'.main-dials .dial[data-group="{group}"][data-name="{name}"]')
        expect(dial).to_be_in_viewport(ratio=1)
    expect(opened.locator("#dials")).to_be_hidden()
    opened.get_by_role("button", name="All dials").click()
    expect(opened.locator('#dials .dial[data-name="optimizer"]')).to_be_visible()
    # What is not in view is not measured until it is.
    probes = set(opened.evaluate(WATCHED))
    assert "boundary" in probes and "history" in probes
    assert not probes & {"weights", "eigenvalues", "attack", "exact_robustness"}
    opened.locator('[data-panel="weights"]').scroll_into_view_if_needed()
    wait_until(opened, f"({WATCHED})().then((all) => all.includes('weights'))", SECONDS)


def test_the_headline_goes_on_as_it_is_done(opened: Page) -> None:
    line = opened.locator("#headline-text")
    expect(line).to_have_text(STEPS["play"])
    opened.keyboard.press("Space")
    expect(line).to_have_text(STEPS["watch"])
    wait_until(opened, "window.spiralDash.epoch > 1", SECONDS)
    opened.keyboard.press("Space")
    expect(line).to_have_text(STEPS["look-back"])
    opened.keyboard.press("ArrowLeft")
    expect(line).to_have_text(STEPS["turn"])
    opened.locator("#layers-fewer").click()
    expect(line).to_have_text(STEPS["scroll"])
    opened.get_by_role("button", name="Dismiss the hints").click()
    expect(opened.locator("#headline")).to_be_hidden()


def test_panels_fill_the_page_however_many(context: BrowserContext, server: Server) -> None:
    page = visit(context, f"{server.url}/?panels=metrics")
    main = page.locator("#main").bounding_box()
    assert main is not None
    names = ARRANGEMENTS["The thesis"]
    for count in (1, 2, 3, 4, 5, len(names)):
        shown = names[:count]
        page.evaluate(SHOW, list(shown))
        expect(page.locator("#panels > :visible")).to_have_count(count)
        box = boxes(page, shown)
        rows: dict[float, float] = {}
        for each in box.values():
            rows[each["y"]] = max(rows.get(each["y"], 0), each["x"] + each["width"])
        # Each row reaches the right end, and the last one the bottom of the page or beyond.
        right = main["x"] + main["width"]
        assert all(right - 20 <= end <= right for end in rows.values())
        bottom = max(each["y"] + each["height"] for each in box.values())
        assert bottom >= main["y"] + main["height"] - 20
