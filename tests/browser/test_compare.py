"""Two runs compared: in step, on equal scales, and what is wrong with one harms no other."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

from playwright.sync_api import BrowserContext, Page, WebSocketRoute, expect

from scripts.browser import wait_until
from scripts.server import Server
from tests.browser.probing import download, read_blocks, visit
from tests.browser.test_downloads import SVG

SECONDS = 60.0
SMALL = "data.samples_per_arm=100&network.hidden=4,4&speed=full"
BOTH = "window.spiralDash?.second?.state"
APART = """(count) => new Promise((resolve) => {
  const seen = [];
  const look = () => {
    const { shownEpoch, second } = window.spiralDash;
    seen.push([shownEpoch, second.shownEpoch]);
    if (seen.length < count) requestAnimationFrame(look);
    else resolve(seen);
  };
  look();
})"""
BANNER = """window.addEventListener("spiral-dash:connection", ({ detail }) => {
  window.isThere = detail.connected;
})"""
RANGES = """[...document.querySelectorAll("[data-panel=mapping] .js-plotly-plot")].map(
  ({ _fullLayout: { xaxis, yaxis } }) => [xaxis.range, yaxis.range])"""


def epochs(page: Page) -> list[int]:
    found: list[int] = page.evaluate(
        "[window.spiralDash.shownEpoch, window.spiralDash.second.shownEpoch]"
    )
    return found


def query(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query, keep_blank_values=True)


def test_two_runs_are_shown_in_step(
    context: BrowserContext, server: Server, tmp_path: Path
) -> None:
    page = visit(
        context, f"{server.url}/?{SMALL}&vs.network.hidden=50,50,50&panels=mapping,metrics"
    )
    wait_until(page, f"{BOTH} === 'ready'", SECONDS)
    strip = page.get_by_role("region", name="Two runs compared")
    expect(strip.get_by_role("row", name="A", exact=False).nth(1)).to_contain_text("4,4")
    page.keyboard.press(" ")
    wait_until(page, "window.spiralDash.shownEpoch >= 3", SECONDS)
    seen = page.evaluate(APART, 40)
    assert all(abs(one - other) <= 1 for one, other in seen)
    wait_until(page, f"window.spiralDash.shownEpoch > {seen[-1][0] + 2}", SECONDS)
    page.keyboard.press(" ")
    wait_until(page, f"window.spiralDash.state === 'paused' && {BOTH} === 'paused'", SECONDS)
    one, other = epochs(page)
    assert one == other

    page.locator("#timeline").fill("2")
    wait_until(page, "window.spiralDash.shownEpoch === 2", SECONDS)
    wait_until(page, "window.spiralDash.second.shownEpoch === 2", SECONDS)
    # Equal scales, with traces as on the canvas.
    wait_until(page, f"({RANGES}).length === 2", SECONDS)
    wait_until(page, f"JSON.stringify({RANGES}[0]) === JSON.stringify({RANGES}[1])", SECONDS)
    legend = page.locator("[data-panel=metrics] .legend")
    expect(legend).to_have_count(1)
    assert legend.locator("text").all_text_contents() == ["train", "test", "A", "B"]
    table = download(page, "mapping", "csv", tmp_path).read_text(encoding="utf-8")
    assert "# configuration of run B: {" in table
    names = {block.name for block in read_blocks(table)}
    first = {name for name in names if not name.startswith("b.")}
    assert first
    assert names == first | {f"b.{name}" for name in first}
    picture = ElementTree.parse(download(page, "mapping", "svg", tmp_path)).getroot()
    assert len(picture.findall(f"{SVG}svg")) == 2

    before = page.evaluate("[window.spiralDash.session, window.spiralDash.second.session]")
    page.reload()
    wait_until(page, BOTH, SECONDS)
    after = page.evaluate("[window.spiralDash.session, window.spiralDash.second.session]")
    assert after == before
    wait_until(page, "window.spiralDash.second.shownEpoch === 2", SECONDS)

    strip.get_by_role("button", name="Swap").click()
    expect(strip.get_by_role("row").nth(1)).to_contain_text("50,50,50")
    assert query(page)["vs.network.hidden"] == ["4,4"]
    strip.get_by_role("button", name="End").click()
    expect(strip).to_be_hidden()
    assert query(page)["network.hidden"] == ["50,50,50"]
    assert not any(name.startswith("vs") for name in query(page))


def test_both_networks_are_seen_whole(context: BrowserContext, server: Server) -> None:
    page = visit(context, f"{server.url}/?vs.network.activation=relu")
    wait_until(page, f"{BOTH} === 'ready'", SECONDS)
    halves = page.locator("[data-panel=network] .network")
    expect(halves).to_have_count(2)
    page.keyboard.press("d")  # room for two
    for half in halves.all():
        expect(half.get_by_text("outputs")).to_be_visible()
        expect(half.get_by_role("button", name="One unit more in layer 1")).to_have_count(0)
        assert half.evaluate("({scrollWidth, clientWidth}) => scrollWidth === clientWidth")
    # There is no room for buttons that change a layer; its name opens what does.
    halves.first.get_by_role("button", name="Layer 1, 8 units: change").click()
    expect(page.get_by_role("dialog").or_(page.locator(".network-sheet")).first).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="End", exact=True).click()
    expect(halves).to_have_count(1)
    expect(halves.get_by_role("button", name="One unit more in layer 1")).to_be_visible()


def test_dials_turn_the_run_that_is_chosen(context: BrowserContext, server: Server) -> None:
    page = visit(context, f"{server.url}/?{SMALL}&vs.network.activation=tan&panels=metrics")
    expect(page.locator("#notices")).to_contain_text("vs.network.activation: expected one of")
    strip = page.get_by_role("region", name="Two runs compared")
    expect(strip).to_be_hidden()
    page.keyboard.press("s")
    wait_until(page, "window.spiralDash.shownEpoch === 1", SECONDS)
    page.keyboard.press("c")
    # A copy, trained as far.
    wait_until(page, f"{BOTH} === 'paused' && window.spiralDash.second.epoch === 1", SECONDS)
    expect(strip.get_by_role("radio", name="B", exact=True)).to_be_checked()
    activation = page.locator('.dial[data-name="activation"] select')
    activation.select_option("relu")
    wait_until(page, "location.search.includes('vs.network.activation=relu')", SECONDS)
    # Both begin anew, so that they are in step.
    wait_until(
        page, "window.spiralDash.epoch === 0 && window.spiralDash.second.epoch === 0", SECONDS
    )
    strip.get_by_role("radio", name="A", exact=True).check()
    expect(activation).to_have_value("tanh")
    strip.get_by_role("radio", name="both").check()
    seed = page.locator('.dial[data-group="run"][data-name="seed"] input[type=text]')
    seed.fill("5")
    seed.press("Enter")
    wait_until(page, "/[?&]seed=5/.test(location.search)", SECONDS)
    assert query(page)["vs.network.activation"] == ["relu"]
    assert "vs.seed" not in query(page)
    strip.get_by_role("button", name="Copy A to B").click()
    wait_until(page, "location.search.includes('vs=same')", SECONDS)


def test_a_second_run_that_sleeps_says_so_and_is_woken(
    context: BrowserContext, server: Server
) -> None:
    page = context.new_page()
    sockets: list[WebSocketRoute] = []

    def follow(socket: WebSocketRoute) -> None:
        socket.connect_to_server()
        sockets.append(socket)

    page.route_web_socket("**/stream?*", follow)
    page.goto(f"{server.url}/?{SMALL}&vs.network.hidden=4&panels=boundary")
    wait_until(page, f"{BOTH} === 'ready'", SECONDS)
    token = page.evaluate("window.spiralDash.second.session")
    (second,) = [socket for socket in sockets if token in socket.url]
    page.evaluate(BANNER)
    second.send(json.dumps({"event": "asleep", "text": "This session sleeps.", "wakes": True}))
    notices = page.locator("#notices")
    expect(notices).to_contain_text("Run B: This session sleeps.")
    wait_until(page, "window.isThere === true")
    notices.get_by_role("button", name="Wake run B").click()
    page.keyboard.press(" ")
    wait_until(page, "window.spiralDash.second.shownEpoch >= 3", SECONDS)
    expect(notices).not_to_contain_text("Run B")
