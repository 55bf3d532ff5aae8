"""The formats that a run can be taken along in, by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Self

import numpy as np
from pydantic import Field

from spiral_dash.core.attacks import EPSILON_MAX
from spiral_dash.core.settings import Options
from spiral_dash.core.validation import ConfigError, shown, validated

if TYPE_CHECKING:
    from spiral_dash.core.run import Run

POINTS_MAX = 1_000
LISTS = (list, tuple, range, np.ndarray)
Index = Annotated[int, Field(ge=0)]
Epsilon = Annotated[float, Field(gt=0.0, le=EPSILON_MAX)]


class ExportOptions(Options):
    """Which properties a verifier gets: test points, and the radii of the boxes about them.

    `points` counts test points, evenly spaced over the test set in its order; `indices` name them
    instead. `epsilons` are in the units of the data plane. Only `vnnlib` has a use for these.
    """

    points: int = Field(10, ge=1, le=POINTS_MAX)
    indices: tuple[Index, ...] = Field((), max_length=POINTS_MAX)
    epsilons: tuple[Epsilon, ...] = Field((0.5,), min_length=1, max_length=64)

    @classmethod
    def of(cls, points: int | Sequence[int], epsilon: float | Sequence[float]) -> Self:
        """Return the options of a count of points or their indices, and of one epsilon or several.

        Raises `ConfigError`.
        """
        which = "points"
        if isinstance(points, LISTS):
            which = "indices"
            if len(points) == 0:
                raise ConfigError({"points": "points: expected one or more, got none."})
        epsilons = epsilon if isinstance(epsilon, LISTS) else [epsilon]
        try:
            return validated(cls, {which: _plain(points), "epsilons": _plain(epsilons)})
        except ConfigError as error:
            names = {"indices": "points", "epsilons": "epsilon"}
            raise ConfigError(
                {
                    names.get(name, name): sentence.replace(f"{name}:", f"{names.get(name, name)}:")
                    for name, sentence in error.problems.items()
                }
            ) from error


def _plain(value: object) -> object:
    """Return a list for what is one, with plain numbers for numpy's."""
    return (
        np.asarray(value).tolist() if isinstance(value, (range, np.ndarray, np.generic)) else value
    )


Write = Callable[["Run", int | None, ExportOptions], bytes]
"""Makes the file of a run at an epoch, None for as it is now."""


@dataclass(frozen=True)
class Format:
    """A kind of file: what a person reads of it, the end of its name, and the module that writes.

    The module has a function `write`, as `Write` says. `has_properties` tells whether the options
    matter.
    """

    title: str
    about: str
    suffix: str
    media_type: str
    module: str
    has_properties: bool = False

    def write(self, run: Run, epoch: int | None, options: ExportOptions) -> bytes:
        """Return the file's bytes; raise `ConfigError` or `ProbeError` where there is none."""
        write: Write = import_module(f"{__package__}.{self.module}").write
        return write(run, epoch, options)


FORMATS: dict[str, Format] = {
    "pytorch": Format(
        "PyTorch script",
        "A program to read and run that needs only torch: the same points, first weights and "
        "batches, up to this epoch.",
        ".py",
        "text/x-python",
        "pytorch_script",
    ),
    "onnx": Format(
        "ONNX network",
        "The network with scaling and features, from a point to logits and log-probabilities.",
        ".onnx",
        "application/octet-stream",
        "onnx_network",
    ),
    "vnnlib": Format(
        "VNN-LIB properties",
        "The network and, for test points and radii ε, what a verifier is to prove, beside what is "
        "proved here.",
        "-vnnlib.zip",
        "application/zip",
        "vnnlib",
        has_properties=True,
    ),
    "safetensors": Format(
        "Weights, safetensors",
        "Weights and biases of every layer, and the scaling, to the last bit.",
        ".safetensors",
        "application/octet-stream",
        "weights_safetensors",
    ),
    "npz": Format(
        "Weights, NumPy",
        "The same arrays for numpy.load.",
        ".npz",
        "application/octet-stream",
        "weights_npz",
    ),
    "data-csv": Format(
        "Data, CSV",
        "Every point with its class, and whether it trains or tests.",
        "-data.csv",
        "text/csv",
        "data_csv",
    ),
    "history-csv": Format(
        "History, CSV",
        "Losses and accuracies, in all and of each class, a row an epoch.",
        "-history.csv",
        "text/csv",
        "history_csv",
    ),
    "history-json": Format(
        "History, JSON",
        "The same with the settings of the run.",
        "-history.json",
        "application/json",
        "history_json",
    ),
}


def exported(
    run: Run, name: str, epoch: int | None = None, options: ExportOptions | None = None
) -> bytes:
    """Return a run at a kept epoch, None for as it is now, as the bytes of a file.

    Raises `ConfigError` for an unknown format or a run that it cannot hold, and `ProbeError` for
    an epoch that is not kept or a network of which nothing can be proved.
    """
    if not isinstance(name, str) or name not in FORMATS:
        expected = ", ".join(FORMATS)
        raise ConfigError({"format": f"format: expected one of {expected}, got {shown(name)}."})
    return FORMATS[name].write(run, epoch, options or ExportOptions())


def file_name(run: Run, name: str, epoch: int | None = None) -> str:
    """Return what a person's file is called."""
    at = run.subject(epoch).epoch
    return f"spiral-{run.config.network.activation}-{at}{FORMATS[name].suffix}"
