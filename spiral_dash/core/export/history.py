"""What was recorded of every epoch, up to one."""

from __future__ import annotations

from typing import Any

import numpy.typing as npt

from spiral_dash.core.run import Run

Array = npt.NDArray[Any]


def arrays_to(run: Run, epoch: int | None) -> dict[str, Array]:
    """Return name -> values, one entry an epoch from 0 to `epoch`, as `Run.history` names them.

    Raises `ProbeError` for an epoch that is not kept.
    """
    last = run.subject(epoch).epoch
    return {name: values[: last + 1] for name, values in run.trainer.history.arrays().items()}
