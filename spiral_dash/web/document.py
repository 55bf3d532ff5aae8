"""The HTML in which the page arrives, so ordered that the first picture waits for little."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from dash import Dash

from spiral_dash.web import ids

PLOTLY = "plotly/plotly-cartesian.min.js"
"""A third of the Plotly that Dash would load with the first graph: no maps and no scenes."""
FIRST = "page/page.mjs"
"""Asks for a session and paints its first picture, before Dash has begun."""

LESSON_HEAD = "<!-- lesson: head -->"
"""Where a page takes what a lesson adds, before the first script, which looks for it."""
LESSON_BODY = "<!-- lesson -->"
"""Where it takes the lesson's place, before all else, so that the text is there first."""

IMPORT = re.compile(r'^(?:import|export)\b[^"\']*?["\'](\.[^"\']+)["\'];', re.MULTILINE)
SOURCE = re.compile(r'<script[^>]* src="([^"]+)"')

PAGE = """<!DOCTYPE html>
<html lang="en">
  <head>
    {metas}
    <title>{title}</title>
    <link rel="icon" type="image/svg+xml" href="{assets}favicon.svg">
    <script src="{assets}shell/early.js"></script>
    <script src="{assets}shell/later.js"></script>
    {css}
    {lesson_head}
    <script type="module" async src="{assets}{first}"></script>
    {modules}
    {preloads}
    <script type="module" src="{assets}shell/main.mjs"></script>
  </head>
  <body>
    {lesson_body}
    {app_entry}
    <canvas id="{opening}" class="opening" aria-hidden="true"></canvas>
    <noscript>This laboratory runs in the browser and needs JavaScript.</noscript>
    <template id="{later}">
      <script src="{assets}{plotly}"></script>
      {config}
      {scripts}
      {renderer}
    </template>
  </body>
</html>
"""


def _assets() -> Path:
    """Return the page's files: inside an installed package, at the top of the repository else."""
    inside = Path(__file__).resolve().parent / "assets"
    return inside if inside.is_dir() else inside.parents[2] / "assets"


ASSETS = _assets()


class Document(Dash):
    """Dash in a document of our own: its scripts are loaded at once and run after ours."""

    def interpolate_index(  # type: ignore[override]
        self, **parts: str
    ) -> str:
        """Return the document; `parts` are what Dash puts into one, by its names."""
        assets = self.get_asset_url("")
        later = [assets + PLOTLY, *SOURCE.findall(parts["scripts"])]
        return PAGE.format(
            **{name: parts[name] for name in ("metas", "title", "css", "config", "scripts")},
            app_entry=parts["app_entry"],
            renderer=parts["renderer"],
            assets=assets,
            first=FIRST,
            lesson_head=LESSON_HEAD,
            lesson_body=LESSON_BODY,
            plotly=PLOTLY,
            opening=ids.OPENING,
            later=ids.LATER,
            modules=_links("modulepreload", [assets + module for module in imported(FIRST)]),
            preloads=_links("preload", later, ' as="script" fetchpriority="low"'),
        )


def _links(kind: str, addresses: list[str], more: str = "") -> str:
    return "\n    ".join(f'<link rel="{kind}" href="{address}"{more}>' for address in addresses)


@cache
def imported(script: str) -> list[str]:
    """Return the scripts that `script` needs before it runs, itself left out, by their paths.

    A browser that is told of them all at once need not find them one by one.
    """
    found: list[str] = []
    waiting = [script]
    for path in waiting:
        source = (ASSETS / path).read_text(encoding="utf-8")
        for address in IMPORT.findall(source):
            needed = (ASSETS / path).parent.joinpath(address).resolve()
            name = needed.relative_to(ASSETS.resolve()).as_posix()
            if name not in waiting:
                waiting.append(name)
                found.append(name)
    return found
