"""The panels of the plane and the points: each shows data when it rests, says what it shows, and
leaves the console clean (which the fixture `context` asserts)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from scripts.browser import wait_until
from scripts.server import Server
from tests.browser.probing import arrange, hurry

SMALL = "data.samples_per_arm=120&network.hidden=5,2"
TRAIN_POINTS = 161


def show(context: BrowserContext, server: Server, panel: str, settings: str = SMALL) -> Page:
    """The page with a session of these settings and one panel on it."""
    page = context.new_page()
    page.goto(f"{server.url}/?{settings}&panels={panel}")
    wait_until(page, "window.spiralDash?.framesPainted > 0", 30.0)
    expect(page.locator(f'[data-panel="{panel}"]')).to_be_visible()
    return page


def play(page: Page, epochs: int = 3) -> None:
    """Train at least so many epochs, then pause."""
    hurry(page)
    reached = page.evaluate("window.spiralDash.epoch")
    page.locator("#play").click()
    wait_until(page, f"window.spiralDash.epoch >= {reached + epochs}", 30.0)
    page.locator("#play").click()
    wait_until(page, "window.spiralDash.state === 'paused'")


def choose(page: Page, panel: str, option: str, value: object) -> None:
    """Set an option of a panel, as its control does."""
    page.evaluate(
        """([panel, option, value]) =>
        window.dash_clientside.set_props({ type: "panel-option", panel, option }, { value })""",
        [panel, option, value],
    )


def traces(page: Page, panel: str) -> list[dict[str, Any]]:
    """Type and numbers of what Plotly shows, once the canvas has given way to it."""
    graph = f'[data-panel="{panel}"] [data-graph="main"]'
    settled = f"""(() => {{
      const wrapper = document.querySelector('{graph}');
      const gd = wrapper.querySelector('.js-plotly-plot');
      const some = (gd?.data ?? []).some((trace) => (trace.x?.length ?? 0) > 1);
      return some && !wrapper.classList.contains('is-live');
    }})()"""
    wait_until(page, settled, 20.0)
    found: list[dict[str, Any]] = page.evaluate(
        """graph => document.querySelector(graph + ' .js-plotly-plot').data.map((trace) => ({
          type: trace.type, mode: trace.mode ?? '', count: trace.x?.length ?? 0,
          finite: Array.from(trace.z ? trace.z.flatMap((row) => Array.from(row)) : trace.y ?? [])
            .filter(Number.isFinite).length,
        }))""",
        graph,
    )
    return found


def note(page: Page, panel: str) -> str:
    return page.locator(f'[data-panel="{panel}"] .panel-note').text_content() or ""


def of_kind(found: list[dict[str, Any]], **kind: str) -> list[dict[str, Any]]:
    return [
        trace
        for trace in found
        if trace["count"] > 1 and all(trace[name] == value for name, value in kind.items())
    ]


def test_the_loss_gradient_is_a_field_with_arrows_or_coloured_points(
    context: BrowserContext, server: Server
) -> None:
    page = show(context, server, "input_gradient")
    play(page)
    found = traces(page, "input_gradient")
    (field,) = of_kind(found, type="heatmap")
    assert (field["count"], field["finite"]) == (60, 3600)
    arrows = of_kind(found, mode="lines")
    assert arrows and all(trace["finite"] > 5 * 200 for trace in arrows)
    choose(page, "input_gradient", "points", True)
    expect(page.locator('[data-panel="input_gradient"] .panel-note')).to_contain_text("own loss")
    page.wait_for_timeout(600)
    found = traces(page, "input_gradient")
    assert not of_kind(found, type="heatmap")
    assert sum(trace["finite"] for trace in of_kind(found, mode="markers")) == TRAIN_POINTS


@pytest.mark.parametrize(
    ("layer", "said"),
    [("last", "log |det Dg| of layer 2 (2 units)"), ("1", "log √det(JᵀJ) from the plane to")],
)
def test_the_stretching_says_which_quantity_it_is(
    context: BrowserContext, server: Server, layer: str, said: str
) -> None:
    settings = "data.samples_per_arm=120&network.hidden=2,2"
    page = show(context, server, "jacobian", SMALL if layer == "1" else settings)
    choose(page, "jacobian", "layer", layer)
    play(page)
    wait_until(page, "document.querySelector('[data-panel=jacobian] .panel-note').textContent")
    (field,) = of_kind(traces(page, "jacobian"), type="heatmap")
    assert field["finite"] == 3600
    assert said in note(page, "jacobian")
    ticks = page.locator('[data-panel="jacobian"] .colorbar .cbaxis text').all_text_contents()
    assert [text.split()[-1] for text in (ticks[0], ticks[2], ticks[4])] == [
        "shrunk",
        "unchanged",
        "stretched",
    ]
    assert ticks[0].split()[0].lstrip("−") == ticks[4].split()[0].lstrip("+")


def test_a_layer_of_one_unit_has_no_area_and_the_panel_says_so(
    context: BrowserContext, server: Server
) -> None:
    settings = "data.samples_per_arm=120&network.hidden=3,1,3"
    page = show(context, server, "jacobian", settings)
    expect(page.locator('[data-panel="jacobian"] .panel-note')).to_contain_text(
        "Layer 2 has one unit"
    )
    choose(page, "jacobian", "layer", "1")
    expect(page.locator('[data-panel="jacobian"] .panel-note')).to_contain_text("area ×")
    play(page)
    assert of_kind(traces(page, "jacobian"), type="heatmap")


def test_the_boundary_complexity_is_followed_and_put_in_words(
    context: BrowserContext, server: Server
) -> None:
    page = show(context, server, "complexity")
    play(page)
    said = page.locator('[data-panel="complexity"] .panel-note')
    last = page.evaluate("window.spiralDash.epoch")
    expect(said).to_contain_text(f"Epoch {last}")
    curves = of_kind(traces(page, "complexity"), mode="lines")
    assert [trace["finite"] >= 2 for trace in curves] == [True] * 4


def test_the_traced_boundary_is_drawn_on_the_boundary_panel(
    context: BrowserContext, server: Server
) -> None:
    page = show(context, server, "boundary")
    play(page)
    assert not of_kind(traces(page, "boundary"), mode="lines")
    choose(page, "boundary", "line", True)
    last = page.evaluate("window.spiralDash.epoch")
    expect(page.locator('[data-panel="boundary"] .panel-note')).to_contain_text(
        f"The line is that of epoch {last}"
    )
    page.wait_for_timeout(600)
    (line,) = of_kind(traces(page, "boundary"), mode="lines")
    # How long it is depends on the epoch that training came to.
    assert line["finite"] > 20


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (
            SMALL,
            {"last": "Raw layer 2 (2 units).", "1": "PCA plane of layer 1 (5 units), turned onto"},
        ),
        (
            "data.samples_per_arm=60&data.arms=6&data.codimension=3&network.hidden=1",
            {"last": "second coordinate 0", "2": "Slopes of the lines from"},
        ),
        ("data.samples_per_arm=120&network.hidden=", {"last": "Raw output (2 logits)."}),
    ],
)
def test_the_distance_moved_has_a_line_for_each_class(
    context: BrowserContext, server: Server, settings: str, said: dict[str, str]
) -> None:
    page = show(context, server, "distance", settings)
    play(page)
    for layer, sentence in said.items():
        choose(page, "distance", "layer", layer)
        expect(page.locator('[data-panel="distance"] .panel-note')).to_contain_text(sentence)
        page.wait_for_timeout(600)
        found = traces(page, "distance")
        clouds = of_kind(found, mode="markers")
        assert len(clouds) == (6 if "arms=6" in settings else 2)
        # Each class has its line and the line's light edge.
        assert len(of_kind(found, mode="lines")) == 2 * len(clouds)


def test_the_mapping_shows_points_and_the_image_of_a_grid(
    context: BrowserContext, server: Server
) -> None:
    page = show(context, server, "mapping")
    choose(page, "mapping", "layer", "1")
    choose(page, "mapping", "show", "both")
    play(page)
    for dimension, sentence in {"2": "is shown.", "3": "Each axis has its own scale"}.items():
        choose(page, "mapping", "dimension", dimension)
        said = page.locator('[data-panel="mapping"] .panel-note')
        expect(said).to_contain_text("PCA of layer 1 (5 units)")
        expect(said).to_contain_text(sentence)
        page.wait_for_timeout(600)
        found = traces(page, "mapping")
        assert [trace["finite"] for trace in of_kind(found, mode="lines")] == [12 * 101] * 2
        assert sum(t["finite"] for t in of_kind(found, mode="markers")) == TRAIN_POINTS
    choose(page, "mapping", "show", "points")
    page.wait_for_timeout(1000)
    assert not of_kind(traces(page, "mapping"), mode="lines")


def first_point(page: Page) -> Mapping[str, float]:
    place: Mapping[str, float] = page.evaluate(
        """() => { const { data } = document.querySelector('[data-panel=mapping] .js-plotly-plot');
        return { x: data[0].x[0], y: data[0].y[0] }; }"""
    )
    return place


def test_three_dimensions_are_turned_by_dragging_and_by_arrow_keys(
    context: BrowserContext, server: Server
) -> None:
    page = show(context, server, "mapping")
    choose(page, "mapping", "layer", "1")
    choose(page, "mapping", "dimension", "3")
    play(page)
    traces(page, "mapping")
    before, epoch = first_point(page), page.evaluate("window.spiralDash.shownEpoch")
    graph = page.locator('[data-panel="mapping"] [data-graph="main"]')
    box = graph.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 40, y, steps=3)
    page.mouse.up()
    page.wait_for_timeout(1000)
    traces(page, "mapping")
    dragged = first_point(page)
    # To the side: what is up stays up.
    assert abs(dragged["x"] - before["x"]) > 1e-3
    expect(graph).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.wait_for_timeout(1000)
    traces(page, "mapping")
    assert abs(first_point(page)["y"] - dragged["y"]) > 1e-3
    assert page.evaluate("window.spiralDash.shownEpoch") == epoch
    choose(page, "mapping", "dimension", "2")
    expect(graph).not_to_have_attribute("tabindex", "0")


@pytest.mark.parametrize(
    "settings",
    [
        "data.samples_per_arm=60&network.hidden=",
        "data.samples_per_arm=60&data.arms=6&data.codimension=3&network.hidden=4",
    ],
)
def test_networks_without_hidden_layers_and_data_in_more_dimensions_are_shown(
    context: BrowserContext, server: Server, settings: str
) -> None:
    panels = ["input_gradient", "jacobian", "complexity", "mapping"]
    page = show(context, server, panels[0], settings)
    arrange(page, panels)
    wait_until(page, f"document.querySelectorAll('.panel-header').length === {len(panels)}")
    play(page)
    for panel in panels:
        page.locator(f'[data-panel="{panel}"]').scroll_into_view_if_needed()
        assert any(trace["finite"] > 1 for trace in traces(page, panel)), panel
        assert note(page, panel)
    expect(page.locator(".panel-note.is-error")).to_have_count(0)
