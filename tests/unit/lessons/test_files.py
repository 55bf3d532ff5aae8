"""What the lessons of the package say is what the core measures, over several seeds."""

from __future__ import annotations

import functools
import logging
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scripts.server import ROOT
from spiral_dash import Run, RunConfig
from spiral_dash.experiments import Measurement, factor, run_experiment
from spiral_dash.experiments.catalogue.collapse import EXPERIMENT as H3
from spiral_dash.lessons import Lesson, Library, questions, read_lesson, read_library, setups
from spiral_dash.lessons.library import PACKAGED
from spiral_dash.lessons.setups import compared_run_of, run_of
from spiral_dash.web.vocabulary import vocabulary

SEEDS = (1, 2, 3)


@functools.cache
def library() -> Library:
    return read_library(vocabulary())


def lesson(name: str) -> Lesson:
    found = library().find(name)
    assert found is not None and found.lesson is not None, found
    return found.lesson


def configuration(name: str, step: int, *, compared: bool = False) -> RunConfig:
    setup = lesson(name).steps[step].setup
    assert setup is not None
    if not compared:
        return run_of(setup.query)
    other = compared_run_of(setup.query)
    assert other is not None
    return other


@functools.cache
def trained(config: RunConfig, seed: int, epochs: int) -> Run:
    run = Run(config.replace(seed=seed))
    run.train(epochs)
    return run


def epochs_to(run: Run, accuracy: float) -> float:
    reached = np.flatnonzero(run.history["test_accuracy"] >= accuracy)
    return float(reached[0] + 1) if len(reached) else np.inf


def answer(name: str, step: int) -> tuple[float, float]:
    question = lesson(name).steps[step].question
    assert question is not None and question.right is not None
    return question.right, question.tolerance


def agrees(name: str, step: int, measured: float) -> bool:
    right, tolerance = answer(name, step)
    return abs(measured - right) <= tolerance


def test_six_lessons_come_with_the_package_and_each_can_be_shown() -> None:
    assert len(library().listed) == len(library().lessons) == 6
    for one in library().lessons:
        assert 5 <= one.minutes <= 15
        assert len(one.steps) >= 3
        assert any(step.question and step.question.predict for step in one.steps)
        assert all(step.setup is not None for step in one.steps)


@pytest.mark.parametrize("path", sorted(PACKAGED.glob("*.md")), ids=lambda path: str(path.stem))
def test_a_lesson_plays_fast_enough_and_ends_somewhere(path: Path) -> None:
    one = read_lesson(path.stem, path.read_bytes(), vocabulary())
    for step in one.steps:
        assert step.setup is not None
        for config in filter(None, (run_of(step.setup.query), compared_run_of(step.setup.query))):
            run = trained(config, config.seed, 2)
            assert run.diverged is None
        assert step.setup.speed in {"1", "20"}


def test_entanglement_says_how_many_epochs_it_takes() -> None:
    short = [epochs_to(trained(configuration("entanglement", 0), s, 30), 0.95) for s in SEEDS]
    long = [epochs_to(trained(configuration("entanglement", 1), s, 150), 0.95) for s in SEEDS]
    assert max(short) <= 3
    assert min(long) > 10 * max(short)
    assert all(30 <= epochs <= 110 for epochs in long)


def test_relu_collapses_a_class_in_some_seeds_and_tanh_in_none(tmp_path: Path) -> None:
    relu, tanh = (configuration("tanh-relu", step) for step in (3, 4))
    assert {relu, tanh} <= {cell.config(relu.seed) for cell in H3.cells()}, "those of H3"
    assert configuration("tanh-relu", 2) == relu
    experiment = H3.replace(
        factors=(factor("network.activation", "tanh", "relu"),),
        measurements=(Measurement(probe="collapse", keep=("gyration_ratio",)),),
        evaluate_every=H3.epochs,
    )
    asymmetry = H3.quantity("asymmetry")
    found = run_experiment(experiment, out=tmp_path, workers=0).values(asymmetry)
    collapsed = found <= 1 / 3
    assert agrees("tanh-relu", 3, collapsed[1].sum())
    assert collapsed[1, relu.seed - H3.first_seed], "what the student sees"
    assert not collapsed[0].any() and found[0].min() > 0.7
    np.testing.assert_allclose(found.mean(axis=1), [0.92, 0.53], atol=0.03)


def robust(run: Run, epsilon: float, **options: Any) -> float:
    exact = run.measure("exact_robustness", epsilons=[epsilon], **options)
    return float(exact["accuracy"][0])


def attacked(run: Run, method: str, epsilon: float, **options: Any) -> float:
    found = run.measure("attack", method=method, epsilons=[epsilon], **options)
    return float(found["accuracy"][0])


def test_an_accurate_network_is_not_robust_and_adversarial_training_mends_it() -> None:
    plain = [trained(configuration("accurate-not-robust", 1), seed, 300) for seed in SEEDS]
    assert all(run.metrics["test_accuracy"] == 1 for run in plain)
    assert all(0.45 <= robust(run, 1.5) <= 0.77 for run in plain)
    assert agrees("accurate-not-robust", 1, robust(plain[0], 1.5))
    for seed in SEEDS[:2]:
        without = trained(configuration("accurate-not-robust", 2), seed, 300)
        hardened = trained(configuration("accurate-not-robust", 2, compared=True), seed, 300)
        assert hardened.metrics["test_accuracy"] > 0.98
        assert robust(hardened, 1.0) >= 0.98
        assert robust(without, 1.0) < 0.97


def test_no_attack_lies_below_the_proof_and_fgsm_far_above_it() -> None:
    gaps = []
    for seed in SEEDS:
        run = trained(configuration("attack-and-proof", 1), seed, 300)
        exact = robust(run, 2.0)
        pgd, fgsm = (attacked(run, method, 2.0) for method in ("pgd", "fgsm"))
        assert exact <= pgd <= exact + 0.03
        gaps.append(fgsm - exact)
    assert all(0.08 <= gap <= 0.2 for gap in gaps)
    assert agrees("attack-and-proof", 1, gaps[0])


@pytest.mark.parametrize(("step", "least", "most"), [(0, 0.0, 1e-3), (1, 0.01, 0.5)])
def test_gradients_vanish_with_sigmoids_and_not_with_tanh(
    step: int, least: float, most: float
) -> None:
    for seed in range(1, 6):
        norms = Run(configuration("vanishing-gradients", step).replace(seed=seed)).measure(
            "gradients"
        )["norm"]
        assert least < norms[0] / norms[-1] < most


def test_sigmoids_take_longer_than_tanh() -> None:
    for seed in SEEDS:
        slow = epochs_to(trained(configuration("vanishing-gradients", 2), seed, 60), 0.95)
        fast = trained(configuration("vanishing-gradients", 2, compared=True), seed, 60)
        assert epochs_to(fast, 0.95) <= 3 < slow
    first = trained(configuration("vanishing-gradients", 2), 1, 60)
    assert epochs_to(first, 0.95) == np.inf


def test_off_the_plane_a_network_is_easily_attacked() -> None:
    def left(step: int, seed: int) -> tuple[float, float, float]:
        run = trained(configuration("codimension", step), seed, 200)
        accuracy = run.metrics["test_accuracy"]
        return accuracy, attacked(run, "pgd", 1.5, norm="l2"), robust(run, 1.5, norm="l2")

    for seed in SEEDS:
        accuracy, found, proved = left(1, seed)
        assert accuracy == 1
        assert found < 0.65 and proved > 0.88
        assert left(2, seed)[1] > 0.9
    assert agrees("codimension", 1, left(1, 1)[1])


def test_the_example_of_the_documentation_is_a_lesson_and_every_key_is_there() -> None:
    page = (ROOT / "docs" / "lessons.md").read_text(encoding="utf-8")
    [example] = re.findall(r"^````markdown\n(.*?)^````$", page, re.MULTILINE | re.DOTALL)
    one = read_lesson("how-wide", example, vocabulary())
    assert [step.next for step in one.steps] == [1, 3, 1]
    for key in (*setups.KEYS, *questions.KEYS):
        assert f"| `{key}` |" in page
    for name in library().listed:
        assert f"| `{name.name}` |" in page
    seeds = [trained(configuration_of(one, 0), seed, 30) for seed in SEEDS]
    assert all(epochs_to(run, 0.95) < 20 for run in seeds)


def configuration_of(one: Lesson, step: int) -> RunConfig:
    setup = one.steps[step].setup
    assert setup is not None
    return run_of(setup.query)


def test_a_folder_adds_lessons_takes_the_place_of_others_and_says_what_is_wrong(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    good = (PACKAGED / "entanglement.md").read_text(encoding="utf-8")
    (tmp_path / "mine.md").write_text(good.replace("What entanglement does", "Mine"))
    (tmp_path / "entanglement.md").write_text(good.replace("minutes: 8", "minutes: 9"))
    (tmp_path / "broken.md").write_text("# A\n\nb\n\nminutes: 0\n\n## One\n\nx\n")
    (tmp_path / "notes.txt").write_text("no lesson")
    with (tmp_path / "huge.md").open("wb") as file:
        file.truncate(10 * 2**20)
    with caplog.at_level(logging.WARNING):
        found = read_library(vocabulary(), tmp_path)
    by_name = {one.name: one for one in found.listed}
    assert len(found.lessons) == 7 and len(by_name) == 9
    mine, replaced = by_name["mine"].lesson, by_name["entanglement"].lesson
    assert mine is not None and mine.title == "Mine"
    assert replaced is not None and replaced.minutes == 9
    assert by_name["broken"].problems[0].startswith("broken.md, line 5: expected minutes:")
    assert by_name["huge"].problems == (
        "huge.md, line 1: expected a file of at most 256 KiB, got 10240 KiB.",
    )
    assert all(sentence in caplog.text for sentence in by_name["broken"].problems)
