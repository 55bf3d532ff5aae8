"""Lessons in a browser: steps, predictions, answers that stay, and the report."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, Page

from scripts.browser import wait_until
from scripts.server import Server
from tests.browser.probing import SECONDS, visit

STATE = "window.spiralDash?.state === '{}'"


def heading(page: Page) -> str:
    return page.locator(".lesson h2").inner_text()


def until_step(page: Page, title: str) -> None:
    said = title.replace("'", "\\'")
    wait_until(page, f"document.querySelector('.lesson h2')?.textContent === '{said}'", SECONDS)


def test_a_person_predicts_plays_and_sees(context: BrowserContext, server: Server) -> None:
    page = visit(context, f"{server.url}/lesson/entanglement")
    wait_until(page, STATE.format("ready"), SECONDS)
    assert page.locator(".panel-card:visible, [data-panel]:visible").count() == 2
    assert page.locator(".dial:visible").count() == 0
    # Neither the space bar nor the buttons play before there is a prediction.
    page.keyboard.press("Space")
    page.locator("#step").click(force=True)
    page.locator(".notice", has_text="Predict before you play").wait_for()
    assert page.evaluate("[window.spiralDash.state, window.spiralDash.epoch]") == ["ready", 0]
    page.get_by_role("button", name="Commit my prediction").click()
    assert "Choose one" in page.locator(".lesson-problem").inner_text()
    page.get_by_text("between 10 and 100").click()
    page.get_by_role("button", name="Commit my prediction").click()
    assert page.locator(".lesson-why").count() == 0
    page.keyboard.press("Space")
    wait_until(page, "window.spiralDash.epoch > 0", SECONDS)
    page.keyboard.press("Space")
    page.locator(".lesson-why").wait_for()
    pairs = page.locator(".lesson-pair dd").all_inner_texts()
    assert pairs == ["between 10 and 100", "fewer than 10"]
    page.reload()
    page.locator(".lesson-why").wait_for()
    assert page.locator(".lesson-pair dd").all_inner_texts() == pairs


def test_a_step_brings_its_run_its_panels_and_its_dials(
    context: BrowserContext, server: Server
) -> None:
    page = visit(context, f"{server.url}/lesson/entanglement?step=2")
    until_step(page, "Twice as far")
    page.get_by_role("button", name="Next").click()
    until_step(page, "Your own")
    wait_until(page, "location.search.includes('data.entanglement=6.0')", SECONDS)
    assert "step=3" in page.url and "panels=boundary,metrics,complexity" in page.url
    assert "hide=" not in page.url and "lock=" not in page.url
    dials = page.locator(".dial:visible")
    assert dials.evaluate_all("(each) => each.map((dial) => dial.dataset.name)") == [
        "entanglement",
        "hidden",
    ]
    page.go_back()
    until_step(page, "Twice as far")
    wait_until(page, "!location.search.includes('data.entanglement')", SECONDS)
    assert page.locator(".dial:visible").count() == 0
    page.go_forward()
    until_step(page, "Your own")


def test_an_answer_that_cannot_be_kept_or_read_does_no_harm(
    context: BrowserContext, server: Server
) -> None:
    page = visit(context, f"{server.url}/lesson/codimension?step=2")
    key = "spiral-dash-lesson:codimension"
    title = heading(page)
    for kept in (
        "{",
        "[]",
        '{"answers": 3, "way": [-1, "x"], "author": {}}',
        f'{{"answers": {{"{title}": {{"kind": "number", "text": 3}}}}}}',
        f'{{"answers": {{"{title}": {{"kind": "choice", "text": "99", "predicted": true,'
        ' "played": true, "shown": true, "seen": null}}}',
    ):
        page.evaluate("([key, text]) => localStorage.setItem(key, text)", [key, kept])
        page.reload()
        page.locator(".lesson form").wait_for()
        assert heading(page) == title
