"""Points of one's own in the page: dropped, chosen, pasted, chosen from, used, and in a link."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from scripts.browser import wait_until
from scripts.server import Server
from spiral_dash import Run, RunConfig
from spiral_dash.core.data.table import read_table
from tests.browser.probing import SECONDS, download, renewed, train
from tests.browser.test_recordings import DROP, downloaded

PASTE = """([text, selector]) => {
  const clipboardData = new DataTransfer();
  clipboardData.setData("text/plain", text);
  const target = selector ? document.querySelector(selector) : document.body;
  const how = {bubbles: true, cancelable: true, clipboardData};
  target.dispatchEvent(new ClipboardEvent("paste", how));
}"""


def table(count: int, classes: int = 2, columns: int = 2, seed: int = 1) -> str:
    generator = np.random.default_rng(seed)
    labels = np.arange(count) % classes
    numbers = generator.normal(2.0 * labels[:, None], 0.4, (count, columns))
    head = ",".join([*(f"f{column}" for column in range(columns)), "kind"])
    lines = [
        ",".join([*(f"{value:.5g}" for value in row), f"kind {label}"])
        for row, label in zip(numbers, labels, strict=True)
    ]
    return "\n".join([head, *lines])


@pytest.fixture
def page(lasting_page: Page, server: Server) -> Page:
    opened = renewed(lasting_page, server.url)
    if opened.locator("#data-dialog").evaluate("(dialog) => dialog.open"):
        opened.keyboard.press("Escape")
    return opened


def dialog(page: Page) -> Locator:
    return page.locator("#data-dialog")


def choose(page: Page, path: Path) -> None:
    """Open the dialog by the menu, and a file in it."""
    page.locator("#run-menu summary").click()
    page.locator("#data-open").click()
    page.locator("#data-file").set_input_files(path)


def write(folder: Path, text: str, name: str = "points.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def expect_found(page: Page, words: str) -> None:
    expect(page.locator("#data-found")).to_contain_text(words)
    expect(page.locator("#data-start")).to_be_visible()


def start(page: Page) -> None:
    page.locator("#data-start").click()
    expect(dialog(page)).to_be_hidden()


def expect_trains(page: Page) -> None:
    """The session is there and trains."""
    before = page.evaluate("window.spiralDash.epoch")
    page.evaluate("document.querySelector('#step').click()")
    wait_until(page, f"window.spiralDash.epoch === {before + 1}", SECONDS)


def test_a_dropped_table_is_shown_and_trained_on(page: Page, tmp_path: Path) -> None:
    text = table(60, 3, 4)
    train(page, 1)
    page.evaluate(DROP, [base64.b64encode(text.encode()).decode(), "flowers.csv"])
    expect(page.locator("#drop")).to_be_hidden()
    expect_found(page, "flowers.csv: 60 rows, 5 columns (CSV, divided by comma, UTF-8).")
    expect(page.locator("#data-label")).to_have_value("kind")
    expect(page.locator("#data-count")).to_have_text("4 of 4 chosen")
    expect(page.locator("#data-seen")).to_contain_text("60 points of 4 numbers, 3 classes.")
    expect(page.locator(".data-classes li")).to_have_text(["kind 0 20", "kind 1 20", "kind 2 20"])
    page.get_by_label("f2").uncheck()
    expect(page.locator("#data-seen")).to_contain_text("60 points of 3 numbers")
    start(page)
    wait_until(page, "location.search.includes('data.kind=points')", SECONDS)
    wait_until(page, "window.spiralDash.epoch === 0", SECONDS)
    expect(page.locator("#notices")).to_contain_text("flowers.csv is open: 60 points.")
    expect_trains(page)
    run = Run.load(downloaded(page, tmp_path))
    rows = read_table(text.encode()).rows("kind", ["f0", "f1", "f3"])
    alone = Run(run.config, rows=rows)
    alone.train(run.epoch)
    np.testing.assert_array_equal(run.network.flat.numpy(), alone.network.flat.numpy())


def test_a_recorded_run_is_told_from_a_table_whatever_its_name(page: Page, tmp_path: Path) -> None:
    run = Run(RunConfig(network={"hidden": [3]}, seed=8))
    run.train(4)
    content = base64.b64encode(run.pack()).decode()
    page.evaluate(DROP, [content, "points.csv"])
    wait_until(page, "window.spiralDash.epoch === 4", SECONDS)
    expect(dialog(page)).to_be_hidden()
    # The same by the dialog.
    renamed = tmp_path / "points.csv"
    renamed.write_bytes(run.pack())
    page.locator("#reset").click()
    wait_until(page, "window.spiralDash.epoch === 0", SECONDS)
    choose(page, renamed)
    wait_until(page, "window.spiralDash.epoch === 4", SECONDS)
    expect(dialog(page)).to_be_hidden()


def test_an_archive_of_arrays_is_no_recording(page: Page, tmp_path: Path) -> None:
    path = tmp_path / "digits.npz"
    x = np.random.default_rng(2).random((40, 4, 4))
    np.savez(path, x=x, y=np.arange(40) % 2)
    content = base64.b64encode(path.read_bytes()).decode()
    page.evaluate(DROP, [content, "digits.zip"])
    expect_found(page, "digits.zip: 40 rows, 17 columns (npz).")
    expect(page.get_by_label("Each row is an image of 4 × 4 pixels")).to_be_checked()
    page.keyboard.press("Escape")


@pytest.mark.parametrize("where", ["page", "field"])
def test_a_pasted_table_is_read(page: Page, where: str) -> None:
    text = "x\ty\tlabel\n" + "\n".join(f"{i % 5}\t{i % 7}.5\t{'ab'[i % 2]}" for i in range(20))
    if where == "page":
        page.evaluate(PASTE, [text, ""])
    else:
        page.evaluate("window.dispatchEvent(new CustomEvent('spiral-dash:open-data'))")
        page.get_by_label("Or paste a table").fill(text)
        page.get_by_role("button", name="Read the pasted table").click()
    expect_found(page, "The pasted table: 20 rows, 3 columns (CSV, divided by tab")
    start(page)
    wait_until(page, "location.search.includes('data.rows=')", SECONDS)


def test_what_is_pasted_into_a_field_is_the_field_s(page: Page) -> None:
    page.evaluate(PASTE, ["x,y,label\n1,2,a\n3,4,b", "#layers"])
    page.evaluate(PASTE, ["   \n", ""])
    page.wait_for_timeout(200)
    expect(dialog(page)).to_be_hidden()


def test_nothing_pasted_is_said(page: Page) -> None:
    page.evaluate("window.dispatchEvent(new CustomEvent('spiral-dash:open-data'))")
    page.get_by_label("Or paste a table").fill("")
    page.get_by_role("button", name="Read the pasted table").click()
    expect(page.locator("#data-error")).to_contain_text("Expected a table, got nothing")
    page.keyboard.press("Escape")
    expect(dialog(page)).to_be_hidden()


def test_another_label_is_chosen(page: Page, tmp_path: Path) -> None:
    generator = np.random.default_rng(5)
    rows = [
        f"{a:.3f},{b:.3f},{i % 3},{i % 2}" for i, (a, b) in enumerate(generator.random((30, 2)))
    ]
    choose(page, write(tmp_path, "a,b,grade,label\n" + "\n".join(rows)))
    expect_found(page, "30 rows")
    expect(page.locator("#data-label")).to_have_value("label")
    expect(page.locator("#data-count")).to_have_text("3 of 3 chosen")
    page.locator("#data-label").select_option("grade")
    expect(page.locator("#data-count")).to_have_text("2 of 3 chosen")
    expect(page.locator(".data-classes li")).to_have_text(["0 10", "1 10", "2 10"])
    start(page)
    wait_until(page, "document.querySelector('#fact-classes')?.textContent === '3'", SECONDS)


def test_missing_values_are_refused_until_their_rows_are_left_out(
    page: Page, tmp_path: Path
) -> None:
    lines = table(30).split("\n")
    lines[7] = "," + lines[7].split(",", 1)[1]
    choose(page, write(tmp_path, "\n".join(lines)))
    expect(page.locator("#data-error")).to_contain_text("row 8, column f0")
    expect(page.locator("#data-start")).to_be_disabled()
    page.get_by_label("Leave out rows with an empty cell (1 empty cell in these columns)").check()
    expect(page.locator("#data-error")).to_be_empty()
    expect(page.locator("#data-seen")).to_contain_text("29 points")
    expect(page.locator("#data-seen")).to_contain_text("1 row left out, with an empty cell")
    start(page)


def test_contradictory_places_are_said_before_it_starts(page: Page, tmp_path: Path) -> None:
    body = "".join(f"{i % 3},{i % 3},{'ab'[i % 2]}\n" for i in range(12))
    choose(page, write(tmp_path, "x,y,label\n" + body))
    expect(page.locator("#data-seen")).to_contain_text(
        "3 places carry more than one label: 100 % is out of reach."
    )
    page.keyboard.press("Escape")


BAD = {
    "cut off": (b"PK\x03\x04" + bytes(100), "a zip archive that is cut off or damaged"),
    "a png": (b"\x89PNG\r\n\x1a\n" + bytes(100), "got a PNG image"),
    "empty": (b"", "empty file"),
    "a text in a number": (b"x,y,label\n1,2,a\n3,two,b\n", "Row 3, column y: expected a number"),
    "one class": (b"x,y,label\n1,2,a\n3,4,a\n", "at least 2 classes"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_answered_in_the_dialog(
    page: Page, tmp_path: Path, problems: list[str], name: str
) -> None:
    body, words = BAD[name]
    path = tmp_path / "bad.csv"
    path.write_bytes(body)
    choose(page, path)
    error = page.locator("#data-error")
    expect(error).to_contain_text(words)
    expect(page.locator("#data-progress")).to_be_hidden()
    # The browser itself notes an answer of 422.
    assert all("422" in problem for problem in problems)
    problems.clear()
    page.keyboard.press("Escape")
    expect(dialog(page)).to_be_hidden()
    expect_trains(page)
    page.locator("#run-menu summary").click()
    page.locator("#data-open").click()
    expect(error).to_be_empty()
    page.keyboard.press("Escape")


def test_a_file_too_large_is_refused_before_it_is_sent(page: Page, tmp_path: Path) -> None:
    path = tmp_path / "huge.csv"
    with path.open("wb") as file:
        file.truncate(65 * 2**20)
    choose(page, path)
    expect(page.locator("#data-error")).to_contain_text("at most 64 MiB, got 65 MiB")
    page.keyboard.press("Escape")


def test_a_thousand_columns_are_found_and_chosen_from(page: Page, tmp_path: Path) -> None:
    choose(page, write(tmp_path, table(12, 2, 1024)))
    expect_found(page, "12 rows, 1,025 columns")
    expect(page.locator("#data-count")).to_have_text("1024 of 1024 chosen")
    page.get_by_role("button", name="None", exact=True).click()
    expect(page.locator("#data-error")).to_contain_text("columns of numbers, got 0")
    page.get_by_label("Find a column").fill("f102")
    expect(page.locator("#data-columns li:visible")).to_have_count(5)
    page.get_by_role("button", name="All", exact=True).click()
    expect(page.locator("#data-count")).to_have_text("5 of 1024 chosen")
    expect(page.locator("#data-seen")).to_contain_text("12 points of 5 numbers")
    start(page)


def test_a_link_opens_the_same_network_elsewhere(
    page: Page, context: BrowserContext, server: Server, tmp_path: Path
) -> None:
    choose(page, write(tmp_path, table(50, 3)))
    expect_found(page, "50 rows")
    start(page)
    wait_until(page, "location.search.includes('data.rows=')", SECONDS)
    link = page.url
    expect(page.locator("#dials .link-note")).to_be_hidden()
    expect_trains(page)
    here = Run.load(downloaded(page, tmp_path))
    browser = context.browser
    visitor = browser.new_context() if browser else context
    elsewhere = visitor.new_page()
    elsewhere.goto(link)
    wait_until(elsewhere, "window.spiralDash?.framesPainted > 0", SECONDS)
    expect_trains(elsewhere)
    (tmp_path / "elsewhere").mkdir()
    there = Run.load(downloaded(elsewhere, tmp_path / "elsewhere"))
    assert there.config == here.config
    np.testing.assert_array_equal(there.network.flat.numpy(), here.network.flat.numpy())
    assert elsewhere.url == f"{link}&epoch=1"
    # A reload finds the session.
    elsewhere.reload()
    wait_until(elsewhere, "window.spiralDash?.epoch === 1", SECONDS)
    elsewhere.close()


def test_a_larger_set_needs_its_file_and_says_so(
    page: Page, context: BrowserContext, tmp_path: Path
) -> None:
    choose(page, write(tmp_path, table(500)))
    expect(page.locator("#data-seen")).to_contain_text("Too many for the address")
    start(page)
    if page.locator("#dials").is_hidden():
        page.locator("#dials-toggle").click()
    expect(page.locator("#dials .link-note")).to_be_visible()
    page.locator("#run-menu summary").click()
    expect(page.locator("#link-note")).to_be_visible()
    page.keyboard.press("Escape")
    assert "data.rows" not in page.url and "data.digest" in page.url
    elsewhere = context.new_page()
    elsewhere.goto(page.url)
    expect(elsewhere.locator("#notices")).to_contain_text("points that are not here")
    wait_until(elsewhere, "!location.search.includes('points')", SECONDS)
    expect_trains(elsewhere)
    elsewhere.close()
    # The recording holds them.
    path = downloaded(page, tmp_path)
    assert len(Run.load(path).rows.x) == 500  # type: ignore[union-attr]
    page.locator("#reset").click()


def test_all_of_it_works_by_keyboard(page: Page, tmp_path: Path) -> None:
    path = write(tmp_path, table(30, 2, 3))
    # Well before the key is pressed, so that the browser knows that somebody answers.
    page.once("filechooser", lambda chooser: chooser.set_files(path))
    summary = page.locator("#run-menu summary")
    summary.focus()
    page.keyboard.press("Enter")
    item = page.locator("#data-open")
    item.focus()
    page.keyboard.press("Enter")
    expect(dialog(page)).to_be_visible()
    expect(page.locator("#data-choose")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog(page)).to_be_hidden()
    expect(summary).to_be_focused()
    page.keyboard.press("Enter")
    item.press("Enter")
    expect(page.locator("#data-choose")).to_be_focused()
    page.keyboard.press("Enter")
    expect_found(page, "30 rows")
    expect(page.locator("#data-found")).to_be_focused()
    reached = []
    for _ in range(12):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id || document.activeElement.type"))
        if reached[-1] == "data-start":
            break
        if reached[-1] == "checkbox" and reached.count("checkbox") == 1:
            page.keyboard.press("Space")
            expect(page.locator("#data-seen")).to_contain_text("points of 2 numbers")
    assert reached[0] == "data-label"
    assert reached[-1] == "data-start"
    page.keyboard.press("Enter")
    expect(dialog(page)).to_be_hidden()
    expect(summary).to_be_focused()
    wait_until(page, "location.search.includes('data.rows=')", SECONDS)


def test_names_are_text_and_nothing_else(page: Page, tmp_path: Path) -> None:
    body = "".join(
        f"{i},{i % 5},{'<img src=x onerror=alert(1)>' if i % 2 else '=1+1'}\n" for i in range(20)
    )
    choose(page, write(tmp_path, "<b>x</b>,y,label\n" + body, "a&b<i>.csv"))
    expect_found(page, "a&b<i>.csv: 20 rows")
    expect(page.locator("#data-columns .data-name").first).to_have_text("<b>x</b>")
    expect(page.locator(".data-classes li").first).to_contain_text("<img src=x")
    assert page.locator("#data-dialog img, #data-dialog b").count() == 0
    start(page)
    expect_trains(page)
    text = download(page, "boundary", "csv", tmp_path).read_text(encoding="utf-8")
    assert not re.search(r"(^|,)[=+@]", text, re.MULTILINE)
