"""Whatever is turned, and however fast: dials, address, run and picture are of one run."""

from __future__ import annotations

import json
import random
from typing import Any
from urllib.parse import parse_qsl, urlencode

from playwright.sync_api import Page

from scripts.browser import wait_until
from scripts.server import Server
from spiral_dash import RunConfig
from spiral_dash.web.address import READERS
from spiral_dash.web.form import texts_of
from tests.browser.probing import SECONDS, hurry, renewed

DIALS = {
    "data.entanglement": ("3", "5.5", "8"),
    "data.samples_per_arm": ("60", "90", "nonsense"),
    "network.activation": ("tanh", "relu", "sigmoid"),
    "training.learning_rate": ("0.01", "0.003", "-1"),
    "training.batch_size": ("10", "25"),
    "seed": ("1", "2"),
}
LAYERS = ("0", "1", "3")
BUTTONS = ("play", "play", "reset", "new-seed", "step", "step-batch")

# What a frame shows is of the configuration that the page was told of its run.
OBSERVE = """async () => {
  const { page } = await import("/assets/page/page.mjs");
  window.mixed = [];
  window.steps = 0;
  const { pushState } = history;
  history.pushState = (...given) => pushState.apply(history, (window.steps++, given));
  window.addEventListener("spiral-dash:status", ({ detail }) => {
    const { config } = page.run;
    const units = page.run.sizes?.slice(1, -1) ?? detail.config.network.hidden;
    if (String(units) !== String(detail.config.network.hidden)) window.mixed.push(units);
    if (config.run !== detail.run) return;
    // The training of a run under way changes between two of its frames.
    const [shown, told] = [detail.config, config.config].map(({ data, network, seed }) =>
      JSON.stringify([data, network, seed]));
    if (shown !== told) window.mixed.push([shown, told]);
  });
}"""
STATE = """async () => {
  const { page } = await import("/assets/page/page.mjs");
  const dials = {};
  for (const dial of document.querySelectorAll(".dial[data-name]")) {
    const { group, name } = dial.dataset;
    const field = dial.querySelector("input[type=text], select");
    if (field) dials[group === "run" ? name : `${group}.${name}`] = field.value;
  }
  const { config, state } = page.run;
  return {
    dials, told: config.config, training: config.training, run: config.run,
    shown: state.status.config, shownRun: state.status.run,
    waiting: page.run.waiting.size, mixed: window.mixed,
    layers: [...document.querySelectorAll(".layer-units input")].map(({ value }) => value),
    count: document.getElementById("layers").value, search: location.search,
  };
}"""
PAUSE = """() => import("/assets/page/page.mjs").then(({ page }) =>
  page.run.ask({ do: "pause" }))"""
TURN = """([group, name, value]) =>
  window.dash_clientside.set_props({ type: "field", group, name }, { value })"""


def turn(page: Page, chance: random.Random) -> None:
    """Do one thing that a person can do, and do not wait for what comes of it."""
    kind = chance.choices(["dial", "layers", "button", "preset", "back"], [8, 2, 4, 1, 1])[0]
    if kind == "dial":
        path = chance.choice(list(DIALS))
        *group, name = path.split(".")
        page.evaluate(TURN, [group[0] if group else "run", name, chance.choice(DIALS[path])])
    elif kind == "layers":
        page.evaluate(
            "value => window.dash_clientside.set_props('layers', { value })", chance.choice(LAYERS)
        )
    elif kind == "button":
        page.evaluate("id => document.getElementById(id).click()", chance.choice(BUTTONS))
    elif kind == "preset":
        page.evaluate(
            "index => document.querySelectorAll('#presets [data-search]')[index].click()",
            chance.randrange(3),
        )
    else:
        page.evaluate("window.steps > 0 && (window.steps--, history.back())")


def settled(page: Page) -> dict[str, Any]:
    """What the page is once nothing is under way."""
    for _ in range(2):
        page.wait_for_timeout(700)
        page.evaluate(PAUSE)
        wait_until(page, "window.spiralDash.state !== 'playing'", SECONDS)
    page.wait_for_timeout(700)
    found: dict[str, Any] = page.evaluate(STATE)
    return found


def of_the_run(search: str) -> str:
    """An address without what it says of the page."""
    pairs = parse_qsl(search.removeprefix("?"), keep_blank_values=True)
    own = [(name, text) for name, text in pairs if name not in READERS and "panel." not in name]
    return urlencode(own)


def test_everything_is_of_one_configuration(lasting_page: Page, server: Server) -> None:
    page = renewed(lasting_page, server.url, "data.samples_per_arm=60&network.hidden=4,4")
    hurry(page)
    page.evaluate(OBSERVE)
    chance = random.Random(2)
    for _ in range(2):
        for _ in range(10):
            turn(page, chance)
            page.wait_for_timeout(chance.choice([0, 30, 150, 400]))
        found = settled(page)
        assert found["mixed"] == []
        assert found["waiting"] == 0
        assert found["run"] == found["shownRun"]
        assert found["told"] == found["shown"]
        told = RunConfig.parse(found["told"])
        assert RunConfig.from_query(of_the_run(found["search"])) == told
        present = told.replace(training=found["training"], schedule=())
        texts = texts_of(present)
        wrong = {
            path: (text, texts[path])
            for path, text in found["dials"].items()
            if path in DIALS and path in texts and text not in (texts[path], "nonsense", "-1")
        }
        assert wrong == {}, json.dumps(wrong)
        hidden = [str(units) for units in present.network.hidden]
        assert found["count"] == str(len(hidden))
        assert found["layers"][: len(hidden)] == hidden
