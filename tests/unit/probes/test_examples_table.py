"""Pages of attacked points: the same example wherever a point is looked at, and within its ball."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from spiral_dash import ConfigError, ProbeError, Run, RunConfig
from spiral_dash.core.probes import PROBES
from tests.unit.probes.subjects import diverged

KINDS = {
    "digits": "data.kind=digits&data.samples_per_class=40&network.hidden=16",
    "gaussians": "data.kind=gaussians&data.classes=4&data.samples_per_class=60&network.hidden=8",
    "moons": "data.kind=moons&data.train_share=1&data.samples_per_class=50&network.hidden=8",
}
EPSILON = {"digits": 0.1, "gaussians": 0.8, "moons": 0.4}


@pytest.fixture(scope="module", params=KINDS)
def trained(request: pytest.FixtureRequest) -> tuple[Run, float]:
    run = Run(RunConfig.from_query(KINDS[request.param]))
    run.train(12)
    return run, EPSILON[request.param]


@pytest.mark.parametrize("method", ["fgsm", "bim", "pgd"])
@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_an_example_lies_in_the_ball_and_is_what_it_says(
    trained: tuple[Run, float], method: str, norm: str
) -> None:
    run, epsilon = trained
    found = run.measure("examples_table", count=60, method=method, norm=norm, epsilon=epsilon)
    offset = found["found"].astype(np.float64) - found["points"]
    order = np.inf if norm == "linf" else 2
    assert (np.linalg.norm(offset, ord=order, axis=1) <= epsilon * (1 + 1e-6)).all()
    with torch.no_grad():
        before, after = (
            torch.softmax(run.network(torch.from_numpy(found[name])).double(), dim=1).numpy()
            for name in ("points", "found")
        )
    np.testing.assert_array_equal(found["predicted"], before.argmax(axis=1))
    np.testing.assert_allclose(found["probability"], before.max(axis=1), atol=1e-5)
    np.testing.assert_allclose(found["found_probability"], after.max(axis=1), atol=1e-5)
    wrong = found["predicted"] != found["label"]
    assert not found["broken"][wrong].any()
    assert (offset[wrong] == 0).all()
    broken = found["broken"] == 1
    assert (found["found_predicted"] != found["label"])[broken].all()
    assert (found["found_predicted"] == found["label"])[~broken & ~wrong].all()


@pytest.mark.parametrize("method", ["bim", "pgd"])
def test_pages_put_together_are_the_whole_and_filters_are_parts_of_it(
    trained: tuple[Run, float], method: str
) -> None:
    run, epsilon = trained
    pages = {
        show: _all(run, show=show, method=method, epsilon=epsilon)
        for show in ("all", "wrong", "broken")
    }
    everything = pages["all"]
    np.testing.assert_array_equal(everything["index"], np.arange(len(run.data.y_test)))
    np.testing.assert_array_equal(everything["points"], run.data.x_test.numpy())
    np.testing.assert_array_equal(everything["label"], run.data.y_test.numpy())
    wrong = everything["predicted"] != everything["label"]
    for show, rows in (("wrong", wrong), ("broken", everything["broken"] == 1)):
        np.testing.assert_array_equal(pages[show]["index"], np.flatnonzero(rows))
        # Whatever page it is on, a point has the same example.
        np.testing.assert_array_equal(pages[show]["found"], everything["found"][rows])
    accuracy = run.measure("attack", method=method, epsilons=[epsilon], iterations=10)
    assert accuracy["clean"] == pytest.approx((~wrong).mean())
    held = (~wrong & (everything["broken"] == 0)).mean()
    assert accuracy["accuracy"][0] == pytest.approx(held)


def _all(run: Run, **options: Any) -> dict[str, np.ndarray]:
    pages = [run.measure("examples_table", count=60, **options)]
    total = int(pages[0]["total"])
    pages += [
        run.measure("examples_table", count=60, first=first, **options)
        for first in range(60, total, 60)
    ]
    assert all(int(page["total"]) == total for page in pages)
    names = [name for name, array in pages[0].items() if array.ndim and name != "range"]
    return {name: np.concatenate([page[name] for page in pages]) for name in names}


def test_a_page_beyond_the_last_is_the_last(trained: tuple[Run, float]) -> None:
    run, epsilon = trained
    last = run.measure("examples_table", first=10**6, count=7, epsilon=epsilon)
    total = int(last["total"])
    assert last["first"] == (total - 1) // 7 * 7
    assert last["index"][-1] == total - 1


def test_it_is_refused_with_a_sentence() -> None:
    with pytest.raises(ProbeError):
        PROBES["examples_table"](diverged())
    run = Run(RunConfig.from_query("data.kind=xor&network.hidden=4"))
    for options in ({"first": -1}, {"count": 61}, {"method": "noise"}, {"epsilon": -1}):
        with pytest.raises(ConfigError, match=next(iter(options))):
            run.measure("examples_table", **options)
