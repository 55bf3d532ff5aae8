"""The experiments of chapter 4 of the thesis, one file a question."""

from __future__ import annotations

from collections.abc import Mapping

from spiral_dash.core.config import ConfigError
from spiral_dash.core.validation import shown
from spiral_dash.experiments.catalogue import (
    attacks,
    collapse,
    complexity,
    distance,
    eigenvalues,
    gradients,
    noise,
    norms,
    size,
)
from spiral_dash.experiments.design import Experiment

CATALOGUE: Mapping[str, Experiment] = {
    module.EXPERIMENT.id: module.EXPERIMENT
    for module in (
        norms,
        eigenvalues,
        size,
        gradients,
        collapse,
        distance,
        noise,
        attacks,
        complexity,
    )
}
"""Id -> experiment, in the order of the thesis."""

CHAPTER = "chapter4"
"""The name that stands for all of them."""


def chosen(names: list[str]) -> list[Experiment]:
    """Return the experiments of these names, in order; raise `ConfigError` for another."""
    if names == [CHAPTER]:
        return [*CATALOGUE.values()]
    by_name = {key.lower(): value for key, value in CATALOGUE.items()}
    unknown = [name for name in names if name.lower() not in by_name]
    if unknown:
        raise ConfigError(
            {
                "experiment": f"experiment: expected one of {', '.join(CATALOGUE)}, or {CHAPTER} "
                f"for all of them, got {shown(unknown[0])}."
            }
        )
    return [by_name[name.lower()] for name in dict.fromkeys(names)]
