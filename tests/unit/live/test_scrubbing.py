"""The epoch slider on its way: each frame at once, what takes long when it has come to rest."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from spiral_dash.core.probes import PROBES, Cost
from tests.unit.live.harness import Counted, make_probe, remote

EPOCHS = 8


def test_slow_probes_wait_for_the_slider_to_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick, slow = Counted(), Counted()
    monkeypatch.setitem(PROBES, "quick", make_probe("quick", quick))
    monkeypatch.setitem(PROBES, "slow", make_probe("slow", slow, Cost.SLOW))
    with remote(tmp_path / "session") as session:
        session.step_to(EPOCHS)
        session.watch({"key": "quick", "probe": "quick"}, {"key": "slow", "probe": "slow"})
        for epoch in range(1, EPOCHS):
            session.obey(do="seek", epoch=epoch)
            session.credit()
            shown = session.frame()
            assert shown.texts["shown_epoch"] == str(epoch)
            assert shown.arrays["quick/epoch"] == epoch
            assert json.loads(shown.texts["parts"])["slow"]["pending"]
        assert quick.count == EPOCHS - 1
        while "slow/epoch" not in shown.arrays:
            session.credit(shown.message.serial)
            shown = session.frame()
        assert shown.arrays["slow/epoch"] == EPOCHS - 1
        # Two looks may lie so far apart that the slider seemed to rest.
        assert slow.count < EPOCHS / 2


def test_curves_over_time_share_their_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seconds, budget, curves = 0.02, 0.16, 4
    monkeypatch.setattr("spiral_dash.live.gallery.OVER_TIME_SECONDS_PAUSED", budget)
    counts = [Counted(seconds) for _ in range(curves)]
    for index, count in enumerate(counts):
        probe = make_probe(f"curve{index}", count, summary=("sum",))
        monkeypatch.setitem(PROBES, probe.name, probe)
    with remote(tmp_path / "session") as session:
        session.step_to(EPOCHS)
        session.watch(
            *({"key": f"c{i}", "probe": f"curve{i}", "over_time": True} for i in range(curves))
        )
        session.credit()
        # What a person changed is shown at once: one epoch of each.
        since = session.frame().message.serial
        assert [count.count for count in counts] == [1] * curves
        session.credit(since)
        shown = session.frame()
        measured = [count.count - 1 for count in counts]
        assert min(measured) >= 1
        assert sum(measured) <= budget / seconds + curves
        while len(shown.arrays["c3/epochs"]) < EPOCHS + 1:
            session.credit(shown.message.serial)
            shown = session.frame()
        np.testing.assert_array_equal(shown.arrays["c3/epochs"], np.arange(EPOCHS + 1))


def test_curves_half_known_wait_for_the_slider_to_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spiral_dash.live.measurements.SCRUBBING_SECONDS", 1.0)
    count = Counted(0.02)
    monkeypatch.setitem(PROBES, "curve", make_probe("curve", count, summary=("sum",)))
    with remote(tmp_path / "session") as session:
        session.step_to(EPOCHS)
        session.watch({"key": "c", "probe": "curve", "over_time": True})
        session.credit()
        shown = session.frame()
        assert count.count == 1
        for epoch in range(1, EPOCHS):
            session.obey(do="seek", epoch=epoch)
            session.credit(shown.message.serial)
            shown = session.frame()
            assert shown.texts["shown_epoch"] == str(epoch)
        assert count.count == 1
        while count.count < EPOCHS + 1:
            session.credit(shown.message.serial)
            shown = session.frame()
        np.testing.assert_array_equal(shown.arrays["c/epochs"], np.arange(EPOCHS + 1))
