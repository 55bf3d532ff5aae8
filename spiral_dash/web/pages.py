"""Pages beside the laboratory, plain HTML: one head for all, with the theme."""

from __future__ import annotations

from html import escape

from spiral_dash.web.markup import below

ASSETS_PATH, BOOTSTRAP = "/assets/", "/bootstrap.min.css"

DOCUMENT = """<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>{title} · Spiral Dash</title>
    <link rel="icon" type="image/svg+xml" href="{assets}favicon.svg">
    <script src="{assets}shell/early.js"></script>
    <link rel="stylesheet" href="{bootstrap}">
    <link rel="stylesheet" href="{assets}theme.css">
    <link rel="stylesheet" href="{assets}{style}">{script}
  </head>
  <body class="{kind}">{before}
    <main>
{content}
    </main>
  </body>
</html>
"""
SCRIPT = """
    <script type="module" src="{address}"></script>"""


def document(
    root: str,
    title: str,
    content: str,
    *,
    kind: str,
    style: str,
    script: str = "",
    before: str = "",
) -> str:
    """Return a page of the server at `root` whose `content`, and what is `before` it, is HTML.

    `kind` are the classes of its body; `style` and `script` lie in the assets.
    """
    assets = below(root, ASSETS_PATH)
    return DOCUMENT.format(
        assets=assets,
        bootstrap=below(root, BOOTSTRAP),
        title=escape(title),
        style=style,
        script=SCRIPT.format(address=assets + script) if script else "",
        kind=kind,
        before=before,
        content=content,
    )
