"""Whatever cannot be done is refused with one sentence, from every entry alike."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spiral_dash import ConfigError, ProbeError, Run, RunConfig
from spiral_dash.core.config import NetworkConfig, TrainingConfig
from spiral_dash.core.data.spiral import SpiralData
from spiral_dash.core.frame import decode
from spiral_dash.core.probes import PROBES
from spiral_dash.core.settings import Options
from spiral_dash.core.validation import schema_of

SMALL = RunConfig.parse(
    {"data": {"samples_per_arm": 50, "entanglement": 4}, "network": {"hidden": [4, 4]}, "seed": 3}
)
EPOCHS = 40


@pytest.fixture(scope="module")
def run() -> Run:
    one = Run(SMALL, snapshot_bytes=0)
    one.train(EPOCHS)
    return one


def wrong(value: object) -> Any:
    """A value that no type checker would let pass."""
    return value


CONSTRUCTED: list[tuple[Callable[[], object], str]] = [
    (lambda: RunConfig(data=wrong({"entanglement": 800})), r"^data\.entanglement: .*got 800\.$"),
    (lambda: RunConfig(data=wrong(3)), "data: expected a mapping of settings, got 3"),
    (lambda: RunConfig(seed=-1), "seed: expected a whole number"),
    (lambda: RunConfig(sead=1), "sead: there is no such setting"),  # type: ignore[call-arg]
    (lambda: RunConfig(network=wrong({"hidden": [True]})), "got True"),
    (lambda: RunConfig(schedule=wrong("x")), "schedule: entry 1"),
    (lambda: SpiralData(train_share=-1), "train_share: expected a number"),
    (lambda: SpiralData(seed=wrong("1")), "seed: .*got '1'"),
    (lambda: NetworkConfig(hidden=(0,)), "hidden: .*got 0"),
    (lambda: NetworkConfig(activation="step"), "activation: expected one of tanh"),
    (lambda: TrainingConfig(learning_rate=float("nan")), "learning_rate: .*got NaN"),
    (lambda: TrainingConfig(l1=1, l2=wrong("x")), "l2: .*got 'x'"),
    (lambda: RunConfig.from_json(wrong(3)), "Expected JSON, got 3"),
    (lambda: RunConfig.from_query(wrong(3)), "URL: expected a text, got 3"),
    (lambda: Run(wrong("x")), "Expected a mapping of settings, got 'x'"),
    (lambda: Run(wrong({"seed": -1})), "seed: "),
    (lambda: Run.restore(b""), "Expected a safetensors frame"),
    (lambda: Run.restore(wrong(3)), "Expected the bytes of a checkpoint, got 3"),
    (lambda: Run.load("/no/such/file"), "cannot be read"),
    (lambda: Run.load("/"), "cannot be read"),
    (lambda: Run.load(wrong(3)), "expected the path of a file, got 3"),
    (lambda: Run.unpack(wrong("run.zip")), "Expected the bytes of a file or its path"),
]

ASKED: list[tuple[Callable[[Run], object], str]] = [
    (lambda run: run.train(-1), r"epochs: expected a whole number from 0, got -1\."),
    (lambda run: run.train(wrong("3")), "epochs: .*got '3'"),
    (lambda run: run.train(wrong(1.5)), r"epochs: .*got 1\.5"),
    (lambda run: run.train(wrong(None)), "epochs: .*got nothing"),
    (lambda run: run.train(True), "epochs: .*got True"),
    (lambda run: run.advance(wrong("1")), "seconds: expected a number of seconds, got '1'"),
    (lambda run: run.advance(float("nan")), "seconds: .*got NaN"),
    (lambda run: run.adjust(wrong("x")), "training: expected a TrainingConfig, .*got 'x'"),
    (lambda run: run.adjust(wrong({"l1": 1})), "expected a TrainingConfig"),
    (lambda run: run.adjust(TrainingConfig(optimizer="sgd")), "keeps its optimiser adam"),
    (lambda run: run.measure("aura"), "There is no probe 'aura': expected one of"),
    (lambda run: run.measure(wrong(["norms"])), "There is no probe"),
    (lambda run: run.measure("norms", epoch=wrong("2")), "epoch: expected a whole number, got '2'"),
    (lambda run: run.measure("norms", epoch=True), "epoch: .*got True"),
    (lambda run: run.measure("norms", epoch=wrong(0.5)), r"epoch: .*got 0\.5"),
    (lambda run: run.measure("norms", epoch=99), "Epoch 99 is not kept: expected 0 to 40"),
    (lambda run: run.measure("norms", epoch=-2), "Epoch 39 is not kept"),
    (lambda run: run.measure("norms", epoch=-42), "Epoch -42 is not in the history"),
    (lambda run: run.measure("norms", speed=3), "speed: there is no such setting"),
    (lambda run: run.measure("weights", layer=True), "layer: .*got True"),
    (lambda run: run.measure("weights", layer="2"), "layer: .*got '2'"),
    (lambda run: run.measure("weights", layer=99), "Layer 99 does not exist here"),
    (lambda run: run.measure("history", per_class=1), "per_class: expected true or false, got 1"),
    (lambda run: run.measure("history", per_class="yes"), "per_class: .*got 'yes'"),
    (lambda run: run.measure("attack", epsilons=["0.5"]), r"epsilons: .*got \['0.5'\]"),
    (lambda run: run.measure("attack", epsilons=0.5), "epsilons: expected a list"),
    (lambda run: run.subject(wrong([1])), r"epoch: .*got \[1\]"),
    (lambda run: run.nearest_epoch(-99), "Epoch -99 is not in the history"),
    (lambda run: run.nearest_epoch(wrong("x")), "epoch: "),
    (lambda run: run.branch(-99), "Epoch -99 is not in the history"),
    (lambda run: run.branch(39), "Epoch 39 is not kept"),
    (lambda run: run.branch(wrong(None)), "epoch: .*got nothing"),
    (lambda run: run.attack("aura", epsilon=1), "method: expected one of noise"),
    (lambda run: run.attack(wrong([]), epsilon=1), "method: expected one of"),
    (lambda run: run.attack("fgsm", epsilon=wrong("1")), "epsilons: "),
    (lambda run: run.attack("fgsm", epsilon=-1), "epsilons: "),
    (lambda run: run.attack("fgsm", epsilon=1, epsilons=[2]), "expected one epsilon"),
    (lambda run: run.attack("fgsm", epsilon=1, epoch=99), "Epoch 99 is not kept"),
    (lambda run: run.attack("bim", epsilon=1, iterations="4"), "iterations: .*got '4'"),
    (lambda run: run.over_time("history"), "no summary"),
    (lambda run: run.over_time("norms", budget=wrong("x")), "budget: .*got 'x'"),
    (lambda run: run.over_time("norms", points=0), "points: expected a whole number from 1"),
    (lambda run: run.over_time("norms", layer=1), "layer: there is no such setting"),
    (lambda run: run.save("/no/such/folder/run.zip"), "path: expected a file to write to"),
    (lambda run: run.save("/"), "path: expected a file to write to"),
    (lambda run: run.save(wrong(3)), "path: expected the path of a file"),
]


def assert_sentence(error: ValueError) -> None:
    text = str(error)
    assert text.endswith(".") and text.isprintable() and len(text) < 500


@pytest.mark.parametrize(("make", "says"), CONSTRUCTED, ids=range(len(CONSTRUCTED)))
def test_a_constructor_refuses_with_a_sentence(make: Callable[[], object], says: str) -> None:
    with pytest.raises(ConfigError, match=says) as refused:
        make()
    assert_sentence(refused.value)


@pytest.mark.parametrize(("ask", "says"), ASKED, ids=range(len(ASKED)))
def test_a_run_refuses_with_a_sentence_and_stays_as_it_was(
    ask: Callable[[Run], object], says: str, run: Run
) -> None:
    before = decode(run.checkpoint())
    with pytest.raises((ConfigError, ProbeError), match=says) as refused:
        ask(run)
    assert_sentence(refused.value)
    arrays, texts = decode(run.checkpoint())
    assert texts == before[1]
    for name, values in arrays.items():
        np.testing.assert_array_equal(values, before[0][name])


def test_an_attack_too_large_is_refused() -> None:
    large = Run(SMALL.replace(data={"samples_per_arm": 5000}, network={"hidden": [128] * 8}))
    with pytest.raises(ProbeError, match="at most 20 s"):
        large.attack("pgd", epsilon=1, iterations=200, restarts=50)
    with pytest.raises(ProbeError, match="at most 20 s"):
        large.measure("attack", iterations=200, restarts=50, methods=["pgd"])


OPTIONS = sorted((name, field) for name in PROBES for field in PROBES[name].options.model_fields)


@pytest.mark.parametrize(("name", "field"), OPTIONS)
def test_an_option_of_the_wrong_type_is_refused_by_every_probe(name: str, field: str) -> None:
    options = PROBES[name].options
    assert issubclass(options, Options)
    types = str(schema_of(options, [field]))
    wrong_ones: list[object] = [{}, 2j, object()]
    if "boolean" not in types:
        wrong_ones += [True]
    if "string" not in types and "enum" not in types:
        wrong_ones += ["1", "x"]
    if "number" not in types and "integer" not in types:
        wrong_ones += [1, 0.5]
    for value in wrong_ones:
        with pytest.raises(ConfigError, match=rf"^{field}: expected .*, got "):
            options(**{field: value})


def test_numbers_of_another_library_are_plain_ones(run: Run) -> None:
    np.testing.assert_array_equal(
        run.measure("weights", layer=np.int64(2), epoch=wrong(np.int32(EPOCHS)))["weight_2"],
        run.measure("weights", layer=2)["weight_2"],
    )
    run.measure("attack", epsilons=(np.float32(0.5),))


def test_epochs_are_counted_from_the_last_one_completed(run: Run) -> None:
    kept = [int(epoch) for epoch in run.epochs]
    for epoch in kept:
        back = epoch - run.epoch - 1
        for name, values in run.measure("norms", epoch=epoch).items():
            np.testing.assert_array_equal(run.measure("norms", epoch=back)[name], values)
        assert run.nearest_epoch(back) == epoch
        assert run.subject(back).epoch == epoch
    last = Run(SMALL)
    last.train(3)
    last.advance(0.0)
    last.branch(-1)
    assert (last.epoch, last.progress) == (3, 0.0)
    last.branch(-2)
    assert last.epoch == 2
    last.train(1)
    fresh = Run(SMALL)
    fresh.train(3)
    np.testing.assert_array_equal(last.network.flat.numpy(), fresh.network.flat.numpy())


def test_saving_where_there_is_no_room_leaves_no_trace(run: Run, tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        run.save(tmp_path / "missing" / "run.spiral.zip")
    assert list(tmp_path.iterdir()) == []
