"""In how many seeds one class collapses: Hypothesis 3 as a count."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from pydantic import Field

from spiral_dash.core.data.dataset import make_dataset
from spiral_dash.core.probes.collapse import CollapseOptions, collapse
from spiral_dash.core.probes.registry import Arrays, Cost, Options, Subject, probe
from spiral_dash.core.trainer import Trainer


class CollapseSeedsOptions(Options):
    """Seeds to train, epochs of each, the hidden layer looked at, and where collapse begins.

    `layer` None is the last hidden layer. One class counts as collapsed where its gyration ratio
    is at most `threshold` times that of the class with the greatest.
    """

    seeds: int = Field(10, ge=2, le=50)
    epochs: int = Field(100, ge=1, le=1000)
    layer: int | None = Field(None, ge=1, le=9)
    threshold: float = Field(1 / 3, gt=0.0, lt=1.0)


@probe(
    "collapse_seeds",
    options=CollapseSeedsOptions,
    source="4.2.1, Hypothesis 3",
    cost=Cost.SLOW,
    of_config=True,
    returns={
        "seeds": "(S,) int64: the seeds trained, those of the run's own seed onwards",
        "gyration_ratio": "(S, m): of each class, as `collapse` defines it, after the last epoch",
        "asymmetry": "(S,): least over greatest gyration ratio of the classes, from 0 to 1",
        "collapsed": "(S,) uint8: 1 where the asymmetry is at most the threshold",
        "test_accuracy": "(S,): share of the test set classified correctly",
    },
)
def collapse_seeds(subject: Subject, options: CollapseSeedsOptions) -> Arrays:
    """Train the same configuration from S seeds, and measure the collapse of each (thesis 4.2.1).

    Nothing of the present run is used but its configuration; seeds that were given for the data
    or the weights alone are let vary too. Seeds that diverge have NaN. Ends early, with the seeds
    done so far, where the measurement is called off.
    """
    layer = subject.layer(options.layer, max(subject.network.depth - 1, 1))
    first = subject.config.seed
    seeds: list[int] = []
    ratios: list[np.ndarray] = []
    accuracies: list[float] = []
    for number in range(options.seeds):
        config = subject.config.replace(
            seed=(first + number) % 2**32,
            data=subject.config.data.replace(seed=None),
            network=subject.config.network.replace(seed=None),
        )
        data = make_dataset(config.data, config.seeds.data, subject.rows)
        trainer = Trainer(config, data, snapshot_bytes=0)
        trainer.begin()
        for epoch in range(options.epochs):
            share = (number + epoch / options.epochs) / options.seeds
            if not subject.proceed(share):
                return _arrays(seeds, ratios, accuracies, options.threshold, data.classes)
            while not trainer.advance(1.0):
                pass
        seeds.append(config.seed)
        accuracies.append(float(trainer.history.arrays()["test_accuracy"][-1]))
        if trainer.diverged:
            ratios.append(np.full(data.classes, np.nan))
            continue
        trained = replace(subject, network=trainer.engine.network, data=data, config=config)
        ratios.append(collapse(trained, CollapseOptions())["gyration_ratio"][layer - 1])
    return _arrays(seeds, ratios, accuracies, options.threshold, subject.data.classes)


def _arrays(
    seeds: list[int],
    ratios: list[np.ndarray],
    accuracies: list[float],
    threshold: float,
    classes: int,
) -> Arrays:
    ratio = np.array(ratios).reshape(len(seeds), classes)
    with np.errstate(invalid="ignore", divide="ignore"):
        asymmetry = ratio.min(axis=1) / ratio.max(axis=1)
        collapsed = (asymmetry <= threshold).astype(np.uint8)
    return {
        "seeds": np.array(seeds, np.int64),
        "gyration_ratio": ratio,
        "asymmetry": asymmetry,
        "collapsed": collapsed,
        "test_accuracy": np.array(accuracies),
    }
