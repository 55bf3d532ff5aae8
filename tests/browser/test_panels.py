"""The panels in a real browser: what is painted, what Plotly is given, what a person changes."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from scripts import browser
from scripts.server import Server
from tests.browser.probing import arrange, hurry, renewed, show_epoch

SECONDS = 60.0
SIX = ("boundary", "mapping", "weights", "spectrum", "robustness", "metrics")
ALL_SIX = f"panels={','.join(SIX)}"
OF_ALL = [(name, "main") for name in SIX if name != "spectrum"] + [
    ("spectrum", graph) for graph in ("plane", "modulus", "norms")
]


def wait_until(page: Page, expression: str) -> None:
    browser.wait_until(page, expression, SECONDS)


def graph(panel: str, name: str = "main") -> str:
    """The element that Plotly draws in, as a JavaScript expression."""
    return f"document.querySelector('[data-panel={panel}] [data-graph={name}] .js-plotly-plot')"


def wrapper(panel: str, name: str = "main") -> str:
    return f"document.querySelector('[data-panel={panel}] [data-graph={name}]')"


def card(page: Page, panel: str) -> Locator:
    return page.locator(f"[data-panel={panel}]")


def option(page: Page, panel: str, name: str) -> Locator:
    return page.locator(f'[id*=\'"option":"{name}","panel":"{panel}"\']')


def choices(page: Page, panel: str, name: str) -> list[str]:
    """What a list offers, without the empty place that stands for no choice."""
    return option(page, panel, name).locator("option:not([value=''])").all_text_contents()


def is_settled(panel: str, name: str = "main") -> str:
    return f"!{wrapper(panel, name)}.classList.contains('is-live')"


def settle(page: Page) -> None:
    """Wait until Plotly shows what every graph has."""
    every = " && ".join(
        f"{is_settled(*place)} && {graph(*place)}.data?.length > 0" for place in OF_ALL
    )
    wait_until(page, every)


def opaque_pixels(page: Page, panel: str, name: str = "main") -> int:
    """How many pixels of a graph's canvas have something on them."""
    counted: int = page.evaluate(
        f"""(() => {{
            const canvas = {wrapper(panel, name)}.querySelector('.plot-canvas');
            if (!canvas || !canvas.width) return 0;
            const context = canvas.getContext('2d');
            const {{ data }} = context.getImageData(0, 0, canvas.width, canvas.height);
            let count = 0;
            for (let index = 3; index < data.length; index += 4) count += data[index] > 0;
            return count;
        }})()"""
    )
    return counted


def range_of(page: Page, panel: str, axis: str = "xaxis") -> list[float]:
    found: list[float] = page.evaluate(f"[...{graph(panel)}._fullLayout.{axis}.range]")
    return found


def play(page: Page) -> None:
    hurry(page)
    page.locator("#play").click()
    wait_until(page, "window.spiralDash.state === 'playing'")


def pause(page: Page) -> None:
    page.locator("#play").click()
    wait_until(page, "window.spiralDash.state === 'paused'")


def visit(context: BrowserContext, url: str) -> Page:
    page = context.new_page()
    page.goto(url)
    wait_until(page, "window.spiralDash?.framesPainted > 1")
    settle(page)
    return page


@pytest.fixture
def renewed_page(lasting_page: Page, server: Server) -> Page:
    """A fresh session on a page that other tests use as well."""
    page = renewed(lasting_page, server.url, ALL_SIX)
    settle(page)
    return page


@pytest.fixture
def opened(context: BrowserContext, server: Server) -> Page:
    """The six panels of a fresh session, drawn."""
    return visit(context, f"{server.url}/?{ALL_SIX}")


def drag(page: Page, panel: str, begin: float, end: float) -> None:
    """Draw a zoom box over these shares of a plot's width and height."""
    area = page.evaluate(
        f"(({{ x, y, width, height }}) => ({{ x, y, width, height }}))"
        f"({graph(panel)}.querySelector('.nsewdrag').getBoundingClientRect())"
    )

    def at(share: float) -> tuple[float, float]:
        return area["x"] + share * area["width"], area["y"] + share * area["height"]

    page.mouse.move(*at(begin))
    page.mouse.down()
    page.mouse.move(*at((begin + end) / 2), steps=3)
    page.mouse.move(*at(end), steps=3)
    page.mouse.up()


def test_every_panel_is_drawn_before_the_first_step(renewed_page: Page) -> None:
    length = "reduce((sum, { x, z }) => sum + (x?.length ?? 0) + (z?.length ?? 0), 0)"
    lengths = {place: renewed_page.evaluate(f"{graph(*place)}.data.{length}") for place in OF_ALL}
    assert all(lengths.values())
    assert lengths["boundary", "main"] > 1340
    assert lengths["mapping", "main"] == 1340


def test_playing_paints_on_canvases_and_leaves_the_traces_empty(renewed_page: Page) -> None:
    play(renewed_page)
    wait_until(renewed_page, "window.spiralDash.epoch >= 5")
    before = renewed_page.evaluate("window.spiralDash.framesPainted")
    wait_until(renewed_page, f"window.spiralDash.framesPainted >= {before + 10}")
    for panel, name in OF_ALL:
        assert not renewed_page.evaluate(is_settled(panel, name))
        # Nobody sees them meanwhile, so Plotly takes its time.
        wait_until(renewed_page, f"{graph(panel, name)}.data.every(({{ x }}) => x?.length === 1)")
        assert opaque_pixels(renewed_page, panel, name) > 20


def test_a_pause_hands_the_same_values_to_plotly(renewed_page: Page) -> None:
    play(renewed_page)
    wait_until(renewed_page, "window.spiralDash.epoch >= 5")
    pause(renewed_page)
    settle(renewed_page)
    assert opaque_pixels(renewed_page, "mapping") == 0
    points = renewed_page.evaluate(
        f"{graph('mapping')}.data.slice(0, 2).map(({{ x }}) => x.length)"
    )
    assert sum(points) == 1340
    grid = renewed_page.evaluate(f"{graph('boundary')}.data.at(-1).z.map(row => row.length)")
    assert grid == [100] * 100
    # Hovering reads them.
    box = renewed_page.locator("[data-panel=boundary] .nsewdrag").first.bounding_box()
    assert box
    renewed_page.mouse.move(box["x"] + box["width"] * 0.9, box["y"] + box["height"] * 0.9)
    expect(card(renewed_page, "boundary").locator(".hoverlayer")).to_contain_text("P(class 1)")


PAINTED = """(graph) => new Promise((resolve) => {
    const wrapper = graph.closest('[data-graph]');
    let painted;
    const copy = () => {
        if (!wrapper.classList.contains('is-live')) return resolve(painted);
        const { width, height } = wrapper.querySelector('.plot-canvas');
        const context = wrapper.querySelector('.plot-canvas').getContext('2d');
        const { offsetLeft: left, offsetTop: top } = wrapper.querySelector('.plot-canvas');
        const { data } = context.getImageData(0, 0, width, height);
        painted = { width, height, left, top, data };
        requestAnimationFrame(copy);
    };
    const observer = new MutationObserver(() => {
        observer.disconnect();
        requestAnimationFrame(copy);
    });
    observer.observe(wrapper, { attributes: true });
})"""
"""Resolves to the canvas' last pixels once it has been painted and has given way to Plotly."""

COMPARED = """async (graph, painted) => {
    const { width, height } = graph._fullLayout;
    const picture = new Image();
    picture.src = await Plotly.toImage(graph, { format: 'png', width, height });
    await picture.decode();
    const canvas = new OffscreenCanvas(picture.width, picture.height);
    const context = canvas.getContext('2d');
    context.drawImage(picture, 0, 0);
    const exported = context.getImageData(0, 0, picture.width, picture.height);
    let count = 0, far = 0;
    for (let y = 0; y < painted.height; y++) for (let x = 0; x < painted.width; x++) {
        const here = 4 * (y * painted.width + x);
        const there = 4 * ((painted.top + y) * exported.width + painted.left + x);
        if (painted.data[here + 3] < 255) continue;
        const apart = (c) => Math.abs(painted.data[here + c] - exported.data[there + c]);
        count += 1;
        far += Math.max(apart(0), apart(1), apart(2)) > 24;
    }
    return [count, far];
}"""
"""Of the pixels the canvas covered: how many there are, and how many Plotly's picture changes."""


def test_canvas_and_plotly_show_the_same_picture(renewed_page: Page) -> None:
    """What a pause changes on screen is no more than the edges of marks and lines."""
    play(renewed_page)
    wait_until(renewed_page, "window.spiralDash.epoch >= 5")
    pause(renewed_page)
    settle(renewed_page)
    for epoch, panel in enumerate(["boundary", "mapping", "weights"], 2):
        # The epoch asked for is painted on the canvas first, and then given to Plotly.
        renewed_page.evaluate(f"window.painted = ({PAINTED})({graph(panel)}); delete window.pixels")
        show_epoch(renewed_page, epoch)
        renewed_page.evaluate(
            "window.painted.then((painted) => (window.pixels = painted)); undefined"
        )
        wait_until(renewed_page, "window.pixels !== undefined")
        settle(renewed_page)
        count, far = renewed_page.evaluate(f"({COMPARED})({graph(panel)}, window.pixels)")
        assert count > 500, panel
        assert far < 0.06 * count, panel


def test_a_zoom_survives_frames_the_pause_and_playing_on(opened: Page) -> None:
    play(opened)
    whole = range_of(opened, "boundary")
    drag(opened, "boundary", 0.3, 0.7)
    wait_until(opened, f"{graph('boundary')}._fullLayout.xaxis.range[1] < {0.6 * whole[1]}")
    zoomed = range_of(opened, "boundary")
    frames = opened.evaluate("window.spiralDash.framesPainted")
    wait_until(opened, f"window.spiralDash.framesPainted >= {frames + 5}")
    assert range_of(opened, "boundary") == pytest.approx(zoomed)
    pause(opened)
    settle(opened)
    assert range_of(opened, "boundary") == pytest.approx(zoomed)
    play(opened)
    wait_until(opened, f"window.spiralDash.framesPainted >= {frames + 12}")
    assert range_of(opened, "boundary") == pytest.approx(zoomed)
    # A double click gives the plot its own range back.
    opened.locator("[data-panel=boundary] .nsewdrag").first.dblclick()
    wait_until(
        opened, f"Math.abs({graph('boundary')}._fullLayout.xaxis.range[1] - {whole[1]}) < 1e-6"
    )


def test_a_zoom_made_while_the_run_rests_keeps_the_data(opened: Page) -> None:
    points = f"{graph('boundary')}.data.map(({{ x }}) => x.length)"
    before = opened.evaluate(points)
    whole = range_of(opened, "boundary")
    drag(opened, "boundary", 0.25, 0.75)
    wait_until(opened, f"{graph('boundary')}._fullLayout.xaxis.range[1] < {0.7 * whole[1]}")
    opened.wait_for_timeout(500)
    assert opened.evaluate(points) == before
    wait_until(opened, is_settled("boundary"))
    assert opened.evaluate(points) == before
    assert range_of(opened, "boundary")[1] < 0.7 * whole[1]


def test_a_class_hidden_in_the_legend_stays_hidden(opened: Page) -> None:
    card(opened, "mapping").locator(".legendtoggle").first.click()
    visible = f"{graph('mapping')}._fullData.map(({{ visible }}) => visible)"
    wait_until(opened, f"{visible}[0] === 'legendonly'")
    play(opened)
    wait_until(opened, "window.spiralDash.epoch >= 3")
    assert opened.evaluate(visible)[:2] == ["legendonly", True]
    pause(opened)
    settle(opened)
    assert opened.evaluate(visible)[:2] == ["legendonly", True]


def test_options_change_what_is_shown(renewed_page: Page) -> None:
    names = f"{graph('boundary')}.data.map(({{ name }}) => name)"
    option(renewed_page, "boundary", "test").click()
    wait_until(renewed_page, f"{names}.includes('class 1, test')")
    settle(renewed_page)
    of_test = "filter(({ name }) => name?.endsWith('test')).map(({ x }) => x.length)"
    assert sum(renewed_page.evaluate(f"{graph('boundary')}.data.{of_test}")) == 660

    option(renewed_page, "mapping", "classes").select_option("1")
    wait_until(
        renewed_page, f"{is_settled('mapping')} && {graph('mapping')}.data[0].x.length === 0"
    )
    option(renewed_page, "mapping", "layer").select_option("1")
    expect(card(renewed_page, "mapping").locator(".panel-note")).to_contain_text("layer 1")
    option(renewed_page, "mapping", "colour").select_option("along")
    wait_until(renewed_page, f"{graph('mapping')}.querySelector('.colorbar') !== null")

    option(renewed_page, "weights", "layer").select_option("2")
    wait_until(renewed_page, f"{is_settled('weights')} && {graph('weights')}.data.length === 3")
    assert renewed_page.evaluate(f"{graph('weights')}.data[1].z.map(row => row.length)") == [8] * 8

    option(renewed_page, "spectrum", "layer").select_option("1")
    expect(card(renewed_page, "spectrum").locator(".panel-note")).to_contain_text("not square")

    option(renewed_page, "metrics", "scale").select_option("log")
    wait_until(renewed_page, f"{graph('metrics')}._fullLayout.yaxis2.type === 'log'")


def test_choices_follow_the_architecture(context: BrowserContext, server: Server) -> None:
    page = visit(context, f"{server.url}/?{ALL_SIX}&network.hidden=5,7&data.arms=3")
    assert choices(page, "mapping", "layer") == [
        "last hidden",
        "input (2 coordinates)",
        "layer 1 (5 units)",
        "layer 2 (7 units)",
        "output (3 logits)",
    ]
    assert choices(page, "weights", "layer")[-1].startswith("layer 3")
    assert page.evaluate(f"{graph('boundary')}.data.filter(({{ name }}) => name).length") == 3


def test_in_many_dimensions_the_boundary_says_that_it_is_a_slice(
    context: BrowserContext, server: Server
) -> None:
    page = visit(context, f"{server.url}/?{ALL_SIX}&data.codimension=4")
    expect(card(page, "boundary").locator(".panel-note")).to_have_text(
        "Slice through the data plane, in 5 dimensions."
    )


def test_a_panel_fills_the_page_and_returns(renewed_page: Page) -> None:
    weights = card(renewed_page, "weights")
    before = weights.bounding_box()
    weights.get_by_role("button", name="Fill the page").click()
    expect(card(renewed_page, "boundary")).to_be_hidden()
    wait_until(renewed_page, f"{graph('weights')}._fullLayout.width > 600")
    after = weights.bounding_box()
    assert before and after and after["width"] > 2 * before["width"]
    # Only what is on screen is measured.
    play(renewed_page)
    wait_until(renewed_page, "window.spiralDash.epoch >= 2")
    bytes_before, frames = renewed_page.evaluate(
        "[window.spiralDash.bytesReceived, window.spiralDash.framesPainted]"
    )
    wait_until(renewed_page, f"window.spiralDash.framesPainted >= {frames + 10}")
    bytes_after, frames_after = renewed_page.evaluate(
        "[window.spiralDash.bytesReceived, window.spiralDash.framesPainted]"
    )
    assert (bytes_after - bytes_before) / (frames_after - frames) < 10_000
    renewed_page.keyboard.press("Escape")
    expect(card(renewed_page, "boundary")).to_be_visible()


def test_a_closed_panel_is_measured_no_more_and_comes_back(opened: Page) -> None:
    opened.evaluate(
        "window.addEventListener('spiral-dash:arranged',"
        " ({ detail }) => (window.arranged = detail.names))"
    )
    for panel in SIX[1:]:
        card(opened, panel).get_by_role("button", name="Close").click()
        expect(card(opened, panel)).to_be_hidden()
    assert opened.evaluate("window.arranged") == ["boundary"]
    arrange(opened, ["metrics", "boundary"])
    expect(card(opened, "metrics")).to_be_visible()
    first, second = (card(opened, name).bounding_box() for name in ("metrics", "boundary"))
    assert first and second and (first["y"], first["x"]) < (second["y"], second["x"])


def test_the_explanation_opens_with_the_keyboard_and_closes_with_escape(renewed_page: Page) -> None:
    spectrum = card(renewed_page, "spectrum")
    about = spectrum.locator(".panel-about summary")
    about.focus()
    renewed_page.keyboard.press("Enter")
    explanation = spectrum.locator(".panel-explanation")
    expect(explanation).to_be_visible()
    expect(explanation).to_contain_text("Thesis")
    renewed_page.keyboard.press("Escape")
    expect(explanation).to_be_hidden()
    expect(about).to_be_focused()


def test_the_other_theme_reaches_the_graphs(opened: Page) -> None:
    colour = f"{graph('metrics')}._fullLayout.paper_bgcolor"
    before = opened.evaluate(colour)
    opened.locator("#theme").click()
    wait_until(opened, f"{colour} !== {json.dumps(before)}")
    settle(opened)
    card_colour = opened.evaluate(
        "getComputedStyle(document.querySelector('[data-panel=metrics]')).backgroundColor"
    )
    assert opened.evaluate(colour).replace(" ", "") == card_colour.replace(" ", "")


def test_an_earlier_epoch_is_shown_and_left_again(renewed_page: Page) -> None:
    play(renewed_page)
    wait_until(renewed_page, "window.spiralDash.epoch >= 12")
    pause(renewed_page)
    last = renewed_page.evaluate("window.spiralDash.epoch")
    show_epoch(renewed_page, 3)
    wait_until(renewed_page, "window.spiralDash.shownEpoch === 3")
    settle(renewed_page)
    shapes = renewed_page.evaluate(f"{graph('metrics')}.layout.shapes.map(({{ x0 }}) => x0)")
    assert shapes == [3]
    expect(renewed_page.locator("#readout-epoch")).to_have_text("3")
    show_epoch(renewed_page, None)
    wait_until(renewed_page, f"window.spiralDash.shownEpoch === {last}")


def test_exported_pictures_hold_the_data(renewed_page: Page) -> None:
    picture: str = renewed_page.evaluate(
        f"Plotly.toImage({graph('boundary')}, {{ format: 'svg' }})"
    )
    assert picture.count("path") > 1340
    assert "data%3Aimage%2Fpng" in picture or "data:image/png" in picture


def test_the_report_is_read_only(renewed_page: Page) -> None:
    names = renewed_page.evaluate("Object.keys(window.spiralDash)")
    assert set(names) >= {
        *("connected", "state", "epoch", "shownEpoch"),
        *("framesPainted", "bytesReceived", "paintMs", "session"),
    }
    renewed_page.evaluate("try { window.spiralDash.epoch = 99; window.spiralDash = {}; } catch {}")
    assert renewed_page.evaluate("window.spiralDash.epoch") == 0
    assert len(renewed_page.evaluate("window.spiralDash.session")) > 20


def test_all_six_panels_are_on_screen_at_once(opened: Page) -> None:
    for width, height in ((1366, 768), (1920, 1080)):
        opened.set_viewport_size({"width": width, "height": height})
        opened.wait_for_timeout(300)
        for name in SIX:
            box = card(opened, name).bounding_box()
            assert box is not None
            assert box["x"] + box["width"] <= width
            assert box["y"] + box["height"] <= height
