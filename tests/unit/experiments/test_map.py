"""The map: data that fill their space, correlations as scipy has them, and every cell a scatter."""

from __future__ import annotations

import math
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from spiral_dash.__main__ import main
from spiral_dash.core.data.spiral import SpiralData
from spiral_dash.experiments import Experiment, Results, Store
from spiral_dash.experiments.catalogue import MAP, as_asked, chosen
from spiral_dash.experiments.catalogue.data_map import (
    EXPERIMENT,
    POINTS_MAX,
    data_at,
    data_factor,
    with_points,
)
from spiral_dash.experiments.correlations import maps, spearman
from spiral_dash.experiments.drawing import draw
from spiral_dash.experiments.map_table import map_html
from spiral_dash.experiments.results import One, Planned
from spiral_dash.experiments.runner import run_experiment

FIGURE = EXPERIMENT.figures[0]
POINTS = 32


def made(points: int = POINTS, known: int | None = None) -> Results:
    """Results whose accuracy falls with entanglement for tanh, and is constant for relu."""
    experiment = with_points(points)
    generator = np.random.default_rng(0)
    runs = []
    for cell in experiment.cells():
        config = cell.config(1)
        assert isinstance(config.data, SpiralData)
        entanglement = config.data.entanglement
        accuracy = np.array(1 - entanglement / 100 if cell.index[0] == 0 else 0.5)
        found = {
            ("metrics", 100): {"test_accuracy": accuracy, "train_accuracy": accuracy},
            ("norms", 100): {
                "frobenius": generator.random(4),
                "spectral": np.full(4, np.inf) if cell.index[1] % 2 else generator.random(4),
            },
        }
        is_known = known is None or cell.index[1] < known
        runs.append(One(Planned(cell.index, config), found if is_known else {}, 100, None))
    return Results(experiment, runs)


def space_filling(count: int) -> list[list[float]]:
    """Return `count` points that fill the unit cube of six dimensions, (count, 6), in [0, 1).

    Any first 2^k of them are a scrambled Sobol' sequence of their own (Owen 1998).
    """
    drawn = stats.qmc.Sobol(d=6, scramble=True, rng=2024).random(count)
    return [[round(float(number), 6) for number in row] for row in drawn]


def test_the_points_are_those_of_scipys_quasi_monte_carlo() -> None:
    drawn = space_filling(POINTS_MAX)
    assert [data_at(row) for row in drawn] == [*data_factor(POINTS_MAX).levels]
    # They fill the space evenly: less discrepancy than points drawn independently.
    independent = np.random.default_rng(0).random((POINTS_MAX, 6))
    assert stats.qmc.discrepancy(drawn) < 0.3 * stats.qmc.discrepancy(independent)


def test_more_points_are_the_same_and_some_more() -> None:
    few, many = with_points(8), with_points(16)
    assert many.factors[1].levels[:8] == few.factors[1].levels
    many.check()
    assert as_asked(few.replace(seeds=3)) == few.replace(seeds=3)
    assert MAP not in {one.id for one in chosen(["chapter4"])}


@pytest.mark.parametrize("relation", [lambda x: -x, lambda x: x**3, np.sin])
def test_a_correlation_is_scipys_and_lies_in_its_interval(relation: np.ufunc) -> None:
    x = np.random.default_rng(1).random(50)
    y = relation(x) + 0.01 * np.random.default_rng(2).random(50)
    rho, low, high, p = spearman(x, y)
    found = stats.spearmanr(x, y)
    assert (rho, p) == (found.statistic, found.pvalue)
    assert -1 <= low <= rho <= high <= 1


def test_what_cannot_be_correlated_has_no_number() -> None:
    for x, y in ((np.arange(9.0), np.ones(9)), (np.arange(7.0), np.arange(7.0))):
        assert all(map(math.isnan, spearman(x, y)))


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    generator = np.random.default_rng(3)
    held, true = 0, 6 / math.pi * math.asin(0.6 / 2)
    for _ in range(400):
        x, noise = generator.standard_normal((2, 60))
        _, low, high, _ = spearman(x, 0.6 * x + 0.8 * noise)
        held += low <= true <= high
    assert 0.92 <= held / 400 <= 0.98


def test_a_map_finds_what_goes_with_what_corrected_for_all_that_was_looked_at() -> None:
    tanh, relu = maps(made(), FIGURE)
    assert (tanh.title, relu.title) == ("tanh", "relu")
    assert tanh.columns[0] == "Entanglement (rad)" and len(tanh.columns) == 6
    row = tanh.rows.index("Test accuracy (%)")
    cell = tanh.cells[row][0]
    assert cell.rho == pytest.approx(-1) and cell.is_certain and cell.points == POINTS
    assert math.isnan(relu.cells[row][0].rho)
    looked_at = [c for one in (tanh, relu) for r in one.cells for c in r if not math.isnan(c.p)]
    norm = tanh.cells[0][1]
    plain = spearman(norm.x, norm.y)[3]
    assert plain < norm.p <= min(1.0, plain * len(looked_at))


class Reader(HTMLParser):
    """Collects what opens and what is opened."""

    def __init__(self) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.popovers: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if "popover" in values:
            self.popovers.append(values["id"] or "")
        elif tag == "button" and "popovertargetaction" not in values:
            self.targets.append(values["popovertarget"] or "")


def test_every_cell_opens_its_scatter_and_a_table_has_all_numbers() -> None:
    text = map_html(made(), FIGURE)
    reader = Reader()
    reader.feed(text)
    assert len(reader.targets) == 2 * 6 * len(EXPERIMENT.quantities)
    assert reader.targets == reader.popovers == [*dict.fromkeys(reader.targets)]
    assert "−1.00*" in text and "<details>" in text
    shown = re.findall(r'class="dots" d="((?:M\d+ \d+h0)+)"', text)
    assert max(one.count("M") for one in shown) == POINTS
    assert "nan" not in text and "inf" not in text.replace("infinit", "")


def test_a_map_is_drawn_as_its_runs_come() -> None:
    assert map_html(made(8, 0), FIGURE) == "" and draw(made(8, 0), FIGURE) is None
    assert "too few points (3)" in map_html(made(8, 3), FIGURE)
    drawn = draw(made(), FIGURE)
    assert drawn is not None and "Test accuracy" in drawn


def small() -> Experiment:
    """The map of few and small data."""
    return with_points(8).replace(epochs=1)


def test_it_is_measured_whole(tmp_path: Path) -> None:
    results = run_experiment(small(), out=tmp_path, workers=0)
    assert (results.done, results.failed) == (16, 0)
    for quantity in EXPERIMENT.quantities:
        assert not np.isnan(results.values(quantity)).all(), quantity.name
    with Store(tmp_path) as store:
        assert [one.id for one in store.experiments()] == [MAP]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["map", "--points", "7"], "from 8 to 256"), (["H1", "--points", "9"], "H1 has none")],
)
def test_points_that_there_are_not_are_refused(
    arguments: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["experiment", *arguments, "--out", str(tmp_path / "none")]) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "none").exists()
