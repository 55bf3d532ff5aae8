"""The notebook: a row for every run, to go back to, to compare, to take along."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

from playwright.sync_api import BrowserContext, expect

from scripts.browser import wait_until
from scripts.server import Server
from tests.browser.probing import visit

SECONDS = 60.0
LINK = "data.samples_per_arm=100&network.hidden=4,4&panels=boundary,robustness"
NOTE = "=1+1, nice"


def test_every_run_is_kept_and_comes_back(context: BrowserContext, server: Server) -> None:
    page = visit(context, f"{server.url}/?{LINK}&epoch=3")
    rest = "window.spiralDash.state === 'paused' && window.spiralDash.epoch"
    wait_until(page, f"{rest} === 3", SECONDS)
    dialog = page.get_by_role("dialog", name="Notebook")
    rows = dialog.locator("tbody tr")
    page.locator("#notebook-open").click()
    expect(rows).to_have_count(1)
    expect(rows.nth(0)).to_contain_text("the first")
    picture = rows.nth(0).locator("img")
    expect(picture).to_have_attribute("src", re.compile("^data:image/"), timeout=1000 * SECONDS)
    robust = rows.nth(0).locator("td").nth(8)
    expect(robust).to_contain_text("%", timeout=1000 * SECONDS)
    dialog.get_by_label("Robust at").fill("1e9")
    expect(robust).to_have_text("–")
    dialog.get_by_label("Robust at").fill("zero")
    expect(dialog.get_by_role("alert")).to_contain_text("expected a number above 0")
    dialog.get_by_label("Note on run 1").fill(NOTE)
    dialog.get_by_role("button", name="Close the notebook").click()

    page.locator('.dial[data-name="activation"] select').select_option("relu")
    wait_until(page, "window.spiralDash.epoch === 0", SECONDS)
    page.locator("#step").click()
    wait_until(page, f"{rest} === 1", SECONDS)
    page.reload()
    wait_until(page, f"{rest.replace('.', '?.')} === 1", SECONDS)
    page.locator("#notebook-open").click()
    expect(rows).to_have_count(2)
    expect(rows.nth(1)).to_contain_text("relu")
    expect(dialog.get_by_label("Note on run 1")).to_have_value(NOTE)
    with page.expect_download() as download:
        dialog.get_by_role("button", name="Download as CSV").click()
    table = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text("utf-8"))))
    assert [row["network.activation"] for row in table] == ["tanh", "relu"]
    assert [row["epochs"] for row in table] == ["3", "1"]
    assert table[0]["note"] == f"'{NOTE}"

    dialog.get_by_label("Mark run 1").check()
    dialog.get_by_label("Mark run 2").check()
    dialog.get_by_role("button", name="Compare the two marked").click()
    wait_until(page, "location.search.includes('vs.network.activation=relu')", SECONDS)
    wait_until(page, f"{rest} === 1 && window.spiralDash.second?.epoch === 1", SECONDS)
    page.locator("#notebook-open").click()
    expect(rows).to_have_count(2)
    rows.nth(0).get_by_role("button", name="1: the first").click()
    wait_until(page, f"{rest} === 3 && window.spiralDash.second === null", SECONDS)
