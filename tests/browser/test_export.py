"""The dialog that takes a run along: every format by a click, numbers beside it, refusals too."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from scripts.browser import wait_until
from scripts.server import Server
from spiral_dash import Run, RunConfig
from spiral_dash.core.export import FORMATS, exported
from tests.browser.probing import SECONDS, renewed, seek, train

QUERY = "network.hidden=5&data.samples_per_arm=60&seed=4"


@pytest.fixture
def opened(lasting_page: Page, server: Server) -> Page:
    return renewed(lasting_page, server.url, QUERY)


def open_dialog(page: Page) -> None:
    page.locator("#run-menu summary").click()
    page.locator("#export-open").click()
    expect(page.locator("#export-dialog")).to_be_visible()


def taken(page: Page, title: str, folder: Path) -> Path:
    with page.expect_download() as begun:
        page.get_by_role("button", name=title, exact=True).click()
    path = folder / begun.value.suggested_filename
    begun.value.save_as(path)
    expect(page.locator(".export-status")).to_contain_text(f"{path.name} is downloaded.")
    return path


def test_every_format_is_the_epoch_on_screen(opened: Page, tmp_path: Path) -> None:
    train(opened, 4)
    seek(opened, 3)
    open_dialog(opened)
    expect(opened.locator(".export-epoch")).to_have_text(
        "The run as it was at epoch 3, which is on screen."
    )
    run = Run(RunConfig.from_query(QUERY))
    run.train(3)
    for name in ("pytorch", "onnx", "npz", "data-csv", "history-csv"):
        path = taken(opened, FORMATS[name].title, tmp_path)
        assert path.name == f"spiral-tanh-3{FORMATS[name].suffix}"
        if name != "pytorch":
            assert path.read_bytes() == exported(run, name)
    assert b"EPOCHS = 3" in (tmp_path / "spiral-tanh-3.py").read_bytes()
    opened.keyboard.press("Escape")
    expect(opened.locator("#export-dialog")).to_be_hidden()


def test_numbers_beside_the_button_and_a_run_that_trains_on(
    opened: Page, tmp_path: Path, problems: list[str]
) -> None:
    opened.locator("#play").click()
    wait_until(opened, "window.spiralDash.epoch > 1", SECONDS)
    open_dialog(opened)
    dialog = opened.locator("#export-dialog")
    button = dialog.get_by_role("button", name="VNN-LIB properties")
    dialog.get_by_label("Test points").fill("3")
    dialog.get_by_label("Radius ε").fill("0,x")
    dialog.get_by_label("Radius ε").press("Enter")
    error = dialog.locator(".export-error:not(:empty)")
    expect(error).to_have_text("epsilon: expected a number above 0 to 1000000, got '0,x'.")
    assert len(problems) == 1 and "422" in problems.pop()
    dialog.get_by_label("Radius ε").fill("0,25")
    path = taken(opened, "VNN-LIB properties", tmp_path)
    expect(error).to_have_count(0)
    expect(button).to_be_focused()
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
        lines = archive.read("instances.csv").decode().splitlines()
    assert len(lines) == 3 and all("_epsilon_0.25." in line for line in lines)
    before = opened.evaluate("window.spiralDash.epoch")
    wait_until(opened, f"window.spiralDash.epoch > {before}", SECONDS)
    assert opened.evaluate("window.spiralDash.state") == "playing"
    opened.keyboard.press("Escape")
