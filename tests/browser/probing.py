"""What the browser tests of panels, runs and time share: pages, frames and files."""

from __future__ import annotations

import ast
import base64
import io
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from dash.development.base_component import Component
from playwright.sync_api import BrowserContext, Locator, Page

from scripts.browser import wait_until
from spiral_dash import Run
from spiral_dash.web.panels import contents

SECONDS = 60.0
HEAD = re.compile(r"# (?P<name>[\w.]+): (?P<shape>.*?)(, in steps of 1/255)?, from (?P<source>.*)")
CALL = re.compile(
    r"run\.(?P<how>measure|over_time)\((?P<given>.*)\)\[\"(?P<array>\w+)\"\]", re.DOTALL
)


def _options() -> list[tuple[str, str, Any]]:
    """Panel, name and first value of every option."""
    found: list[tuple[str, str, Any]] = []

    def look(component: object) -> None:
        if isinstance(component, (list, tuple)):
            for each in component:
                look(each)
        elif isinstance(component, Component):
            identity = getattr(component, "id", None)
            if isinstance(identity, dict) and identity.get("type") == "panel-option":
                value = getattr(component, "value", None)
                found.append((identity["panel"], identity["option"], value))
            look(getattr(component, "children", None))

    look(list(contents("/").values()))
    return found


OPTIONS = _options()


@dataclass(frozen=True)
class Block:
    """An array of a downloaded table, and what in Python gives the same."""

    name: str
    values: npt.NDArray[Any]
    how: str
    probe: str
    options: dict[str, Any]
    array: str


def read_blocks(text: str) -> list[Block]:
    """The blocks of a panel's CSV file."""
    blocks = []
    for part in text.split("\n\n")[1:]:
        head, _, table = part.partition("\n")
        found = HEAD.fullmatch(head)
        assert found is not None, head
        call = CALL.fullmatch(found["source"])
        probe, options = "", {}
        if call is not None:
            tree = ast.parse(f"f({call['given']})", mode="eval").body
            assert isinstance(tree, ast.Call)
            probe = ast.literal_eval(tree.args[0])
            options = {str(one.arg): ast.literal_eval(one.value) for one in tree.keywords}
        shape = [int(each) for each in re.findall(r"\d+", found["shape"])]
        if found["shape"] == "one value":
            shape = []
        blocks.append(
            Block(
                found["name"],
                _values(table).reshape(shape),
                call["how"] if call else "",
                probe,
                options,
                call["array"] if call else "",
            )
        )
    return blocks


def _values(table: str) -> npt.NDArray[Any]:
    names, _, rows = table.partition("\n")
    indices = sum(not name.startswith("value") for name in names.split(","))
    if not rows.strip():
        return np.empty(0)
    return np.loadtxt(io.StringIO(rows), delimiter=",", ndmin=2)[:, indices:]


OPENED = "window.spiralDash?.framesPainted > 0"
"""A frame has been painted, and the shell has started."""


def visit(context: BrowserContext, url: str) -> Page:
    """Open the page and wait for its first frame."""
    page = context.new_page()
    page.goto(url)
    wait_until(page, OPENED, SECONDS)
    return page


# What is as it should be stays: each value that Dash is given takes it a tenth of a second.
RENEW = """async ([search, options]) => {
  const { page } = await import("/assets/page/page.mjs");
  document.activeElement?.blur();
  for (const sheet of document.querySelectorAll("details[open][class^=panel-]")) sheet.open = false;
  const { set_props } = window.dash_clientside;
  for (const [panel, option, value] of options) {
    const now = page.choices.of(panel)?.[option];
    if (now !== undefined && JSON.stringify(now) !== JSON.stringify(value)) {
      set_props({ type: "panel-option", panel, option }, { value });
    }
  }
  return page.open(null, false, search);
}"""


def renewed(page: Page, url: str, settings: str = "") -> Page:
    """The six panels of a fresh session on a page that lasts, its options as they were at first."""
    if page.url == "about:blank":
        page.goto(url)
        wait_until(page, OPENED, SECONDS)
    before = page.evaluate("window.spiralDash.session")
    page.evaluate(RENEW, [f"?{settings}" if settings else "", OPTIONS])
    wait_until(page, f"window.spiralDash.session !== '{before}'", SECONDS)
    wait_until(page, "window.spiralDash?.state === 'ready'", SECONDS)
    return page


OPEN = """async (content) => {
  const body = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
  const headers = { "x-spiral-session": window.spiralDash.session };
  const answer = await fetch("/recording/open", { method: "POST", headers, body });
  return answer.ok ? "" : answer.text();
}"""


def show_run(page: Page, run: Run) -> None:
    """Open a run's recording in the session of the page, and wait until it is shown."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.spiral.zip"
        run.save(path)
        content = base64.b64encode(path.read_bytes()).decode()
    assert page.evaluate(OPEN, content) == ""
    wait_until(page, f"window.spiralDash.epoch === {run.epoch}", SECONDS)


def arrange(page: Page, panels: list[str]) -> None:
    """Have these panels on the page, filled."""
    page.evaluate(
        "names => dispatchEvent(new CustomEvent('spiral-dash:panels', { detail: { names } }))",
        panels,
    )
    filled = (
        "[...document.querySelectorAll('.panel:not([hidden])')].every((c) => c.children.length)"
    )
    wait_until(page, f"{filled} && document.querySelector('.panel:not([hidden])')", SECONDS)


def choose(page: Page, panel: str, option: str, value: object) -> None:
    """Set an option of a panel, as its control does."""
    page.evaluate(
        """([panel, option, value]) =>
        window.dash_clientside.set_props({ type: "panel-option", panel, option }, { value })""",
        [panel, option, value],
    )


def card(page: Page, panel: str) -> Locator:
    """A panel's card."""
    return page.locator(f'[data-panel="{panel}"]')


def open_panels(page: Page) -> list[str]:
    """The panels on the page, as the document has them."""
    cards = "[...document.querySelectorAll('[data-panel]')]"
    names: list[str] = page.evaluate(
        f"{cards}.filter((card) => !card.hidden).map((card) => card.dataset.panel)"
    )
    return names


def download(page: Page, panel: str, kind: str, folder: Path) -> Path:
    """Take a file from a card's download menu."""
    menu = card(page, panel).locator(".panel-downloads")
    menu.locator("summary").click()
    with page.expect_download() as begun:
        menu.locator(f'[data-download="{kind}"]').click()
    path = folder / begun.value.suggested_filename
    begun.value.save_as(path)
    return path


def hurry(page: Page) -> None:
    """Train as fast as it goes."""
    page.locator("#speed").select_option("full")


def train(page: Page, epochs: int) -> int:
    """Train at least so many epochs, as fast as it goes, then pause; the epoch reached."""
    hurry(page)
    page.locator("#play").click()
    wait_until(page, f"window.spiralDash.epoch >= {epochs}", SECONDS)
    page.locator("#play").click()
    wait_until(page, "window.spiralDash.state === 'paused'", SECONDS)
    return int(page.evaluate("window.spiralDash.epoch"))


def show_epoch(page: Page, epoch: int | None) -> None:
    """Ask for an epoch as the slider does, None for the newest."""
    page.evaluate(
        "epoch => import('/assets/page/page.mjs').then(({ page }) => page.run.seek(epoch))", epoch
    )


def seek(page: Page, epoch: int) -> None:
    """Move the slider to an epoch, and wait until it is shown."""
    page.locator("#timeline").fill(str(epoch))
    wait_until(page, f"window.spiralDash.shownEpoch === {epoch}", SECONDS)


def wait_until_measured(page: Page) -> None:
    """Wait until every open panel has all that it asked for."""
    wait_until(page, "!document.querySelector('.panel:not([hidden]).is-pending')", SECONDS)
