"""What differs between two configurations leads from one to the other."""

from __future__ import annotations

import doctest
from itertools import product
from urllib.parse import parse_qsl, urlencode

import pytest

from spiral_dash.core import difference
from spiral_dash.core.config import RunConfig
from spiral_dash.core.difference import Difference, differences

CONFIGS = [
    RunConfig.from_query(query)
    for query in (
        "",
        "seed=7",
        "network.hidden=&network.activation=relu",
        "network.features=x1,x2,x1x2&network.scaling=standard&network.seed=3",
        "data.entanglement=4&data.seed=2&data.train_share=0.5",
        "data.kind=moons&data.radius=2&data.samples_per_class=80",
        "data.kind=circle&data.train_noise=0.1",
        "data.kind=gaussians&data.classes=4&data.seed=9&training.optimizer=sgd",
        "schedule=3:learning_rate=0.01;5.2:l2=0.001&training.batch_size=7",
    )
]


def changed(one: RunConfig, changes: tuple[Difference, ...]) -> RunConfig:
    """Write the changes into the address of a configuration."""
    query = dict(parse_qsl(one.to_query(), keep_blank_values=True))
    for path, _, after in changes:
        query.pop(path, None)
        if after is not None:
            query[path] = after
    known = RunConfig.from_query(f"data.kind={query.get('data.kind', 'spiral')}").texts
    return RunConfig.from_query(urlencode({p: v for p, v in query.items() if p in known}))


@pytest.mark.parametrize(("one", "other"), list(product(CONFIGS, CONFIGS)))
def test_the_differences_lead_from_one_to_the_other(one: RunConfig, other: RunConfig) -> None:
    found = differences(one, other)
    assert (found == ()) is (one == other)
    assert changed(one, found) == other
    assert all(before == one.texts.get(path) != after for path, before, after in found)


def test_they_are_named_as_in_the_address() -> None:
    found = differences(RunConfig(), CONFIGS[2])
    assert found == (("network.hidden", "8,8,8", ""), ("network.activation", "tanh", "relu"))
    assert differences(CONFIGS[1], RunConfig()) == (("seed", "7", "1"),)


def test_the_example_runs() -> None:
    assert doctest.testmod(difference).failed == 0
