"""Every panel for every kind of data; names as they are; the panel of examples."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from scripts.browser import wait_until
from scripts.server import Server
from spiral_dash import Run, RunConfig
from spiral_dash.web.panels import PANELS
from tests.browser.probing import (
    SECONDS,
    arrange,
    card,
    choose,
    download,
    renewed,
    show_run,
    wait_until_measured,
)
from tests.unit.probes.test_every_kind import KINDS

MS = 1000 * SECONDS
WHY_NOT = "The points are single numbers: there is no area to stretch."
GROUP = 6
ODD_NAMES = ["<b>x</b>", "=1+1", "a, b", "%{x} & so on"]
ODD_FEATURES = ["<i>height</i>", "%{y}"]


@pytest.fixture
def opened(lasting_page: Page, server: Server) -> Page:
    return renewed(lasting_page, server.url, "data.samples_per_arm=60&network.hidden=3")


def note(page: Page, panel: str) -> str:
    return card(page, panel).locator(".panel-note").text_content() or ""


def settled(page: Page, panel: str) -> str:
    """The expression of a panel's graph, once Plotly shows it."""
    wrapper = f"document.querySelector('[data-panel={panel}] [data-graph=main]')"
    graph = f"{wrapper}.querySelector('.js-plotly-plot')"
    some = f"{graph}?.data?.some((trace) => trace.x?.length > 1)"
    wait_until(page, f"{some} && !{wrapper}.classList.contains('is-live')", SECONDS)
    page.wait_for_timeout(200)
    wait_until(page, f"!{wrapper}.classList.contains('is-live')", SECONDS)
    return graph


# Those that differ in what a panel asks of the data; every kind is measured in the unit tests.
WALKED = [kind for kind in KINDS if kind not in {"circle", "xor", "moons", "checkerboard"}]


@pytest.mark.parametrize("kind", WALKED)
def test_every_panel_shows_every_kind_or_says_why_not(opened: Page, kind: str) -> None:
    run = KINDS[kind]()
    run.train(3)
    arrange(opened, ["metrics"])
    show_run(opened, run)
    names = list(PANELS)
    for start in range(0, len(names), GROUP):
        group = names[start : start + GROUP]
        arrange(opened, group)
        for panel in group:
            card(opened, panel).scroll_into_view_if_needed()
        opened.wait_for_timeout(300)
        wait_until_measured(opened)
        opened.wait_for_timeout(300)
        refused = {
            panel: note(opened, panel)
            for panel in group
            if card(opened, panel).locator(".panel-note.is-error").count()
        }
        expected = {"jacobian": WHY_NOT} if run.data.dimension == 1 and "jacobian" in group else {}
        assert refused == expected
        for panel in group:
            said = note(opened, panel)
            assert "NaN" not in said and "undefined" not in said, (panel, said)
            if panel in ("boundary", "mapping", "distance", "collapse", "radius"):
                assert ("colours repeat after ten" in said) is (run.data.classes > 10), panel
            if panel in ("robustness", "radius", "examples", "metrics"):
                assert ("there are no test points" in said) is (not run.data.has_test), panel


def odd_run() -> Run:
    generator = np.random.default_rng(2)
    labels = np.repeat(np.arange(4), 40)
    x = generator.normal(size=(4, 2))[labels] * 3 + generator.normal(size=(160, 2))
    config = RunConfig.parse({"network": {"hidden": [5]}})
    names = [ODD_NAMES[label] for label in labels]
    run = Run.from_points(
        x, names, class_names=ODD_NAMES, feature_names=ODD_FEATURES, config=config
    )
    run.train(4)
    return run


def test_names_appear_as_they_are(opened: Page, tmp_path: Path) -> None:
    run = odd_run()
    arrange(opened, ["boundary", "mapping", "distance", "collapse", "radius", "examples"])
    show_run(opened, run)
    names = list(run.data.class_names)
    assert sorted(names) == sorted(ODD_NAMES)
    for panel in ("boundary", "mapping", "distance", "radius"):
        settled(opened, panel)
        legend = card(opened, panel).locator(".legendtext").all_text_contents()
        assert legend[:4] == names, panel
        assert card(opened, panel).locator(".legendtext b, .legendtext [style*=bold]").count() == 0
    titles = card(opened, "boundary").locator(".g-xtitle text, .g-ytitle text")
    assert sorted(titles.all_text_contents()) == sorted(ODD_FEATURES)
    choices = (
        card(opened, "mapping").locator("select").nth(3).locator("option[value]:not([value=''])")
    )
    assert choices.all_text_contents() == ["all classes", *names]
    # No coordinate along a class: neither a colour for it nor an order to join points in.
    colours = (
        card(opened, "mapping").locator("select").nth(4).locator("option[value]:not([value=''])")
    )
    assert colours.all_text_contents() == ["class"]
    expect(card(opened, "mapping").get_by_label("Join in order")).to_be_hidden()
    choose(opened, "mapping", "layer", "2")
    expect(card(opened, "mapping").locator(".panel-note")).to_contain_text("PCA of output")
    settled(opened, "boundary")
    card(opened, "boundary").locator(".nsewdrag").hover()
    hover = card(opened, "boundary").locator(".hoverlayer")
    expect(hover).to_contain_text(ODD_FEATURES[0])
    assert any(name in (hover.text_content() or "") for name in names)
    text = download(opened, "distance", "csv", tmp_path).read_text(encoding="utf-8")
    header = next(line for line in text.splitlines() if line.startswith(("value_", '"value_')))
    assert next(csv.reader([header])) == [f"value_{name}" for name in names]
    assert not any(line.startswith(("=", "@")) for line in text.splitlines())
    choose(opened, "boundary", "attack", True)
    expect(card(opened, "boundary").locator(".panel-note")).to_contain_text(
        f"Test point 0, {names[0]}", timeout=MS
    )
    choose(opened, "boundary", "attack", False)


def test_axes_say_what_the_plane_holds(opened: Page) -> None:
    arrange(opened, ["boundary"])
    run = Run(RunConfig.from_query("data.kind=digits&data.samples_per_class=30&network.hidden=8"))
    run.train(2)
    assert run.data.explained is not None
    show_run(opened, run)
    share = f"{100 * run.data.explained:.0f} %"
    settled(opened, "boundary")
    expect(card(opened, "boundary").locator(".g-xtitle text")).to_have_text(
        "direction of largest variance"
    )
    expect(card(opened, "boundary").locator(".g-ytitle text")).to_have_text(
        f"second largest (both: {share})"
    )
    expect(card(opened, "boundary").locator(".panel-note")).to_contain_text(
        f"Slice through the plane of largest variance ({share}), in 64 dimensions."
    )
    legend = card(opened, "boundary").locator(".legendtext").all_text_contents()
    assert legend == [str(digit) for digit in range(10)]
    marks = "gd.data.slice(0, 10).map(({ marker }) => marker.symbol)"
    graph = settled(opened, "boundary")
    assert len(set(opened.evaluate(f"(() => {{ const gd = {graph}; return {marks}; }})()"))) == 10


def test_a_sample_is_called_one(opened: Page) -> None:
    arrange(opened, ["boundary"])
    run = Run(RunConfig.from_query("data.kind=xor&data.samples_per_class=5000&network.hidden=4"))
    run.train(1)
    show_run(opened, run)
    total = len(run.data.y_train)
    expect(card(opened, "boundary").locator(".panel-note")).to_contain_text(
        f"A sample of 6,000 of {total:,} training points."
    )


@pytest.fixture(scope="module")
def digits() -> Run:
    run = Run(RunConfig.from_query("data.kind=digits&data.samples_per_class=40&network.hidden=16"))
    run.train(15)
    return run


def test_examples_of_images_have_words_and_pages(opened: Page, digits: Run) -> None:
    arrange(opened, ["examples"])
    show_run(opened, digits)
    panel = card(opened, "examples")
    pictures = panel.locator("canvas[role=img]")
    expect(pictures).to_have_count(36, timeout=MS)
    usual = panel.get_by_role("textbox", name="ε").get_attribute("placeholder") or ""
    assert 0.05 <= float(usual) <= 0.3
    expected = digits.measure("examples_table", epsilon=float(usual))
    labels = [pictures.nth(k).get_attribute("aria-label") or "" for k in range(36)]
    for k in range(12):
        true, given = int(expected["label"][k]), int(expected["predicted"][k])
        said = "the network agrees" if true == given else f"taken for {given}"
        assert labels[3 * k].startswith(f"a {true}, {said} (")
        if expected["broken"][k]:
            other = int(expected["found_predicted"][k])
            assert labels[3 * k + 1].startswith(f"a {true}, taken for {other} at ε {usual} (")
    said = note(opened, "examples")
    counts = [int(expected[name]) for name in ("broken_count", "clean")]
    assert f"breaks {counts[0]} of the {counts[1]} test points classified correctly" in said
    # The picture is that of the image: ink where it is high, on paper where it is low.
    pixels = opened.evaluate(
        """() => [...document.querySelector('[data-panel=examples] canvas').getContext('2d')
        .getImageData(0, 0, 8, 8).data].filter((_, index) => index % 4 === 0)"""
    )
    order = np.corrcoef(pixels, expected["points"][0])[0, 1]
    assert order < -0.99
    total = int(expected["total"])
    region = panel.get_by_role("region")
    region.focus()
    epoch = opened.evaluate("window.spiralDash.shownEpoch")
    opened.keyboard.press("PageDown")
    expect(panel.locator(".examples-name").first).to_have_text("12", timeout=MS)
    opened.keyboard.press("End")
    last = (total - 1) // 12 * 12
    expect(panel.locator(".examples-name").first).to_have_text(str(last), timeout=MS)
    expect(panel.get_by_role("button", name="Next")).to_be_disabled()
    panel.get_by_role("button", name="Back").click()
    expect(panel.locator(".examples-name").first).to_have_text(str(last - 12), timeout=MS)
    assert opened.evaluate("window.spiralDash.shownEpoch") == epoch
    choose(opened, "examples", "show", "wrong")
    wrong = digits.measure("examples_table", epsilon=float(usual), show="wrong")
    expect(panel.locator(".panel-note")).to_contain_text(f"of {int(wrong['total'])}.", timeout=MS)
    for label in panel.locator("li figure:first-of-type canvas").all():
        assert "taken for" in (label.get_attribute("aria-label") or "")
    choose(opened, "examples", "epsilon", "none")
    expect(panel.locator(".panel-note.is-error")).to_contain_text("epsilon", timeout=MS)


def test_examples_of_other_points_are_a_table(opened: Page) -> None:
    arrange(opened, ["examples"])
    run = KINDS["three classes, twelve columns"]()
    run.train(3)
    show_run(opened, run)
    panel = card(opened, "examples")
    rows = panel.locator("tbody tr")
    expect(rows).to_have_count(min(12, len(run.data.y_test)), timeout=MS)
    heads = panel.locator("thead th").all_text_contents()
    assert heads == ["Point", "Class", "Network", "After the attack", *(f"x{d}" for d in "₁₂₃₄₅₆")]
    expect(panel.locator(".panel-note")).to_contain_text("The first 6 of 12 columns.")
    field = panel.get_by_role("textbox", name="ε")
    epsilon = float(field.get_attribute("placeholder") or "nan")
    expected = run.measure("examples_table", epsilon=epsilon)
    first = rows.first.locator("td").all_text_contents()
    assert first[0] == run.data.class_names[expected["label"][0]]
    value, found = (float(text) for text in re.findall(r"[\d.]+", first[3].replace("−", ""))[:2])
    shown = expected["points"][0, 0], expected["found"][0, 0]
    assert [value, found] == pytest.approx(np.abs(shown), rel=6e-3)
    menu = panel.locator(".panel-downloads")
    menu.locator("summary").click()
    assert menu.locator("button").all_text_contents() == ["Numbers (CSV)"]
    menu.locator("summary").click()
