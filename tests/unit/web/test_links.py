"""A link as a QR picture: what is drawn, and what is refused with a sentence."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest
import segno

from spiral_dash.core.config import ConfigError
from spiral_dash.web.links import BYTES_MAX, QUIET, qr_svg

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
