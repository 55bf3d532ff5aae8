"""The dials by kind of data, the facts beside them, ready-made settings, and marks of the past."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from scripts import browser
from scripts.server import Server
from spiral_dash import Run, RunConfig
from spiral_dash.core.data import OWN
from spiral_dash.core.data.registry import KINDS
from spiral_dash.web.dials import own_dials
from spiral_dash.web.presets import PRESETS
from tests.browser.probing import seek, train, visit

SECONDS = 30.0
PANELS = "panels=metrics"
"""One light panel: the pictures have tests of their own."""
ANYTHING = re.compile(".+")
OF_THE_PAGE = re.compile(r"^(panels|speed|epoch|panel\..*)$")
GENERATED = [kind for kind in KINDS if kind != OWN]


def wait_until(page: Page, expression: str) -> None:
    browser.wait_until(page, expression, SECONDS)


@pytest.fixture
def opened(context: BrowserContext, server: Server) -> Page:
    return visit(context, f"{server.url}/?{PANELS}")


def dial(page: Page, path: str) -> Locator:
    group, _, name = path.rpartition(".")
    return page.locator(f'.dial[data-group="{group or "run"}"][data-name="{name}"]')


def field(page: Page, path: str) -> Locator:
    return dial(page, path).locator("input[type=text], select").first


def turn(page: Page, path: str, value: str) -> None:
    field(page, path).fill(value)
    field(page, path).press("Enter")


def choose(page: Page, kind: str) -> None:
    field(page, "data.kind").select_option(kind)


def query(page: Page) -> dict[str, str]:
    pairs = parse_qs(urlsplit(page.url).query, keep_blank_values=True)
    return {name: values[0] for name, values in pairs.items() if not OF_THE_PAGE.match(name)}


def wait_for_query(page: Page, expected: dict[str, str]) -> None:
    wait_until(
        page,
        "(() => { const now = Object.fromEntries([...new URLSearchParams(location.search)]"
        f".filter(([name]) => !/{OF_THE_PAGE.pattern}/.test(name)));"
        f" const asked = {json.dumps(expected)};"
        " return JSON.stringify(Object.entries(now).sort()) =="
        " JSON.stringify(Object.entries(asked).sort()); })()",
    )


def own_names(page: Page) -> list[str]:
    names: list[str] = page.evaluate(
        "[...document.querySelectorAll('#kind-main .dial, #kind-dials .dial')]"
        ".map(({ dataset }) => dataset.name)"
    )
    return names


def fact(page: Page, name: str) -> Locator:
    return page.locator(f"#fact-{name}")


def preset(page: Page, name: str) -> None:
    page.locator("#presets-open").click()
    page.get_by_role("button", name=name, exact=True).click()


def test_each_kind_has_its_own_dials_points_address_and_facts(opened: Page) -> None:
    for kind in [*GENERATED[1:], GENERATED[0]]:
        choose(opened, kind)
        wait_for_query(opened, {} if kind == "spiral" else {"data.kind": kind})
        run = Run(RunConfig.parse({"data": {"kind": kind}}))
        train_count, test_count = len(run.data.y_train), len(run.data.y_test)
        expect(fact(opened, "points")).to_have_text(f"{train_count:,} + {test_count:,}")
        expect(fact(opened, "classes")).to_have_text(str(run.data.classes))
        assert own_names(opened) == [dial.name for dial in own_dials(KINDS[kind])]
        expect(opened.locator(".kind-about")).to_have_text(KINDS[kind].about)
        known = {each.name: each.value for each in run.data.facts}
        assert known["distance_l2"] is not None
        shown = float(fact(opened, "distance_l2").inner_text())
        assert shown == pytest.approx(known["distance_l2"], rel=1e-3)
        described = opened.locator(".kind-dials .dial :is(input[type=text], select)")
        for index in range(described.count()):
            expect(described.nth(index)).to_have_attribute("aria-describedby", ANYTHING)


def test_a_dial_of_another_kind_is_turned_typed_and_answered(opened: Page) -> None:
    choose(opened, "moons")
    wait_for_query(opened, {"data.kind": "moons"})
    turn(opened, "data.radius", "4.5")
    wait_for_query(opened, {"data.kind": "moons", "data.radius": "4.5"})
    expect(opened.locator("#slider-data-radius")).to_have_value("4.5")
    field(opened, "data.radius").press("ArrowUp")
    wait_for_query(opened, {"data.kind": "moons", "data.radius": "5.0"})
    opened.locator("#slider-data-radius").fill("2.5")
    wait_for_query(opened, {"data.kind": "moons", "data.radius": "2.5"})
    turn(opened, "data.radius", "wide")
    problem = dial(opened, "data.radius").locator(".dial-problem")
    expect(problem).to_have_text("Expected a number from 0.1 to 100, got 'wide'.")
    expect(field(opened, "data.radius")).to_have_attribute("aria-invalid", "true")
    # The circle has a radius as well, which nobody has turned.
    choose(opened, "circle")
    wait_for_query(opened, {"data.kind": "circle"})
    expect(field(opened, "data.radius")).to_have_value("5")
    expect(problem).to_have_text("")
    expect(field(opened, "data.radius")).not_to_have_attribute("aria-invalid", "true")


def test_distance_and_growth_follow_each_other_after_another_kind(opened: Page) -> None:
    choose(opened, "xor")
    wait_for_query(opened, {"data.kind": "xor"})
    choose(opened, "spiral")
    wait_for_query(opened, {})
    turn(opened, "data.distance", "3")
    wait_for_query(opened, {"data.distance": "3.0"})
    expect(field(opened, "data.b")).to_have_value("1.5")
    turn(opened, "data.b", "1")
    wait_for_query(opened, {"data.b": "1.0"})
    expect(field(opened, "data.distance")).to_have_value("2")


def test_ready_made_settings_go_from_any_kind_to_any_kind(opened: Page) -> None:
    choose(opened, "gaussians")
    wait_for_query(opened, {"data.kind": "gaussians"})
    some = {"Two spirals 1988", "Circle", "Digits", "Learnt by heart"}
    for ready in [each for each in PRESETS if each.name in some]:
        preset(opened, ready.name)
        config = RunConfig.parse(ready.settings)
        wait_for_query(opened, dict(parse_qsl(config.to_query())))
        kind = config.data.kind
        expect(field(opened, "data.kind")).to_have_value(kind)
        assert own_names(opened) == [dial.name for dial in own_dials(KINDS[kind])]
        problems = opened.locator(".dial-problem").all_inner_texts()
        assert not any(problems)


def test_an_address_of_another_kind_fills_its_dials(
    context: BrowserContext, server: Server
) -> None:
    asked = "data.kind=gaussians&data.classes=4&data.spread=0.5&data.reach=3"
    page = visit(context, f"{server.url}/?{PANELS}&{asked}")
    expect(page.locator("#notices")).to_contain_text("data.reach: there is no such setting.")
    expect(field(page, "data.classes")).to_have_value("4")
    expect(field(page, "data.spread")).to_have_value("0.5")
    assert own_names(page) == ["separation", "spread", "classes", "samples_per_class"]
    page.reload()
    wait_until(page, "window.spiralDash?.framesPainted > 0")
    expect(field(page, "data.spread")).to_have_value("0.5")


def test_two_tabs_show_the_kind_that_one_chooses(opened: Page, context: BrowserContext) -> None:
    token = opened.evaluate("window.spiralDash.session")
    other = context.new_page()
    other.add_init_script(f"sessionStorage.setItem('spiral-dash-session', {json.dumps(token)})")
    other.goto(opened.url)
    wait_until(other, "window.spiralDash?.framesPainted > 0")
    choose(opened, "moons")
    expect(field(other, "data.kind")).to_have_value("moons")
    expect(field(other, "data.radius")).to_have_value("3")
    turn(other, "data.radius", "2")
    expect(field(opened, "data.radius")).to_have_value("2")
    wait_for_query(opened, {"data.kind": "moons", "data.radius": "2.0"})


def test_a_recording_of_another_kind_brings_its_dials(opened: Page, tmp_path: Path) -> None:
    config = RunConfig.parse({"data": {"kind": "xor", "gap": 1.5}, "network": {"hidden": [3]}})
    run = Run(config)
    run.train(2)
    path = tmp_path / "run.spiral.zip"
    run.save(path)
    opened.locator("#run-file").set_input_files(path)
    wait_for_query(opened, {"data.kind": "xor", "data.gap": "1.5", "network.hidden": "3"})
    expect(field(opened, "data.gap")).to_have_value("1.5")
    wait_until(opened, "window.spiralDash.epoch === 2")


def test_own_points_are_asked_for_and_the_choice_stays(opened: Page) -> None:
    choose(opened, "xor")
    wait_for_query(opened, {"data.kind": "xor"})
    opened.evaluate(
        "window.asked = 0; window.addEventListener('spiral-dash:open-data', () => window.asked++)"
    )
    choose(opened, OWN)
    wait_until(opened, "window.asked === 1")
    expect(field(opened, "data.kind")).to_have_value("xor")
    assert query(opened) == {"data.kind": "xor"}


def test_features_are_switched_and_one_stays_on(opened: Page) -> None:
    switches = dial(opened, "network.features")
    expect(switches.get_by_role("checkbox")).to_have_count(7)
    switches.get_by_label("x₁²", exact=True).check()
    switches.get_by_label("sin x₂", exact=True).check()
    wait_for_query(opened, {"network.features": "x1,x2,x1^2,sin_x2"})
    for label in ("x₁", "x₂", "sin x₂"):
        switches.get_by_label(label, exact=True).uncheck()
    wait_for_query(opened, {"network.features": "x1^2"})
    last = switches.get_by_label("x₁²", exact=True)
    last.click()
    expect(last).to_be_checked()
    last.press("Space")
    expect(last).to_be_checked()
    field(opened, "network.scaling").select_option("standard")
    wait_for_query(opened, {"network.features": "x1^2", "network.scaling": "standard"})
    # Where the data has no plane there are none to choose, and all numbers are the input.
    choose(opened, "digits")
    wait_for_query(opened, {"data.kind": "digits", "network.scaling": "standard"})
    expect(switches).to_be_hidden()
    choose(opened, "circle")
    expect(switches).to_be_visible()
    expect(switches.get_by_label("x₁", exact=True)).to_be_checked()
    expect(last).not_to_be_checked()
    preset(opened, "Playground")
    expect(field(opened, "network.scaling")).to_have_value("none")


# Facts.


def test_a_fact_is_explained_to_pointer_and_keyboard(opened: Page) -> None:
    hint = opened.locator("#hint")
    button = opened.get_by_role("button", name="About Arc length")
    button.hover()
    expect(hint).to_contain_text("The length of one arm")
    opened.mouse.move(900, 600)
    expect(hint).to_be_hidden()
    button.focus()
    expect(hint).to_be_visible()
    opened.keyboard.press("Escape")
    expect(hint).to_be_hidden()
    expect(button).to_have_accessible_description(ANYTHING)


def test_without_test_points_facts_and_readouts_say_so(opened: Page) -> None:
    expect(opened.locator("#fact-notes")).to_be_hidden()
    turn(opened, "data.train_share", "1")
    expect(fact(opened, "points")).to_have_text("2,000")
    expect(opened.locator("#fact-notes")).to_contain_text("measured on the training set")
    stat = opened.locator(".stat", has=opened.locator("#readout-test-accuracy"))
    expect(stat).to_contain_text("Test = train accuracy")
    expect(stat).to_have_attribute("title", ANYTHING)
    turn(opened, "data.train_share", "0.5")
    expect(stat).to_contain_text("Test accuracy")
    expect(opened.locator("#fact-notes")).to_be_hidden()


def test_what_is_thinned_and_the_plane_are_said(context: BrowserContext, server: Server) -> None:
    page = visit(context, f"{server.url}/?{PANELS}&data.arms=5&data.samples_per_arm=5000")
    expect(page.locator("#fact-notes")).to_contain_text(
        "6,000 of 16,750 training points and 3,000 of 8,250 test points are shown"
    )
    expect(fact(page, "plane")).to_have_text("x1, x2")
    turn(page, "data.codimension", "3")
    expect(fact(page, "plane")).to_have_text("exact")
    expect(fact(page, "dimension")).to_have_text("4")
    choose(page, "digits")
    expect(fact(page, "dimension")).to_have_text("64")
    explained = Run(RunConfig.parse({"data": {"kind": "digits"}})).data.explained
    assert explained is not None
    expect(fact(page, "plane")).to_have_text(f"{explained:.1%}")
    names = page.locator(".fact-list li")
    expect(names).to_have_count(10)
    expect(names.first).to_have_text("0: 119 + 59")


# What was changed during a run.


def test_changes_are_marked_on_the_slider_and_listed(
    context: BrowserContext, server: Server
) -> None:
    schedule = "3:learning_rate=0.01;5.2:batch_size=20,l2=0.001;100000:l1=0.5"
    page = visit(context, f"{server.url}/?{PANELS}&network.hidden=4&schedule={schedule}")
    marks = page.locator(".timeline-mark")
    expect(marks).to_have_count(3)
    expect(page.locator(".timeline-mark:visible")).to_have_count(0)
    last = train(page, 8)
    expect(page.locator(".timeline-mark:visible")).to_have_count(2)
    text = "learning rate 0.001 → 0.01 at epoch 3"
    expect(marks.first).to_have_accessible_name(text)
    marks.first.focus()
    hint = page.locator("#hint")
    expect(hint).to_have_text(text)
    page.keyboard.press("ArrowRight")
    expect(marks.nth(1)).to_be_focused()
    expect(hint).to_have_text("batch size 50 → 20, L2 0 → 0.001 at epoch 5, step 2")
    page.keyboard.press("ArrowRight")
    expect(marks.nth(1)).to_be_focused()
    # It lies where the slider's thumb is at that epoch.
    slider, mark = page.locator("#timeline").bounding_box(), marks.nth(1).bounding_box()
    assert slider is not None and mark is not None
    thumb = 15
    expected = slider["x"] + thumb / 2 + 5 / last * (slider["width"] - thumb)
    assert mark["x"] + mark["width"] / 2 == pytest.approx(expected, abs=1)
    page.keyboard.press("Enter")
    wait_until(page, "window.spiralDash.shownEpoch === 5")
    page.locator("#run-menu summary").click()
    lines = page.locator("#run-changes li")
    expect(lines).to_have_count(3)
    expect(lines.first).to_have_text(text)
    page.keyboard.press("Escape")
    # Nobody has touched the dials, and they show what is in effect.
    expect(field(page, "training.learning_rate")).to_have_value("0.01")
    expect(field(page, "training.batch_size")).to_have_value("20")
    # A branch cuts what came after it.
    seek(page, 4)
    page.locator("#branch").click()
    expect(marks).to_have_count(1)
    wait_for_query(page, {"network.hidden": "4", "schedule": "3:learning_rate=0.01"})
    expect(field(page, "training.batch_size")).to_have_value("50")


def test_a_dial_that_follows_a_schedule_is_not_taken_for_turned(
    context: BrowserContext, server: Server
) -> None:
    rates = ("0.01", "0.002", "0.005")
    entries = [
        f"{epoch}:learning_rate={rates[epoch % 3]},batch_size={10 + epoch}"
        for epoch in range(2, 60, 2)
    ]
    page = visit(context, f"{server.url}/?{PANELS}&network.hidden=4&schedule={';'.join(entries)}")
    # Dash is slow, and each change is told for itself while the last is on its way.
    page.evaluate(
        """() => {
          const calls = window.dash_clientside.spiralDash, { turn } = calls;
          calls.turn = (...held) => void setTimeout(() => turn(...held), 200);
        }"""
    )
    page.locator("#play").click()
    wait_until(page, "window.spiralDash.epoch >= 62")
    page.locator("#play").click()
    expect(field(page, "training.batch_size")).to_have_value("68")
    wait_for_query(page, {"network.hidden": "4", "schedule": ";".join(entries)})


def test_a_dial_turned_during_training_leaves_a_mark(opened: Page) -> None:
    expect(opened.locator("#run-changes")).to_have_attribute("hidden", "")
    train(opened, 3)
    turn(opened, "training.learning_rate", "0.02")
    mark = opened.locator(".timeline-mark")
    expect(mark).to_have_count(1)
    expect(mark).to_have_accessible_name(ANYTHING)
    assert "0.001 → 0.02 at epoch" in (mark.get_attribute("aria-label") or "")
    mark.hover()
    expect(opened.locator("#hint")).to_contain_text("learning rate 0.001 → 0.02")
    opened.locator("#reset").click()
    wait_until(opened, "window.spiralDash.epoch === 0")
    expect(field(opened, "training.learning_rate")).to_have_value("0.001")
