"""Links for a class: dials that a link hides or locks."""

from __future__ import annotations

import re

from playwright.sync_api import BrowserContext, expect

from scripts.browser import wait_until
from scripts.server import Server
from tests.browser.probing import visit

SECONDS = 30.0
LINK = "panels=metrics&hide=training.l1,data&lock=seed,network.hidden,nonsense&network.hidden=4,4"
CONFIG = "(await import('/assets/page/page.mjs')).page.run.config"


def test_locked_dials_stay_as_the_link_says(context: BrowserContext, server: Server) -> None:
    page = visit(context, f"{server.url}/?{LINK}")
    expect(page.locator("#notices")).to_contain_text("lock: expected names of dials")
    hidden = page.locator('.dial[data-name="l1"], .dial[data-group="data"]')
    assert hidden.count() > 1
    for index in range(hidden.count()):
        expect(hidden.nth(index)).to_be_hidden()
    layers = page.locator('.dial[data-name="hidden"]')
    expect(layers).to_contain_text("Locked by the link")
    for control in layers.locator("input, .btn-step").all():
        expect(control).to_be_disabled()
    expect(layers.locator(".hint-button")).to_be_enabled()
    expect(page.locator("#new-seed")).to_be_disabled()

    before = page.evaluate(f"async () => {CONFIG}")
    page.evaluate("window.dash_clientside.set_props('layers', { value: '7' })")
    page.locator("#presets-open").click()
    page.get_by_role("button", name="Circle", exact=True).click()
    wait_until(page, "new URLSearchParams(location.search).get('data.kind') === 'circle'", SECONDS)
    page.keyboard.press("n")
    after = page.evaluate(f"async () => {CONFIG}")
    assert after["config"]["network"]["hidden"] == before["config"]["network"]["hidden"] == [4, 4]
    assert after["config"]["seed"] == before["config"]["seed"]
    assert "lock=seed,network.hidden" in page.url
    page.reload()
    wait_until(page, "window.spiralDash?.framesPainted > 0", SECONDS)
    expect(page.locator('.dial[data-name="seed"] input').last).to_be_disabled()


def test_a_link_for_a_class_is_made_and_opens_the_same(
    context: BrowserContext, server: Server
) -> None:
    page = visit(context, f"{server.url}/?panels=metrics&panel.metrics.scale=log&speed=5&seed=4")
    page.locator("#run-menu > summary").click()
    page.locator("#link-open").click()
    page.locator('#link-dials select[data-path="network.activation"]').select_option("lock")
    for path in ("training.l1", "training.l2"):
        page.locator(f'#link-dials select[data-path="{path}"]').select_option("hide")
    expect(page.locator("#link-qr svg path").first).to_be_attached()
    link = page.locator("#link-text").input_value()
    expect(page.locator("#link-said")).to_contain_text("your own machine")
    page.close()

    other = visit(context, link)
    expect(other.locator('.dial[data-name="activation"] select')).to_be_disabled()
    expect(other.locator('.dial[data-name="l2"]')).to_be_hidden()
    expect(other.locator("#speed")).to_have_value("5")
    assert "seed=4" in other.url and "panel.metrics.scale=log" in other.url
    other.locator("#run-menu > summary").click()
    other.locator("#link-open").click()
    other.get_by_role("button", name="Lock all").click()
    expect(other.locator("#link-text")).to_have_value(re.compile("&lock=.*seed"))
    assert "hide=" not in other.locator("#link-text").input_value()
