"""A run as a file, by menu and by dropping it: both ways, bit for bit, and bad files."""

from __future__ import annotations

import base64
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from scripts.browser import wait_until
from spiral_dash import Run, RunConfig
from spiral_dash.core.recording import BYTES_MAX
from tests.browser.probing import SECONDS, open_panels, train

CONFIG = RunConfig.from_query(
    "network.hidden=6,5&network.activation=relu&data.samples_per_arm=100&data.arms=3&seed=4"
)
DROP = """([content, name]) => {
  const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([bytes], name));
  for (const kind of ["dragenter", "dragover", "drop"]) {
    const event = new DragEvent(kind, {bubbles: true, cancelable: true, dataTransfer});
    document.querySelector("#main").dispatchEvent(event);
  }
}"""


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Nine epochs of a run, recorded in Python."""
    run = Run(CONFIG)
    run.train(9)
    path = tmp_path_factory.mktemp("recorded") / "nine.spiral.zip"
    run.save(path)
    return path


@pytest.fixture
def opened(page: Page) -> Page:
    wait_until(page, "window.spiralDash?.framesPainted > 0", SECONDS)
    return page


def downloaded(page: Page, folder: Path) -> Path:
    page.locator("#run-menu summary").click()
    with page.expect_download() as begun:
        page.locator("#run-download").click()
    path = folder / begun.value.suggested_filename
    begun.value.save_as(path)
    expect(page.locator("#run-menu .menu-body")).to_be_hidden()
    return path


def expect_nine(page: Page) -> None:
    """The page shows the recorded run, paused at its epoch."""
    wait_until(page, "window.spiralDash.epoch === 9", SECONDS)
    assert page.evaluate("window.spiralDash.state") == "paused"
    expect(page.locator("#timeline")).to_have_attribute("max", "9")
    expect(page.locator("#layers")).to_have_value("2")
    expect(page.locator("#notices")).to_contain_text("is open, at epoch 9.")
    for pair in ("data.arms=3", "network.hidden=6,5", "network.activation=relu", "seed=4"):
        wait_until(page, f"location.search.includes('{pair}')")


def assert_equal(one: Run, other: Run) -> None:
    assert one.config == other.config
    assert list(one.epochs) == list(other.epochs)
    for epoch in one.epochs:
        np.testing.assert_array_equal(
            one.subject(int(epoch)).network.flat.numpy(),
            other.subject(int(epoch)).network.flat.numpy(),
        )
    for name, values in one.history.items():
        np.testing.assert_array_equal(values, other.history[name])


def test_from_the_page_to_python_and_back(opened: Page, tmp_path: Path) -> None:
    reached = train(opened, 3)
    path = downloaded(opened, tmp_path)
    assert path.name == f"spiral-tanh-{reached}.spiral.zip"
    from_page = Run.load(path)
    alone = Run()
    alone.train(reached)
    assert_equal(from_page, alone)
    opened.locator("#reset").click()
    wait_until(opened, "window.spiralDash.epoch === 0")
    opened.locator("#run-file").set_input_files(path)
    wait_until(opened, f"window.spiralDash.epoch === {reached}", SECONDS)
    opened.locator("#step").click()
    wait_until(opened, f"window.spiralDash.epoch === {reached + 1}")
    alone.train(1)
    assert_equal(Run.load(downloaded(opened, tmp_path)), alone)


def test_a_file_is_opened_by_the_menu(opened: Page, recorded: Path, tmp_path: Path) -> None:
    panels = open_panels(opened)
    opened.locator("#run-menu summary").focus()
    opened.keyboard.press("Enter")
    with opened.expect_file_chooser() as chooser:
        opened.get_by_role("button", name="Open a recorded run").press("Enter")
    chooser.value.set_files(recorded)
    expect_nine(opened)
    expect(opened.locator("#run-menu .menu-body")).to_be_hidden()
    assert open_panels(opened) == panels
    assert_equal(Run.load(downloaded(opened, tmp_path)), Run.load(recorded))


def test_a_file_is_opened_by_dropping_it(opened: Page, recorded: Path) -> None:
    train(opened, 2)
    content = base64.b64encode(recorded.read_bytes()).decode()
    opened.evaluate(DROP, [content, recorded.name])
    expect_nine(opened)
    expect(opened.locator("#drop")).to_be_hidden()
    opened.locator("#step").click()
    wait_until(opened, "window.spiralDash.epoch === 10")


def _cut(whole: bytes) -> bytes:
    return whole[: len(whole) // 3]


def _other_version(whole: bytes) -> bytes:
    return whole.replace(b'"version":"1"', b'"version":"2"')


BAD: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "empty": (lambda whole: b"", "Expected a recorded run"),
    "cut off": (_cut, "Expected a recorded run"),
    "another version": (_other_version, "Expected a recorded run"),
    "no zip": (lambda whole: b"%PDF-1.7" + bytes(99), "Expected a recorded run"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_answered_beside_the_button(
    opened: Page, recorded: Path, tmp_path: Path, problems: list[str], name: str
) -> None:
    spoil, sentence = BAD[name]
    reached = train(opened, 2)
    path = tmp_path / "bad.spiral.zip"
    path.write_bytes(spoil(recorded.read_bytes()))
    opened.locator("#run-file").set_input_files(path)
    message = opened.locator("#run-message")
    expect(message).to_be_visible()
    expect(message).to_contain_text(sentence)
    expect(message).to_contain_text("The present run goes on.")
    (said,) = problems
    assert "422" in said
    problems.clear()
    opened.keyboard.press("Escape")
    opened.locator("#step").click()
    wait_until(opened, f"window.spiralDash.epoch === {reached + 1}")


def test_a_bomb_and_a_huge_file_are_refused(
    opened: Page, tmp_path: Path, problems: list[str]
) -> None:
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("run.safetensors", bytes(BYTES_MAX + 1))
    assert bomb.stat().st_size < 2**20
    opened.locator("#run-file").set_input_files(bomb)
    expect(opened.locator("#run-message")).to_contain_text("at most 256 MiB, got 256 MiB")
    assert len(problems) == 1
    problems.clear()
    huge = tmp_path / "huge.zip"
    with huge.open("wb") as file:
        file.truncate(300 * 2**20)
    opened.locator("#run-file").set_input_files(huge)
    expect(opened.locator("#run-message")).to_contain_text("at most 256 MiB, got 300 MiB")
    opened.keyboard.press("Escape")
    opened.locator("#step").click()
    wait_until(opened, "window.spiralDash.epoch === 1")
