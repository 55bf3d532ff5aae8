"""Every probe on every kind of data: what it documents, or a sentence that says why not."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from spiral_dash import ProbeError, Run, RunConfig
from spiral_dash.core.probes import PROBES

SMALL = RunConfig.parse({"network": {"hidden": [6, 4]}, "training": {"batch_size": 20}})


def generated(query: str) -> Callable[[], Run]:
    return lambda: Run(RunConfig.from_query(f"network.hidden=6,4&{query}"))


def own(classes: int, columns: int, size: int = 12, away: float = 0.0) -> Callable[[], Run]:
    def make() -> Run:
        generator = np.random.default_rng(5)
        labels = np.repeat(np.arange(classes), size)
        means = generator.normal(size=(classes, columns)) * 2
        x = means[labels] + 0.4 * generator.normal(size=(len(labels), columns)) + away
        names = [f"<i>{label}</i>" for label in labels]
        return Run.from_points(x, names, config=SMALL)

    return make


KINDS = {
    "spiral": generated("data.samples_per_arm=50"),
    "codimension 31": generated("data.samples_per_arm=50&data.codimension=31"),
    "circle": generated("data.kind=circle&data.samples_per_class=40"),
    "xor": generated("data.kind=xor&data.samples_per_class=40"),
    "gaussians": generated("data.kind=gaussians&data.classes=6&data.samples_per_class=20"),
    "moons": generated("data.kind=moons&data.samples_per_class=40"),
    "nothing held out": generated("data.kind=moons&data.train_share=1&data.samples_per_class=40"),
    "checkerboard": generated("data.kind=checkerboard&data.samples_per_class=40"),
    "digits": generated("data.kind=digits&data.samples_per_class=20"),
    "three classes, twelve columns": own(3, 12),
    "one column": own(3, 1),
    "far away": own(2, 2, 20, away=1000.0),
    "26 classes": own(26, 2, 6),
}
WHY_NOT: dict[tuple[str, str], Callable[[Run], bool]] = {
    ("robustness_estimate", "plane only"): lambda run: run.data.dimension != 2,
    ("jacobian", "no area to stretch"): lambda run: run.data.dimension == 1,
}


@pytest.fixture(scope="module", params=KINDS)
def run(request: pytest.FixtureRequest) -> Run:
    made = KINDS[request.param]()
    made.train(2)
    return made


@pytest.mark.parametrize("name", PROBES)
def test_it_returns_what_it_documents_or_says_why_not(run: Run, name: str) -> None:
    for (refused, why), refuses in WHY_NOT.items():
        if refused == name and refuses(run):
            with pytest.raises(ProbeError, match=why):
                run.measure(name)
            return
    measured = PROBES[name]
    arrays = run.measure(name)
    assert set(measured.summary) <= set(arrays)
    for key, array in arrays.items():
        assert not np.iscomplexobj(array) or name in ("eigenvalues",), key
        if key in measured.unit_interval:
            known = array[np.isfinite(array)]
            assert ((known >= 0) & (known <= 1)).all(), key
        if key in measured.by_class:
            assert array.shape[-1] == run.data.classes, key
