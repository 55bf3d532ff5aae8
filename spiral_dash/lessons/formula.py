"""Formulas: TeX to MathML Core, of which nothing but known elements and attributes is kept."""

from __future__ import annotations

import html
from xml.etree.ElementTree import Element

from latex2mathml.converter import convert_to_element

LENGTH_MAX = 500
DEPTH_MAX = 24
ELEMENTS = frozenset({
    "math", "mrow", "mi", "mn", "mo", "ms", "mtext", "mspace", "mfrac", "msqrt", "mroot", "msub",
    "msup", "msubsup", "munder", "mover", "munderover", "mtable", "mtr", "mtd", "mstyle", "mpadded",
    "mphantom",
})  # fmt: skip
ATTRIBUTES = frozenset({
    "display", "displaystyle", "fence", "stretchy", "form", "largeop", "movablelimits", "accent",
    "accentunder", "mathvariant", "minsize", "maxsize", "symmetric", "width", "height", "depth",
    "lspace", "rspace", "linethickness", "columnalign",
})  # fmt: skip


class FormulaError(ValueError):
    """A formula that cannot be shown; the message says what was expected and what arrived."""


def mathml(tex: str, *, block: bool = False) -> str:
    """Return a formula as MathML; raise `FormulaError` where it is none."""
    if len(tex) > LENGTH_MAX:
        raise FormulaError(f"expected a formula of at most {LENGTH_MAX} characters, got {len(tex)}")
    shown = tex if len(tex) <= 40 else f"{tex[:40]}…"
    if _depth(tex) > DEPTH_MAX:
        raise FormulaError(f"expected at most {DEPTH_MAX} braces within each other in ${shown}$")
    try:
        element = convert_to_element(tex, display="block" if block else "inline")
    except Exception as error:  # the converter has many ways to give up, of no common kind
        raise FormulaError(f"expected a formula in TeX, got ${shown}$, which is none") from error
    return _written(element, shown)


def _depth(tex: str) -> int:
    deepest = depth = 0
    for letter in tex:
        depth += (letter == "{") - (letter == "}")
        deepest = max(deepest, depth)
    return deepest


def _written(element: Element, shown: str) -> str:
    if element.tag not in ELEMENTS:
        raise FormulaError(f"expected plain mathematics, got ${shown}$, which asks for more")
    text = html.unescape(element.text or "")
    if text.startswith("\\") and element.tag in {"mi", "mo"}:
        raise FormulaError(f"expected commands that are known, got {text} in ${shown}$")
    known = [(name, value) for name, value in element.items() if name in ATTRIBUTES]
    unknown = {name for name, _ in element.items()} - ATTRIBUTES - {"xmlns"}
    if unknown:
        raise FormulaError(f"expected plain mathematics, got ${shown}$, which asks for more")
    attributes = "".join(f' {name}="{html.escape(value)}"' for name, value in known)
    inner = html.escape(text) + "".join(_written(each, shown) for each in element)
    return f"<{element.tag}{attributes}>{inner}</{element.tag}>"
