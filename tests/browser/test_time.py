"""Time under the thumb: every panel at any epoch, and nothing lost with a killed process."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from scripts.browser import wait_until
from scripts.server import Server, running_server
from spiral_dash import Run, RunConfig
from spiral_dash.core.probes import ProbeError
from spiral_dash.web.arrangements import ARRANGEMENTS
from tests.browser.probing import (
    SECONDS,
    Block,
    download,
    hurry,
    read_blocks,
    seek,
    show_epoch,
    train,
    visit,
    wait_until_measured,
)
from tests.conftest import fresh

QUERY = "network.hidden=6,6&data.samples_per_arm=80&data.entanglement=4&seed=3"
THESIS = ARRANGEMENTS["The thesis"]
CURVES = {
    "trends": "main",
    "collapse": "epochs",
    "gradients": "epochs",
    "spectrum": "norms",
    "metrics": "main",
}
BYTE = 0.6 / 255


@pytest.fixture
def opened(context: BrowserContext, server: Server) -> Page:
    page = visit(context, f"{server.url}/?{QUERY}&panels={','.join(THESIS)}")
    # A small network would be thousands of epochs further before the page could pause it.
    page.locator("#speed").select_option("30")
    return page


def trained(epochs: int) -> Run:
    run = Run(RunConfig.from_query(QUERY))
    run.train(epochs)
    return run


def assert_same(block: Block, run: Run) -> None:
    """The block holds what the call that it names gives."""
    options = dict(block.options)
    if block.how == "over_time":
        expected = run.over_time(block.probe, **options)[block.array]
    else:
        expected = run.measure(block.probe, epoch=options.pop("epoch"), **options)[block.array]
    values = block.values
    np.testing.assert_allclose(
        values.reshape(expected.shape), expected, atol=max(BYTE, 1e-5), rtol=1e-4
    )


def compare(page: Page, panel: str, epoch: int, run: Run, folder: Path) -> set[str]:
    """Every array of a panel against the run in Python; the probes compared."""
    blocks = read_blocks(download(page, panel, "csv", folder).read_text(encoding="utf-8"))
    measured = [block for block in blocks if block.probe]
    for block in measured:
        if "epoch" in block.options:
            assert block.options["epoch"] == epoch
        assert_same(block, run)
    assert measured
    return {block.probe for block in measured}


def test_every_panel_shows_the_network_as_it_was(opened: Page, tmp_path: Path) -> None:
    last = train(opened, 24)
    run = trained(last)
    seek(opened, 7)
    expect(opened.locator("#readout-state")).to_have_text("showing epoch 7")
    compared = set()
    for panel in THESIS:
        opened.locator(f'[data-panel="{panel}"]').scroll_into_view_if_needed()
        opened.wait_for_timeout(300)
        wait_until_measured(opened)
        compared |= compare(opened, panel, 7, run, tmp_path)
    assert compared >= {"boundary", "mapping", "distance", "weights", "gradients", "history"}


def test_curves_are_whole_and_mark_the_epoch_shown(opened: Page) -> None:
    last = train(opened, 20)
    seek(opened, 9)
    for panel, graph in CURVES.items():
        wrapper = opened.locator(f'[data-panel="{panel}"] [data-graph="{graph}"]')
        wrapper.scroll_into_view_if_needed()
        plot = (
            f"document.querySelector('[data-panel={panel}] [data-graph={graph}] .js-plotly-plot')"
        )
        settled = f"!{plot}.closest('[data-graph]').classList.contains('is-live')"
        ends = f"Math.max(...{plot}.data.flatMap(({{ x }}) => [...(x ?? [])]).filter(isFinite))"
        wait_until(opened, f"{settled} && {ends} === {last}", SECONDS)
        marks = f"{plot}._fullLayout.shapes.filter(({{ x0, x1 }}) => x0 === 9 && x1 === 9).length"
        wait_until(opened, f"{marks} > 0", SECONDS)
    opened.locator("#live").click()
    wait_until(opened, f"{settled} && {marks} === 0", SECONDS)


def test_playing_goes_on_from_the_end_and_a_branch_from_the_epoch_shown(
    opened: Page, tmp_path: Path
) -> None:
    last = train(opened, 15)
    seek(opened, 4)
    # The past is shown, not trained.
    opened.locator("#step").click()
    wait_until(opened, "window.spiralDash.shownEpoch === 5", SECONDS)
    assert opened.evaluate("window.spiralDash.epoch") == last
    opened.locator("#live").click()
    wait_until(opened, f"window.spiralDash.shownEpoch === {last}", SECONDS)
    opened.locator("#step").click()
    wait_until(opened, f"window.spiralDash.epoch === {last + 1}", SECONDS)
    assert opened.evaluate("window.spiralDash.shownEpoch") == last + 1
    seek(opened, 5)
    opened.locator("#branch").click()
    wait_until(opened, "window.spiralDash.epoch === 5", SECONDS)
    opened.locator("#slider-data-entanglement").focus()
    opened.locator("#step").click()
    wait_until(opened, "window.spiralDash.epoch === 6", SECONDS)
    opened.wait_for_timeout(300)
    wait_until_measured(opened)
    compare(opened, "boundary", 6, trained(6), tmp_path)


def test_what_lies_outside_is_refused_with_the_range(opened: Page) -> None:
    last = train(opened, 3)
    show_epoch(opened, last + 1000)
    expect(opened.locator("#notices")).to_contain_text(
        f"Epoch {last + 1000} is not in the history: expected 0 to {last}."
    )
    assert opened.evaluate("window.spiralDash.shownEpoch") == last
    run = trained(3)
    with pytest.raises(ProbeError, match="expected 0 to 3"):
        run.measure("boundary", epoch=4)
    with pytest.raises(ProbeError, match="0 to 3"):
        run.measure("mapping", layer=4)


@pytest.fixture
def alone(
    visitor: BrowserContext, tmp_path: Path, problems: list[str]
) -> Iterator[tuple[Server, Page]]:
    """A server with one session and its page."""
    with (
        running_server(tmp_path / "server.log") as server,
        fresh(visitor, server.url, problems),
    ):
        yield server, visit(visitor, f"{server.url}/?{QUERY}&panels=metrics,boundary")


def descendants(pid: int) -> dict[int, int]:
    """Processes below one, each with its parent."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = stat.read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        parents[int(stat.parent.name)] = int(text.rpartition(")")[2].split()[1])
    below: dict[int, int] = {}
    level = {pid}
    while level:
        level = {child for child, parent in parents.items() if parent in level}
        below |= {child: parents[child] for child in level}
    return below


def kill_session(server: Server) -> None:
    """Kill the process of the only session: forked from one that was started, and no copy of it."""
    below = descendants(server.process.pid)
    forked = [pid for pid in below if below[pid] in below]
    (session,) = [pid for pid in forked if below[pid] not in forked]
    os.kill(session, signal.SIGKILL)


def test_a_killed_process_and_a_reload_lose_nothing(
    alone: tuple[Server, Page], tmp_path: Path
) -> None:
    server, page = alone
    last = train(page, 55)
    wait_until_measured(page)
    page.wait_for_timeout(300)
    before = download(page, "metrics", "csv", tmp_path).read_text(encoding="utf-8")
    kill_session(server)
    expect(page.locator("#notices")).to_contain_text(f"goes on from epoch {last}")
    wait_until(page, f"window.spiralDash.epoch === {last}", SECONDS)
    page.wait_for_timeout(500)
    wait_until_measured(page)
    assert download(page, "metrics", "csv", tmp_path).read_text(encoding="utf-8") == before
    page.reload()
    wait_until(page, "window.spiralDash?.framesPainted > 1", SECONDS)
    expect(page.locator("#timeline")).to_have_attribute("max", str(last))
    assert json.loads(page.evaluate("JSON.stringify(window.spiralDash.epoch)")) == last
    seek(page, 20)
    page.wait_for_timeout(500)
    wait_until_measured(page)
    run = trained(last)
    compare(page, "boundary", 20, run, tmp_path)
    compare(page, "metrics", 20, run, tmp_path)
    page.locator("#live").click()
    wait_until(page, f"window.spiralDash.shownEpoch === {last}", SECONDS)
    page.locator("#step").click()
    wait_until(page, f"window.spiralDash.epoch === {last + 1}", SECONDS)


def reach(page: Page, epoch: int) -> None:
    """Wait until the run rests at an epoch."""
    wait_until(
        page,
        f"window.spiralDash.state === 'paused' && window.spiralDash.epoch === {epoch}",
        SECONDS,
    )


def test_what_changes_a_run_is_undone_and_it_is_back_as_it_was_trained(
    context: BrowserContext, server: Server
) -> None:
    page = visit(context, f"{server.url}/?data.samples_per_arm=60&network.hidden=4,4")
    page.locator("#stop-menu summary").click()
    page.locator("#stop-value").fill("0")
    page.locator("#stop-set").click()
    expect(page.locator("#stop-message")).to_contain_text("whole number from 1")
    page.locator("#stop-value").fill("12")
    page.locator("#stop-value").press("Enter")
    expect(page.locator("#stop-shown")).to_have_text("epoch 12")
    page.locator("#play").click()
    reach(page, 12)
    expect(page.locator("#stop-message")).to_contain_text("Stopped at epoch 12")
    wait_until(page, "location.search.includes('epoch=12')", SECONDS)
    loss = str(page.locator("#readout-train-loss").text_content())
    undo = page.locator("#notices").get_by_role("button", name="Undo")
    arms = page.locator('[id*=\'"name":"arms"\']').first
    for change in ("dial", "reset", "branch"):
        if change == "dial":
            arms.fill("3")
            arms.press("Enter")
            expect(page.locator("#notices")).to_contain_text("Arms: 2 → 3", timeout=1000 * SECONDS)
        elif change == "reset":
            page.locator("#reset").click()
        else:
            seek(page, 5)
            page.locator("#branch").click()
        wait_until(page, "window.spiralDash.epoch < 6", SECONDS)
        undo.click(timeout=1000 * SECONDS)
        reach(page, 12)
        expect(page.locator("#readout-train-loss")).to_have_text(loss)
        expect(arms).to_have_value("2")


def test_a_link_is_trained_to_its_epoch_and_play_replays(
    context: BrowserContext, server: Server
) -> None:
    page = visit(context, f"{server.url}/?data.samples_per_arm=60&epoch=9&speed=1batch")
    reach(page, 9)
    expect(page.locator("#speed")).to_have_value("1batch")
    page.keyboard.press("b")
    expect(page.locator("#timeline-shown")).to_have_text("9 + 1/2", timeout=1000 * SECONDS)
    seek(page, 2)
    wait_until(page, "location.search.includes('epoch=2')", SECONDS)
    page.locator("#speed").select_option("5")
    page.locator("#play").click()
    wait_until(page, "window.spiralDash.state === 'replaying'", SECONDS)
    expect(page.locator("#play")).to_have_accessible_name("Pause")
    hurry(page)
    wait_until(page, "window.spiralDash.state === 'paused'", SECONDS)
    assert page.evaluate("[window.spiralDash.epoch, window.spiralDash.shownEpoch]") == [9, 9]
