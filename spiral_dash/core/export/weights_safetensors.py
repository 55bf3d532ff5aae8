"""Weights as safetensors; the texts are the file's metadata."""

from __future__ import annotations

from spiral_dash.core.export.formats import ExportOptions
from spiral_dash.core.export.weights import arrays_of, texts_of
from spiral_dash.core.frame import encode_exact
from spiral_dash.core.run import Run


def write(run: Run, epoch: int | None, options: ExportOptions) -> bytes:
    """Return the file's bytes; see `arrays_of` and `texts_of`."""
    subject = run.subject(epoch)
    return encode_exact(arrays_of(subject), texts_of(subject))
