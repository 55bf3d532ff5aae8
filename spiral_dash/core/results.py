"""A trained run as plain files that other tools read, and as one that opens again."""

from __future__ import annotations

from pathlib import Path

from spiral_dash.core.export import exported
from spiral_dash.core.recording import SUFFIX
from spiral_dash.core.run import Run

CONFIG, HISTORY, WEIGHTS = "config.json", "history.csv", "weights.safetensors"
RUN = "run" + SUFFIX


class ResultsExistError(FileExistsError):
    """The folder already holds a run, which is not overwritten unasked."""


def refuse_overwriting(folder: Path) -> None:
    """Raise `ResultsExistError` where `folder` holds results already."""
    present = [name for name in (CONFIG, HISTORY, WEIGHTS, RUN) if (folder / name).exists()]
    if present:
        raise ResultsExistError(
            f"Expected a folder without results, {folder} already holds {', '.join(present)}. "
            "Choose another or add --overwrite."
        )


def write_results(run: Run, folder: Path) -> None:
    """Write config.json, history.csv (a row an epoch, from 0), the weights and the recording.

    The weights are float32, `layer_<l>.weight` (out, in) and `layer_<l>.bias` (out,), l from 1.
    Where points are scaled first, `inputs.shift` and `inputs.scale` (n,) are beside them:
    z = (x - shift) * scale; `features` says what of z the first layer gets.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / CONFIG).write_text(run.config.to_json() + "\n", encoding="utf-8")
    for name, kind in ((HISTORY, "history-csv"), (WEIGHTS, "safetensors")):
        (folder / name).write_bytes(exported(run, kind))
    run.save(folder / RUN)
