"""Attacks against the same written with autograd, against foolbox, and against their own ball."""

from __future__ import annotations

import warnings
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
from torch import Tensor, nn

from spiral_dash import ConfigError, Run, RunConfig
from spiral_dash.core.activations import ACTIVATIONS
from spiral_dash.core.attacks import (
    ATTACKS,
    SECONDS_MAX,
    AttackSettings,
    AttackTooLargeError,
    Outcome,
)
from spiral_dash.core.balls import NORMS, Norm
from spiral_dash.core.network import Network
from spiral_dash.core.passes import TiledPass, one_hot, with_ones
from spiral_dash.core.threads import single_thread
from tests.unit.probes.subjects import random_network

Array = npt.NDArray[Any]
EPSILONS = (0.1, 0.5, 2.0)


def points(count: int, dimension: int, classes: int, seed: int = 1) -> tuple[Array, Array]:
    """Points (N, n) float32 about the origin with classes drawn at random."""
    generator = np.random.default_rng(seed)
    x = (3 * generator.standard_normal((count, dimension))).astype(np.float32)
    return x, generator.integers(0, classes, count)


def attack(
    name: str,
    network: Network,
    x: Array,
    y: Array,
    epsilons: tuple[float, ...] = EPSILONS,
    seed: int = 5,
    **settings: Any,
) -> Outcome:
    search = ATTACKS[name](AttackSettings(epsilons=epsilons, **settings))
    return search.run(network, x, y, np.random.default_rng(seed))


def gradient(network: Network, x: Tensor, y: Tensor) -> Tensor:
    """grad_x J by autograd."""
    x = x.detach().requires_grad_()
    loss = nn.functional.cross_entropy(network(x), y, reduction="sum")
    (found,) = torch.autograd.grad(loss, x)
    return found


def by_the_book(
    network: Network, x: Tensor, y: Tensor, epsilon: float, alpha: float, steps: int, norm: Norm
) -> list[Tensor]:
    """Eqs. 4.4 to 4.6 as they are printed, with autograd; in L2 their counterparts."""
    iterates = [x]
    for _ in range(steps):
        g = gradient(network, iterates[-1], y)
        if norm == "linf":
            moved = iterates[-1] + alpha * g.sign()
            iterates.append(torch.minimum(torch.maximum(moved, x - epsilon), x + epsilon))
        else:
            offset = iterates[-1] + alpha * g / g.norm(dim=1, keepdim=True) - x
            length = offset.norm(dim=1, keepdim=True)
            iterates.append(x + offset * torch.clamp(epsilon / length, max=1))
    return iterates


@pytest.mark.parametrize("hidden", [(), (7, 5)])
@pytest.mark.parametrize("classes", [2, 3, 6])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_ascent_is_the_gradient_up_to_a_positive_factor(
    activation: str, classes: int, hidden: tuple[int, ...]
) -> None:
    network = random_network((3, *hidden, classes), activation)
    x, y = points(300, 3, classes)
    logits, ascent = TiledPass(network).ascent(
        with_ones(x, np.float64), one_hot(y, classes, np.float64)
    )
    x64, labels = torch.from_numpy(x).double(), torch.from_numpy(y)
    np.testing.assert_allclose(logits.T, network(x64).detach().numpy(), atol=1e-12)
    p = network(x64).softmax(dim=1)[torch.arange(len(y)), labels]
    expected = gradient(network, x64, labels) / (1 - p)[:, None]
    np.testing.assert_allclose(ascent.T, expected.detach().numpy(), rtol=1e-6, atol=1e-9)


def test_the_ascent_is_left_where_the_gradient_underflows() -> None:
    """A sure network is not a robust one: its loss still rises somewhere."""
    network = random_network((2, 6, 2), "relu", torch.float32, scale=300.0)
    x, _ = points(200, 2, 2)
    y = network(torch.from_numpy(x)).argmax(dim=1).numpy()
    columns, targets = with_ones(x, np.float32), one_hot(y, 2, np.float32)
    underflown = (TiledPass(network).loss_gradient(columns, targets) == 0).all(axis=0)
    _, ascent = TiledPass(network).ascent(columns, targets)
    exact = network.copy(torch.float64)
    z = torch.from_numpy(x).double().requires_grad_()
    logits = exact(z)
    rows = torch.arange(len(y))
    margin = logits[rows, 1 - torch.from_numpy(y)] - logits[rows, torch.from_numpy(y)]
    (expected,) = torch.autograd.grad(margin.sum(), z)
    clear = underflown & (expected.abs().min(dim=1).values > 1e-6).numpy()
    assert clear.sum() > 10
    np.testing.assert_array_equal(np.sign(ascent.T[clear]), np.sign(expected.numpy()[clear]))


BOOK_CASES = [
    ("tanh", 2, 2, "linf", None),
    ("relu", 2, 2, "linf", None),
    ("gelu", 2, 3, "linf", 0.03),
    ("sine", 5, 6, "linf", 0.7),
    ("tanh", 2, 2, "l2", None),
    ("softplus", 32, 4, "l2", 0.05),
]


@pytest.mark.parametrize(("activation", "dimension", "classes", "norm", "alpha"), BOOK_CASES)
def test_fgsm_and_bim_are_the_equations(
    activation: str, dimension: int, classes: int, norm: Norm, alpha: float | None
) -> None:
    network = random_network((dimension, 9, 7, classes), activation)
    x, y = points(200, dimension, classes)
    x64, labels = torch.from_numpy(x).double(), torch.from_numpy(y)
    walks: tuple[tuple[str, int], ...] = (("fgsm", 1), ("bim", 6))
    for name, steps in walks:
        settings = AttackSettings(epsilons=EPSILONS, norm=norm, alpha=alpha, iterations=6)
        search = ATTACKS[name](settings)
        path = search.path(network, x, y, np.random.default_rng(0))
        assert path.shape == (steps + 1, len(EPSILONS), *x.shape)
        outcome = search.run(network, x, y, np.random.default_rng(0))
        for e, epsilon in enumerate(EPSILONS):
            stride = epsilon if name == "fgsm" else alpha or epsilon / 2
            expected = by_the_book(network, x64, labels, epsilon, stride, steps, norm)
            np.testing.assert_allclose(path[:, e], torch.stack(expected).numpy(), atol=1e-9)
            hit = np.stack([network(z).argmax(dim=1).numpy() == y for z in expected])
            np.testing.assert_array_equal(outcome.robust[e], hit.all(axis=0))
            first_miss = np.where(hit.all(axis=0), steps, hit.argmin(axis=0))
            example = torch.stack(expected).numpy()[first_miss, np.arange(len(x))]
            np.testing.assert_allclose(outcome.examples[e], example, atol=1e-9)


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("name", ATTACKS)
@pytest.mark.parametrize(
    ("dtype", "dimension", "classes"),
    [(torch.float32, 2, 2), (torch.float32, 32, 6), (torch.float64, 3, 3)],
)
def test_no_example_leaves_its_ball(
    name: str, norm: Norm, dtype: torch.dtype, dimension: int, classes: int
) -> None:
    network = random_network((dimension, 8, classes), "relu", dtype)
    epsilons = (1e-6, 0.1, 1 / 3, 7.0)
    x, y = points(60, dimension, classes)
    for seed in range(2):
        outcome = attack(name, network, x, y, epsilons, seed, norm=norm, restarts=2)
        path = ATTACKS[name](AttackSettings(epsilons=epsilons, norm=norm)).path(
            network, x, y, np.random.default_rng(seed)
        )
        for met in (outcome.examples, *path):
            assert met.dtype == network.flat.numpy().dtype
            for e, epsilon in enumerate(epsilons):
                for example, centre in zip(met[e], x, strict=True):
                    offset = [
                        abs(Fraction(float(a)) - Fraction(float(b)))
                        for a, b in zip(example, centre, strict=True)
                    ]
                    size = max(offset) if norm == "linf" else sum(d * d for d in offset)
                    assert size <= Fraction(epsilon) ** (1 if norm == "linf" else 2)


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("name", ATTACKS)
def test_what_broke_a_point_is_misclassified_and_the_rest_is_not(name: str, norm: Norm) -> None:
    network = random_network((2, 12, 8, 3), "tanh", scale=2.0)
    x, y = points(400, 2, 3)
    outcome = attack(name, network, x, y, norm=norm)
    for examples, robust in zip(outcome.examples, outcome.robust, strict=True):
        hit = network(torch.from_numpy(examples)).argmax(dim=1).numpy() == y
        np.testing.assert_array_equal(hit, robust)
        assert 0 < robust.sum() < len(x)


@pytest.mark.parametrize("name", ATTACKS)
def test_a_clean_error_is_not_robust_and_is_its_own_example(name: str) -> None:
    network = random_network((2, 12, 8, 3), scale=2.0)
    x, y = points(400, 2, 3)
    wrong = network(torch.from_numpy(x).double()).argmax(dim=1).numpy() != y
    outcome = attack(name, network, x, y)
    assert not outcome.robust[:, wrong].any()
    for examples in outcome.examples:
        np.testing.assert_array_equal(examples[wrong], x[wrong])


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("name", ATTACKS)
def test_an_epsilon_is_attacked_alone_as_among_others(name: str, norm: Norm) -> None:
    """More points than are walked together, so that their blocks differ too."""
    network = random_network((2, 6, 2), dtype=torch.float32, scale=2.0)
    x, y = points(3000, 2, 2)
    y = network(torch.from_numpy(x)).argmax(dim=1).numpy()
    together = attack(name, network, x, y, norm=norm, restarts=2)
    assert 0 < together.robust.mean() < 1
    for e, epsilon in enumerate(EPSILONS):
        alone = attack(name, network, x, y, (epsilon,), norm=norm, restarts=2)
        # A product's last bit may depend on its width; a point right on the boundary may turn.
        assert (alone.robust[0] != together.robust[e]).sum() <= 2
        moved = np.abs(alone.examples[0] - together.examples[e]).max(axis=1)
        assert (moved > 1e-5).sum() <= 2


@pytest.mark.parametrize("name", ["noise", "pgd"])
def test_the_generator_decides_what_is_drawn(name: str) -> None:
    network = random_network((2, 6, 2), scale=0.1)
    x, y = points(50, 2, 2)
    first, again, other = (attack(name, network, x, y, seed=seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first.examples, again.examples)
    assert not np.array_equal(first.examples, other.examples)


def test_more_restarts_break_the_same_points_and_more() -> None:
    network = random_network((2, 20, 20, 2), "sine", scale=2.0)
    x, _ = points(300, 2, 2)
    y = network(torch.from_numpy(x).double()).argmax(dim=1).numpy()
    one, many = (
        attack("pgd", network, x, y, restarts=restarts, alpha=0.01).robust for restarts in (1, 20)
    )
    assert not (many & ~one).any()
    assert many.sum() < one.sum()


def test_the_ball_is_not_recentred() -> None:
    """Clipping around each iterate would carry an example (1 + N/2) eps away."""
    network = Network((2, 2), "linear", torch.tensor([1.0, 0, 0, -1, 0, 0]))
    x, y = np.array([[100.0, 0.0]], np.float32), np.array([0])
    settings = AttackSettings(epsilons=(1.0,), iterations=10)
    path = ATTACKS["bim"](settings).path(network, x, y, np.random.default_rng(0))
    np.testing.assert_allclose(path[:, 0, 0, 0], [100, 99.5] + [99] * 9)


def test_the_first_of_equal_outputs_is_the_class() -> None:
    """As argmax has it: a network of zeros knows class 0 and no other."""
    network = Network((2, 3), "tanh", torch.zeros(9))
    x, y = points(90, 2, 3)
    for name in ATTACKS:
        np.testing.assert_array_equal(attack(name, network, x, y).robust[0], y == 0)


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("name", ATTACKS)
def test_outputs_that_overflow_are_not_robust(name: str, norm: Norm) -> None:
    network = random_network((2, 6, 2), "relu", torch.float32, scale=1e30)
    x, y = points(50, 2, 2)
    outcome = attack(name, network, x, y, norm=norm)
    assert not outcome.robust.any()
    assert (np.abs(outcome.examples - x) <= 1.001 * np.array(EPSILONS)[:, None, None]).all()


@pytest.fixture(scope="module")
def trained() -> Run:
    """Trained, and not yet so sure that the reference's float32 gradients underflow."""
    run = Run(
        RunConfig.parse(
            {
                "data": {"entanglement": 4},
                "network": {"hidden": [24, 24]},
                "training": {"learning_rate": 0.005},
                "seed": 4,
            }
        )
    )
    with single_thread():
        run.train(epochs=40)
    assert run.metrics["test_accuracy"] > 0.95
    return run


FOOLBOX_CASES = [
    ("fgsm", "linf", "LinfFastGradientAttack"),
    ("fgsm", "l2", "L2FastGradientAttack"),
    ("bim", "linf", "LinfBasicIterativeAttack"),
    ("bim", "l2", "L2BasicIterativeAttack"),
    ("pgd", "linf", "LinfPGD"),
    ("pgd", "l2", "L2PGD"),
]


@pytest.mark.parametrize(("name", "norm", "theirs"), FOOLBOX_CASES)
def test_foolbox_finds_as_much(trained: Run, name: str, norm: Norm, theirs: str) -> None:
    epsilons = (0.5, 1.0, 1.5, 3.0)
    restarts = 5
    x, y = trained.data.x_test, trained.data.y_test
    with warnings.catch_warnings(), single_thread():
        # It imports scipy by an old name.
        warnings.simplefilter("ignore")
        from foolbox import attacks
        from foolbox.models.pytorch import PyTorchModel

        steps = {} if name == "fgsm" else {"rel_stepsize": 0.5, "steps": 8}
        reference = getattr(attacks, theirs)(random_start=name == "pgd", **steps)
        if name == "pgd":
            torch.manual_seed(1)
            reference = reference.repeat(restarts)
        model = PyTorchModel(trained.network.eval(), bounds=(-1e3, 1e3))
        _, _, success = reference(model, x, y, epsilons=epsilons)
    expected = 1 - success.double().mean(dim=1).numpy()
    ours = attack(
        name,
        trained.network,
        x.numpy(),
        y.numpy(),
        epsilons,
        norm=norm,
        iterations=8,
        restarts=restarts,
    ).robust.mean(axis=1)
    assert ours.min() < 0.95 < ours.max()
    np.testing.assert_allclose(ours, expected, atol=0.01 if name == "pgd" else 0.002)


def test_each_attack_finds_more_than_the_one_before(trained: Run) -> None:
    """On a trained network the gradient is of use, and iterating and restarting add to it."""
    x, y = trained.data.x_test.numpy(), trained.data.y_test.numpy()
    robust = {
        name: attack(name, trained.network, x, y, (2.0,), iterations=10).robust.mean()
        for name in ATTACKS
    }
    assert robust["noise"] > robust["fgsm"] >= robust["bim"] >= robust["pgd"] > 0


def test_an_attack_that_would_last_too_long_is_refused() -> None:
    network = random_network((2, 128, 128, 2))
    x, y = points(20_000, 2, 2)
    for call in ("run", "robust", "path"):
        search = ATTACKS["pgd"](AttackSettings(iterations=200, restarts=50))
        with pytest.raises(AttackTooLargeError, match=f"at most {SECONDS_MAX:g} s"):
            getattr(search, call)(network, x, y, np.random.default_rng(0))


@pytest.mark.parametrize(
    "settings",
    [
        {"epsilons": ()},
        {"epsilons": (-1.0,)},
        {"epsilons": (float("nan"),)},
        {"epsilons": (float("inf"),)},
        {"epsilons": (1e7,)},
        {"epsilons": (0.1,) * 65},
        {"iterations": 0},
        {"iterations": 201},
        {"alpha": 0.0},
        {"alpha": float("nan")},
        {"restarts": 0},
        {"restarts": 51},
        {"norm": "l1"},
        {"steps": 3},
    ],
)
def test_settings_out_of_range_are_refused_by_name(settings: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match=next(iter(settings))):
        AttackSettings().replace(**settings)
