"""A trained run as plain files that other tools read, and as one that opens again."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from spiral_dash.core.csv_safe import write_csv
from spiral_dash.core.frame import encode_exact
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
    columns: dict[str, np.ndarray] = {}
    for name, values in run.trainer.history.arrays().items():
        if values.ndim == 1:
            columns[name] = values
        else:
            columns |= {f"{name}_{c}": values[:, c] for c in range(values.shape[1])}
    with (folder / HISTORY).open("w", newline="", encoding="utf-8") as file:
        rows = zip(*columns.values(), strict=True)
        write_csv(file, columns, ([int(row[0]), *map(float, row[1:])] for row in rows))
    tensors = {}
    for layer, (weight, bias) in enumerate(
        zip(run.network.weights, run.network.biases, strict=True), start=1
    ):
        tensors[f"layer_{layer}.weight"] = weight.detach().numpy()
        tensors[f"layer_{layer}.bias"] = bias.detach().numpy()
    about = {"activation": run.config.network.activation, "epoch": str(run.epoch)}
    inputs = run.network.inputs
    if inputs.is_scaled:
        tensors["inputs.shift"] = inputs.shift.astype(np.float32)
        tensors["inputs.scale"] = inputs.scale.astype(np.float32)
    if inputs.features is not None:
        about["features"] = ",".join(inputs.features)
    (folder / WEIGHTS).write_bytes(encode_exact(tensors, about))
    run.save(folder / RUN)
