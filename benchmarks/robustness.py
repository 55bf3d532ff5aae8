"""Proofs, attacks and adversarial training, each against the plain way in the same run."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from statistics import median

import torch
from torch import Tensor, nn

from benchmarks.framework import Result, at_least, at_most, interleave, seconds_per_call
from spiral_dash.core.attacks import ATTACKS, THESIS_EPSILONS, AttackSettings
from spiral_dash.core.config import NetworkConfig, RunConfig, TrainingConfig
from spiral_dash.core.inputs import FEATURES, PLAIN
from spiral_dash.core.probes import PROBES
from spiral_dash.core.run import Run
from spiral_dash.core.threads import single_thread

EPOCHS = 100
PROOF_SECONDS = {"relu": 0.35, "tanh": 0.9}
ITERATIONS = 10
GRID = 200


def thesis_run(activation: str, adversary: str = "none", epochs: int = EPOCHS) -> Run:
    """The thesis' network after `epochs` epochs: 660 test points."""
    config = RunConfig(
        network=NetworkConfig(hidden=(50,) * 5, activation=activation),
        training=TrainingConfig.model_validate({"adversary": adversary}),
    )
    run = Run(config)
    run.train(epochs)
    return run


def small_run(features: Sequence[str]) -> Run:
    """A network of two hidden layers of 8 on the same spiral, trained until it has learnt it."""
    config = RunConfig.parse(
        {
            "network": {"hidden": [8, 8], "features": features},
            "training": {"learning_rate": 0.01},
        }
    )
    run = Run(config)
    run.train(EPOCHS)
    return run


def proof_seconds(run: Run) -> float:
    """The time of one exact robust accuracy at six epsilons, every point decided."""
    return seconds_per_call(partial(run.measure, "exact_robustness"))


def pgd_seconds(run: Run) -> float:
    """The time of PGD with 20 steps and 10 restarts at the same epsilons."""
    return seconds_per_call(
        partial(run.measure, "attack", method="pgd", iterations=20, restarts=10)
    )


def attack_seconds(run: Run) -> float:
    """The time of FGSM and BIM with 10 steps, 660 points at six epsilons."""
    settings = AttackSettings(epsilons=THESIS_EPSILONS, iterations=ITERATIONS)
    x, y = run.data.x_test.numpy(), run.data.y_test.numpy()

    def attack() -> None:
        for name in ("fgsm", "bim"):
            ATTACKS[name](settings).robust(run.network, x, y, run.subject().generator("attack"))

    return seconds_per_call(attack)


def sequential(run: Run) -> nn.Sequential:
    """The same network as torch's layers, for autograd."""
    layers: list[nn.Module] = []
    for number, (inputs, outputs) in enumerate(pairwise(run.network.sizes)):
        layer = nn.Linear(inputs, outputs)
        layer.weight.data = run.network.weights[number].detach().clone()
        layer.bias.data = run.network.biases[number].detach().clone()
        layers += [layer, nn.Tanh() if run.network.activation == "tanh" else nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def autograd_attack_seconds(run: Run) -> float:
    """The time of the same attacks by autograd: all points and epsilons in one batch."""
    network = sequential(run)
    repeats = len(THESIS_EPSILONS)
    x, y = run.data.x_test.repeat(repeats, 1), run.data.y_test.repeat(repeats)
    radius = torch.tensor(THESIS_EPSILONS).repeat_interleave(len(run.data.y_test))[:, None]

    def attack() -> None:
        for steps, stride in ((1, radius), (ITERATIONS, radius / 2)):
            _climb(network, x, y, radius, steps, stride)

    return seconds_per_call(attack)


def _climb(
    network: nn.Module, x: Tensor, y: Tensor, radius: Tensor, steps: int, stride: Tensor
) -> Tensor:
    robust: Tensor = network(x).argmax(1) == y
    iterate = x
    for _ in range(steps):
        leaf = iterate.detach().requires_grad_()
        loss = nn.functional.cross_entropy(network(leaf), y, reduction="sum")
        (gradient,) = torch.autograd.grad(loss, leaf)
        moved = iterate + stride * gradient.sign()
        iterate = torch.clamp(moved, min=x - radius, max=x + radius)
        with torch.no_grad():
            robust = robust & (network(iterate).argmax(1) == y)
    return robust


def step_seconds(run: Run) -> float:
    """The time of one training step of a run, its share of an epoch's other work included."""

    def epoch() -> None:
        run.train(1)

    return seconds_per_call(epoch, 0.3)


def estimate(run: Run) -> tuple[float, float]:
    """Milliseconds of the estimate beyond its grid, and its largest error in points."""
    options = {"resolution": GRID, "epsilon_max": 2.0}
    whole = seconds_per_call(partial(PROBES["robustness_estimate"], run.subject(), **options))
    extent = float(run.data.x_train.abs().max()) + 2.0
    grid = seconds_per_call(
        partial(PROBES["boundary"], run.subject(), resolution=GRID, extent=extent)
    )
    curve = run.measure("robustness_estimate", resolution=GRID)
    epsilons = curve["epsilons"][5::5]
    exact = run.measure("exact_robustness", epsilons=epsilons.tolist())["accuracy"]
    return 1e3 * (whole - grid), 100 * float(abs(curve["accuracy"][5::5] - exact).max())


def measure() -> list[Result]:
    """Every figure, on one thread."""
    results: list[Result] = []
    with single_thread():
        for activation, limit in PROOF_SECONDS.items():
            results += _of(thesis_run(activation), activation, limit)
            results.append(_adversarial(activation))
        results += _features()
    return results


def _features() -> Sequence[Result]:
    plain, featured = small_run(PLAIN), small_run(FEATURES)
    decided = featured.measure("exact_robustness")["decided"] / len(featured.data.y_test)
    rounds = interleave(partial(proof_seconds, plain), partial(proof_seconds, featured), rounds=3)
    without, with_all = (median(values) for values in zip(*rounds, strict=True))
    return [
        Result(
            "pairs decided, 8-8, seven features", 100 * float(decided.min()), "%", at_least(100)
        ),
        Result(
            "exact robust accuracy, 8-8, seven features over none",
            median(b / a for a, b in rounds),
            "×",
            at_most(5),
            {
                "plain_seconds": without,
                "featured_seconds": with_all,
                "plain_accuracy": plain.metrics["test_accuracy"],
                "featured_accuracy": featured.metrics["test_accuracy"],
            },
        ),
    ]


def _of(run: Run, activation: str, limit: float) -> Sequence[Result]:
    exact = run.measure("exact_robustness")
    shares = exact["decided"] / len(run.data.y_test)
    rounds = interleave(partial(proof_seconds, run), partial(pgd_seconds, run), rounds=3)
    proof, pgd = (median(values) for values in zip(*rounds, strict=True))
    attacks = interleave(
        partial(attack_seconds, run), partial(autograd_attack_seconds, run), rounds=3
    )
    own, autograd = (median(values) for values in zip(*attacks, strict=True))
    beyond, error = estimate(run)
    return [
        Result(f"pairs decided, {activation}", 100 * float(shares.min()), "%", at_least(100)),
        Result(
            f"exact robust accuracy, 660 points x 6 ε, {activation}", proof, "s", at_most(limit)
        ),
        Result(
            f"PGD 20 x 10 over exact, {activation}",
            median(b / a for a, b in rounds),
            "×",
            at_least(3),
            {"exact_seconds": proof, "pgd_seconds": pgd},
        ),
        Result(
            f"autograd over FGSM and BIM {ITERATIONS}, {activation}",
            median(b / a for a, b in attacks),
            "×",
            at_least(2),
            {"own_seconds": own, "autograd_seconds": autograd},
        ),
        Result(f"estimate beyond its grid, {activation}", beyond, "ms", at_most(60)),
        Result(f"largest error of the estimate, {activation}", error, "points", at_most(0.5)),
    ]


def _adversarial(activation: str) -> Result:
    plain, hardened = thesis_run(activation, epochs=1), thesis_run(activation, "fgsm", epochs=1)
    rounds = interleave(partial(step_seconds, plain), partial(step_seconds, hardened), rounds=3)
    return Result(
        f"adversarial training (FGSM) over plain, {activation}",
        median(b / a for a, b in rounds),
        "×",
        at_most(2.2),
    )
