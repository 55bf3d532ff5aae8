"""What every test shares: the installed browser, a running server, a page that is watched."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    WebError,
    WebSocket,
    expect,
)

from scripts.browser import PATIENCE, BrowserNotFoundError, find_browser, returning_visitor
from scripts.server import Server, running_server

expect.set_options(timeout=1000 * PATIENCE * 10)

KNOWS_THE_PAGE = """try {
  localStorage.setItem("spiral-dash-dials", "open");
  localStorage.setItem("spiral-dash-hints", "gone");
} catch {}"""
BROWSER_TESTS = Path(__file__).parent / "browser"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of `tests/browser/` and put them last.

    They are the slow ones; and Playwright keeps an event loop running in the main thread from its
    first use on, beside which a later `asyncio.run` would be refused.
    """
    for item in items:
        if item.path.is_relative_to(BROWSER_TESTS):
            item.add_marker(pytest.mark.browser)
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@pytest.fixture(scope="session", autouse=True)
def _temporary_files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Give tests that run side by side a folder each for what lies in the system's otherwise."""
    before, tempfile.tempdir = tempfile.tempdir, str(tmp_path_factory.mktemp("temporary"))
    yield
    tempfile.tempdir = before


@pytest.fixture(scope="session")
def browser_path() -> Path:
    """The Chromium or Chrome of this machine; without one the test fails, it is not skipped."""
    try:
        return find_browser()
    except BrowserNotFoundError as error:
        pytest.fail(str(error))


@pytest.fixture(scope="session")
def visitor(
    browser_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BrowserContext]:
    """One headless browser for all tests, with a blank page that stays."""
    profile = tmp_path_factory.mktemp("profile")
    with returning_visitor(browser_path, profile, 1440, 900) as running:
        # One who knows the page: all dials are shown, and no hints.
        running.add_init_script(KNOWS_THE_PAGE)
        yield running


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One dashboard for all tests: still alive after the last, and gone soon after SIGTERM.

    A test that needs options of its own, or ends the server, uses `running_server` itself. Every
    test leaves a session behind, so those that nobody watches end soon.
    """
    log = tmp_path_factory.mktemp("server") / "server.log"
    with running_server(
        log, "--idle-pause", "3", "--idle-sleep", "30", "--idle-end", "30"
    ) as running:
        yield running
        assert running.process.poll() is None, (
            f"The server ended during the tests, exit code {running.process.returncode}."
            f" Its output:\n{running.log_text()[-4000:]}"
        )


@pytest.fixture
def problems() -> list[str]:
    """What went wrong in the pages so far: errors of console and scripts, foreign requests.

    A test that provokes one asserts that it is here and removes it.
    """
    return []


@pytest.fixture
def context(
    visitor: BrowserContext, server: Server, problems: list[str]
) -> Iterator[BrowserContext]:
    """A visitor of `server` of whom the browser knows nothing yet, whose pages are watched."""
    with fresh(visitor, server.url, problems):
        yield visitor


@pytest.fixture(scope="module")
def lasting(visitor: BrowserContext) -> Iterator[Page]:
    """A page for the tests of a file, still blank; see `lasting_page`."""
    page = visitor.new_page()
    yield page
    page.close()


@pytest.fixture
def lasting_page(lasting: Page, context: BrowserContext) -> Iterator[Page]:
    """One page for the tests of a file that leave it as they found it.

    Opening the dashboard takes seconds; `tests.browser.probing.renewed` gives each test a session
    of its own on it.
    """
    yield lasting
    if lasting.evaluate("window.spiralDash?.state") == "playing":
        lasting.locator("#play").click()


@pytest.fixture
def page(context: BrowserContext, server: Server) -> Page:
    """The dashboard as it opens."""
    opened = context.new_page()
    opened.goto(server.url)
    return opened


@contextmanager
def fresh(visitor: BrowserContext, url: str, problems: list[str]) -> Iterator[None]:
    """Watch a visit to `url`; at its end close its pages, forget it, and have no problems."""
    before = visitor.pages
    with watched(visitor, url, problems):
        try:
            yield
        finally:
            for page in visitor.pages:
                if page not in before:
                    page.close()
    session = visitor.new_cdp_session(before[0])
    kept = {"origin": url, "storageTypes": "cookies,local_storage"}
    session.send("Storage.clearDataForOrigin", kept)
    session.detach()
    assert not problems, "\n".join(problems)


@contextmanager
def watched(context: BrowserContext, url: str, problems: list[str]) -> Iterator[None]:
    """Record in `problems` what must not happen in any page of `context` while it visits `url`."""
    host = urlsplit(url).netloc

    def check(address: str) -> None:
        parts = urlsplit(address)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.netloc != host:
            problems.append(f"request to another host: {address}")

    def check_request(request: Request) -> None:
        check(request.url)

    def check_socket(socket: WebSocket) -> None:
        check(socket.url)

    def check_page(page: Page) -> None:
        page.on("websocket", check_socket)

    def check_message(message: ConsoleMessage) -> None:
        if message.type == "error":
            problems.append(f"console error: {message.text} ({message.location['url']})")

    def check_error(error: WebError) -> None:
        problems.append(f"uncaught error: {error.error}")

    listeners: dict[Any, Callable[[Any], None]] = {
        "request": check_request,
        "page": check_page,
        "console": check_message,
        "weberror": check_error,
    }
    for page in context.pages:
        check_page(page)
    for event, listener in listeners.items():
        context.on(event, listener)
    try:
        yield
    finally:
        for event, listener in listeners.items():
            context.remove_listener(event, listener)
        for page in context.pages:
            page.remove_listener("websocket", check_socket)
