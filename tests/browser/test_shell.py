"""The page's shell in a real browser: transport, dials, address, messages, keyboard, theme."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from scripts import browser
from scripts.server import Server
from spiral_dash.web.arrangements import USUAL
from spiral_dash.web.panels import PANELS
from spiral_dash.web.presets import PRESETS
from tests.browser.probing import arrange, choose, hurry, open_panels, renewed

# Generous: other work may keep the machine busy, and nothing here waits longer than it must.
SECONDS = 30.0
expect.set_options(timeout=1000 * SECONDS)


def wait_until(page: Page, expression: str) -> None:
    browser.wait_until(page, expression, SECONDS)


def ready(page: Page) -> None:
    """Wait until the page shows a session's first frame."""
    wait_until(page, "window.spiralDash?.framesPainted > 0")


@pytest.fixture
def renewed_page(lasting_page: Page, server: Server) -> Page:
    """A fresh session on a page that other tests use as well."""
    return renewed(lasting_page, server.url)


@pytest.fixture
def opened(page: Page) -> Page:
    """The page with a fresh session, at epoch 0."""
    ready(page)
    return page


def visit(context: BrowserContext, url: str) -> Page:
    page = context.new_page()
    page.goto(url)
    ready(page)
    return page


def dial(page: Page, path: str) -> Locator:
    group, _, name = path.rpartition(".")
    return page.locator(f'.dial[data-group="{group or "run"}"][data-name="{name}"]')


def field(page: Page, path: str) -> Locator:
    return dial(page, path).locator("input[type=text], select").first


ONE_STEP = 1600
"""Runs that follow each other within so many milliseconds are one step of the history."""


def turn(page: Page, path: str, value: str) -> None:
    field(page, path).fill(value)
    field(page, path).press("Enter")


def problem(page: Page, path: str) -> Locator:
    return dial(page, path).locator(".dial-problem")


def query(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def wait_for_query(page: Page, **expected: str) -> None:
    pairs = {name.replace("__", "."): value for name, value in expected.items()}
    wait_until(
        page,
        f"Object.entries({json.dumps(pairs)}).every(([name, value]) =>"
        " new URLSearchParams(location.search).get(name) === value)",
    )


def epoch(page: Page) -> int:
    return int(page.evaluate("window.spiralDash.epoch"))


def train(page: Page, epochs: int) -> int:
    """Train at least so many epochs, then pause; the epoch reached."""
    hurry(page)
    page.locator("#play").click()
    wait_until(page, f"window.spiralDash.epoch >= {epochs}")
    page.locator("#play").click()
    wait_until(page, "window.spiralDash.state === 'paused'")
    return epoch(page)


# Transport.


def test_play_and_pause_by_button_and_space_bar(renewed_page: Page) -> None:
    play = renewed_page.locator("#play")
    expect(play).to_have_accessible_name("Play")
    play.click()
    wait_until(renewed_page, "window.spiralDash.epoch >= 2")
    expect(play).to_have_accessible_name("Pause")
    # The button clicked last has the focus; the space bar pauses all the same, and once.
    renewed_page.keyboard.press("Space")
    wait_until(renewed_page, "window.spiralDash.state === 'paused'")
    expect(play).to_have_accessible_name("Play")
    expect(renewed_page.locator("#readout-epoch")).to_have_text(str(epoch(renewed_page)))
    renewed_page.locator("#main").click(position={"x": 2, "y": 2})
    renewed_page.keyboard.press("Space")
    wait_until(renewed_page, "window.spiralDash.state === 'playing'")
    # So does a list that was opened and closed.
    renewed_page.locator("#speed").click()
    renewed_page.locator("#speed").click()
    renewed_page.keyboard.press("Space")
    wait_until(renewed_page, "window.spiralDash.state === 'paused'")


def test_space_presses_a_button_that_was_reached_with_the_keyboard(opened: Page) -> None:
    opened.locator("#speed").focus()
    opened.keyboard.press("Shift+Tab")
    expect(opened.locator("#new-seed")).to_be_focused()
    opened.keyboard.press("Space")
    wait_until(opened, "new URLSearchParams(location.search).has('seed')")
    assert opened.evaluate("window.spiralDash.state") == "ready"


def test_a_key_counts_before_a_closed_dialog_has_gone_from_the_picture(opened: Page) -> None:
    focused = opened.evaluate(
        """() => {
          const dialog = document.getElementById("gallery");
          dialog.showModal();
          dialog.close();
          const within = dialog.contains(document.activeElement);
          const key = new KeyboardEvent("keydown", { key: "?", bubbles: true, cancelable: true });
          document.activeElement.dispatchEvent(key);
          return within;
        }"""
    )
    assert focused
    expect(opened.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()


def test_step_and_reset_return_to_the_same_weights(renewed_page: Page) -> None:
    loss = renewed_page.locator("#readout-train-loss")
    first = loss.text_content()
    renewed_page.keyboard.press("s")
    wait_until(
        renewed_page, "window.spiralDash.epoch === 1 && window.spiralDash.state === 'paused'"
    )
    expect(loss).not_to_have_text(str(first))
    after_one = loss.text_content()
    renewed_page.locator("#reset").click()
    wait_until(renewed_page, "window.spiralDash.epoch === 0 && window.spiralDash.state === 'ready'")
    expect(loss).to_have_text(str(first))
    renewed_page.locator("#step").click()
    wait_until(renewed_page, "window.spiralDash.epoch === 1")
    expect(loss).to_have_text(str(after_one))


def test_a_new_seed_gives_other_weights_and_stands_in_the_address(renewed_page: Page) -> None:
    first = renewed_page.locator("#readout-train-loss").text_content()
    renewed_page.locator("#new-seed").click()
    wait_until(renewed_page, "new URLSearchParams(location.search).has('seed')")
    expect(renewed_page.locator("#readout-train-loss")).not_to_have_text(str(first))
    expect(field(renewed_page, "seed")).to_have_value(query(renewed_page)["seed"][0])


def test_speed_is_kept_to(opened: Page) -> None:
    opened.locator("#speed").select_option("2")
    opened.locator("#play").click()
    wait_until(opened, "window.spiralDash.epoch >= 1")
    start = epoch(opened)
    opened.wait_for_timeout(2000)
    assert 2 <= epoch(opened) - start <= 6
    opened.reload()
    ready(opened)
    expect(opened.locator("#speed")).to_have_value("2")


def test_the_slider_goes_through_the_epochs_and_branches(renewed_page: Page) -> None:
    last = train(renewed_page, 12)
    slider = renewed_page.locator("#timeline")
    expect(slider).to_have_attribute("max", str(last))
    slider.fill("5")
    wait_until(renewed_page, "window.spiralDash.shownEpoch === 5")
    expect(renewed_page.locator("#timeline-shown")).to_have_text(f"5 of {last:,}")
    renewed_page.locator("#main").focus()
    renewed_page.keyboard.press("ArrowRight")
    wait_until(renewed_page, "window.spiralDash.shownEpoch === 6")
    renewed_page.locator("#live").click()
    wait_until(renewed_page, f"window.spiralDash.shownEpoch === {last}")
    expect(renewed_page.locator("#branch")).to_be_disabled()
    slider.fill("4")
    wait_until(renewed_page, "window.spiralDash.shownEpoch === 4")
    renewed_page.locator("#branch").click()
    wait_until(renewed_page, "window.spiralDash.epoch === 4")
    expect(slider).to_have_attribute("max", "4")
    expect(renewed_page.locator("#live")).to_be_disabled()


# Dials.


def test_the_entanglement_slider_changes_data_readouts_and_address(renewed_page: Page) -> None:
    arc = renewed_page.locator("#fact-arc_length")
    expect(arc).to_have_text("82.1")
    renewed_page.locator("#slider-data-entanglement").fill("4")
    expect(field(renewed_page, "data.entanglement")).to_have_value("4")
    wait_for_query(renewed_page, data__entanglement="4.0")
    expect(renewed_page.locator("#fact-entanglement")).to_have_text("4")
    expect(arc).not_to_have_text("82.1")


def test_the_distance_sets_b_and_b_the_distance(renewed_page: Page) -> None:
    turn(renewed_page, "data.distance", "3")
    expect(field(renewed_page, "data.b")).to_have_value("1.5")
    wait_for_query(renewed_page, data__distance="3.0")
    expect(renewed_page.locator("#fact-distance_l2")).to_have_text("3")
    turn(renewed_page, "data.b", "0.5")
    expect(field(renewed_page, "data.distance")).to_have_value("1")
    expect(renewed_page.locator("#fact-distance_l2")).to_have_text("1")


def test_layers_are_added_taken_away_and_sized(renewed_page: Page) -> None:
    units = renewed_page.locator(".layer-units:visible input")
    expect(units).to_have_count(3)
    renewed_page.locator("#layers-more").click()
    expect(units).to_have_count(4)
    wait_for_query(renewed_page, network__hidden="8,8,8,8")
    units.nth(1).fill("12")
    units.nth(1).press("Enter")
    wait_for_query(renewed_page, network__hidden="8,12,8,8")
    for _ in range(5):
        renewed_page.locator("#layers-fewer").click()
    expect(units).to_have_count(0)
    wait_until(renewed_page, "location.search.includes('network.hidden=&') || "
                       "location.search.endsWith('network.hidden=')")  # fmt: skip


def test_an_arrow_key_turns_a_dial(renewed_page: Page) -> None:
    field(renewed_page, "data.arms").press("ArrowUp")
    wait_for_query(renewed_page, data__arms="3")
    field(renewed_page, "training.learning_rate").press("ArrowUp")
    wait_for_query(renewed_page, training__learning_rate="0.0018")


def test_a_dial_starts_a_new_run_at_once(renewed_page: Page) -> None:
    train(renewed_page, 5)
    turn(renewed_page, "data.entanglement", "5")
    wait_for_query(renewed_page, data__entanglement="5.0")
    wait_until(renewed_page, "window.spiralDash.epoch === 0 && window.spiralDash.state === 'ready'")
    field(renewed_page, "network.activation").select_option("relu")
    wait_for_query(renewed_page, data__entanglement="5.0", network__activation="relu")


def test_back_is_the_settings_before(renewed_page: Page) -> None:
    turn(renewed_page, "data.arms", "3")
    wait_for_query(renewed_page, data__arms="3")
    renewed_page.wait_for_timeout(ONE_STEP)
    field(renewed_page, "network.activation").select_option("relu")
    wait_for_query(renewed_page, data__arms="3", network__activation="relu")
    renewed_page.evaluate("history.back()")
    expect(field(renewed_page, "network.activation")).to_have_value("tanh")
    expect(field(renewed_page, "data.arms")).to_have_value("3")
    wait_until(renewed_page, "location.search === '?data.arms=3'")
    renewed_page.evaluate("history.forward()")
    expect(field(renewed_page, "network.activation")).to_have_value("relu")
    wait_for_query(renewed_page, data__arms="3", network__activation="relu")


def test_a_reload_and_a_link_show_the_same_panels_options_and_speed(
    opened: Page, context: BrowserContext
) -> None:
    arrange(opened, ["gradients", "metrics"])
    choose(opened, "gradients", "quantity", "dead_units")
    opened.locator("#speed").select_option("5")
    wait_until(opened, "location.search.includes('speed=5')")
    wait_until(opened, "location.search.includes('panel.gradients.quantity=dead_units')")
    for page in (opened, context.new_page()):
        page.goto(opened.url)
        ready(page)
        wait_until(page, "document.querySelector('[data-panel=gradients] select')")
        assert open_panels(page) == ["gradients", "metrics"]
        expect(page.locator("[data-panel=gradients] select").first).to_have_value("dead_units")
        expect(page.locator("#speed")).to_have_value("5")


def test_the_learning_rate_changes_the_run_in_progress(renewed_page: Page) -> None:
    renewed_page.locator("#play").click()
    wait_until(renewed_page, "window.spiralDash.epoch >= 3")
    turn(renewed_page, "training.learning_rate", "0.01")
    turn(renewed_page, "training.batch_size", "20")
    wait_until(
        renewed_page,
        "/^\\d+(\\.\\d+)?:learning_rate=0.01(;\\d+(\\.\\d+)?:|,)batch_size=20$/.test("
        "new URLSearchParams(location.search).get('schedule'))",
    )
    assert not {"training.learning_rate", "training.batch_size"} & query(renewed_page).keys()
    expect(field(renewed_page, "training.learning_rate")).to_have_value("0.01")
    reached = epoch(renewed_page)
    assert reached >= 3
    wait_until(renewed_page, f"window.spiralDash.epoch > {reached}")
    assert renewed_page.evaluate("window.spiralDash.state") == "playing"


def test_momentum_is_for_optimisers_that_use_it(renewed_page: Page) -> None:
    expect(field(renewed_page, "training.momentum")).to_be_disabled()
    expect(dial(renewed_page, "training.momentum")).to_contain_text("only sgd uses it")
    field(renewed_page, "training.optimizer").select_option("sgd")
    expect(field(renewed_page, "training.momentum")).to_be_enabled()
    expect(dial(renewed_page, "training.momentum")).not_to_contain_text("only sgd")


BAD_VALUES = (
    ("data.entanglement", "50", "Expected a number from 0.5 to 20, got 50."),
    ("data.entanglement", "", "Expected a number from 0.5 to 20, got nothing."),
    ("data.phi_min", "wide", "Expected a number from 0 to 20, got 'wide'."),
    ("data.samples_per_arm", "1e9", "Expected a whole number from 50 to 5000"),
    ("data.distance", "-1", "Expected a number above 0 to 10000, got -1."),
    ("training.learning_rate", "nan", "Expected a number above 0 to 100, got NaN."),
    ("network.seed", "-1", "Expected a whole number from 0 to 4294967295, got -1."),
)


def test_bad_values_are_answered_beside_their_controls(opened: Page) -> None:
    before = opened.url
    for path, value, sentence in BAD_VALUES:
        turn(opened, path, value)
        expect(problem(opened, path)).to_contain_text(sentence)
        expect(field(opened, path)).to_have_attribute("aria-invalid", "true")
    assert opened.url == before
    # The rest still works, and so does the run.
    turn(opened, "training.batch_size", "25")
    wait_for_query(opened, training__batch_size="25")
    for path, _, sentence in BAD_VALUES[1:]:
        expect(problem(opened, path)).to_contain_text(sentence)
    opened.keyboard.press("Escape")
    opened.locator("#step").click()
    wait_until(opened, "window.spiralDash.epoch === 1")


def test_units_out_of_bounds_are_answered(opened: Page) -> None:
    opened.locator(".layer-units input").first.fill("1000")
    opened.locator(".layer-units input").first.press("Enter")
    expect(problem(opened, "network.hidden")).to_contain_text("from 1 to 128, such as")
    opened.locator("#layers").fill("10000")
    opened.locator("#layers").press("Enter")
    expect(problem(opened, "network.hidden")).to_contain_text("from 0 to 8, got 10000")


def test_ready_made_settings_fill_the_dials(opened: Page) -> None:
    opened.locator("#presets-open").click()
    opened.get_by_role("button", name="Mapping", exact=True).click()
    wait_for_query(opened, data__entanglement="5.0", network__hidden="2")
    expect(opened.locator("#layers")).to_have_value("1")
    expect(field(opened, "data.entanglement")).to_have_value("5")
    [ready] = [each for each in PRESETS if each.name == "Mapping"]
    assert open_panels(opened) == list(ready.panels)
    wait_until(opened, "location.search.includes('panel.mapping.show=grid')")
    expect(opened.locator("#headline-text")).to_contain_text(ready.watch)
    opened.go_back()
    wait_for_query(opened)
    expect(field(opened, "data.entanglement")).to_have_value("8")
    assert open_panels(opened) == list(USUAL)
    wait_until(opened, "!location.search.includes('panel')")


# The address, reloads, sessions.


def test_an_address_brings_its_settings(context: BrowserContext, server: Server) -> None:
    asked = "data.entanglement=6.5&network.hidden=5,4&network.activation=relu&seed=3"
    page = visit(context, f"{server.url}/?{asked}")
    expect(field(page, "data.entanglement")).to_have_value("6.5")
    expect(page.locator(".layer-units:visible input")).to_have_count(2)
    expect(field(page, "network.activation")).to_have_value("relu")
    expect(field(page, "seed")).to_have_value("3")
    wait_until(page, "document.getElementById('fact-entanglement').textContent === '6.5'")
    assert query(page) == parse_qs(asked)


def test_what_an_address_says_wrongly_is_said_and_the_rest_is_used(
    context: BrowserContext, server: Server
) -> None:
    page = visit(context, f"{server.url}/?data.entanglement=99&data.arms=3&nonsense=1")
    notices = page.locator("#notices")
    expect(notices).to_contain_text("data.entanglement: expected a number from 0.5 to 20, got 99.")
    expect(notices).to_contain_text("nonsense: there is no such setting.")
    expect(field(page, "data.arms")).to_have_value("3")
    expect(field(page, "data.entanglement")).to_have_value("8")
    assert query(page) == {"data.arms": ["3"]}
    notices.get_by_role("button", name="Dismiss").first.click()
    expect(notices.locator(".notice")).to_have_count(1)


def test_a_reload_finds_the_session(opened: Page) -> None:
    turn(opened, "data.entanglement", "6")
    wait_for_query(opened, data__entanglement="6.0")
    last = train(opened, 5)
    token = opened.evaluate("window.spiralDash.session")
    opened.reload()
    ready(opened)
    assert opened.evaluate("window.spiralDash.session") == token
    assert epoch(opened) == last
    expect(field(opened, "data.entanglement")).to_have_value("6")
    expect(opened.locator("#notices .notice")).to_have_count(0)


def test_a_session_that_is_gone_is_followed_by_another(opened: Page) -> None:
    turn(opened, "data.arms", "3")
    wait_for_query(opened, data__arms="3")
    opened.evaluate("sessionStorage.setItem('spiral-dash-session', 'no-such-session')")
    opened.reload()
    ready(opened)
    expect(opened.locator("#notices")).to_contain_text("a new one with the settings")
    expect(field(opened, "data.arms")).to_have_value("3")
    assert opened.evaluate("window.spiralDash.session") != "no-such-session"


def test_when_a_session_ends_another_goes_on_with_its_settings(opened: Page) -> None:
    turn(opened, "data.arms", "3")
    wait_for_query(opened, data__arms="3")
    first = opened.evaluate("window.spiralDash.session")
    opened.evaluate(
        "import('/assets/page/page.mjs')"
        ".then(({ page: { run } }) => run.follower.onEnded(run, 'It ended.'))"
    )
    wait_until(opened, f"window.spiralDash.session !== {json.dumps(first)}")
    expect(opened.locator("#notices")).to_contain_text("It ended.")
    ready(opened)
    expect(field(opened, "data.arms")).to_have_value("3")


def test_a_dragged_slider_ends_where_it_was_let_go(renewed_page: Page) -> None:
    renewed_page.evaluate(
        """async () => {
          const slider = document.getElementById("slider-data-entanglement");
          for (let value = 5; value < 9.95; value += 0.1) {
            slider.value = value.toFixed(1);
            slider.dispatchEvent(new Event("input", { bubbles: true }));
            await new Promise((resolve) => setTimeout(resolve, 10));
          }
        }"""
    )
    wait_for_query(renewed_page, data__entanglement="9.9")
    expect(renewed_page.locator("#fact-entanglement")).to_have_text("9.9")
    expect(field(renewed_page, "data.entanglement")).to_have_value("9.9")
    # Nothing turns it back afterwards.
    renewed_page.wait_for_timeout(2500)
    expect(field(renewed_page, "data.entanglement")).to_have_value("9.9")
    assert query(renewed_page)["data.entanglement"] == ["9.9"]


def test_two_tabs_of_one_session_agree(opened: Page, context: BrowserContext) -> None:
    token = opened.evaluate("window.spiralDash.session")
    other = context.new_page()
    other.add_init_script(f"sessionStorage.setItem('spiral-dash-session', {json.dumps(token)})")
    other.goto(opened.url)
    ready(other)
    assert other.evaluate("window.spiralDash.session") == token
    turn(opened, "data.arms", "4")
    expect(field(other, "data.arms")).to_have_value("4")
    wait_for_query(other, data__arms="4")


COUNT_CHANGES = """
  window.changes = 0;
  window.dash_stores = [];
  window.dash_stores.push = (store) => {
    store.subscribe(() => (window.changes += 1));
    return Array.prototype.push.call(window.dash_stores, store);
  };
"""


def test_the_page_opens_without_a_change_of_state_for_every_component(
    context: BrowserContext, server: Server
) -> None:
    page = context.new_page()
    page.add_init_script(COUNT_CHANGES)
    page.goto(server.url)
    ready(page)
    components = page.evaluate("document.querySelectorAll('.shell *').length")
    assert components > 1000
    assert 0 < page.evaluate("window.changes") < 400


# Theme, keyboard, help, small screens.


def theme(page: Page) -> str:
    return str(page.evaluate("document.documentElement.dataset.bsTheme"))


def test_the_theme_follows_the_system_until_one_is_chosen(opened: Page) -> None:
    assert theme(opened) == "light"
    opened.emulate_media(color_scheme="dark")
    wait_until(opened, "document.documentElement.dataset.bsTheme === 'dark'")
    opened.emulate_media(color_scheme="light")
    wait_until(opened, "document.documentElement.dataset.bsTheme === 'light'")
    opened.keyboard.press("t")
    assert theme(opened) == "dark"
    opened.reload()
    ready(opened)
    assert theme(opened) == "dark"


def test_help_is_read_with_pointer_and_keyboard(renewed_page: Page) -> None:
    hint = renewed_page.locator("#hint")
    button = dial(renewed_page, "data.entanglement").locator(".hint-button")
    button.hover()
    expect(hint).to_contain_text("Takes a number from 0.5 to 20 rad.")
    renewed_page.mouse.move(700, 500)
    expect(hint).to_be_hidden()
    button.focus()
    expect(hint).to_be_visible()
    renewed_page.keyboard.press("Escape")
    expect(hint).to_be_hidden()


def test_the_list_of_keys_opens_and_keys_can_be_turned_off(opened: Page) -> None:
    opened.keyboard.press("?")
    dialog = opened.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog).to_be_visible()
    dialog.get_by_label("Shortcuts on").uncheck()
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()
    opened.keyboard.press("t")
    assert theme(opened) == "light"


def test_keys_typed_into_a_field_stay_there(opened: Page) -> None:
    field(opened, "seed").press("s")
    field(opened, "seed").press("Space")
    opened.wait_for_timeout(300)
    assert opened.evaluate("window.spiralDash.state") == "ready"


def test_on_a_phone_the_dials_wait_behind_their_button(
    context: BrowserContext, server: Server
) -> None:
    page = context.new_page()
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(server.url)
    ready(page)
    expect(page.locator("#dials")).to_be_hidden()
    toggle = page.locator("#dials-toggle")
    expect(toggle).to_have_attribute("aria-expanded", "false")
    toggle.click()
    expect(page.locator("#dials")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    toggle.click()
    # The page scrolls as a whole; the transport and the timeline stay in view.
    page.evaluate("window.scrollTo(0, 600)")
    assert page.evaluate("window.scrollY") == 600
    expect(page.locator("#play")).to_be_in_viewport()
    expect(page.locator("#timeline")).to_be_in_viewport()


def test_on_a_large_screen_dials_and_panels_scroll_by_themselves(opened: Page) -> None:
    for width, height in ((1366, 768), (1920, 1080), (1024, 768)):
        opened.set_viewport_size({"width": width, "height": height})
        opened.wait_for_timeout(300)
        root = opened.evaluate(
            "[document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
        )
        assert root == [width, height]
        cards = opened.locator("#panels > :visible")
        for index in range(3):
            expect(cards.nth(index)).to_be_in_viewport(ratio=0.9)


NAMELESS = """() => {
  const named = (e) => e.labels?.length || e.getAttribute("aria-label") || e.textContent.trim();
  const all = [...document.querySelectorAll("button, input, select, textarea")];
  const silent = (e) => e.hidden || e.type === "hidden" || named(e);
  return all.filter((e) => !silent(e)).map((e) => e.outerHTML.slice(0, 120));
}"""


def test_every_control_has_a_name(context: BrowserContext, server: Server) -> None:
    page = visit(context, f"{server.url}/?panels={','.join(PANELS)}")
    expect(page.locator(".panel-header")).to_have_count(len(PANELS))
    nameless: list[Any] = page.evaluate(NAMELESS)
    assert nameless == []
