"""A question of one's own, from the form to its answer and to one of its runs."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, expect

from scripts.browser import wait_until
from scripts.server import Server, running_server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose page may start experiments."""
    folder = tmp_path_factory.mktemp("experiments")
    options = ["--experiments", str(folder), "--experiment-workers", "1"]
    with running_server(folder / "server.log", *options) as server:
        yield server


def test_a_question_is_asked_answered_and_its_run_opened(
    context: BrowserContext, server: Server, problems: list[str]
) -> None:
    page = context.new_page()
    page.goto(f"{server.url}/experiments")
    page.get_by_label("Name").fill("mine")
    settings = page.get_by_label("Settings and their levels")
    settings.fill("data.entanglement=2,4000")
    page.get_by_label("Seeds").fill("2")
    page.get_by_label("Epochs").fill("1")
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("alert")).to_contain_text("0.5 to 20")
    (said,) = problems
    assert "422" in said
    problems.clear()
    settings.fill("data.entanglement=2,4\nnetwork.hidden=3\ndata.samples_per_arm=50")
    page.get_by_role("button", name="Start").click()
    page.wait_for_url("**/experiments/mine")
    expect(page.locator("#answer")).to_contain_text("4 of 4 done", timeout=240_000)
    expect(page.locator("#answer svg[role=img]").first).to_be_visible()
    expect(page.locator("#cancel")).to_be_hidden(timeout=30_000)
    points = page.locator("#answer svg a")
    assert points.count() == 2 * 4  # two figures of four runs
    address = points.last.get_attribute("xlink:href") or ""
    assert re.match(r"\.\./\?data\.entanglement=4\.0&.*network\.hidden=3&seed=2&epoch=1$", address)
    page.get_by_text("Open a run in the laboratory").click()
    page.locator("#answer details a").last.click()
    wait_until(page, "window.spiralDash?.epoch === 1", 60)
    assert "seed=2" in page.url
    page.goto(f"{server.url}/experiments/mine")
    compare = page.get_by_role("button", name="Compare two runs")
    compare.click()
    points.first.dispatch_event("click")
    expect(page.locator("#comparing")).to_contain_text("First: entanglement 2.0")
    points.last.dispatch_event("click")
    page.wait_for_url("**/?*vs.*")
    wait_until(page, "window.spiralDash?.second?.epoch === 1", 60)
    assert "vs.data.entanglement=4" in page.url and "vs.seed=2" in page.url
