"""The page's stylesheets, for those who have chosen their own colours."""

from __future__ import annotations

import re

import pytest

from spiral_dash.web.document import ASSETS

RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
FORCED = re.compile(r"@media \(forced-colors: active\) \{((?:[^{}]*\{[^{}]*\})*)\s*\}")


def selectors(styles: str, declares: str) -> set[str]:
    """The selectors of the rules whose declarations match."""
    styles = re.sub(r"/\*.*?\*/", "", styles, flags=re.DOTALL)
    found = [head for head, body in RULE.findall(styles) if re.search(declares, body)]
    return {" ".join(each.split()) for head in found for each in head.split(",")}


@pytest.mark.parametrize("path", sorted(ASSETS.rglob("*.css")), ids=lambda path: path.name)
def test_what_is_cut_out_of_a_colour_is_drawn_in_forced_colours(path: object) -> None:
    # A browser replaces the background that shows through by that of the page: nothing is seen.
    styles = (ASSETS / str(path)).read_text(encoding="utf-8")
    kept = "".join(FORCED.findall(styles))
    shapes = selectors(FORCED.sub("", styles), r"(?<![-\w])mask: (?!none)")
    assert shapes <= selectors(kept, "forced-color-adjust: none")
