"""The experiments of the thesis, chapter 4 and the map of its aim, one file a question."""

from __future__ import annotations

from collections.abc import Mapping

from spiral_dash.core.config import ConfigError
from spiral_dash.core.validation import shown
from spiral_dash.experiments.catalogue import (
    attacks,
    collapse,
    complexity,
    data_map,
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
        data_map,
    )
}
"""Id -> experiment, in the order of the thesis."""

CHAPTER = "chapter4"
"""The name that stands for all of the chapter."""
MAP = data_map.EXPERIMENT.id


def as_asked(known: Experiment) -> Experiment:
    """Return an experiment of the catalogue with the seeds, and the data, that were asked for."""
    listed = CATALOGUE[known.id].replace(seeds=known.seeds)
    # Without a section it is a question of somebody's own, from when that name was free.
    if known.id != MAP or not known.section:
        return listed
    return listed.replace(factors=data_map.with_points(points_of(known)).factors)


def points_of(known: Experiment) -> int:
    """Return over how many data a map is."""
    return len(known.factors[known.factor_named(data_map.DATA)].levels)


def chosen(names: list[str]) -> list[Experiment]:
    """Return the experiments of these names, in order; raise `ConfigError` for another."""
    if names == [CHAPTER]:
        return [one for one in CATALOGUE.values() if one.id != MAP]
    by_name = {key.lower(): value for key, value in CATALOGUE.items()}
    unknown = [name for name in names if name.lower() not in by_name]
    if unknown:
        raise ConfigError(
            {
                "experiment": f"experiment: expected one of {', '.join(CATALOGUE)}, or {CHAPTER} "
                f"for its chapter 4, got {shown(unknown[0])}."
            }
        )
    return [by_name[name.lower()] for name in dict.fromkeys(names)]
