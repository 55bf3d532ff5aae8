"""The catalogue has all of chapter 4, and its claims get the verdict that the runs deserve."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from html import escape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from spiral_dash.__main__ import main
from spiral_dash.core.config import ConfigError
from spiral_dash.core.probes import PROBES, Arrays
from spiral_dash.experiments import Experiment, Measurement, Results, Store, factor, run_experiment
from spiral_dash.experiments.catalogue import CATALOGUE, MAP, chosen
from spiral_dash.experiments.claims import Claim, Side
from spiral_dash.experiments.drawing import draw
from spiral_dash.experiments.figures import Figure
from spiral_dash.experiments.quantities import Quantity
from spiral_dash.experiments.report import report
from spiral_dash.experiments.results import One, Planned
from spiral_dash.experiments.series import panels
from spiral_dash.experiments.verdicts import side_values, verdicts

FIGURES = {*(f"4.{number}" for number in range(4, 21)), "D.1"}
ALL = sorted(CATALOGUE)


def test_every_figure_of_the_chapter_and_every_hypothesis_is_there() -> None:
    shown = {
        number for one in CATALOGUE.values() for figure in one.figures for number in figure.thesis
    }
    assert shown == FIGURES
    for number in range(1, 5):
        assert any(f"Hypothesis {number}" in one.section for one in CATALOGUE.values())


@pytest.mark.parametrize("name", ALL)
def test_an_experiment_of_the_catalogue_is_whole(name: str) -> None:
    experiment = CATALOGUE[name]
    experiment.check()
    assert experiment.thesis and experiment.question.endswith("?")
    assert experiment.claims or experiment.id == MAP
    kept = {
        f"{one.probe}.{array}"
        for one in experiment.measurements
        for array in (one.kept or PROBES[one.probe].returns)
    }
    assert {quantity.source for quantity in experiment.quantities} <= kept
    names = {quantity.name for quantity in experiment.quantities}
    factors = {one.name: one.labels for one in experiment.factors}
    for figure in experiment.figures:
        assert {q for q in figure.quantities if "." not in q} <= names
        assert {q for q in figure.quantities if "." in q} <= kept
        assert {figure.panels, figure.lines} - {None} <= factors.keys()
    for claim in experiment.claims:
        for side in filter(None, [claim.a, claim.b]):
            assert side.quantity in names
            assert {side.along, *side.where} - {None} <= factors.keys()
            assert all(label in factors[key] for key, label in side.where.items())


def test_names_are_found_however_they_are_written() -> None:
    assert [one.id for one in chosen(["h1", "H4.2", "h1"])] == ["H1", "H4.2"]
    assert [*(one.id for one in chosen(["chapter4"])), MAP] == [*CATALOGUE]
    with pytest.raises(ConfigError, match="H9"):
        chosen(["H1", "H9"])


Level = Mapping[str, str]


def results(number: Callable[[Level, int], float], seeds: int = 12, **changes: Any) -> Results:
    """Runs of which one quantity is what `number` says of their levels and seed."""
    experiment = Experiment(
        id="made",
        question="?",
        factors=(
            factor("data.entanglement", 2, 4, 6),
            factor("network.activation", "tanh", "relu"),
        ),
        seeds=seeds,
        measurements=(Measurement(probe="metrics", keep=("test_accuracy",)),),
        quantities=(Quantity(name="q", source="metrics.test_accuracy"),),
    ).replace(**changes)
    runs = []
    for seed in experiment.seed_numbers:
        for cell in experiment.cells():
            labels = {
                one.name: one.labels[level]
                for one, level in zip(experiment.factors, cell.index, strict=True)
            }
            value = number(labels, seed)
            found: dict[tuple[str, int], Arrays | str] = {}
            if not np.isnan(value):
                found["metrics", 100] = {"test_accuracy": np.asarray(value)}
            runs.append(
                One(Planned(cell.index, cell.config(seed)), found, 100 if found else None, None)
            )
    return Results(experiment, runs)


def entanglement(level: Level) -> float:
    return float(level["data.entanglement"])


TREND = Claim(text="rises", test="trend", a=Side(quantity="q"), along="data.entanglement")
FLAT = TREND.replace(direction="none")
TANH, RELU = (Side(quantity="q", where={"network.activation": name}) for name in ("tanh", "relu"))
ABOVE = Claim(text="above", test="greater", a=TANH, b=RELU)


@pytest.mark.parametrize(
    ("claim", "number", "word"),
    [
        (TREND, lambda level, seed: entanglement(level) + seed, "supported"),
        (TREND, lambda level, seed: -entanglement(level) + seed, "contradicted"),
        (TREND, lambda level, seed: np.sin(9.0 * seed * entanglement(level)), "not decided"),
        (FLAT, lambda level, seed: abs(entanglement(level) - 4) + seed, "supported"),
        (FLAT, lambda level, seed: entanglement(level) + seed, "contradicted"),
        (ABOVE, lambda level, seed: seed + (level["network.activation"] == "tanh"), "supported"),
        (ABOVE, lambda level, seed: seed - (level["network.activation"] == "tanh"), "contradicted"),
        (ABOVE.replace(value=5.0), lambda level, seed: seed
            + (level["network.activation"] == "tanh"), "contradicted"),
        (ABOVE.replace(test="equal", margin=2.0), lambda level, seed: seed + 0.01 * seed
            * (level["network.activation"] == "tanh"), "supported"),
        (ABOVE.replace(test="never", b=None), lambda level, seed: float(seed == 3), "contradicted"),
    ],
)  # fmt: skip
def test_a_verdict_is_what_the_runs_deserve(
    claim: Claim, number: Callable[[Level, int], float], word: str
) -> None:
    [verdict] = verdicts(results(number, claims=(claim,)))
    assert verdict.word == word and verdict.text == word


def test_there_is_no_verdict_with_too_few_seeds_and_seeds_with_gaps_do_not_count() -> None:
    def number(level: Level, seed: int) -> float:
        return np.nan if seed > 4 else seed + (level["network.activation"] == "tanh")

    [verdict] = verdicts(results(number, claims=(ABOVE,)))
    assert verdict.word is None
    assert verdict.text == "no verdict yet: 4 of at least 6 seeds"


@pytest.mark.parametrize(
    ("summary", "expected"),
    [("first", 2), ("last", 6), ("max", 6), ("drop", -4), ("change", 4), ("mean", 4),
     ("roughness", 0), ("reach", 4)],
)  # fmt: skip
def test_a_side_is_summarised_along_a_factor(summary: str, expected: float) -> None:
    side = Side(quantity="q", along="data.entanglement", summary=summary, threshold=3)
    values = side_values(results(lambda level, _: entanglement(level)), side)
    np.testing.assert_array_equal(values, np.full(12, expected))


def test_lines_are_means_with_their_intervals_and_know_their_runs() -> None:
    figure = Figure(
        title="t", over="data.entanglement", quantities=("q",), lines="network.activation"
    )
    made = results(lambda level, seed: entanglement(level) + (seed % 2), figures=(figure,))
    [panel] = panels(made, figure)
    assert panel.x.tolist() == [2, 4, 6]
    assert [line.label for line in panel.lines] == ["tanh", "relu"]
    np.testing.assert_allclose(panel.lines[1].mean, [2.5, 4.5, 6.5])
    assert panel.lines[1].cells == ((0, 1), (1, 1), (2, 1))
    assert (panel.lines[0].low < panel.lines[0].mean).all()
    drawn = draw(made, figure)
    assert drawn is not None and ElementTree.fromstring(drawn).tag.endswith("svg")
    empty = results(lambda *_: np.nan, figures=(figure,))
    assert draw(empty, figure) is None


SMALL = {"network.hidden": [2], "data.samples_per_arm": 50, "data.entanglement": 5}


def small(name: str) -> Experiment:
    """An experiment of the catalogue with little to do."""
    experiment = CATALOGUE[name]
    return experiment.replace(base={**experiment.base, **SMALL}, seeds=2)


def test_a_report_is_one_file_that_says_everything_and_loads_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    experiment = small("H3")
    experiment = experiment.replace(
        factors=(experiment.factors[0], factor("training.batch_size", 50))
    )
    experiment = experiment.replace(claims=experiment.claims[:3], id="H3", question="<b>Why?</b>")
    run_experiment(experiment, out=tmp_path, workers=0)
    with Store(tmp_path) as store:
        text = report(store)
    assert "<b>Why" not in text and "&lt;b&gt;Why?" in text
    assert experiment.thesis in text and experiment.section in text
    for claim in experiment.claims:
        assert escape(claim.text) in text
    assert text.count("<svg") == len(experiment.figures)
    assert "no verdict yet: 2 of at least" in text
    assert not re.search(r"<script|<link|@import|src=|url\(http", text)
    assert main(["report", str(tmp_path)]) == 0
    assert (tmp_path / "report.html").read_text(encoding="utf-8") == text
    assert main(["report", str(tmp_path / "nothing")]) == 2
    assert "expected a folder with results" in capsys.readouterr().err


def test_the_shell_lists_the_catalogue_and_refuses_what_is_not_in_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["experiments"]) == 0
    listed = capsys.readouterr().out
    assert all(one.question in listed for one in CATALOGUE.values())
    assert main(["experiment", "H9", "--out", str(tmp_path / "a"), "--quiet"]) == 2
    assert "H9" in capsys.readouterr().err
    assert main(["experiment", "H1", "--seeds", "0", "--out", str(tmp_path / "a"), "--quiet"]) == 2
    assert not (tmp_path / "a").exists()
