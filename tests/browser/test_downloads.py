"""What a panel shows as a file: numbers that Python gives again, and pictures."""

from __future__ import annotations

import struct
from pathlib import Path
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Page, expect

from scripts.browser import wait_until
from scripts.server import Server
from tests.browser.probing import card, download, read_blocks, renewed, train, wait_until_measured

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def opened(lasting_page: Page, server: Server) -> Page:
    """A run of a few epochs."""
    page = renewed(lasting_page, server.url, "data.samples_per_arm=100")
    train(page, 3)
    wait_until_measured(page)
    return page


def png_size(path: Path) -> tuple[int, int]:
    head = path.read_bytes()[:24]
    assert head.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", head[16:24])
    return width, height


def test_a_table_names_its_run_and_its_source(opened: Page, tmp_path: Path) -> None:
    epoch = opened.evaluate("window.spiralDash.epoch")
    path = download(opened, "boundary", "csv", tmp_path)
    assert path.name == f"spiral-boundary-{epoch}.csv"
    text = path.read_text(encoding="utf-8")
    assert text.startswith(f"# Spiral Dash: Decision boundary, epoch {epoch}\n# configuration: {{")
    blocks = {block.name: block for block in read_blocks(text)}
    assert blocks["points.train"].values.shape == (134, 2)
    grid = blocks["grid.probability"]
    assert (grid.probe, grid.options["epoch"]) == ("boundary", epoch)
    assert 0 <= grid.values.min() < grid.values.max() <= 1


def doubled(svg: ElementTree.Element) -> tuple[int, int]:
    return 2 * int(svg.get("width", 0)), 2 * int(svg.get("height", 0))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pictures_hold_every_graph_while_the_run_plays(
    opened: Page, tmp_path: Path, scheme: str
) -> None:
    opened.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    opened.locator("#play").click()
    svg = ElementTree.parse(download(opened, "spectrum", "svg", tmp_path)).getroot()
    graphs = svg.findall(f"{SVG}svg")
    assert len(graphs) == 3
    assert all(graph.findall(f".//{SVG}path") for graph in graphs)
    background = svg.find(f"{SVG}rect")
    assert background is not None
    assert (background.get("fill") == "rgb(255,255,255)") is (scheme == "light")
    png = png_size(download(opened, "spectrum", "png", tmp_path))
    later = ElementTree.parse(download(opened, "spectrum", "svg", tmp_path)).getroot()
    assert png in (doubled(svg), doubled(later))  # the panel's words may grow by a line
    wait_until(opened, "window.spiralDash.state === 'playing'")


def test_the_menu_is_worked_with_the_keyboard(opened: Page) -> None:
    menu = card(opened, "metrics").locator(".panel-downloads")
    menu.locator("summary").focus()
    opened.keyboard.press("Enter")
    expect(menu.get_by_role("button", name="Numbers (CSV)")).to_be_visible()
    opened.keyboard.press("Escape")
    expect(menu.get_by_role("button", name="Numbers (CSV)")).to_be_hidden()
    expect(menu.locator("summary")).to_be_focused()
    opened.keyboard.press("Enter")
    opened.keyboard.press("Tab")
    with opened.expect_download() as begun:
        opened.keyboard.press("Enter")
    assert begun.value.suggested_filename.endswith(".csv")
    expect(menu.get_by_role("button", name="Numbers (CSV)")).to_be_hidden()
