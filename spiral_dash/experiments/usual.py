"""A question of one's own as an experiment, with a figure for every small array measured."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pydantic import JsonValue

from spiral_dash.core.config import ConfigError
from spiral_dash.core.probes import PROBES
from spiral_dash.experiments.catalogue import CATALOGUE, CHAPTER
from spiral_dash.experiments.design import Experiment, Measurement
from spiral_dash.experiments.figures import Figure
from spiral_dash.experiments.levels import read_factors
from spiral_dash.experiments.quantities import Quantity

FIGURES_MAX = 8
RESERVED = frozenset({CHAPTER, *(one.lower() for one in CATALOGUE)})


def own_experiment(
    name: str, texts: Sequence[str], measurements: tuple[Measurement, ...], **design: object
) -> Experiment:
    """Return the experiment of settings as a shell writes them; raise `ConfigError`.

    A setting with one level is held; `design` has seeds and epochs, as `Experiment` has them.
    """
    if name.lower() in RESERVED:
        raise ConfigError(
            {"name": f"name: {name} is in the catalogue of the thesis. Choose another name."}
        )
    factors = read_factors(texts)
    held: dict[str, JsonValue] = {}
    for one in factors:
        if len(one.levels) == 1:
            held |= one.levels[0].settings
    varied = tuple(one for one in factors if len(one.levels) > 1)
    about = " × ".join(f"{one.name} ({len(one.levels)})" for one in varied) or "one configuration"
    experiment = Experiment(
        id=name,
        question=f"{', '.join(one.probe for one in measurements)} over {about}"[:500],
        base=held,
        factors=varied,
        measurements=measurements,
        **design,
    )
    return with_figures(experiment)


def with_figures(experiment: Experiment) -> Experiment:
    """Return the experiment with a figure for each of the first numbers that it measures.

    The factor with most levels lies along the axis, the next is the lines, a third the panels.
    Of an array with several entries the mean is shown.
    """
    if not experiment.factors or experiment.figures:
        return experiment
    order = sorted(experiment.factors, key=lambda one: (one.numbers is None, -len(one.levels)))
    axis, lines, panels, *_ = [*(one.name for one in order), None, None]
    quantities = [quantity for one in experiment.measurements for quantity in _quantities(one)]
    shown = quantities[:FIGURES_MAX]
    figures = [
        Figure(title=one.title, over=axis or "", quantities=(one.name,), lines=lines, panels=panels)
        for one in shown
    ]
    return experiment.replace(quantities=(*experiment.quantities, *shown), figures=tuple(figures))


def _quantities(measurement: Measurement) -> Iterator[Quantity]:
    returned = PROBES[measurement.probe].returns
    names = measurement.kept or tuple(returned)
    small = [name for name in names if returned.get(name, "").startswith(("()", "(L,)", "(E,)"))]
    for name in sorted(small, key=lambda name: not returned[name].startswith("()")):
        several = not returned[name].startswith("()")
        yield Quantity(
            name=f"{measurement.probe} {name}",
            label=f"{measurement.probe}: {name.replace('_', ' ')}{' (mean)' if several else ''}",
            source=f"{measurement.probe}.{name}",
        )
