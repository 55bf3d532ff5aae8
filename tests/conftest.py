"""What every test shares: the installed browser, a running server, a page that is watched."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, WebSocket

from scripts.browser import BrowserNotFoundError, chromium, find_browser
from scripts.server import Server, running_server

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
def browser(browser_path: Path) -> Iterator[Browser]:
    """One headless browser for all tests."""
    with chromium(browser_path) as running:
        yield running


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One dashboard for all tests: still alive after the last, and gone within 5 s of SIGTERM.

    A test that needs options of its own, or ends the server, uses `running_server` itself. Every
    test leaves a session behind, so those that nobody watches end soon.
    """
    log = tmp_path_factory.mktemp("server") / "server.log"
    with running_server(log, "--idle-pause", "3", "--idle-end", "30") as running:
        yield running
        assert running.process.poll() is None, (
            f"The server ended during the tests, exit code {running.process.returncode}."
            f" Its output:\n{running.log_text()[-4000:]}"
        )


@pytest.fixture
def problems() -> list[str]:
    """What went wrong in the page so far: errors of its console and scripts, foreign requests.

    A test that provokes one asserts that it is here and removes it.
    """
    return []


@pytest.fixture
def context(browser: Browser, server: Server, problems: list[str]) -> Iterator[BrowserContext]:
    """A fresh visitor of `server`, whose problems in any of its pages are recorded."""
    visitor = browser.new_context(viewport={"width": 1440, "height": 900})
    watch(visitor, server.url, problems)
    yield visitor
    visitor.close()
    assert not problems, "\n".join(problems)


@pytest.fixture(scope="module")
def lasting_problems() -> list[str]:
    """The same as `problems`, of the page `lasting`."""
    return []


@pytest.fixture(scope="module")
def lasting(browser: Browser, server: Server, lasting_problems: list[str]) -> Iterator[Page]:
    """One page, still blank, for the tests of a file that leave it as they found it.

    Opening the dashboard takes seconds; `tests.browser.probing.renewed` gives each test a session
    of its own on it.
    """
    visitor = browser.new_context(viewport={"width": 1440, "height": 900})
    watch(visitor, server.url, lasting_problems)
    yield visitor.new_page()
    visitor.close()
    assert not lasting_problems, "\n".join(lasting_problems)


@pytest.fixture
def page(context: BrowserContext, server: Server) -> Page:
    """The dashboard as it opens."""
    opened = context.new_page()
    opened.goto(server.url)
    return opened


def watch(context: BrowserContext, url: str, problems: list[str]) -> None:
    """Record in `problems` what must not happen in any page of `context` while it visits `url`."""
    host = urlsplit(url).netloc

    def check(address: str) -> None:
        parts = urlsplit(address)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.netloc != host:
            problems.append(f"request to another host: {address}")

    def check_socket(socket: WebSocket) -> None:
        check(socket.url)

    def check_page(page: Page) -> None:
        page.on("websocket", check_socket)

    context.on("request", lambda request: check(request.url))
    context.on("page", check_page)
    context.on(
        "console",
        lambda message: (
            problems.append(f"console error: {message.text} ({message.location['url']})")
            if message.type == "error"
            else None
        ),
    )
    context.on("weberror", lambda error: problems.append(f"uncaught error: {error.error}"))
