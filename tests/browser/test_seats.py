"""A full server makes a page wait, and lets it in by itself; a page ends its session itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, expect

from scripts.browser import wait_until
from scripts.server import Server, running_server

READY = "window.spiralDash?.framesPainted > 0"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of one seat."""
    folder = tmp_path_factory.mktemp("seats")
    options = ["--max-sessions", "1", "--idle-pause", "0.5"]
    with running_server(folder / "server.log", *options) as server:
        yield server


def test_a_page_waits_for_a_seat_and_gives_it_back(
    context: BrowserContext, server: Server, problems: list[str]
) -> None:
    address = f"{server.url}/?panels=boundary"
    first, second = context.new_page(), context.new_page()
    first.goto(address)
    wait_until(first, READY)
    second.goto(address)
    seat = second.locator("#seat")
    expect(seat).to_contain_text("You are next")
    second.keyboard.press("Escape")
    expect(seat).to_be_visible()
    second.route("**/session/open", lambda route: route.abort())
    expect(seat).to_contain_text("cannot be reached")
    second.unroute("**/session/open")
    expect(seat).to_contain_text("You are next")
    first.close()
    expect(seat).to_be_hidden()
    wait_until(second, READY)
    second.locator("#run-menu > summary").click()
    second.locator("#run-end").click()
    second.get_by_role("button", name="End it").click()
    expect(seat).to_contain_text("This session has ended")
    second.get_by_role("button", name="Start a new one").click()
    expect(seat).to_be_hidden()
    wait_until(second, "window.spiralDash.connected")
    # The browser calls it an error that there was no seat, or no answer.
    assert problems and all("429" in each or "ERR_FAILED" in each for each in problems)
    problems.clear()
