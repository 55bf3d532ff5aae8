"""Lessons in a browser: steps, predictions, answers that stay, and the report."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import BrowserContext, Page

from scripts.browser import wait_until
from scripts.server import Server
from tests.browser.probing import SECONDS, visit

STATE = "window.spiralDash?.state === '{}'"


def heading(page: Page) -> str:
    return page.locator(".lesson h2").inner_text()


def until_step(page: Page, title: str) -> None:
    said = title.replace("'", "\\'")
    wait_until(page, f"document.querySelector('.lesson h2')?.textContent === '{said}'", SECONDS)


def test_a_person_predicts_plays_and_sees(context: BrowserContext, server: Server) -> None:
    page = visit(context, f"{server.url}/lesson/entanglement")
    wait_until(page, STATE.format("ready"), SECONDS)
    assert page.locator(".panel-card:visible, [data-panel]:visible").count() == 2
    assert page.locator(".dial:visible").count() == 0
    # Neither the space bar nor the buttons play before there is a prediction.
    page.keyboard.press("Space")
    page.locator("#step").click(force=True)
    page.locator(".notice", has_text="Predict before you play").wait_for()
    assert page.evaluate("[window.spiralDash.state, window.spiralDash.epoch]") == ["ready", 0]
    page.get_by_role("button", name="Commit my prediction").click()
    assert "Choose one" in page.locator(".lesson-problem").inner_text()
    page.get_by_text("between 10 and 100").click()
    page.get_by_role("button", name="Commit my prediction").click()
    assert page.locator(".lesson-why").count() == 0
    page.keyboard.press("Space")
    wait_until(page, "window.spiralDash.epoch > 0", SECONDS)
    page.keyboard.press("Space")
    page.locator(".lesson-why").wait_for()
    pairs = page.locator(".lesson-pair dd").all_inner_texts()
    assert pairs == ["between 10 and 100", "fewer than 10"]
    page.reload()
    page.locator(".lesson-why").wait_for()
    assert page.locator(".lesson-pair dd").all_inner_texts() == pairs


def test_a_step_brings_its_run_its_panels_and_its_dials(
    context: BrowserContext, server: Server
) -> None:
    page = visit(context, f"{server.url}/lesson/entanglement?step=2")
    until_step(page, "Twice as far")
    page.get_by_role("button", name="Next").click()
    until_step(page, "Your own")
    wait_until(page, "location.search.includes('data.entanglement=6.0')", SECONDS)
    assert "step=3" in page.url and "panels=boundary,metrics,complexity" in page.url
    assert "hide=" not in page.url and "lock=" not in page.url
    dials = page.locator(".dial:visible")
    assert dials.evaluate_all("(each) => each.map((dial) => dial.dataset.name)") == [
        "entanglement",
        "hidden",
    ]
    page.go_back()
    until_step(page, "Twice as far")
    wait_until(page, "!location.search.includes('data.entanglement')", SECONDS)
    assert page.locator(".dial:visible").count() == 0
    page.go_forward()
    until_step(page, "Your own")


def test_an_answer_that_cannot_be_kept_or_read_does_no_harm(
    context: BrowserContext, server: Server
) -> None:
    page = visit(context, f"{server.url}/lesson/codimension?step=2")
    key = "spiral-dash-lesson:codimension"
    title = heading(page)
    for kept in (
        "{",
        "[]",
        '{"answers": 3, "way": [-1, "x"], "author": {}}',
        f'{{"answers": {{"{title}": {{"kind": "number", "text": 3}}}}}}',
        f'{{"answers": {{"{title}": {{"kind": "choice", "text": "99", "predicted": true,'
        ' "played": true, "shown": true, "seen": null}}}',
    ):
        page.evaluate("([key, text]) => localStorage.setItem(key, text)", [key, kept])
        page.reload()
        page.locator(".lesson form").wait_for()
        assert heading(page) == title


HOSTILE = """async () => {
  const { reportHtml } = await import("/assets/report/html.mjs");
  const bad = `</title><script>alert("1")</script><img src=x onerror='alert(1)'>`;
  const table = { names: [bad, bad], rows: [[bad, [bad, bad]]] };
  const asked = { step: bad, askHtml: "<b>Which?</b>", predicted: true, chosenHtml: null, text: bad,
    rightHtml: "", whyHtml: "", verdict: "", seen: bad };
  return reportHtml({ title: bad, author: bad, date: new Date(0), link: `javascript:"${bad}`,
    remarks: [bad], figures: table, settings: table, answers: [asked],
    pictures: [{ title: bad, words: bad, source: `data:,"${bad}` }] });
}"""


def test_a_report_holds_answers_pictures_and_figures_and_nothing_from_outside(
    context: BrowserContext, server: Server, tmp_path: Path
) -> None:
    page = visit(context, f"{server.url}/lesson/entanglement?step=3")
    answer = "<script>alert(1)</script> & more"
    page.locator(".lesson textarea").fill(answer)
    page.get_by_role("button", name="Answer").click()
    page.get_by_role("button", name="Finish").click()
    page.locator("#lesson-author").fill("Ada <b>")
    page.locator('[data-panel="boundary"] .js-plotly-plot').wait_for()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download my report").click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    text = path.read_text(encoding="utf-8")
    assert path.name == "spiral-report-entanglement.html"
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; more" in text and "Ada &lt;b&gt;" in text
    assert "<script" not in text and "Not answered." in text and "Entanglement" in text
    assert 'src="data:image/png;base64,' in text and "step=3&amp;data.entanglement=6.0" in text
    assert not re.search(r"(src|href)=\"(?!data:image/png|http://127\.0\.0\.1)", text)
    hostile = page.evaluate(HOSTILE)
    assert "<script" not in hostile and "onerror='" not in hostile
    assert hostile.count("<img") == 1 and hostile.count("</title>") == 1
    assert "<b>Which?</b>" in hostile
