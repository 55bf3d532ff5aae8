"""Take the pictures of the README again, of the real page while it trains the spiral.

`python -m scripts.screenshots` writes `docs/images/playground.png`.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import Page

from scripts.browser import chromium, find_browser, wait_until
from scripts.server import ROOT, running_server

PICTURES = ROOT / "docs" / "images"
EPOCHS = 150
START_SECONDS = 60.0
TRAINING_SECONDS = 120.0


def train(page: Page, epochs: int) -> None:
    """Play until `epochs` are reached, pause, and wait until the page has painted the last one."""
    started = "window.spiralDash?.framesPainted > 0 && document.querySelector('.gallery-item')"
    wait_until(page, started, START_SECONDS)
    page.select_option("#speed", "full")
    page.keyboard.press("Escape")
    page.keyboard.press("Space")
    wait_until(page, f"window.spiralDash.epoch >= {epochs}", TRAINING_SECONDS)
    page.keyboard.press("Space")
    painted = -1
    while painted != (now := page.evaluate("window.spiralDash.framesPainted")):
        painted = now
        page.wait_for_timeout(1000)


def main() -> None:
    """Start the server and the browser, train, and write the pictures."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        running_server(Path(folder) / "server.log") as server,
        chromium(find_browser()) as browser,
    ):
        page = browser.new_page(viewport={"width": 1600, "height": 1000})
        page.goto(server.url)
        train(page, EPOCHS)
        target = PICTURES / "playground.png"
        page.screenshot(path=target)
        print(target.relative_to(ROOT))


if __name__ == "__main__":
    main()
