"""Where a person has told training to stop: at an epoch, an accuracy or a loss."""

from __future__ import annotations

from spiral_dash.core.run import Run
from spiral_dash.live.commands import Stop

NAMES = {
    "epoch": "epoch",
    "train_accuracy": "training accuracy",
    "test_accuracy": "test accuracy",
    "train_loss": "training loss",
    "test_loss": "test loss",
}


def is_met(stop: Stop, run: Run, epoch: int) -> bool:
    """Whether the condition holds after a completed epoch; never where a loss is not finite."""
    if stop.at is None or stop.value is None or epoch < 0:
        return False
    value = _value(stop, run, epoch)
    return value <= stop.value if stop.at.endswith("loss") else value >= stop.value


def is_reached(stop: Stop, run: Run) -> bool:
    """Whether the condition has come to hold with the last completed epoch."""
    return is_met(stop, run, run.epoch) and not is_met(stop, run, run.epoch - 1)


def why_not(stop: Stop, run: Run) -> str:
    """Return why `stop` makes no sense for the run as it is: met already, or never; or ""."""
    if stop.at is None or stop.value is None:
        return ""
    if not _can_be(stop, run):
        return _never(stop)
    if not is_met(stop, run, run.epoch):
        return ""
    if stop.at == "epoch":
        return (
            f"The run is at epoch {run.epoch} already: expected a later one to stop at, "
            f"got {stop.value:g}."
        )
    expected = "a lower one" if stop.at.endswith("loss") else "a higher one"
    return (
        f"The {NAMES[stop.at]} is {_written(stop, _value(stop, run, run.epoch))} at epoch "
        f"{run.epoch} already: expected {expected} to stop at, got {_written(stop, stop.value)}."
    )


def said(stop: Stop, run: Run, moving: bool) -> str:
    """Return a sentence on a condition that is reached, met already or never to be met; or ""."""
    if stop.at is None or stop.value is None:
        return ""
    if not _can_be(stop, run):
        return _never(stop)
    value = _written(stop, _value(stop, run, run.epoch))
    now = "" if stop.at == "epoch" else f": the {NAMES[stop.at]} is {value}"
    if is_reached(stop, run) and not moving and run.epoch:
        return f"Stopped at epoch {run.epoch}{now}."
    if is_met(stop, run, run.epoch):
        return f"Met already at epoch {run.epoch}{now}. Training goes on from here."
    return ""


def _can_be(stop: Stop, run: Run) -> bool:
    return run.data.has_test or not str(stop.at).startswith("test")


def _never(stop: Stop) -> str:
    name = NAMES[str(stop.at)]
    return f"There are no test points, so the {name} is never reached: expected a training value."


def _value(stop: Stop, run: Run, epoch: int) -> float:
    return float(run.trainer.history.arrays()[str(stop.at)][epoch])


def _written(stop: Stop, value: float) -> str:
    return f"{100 * value:.4g} %" if str(stop.at).endswith("accuracy") else f"{value:.4g}"
