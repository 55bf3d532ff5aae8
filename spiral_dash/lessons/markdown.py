"""Markdown to HTML that holds no scripts, no HTML of its own and no pictures."""

from __future__ import annotations

import html
from collections.abc import Sequence
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererProtocol
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from spiral_dash.core.config import shown
from spiral_dash.lessons.formula import FormulaError, mathml
from spiral_dash.lessons.problems import Problems

LENGTH_MAX = 6_000
"""Characters of one text, which bounds the time: nested brackets take its square."""


def render(text: str, line: int, problems: Problems, *, inline: bool = False) -> str:
    """Return `text`, which begins in `line` of its file, as HTML; note what is not allowed."""
    if len(text) > LENGTH_MAX:
        problems.add(line, f"expected a text of at most {LENGTH_MAX} characters, got {len(text)}.")
        return ""
    tokens = _READER.parseInline(text) if inline else _READER.parse(text)
    before = len(problems)
    _check(tokens, line, problems)
    if len(problems) > before:
        return ""
    written: str = _READER.renderer.render(tokens, _READER.options, {})
    return written.strip()


def _check(tokens: Sequence[Token], line: int, problems: Problems) -> None:
    for token in tokens:
        place = line + (token.map[0] if token.map else 0)
        match token.type:
            case "html_block" | "html_inline":
                problems.add(
                    place,
                    f"expected text without HTML, got {shown(token.content.strip())}. Write "
                    "< as \\< where it is meant.",
                )
            case "image":
                problems.add(
                    place, "expected text and formulas, got a picture: the panels show it."
                )
            case "link_open":
                _check_link(str(token.attrGet("href") or ""), place, problems)
            case "heading_open" if token.tag in {"h1", "h2"}:
                problems.add(place, "expected ### for a heading within a step, got another.")
            case "formula" | "formula_block":
                try:
                    token.meta["mathml"] = mathml(
                        token.content, block=token.type == "formula_block"
                    )
                except FormulaError as error:
                    problems.add(place, f"{error}.")
        if token.children:
            _check(token.children, place, problems)


def _check_link(address: str, line: int, problems: Problems) -> None:
    try:
        parts = urlsplit(address)
    except ValueError:
        parts = None
    allowed = parts is not None and (
        parts.scheme in {"http", "https"} or not (parts.scheme or parts.netloc)
    )
    if not allowed or address.startswith(("//", "/\\", "\\")):
        problems.add(line, f"expected a link with http, https or no scheme, got {shown(address)}.")
    # `java\nscript:` and the like are escaped by the parser, so that they name no scheme.


def _formula(state: StateInline, silent: bool) -> bool:
    """Take `$x$`, or `$$x$$` for a line of its own, as a formula."""
    start, source = state.pos, state.src
    if source[start] != "$":
        return False
    mark = "$$" if source.startswith("$$", start) else "$"
    begin = start + len(mark)
    end = begin
    while True:
        end = source.find(mark, end)
        if end < 0 or end > begin + LENGTH_MAX:
            return False
        if source[end - 1] != "\\":
            break
        end += 1
    content = source[begin:end]
    prose = mark == "$" and (content[:1].isspace() or content[-1:].isspace() or not content)
    after = end + len(mark)
    if prose or not content.strip() or (mark == "$" and source[after : after + 1].isdigit()):
        return False  # two prices rather than a formula
    if not silent:
        token = state.push("formula_block" if mark == "$$" else "formula", "math", 0)
        token.content = content.strip()
    state.pos = after
    return True


def _formula_written(
    self: RendererProtocol, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    return str(tokens[index].meta["mathml"])


def _escaped(
    self: RendererProtocol, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    return html.escape(tokens[index].content)


def _link_written(
    self: RendererProtocol, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    """Open what is elsewhere in a tab of its own, so that the lesson stays."""
    address = html.escape(str(tokens[index].attrGet("href") or ""))
    return f'<a href="{address}" target="_blank" rel="noopener noreferrer">'


def _reader() -> MarkdownIt:
    # HTML is recognised in order to be refused.
    reader = MarkdownIt("commonmark", {"html": True}).enable("table")
    reader.validateLink = lambda url: True  # type: ignore[method-assign]  # each is judged with its line
    reader.inline.ruler.before("escape", "formula", _formula)
    for name in ("formula", "formula_block"):
        reader.add_render_rule(name, _formula_written)
    for name in ("html_block", "html_inline"):
        reader.add_render_rule(name, _escaped)
    reader.add_render_rule("link_open", _link_written)
    return reader


_READER = _reader()
