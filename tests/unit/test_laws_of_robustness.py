"""Proved <= attacked <= clean, for every network that can be made: ties, overflow, features."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch

from spiral_dash import ProbeError, Run, RunConfig
from spiral_dash.core.activations import ACTIVATIONS
from spiral_dash.core.attacks import ATTACKS
from spiral_dash.core.initializers import INITIALIZERS, fill
from spiral_dash.core.inputs import FEATURES, PLAIN, InputMap
from spiral_dash.core.network import Network
from spiral_dash.core.passes import TiledPass
from spiral_dash.core.probes import PROBES, Subject
from spiral_dash.core.probes.images import columns
from spiral_dash.core.threads import single_thread
from tests.unit.probes.subjects import spiral, subject_of

Array = npt.NDArray[Any]
EPSILONS = [0.0, 0.1, 0.5, 1.0, 2.5]
BOXES = 3000
SCALES = (1e-30, 1e-20, 1e-8, 1e-3, 1.0, 1.0, 3.0, 30.0, 1e4, 1e10, 1e20, 1e30)


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Small operations, which more threads only slow down on a busy machine."""
    with single_thread():
        yield


def drawn(activation: str, seed: int) -> Subject:
    """A network of any initialiser, scale, depth, width, inputs and number of classes."""
    generator = np.random.default_rng([seed, *activation.encode()])
    classes = int(generator.integers(2, 7))
    data = spiral(arms=classes)
    chosen = [name for name in FEATURES if generator.random() < 0.5]
    features = tuple(chosen) if chosen and generator.random() < 0.5 else PLAIN
    scaling = generator.choice(["none", "standard", "minmax"])
    inputs = InputMap.fit(data.x_train, features, scaling)
    hidden = generator.integers(1, 9, generator.integers(0, 5)).tolist()
    network = Network((inputs.units, *hidden, classes), activation, None, inputs)
    layers = list(zip(network.weights, network.biases, strict=True))
    fill(
        str(generator.choice(list(INITIALIZERS))),
        layers,
        torch.Generator().manual_seed(seed),
    )
    with torch.no_grad():
        network.flat.mul_(float(generator.choice(SCALES)))
        if generator.random() < 0.3:  # rows that are the same make logits that tie
            network.weights[-1][1] = network.weights[-1][0]
            network.biases[-1][1] = network.biases[-1][0]
    return subject_of(network, data)


def clean_logits(subject: Subject) -> Array:
    with np.errstate(all="ignore"):
        x = columns(subject.data.x_test.numpy(), subject.network)
        return TiledPass(subject.network).logits(x)


def check(subject: Subject, norm: str) -> None:
    labels = subject.data.y_test.numpy()
    logits = clean_logits(subject)
    exact = PROBES["exact_robustness"]
    if not np.isfinite(logits).all():
        for name in ("exact_robustness", "attack", "robustness_estimate"):
            with pytest.raises(ProbeError, match="no longer finite"):
                PROBES[name](subject)
        return
    clean = (logits.argmax(axis=0) == labels).mean()
    proved = exact(subject, epsilons=EPSILONS, norm=norm, max_boxes=BOXES)
    shot = exact(subject, epsilons=EPSILONS, norm=norm, proof="one-shot")
    attacked = PROBES["attack"](
        subject,
        epsilons=EPSILONS,
        norm=norm,
        methods=list(ATTACKS),
        iterations=3,
        restarts=2,
    )
    assert attacked["clean"] == clean
    for found in (proved, shot):
        assert found["accuracy"][0] == found["accuracy_upper"][0] == clean
        assert (found["accuracy"] <= found["accuracy_upper"]).all()
        assert (np.diff(found["accuracy"]) <= 0).all()
        assert (found["radius_lower"] <= found["radius_upper"]).all()
        wrong = logits.argmax(axis=0) != labels
        assert (found["radius_upper"][wrong] == 0).all()
        assert (found["radius_upper"][~wrong] > 0).all()
        for name in ATTACKS:
            under = attacked[f"accuracy_{name}"]
            assert (found["accuracy"] <= under).all(), name
            assert (under <= clean).all() and under[0] == clean


@pytest.mark.parametrize("norm", ["linf", "l2"])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_proved_is_below_attacked_is_below_clean(activation: str, norm: str) -> None:
    for seed in range(12):
        check(drawn(activation, seed), norm)


def test_the_networks_drawn_are_of_every_kind() -> None:
    """Among those above there are ties, overflow, underflow, and something to prove."""
    subjects = [drawn(activation, seed) for activation in ACTIVATIONS for seed in range(12)]
    logits = [clean_logits(subject) for subject in subjects]
    finite = [bool(np.isfinite(each).all()) for each in logits]
    assert 0.02 < 1 - np.mean(finite) < 0.5
    ties = [
        bool((np.sort(each, axis=0)[-1] == np.sort(each, axis=0)[-2]).any())
        for each, ok in zip(logits, finite, strict=True)
        if ok
    ]
    assert 0.1 < np.mean(ties) < 0.9
    proved = [
        PROBES["exact_robustness"](subject, epsilons=[0.1], max_boxes=BOXES)["accuracy"][0]
        for subject, ok in zip(subjects[::3], finite[::3], strict=True)
        if ok
    ]
    assert np.mean(np.array(proved) > 0) > 0.5


def run_of(network: dict[str, Any], training: dict[str, Any] | None = None, epochs: int = 0) -> Run:
    data = {"entanglement": 4, "samples_per_arm": 60, "arms": 3}
    run = Run(RunConfig.parse({"data": data, "network": network, "training": training or {}}))
    run.train(epochs)
    return run


def test_where_all_logits_tie_the_first_class_has_the_plane() -> None:
    run = run_of({"initializer": "zeros"})
    labels = run.data.y_test.numpy()
    first = (labels == 0).mean()
    assert run.metrics["test_accuracy"] == pytest.approx(first)
    for norm in ("linf", "l2"):
        exact = run.measure("exact_robustness", epsilons=EPSILONS, norm=norm)
        np.testing.assert_array_equal(exact["accuracy"], first)
        np.testing.assert_array_equal(exact["accuracy_upper"], first)
        assert (exact["verdict"] == 0).all()
        attacked = run.measure("attack", methods=list(ATTACKS), epsilons=EPSILONS, norm=norm)
        for name in ATTACKS:
            np.testing.assert_array_equal(attacked[f"accuracy_{name}"], first)
        estimate = run.measure("robustness_estimate", norm=norm)
        np.testing.assert_array_equal(estimate["accuracy"], first)
        for label in range(3):
            point = int(np.flatnonzero(labels == label)[0])
            found = run.measure("examples", point=point, epsilon=0.5, norm=norm)
            assert found["predicted"] == 0
            assert (found["broken"] == (label != 0)).all()
            if label == 0:
                assert found["radius_lower"] > 0.5 and np.isinf(found["radius_upper"])
            else:
                assert found["radius_lower"] == found["radius_upper"] == 0


def test_a_network_whose_outputs_overflow_is_refused_by_all_alike() -> None:
    run = run_of({"activation": "softplus"})
    with torch.no_grad():
        run.network.flat.mul_(1e20)
    assert np.isfinite(run.network.flat.numpy()).all()
    for name in ("boundary", "exact_robustness", "attack", "examples", "robustness_estimate"):
        with pytest.raises(ProbeError, match="no longer finite"):
            run.measure(name)
    with pytest.raises(ProbeError, match="no longer finite"):
        run.measure("exact_robustness", proof="one-shot")


def test_weights_that_are_not_finite_are_refused_in_a_sentence() -> None:
    run = run_of({"hidden": [8]})
    run.network.flat.fill_(float("nan"))
    for name in ("exact_robustness", "attack", "examples"):
        with pytest.raises(ProbeError, match="finite"):
            run.measure(name)


@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_epsilon_0_is_the_point_itself_everywhere(norm: str) -> None:
    run = run_of({"hidden": [8, 8]}, {"learning_rate": 0.01}, epochs=20)
    clean = run.metrics["test_accuracy"]
    assert clean > 0
    for method in ATTACKS:
        examples = run.attack(method, epsilon=0, norm=norm)
        np.testing.assert_array_equal(examples, run.data.x_test.numpy())
    attacked = run.measure("attack", methods=list(ATTACKS), epsilons=[0, 0.5], norm=norm)
    exact = run.measure("exact_robustness", epsilons=[0, 0.5], norm=norm)
    estimate = run.measure("robustness_estimate", norm=norm)
    for accuracy in (
        exact["accuracy"],
        exact["accuracy_upper"],
        estimate["accuracy"],
        *(attacked[f"accuracy_{name}"] for name in ATTACKS),
    ):
        assert accuracy[0] == pytest.approx(clean)
    assert run.measure("exact_robustness", epsilons=[0])["accuracy"][0] == pytest.approx(clean)
    found = run.measure("examples", point=0, epsilon=0)
    assert found["radius_lower"] <= found["radius_upper"]
    np.testing.assert_array_equal(found["path"], np.repeat(found["point"][None], 5, 0))
