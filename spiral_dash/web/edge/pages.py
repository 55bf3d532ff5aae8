"""The pages before the laboratory: plain HTML, with no script but that of the theme."""

from __future__ import annotations

from html import escape
from urllib.parse import parse_qs

from starlette.requests import Request

from spiral_dash.web import pages
from spiral_dash.web.edge.secrets import SECRET_MAX
from spiral_dash.web.markup import below

HEADERS = {
    "Cache-Control": "no-store",
    # Without a referrer at all, browsers send a form with the origin "null".
    "Referrer-Policy": "same-origin",
}
FIELDS_MAX = 5

ENTER = """      <div class="card-like">
        <h1>{title}</h1>
        <p id="about">{about}</p>
        <form class="enter" method="post" action="{action}">
          <label for="secret">{label}</label>
          <input class="form-control" id="secret" name="secret" type="password" maxlength="{most}"
            autocomplete="current-password" aria-describedby="about refusal" required autofocus>
          <input type="hidden" name="next" value="{following}">
          <p class="refusal" id="refusal" role="alert">{refusal}</p>
          <button class="btn btn-accent" type="submit">Open</button>
        </form>
      </div>"""


def document(root: str, title: str, content: str, kind: str = "") -> str:
    """Return a page before a door or behind it, whose content is HTML."""
    return pages.document(
        root, title, content, kind=f"doors {kind}".rstrip(), style="doors/doors.css"
    )


def enter_page(
    root: str, title: str, about: str, label: str, *, action: str, following: str, refusal: str
) -> str:
    """Return a page that asks for a secret."""
    content = ENTER.format(
        title=escape(title),
        about=escape(about),
        label=escape(label),
        action=below(root, action),
        following=escape(following),
        refusal=escape(refusal),
        most=SECRET_MAX,
    )
    return document(root, title, content, "narrow")


async def form_of(request: Request) -> dict[str, str]:
    """Return the fields of a small form; none where what was sent is no such form."""
    text = (await request.body()).decode("utf-8", "replace")
    try:
        fields = parse_qs(text, max_num_fields=FIELDS_MAX)
    except ValueError:
        return {}
    return {name: values[0] for name, values in fields.items()}
