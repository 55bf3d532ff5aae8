"""Weights as a zip of numpy arrays; the texts are arrays of shape () beside them."""

from __future__ import annotations

import io

import numpy as np

from spiral_dash.core.export.formats import ExportOptions
from spiral_dash.core.export.weights import arrays_of, texts_of
from spiral_dash.core.run import Run


def write(run: Run, epoch: int | None, options: ExportOptions) -> bytes:
    """Return the file's bytes; see `arrays_of` and `texts_of`."""
    subject = run.subject(epoch)
    texts = {name: np.array(text) for name, text in texts_of(subject).items()}
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays_of(subject), **texts)
    return buffer.getvalue()
