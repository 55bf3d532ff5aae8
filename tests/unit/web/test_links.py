"""A link as a QR picture: what is drawn, and what is refused with a sentence."""

from __future__ import annotations

import asyncio
import json
import re
import xml.etree.ElementTree as ET

import pytest
import segno

from spiral_dash.core.config import ConfigError
from spiral_dash.web import links
from spiral_dash.web.links import BYTES_MAX, QUIET, qr_svg
from tests.unit.web.conftest import Served
from tests.unit.web.test_recordings import post

LINK = "http://lab.example:8050/?lock=data,seed&network.hidden=8,8"


@pytest.mark.parametrize("link", [LINK, "https://x.example/" + "a" * 2_900, LINK + "&epoch=ä"])
def test_a_picture_has_the_modules_of_its_code_and_a_quiet_margin(link: str) -> None:
    root = ET.fromstring(qr_svg(link))
    side = segno.make_qr(link, error="l").symbol_size(border=QUIET)[0]
    assert root.attrib["viewBox"] == f"0 0 {side} {side}"
    assert "width" not in root.attrib
    names = {each.tag.rpartition("}")[2] for each in root.iter()}
    assert names == {"svg", "path"}


def test_the_longest_link_still_fits() -> None:
    start = "http://x/?"
    longest = start + "a" * (BYTES_MAX - len(start))
    assert qr_svg(longest)
    with pytest.raises(ConfigError, match=re.escape("holds 2,953 bytes, and this link has 2,954")):
        qr_svg(longest + "a")


@pytest.mark.parametrize(
    "link", ["", "javascript:alert(1)", "ftp://x", "x", "http://x/\n", "<svg/>", " http://x"]
)
def test_what_is_no_link_is_refused(link: str) -> None:
    with pytest.raises(ConfigError, match="link: expected an address of a page"):
        qr_svg(link)


def test_a_picture_is_made_beside_the_loop_that_serves_all(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    def drawn(link: str) -> str:
        with pytest.raises(RuntimeError, match="no running event loop"):
            asyncio.get_running_loop()
        return qr_svg(link)

    monkeypatch.setattr(links, "qr_svg", drawn)
    answer = served.request(links.QR, json.dumps({"link": LINK}).encode())
    assert answer.status == 200
    assert answer.body.decode() == qr_svg(LINK)


@pytest.mark.parametrize(
    ("length", "sentence"),
    [(BYTES_MAX + 1, "A QR picture holds"), (links.LENGTH_MAX + 1, "link: expected")],
)
def test_a_link_that_is_too_long_is_refused_with_a_sentence(
    served: Served, length: int, sentence: str
) -> None:
    link = "http://x/?" + "a" * (length - 10)
    answer = served.request(links.QR, json.dumps({"link": link}).encode())
    assert answer.status == 422
    assert answer.json()["error"].startswith(sentence)


def test_a_page_of_another_site_gets_no_picture(served: Served) -> None:
    evil = {"Origin": "https://evil.example"}
    answer = post(served, links.QR, "", json.dumps({"link": LINK}).encode(), evil)
    assert answer.status == 403
    assert "another site" in answer.json()["error"]
