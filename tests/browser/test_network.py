"""The network's panel: it shows what units compute; what is done to it is done to the run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from scripts.browser import wait_until
from scripts.server import Server
from spiral_dash import Run, RunConfig
from tests.browser.probing import arrange, card, download, renewed
from tests.browser.test_downloads import SVG

SMALL = "data.samples_per_arm=60&network.hidden=4,3"
PIXELS = """() => [...document.querySelectorAll('.network-unit')].map((unit) => {
  const canvas = document.querySelector('.network-picture');
  const stage = canvas.getBoundingClientRect();
  const {left, top, width} = unit.getBoundingClientRect();
  const scale = canvas.width / stage.width;
  const at = (across, down) => [...canvas.getContext('2d').getImageData(
    Math.round((left - stage.left + across * width) * scale),
    Math.round((top - stage.top + down * width) * scale), 1, 1).data];
  return [0.25, 0.5, 0.75].map((down) => [0.25, 0.5, 0.75].map((across) => at(across, down)));
})"""


@pytest.fixture
def opened(lasting_page: Page, server: Server) -> Iterator[Page]:
    page = renewed(lasting_page, server.url, SMALL)
    arrange(page, ["boundary", "network"])
    expect(unit(page, 2, 2)).to_be_visible()
    yield page
    page.keyboard.press("Escape")


def unit(page: Page, layer: int, slot: int) -> Locator:
    return page.locator(f'.network-unit[data-layer="{layer}"][data-slot="{slot}"]')


def sheet(page: Page) -> Locator:
    return page.locator(".network-sheet:popover-open")


def enter(page: Page, label: str, text: str) -> None:
    field = sheet(page).get_by_label(label, exact=True)
    field.fill(text)
    field.press("Enter")


def query(page: Page) -> dict[str, Any]:
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def test_the_picture_is_taken_along_with_what_is_written_on_it(
    opened: Page, tmp_path: Path
) -> None:
    svg = ElementTree.parse(download(opened, "network", "svg", tmp_path)).getroot()
    (graph,) = svg.findall(f"{SVG}svg")
    (image,) = graph.findall(f"{SVG}image")
    assert image.get("href", "").startswith("data:image/png;base64,")
    written = [word.text for word in graph.findall(f"{SVG}text")]
    assert {"inputs", "layer 1", "layer 2", "outputs", "x₁", "x₂"} < set(written)


def test_every_unit_shows_what_it_computes_and_its_numbers_when_pointed_at(opened: Page) -> None:
    arrays = Run(RunConfig.from_query(SMALL)).measure("units")
    side = arrays["image"].shape[1]
    rows = np.array([0.25, 0.5, 0.75])
    nodes = np.round(rows * side).astype(int)
    for seen, image in zip(opened.evaluate(PIXELS), arrays["image"], strict=True):
        colours = np.array(seen, int)
        # Blue above zero, orange below; the greatest x2 is at the top.
        signed = colours[..., 2] - colours[..., 0]
        expected = image[np.ix_(side - 1 - nodes, nodes)].astype(int) - 128
        sure = np.abs(expected) > 20
        assert sure.any() and (np.sign(signed)[sure] == np.sign(expected)[sure]).all()
    unit(opened, 1, 0).hover()
    lens = opened.locator(".network-lens:popover-open")
    expect(lens).to_contain_text("Unit 1 of layer 1")
    expect(lens).to_contain_text(f"Bias {arrays['bias'][2]:.3g}".replace("-", "−"))
    expect(card(opened, "network").locator(".panel-note")).to_contain_text("widest link is ±")
    opened.mouse.move(0, 0)
    expect(lens).to_have_count(0)


def test_a_bias_and_a_weight_are_set_by_keyboard_and_bad_numbers_have_a_sentence(
    opened: Page,
) -> None:
    unit(opened, 0, 0).focus()
    opened.keyboard.press("ArrowRight")
    opened.keyboard.press("ArrowDown")
    opened.keyboard.press("Enter")
    expect(sheet(opened)).to_contain_text("Unit 2 of layer 1")
    opened.keyboard.type("x")
    for text, said in [("NaN", "got 'NaN'"), ("1e300", "got 1e+300"), ("", "got ''")]:
        enter(opened, "Bias", text)
        expect(sheet(opened).get_by_role("alert")).to_contain_text(said)
    expect(opened.locator(".timeline-mark")).to_have_count(0)
    enter(opened, "Bias", "0,5")
    expect(sheet(opened)).to_contain_text("Bias 0.5.")
    expect(sheet(opened).get_by_role("alert")).to_be_empty()
    enter(opened, "Weight from input", "9")
    expect(sheet(opened).get_by_role("alert")).to_contain_text("expected 1 to 2, got 9")
    sheet(opened).get_by_label("Weight from input", exact=True).fill("2")
    enter(opened, "is", "-1.25")
    expect(sheet(opened)).to_contain_text("Weight set")
    opened.keyboard.press("Escape")
    expect(unit(opened, 1, 1)).to_be_focused()
    mark = opened.locator(".timeline-mark")
    expect(mark).to_have_attribute("aria-label", re.compile("bias of unit 2 of layer 1 set to 0.5"))
    expect(mark).to_have_attribute("aria-label", re.compile("weight 2 → 2 of layer 1 set to -1.25"))


def test_a_unit_is_silenced_a_layer_frozen_and_both_are_let_go(opened: Page) -> None:
    note = card(opened, "network").locator(".panel-note")
    unit(opened, 2, 1).click()
    sheet(opened).get_by_role("button", name="Silence it").click()
    sheet(opened).get_by_role("button", name="Freeze layer 2").click()
    expect(note).to_contain_text("Frozen: layer 2. Silent: unit 2 of layer 2.")
    sheet(opened).get_by_role("button", name="Bring it back").click()
    sheet(opened).get_by_role("button", name="Let layer 2 train").click()
    expect(note).not_to_contain_text("Frozen")
    expect(note).not_to_contain_text("Silent")
    sheet(opened).get_by_role("button", name="Close").click()
    expect(sheet(opened)).to_have_count(0)


def test_layers_and_units_changed_on_the_picture_are_those_of_dials_and_address(
    opened: Page,
) -> None:
    opened.get_by_role("button", name="One unit more in layer 1").click()
    expect(opened.locator(".network-unit[data-layer='1']")).to_have_count(5)
    # Two presses at once are two layers.
    more = card(opened, "network").get_by_role("button", name="One hidden layer more")
    more.dblclick()
    expect(opened.locator(".network-name")).to_have_count(6)
    opened.get_by_role("button", name="Layer 2, 3 units: change").click()
    enter(opened, "Units", "500")
    expect(sheet(opened).get_by_role("alert")).to_contain_text("from 1 to 128")
    sheet(opened).get_by_role("button", name="Remove this layer").click()
    expect(opened.locator(".network-name")).to_have_count(5)
    wait_until(opened, "new URLSearchParams(location.search).get('network.hidden') === '5,3,3'")
    expect(opened.locator("#layers")).to_have_value("3")
    units = opened.locator("#units input").evaluate_all("all => all.map((one) => one.value)")
    assert units[:3] == ["5", "3", "3"]


def test_wide_layers_show_twelve_units_and_the_others_when_asked(
    opened: Page, server: Server
) -> None:
    page = renewed(opened, server.url, "data.kind=digits&network.hidden=30")
    expect(page.locator(".network-unit[data-layer='1']")).to_have_count(12)
    expect(page.locator(".network-unit[data-layer='2']")).to_have_count(10)
    expect(card(page, "network").locator(".panel-note")).to_contain_text("the 12 units with")
    seen = page.locator(".network-unit[data-layer='1']")
    numbers = "all => all.map((one) => Number(one.dataset.unit))"
    first = now = seen.evaluate_all(numbers)
    after = page.get_by_role("button", name="Show the units after these of layer 1")
    for _ in range(2):
        after.click()
        units = "[...document.querySelectorAll('.network-unit[data-layer=\"1\"]')]"
        wait_until(page, f"({numbers})({units}).join() !== {','.join(map(str, now))!r}")
        now = seen.evaluate_all(numbers)
    expect(page.locator(".network-head").nth(1)).to_contain_text("19–30")
    last = now
    assert len(set(first)) == len(set(last)) == 12
    norms = np.linalg.norm(
        Run(RunConfig.from_query("data.kind=digits&network.hidden=30"))
        .network.weights[1].detach().numpy(), axis=0
    )  # fmt: skip
    order = np.argsort(-norms, kind="stable") + 1
    assert (sorted(first), sorted(last)) == (sorted(order[:12]), sorted(order[-12:]))
    wait_until(page, "location.search.includes('panel.network.first=0')")
    assert query(page)["panel.network.first"] == "0,18"
