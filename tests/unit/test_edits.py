"""What a person does to a network belongs to the run's schedule, and replays bit for bit."""

from __future__ import annotations

import itertools
import re
from typing import Any

import numpy as np
import pytest
import torch

from spiral_dash import ConfigError, Run, RunConfig
from spiral_dash.core.edits import EDITS
from spiral_dash.core.optimizers import OPTIMIZERS
from tests.unit.test_schedule import BASE, EPOCHS, STEPS, WAYS, assert_same, finished, one_go

SIZES = (2, 6, 5, 2)


def any_edit(rng: np.random.Generator) -> dict[str, Any]:
    kind = str(rng.choice(list(EDITS)))
    last = len(SIZES) - 1 - (kind == "unit")
    layer = int(rng.integers(1, last + 1))
    places = {"layer": layer, "unit": SIZES[layer], "input": SIZES[layer - 1]}
    edit: dict[str, Any] = {"change": kind, "layer": layer}
    for name in EDITS[kind].names[1:]:
        edit[name] = int(rng.integers(1, places[name] + 1))
    values: dict[str, list[Any]] = {"layer": ["frozen", "free"], "unit": ["silent", "active"]}
    return {**edit, "value": rng.choice(values[kind]).item() if kind in values else rng.normal()}


def edited(seed: int) -> RunConfig:
    """A schedule of edits and changes of the training; some at one place, some beyond an epoch."""
    rng = np.random.default_rng(seed)
    entries: dict[object, dict[str, Any]] = {}
    for _ in range(12):
        epoch, step = int(rng.integers(EPOCHS)), int(rng.choice([0, 0, 1, 3, STEPS + 2]))
        edit = {**any_edit(rng), "epoch": epoch, "step": step}
        entries[str({**edit, "value": 0})] = edit
    if seed % 2:
        entries["training"] = {"epoch": 2, "step": 1, "batch_size": 7, "l2": 0.01, "l1": 1e-4}
    ordered = sorted(entries.values(), key=lambda entry: (entry["epoch"], entry["step"]))
    optimizer = list(OPTIMIZERS)[seed % len(OPTIMIZERS)]
    training = BASE.training.replace(optimizer=optimizer)
    return BASE.replace(training=training, schedule=ordered, seed=seed)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("way", WAYS)
def test_the_same_edits_give_the_same_weights(way: str, seed: int) -> None:
    config = edited(seed)
    assert_same(WAYS[way](config), one_go(config))


@pytest.mark.parametrize("seed", range(12))
def test_a_run_that_is_edited_writes_the_schedule_that_replays_it(seed: int) -> None:
    """Several edits at one place among them, also of the same thing, there and back."""
    rng = np.random.default_rng(seed)
    run = Run(edited(seed).replace(schedule=()))
    while run.epoch < EPOCHS:
        for _ in range(int(rng.integers(0, 6)) * (rng.random() < 0.4)):
            edit = any_edit(rng)
            if rng.random() < 0.7:
                run.edit(**edit)
            if edit["change"] == "unit" and rng.random() < 0.7:
                run.edit(**{**edit, "value": "silent"})
                run.edit(**{**edit, "value": "active"})
        if rng.random() < 0.1:
            run.adjust(run.training.replace(l2=float(rng.random())))
        run.advance(0.0)
    assert_same(finished(Run(run.config)), run)
    again = Run.restore(run.checkpoint())
    again.reset()
    again.train(EPOCHS)
    assert_same(again, run)


@pytest.mark.parametrize("epoch", range(EPOCHS + 1))
def test_a_branch_of_an_edited_run_is_the_run_of_what_is_left(epoch: int) -> None:
    run = one_go(edited(epoch + 10))
    run.branch(epoch)
    run.train(EPOCHS - epoch)
    assert_same(run, one_go(run.config))


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_frozen_layer_keeps_every_bit_while_the_others_learn(optimizer: str) -> None:
    training = {"optimizer": optimizer, "batch_size": 17, "l1": 1e-3, "l2": 0.01}
    run = Run(BASE.replace(training=training))
    run.train(2)
    run.edit("layer", layer=2, value="frozen")
    before, state = run.network.copy(), run.trainer.engine.state.clone()
    run.train(3)
    run.adjust(run.training.replace(learning_rate=0.1))
    run.train(1)
    for layer, (one, other) in enumerate(zip(run.network.weights, before.weights, strict=True), 1):
        assert torch.equal(one, other) == (layer == 2)
    assert torch.equal(run.network.biases[1], before.biases[1])
    # And so the optimiser goes on from what it remembers.
    vectors = run.trainer.engine.state[:-1].view(-1, len(before.flat))
    held = run.trainer.hold.positions(SIZES)
    assert torch.equal(vectors[:, held], state[:-1].view(-1, len(before.flat))[:, held])
    run.edit("layer", layer=2, value="free")
    run.train(1)
    assert not torch.equal(run.network.weights[1], before.weights[1])


def set_all(run: Run, weights: list[torch.Tensor], biases: list[torch.Tensor]) -> None:
    for layer, (weight, bias) in enumerate(zip(weights, biases, strict=True), start=1):
        for unit, value in enumerate(bias.tolist(), start=1):
            run.edit("bias", layer=layer, unit=unit, value=value)
        for (unit, given), value in np.ndenumerate(weight.detach().numpy()):
            place = {"layer": layer, "unit": unit + 1, "input": given + 1}
            run.edit("weight", **place, value=float(value))


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("activation", ["relu", "sigmoid"])
def test_with_a_silent_unit_a_network_is_and_trains_as_the_one_without_it(
    activation: str, optimizer: str
) -> None:
    training = {"optimizer": optimizer, "batch_size": 17, "l2": 1e-3}
    config = BASE.replace(training=training).model_dump()
    config["network"] |= {"activation": activation}
    silenced = Run(RunConfig.parse(config))
    silenced.edit("unit", layer=1, unit=3, value="silent")
    config["network"] |= {"hidden": (5, 5)}
    without = Run(RunConfig.parse(config))
    rest = [0, 1, 3, 4, 5]
    first, second, last = silenced.network.weights
    set_all(
        without,
        [first[rest], second[:, rest], last],
        [silenced.network.biases[0][rest], *silenced.network.biases[1:]],
    )
    incoming = first[2].clone()
    for epoch in range(4):
        for name in ("train_loss", "test_accuracy"):
            np.testing.assert_allclose(
                silenced.metrics[name], without.metrics[name], rtol=2e-4, err_msg=f"epoch {epoch}"
            )
        boundary = [run.measure("boundary")["probability"] for run in (silenced, without)]
        np.testing.assert_allclose(boundary[0], boundary[1], atol=2e-4)
        silenced.train(1)
        without.train(1)
    assert torch.equal(silenced.network.weights[0][2], incoming)
    assert not silenced.network.weights[1][:, 2].any()


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_unit_comes_back_as_it_was(optimizer: str) -> None:
    run = Run(BASE.replace(training={"optimizer": optimizer}))
    run.train(2)
    before = run.network.copy()
    for layer, unit in ((1, 2), (2, 5), (1, 1)):
        run.edit("unit", layer=layer, unit=unit, value="silent")
    run.train(2)
    # What is set meanwhile is what it comes back with.
    run.edit("weight", layer=2, unit=4, input=2, value=0.25)
    assert run.network.weights[1][3, 1] == 0
    for layer, unit in ((1, 1), (2, 5), (1, 2)):
        run.edit("unit", layer=layer, unit=unit, value="active")
    now = run.network
    assert now.weights[1][3, 1] == 0.25
    kept = [(now.weights[0][1], before.weights[0][1]), (now.biases[0][1], before.biases[0][1])]
    kept += [(now.weights[1][:3, 1], before.weights[1][:3, 1])]
    kept += [(now.weights[2][:, 4], before.weights[2][:, 4])]
    for one, other in kept:
        assert torch.equal(one, other)
    run.train(1)
    assert not torch.equal(run.network.weights[0][1], before.weights[0][1])


def test_an_edit_at_the_end_of_an_epoch_is_recorded_with_it() -> None:
    run = Run(BASE)
    run.train(3)
    curve = run.over_time("norms")
    loss = run.metrics["train_loss"]
    run.edit("weight", layer=3, unit=1, input=2, value=40)
    assert run.metrics["train_loss"] != loss
    assert len(run.history["epoch"]) == 3
    here = run.measure("boundary")
    after = run.over_time("norms")
    assert after["epochs"].tolist() == curve["epochs"].tolist()
    assert (after["frobenius"][-1] != curve["frobenius"][-1]).any()
    run.train(2)
    past = run.measure("boundary", epoch=3)
    for name, values in here.items():
        np.testing.assert_array_equal(values, past[name])


def test_several_edits_of_one_thing_at_one_place_are_one() -> None:
    run = Run(BASE)
    run.train(2)
    for value in (0.5, 1.5, -2):
        run.edit("weight", layer=2, unit=1, input=3, value=value)
    run.edit("layer", layer=1, value="frozen")
    run.edit("layer", layer=1, value="free")
    run.edit("unit", layer=1, unit=2, value="active")
    run.edit("bias", layer=1, unit=4, value=1e-3)
    run.adjust(run.training.replace(l2=0.5))
    text = "2:l2=0.5,weight.2.1.3=-2.0,bias.1.4=0.001"
    assert run.config == BASE.replace(schedule=text)
    assert f"schedule={text}&" in run.config.to_query()
    assert [mark.text for mark in run.config.changes] == [
        "L2 0 → 0.5",
        "weight 3 → 1 of layer 2 set to -2",
        "bias of unit 4 of layer 1 set to 0.001",
    ]
    run.train(1)
    run.edit("layer", layer=3, value="frozen")
    run.edit("unit", layer=2, unit=5, value="silent")
    run.edit("unit", layer=2, unit=5, value="active")
    run.branch(3)
    assert [mark.text for mark in run.config.changes][3:] == [
        "layer 3 frozen",
        "unit 5 of layer 2 brought back",
    ]


NAN, INF = float("nan"), float("inf")


def weight(layer: object, unit: object, given: object, value: object) -> dict[str, Any]:
    return {"change": "weight", "layer": layer, "unit": unit, "input": given, "value": value}


def bias(layer: object, unit: object, **more: object) -> dict[str, Any]:
    return {"change": "bias", "layer": layer, "unit": unit, **more}


def layer(number: object, value: object) -> dict[str, Any]:
    return {"change": "layer", "layer": number, "value": value}


def silent(number: object, unit: object) -> dict[str, Any]:
    return {"change": "unit", "layer": number, "unit": unit, "value": "silent"}


REFUSED: list[tuple[dict[str, Any], str]] = [
    (weight(1, 1, 1, NAN), "value: expected a number from -1000000 to 1000000, got NaN"),
    (weight(1, 1, 1, 1e300), r"got 1e\+300"),
    (bias(1, 1, value=-INF), "got an infinity"),
    (bias(1, 1, value="0.5"), r"got '0\.5'"),
    (bias(1, 1, value=None), "value: .*got nothing"),
    (bias(1, 1, value=True), "got True"),
    (bias(1, 1), "value: expected a value, got none"),
    (bias(1, 1, input=1, value=1), "input: there is no such setting"),
    (bias(1.5, 3, value=1), r"layer: .*got 1\.5"),
    (bias(3, 3, value=1), "layer 3 has no such unit: expected 1 to 2, got 3"),
    (weight(4, 1, 1, 1), "layer: there is no such layer: expected 1 to 3, got 4"),
    (weight(0, 1, 1, 1), "layer: expected a whole number from 1"),
    (weight(2, 6, 1, 1), "unit: layer 2 has no such unit: expected 1 to 5, got 6"),
    (weight(1, 1, 3, 1), "input: layer 1 has no such input: expected 1 to 2, got 3"),
    (weight(1, 1, None, 1), "input: expected .*got nothing"),
    (layer(9, "frozen"), "expected 1 to 3, got 9"),
    (layer(1, "cold"), "value: expected one of frozen, free, got 'cold'"),
    (layer(1, True), "value: expected one of frozen, free, got True"),
    (silent(3, 1), "layer: outputs cannot be silenced: expected 1 to 2, got 3"),
    (silent(1, 7), "layer 1 has no such unit: expected 1 to 6, got 7"),
    (silent(1, -1), "unit: expected a whole number from 1"),
    ({"change": "neuron"}, "change: expected one of weight, bias, layer, unit, got 'neuron'"),
]


@pytest.mark.parametrize(("edit", "says"), REFUSED, ids=range(len(REFUSED)))
def test_what_is_no_edit_is_refused_and_changes_nothing(edit: dict[str, Any], says: str) -> None:
    run = Run(BASE)
    state = run.trainer.engine.state.clone()
    with pytest.raises(ConfigError, match=says) as refused:
        run.edit(**edit)
    assert str(refused.value).endswith(".") and len(str(refused.value)) < 200
    assert run.config == BASE and torch.equal(run.trainer.engine.state, state)
    # In a schedule the same sentence follows the number of the entry; a text would be read there.
    with pytest.raises(ConfigError, match="entry 1: "):
        Run(BASE.replace(schedule=[edit]))


def test_a_network_without_hidden_layers_has_nothing_to_silence() -> None:
    run = Run(RunConfig(network={"hidden": []}))
    with pytest.raises(
        ConfigError, match=r"outputs cannot be silenced: .* no hidden layers, got 1"
    ):
        run.edit("unit", layer=1, unit=1, value="silent")


TEXTS = {
    "1:weight.1.1=0.5": "expected weight.LAYER.UNIT.INPUT=value, got 'weight.1.1=0.5'",
    "1:layer.1.2=frozen": "expected layer.LAYER=value, got 'layer.1.2=frozen'",
    "1:weight.1.x.1=0.5": "unit: expected a whole number from 1",
    "1:weight.1.1.1=": "value: expected a number from -1000000 to 1000000, got ''",
    "1:bias.1.1=nan": "got NaN",
    "1:bias.1.1=1,bias.1.1=2": "entry 1: expected each change once at a place, got bias.1.1 again",
    "1:l1=1;2:unit.1.1=loud": "entry 2: value: expected one of silent, active, got 'loud'",
    "1:unit.2.9=silent": "entry 1: unit: layer 2 has no such unit: expected 1 to 5, got 9",
    "1:neuron.1=0": "expected settings among .*got neuron",
}


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_that_is_no_edit_is_refused_with_its_entry(text: str) -> None:
    with pytest.raises(ConfigError, match=re.sub(r"([()])", r"\\\1", TEXTS[text])) as refused:
        BASE.replace(schedule=text)
    assert refused.value.problems.keys() == {"schedule"}


def test_what_only_the_data_know_is_refused_when_the_run_is_made() -> None:
    for text in ("0:weight.1.1.3=1", "0:bias.3.3=1"):
        with pytest.raises(ConfigError, match=r"schedule: entry 1: .*expected 1 to 2, got 3"):
            Run(BASE.replace(schedule=text))


def test_edits_at_one_place_stand_in_one_order_however_they_are_written() -> None:
    parts = ["l1=0.5", "weight.1.1.1=1.0", "bias.1.1=2.0", "layer.3=frozen", "unit.1.2=silent"]
    expected = BASE.replace(schedule=f"3.1:{','.join(parts)}")
    for order in itertools.permutations(parts):
        assert BASE.replace(schedule=f"3.1:{','.join(order)}") == expected
    assert f"schedule=3.1:{','.join(parts)}&" in expected.to_query()
