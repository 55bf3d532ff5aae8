"""Adversarial training moves points within their balls, up the loss, and makes runs robust."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from spiral_dash import Run, RunConfig
from spiral_dash.core.adversary import Adversary
from spiral_dash.core.config import TrainingConfig
from spiral_dash.core.passes import one_hot, with_ones

EPSILON = 1.0
CONFIG = RunConfig.parse(
    {
        "data": {"entanglement": 6, "samples_per_arm": 100},
        "network": {"hidden": [16, 16]},
        "training": {"learning_rate": 0.01, "adversary_epsilon": EPSILON},
        "seed": 2,
    }
)


def attacked(run: Run, training: TrainingConfig) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the points of one batch, the same moved, and their labels."""
    columns = with_ones(run.data.x_train.numpy(), np.float32)
    labels = run.data.y_train.numpy()
    adversary = Adversary(run.trainer.engine, columns)
    order = np.arange(len(labels))
    adversary.shuffle(order, training.adversary_epsilon, np.random.default_rng(0))
    batch = slice(20, 60)
    targets = one_hot(labels, 2, np.float32)[:, batch]
    moved = adversary.move(targets, batch, training)
    return columns[:-1, batch].T, moved[:-1].T, labels[batch]


def loss_at(run: Run, x: np.ndarray, y: np.ndarray) -> torch.Tensor:
    with torch.no_grad():
        logits = run.network(torch.from_numpy(np.ascontiguousarray(x)))
    return torch.nn.functional.cross_entropy(logits, torch.from_numpy(y), reduction="none")


@pytest.mark.parametrize("kind", ["fgsm", "pgd"])
@pytest.mark.parametrize("share", [0.01, 0.5, 1.0])
def test_the_share_is_moved_within_the_ball_and_up_the_loss(kind: str, share: float) -> None:
    run = Run(CONFIG)
    run.train(5)
    training = CONFIG.training.replace(adversary=kind, adversary_share=share)
    x, moved, y = attacked(run, training)
    count = max(1, round(share * len(x)))
    distance = np.abs(moved.astype(np.float64) - x.astype(np.float64)).max(axis=1)
    assert (distance <= EPSILON).all()
    assert (distance[:count] > 0).all()
    assert (distance[count:] == 0).all()
    assert loss_at(run, moved[:count], y[:count]).mean() > loss_at(run, x[:count], y[:count]).mean()


def test_fgsm_is_one_step_along_the_sign_of_autograds_gradient() -> None:
    run = Run(CONFIG)
    run.train(5)
    x, moved, y = attacked(run, CONFIG.training.replace(adversary="fgsm"))
    leaf = torch.from_numpy(x.copy()).requires_grad_()
    torch.nn.functional.cross_entropy(run.network(leaf), torch.from_numpy(y)).backward()
    assert leaf.grad is not None
    np.testing.assert_allclose(moved, x + EPSILON * np.sign(leaf.grad.numpy()), atol=1e-6)


@pytest.mark.parametrize("kind", ["fgsm", "pgd"])
def test_training_against_an_adversary_resists_it_better(kind: str) -> None:
    plain = Run(CONFIG)
    plain.train(60)
    hardened = Run(CONFIG.replace(training=CONFIG.training.replace(adversary=kind)))
    hardened.train(60)
    resisted = [
        float(run.measure("exact_robustness", epsilons=[EPSILON])["accuracy"][0])
        for run in (plain, hardened)
    ]
    assert resisted[1] > resisted[0]
