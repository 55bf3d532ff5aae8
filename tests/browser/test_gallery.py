"""The gallery: which panels are open, in which order, and that closed ones cost nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, WebSocket, expect

from scripts.browser import wait_until
from scripts.server import Server
from spiral_dash.web.arrangements import ARRANGEMENTS, USUAL
from spiral_dash.web.panels import PANELS
from tests.browser.probing import OPENED, card, open_panels, visit


def item(page: Page, panel: str) -> Locator:
    return page.locator(f'.gallery-item[data-name="{panel}"]')


def listed(page: Page) -> list[str]:
    names: list[str] = page.evaluate(
        "[...document.querySelectorAll('#gallery-shown > li')].map((item) => item.dataset.name)"
    )
    return names


def expect_panels(page: Page, *names: str) -> None:
    """The page, the gallery and the address agree on what is open, in this order."""
    assert open_panels(page) == list(names)
    assert listed(page) == list(names)
    asked = page.evaluate("new URLSearchParams(location.search).get('panels')")
    assert asked == (None if names == USUAL else ",".join(names))


@pytest.fixture
def opened(context: BrowserContext, server: Server) -> Page:
    """The usual panels, and the gallery open."""
    page = visit(context, server.url)
    page.locator("#gallery-open").click()
    expect(page.locator("#gallery")).to_be_visible()
    return page


@pytest.fixture
def watched(context: BrowserContext) -> Iterator[Callable[[], set[str]]]:
    """The probes that the newest page of the context last asked for."""
    lists: list[set[str]] = [set()]

    def take(payload: str | bytes) -> None:
        message = json.loads(payload)
        if message["type"] == "watch":
            lists.append({part["probe"] for part in message["parts"]})

    def follow(socket: WebSocket) -> None:
        socket.on("framesent", take)

    def open_page(page: Page) -> None:
        page.on("websocket", follow)

    context.on("page", open_page)
    yield lambda: lists[-1]
    context.remove_listener("page", open_page)


def test_every_panel_is_listed_with_its_purpose(opened: Page) -> None:
    expect_panels(opened, *USUAL)
    for panel in PANELS.values():
        expect(item(opened, panel.name)).to_contain_text(panel.title)
        expect(item(opened, panel.name)).to_contain_text(panel.purpose)
        box = item(opened, panel.name).get_by_role("checkbox")
        expect(box).to_be_checked(checked=panel.name in USUAL)
        expect(box).to_have_accessible_name(panel.title)
        expect(box).to_have_accessible_description(panel.purpose)


def test_the_gallery_and_the_cards_agree(opened: Page) -> None:
    item(opened, "weights").get_by_role("checkbox").uncheck()
    rest = [name for name in USUAL if name != "weights"]
    expect_panels(opened, *rest)
    item(opened, "trends").get_by_role("checkbox").check()
    expect_panels(opened, *rest, "trends")
    opened.keyboard.press("Escape")
    expect(opened.locator("#gallery")).to_be_hidden()
    card(opened, "boundary").locator('[data-action="close"]').click()
    expect_panels(opened, *rest[1:], "trends")
    opened.locator("#gallery-open").click()
    expect(item(opened, "boundary").get_by_role("checkbox")).not_to_be_checked()


def test_a_closed_panel_is_not_watched(
    context: BrowserContext, server: Server, watched: Callable[[], set[str]]
) -> None:
    page = visit(context, f"{server.url}/?panels=boundary,weights")
    wait_until(page, "window.spiralDash.framesPainted > 1")
    page.wait_for_timeout(500)
    assert watched() == {"boundary", "weights"}
    card(page, "weights").locator('[data-action="close"]').click()
    page.wait_for_timeout(500)
    assert watched() == {"boundary"}
    page.keyboard.press("g")
    item(page, "boundary").get_by_role("checkbox").uncheck()
    page.wait_for_timeout(500)
    assert watched() == set()
    painted = page.evaluate("window.spiralDash.framesPainted")
    page.wait_for_timeout(300)
    assert page.evaluate("window.spiralDash.framesPainted") == painted
    item(page, "metrics").get_by_role("checkbox").check()
    page.wait_for_timeout(500)
    assert watched() == {"history"}


def test_panels_are_put_in_order_with_buttons(opened: Page) -> None:
    at = USUAL.index("weights")
    others = [name for name in USUAL if name != "weights"]
    earlier = item(opened, "weights").get_by_role("button", name="Earlier: Weights")
    for place in range(at - 1, -1, -1):
        earlier.press("Enter")
        expect_panels(opened, *others[:place], "weights", *others[place:])
        said = f"Weights is {place + 1} of {len(USUAL)}."
        expect(opened.locator("#gallery-status")).to_have_text(said)
    # The first can go no earlier: the focus stays at the panel.
    expect(earlier).to_be_disabled()
    later = item(opened, "weights").get_by_role("button", name="Later: Weights")
    expect(later).to_be_focused()
    for _ in range(at):
        opened.keyboard.press("Enter")
    expect_panels(opened, *USUAL)
    expect(later).to_be_focused()


def test_panels_are_put_in_order_by_dragging(opened: Page) -> None:
    def drag(panel: str, other: str, share: float) -> None:
        """Drop a panel at this share of another's height."""
        box = item(opened, other).bounding_box()
        assert box is not None
        place = {"x": 60.0, "y": share * box["height"]}
        item(opened, panel).drag_to(item(opened, other), target_position=place)  # type: ignore[arg-type]

    others = [name for name in USUAL if name != "metrics"]
    drag("metrics", "boundary", 0.2)
    expect_panels(opened, "metrics", *others)
    drag("metrics", "mapping", 0.8)
    after = others.index("mapping") + 1
    expect_panels(opened, *others[:after], "metrics", *others[after:])
    assert opened.locator(".drop-before, .drop-after").count() == 0


def test_the_keyboard_opens_the_gallery_and_turns_a_panel_on(
    context: BrowserContext, server: Server
) -> None:
    page = visit(context, server.url)
    page.keyboard.press("g")
    expect(page.locator("#gallery")).to_be_visible()
    box = item(page, "collapse").get_by_role("checkbox")
    box.focus()
    page.keyboard.press("Space")
    expect_panels(page, *USUAL, "collapse")
    expect(box).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#gallery")).to_be_hidden()
    expect(card(page, "collapse")).to_be_visible()


def test_layouts_are_ready_made(opened: Page) -> None:
    names = ARRANGEMENTS["The thesis"]
    button = opened.get_by_role("button", name="The thesis")
    button.click()
    expect_panels(opened, *names)
    expect(button).to_have_attribute("aria-pressed", "true")
    opened.get_by_role("button", name="First view").click()
    expect_panels(opened, *USUAL)
    expect(button).to_have_attribute("aria-pressed", "false")


def test_choice_and_order_survive_a_reload_and_a_changed_dial(opened: Page) -> None:
    item(opened, "mapping").get_by_role("checkbox").uncheck()
    item(opened, "metrics").get_by_role("button", name="Earlier").click()
    chosen = [name for name in USUAL if name != "mapping"]
    at = chosen.index("metrics")
    chosen[at - 1 : at + 1] = reversed(chosen[at - 1 : at + 1])
    expect_panels(opened, *chosen)
    opened.keyboard.press("Escape")
    opened.locator("#slider-data-entanglement").fill("4")
    wait_until(opened, "new URLSearchParams(location.search).get('data.entanglement') === '4.0'")
    expect_panels(opened, *chosen)
    opened.reload()
    wait_until(opened, OPENED, 30.0)
    expect_panels(opened, *chosen)
    expect(opened.locator("#notices .notice")).to_have_count(0)


def test_unknown_panels_in_the_address_are_said_and_the_rest_used(
    context: BrowserContext, server: Server
) -> None:
    page = visit(context, f"{server.url}/?panels=metrics,magic,boundary,metrics&data.arms=3")
    expect(page.locator("#notices")).to_contain_text("panels: expected some of")
    expect(page.locator("#notices")).to_contain_text("got 'magic'.")
    expect(page.locator("#notices .notice")).to_have_count(1)
    expect_panels(page, "metrics", "boundary")
    assert "data.arms=3" in page.url
    page = visit(context, f"{server.url}/?panels=" + ",".join("<b>x" * 20 for _ in range(2)))
    expect(page.locator("#notices")).to_contain_text("got '<b>x")
    expect_panels(page, *USUAL)


def test_no_panel_at_all(context: BrowserContext, server: Server) -> None:
    page = visit(context, f"{server.url}/?panels=")
    expect(page.get_by_text("No panel is open.")).to_be_visible()
    expect_panels(page)
    page.get_by_role("button", name="Choose panels", exact=True).click()
    page.get_by_role("button", name="The five essentials").click()
    expect_panels(page, *ARRANGEMENTS["The five essentials"])
    expect(page.get_by_text("No panel is open.")).to_be_hidden()
