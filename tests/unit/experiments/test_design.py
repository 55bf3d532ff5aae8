"""A design names its levels, its runs and what is wrong with it before anything runs."""

from __future__ import annotations

import pytest

from spiral_dash.core.config import ConfigError, RunConfig
from spiral_dash.experiments import Experiment, Measurement, factor
from spiral_dash.experiments.levels import read_epochs, read_factors, read_measurements
from spiral_dash.experiments.plan import count, estimated_seconds, jobs
from spiral_dash.experiments.usual import own_experiment

METRICS = (Measurement(probe="metrics"),)


def design(**changes: object) -> Experiment:
    values: dict[str, object] = {"id": "a", "question": "?", "measurements": METRICS, "seeds": 2}
    return Experiment(**{**values, **changes})


@pytest.mark.parametrize(
    ("text", "labels", "settings"),
    [
        ("data.entanglement=2,4.5", ("2", "4.5"), {"data.entanglement": 4.5}),
        ("network.hidden=50,50;20", ("50,50", "20"), {"network.hidden": [20]}),
        ("network.hidden=20,20", ("20,20",), {"network.hidden": [20, 20]}),
        ("network.hidden=;4", ("", "4"), {"network.hidden": [4]}),
        ("network.activation=tanh,relu", ("tanh", "relu"), {"network.activation": "relu"}),
        ("data.kind=moons,circle", ("moons", "circle"), {"data.kind": "circle"}),
        ("network.features=x1,x2;x1,x2,x1x2", ("x1,x2", "x1,x2,x1x2"), None),
    ],
)
def test_commas_separate_levels_and_semicolons_those_of_a_list(
    text: str, labels: tuple[str, ...], settings: dict[str, object] | None
) -> None:
    [read] = read_factors([text])
    assert read.labels == labels
    if settings is not None:
        assert read.levels[-1].settings == settings


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("data.entanglemen=2", "no such setting"),
        ("seed=1,2", "--seeds"),
        ("data.entanglement", "FIELD=LEVELS"),
        ("data.entanglement=2,2", "once"),
        ("=3", "no such setting"),
    ],
)
def test_what_is_no_factor_is_refused(text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        read_factors([text])


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("data.entanglement=2,4000", "data.entanglement"),
        ("data.entanglement=2,nan", "data.entanglement"),
        ("network.activation=tanh,rleu", "network.activation"),
        ("network.hidden=8;0", "network.hidden"),
    ],
)
def test_a_level_out_of_range_is_named_before_anything_runs(text: str, field: str) -> None:
    with pytest.raises(ConfigError, match=field):
        design(factors=read_factors([text])).check()


@pytest.mark.parametrize(
    ("names", "options", "said"),
    [
        ("", [], "expected the names"),
        ("nothing", [], "nothing"),
        ("metrics", ["metrics=1"], "MEASUREMENT.OPTION=VALUE"),
        ("metrics", ["attack.method=bim"], "not measured"),
        ("attack", ["attack.method=bam"], "method"),
        ("attack", ["attack.methd=bim"], "methd"),
    ],
)
def test_what_is_no_measurement_is_refused(names: str, options: list[str], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        read_measurements(names, options, [-1])


def test_options_of_measurements_are_read() -> None:
    options = ["attack.methods=fgsm,bim", "attack.epsilons=0.5,1", "attack.iterations=2"]
    [read] = read_measurements("attack", options, read_epochs("1,-1"))
    assert read.options == {"methods": ["fgsm", "bim"], "epsilons": [0.5, 1], "iterations": 2}
    assert read.epochs == (1, -1)


@pytest.mark.parametrize(
    "changes",
    [
        {"factors": (factor("seed", 1), factor("seed", 2))},
        {"measurements": ()},
        {"measurements": (Measurement(probe="metrics", epochs=(101,)),)},
        {"seeds": 0},
        {"epochs": -1},
        {"seeds": True},
        {"id": "a/b"},
    ],
)
def test_what_is_no_experiment_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        design(**changes)


def test_what_experiments_share_is_one_run() -> None:
    first = design(factors=(factor("data.entanglement", 2, 4),))
    second = design(
        id="b",
        factors=(factor("data.entanglement", 4, 6),),
        measurements=(Measurement(probe="norms"),),
    )
    both = list(jobs([first, second], frozenset()))
    assert count([first, second]) == len(both) == 6
    shared = [
        job
        for job in both
        if RunConfig.from_json(job.config).data.model_dump()["entanglement"] == 4
    ]
    assert all({want.probe for want in job.wants} == {"metrics", "norms"} for job in shared)


def test_a_design_of_many_runs_is_gone_through_and_never_held() -> None:
    large = design(seeds=10_000, factors=(factor("data.entanglement", *range(1, 20)),))
    first = next(iter(jobs([large], frozenset())))
    assert RunConfig.from_json(first.config).seed == 1
    assert count([large]) == 190_000
    assert estimated_seconds(large) > 0


def test_results_are_kept_under_the_configuration_the_measurement_and_the_epoch() -> None:
    def keys(**changes: object) -> set[str]:
        return {want.key for job in jobs([design(**changes)], frozenset()) for want in job.wants}

    usual = keys()
    assert keys(id="other", question="!") == usual
    longer = (Measurement(probe="metrics", epochs=(100,)),)
    assert keys(epochs=200, measurements=longer) == usual
    assert usual < keys(seeds=3)
    for changes in (
        {"epochs": 50},
        {"first_seed": 7},
        {"base": {"data.entanglement": 4}},
        {"measurements": (Measurement(probe="metrics", keep=("test_accuracy",)),)},
    ):
        assert not keys(**changes) & usual


@pytest.mark.parametrize("name", ["state", "Start", "cancel", ".", "..", "a/b", ""])
def test_a_name_that_has_no_address_of_its_own_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="id"):
        Experiment(id=name, question="?", measurements=[Measurement(probe="norms")])


@pytest.mark.parametrize("name", ["H1", "h1", "complexity", "chapter4"])
def test_a_question_of_ones_own_takes_no_name_of_the_catalogue(name: str) -> None:
    with pytest.raises(ConfigError, match="in the catalogue"):
        own_experiment(name, ["data.entanglement=2,4"], (Measurement(probe="norms"),))


def test_a_configuration_is_the_same_however_its_runs_are_gone_through() -> None:
    experiment = design(seeds=3, factors=(factor("data.entanglement", 2, 4),))
    gone_through = []
    for number, cell, config in experiment.configs():
        expected = cell.config(experiment.seed_numbers[number])
        assert (config, config.compact) == (expected, expected.compact)
        assert config.seeds == expected.seeds
        gone_through.append(config)
    assert len(gone_through) == experiment.runs
