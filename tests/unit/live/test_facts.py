"""What a frame says beside its arrays is read from the run, not made for it."""

from __future__ import annotations

import pytest

from spiral_dash.core import run as core
from spiral_dash.live.facts import metrics_at
from tests.unit.live.harness import headless


def test_the_metrics_of_an_epoch_are_read_from_the_history(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = headless(4)

    def fail(*_: object, **__: object) -> None:
        raise AssertionError("a network was made to read the history")

    monkeypatch.setattr(core, "Network", fail)
    arrays = run.trainer.history.arrays()
    for epoch in range(5):
        told = metrics_at(run, epoch)
        assert told == {name: arrays[name][epoch] for name in core.METRICS}
    assert metrics_at(run, None) == run.metrics == metrics_at(run, 4)
