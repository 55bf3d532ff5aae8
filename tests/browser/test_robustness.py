"""The robustness laboratory in a real browser: curves, a point under attack, the proof, radii."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from scripts.browser import wait_until
from scripts.server import Server
from tests.browser.probing import SECONDS, arrange, hurry, renewed, visit, wait_until_measured

SMALL = (
    "data.samples_per_arm=150&network.hidden=12,12&training.learning_rate=0.01"
    "&panels=boundary,robustness"
)
TEST_POINTS = 99
LONG_PROOF = (
    "network.hidden=128,128,128,128&network.activation=sine&training.learning_rate=0.01"
    "&panels=robustness"
)


@pytest.fixture
def renewed_page(lasting_page: Page, server: Server) -> Page:
    """A fresh session on a page that other tests use as well."""
    return renewed(lasting_page, server.url, SMALL)


@pytest.fixture
def opened(context: BrowserContext, server: Server) -> Page:
    """A small network, at epoch 0."""
    return visit(context, f"{server.url}/?{SMALL}")


def option(page: Page, panel: str, name: str) -> Locator:
    return page.locator(f'[id*=\'"option":"{name}","panel":"{panel}"\']').first


def more(page: Page, panel: str, label: str) -> None:
    """Open the sheet of further options."""
    page.locator(f"[data-panel={panel}] .panel-more > summary", has_text=label).click()


def fill(page: Page, panel: str, name: str, value: str) -> None:
    option(page, panel, name).fill(value)
    option(page, panel, name).press("Enter")


def note(page: Page, panel: str) -> Locator:
    return page.locator(f"[data-panel={panel}] .panel-note")


def graph(panel: str) -> str:
    return f"document.querySelector('[data-panel={panel}] .js-plotly-plot')"


def settled(page: Page, panel: str) -> None:
    """Wait until Plotly shows what the panel has."""
    element = f"document.querySelector('[data-panel={panel}] [data-graph=main]')"
    wait_until(page, f"!{element}.classList.contains('is-live')", SECONDS)
    page.wait_for_timeout(300)
    wait_until(page, f"!{element}.classList.contains('is-live')", SECONDS)


def traces(page: Page, panel: str) -> dict[str, dict[str, Any]]:
    """Name, places and look of each of Plotly's traces."""
    found: list[dict[str, Any]] = page.evaluate(
        f"""{graph(panel)}.data.filter((trace) => trace.name).map((trace) => ({{
            name: trace.name, x: Array.from(trace.x), y: Array.from(trace.y), fill: trace.fill,
            dash: trace.line?.dash, shape: trace.line?.shape, marker: trace.marker?.symbol }}))"""
    )
    return {trace["name"]: trace for trace in found}


def texts(page: Page, panel: str) -> str:
    """What is written in the panel's plot."""
    found: str = page.evaluate(
        f"{graph(panel)}.layout.annotations.map(({{ text }}) => text).join(' | ')"
    )
    return found


def train(page: Page, epochs: int) -> None:
    """Train so many epochs more, then pause."""
    hurry(page)
    start = page.evaluate("window.spiralDash.epoch")
    page.locator("#play").click()
    wait_until(page, f"window.spiralDash.epoch >= {start + epochs}", SECONDS)
    page.locator("#play").click()
    wait_until(page, "window.spiralDash.state === 'paused'")


def prove(page: Page, points: int = TEST_POINTS) -> None:
    """Wait for the exact curve of the network as it is now."""
    expected = f"{points} of {points} points decided at every ε."
    expect(note(page, "robustness")).to_contain_text(expected, timeout=1000 * SECONDS)
    settled(page, "robustness")


# The panel of curves.


def test_on_pause_every_point_is_decided_below_every_attack(renewed_page: Page) -> None:
    train(renewed_page, 30)
    prove(renewed_page)
    wait_until_measured(renewed_page)
    wait_until(
        renewed_page, f"{graph('robustness')}.data.every(({{ x }}) => x.length > 1)", SECONDS
    )
    settled(renewed_page, "robustness")
    curves = traces(renewed_page, "robustness")
    assert list(curves) == ["clean", "noise", "FGSM", "BIM", "PGD", "exact"]
    exact = dict(zip(curves["exact"]["x"], curves["exact"]["y"], strict=True))
    assert len(exact) == 41 and max(exact) == 2
    assert np.all(np.diff(list(exact.values())) < 1e-6)
    assert curves["exact"]["fill"] is None  # all is decided: there is no band
    for name in ("noise", "FGSM", "BIM", "PGD"):
        attacked = dict(zip(curves[name]["x"], curves[name]["y"], strict=True))
        assert sorted(attacked) == pytest.approx([0, 0.1, 0.25, 0.5, 1, 1.5, 2])
        for epsilon, accuracy in attacked.items():
            # Shares travel as float32.
            assert accuracy >= exact[epsilon] - 1e-6
            # They arrive as they are, not in steps of 1/255.
            assert accuracy * TEST_POINTS == pytest.approx(round(accuracy * TEST_POINTS), abs=1e-3)
        # Nor is the line below what is proved between the radii that were tried.
        assert curves[name]["shape"] == "hv"
        for epsilon, proved in exact.items():
            last = max(tried for tried in attacked if tried <= epsilon + 1e-9)
            assert attacked[last] >= proved - 1e-6
    clean = curves["clean"]["y"][0]
    assert clean == curves["FGSM"]["y"][0] == pytest.approx(exact[0], abs=1e-6)
    shown = renewed_page.locator("#readout-test-accuracy").text_content() or ""
    assert float(shown.removesuffix("%")) == pytest.approx(100 * clean, abs=0.06)


def test_the_data_set_limits_that_are_marked(renewed_page: Page) -> None:
    prove(renewed_page)
    geometry = renewed_page.locator("#fact-distance_linf").text_content() or ""
    written = texts(renewed_page, "robustness")
    assert f"between the classes: {float(geometry):.2f} →" in written
    limit = float(re.findall(r"a perfect classifier: up to (\d\.\d\d)", written)[0])
    assert float(geometry) / 2 - 0.01 <= limit < float(geometry)
    shapes = renewed_page.evaluate(f"{graph('robustness')}.layout.shapes.map(({{ x0 }}) => x0)")
    assert shapes == [pytest.approx(limit, abs=0.01)]
    more(renewed_page, "robustness", "Curves")
    fill(renewed_page, "robustness", "reach", "4")
    renewed_page.keyboard.press("Escape")
    wait_until(renewed_page, f"{graph('robustness')}.layout.shapes?.length === 2", SECONDS)
    option(renewed_page, "robustness", "norm").select_option("l2")
    distance = renewed_page.locator("#fact-distance_l2").text_content() or ""
    settled(renewed_page, "robustness")
    prove(renewed_page)
    [marked] = re.findall(r"between the classes: ([\d.]+)", texts(renewed_page, "robustness"))
    assert float(marked) == pytest.approx(float(distance), abs=0.005)
    title = renewed_page.locator("[data-panel=robustness] .g-xtitle")
    expect(title).to_have_text("ε (plane units, L₂)")


def test_the_estimate_leads_while_the_run_plays(renewed_page: Page) -> None:
    renewed_page.locator("#play").click()
    expect(note(renewed_page, "robustness")).to_have_text(
        "Exact on pause. Dotted: estimated from the boundary.", timeout=1000 * SECONDS
    )
    dash = f"{graph('robustness')}.data.find(({{ name }}) => name === 'estimate')?.line.dash"
    wait_until(renewed_page, f"{dash} === 'dot'", SECONDS)
    option(renewed_page, "robustness", "exact").select_option("live")
    expect(note(renewed_page, "robustness")).to_contain_text(
        f"{TEST_POINTS} of {TEST_POINTS} points decided", timeout=1000 * SECONDS
    )
    names = f"{graph('robustness')}.data.map(({{ name }}) => name)"
    wait_until(renewed_page, f"{names}.includes('estimate') && {names}.includes('exact')", SECONDS)
    renewed_page.locator("#play").click()
    prove(renewed_page)
    assert "estimate" not in traces(renewed_page, "robustness")
    option(renewed_page, "robustness", "exact").select_option("off")
    wait_until(renewed_page, f"{graph('robustness')}.data.at(-1).name === 'estimate'", SECONDS)
    wait_until(renewed_page, f"{graph('robustness')}.data.at(-1).x.length === 101", SECONDS)


def test_curves_are_chosen(renewed_page: Page) -> None:
    prove(renewed_page)
    more(renewed_page, "robustness", "Curves")
    for name in ("noise", "PGD"):
        renewed_page.locator("[data-panel=robustness]").get_by_label(name, exact=True).uncheck()
    names = f"{graph('robustness')}.data.map(({{ name }}) => name).join()"
    wait_until(renewed_page, f"{names} === 'clean,FGSM,BIM,exact'", SECONDS)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("restarts", "51", "restarts: expected a whole number from 1 to 50, got 51."),
        ("iterations", "0", "iterations: expected a whole number from 1 to 200, got 0."),
        ("iterations", "many", "iterations: expected a whole number from 1 to 200, got 'many'."),
        ("alpha", "-1", "alpha: expected a number above 0 to 1000000, got -1."),
        ("reach", "-3", "each a number from 0 to 1000000, got -3."),
        ("reach", "0", "each a number from 0 to 1000000, got 0."),
        ("reach", "NaN", "each a number from 0 to 1000000, got NaN."),
    ],
)
def test_a_bad_option_is_answered_beside_the_panel(
    renewed_page: Page, name: str, value: str, said: str
) -> None:
    prove(renewed_page)
    more(renewed_page, "robustness", "Curves")
    right = option(renewed_page, "robustness", name).input_value()
    fill(renewed_page, "robustness", name, value)
    line = note(renewed_page, "robustness")
    expect(line).to_contain_text(said, timeout=1000 * SECONDS)
    expect(line).to_have_class(re.compile("is-error"))
    assert (line.text_content() or "").count("got") == 1
    # The session goes on, and so does the panel.
    renewed_page.keyboard.press("Escape")
    renewed_page.keyboard.press("s")
    wait_until(renewed_page, "window.spiralDash.epoch === 1")
    more(renewed_page, "robustness", "Curves")
    fill(renewed_page, "robustness", name, right)
    prove(renewed_page)


def test_a_radius_wider_than_the_data_is_cut(renewed_page: Page) -> None:
    more(renewed_page, "robustness", "Curves")
    fill(renewed_page, "robustness", "reach", "100000")
    expect(note(renewed_page, "robustness")).to_contain_text("the data are no wider")
    prove(renewed_page)
    extent = renewed_page.evaluate(f"{graph('boundary')}._fullLayout.xaxis.range[1]")
    assert max(traces(renewed_page, "robustness")["exact"]["x"]) == pytest.approx(
        2 * extent, rel=0.01
    )


def test_a_long_proof_says_how_far_it_is_and_can_be_cancelled(
    context: BrowserContext, server: Server
) -> None:
    page = visit(context, f"{server.url}/?{LONG_PROOF}")
    train(page, 3)
    bar = page.locator("[data-panel=robustness] .panel-progress")
    expect(bar).to_be_visible(timeout=1000 * SECONDS)
    expect(bar).to_contain_text(re.compile(r"Proof: \d+ %"), timeout=1000 * SECONDS)
    # The session answers meanwhile.
    epoch = page.evaluate("window.spiralDash.epoch")
    page.keyboard.press("s")
    wait_until(page, f"window.spiralDash.epoch === {epoch + 1}", SECONDS)
    expect(bar).to_be_visible(timeout=1000 * SECONDS)
    bar.get_by_role("button", name="Cancel").click()
    expect(bar).to_be_hidden()
    expect(option(page, "robustness", "exact")).to_have_value("off")
    page.wait_for_timeout(500)
    expect(bar).to_be_hidden()


def test_in_more_dimensions_the_panel_says_what_it_proves(
    context: BrowserContext, server: Server
) -> None:
    page = visit(context, f"{server.url}/?{SMALL}&data.codimension=4")
    prove(page)
    line = note(page, "robustness")
    expect(line).to_contain_text("Proved in the data plane; attacks use all 5 dimensions.")
    expect(line).to_contain_text("No estimate: the boundary can be traced in the plane only.")
    more(page, "robustness", "Curves")
    page.get_by_label("One-shot bound in the whole space").check()
    expect(line).to_contain_text("The one-shot bound holds in the whole space, and is loose.")
    settled(page, "robustness")
    curves = traces(page, "robustness")
    bound, exact = (curves[n]["y"] for n in ("one-shot bound, whole space", "exact, in the plane"))
    assert bound[0] == exact[0] and sum(bound) < sum(exact)


def test_in_the_plane_there_is_no_switch_for_the_whole_space(renewed_page: Page) -> None:
    more(renewed_page, "robustness", "Curves")
    expect(renewed_page.get_by_label("One-shot bound in the whole space")).to_be_hidden()


def test_kept_curves_stay_until_they_are_removed(opened: Page) -> None:
    train(opened, 10)
    prove(opened)
    before = traces(opened, "robustness")["exact"]
    more(opened, "robustness", "Compare")
    opened.get_by_role("button", name="Keep this curve").click()
    row = opened.locator(".kept-curves li")
    epoch = opened.evaluate("window.spiralDash.shownEpoch")
    expect(row).to_have_text(f"1tanh 12-12, seed 1, epoch {epoch} (L∞)")
    opened.keyboard.press("Escape")
    # Another network, trained against an attack.
    opened.locator('[data-name="activation"] select').select_option("relu")
    wait_until(opened, "window.spiralDash.epoch === 0 && window.spiralDash.state === 'ready'")
    prove(opened)
    curves = traces(opened, "robustness")
    assert curves["kept 1"]["y"] == pytest.approx(before["y"])
    assert curves["exact"]["y"] != before["y"]
    # A reload of the tab keeps them, a new tab begins without.
    opened.reload()
    wait_until(opened, "window.spiralDash?.framesPainted > 0", SECONDS)
    expect(row).to_have_count(1)
    other = visit(opened.context, opened.url)
    expect(other.locator(".kept-curves li")).to_have_count(0)
    other.close()
    # Of another norm: in the list, and not in the plot.
    option(opened, "robustness", "norm").select_option("l2")
    prove(opened)
    assert "kept 1" not in traces(opened, "robustness")
    more(opened, "robustness", "Compare (1)")
    row.get_by_role("button", name="Remove").click()
    expect(row).to_have_count(0)


# On the boundary.


def attack_point(page: Page) -> None:
    more(page, "boundary", "Robustness")
    page.get_by_label("Attack a test point").check()
    page.keyboard.press("Escape")
    expect(note(page, "boundary")).to_contain_text("Test point 0", timeout=1000 * SECONDS)
    settled(page, "boundary")


def place_of(page: Page, x: float, y: float) -> tuple[float, float]:
    """Where a point of the plane lies on the page."""
    across, down = page.evaluate(
        f"""(() => {{
            const {{ left, top }} = {graph("boundary")}.getBoundingClientRect();
            const {{ xaxis, yaxis }} = {graph("boundary")}._fullLayout;
            return [left + xaxis._offset + xaxis.d2p({x}), top + yaxis._offset + yaxis.d2p({y})];
        }})()"""
    )
    return across, down


def test_a_click_chooses_the_nearest_test_point(renewed_page: Page) -> None:
    train(renewed_page, 30)
    attack_point(renewed_page)
    more(renewed_page, "boundary", "Robustness")
    renewed_page.locator("[data-panel=boundary]").get_by_label("Test points").check()
    renewed_page.keyboard.press("Escape")
    settled(renewed_page, "boundary")
    points = traces(renewed_page, "boundary")["class 1, test"]
    x, y = points["x"][7], points["y"][7]
    renewed_page.mouse.click(*place_of(renewed_page, x, y))
    wait_until(
        renewed_page, f"{graph('boundary')}.data.find((t) => t.name === 'test point')", SECONDS
    )
    expect(note(renewed_page, "boundary")).not_to_contain_text(
        "Test point 0,", timeout=1000 * SECONDS
    )
    expect(note(renewed_page, "boundary")).to_contain_text(", class 1", timeout=1000 * SECONDS)
    settled(renewed_page, "boundary")
    drawn = traces(renewed_page, "boundary")
    assert (drawn["test point"]["x"], drawn["test point"]["y"]) == ([x], [y])
    ball = drawn["ball"]
    half = (max(ball["x"]) - min(ball["x"])) / 2, (max(ball["y"]) - min(ball["y"])) / 2
    assert half == pytest.approx((0.5, 0.5), abs=1e-5)
    for name in ("noise", "FGSM", "BIM", "PGD"):
        arrow = drawn[name]
        assert (arrow["x"][0], arrow["y"][0]) == pytest.approx((x, y))
        assert abs(arrow["x"][1] - x) <= 0.5 + 1e-5 and abs(arrow["y"][1] - y) <= 0.5 + 1e-5
    path = drawn["way of BIM"]
    assert len(path["x"]) == 5 and (path["x"][0], path["y"][0]) == pytest.approx((x, y))


def test_a_drag_zooms_and_chooses_nothing(opened: Page) -> None:
    attack_point(opened)
    left, top = place_of(opened, -6, 6)
    right, bottom = place_of(opened, 6, -6)
    opened.mouse.move(left, top)
    opened.mouse.down()
    opened.mouse.move((left + right) / 2, (top + bottom) / 2)
    opened.mouse.move(right, bottom)
    opened.mouse.up()
    wait_until(opened, f"{graph('boundary')}._fullLayout.xaxis.range[1] < 8", SECONDS)
    expect(option(opened, "boundary", "point")).to_have_value("0")
    # The button takes the whole plane back.
    opened.locator("[data-panel=boundary]").hover()
    opened.locator("[data-panel=boundary] [data-val=reset]").click()
    wait_until(opened, f"{graph('boundary')}._fullLayout.xaxis.range[1] > 15", SECONDS)


def test_names_and_the_bar_of_probabilities_share_the_room(opened: Page) -> None:
    attack_point(opened)
    bar = opened.locator("[data-panel=boundary] .colorbar")
    lowest_name = opened.locator("[data-panel=boundary] .legend .traces").last
    opened.set_viewport_size({"width": 1600, "height": 1100})
    expect(bar).to_have_count(1, timeout=1000 * SECONDS)
    name, place = lowest_name.bounding_box(), bar.bounding_box()
    assert name and place and name["y"] + name["height"] <= place["y"]
    opened.set_viewport_size({"width": 1366, "height": 420})
    expect(bar).to_have_count(0, timeout=1000 * SECONDS)


def test_without_the_tool_a_click_chooses_nothing(renewed_page: Page) -> None:
    settled(renewed_page, "boundary")
    renewed_page.mouse.click(*place_of(renewed_page, 5, 5))
    renewed_page.wait_for_timeout(300)
    expect(option(renewed_page, "boundary", "point")).to_have_value("0")


def test_point_ball_and_norm_are_typed(renewed_page: Page) -> None:
    attack_point(renewed_page)
    more(renewed_page, "boundary", "Robustness")
    fill(renewed_page, "boundary", "point", "12")
    fill(renewed_page, "boundary", "epsilon", "1.5")
    option(renewed_page, "boundary", "norm").select_option("l2")
    expect(note(renewed_page, "boundary")).to_contain_text(
        "Test point 12, ", timeout=1000 * SECONDS
    )
    wait_until(
        renewed_page,
        f"{graph('boundary')}.data.find(({{ name }}) => name === 'ball').x.length === 73",
        SECONDS,
    )
    ball = traces(renewed_page, "boundary")["ball"]
    assert max(ball["x"]) - min(ball["x"]) == pytest.approx(3.0, abs=1e-4)
    fill(renewed_page, "boundary", "point", "5000")
    expect(note(renewed_page, "boundary")).to_have_text(
        f"Test point 5000 does not exist here: expected 0 to {TEST_POINTS - 1}.",
        timeout=1000 * SECONDS,
    )


def test_the_weakest_points_and_the_proof_are_drawn(renewed_page: Page) -> None:
    train(renewed_page, 30)
    images = f"{graph('boundary')}.layout.images?.length"
    settled(renewed_page, "boundary")
    assert renewed_page.evaluate(images) == 1
    more(renewed_page, "boundary", "Robustness")
    renewed_page.get_by_label("Ring the weakest points").check()
    renewed_page.get_by_label("Show the proof's squares").check()
    expect(note(renewed_page, "boundary")).to_contain_text("squares: ", timeout=1000 * SECONDS)
    wait_until(renewed_page, f"{images} === 2", SECONDS)
    rings = traces(renewed_page, "boundary")["weakest"]
    assert len(rings["x"]) == 10
    radii: list[str] = renewed_page.evaluate(
        f"{graph('boundary')}.data.find((t) => t.name === 'weakest').customdata.map((c) => c[1])"
    )
    # A radius is told as "0.3", or by its two ends as "0.3 to 0.4": nothing above 0 may be proved.
    spans = [[float(end) for end in radius.split(" to ")] for radius in radii]
    assert all(0 <= span[0] <= span[-1] and span[-1] > 0 for span in spans), radii
    expect(note(renewed_page, "boundary")).to_contain_text("Ringed: ")
    said = note(renewed_page, "boundary").text_content() or ""
    told = re.search(r"Ringed: exact radius (\S+) to (\S+?)\.( |$)", said)
    assert told is not None, said
    least, most = (float(end) for end in told.groups()[:2])
    assert least == pytest.approx(min(span[0] for span in spans), rel=0.02)
    assert most == pytest.approx(max(span[-1] for span in spans), rel=0.02)
    # The same proof serves the curves: it is asked for once.
    renewed_page.get_by_label("Show the proof's squares").uncheck()
    wait_until(renewed_page, f"{images} === 1", SECONDS)


# The panel of radii.


def test_radii_are_shown_by_class_and_along_the_spiral(opened: Page) -> None:
    train(opened, 30)
    arrange(opened, ["robustness", "radius"])
    line = note(opened, "radius")
    expect(line).to_contain_text(f"{TEST_POINTS} of {TEST_POINTS} points decided.")
    settled(opened, "radius")
    bars: list[dict[str, list[float]]] = opened.evaluate(
        f"""{graph("radius")}.data.filter(({{ type }}) => type === 'bar')
            .map(({{ x, y }}) => ({{ x: Array.from(x), y: Array.from(y) }}))"""
    )
    assert len(bars) == 2
    assert sum(sum(each["x"]) for each in bars) == TEST_POINTS
    points = traces(opened, "radius")
    count = sum(len(points[f"class {label}"]["x"]) for label in (0, 1))
    assert count == TEST_POINTS
    # Radii and the exact curve tell of the same proof: what is not above 2 is not robust at 2.
    prove(opened)
    exact = traces(opened, "robustness")["exact"]["y"][-1]
    radii = [y for label in (0, 1) for y in points[f"class {label}"]["y"]]
    assert sum(radius > 2.0 for radius in radii) / TEST_POINTS == pytest.approx(exact, abs=0.02)
    option(opened, "radius", "exact").select_option("off")
    expect(line).to_have_text("The proof is off.")
    option(opened, "radius", "exact").select_option("live")
    fill(opened, "radius", "reach", "-1")
    expect(line).to_contain_text("from 0 to 1000000, got -1.")
