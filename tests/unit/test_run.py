"""A run is one function of its configuration, however it is driven, cut, saved or resumed."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from spiral_dash import ConfigError, ProbeError, Run, RunConfig, probes
from spiral_dash.core import recording
from spiral_dash.core.recording import RecordingError

SMALL = RunConfig.parse(
    {
        "data": {"entanglement": 4, "samples_per_arm": 60},
        "network": {"hidden": [6, 5], "activation": "tanh"},
        "training": {"batch_size": 17},
        "seed": 3,
    }
)
EPOCHS = 6


def in_one_go(config: RunConfig) -> Run:
    run = Run(config)
    run.train(EPOCHS)
    return run


def in_slices(config: RunConfig) -> Run:
    run = Run(config)
    while run.epoch < EPOCHS:
        run.advance(0.0)
        run.measure("history")
    return run


def in_portions(config: RunConfig) -> Run:
    """Any numbers of batches at a time, drawn by a seed of the test's own."""
    run = Run(config)
    portions = np.random.default_rng(7)
    while run.epoch < EPOCHS:
        steps, (epoch, step) = int(portions.integers(1, 6)), run.trainer.place
        ended = run.advance(60.0, steps)
        assert ended == (run.epoch == epoch + 1)
        if not ended:
            assert run.trainer.place == (epoch, step + steps)
    return run


def through_a_checkpoint_in_mid_epoch(config: RunConfig) -> Run:
    run = Run(config)
    run.train(2)
    assert not run.advance(0.0)
    resumed = Run.restore(run.checkpoint())
    assert resumed.progress == run.progress > 0
    while resumed.epoch < EPOCHS:
        resumed.advance(1.0)
    return resumed


def branched_in_mid_epoch(config: RunConfig) -> Run:
    run = Run(config)
    run.train(3)
    assert not run.advance(0.0)
    run.branch(3)
    assert run.progress == 0.0
    run.train(EPOCHS - 3)
    return run


def after_a_reset(config: RunConfig) -> Run:
    run = Run(config)
    run.train(3)
    run.reset()
    run.train(EPOCHS)
    return run


def branched_back(config: RunConfig) -> Run:
    run = Run(config)
    run.train(EPOCHS + 2)
    run.branch(3)
    run.train(EPOCHS - 3)
    return run


def with_other_threads(config: RunConfig) -> Run:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    torch.manual_seed(99)
    try:
        return in_one_go(config)
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize(
    "changes",
    [
        {"optimizer": "sgd"},
        {"optimizer": "adam", "l1": 1e-4, "l2": 1e-3},
        {"optimizer": "adamw", "l2": 1e-2},
        {"optimizer": "rmsprop"},
        {"adversary": "fgsm", "adversary_share": 0.5},
        {"adversary": "pgd", "adversary_steps": 2},
    ],
    ids=lambda changes: "-".join(map(str, changes.values())),
)
@pytest.mark.parametrize(
    "drive",
    [
        in_slices,
        in_portions,
        through_a_checkpoint_in_mid_epoch,
        after_a_reset,
        branched_back,
        branched_in_mid_epoch,
        with_other_threads,
    ],
)
def test_weights_do_not_depend_on_how_the_run_is_driven(
    drive: Callable[[RunConfig], Run], changes: dict[str, Any]
) -> None:
    training = SMALL.training.replace(**changes)
    config = SMALL.replace(training=training)
    expected, got = in_one_go(config), drive(config)
    assert torch.equal(got.network.flat, expected.network.flat)
    for name, values in expected.history.items():
        np.testing.assert_array_equal(got.history[name], values)


def test_seeds_are_independent_dials() -> None:
    base = Run(SMALL)
    weights = Run(SMALL.replace(network=SMALL.network.replace(seed=7)))
    assert torch.equal(base.data.x_train, weights.data.x_train)
    assert not torch.equal(base.network.flat, weights.network.flat)
    data = Run(SMALL.replace(data=SMALL.data.replace(seed=7)))
    assert torch.equal(base.network.flat, data.network.flat)
    assert not torch.equal(base.data.x_train, data.data.x_train)


def test_no_global_generator_is_touched() -> None:
    torch.manual_seed(5)
    before = torch.get_rng_state()
    in_one_go(SMALL)
    assert torch.equal(torch.get_rng_state(), before)


def test_training_learns_and_history_has_one_entry_an_epoch() -> None:
    run = Run(SMALL.replace(training=SMALL.training.replace(learning_rate=0.02)))
    seen: list[int] = []
    run.train(40, on_epoch=lambda r: seen.append(r.epoch))
    assert seen == list(range(1, 41))
    assert {len(values) for values in run.history.values()} == {40}
    assert run.history["train_loss"][-1] < 0.5 * run.history["train_loss"][0]
    with torch.no_grad():
        logits = run.network(run.data.x_test)
    loss = torch.nn.functional.cross_entropy(logits, run.data.y_test)
    assert run.metrics["test_loss"] == pytest.approx(float(loss), rel=1e-5)
    hits = (logits.argmax(1) == run.data.y_test).double().mean()
    assert run.metrics["test_accuracy"] == pytest.approx(float(hits))


def test_every_snapshot_is_the_network_of_its_epoch() -> None:
    run = Run(SMALL)
    flats = [run.network.flat.clone()]
    run.train(5, on_epoch=lambda r: flats.append(r.network.flat.clone()))
    assert list(run.epochs) == [0, 1, 2, 3, 4, 5]
    for epoch, flat in enumerate(flats):
        assert torch.equal(run.subject(epoch).network.flat, flat)


def test_in_mid_epoch_the_last_epoch_is_what_it_was_at_its_end() -> None:
    run = Run(SMALL)
    run.train(2)
    end = run.network.flat.clone()
    norms = run.over_time("norms")
    assert not run.advance(0.0)
    assert not torch.equal(run.network.flat, end)
    assert list(run.epochs) == [0, 1, 2]
    assert torch.equal(run.subject(2).network.flat, end)
    assert torch.equal(run.subject().network.flat, run.network.flat)
    unhurried = Run(SMALL)
    unhurried.train(2)
    unhurried.advance(0.0)
    for name, values in unhurried.over_time("norms").items():
        np.testing.assert_array_equal(values, norms[name])


def test_a_run_that_diverges_stops_and_says_what_to_try() -> None:
    training = SMALL.training.replace(optimizer="sgd", learning_rate=100.0)
    network = SMALL.network.replace(activation="linear")
    run = Run(SMALL.replace(training=training, network=network))
    run.train(50)
    assert run.diverged is not None and "lower learning rate" in run.diverged
    epoch = run.epoch
    assert epoch < 50
    run.train(3)
    assert run.epoch == epoch
    run.reset()
    assert Run.restore(run.checkpoint()).diverged is None
    assert np.isfinite(run.metrics["train_loss"])
    assert run.advance(1.0)
    assert run.epoch == 1


def test_adjusting_changes_the_steps_that_follow_but_never_the_optimiser() -> None:
    run = Run(SMALL)
    run.train(1)
    before = run.network.flat.clone()
    run.adjust(SMALL.training.replace(learning_rate=1e-30, batch_size=3))
    run.train(1)
    torch.testing.assert_close(run.network.flat, before, rtol=0, atol=1e-20)
    with pytest.raises(ConfigError, match="keeps its optimiser adam"):
        run.adjust(SMALL.training.replace(optimizer="sgd"))


def test_unknown_probes_epochs_and_options_are_refused_with_what_exists() -> None:
    run = in_one_go(SMALL)
    with pytest.raises(ProbeError, match="expected one of"):
        run.measure("aura")
    with pytest.raises(ProbeError, match=r"Epoch 99 is not kept: expected 0 to 6"):
        run.measure("history", epoch=99)
    with pytest.raises(ConfigError, match="from 10"):
        run.measure("history", points=1)
    with pytest.raises(ProbeError, match="no summary"):
        run.over_time("history")
    assert "history" in probes()


@pytest.mark.parametrize("config", [SMALL, SMALL.replace(network={"hidden": ()})])
def test_a_recorded_run_opens_with_the_same_numbers(tmp_path: Path, config: RunConfig) -> None:
    run = in_one_go(config)
    run.save(tmp_path / "run.spiral.zip")
    opened = Run.load(tmp_path / "run.spiral.zip")
    assert opened.config == run.config
    assert list(opened.epochs) == list(run.epochs)
    for epoch in run.epochs:
        assert torch.equal(
            opened.subject(int(epoch)).network.flat, run.subject(int(epoch)).network.flat
        )
    opened.train(2)
    run.train(2)
    assert torch.equal(opened.network.flat, run.network.flat)
    for name, values in run.history.items():
        np.testing.assert_array_equal(opened.history[name], values)


def _cut_off(whole: bytes) -> bytes:
    return whole[: len(whole) // 2]


def _other_version(whole: bytes) -> bytes:
    return whole.replace(b'"version":"1"', b'"version":"9"')


def _without_snapshots(whole: bytes) -> bytes:
    return _rewritten(whole, drop=recording.SNAPSHOTS)


def _other_config(whole: bytes) -> bytes:
    return whole.replace(b'\\"activation\\": \\"tanh\\"', b'\\"activation\\": \\"tanz\\"')


def _wrong_shape(whole: bytes) -> bytes:
    other = Run(SMALL.replace(network=SMALL.network.replace(hidden=(3,))))
    return _rewritten(whole, replace=(recording.RUN, other.checkpoint()))


def _swapped(whole: bytes) -> bytes:
    return _rewritten(whole, replace=(recording.RUN, b"\xff" * 100))


def _bomb(whole: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(recording.RUN, bytes(recording.BYTES_MAX + 10))
        archive.writestr(recording.SNAPSHOTS, b"")
    return buffer.getvalue()


def _rewritten(whole: bytes, drop: str = "", replace: tuple[str, bytes] = ("", b"")) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            if name != drop:
                new.writestr(name, replace[1] if name == replace[0] else old.read(name))
    return buffer.getvalue()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda whole: b"",
        lambda whole: b"not a zip at all",
        lambda whole: b"\x80\x04\x95(pickled nonsense)",
        _cut_off,
        _other_version,
        _without_snapshots,
        _other_config,
        _wrong_shape,
        _swapped,
        _bomb,
    ],
)
def test_a_file_that_is_no_recorded_run_is_refused(spoil: Callable[[bytes], bytes]) -> None:
    spoiled = spoil(in_one_go(SMALL).pack())
    with pytest.raises(RecordingError, match=r"[Ee]xpected|not valid|not whole"):
        Run.unpack(spoiled)
