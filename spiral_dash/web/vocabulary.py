"""What lessons may name of this page: its panels with their options."""

from __future__ import annotations

from spiral_dash.lessons.vocabulary import Vocabulary
from spiral_dash.web.panel_options import panel_options


def vocabulary() -> Vocabulary:
    """Return every panel's options as they are on the page."""
    return Vocabulary(panel_options())
