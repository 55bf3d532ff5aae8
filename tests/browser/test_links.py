"""Links for a class: dials that a link hides or locks."""

from __future__ import annotations

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
