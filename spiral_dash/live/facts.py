"""The texts of a frame: what a session is doing, beside the arrays."""

from __future__ import annotations

import json
import math

from spiral_dash.core.run import METRICS, Run
from spiral_dash.live.drive import Drive
from spiral_dash.live.states import MOVING, State
from spiral_dash.live.stop import said


def facts(
    run: Run,
    state: State,
    seeking: int | None,
    drive: Drive,
    notice: str,
) -> dict[str, str]:
    """Return the strings that go with every frame; "" stands for none."""
    epochs_per_second, steps_per_second = drive.rates.rates()
    epochs = run.epochs
    return {
        "state": state,
        "epoch": str(run.epoch),
        "progress": f"{run.progress:.6g}",
        "step": str(run.trainer.step),
        "batches": str(run.trainer.batches),
        "shown_epoch": str(run.epoch if seeking is None else seeking),
        "epochs_per_second": f"{epochs_per_second:.6g}",
        "steps_per_second": f"{steps_per_second:.6g}",
        "notice": notice,
        "config": run.config.compact,
        "speed": drive.pace.speed.text,
        "reach": "" if drive.reach is None else str(drive.reach),
        "stop": _stop_text(run, state, drive),
        "training": run.training.model_dump_json(),
        "schedule": json.dumps([mark._asdict() for mark in run.config.changes]),
        "metrics": json.dumps(metrics_at(run, seeking)),
        "epochs": json.dumps([int(epochs[0]), run.epoch, len(epochs)]),
        "seeking": "" if seeking is None else str(seeking),
    }


def _stop_text(run: Run, state: State, drive: Drive) -> str:
    stop = drive.stop
    if stop.at is None:
        return ""
    text = said(stop, run, state in MOVING)
    return json.dumps({"at": stop.at, "value": stop.value, "said": text})


def metrics_at(run: Run, epoch: int | None) -> dict[str, float | None]:
    """Return train and test loss and accuracy after `epoch`, None for the last one completed.

    A value that is not finite is None: JSON has no other word for it.
    """
    history = run.trainer.history.arrays()
    values = {name: float(history[name][-1 if epoch is None else epoch]) for name in METRICS}
    return {name: value if math.isfinite(value) else None for name, value in values.items()}
