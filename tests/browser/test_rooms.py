"""A presenter makes a room; a phone follows, looks around, and goes on by itself."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, Page, expect

from scripts.browser import wait_until
from scripts.server import Server
from tests.browser.probing import OPENED, SECONDS, visit

PANELS = (
    "[...document.querySelectorAll('[data-panel]')].filter((card) => !card.hidden)"
    ".map((card) => card.dataset.panel).join()"
)
CHOOSE = (
    "(names) => window.dispatchEvent(new CustomEvent('spiral-dash:panels', { detail: { names } }))"
)


def room_bar(page: Page, words: str) -> None:
    expect(page.locator("#room")).to_contain_text(words, timeout=1000 * SECONDS)


def test_a_room_is_followed_looked_around_in_and_taken_over(
    context: BrowserContext, server: Server, problems: list[str]
) -> None:
    presenter = visit(context, f"{server.url}/?panels=boundary&network.hidden=3")
    presenter.locator("#run-menu > summary").click()
    presenter.locator("#room-open").click()
    presenter.locator("#room-name").fill("a/b")
    presenter.get_by_role("button", name="Make the room").click()
    expect(presenter.locator(".room-refusal")).to_contain_text("expected 1 to 40 letters")
    presenter.locator("#room-name").fill("Phone Room")
    presenter.get_by_role("button", name="Make the room").click()
    expect(presenter.locator(".link-qr svg")).to_be_visible(timeout=1000 * SECONDS)
    link = presenter.locator("#room-link").input_value()
    presenter.keyboard.press("Escape")

    phone = context.new_page()
    phone.set_viewport_size({"width": 390, "height": 844})
    phone.goto(link)
    wait_until(phone, OPENED, SECONDS)
    room_bar(phone, "You follow the presenter")
    room_bar(presenter, "1 person here")
    wait_until(phone, f"{PANELS} === 'boundary'", SECONDS)
    expect(phone.locator("#play")).to_be_hidden()
    phone.keyboard.press("s")
    expect(phone.locator("#notices")).to_contain_text("This run is the presenter's")
    presenter.keyboard.press("s")
    wait_until(phone, "window.spiralDash.epoch === 1", SECONDS)
    presenter.evaluate(CHOOSE, ["boundary", "metrics"])
    wait_until(phone, f"{PANELS} === 'boundary,metrics'", SECONDS)

    presenter.get_by_role("button", name="Point", exact=True).click()
    presenter.locator('[data-panel="boundary"] .panel-graph').first.hover()
    expect(phone.locator(".room-pointer")).to_be_visible(timeout=1000 * SECONDS)
    presenter.get_by_role("button", name="Point", exact=True).click()
    expect(phone.locator(".room-pointer")).to_be_hidden(timeout=1000 * SECONDS)

    room_bar(phone, "You follow the presenter")
    phone.evaluate(CHOOSE, ["metrics"])
    room_bar(phone, "You look around")
    phone.get_by_role("button", name="Back to the presenter").click()
    wait_until(phone, f"{PANELS} === 'boundary,metrics'", SECONDS)

    phone.get_by_role("button", name="Take it over").click()
    room_bar(phone, "A run of your own")
    wait_until(phone, "window.spiralDash.connected && window.spiralDash.epoch === 1", SECONDS)
    phone.locator("#step").click()
    wait_until(phone, "window.spiralDash.epoch === 2", SECONDS)
    assert presenter.evaluate("window.spiralDash.epoch") == 1

    presenter.get_by_role("button", name="Board", exact=True).click()
    tile = presenter.locator(".board-tile")
    expect(tile).to_contain_text("epoch 2", timeout=1000 * SECONDS)
    with context.expect_page() as opened:
        tile.locator("a").click()
    looked_at = opened.value
    wait_until(looked_at, "window.spiralDash?.epoch === 2", SECONDS)
    room_bar(looked_at, "You look at the run of")
    looked_at.close()
    presenter.keyboard.press("Escape")

    phone.get_by_role("button", name="Back to the presenter").click()
    wait_until(phone, "window.spiralDash.epoch === 1", SECONDS)

    room_bar(presenter, "You present")
    presenter.get_by_role("button", name="Link and people").click()
    presenter.get_by_role("button", name="Close the room for everyone").click()
    expect(phone.locator("#seat")).to_contain_text("has closed this room")
    # The browser calls it an error that a name was refused.
    assert problems and all("422" in problem for problem in problems)
    problems.clear()
