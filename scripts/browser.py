"""The Chromium or Chrome installed on this machine: where it is and how Playwright starts it.

`python -m scripts.browser` prints its path, or ends with exit code 1 when there is none.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

VARIABLE = "SPIRAL_DASH_BROWSER"
PATIENCE = 4
"""How many times as long as an idle machine a busy one may take."""
OPENING_SECONDS = 20
COMMANDS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
APPLICATIONS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
# Everything a browser does of its own accord is off: it would blur the figures, and the tests hold
# that no request leaves the server.
ARGUMENTS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class BrowserNotFoundError(RuntimeError):
    """No Chromium or Chrome on this machine; the message says what to install."""


def find_browser() -> Path:
    """The browser's executable: `$SPIRAL_DASH_BROWSER` if set, else the first one installed.

    Raises `BrowserNotFoundError` when there is none, or the variable names no executable.
    """
    if chosen := os.environ.get(VARIABLE):
        if found := shutil.which(chosen):
            return Path(found)
        raise BrowserNotFoundError(
            f"{VARIABLE} should name the executable of a Chromium or Chrome, "
            f"but {chosen!r} is none. Correct it or unset it."
        )
    for candidate in COMMANDS + APPLICATIONS:
        if found := shutil.which(candidate):
            return Path(found)
    raise BrowserNotFoundError(
        f"No browser found: looked for {', '.join(COMMANDS)} on the PATH. "
        f"Install Chromium or Chrome, or set {VARIABLE} to its executable."
    )


@contextmanager
def chromium(executable: Path) -> Iterator[Browser]:
    """The browser, headless, driven by Playwright, closed at the end."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=_arguments())
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def returning_visitor(
    executable: Path, profile: Path, width: int, height: int
) -> Iterator[BrowserContext]:
    """The browser as one who comes back has it: pages share the folder `profile`.

    In it Chromium keeps what it compiled, which halves the time to open a page again.
    """
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            profile,
            executable_path=executable,
            args=_arguments(),
            viewport={"width": width, "height": height},
        )
        context.set_default_navigation_timeout(1000 * PATIENCE * OPENING_SECONDS)
        try:
            yield context
        finally:
            context.close()


def _arguments() -> list[str]:
    # Chromium refuses to run as root inside its sandbox.
    as_root = os.name == "posix" and os.geteuid() == 0
    return [*ARGUMENTS, *(["--no-sandbox"] if as_root else [])]


def wait_until(page: Page, expression: str, seconds: float = 10.0) -> None:
    """Return as soon as the JavaScript `expression` is true in `page`.

    As long as it asks something of an element that is not there yet, it is not. Raises
    `TimeoutError` when it is not true within `seconds` of an idle machine, which a busy one gets
    `PATIENCE` times. Playwright's own `wait_for_function` is refused by a page whose content
    security policy forbids `eval`, as the dashboard's may.
    """
    patience = PATIENCE * seconds
    deadline = time.monotonic() + patience
    tried = f"""(async () => {{
      try {{
        return [Boolean(await ({expression})), ""];
      }} catch (error) {{
        if (error instanceof TypeError) return [false, ` ${{error.message}}`];
        throw error;
      }}
    }})()"""
    while True:
        is_true, why = page.evaluate(tried)
        if is_true:
            return
        if time.monotonic() > deadline:
            raise TimeoutError(f"Not true within {patience:g} s: {expression}{why}")
        page.wait_for_timeout(20)


if __name__ == "__main__":
    try:
        print(find_browser())
    except BrowserNotFoundError as error:
        sys.exit(str(error))
