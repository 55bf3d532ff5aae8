"""What is changed during a run belongs to its configuration, which gives the same weights."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from spiral_dash import ConfigError, Run, RunConfig
from spiral_dash.core.schedule import CHANGEABLE, CHANGES_MAX, Change
from spiral_dash.core.training import TrainingConfig

EPOCHS = 6
STEPS = 5
"""Batches of an epoch, unless their size is changed."""
BASE = RunConfig.parse(
    {
        "data": {"entanglement": 4, "samples_per_arm": 60},
        "network": {"hidden": [6, 5]},
        "training": {"batch_size": 17},
        "seed": 3,
    }
)
CHOICES: dict[str, tuple[Any, ...]] = {
    "learning_rate": (1e-3, 0.01, 1 / 30),
    "momentum": (0.0, 0.5, 0.9),
    "batch_size": (1, 7, 17, 40, 10_000),
    "l1": (0.0, 1e-4),
    "l2": (0.0, 1e-3),
    "adversary": ("none", "fgsm", "pgd"),
    "adversary_epsilon": (0.1, 0.7),
    "adversary_share": (0.3, 1.0),
    "adversary_steps": (1, 3),
}


def scheduled(seed: int) -> RunConfig:
    """A configuration with a schedule drawn by `seed`; some steps are beyond their epoch's last."""
    rng = np.random.default_rng(seed)
    optimizer = str(rng.choice(["sgd", "adam", "adamw", "rmsprop"]))
    places = {(int(rng.integers(EPOCHS)), int(rng.integers(STEPS + 3))) for _ in range(5)}
    entries = []
    for epoch, step in sorted(places):
        names = rng.choice(CHANGEABLE, size=rng.integers(1, 4), replace=False)
        changed = {str(n): CHOICES[n][rng.integers(len(CHOICES[n]))] for n in names}
        entries.append({"epoch": epoch, "step": step, **changed})
    training = BASE.training.replace(optimizer=optimizer)
    return BASE.replace(training=training, schedule=entries, seed=seed)


def finished(run: Run) -> Run:
    while run.epoch < EPOCHS:
        run.advance(0.0)
    return run


def part_way(config: RunConfig) -> Run:
    run = Run(config)
    for _ in range(int(np.random.default_rng(config.seed).integers(1, 4 * STEPS))):
        run.advance(0.0)
    return run


def one_go(config: RunConfig) -> Run:
    run = Run(config)
    run.train(EPOCHS)
    return run


WAYS: dict[str, Callable[[RunConfig], Run]] = {
    "in pieces": lambda config: finished(Run(config)),
    "from the address": lambda config: one_go(RunConfig.from_query(config.to_query())),
    "from a file": lambda config: one_go(RunConfig.from_json(config.to_json())),
    "from a checkpoint": lambda config: finished(Run.restore(part_way(config).checkpoint())),
    "from a recording": lambda config: finished(Run.unpack(part_way(config).pack())),
    "from a copy": lambda config: finished(copy.deepcopy(part_way(config))),
    "from a pickle": lambda config: finished(pickle.loads(pickle.dumps(part_way(config)))),
}


def assert_same(one: Run, other: Run) -> None:
    assert one.config == other.config
    assert one.training == other.training
    assert torch.equal(one.trainer.engine.state, other.trainer.engine.state)
    for name, values in one.history.items():
        np.testing.assert_array_equal(values, other.history[name])


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("way", WAYS)
def test_the_same_configuration_gives_the_same_weights(way: str, seed: int) -> None:
    config = scheduled(seed)
    assert_same(WAYS[way](config), one_go(config))


@pytest.mark.parametrize("seed", range(20))
def test_a_run_that_is_adjusted_writes_the_schedule_that_replays_it(seed: int) -> None:
    rng = np.random.default_rng(seed)
    turned = Run(scheduled(seed).replace(schedule=()))
    while turned.epoch < EPOCHS:
        turned.advance(0.0)
        if rng.random() < 0.3:
            name = str(rng.choice(CHANGEABLE))
            value = CHOICES[name][rng.integers(len(CHOICES[name]))]
            turned.adjust(turned.training.replace(**{name: value}))
    assert turned.config.training == scheduled(seed).training
    assert_same(finished(Run(turned.config)), turned)
    again = Run.restore(turned.checkpoint())
    again.reset()
    again.train(EPOCHS)
    assert_same(again, turned)


@pytest.mark.parametrize("seed", range(8))
def test_a_change_has_its_effect_at_its_place_and_not_before(seed: int) -> None:
    config = scheduled(seed)
    run, plain = Run(config), Run(config.replace(schedule=()))
    first = config.schedule[0]
    assert isinstance(first, Change)
    while run.trainer.place < first.place and run.epoch < EPOCHS:
        assert run.training == config.training
        assert run.training == config.training_at(*run.trainer.place)
        assert torch.equal(run.network.flat, plain.network.flat)
        run.advance(0.0)
        plain.advance(0.0)
    expected = config.training.replace(**first.settings)
    assert config.training_at(*first.place) == expected
    if run.epoch < EPOCHS:
        last = [c for c in config.schedule if c.place <= run.trainer.place][-1]
        assert run.training == config.training_at(*last.place)


def test_a_step_that_its_epoch_never_reaches_is_the_beginning_of_the_next() -> None:
    late = BASE.replace(schedule=f"2.{STEPS + 90}:learning_rate=0.1")
    start = BASE.replace(schedule="3:learning_rate=0.1")
    one, other = one_go(late), one_go(start)
    assert torch.equal(one.network.flat, other.network.flat)


def test_changes_at_one_place_are_one_and_one_taken_back_is_none() -> None:
    run = Run(BASE)
    run.train(2)
    begun = run.training
    run.adjust(begun.replace(learning_rate=0.1))
    run.adjust(run.training.replace(l2=0.5))
    run.adjust(run.training.replace(learning_rate=0.2))
    assert run.config.schedule == (Change(epoch=2, learning_rate=0.2, l2=0.5),)
    run.adjust(run.training.replace(l2=0.0))
    assert run.config.schedule == (Change(epoch=2, learning_rate=0.2),)
    run.adjust(begun)
    assert run.config == BASE
    run.advance(0.0)
    run.adjust(begun.replace(batch_size=3))
    assert run.config.schedule == (Change(epoch=2, step=1, batch_size=3),)
    assert run.config.training == BASE.training


def test_before_anything_is_trained_a_change_is_what_the_run_begins_with() -> None:
    run = Run(BASE.replace(schedule="3:l1=0.1"))
    faster = run.training.replace(learning_rate=0.1)
    run.adjust(faster)
    assert run.config == BASE.replace(training=faster)


def test_a_reset_keeps_the_schedule_and_a_dial_turned_cuts_what_lies_ahead() -> None:
    config = BASE.replace(schedule="1:l1=0.1;2.3:l2=0.1;4:momentum=0.1")
    run = one_go(config)
    run.reset()
    assert run.config == config
    assert run.training == config.training
    run.train(3)
    run.adjust(run.training.replace(batch_size=5))
    assert run.config == BASE.replace(schedule="1:l1=0.1;2.3:l2=0.1;3:batch_size=5")


@pytest.mark.parametrize("epoch", range(EPOCHS + 1))
def test_a_branch_cuts_the_schedule_and_is_the_run_of_what_is_left(epoch: int) -> None:
    config = BASE.replace(schedule="1:l1=0.1;2.3:l2=0.1;4:learning_rate=0.1;5.1:batch_size=3")
    run = one_go(config)
    run.branch(epoch)
    assert run.config.schedule == tuple(c for c in config.schedule if c.place <= (epoch, 0))
    assert run.training == config.training_at(epoch)
    run.train(EPOCHS - epoch)
    assert_same(run, one_go(run.config))


def test_a_schedule_is_short_in_the_address_and_plain_in_a_file() -> None:
    text = "10:learning_rate=0.01;12.3:batch_size=20,l2=0.001"
    config = RunConfig(schedule=text)
    assert config.to_query() == f"schedule={text}"
    assert config.model_dump(mode="json")["schedule"] == [
        {"change": "training", "epoch": 10, "step": 0, "learning_rate": 0.01},
        {"change": "training", "epoch": 12, "step": 3, "batch_size": 20, "l2": 0.001},
    ]
    assert RunConfig.from_query("schedule=").schedule == ()
    longest = RunConfig(schedule=[{"epoch": i, "l2": 0.001} for i in range(CHANGES_MAX)])
    assert RunConfig.from_query(longest.to_query()) == longest


def test_a_schedule_is_told_in_words() -> None:
    config = RunConfig(schedule="10:learning_rate=0.01;12.3:batch_size=20,l2=0.001;13:l2=0")
    assert [(mark.epoch, mark.step, mark.text) for mark in config.changes] == [
        (10, 0, "learning rate 0.001 → 0.01"),
        (12, 3, "batch size 50 → 20, L2 0 → 0.001"),
        (13, 0, "L2 0.001 → 0"),
    ]


def test_a_change_can_be_of_every_setting_but_the_optimiser() -> None:
    assert {"optimizer", *CHANGEABLE} == TrainingConfig.model_fields.keys()
    assert {"change", "epoch", "step", *CHANGEABLE} == Change.model_fields.keys()
    assert CHOICES.keys() == set(CHANGEABLE)
    for name, values in CHOICES.items():
        for value in values:
            (change,) = RunConfig(schedule=[{"epoch": 1, name: value}]).schedule
            assert isinstance(change, Change) and change.settings == {name: value}


REFUSED: list[tuple[object, str]] = [
    # what is no schedule
    (3, r"expected a list of 0 to 1000 entries.*got 3\."),
    (None, "got nothing"),
    ({}, "got a mapping"),
    (True, "got True"),
    ([3], "entry 1: expected a mapping of settings, got 3"),
    ([None], "entry 1: .*got nothing"),
    ([[]], r"entry 1: .*got \[\]"),
    # entries out of order
    ("5:l1=1;3:l1=0", r"entry 2: expected a place after epoch 5, got epoch 3\."),
    ("5.2:l1=1;5:l1=0", r"entry 2: expected a place after epoch 5, step 2, got epoch 5\."),
    ("5:l1=1;5:l2=1", "entry 2: expected a place after epoch 5, got epoch 5"),
    ("1:l1=1;2:l1=0;3:l1=1;2.9:l1=0", "entry 4: .*got epoch 2, step 9"),
    # places that are none
    ([{"l1": 1}], "entry 1: epoch: expected a value, got none"),
    ([{"epoch": -1, "l1": 1}], "epoch: expected a whole number from 0 to 1000000000, got -1"),
    ([{"epoch": 10**12, "l1": 1}], "got 1000000000000"),
    ([{"epoch": 1.5, "l1": 1}], r"got 1\.5"),
    ([{"epoch": "1", "l1": 1}], "got '1'"),
    ([{"epoch": True, "l1": 1}], "got True"),
    ([{"epoch": float("nan"), "l1": 1}], "got NaN"),
    ([{"epoch": 1, "step": -1, "l1": 1}], "step: expected a whole number from 0"),
    ([{"epoch": 1, "step": None, "l1": 1}], "step: .*got nothing"),
    # settings that are none
    ([{"epoch": 1}], "entry 1: expected a setting that changes, got none"),
    ([{"epoch": 1, "l1": None}], "expected a setting that changes, got none"),
    ([{"epoch": 1, "speed": 1}], "entry 1: expected settings among learning_rate.*got speed"),
    ([{"epoch": 1, "optimizer": "sgd"}], "expected settings among .*got optimizer"),
    ([{"epoch": 1, "change": "weight", "l1": 1}], "entry 1: layer: expected a value, got none"),
    ("1:l1=1;2:optimizer=sgd", "entry 2: expected settings among .*got optimizer"),
    ("1:hidden=3", "got hidden"),
    ([{"epoch": 1, "change": "speed"}], "change: expected one of training, weight, .*got 'speed'"),
    # values out of their bounds
    ("1:learning_rate=0", "entry 1: learning_rate: expected a number above 0 to 100, got 0"),
    ("1:learning_rate=nan", "got NaN"),
    ("1:learning_rate=1e999", "got an infinity"),
    ("1:learning_rate=fast", "got 'fast'"),
    ("1:learning_rate=", "got ''"),
    ("1:batch_size=2.5", r"batch_size: expected a whole number from 1 to 10000, got 2\.5"),
    ("1:momentum=1", "momentum: expected a number from 0 below 1, got 1"),
    ("1:l1=1;9:adversary=nobody", "entry 2: adversary: expected one of none, fgsm, pgd"),
    ([{"epoch": 1, "l2": True}], "l2: .*got True"),
    ([{"epoch": 1, "l2": [1]}], r"l2: .*got \[1\]"),
    # text that is none
    ("x", "entry 1: expected such as 10:learning_rate=0.01.*got 'x'"),
    ("1", "entry 1: expected such as"),
    ("1:", "entry 1: expected name=value, got ''"),
    ("1:l1", "expected name=value, got 'l1'"),
    ("1:l1=1;", "entry 2: expected such as"),
    ("-1:l1=1", "expected such as"),
    ("1.:l1=1", "expected such as"),
    ("1.2.3:l1=1", "expected such as"),
    ("1e3:l1=1", "expected such as"),
    ("9" * 5000 + ":l1=1", r"\(5005 characters\)"),
    ("1:l1=1,l1=2", "each setting once, .*got 'l1=2'"),
    ("1:epoch=3,l1=2", "each setting once"),
    ("1:l1=1\x00", "got '1"),
    # too many
    (";".join(f"{i}:l1=1" for i in range(CHANGES_MAX + 1)), "at most 1000 entries, got more"),
    ([{"epoch": i, "l1": 1} for i in range(CHANGES_MAX + 5)], "at most 1000 entries, got 1005"),
    ([0] * 1_000_000, "at most 1000 entries, got 1000000"),
]


@pytest.mark.parametrize(("schedule", "says"), REFUSED, ids=range(len(REFUSED)))
def test_what_is_no_schedule_is_refused_with_its_entry(schedule: object, says: str) -> None:
    with pytest.raises(ConfigError, match=says) as refused:
        RunConfig.parse({"schedule": schedule})
    (sentence,) = refused.value.problems.values()
    assert refused.value.problems.keys() == {"schedule"}
    assert sentence.startswith("schedule: ")
    assert sentence.endswith(".") and sentence.isprintable() and len(sentence) < 300


def test_more_changes_than_a_schedule_takes_are_refused_and_change_nothing() -> None:
    full = BASE.replace(schedule=[{"epoch": i, "l1": 0.1 * (i % 2)} for i in range(CHANGES_MAX)])
    last = full.training_at(CHANGES_MAX)
    with pytest.raises(ConfigError, match="at most 1000 entries"):
        full.adjusted((CHANGES_MAX, 0), last.replace(batch_size=3))
