"""The pages before the laboratory: plain HTML, without scripts."""

from __future__ import annotations

from html import escape

HEADERS = {
    "Cache-Control": "no-store",
    # Without a referrer at all, browsers send a form with the origin "null".
    "Referrer-Policy": "same-origin",
}

DOCUMENT = """<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>{title} · Spiral Dash</title>
    <link rel="icon" type="image/svg+xml" href="{root}assets/favicon.svg">
    <script src="{root}assets/shell/early.js"></script>
    <link rel="stylesheet" href="{root}bootstrap.min.css">
    <link rel="stylesheet" href="{root}assets/theme.css">
    <link rel="stylesheet" href="{root}assets/doors/doors.css">
  </head>
  <body class="doors {kind}">
    <main>
{content}
    </main>
  </body>
</html>
"""
ENTER = """
      <div class="card-like">
        <h1>{title}</h1>
        <p id="about">{about}</p>
        <form class="enter" method="post" action="{action}">
          <label for="secret">{label}</label>
          <input class="form-control" id="secret" name="secret" type="password" maxlength="500"
            autocomplete="current-password" aria-describedby="about refusal" required autofocus>
          <input type="hidden" name="next" value="{following}">
          <p class="refusal" id="refusal" role="alert">{refusal}</p>
          <button class="btn btn-accent" type="submit">Open</button>
        </form>
      </div>"""


def document(root: str, title: str, content: str, kind: str = "") -> str:
    """Return a page whose content is HTML."""
    return DOCUMENT.format(root=root, title=escape(title), content=content, kind=kind)


def enter_page(
    root: str, title: str, about: str, label: str, *, action: str, following: str, refusal: str
) -> str:
    """Return a page that asks for a secret."""
    content = ENTER.format(
        title=escape(title),
        about=escape(about),
        label=escape(label),
        action=root + action,
        following=escape(following),
        refusal=escape(refusal),
    )
    return document(root, title, content, "narrow")
