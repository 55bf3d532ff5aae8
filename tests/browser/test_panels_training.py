"""The panels of weights and training in a real browser: what Plotly holds once a run rests."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from scripts.browser import wait_until
from scripts.server import Server
from tests.browser.probing import arrange, hurry, show_epoch

SECONDS = 60.0
GRAPHS = {
    "collapse": ("now", "epochs"),
    "trends": ("main",),
    "histograms": ("main",),
    "gradients": ("now", "epochs"),
    "metrics": ("main",),
    "weights": ("main",),
}
CASES = {
    "thesis-like": "network.hidden=8,8",
    "relu": "network.hidden=2&network.activation=relu",
    "no-hidden-layer": "network.hidden=",
    "six-classes-in-four-dimensions": "data.arms=6&data.codimension=3&network.hidden=4",
}


def graph(panel: str, name: str) -> str:
    return f"document.querySelector('[data-panel={panel}] [data-graph={name}] .js-plotly-plot')"


def option(page: Page, panel: str, name: str) -> Locator:
    return page.locator(f'[id*=\'"option":"{name}","panel":"{panel}"\']')


def note(page: Page, panel: str) -> Locator:
    return page.locator(f"[data-panel={panel}] .panel-note")


def visit(context: BrowserContext, url: str, panels: list[str]) -> Page:
    page = context.new_page()
    page.set_viewport_size({"width": 1366, "height": 1100})
    page.goto(f"{url}{'&' if '?' in url else '?'}panels={','.join(panels)}")
    wait_until(page, "window.spiralDash?.framesPainted > 0", SECONDS)
    return page


def train(page: Page, epochs: int) -> None:
    hurry(page)
    page.locator("#play").click()
    wait_until(page, f"window.spiralDash.epoch >= {epochs}", SECONDS)
    page.locator("#play").click()
    wait_until(page, "window.spiralDash.state === 'paused'", SECONDS)


def settle(page: Page, panel: str) -> None:
    """Wait until Plotly shows what the panel's graphs have."""
    for name in GRAPHS[panel]:
        element = graph(panel, name)
        shown = f"!{element}?.closest('[data-graph]').classList.contains('is-live')"
        wait_until(page, f"{shown} && {element}.data?.length > 0", SECONDS)


def numbers(page: Page, panel: str, name: str) -> int:
    """How many finite numbers the traces of a graph hold, whole pictures included."""
    count: int = page.evaluate(
        f"{graph(panel, name)}.data.flatMap(t => [...(t.z ?? [t.y ?? []])]"
        ".flatMap(row => [...row])).filter(v => v !== null && Number.isFinite(v)).length"
    )
    return count


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_every_panel_holds_data_after_a_few_epochs(
    context: BrowserContext, server: Server, case: str
) -> None:
    page = visit(context, f"{server.url}/?{case}", list(GRAPHS))
    train(page, 3)
    for panel, names in GRAPHS.items():
        page.locator(f"[data-panel={panel}]").scroll_into_view_if_needed()
        settle(page, panel)
        for name in names:
            wait_until(page, f"{graph(panel, name)}.data.length > 0", SECONDS)
            assert numbers(page, panel, name) > 0, f"{panel}: {name}"
        expect(note(page, panel)).not_to_have_class("panel-note is-error")


QUANTITIES = {
    "collapse": ("quantity", ["effective_rank", "cdnv", "zero_share"]),
    "gradients": ("quantity", ["zero_share", "tiny_share", "dead_units"]),
    "trends": (
        "quantity",
        [
            "spectral",
            "mean_modulus",
            "range",
            "modulus_ratio",
            "complex_count",
            "condition",
            "rank",
        ],
    ),
    "weights": ("show", ["change", "covariance"]),
    "metrics": ("curves", ["train", "test"]),
}


def test_every_quantity_can_be_chosen(context: BrowserContext, server: Server) -> None:
    settings = "network.hidden=6,6&network.activation=relu"
    page = visit(context, f"{server.url}/?{settings}", ["collapse"])
    train(page, 2)
    for panel, (name, quantities) in QUANTITIES.items():
        arrange(page, [panel])
        option(page, panel, name).wait_for()
        settle(page, panel)
        choose_each(page, panel, name, quantities)


def choose_each(page: Page, panel: str, name: str, quantities: list[str]) -> None:
    first = graph(panel, GRAPHS[panel][0])
    what = (
        f"JSON.stringify([{first}.layout.yaxis.title.text, ...{first}.data.map(t => t.z ?? t.y)])"
    )
    pictures = {page.evaluate(what)}
    for quantity in quantities:
        before = json.dumps(page.evaluate(what))
        option(page, panel, name).select_option(quantity)
        wait_until(page, f"{what} !== {before}", SECONDS)
        settle(page, panel)
        pictures.add(page.evaluate(what))
        for each in GRAPHS[panel]:
            assert numbers(page, panel, each) > 0, f"{panel}, {quantity}: {each}"
    assert len(pictures) == len(quantities) + 1, panel


def test_a_network_without_square_layers_says_so(context: BrowserContext, server: Server) -> None:
    page = visit(context, f"{server.url}/?network.hidden=3&data.codimension=4", ["trends"])
    option(page, "trends", "quantity").select_option("complex_count")
    expect(note(page, "trends")).to_have_text("No layer is square, so none has eigenvalues.")


def test_an_earlier_epoch_is_marked_on_the_curves(context: BrowserContext, server: Server) -> None:
    page = visit(context, f"{server.url}/?network.hidden=4", ["trends", "metrics", "histograms"])
    train(page, 6)
    show_epoch(page, 2)
    wait_until(page, "window.spiralDash.shownEpoch === 2", SECONDS)
    for panel in ("trends", "metrics", "histograms"):
        wait_until(page, f"{graph(panel, 'main')}.layout.shapes?.[0]?.x0 === 2", SECONDS)


def test_many_seeds_are_a_link_away_and_an_old_address_opens(
    context: BrowserContext, server: Server
) -> None:
    query = "network.hidden=2&panel.collapse.seeds=on&panel.collapse.layer=1"
    page = visit(context, f"{server.url}/?{query}", ["collapse"])
    expect(page.locator("#notices")).to_contain_text("panel.collapse.seeds: expected one of its")
    expect(option(page, "collapse", "layer")).to_have_value("1")
    page.get_by_role("link", name="Over many seeds: experiment H3").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("H3")
