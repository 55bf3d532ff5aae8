"""Write docs/measurements.md from the probes themselves: `python -m scripts.measurements`."""

from __future__ import annotations

import inspect
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from scripts.server import ROOT
from spiral_dash.core.probes import PROBES, Probe

PAGE = ROOT / "docs" / "measurements.md"

HEAD = """\
# Measurements

Every measurement is a pure function of a network, its data and a few options. Take one by name:

    run.measure("{example}", layer=2)             # now
    run.measure("{example}", epoch=10, layer=2)   # as it was after epoch 10
    run.over_time("norms")                         # its summary, over the epochs

Each returns named numpy arrays. Below, N counts points, m classes, L weight matrices (layers are
counted 1 to L, the last gives the logits), E epsilons, R nodes of a grid along an axis. Sections,
equations and figures are those of the dissertation unless a paper is named. This page is
generated from the code by `python -m scripts.measurements`.

## Where the dissertation's program departs from its text

The definitions here follow the text. Its program differs in four places, which explains figures
that do not agree:

1. It stores each epoch's weights without copying them, so that every stored epoch shows the final
   weights. Here a snapshot is a copy.
2. Its BIM re-centres the clipping of eq. 4.5 on each iterate. After N iterations of step ε/2 an
   example may lie (1 + N/2)·ε from its point, not ε: with the thesis' 4 iterations 3ε. It reports
   10.4 % (tanh) and 4.6 % (relu) robust accuracy at ε = 2 on networks whose exact robust accuracy
   is 57 % and 85 %. Here every iterate stays within ε of the original point, and the step α is an
   option.
3. One global seed is set inside the network's constructor. Here the data, the weights, the
   batches and the measurements each have a generator of their own.
4. Its counts per class run past the last batch, and its losses are those of the last batch. Here
   both are means over the whole set.
"""


def page() -> str:
    """Return the page's Markdown."""
    parts = [HEAD.format(example="eigenvalues")]
    parts += [_section(PROBES[name]) for name in sorted(PROBES)]
    return "\n".join(parts)


def _section(probe: Probe[Any]) -> str:
    lines = [f"## {probe.name}", "", inspect.cleandoc(probe.measure.__doc__ or ""), ""]
    lines += [f"Source: {probe.source}.", ""]
    fields = probe.options.model_fields
    if fields:
        lines += [inspect.cleandoc(probe.options.__doc__ or ""), ""]
        lines += ["| option | default |", "|---|---|"]
        lines += [f"| `{name}` | `{_default(field)}` |" for name, field in fields.items()]
        lines.append("")
    lines += ["| array | shape, unit and meaning |", "|---|---|"]
    lines += [f"| `{name}` | {_cell(text)} |" for name, text in probe.returns.items()]
    lines.append("")
    if probe.summary:
        followed = ", ".join(f"`{name}`" for name in probe.summary)
        lines += [f'`run.over_time("{probe.name}")` follows {followed} over the epochs.', ""]
    return "\n".join(lines)


def _default(field: FieldInfo) -> str:
    return "required" if field.default is PydanticUndefined else repr(field.default)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
