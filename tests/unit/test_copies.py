"""A copy of a run goes on as the original would, and the original is untouched."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from spiral_dash import ConfigError, Run, RunConfig
from spiral_dash.core.network import Network

SMALL = RunConfig.parse(
    {
        "data": {"entanglement": 4, "samples_per_arm": 60},
        "network": {"hidden": [6, 5]},
        "training": {"batch_size": 17},
        "seed": 3,
    }
)
CHANGES: dict[str, dict[str, Any]] = {
    "adam": {},
    "sgd": {"training": {"optimizer": "sgd", "batch_size": 7}},
    "rmsprop with penalties": {"training": {"optimizer": "rmsprop", "l1": 1e-3, "l2": 1e-3}},
    "an adversary": {"training": {"adversary": "pgd", "adversary_steps": 2, "batch_size": 33}},
    "no hidden layer": {"network": {"hidden": []}},
    "three arms in space": {"data": {"arms": 3, "codimension": 4, "samples_per_arm": 50}},
    "a schedule": {"schedule": "1.2:learning_rate=0.05;3:batch_size=5;4.7:adversary=fgsm"},
}
COPIES: dict[str, Callable[[Run], Run]] = {
    "deepcopy": copy.deepcopy,
    "copy": copy.copy,
    "pickle": lambda run: pickle.loads(pickle.dumps(run)),
    "copy of a copy": lambda run: copy.deepcopy(copy.deepcopy(run)),
}


def config_of(name: str) -> RunConfig:
    return SMALL.replace(**CHANGES[name])


def state(run: Run) -> torch.Tensor:
    return run.trainer.engine.state.clone()


def advanced(run: Run, steps: int) -> Run:
    for _ in range(steps):
        run.advance(0.0)
    return run


def assert_same(one: Run, other: Run) -> None:
    assert torch.equal(state(one), state(other))
    assert one.config == other.config and one.training == other.training
    assert (one.epoch, one.progress, one.diverged) == (other.epoch, other.progress, other.diverged)
    assert list(one.epochs) == list(other.epochs)
    for epoch in one.epochs[:-1]:
        assert torch.equal(
            one.subject(int(epoch)).network.flat, other.subject(int(epoch)).network.flat
        )
    for name, values in one.history.items():
        np.testing.assert_array_equal(values, other.history[name])


@pytest.mark.parametrize("steps", [0, 3, 22])
@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("way", COPIES)
def test_a_copy_trains_as_the_original(way: str, name: str, steps: int) -> None:
    original = advanced(Run(config_of(name)), steps)
    before = state(original)
    copied = COPIES[way](original)
    assert_same(copied, original)
    advanced(copied, 17)
    assert torch.equal(state(original), before)
    assert not torch.equal(state(copied), before)
    assert copied.metrics != original.metrics or copied.epoch == original.epoch
    advanced(original, 17)
    assert_same(copied, original)
    copied.branch(0)
    copied.adjust(copied.training.replace(l2=1.0))
    copied.train(2)
    assert_same(original, advanced(Run(config_of(name)), steps + 17))


def test_a_run_on_a_file_is_copied_into_memory(tmp_path: Path) -> None:
    path = tmp_path / "snapshots"
    run = Run(SMALL, snapshot_path=path, snapshot_bytes=0)
    run.train(40)
    copied = copy.deepcopy(run)
    content = path.read_bytes()
    copied.train(40)
    assert path.read_bytes() == content
    run.train(40)
    assert_same(copied, run)
    assert copied.trainer.snapshots.stride == run.trainer.snapshots.stride > 1


def test_a_copy_of_a_diverged_run_has_diverged() -> None:
    wild = SMALL.training.replace(optimizer="sgd", learning_rate=100.0)
    run = Run(SMALL.replace(training=wild, network={"activation": "linear"}))
    run.train(50)
    copied = copy.deepcopy(run)
    assert copied.diverged is not None and copied.diverged == run.diverged
    copied.reset()
    copied.train(1)
    assert copied.diverged is None or copied.epoch == 1


def test_a_copy_keeps_what_was_added_to_the_run() -> None:
    run: Any = Run(SMALL)
    run.note = ["mine"]
    copied: Any = copy.deepcopy(run)
    assert copied.note == ["mine"] and copied.note is not run.note


def test_a_loaded_run_keeps_the_same_epochs_as_the_one_it_was_saved_from(tmp_path: Path) -> None:
    for epochs in (0, 3, 15, 16, 17, 40, 65):
        run = Run(SMALL, snapshot_bytes=0)
        run.train(epochs)
        run.save(tmp_path / "run.spiral.zip")
        loaded = Run.unpack(tmp_path / "run.spiral.zip", snapshot_bytes=0)
        for _ in range(3):
            run.train(15)
            loaded.train(15)
            assert list(loaded.epochs) == list(run.epochs)


@pytest.mark.parametrize(
    "make", [copy.deepcopy, lambda network: pickle.loads(pickle.dumps(network))]
)
def test_a_copied_network_is_one_vector_of_its_own(make: Callable[[Network], Network]) -> None:
    network = advanced(Run(SMALL), 4).network
    copied = make(network)
    x = torch.randn(9, 2, generator=torch.Generator().manual_seed(1))
    assert torch.equal(copied(x), network(x))
    before = network.flat.clone()
    with torch.no_grad():
        copied.flat.mul_(2.0)
    assert torch.equal(network.flat, before)
    assert torch.equal(copied.weights[0], 2 * network.weights[0])


CONVERSIONS: dict[str, Callable[[Network], object]] = {
    "double": lambda network: network.double(),
    "half": lambda network: network.half(),
    "bfloat16": lambda network: network.bfloat16(),
    "to": lambda network: network.to(torch.float64),
    "to meta": lambda network: network.to("meta"),
    "type": lambda network: network.type(torch.float64),
    "shared": lambda network: network.share_memory(),
}


@pytest.mark.parametrize("name", CONVERSIONS)
def test_a_network_that_is_turned_to_another_type_refuses(name: str) -> None:
    run, plain = Run(SMALL), Run(SMALL)
    with pytest.raises(ConfigError, match=r"network\.copy\(dtype\)"):
        CONVERSIONS[name](run.network)
    run.train(2)
    plain.train(2)
    assert torch.equal(run.network.flat, plain.network.flat)
    flat = torch.cat([p.flatten() for p in run.network.weights])
    assert torch.equal(flat, torch.cat([p.flatten() for p in plain.network.weights]))


@pytest.mark.parametrize("stay", [lambda n: n.float(), lambda n: n.to("cpu"), lambda n: n.cpu()])
def test_a_network_that_is_turned_to_what_it_is_stays_itself(
    stay: Callable[[Network], Network],
) -> None:
    run = Run(SMALL)
    assert stay(run.network) is run.network
    before = run.network.weights[0].detach().clone()
    run.train(1)
    assert not torch.equal(run.network.weights[0], before)
