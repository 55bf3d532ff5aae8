"""Points of one's own are where the session is: through a restart, a recording and another run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from spiral_dash import ConfigError, Run, RunConfig
from spiral_dash.core.data.points import PointsData
from spiral_dash.core.data.rows import Rows
from spiral_dash.live import rows as kept
from spiral_dash.live.rows import RowsFolder
from tests.unit.live.harness import SMALL, remote


def drawn(seed: int, count: int = 40) -> Rows:
    generator = np.random.default_rng(seed)
    labels = np.arange(count) % 3
    return Rows.of(generator.normal(labels[:, None], 0.5, (count, 2)), labels)


def on(rows: Rows) -> RunConfig:
    return SMALL.replace(data=PointsData.of(rows))


def test_a_session_trains_on_its_rows_and_goes_on_with_them(tmp_path: Path) -> None:
    rows, folder = drawn(1), tmp_path / "session"
    folder.mkdir()
    RowsFolder(folder).put(rows)
    alone = Run(on(rows), rows=rows)
    alone.train(3)
    with remote(folder, on(rows)) as session:
        session.step_to(2)
        with remote(folder, on(rows), restore=True) as again:
            again.step_to(3)
            assert torch.equal(again.state(), alone.trainer.engine.state)


def test_a_configuration_whose_rows_are_not_there_is_refused(tmp_path: Path) -> None:
    with remote(tmp_path / "session") as session:
        session.step_to(1)
        said = session.ask(do="configure", config=on(drawn(2)).model_dump(mode="json"))
        assert said.startswith("data.digest: expected the points")
        assert session.statuses[-1]["config"] == SMALL.model_dump(mode="json")
        session.step_to(2)


def test_other_settings_keep_the_rows(tmp_path: Path) -> None:
    rows, folder = drawn(3), tmp_path / "session"
    folder.mkdir()
    RowsFolder(folder).put(rows)
    with remote(folder, on(rows)) as session:
        wider = on(rows).replace(network=SMALL.network.replace(hidden=(7,)))
        session.obey(do="configure", config=wider.model_dump(mode="json"))
        session.obey(do="configure", config=SMALL.model_dump(mode="json"))
        session.obey(do="configure", config=on(rows).model_dump(mode="json"))
        assert session.statuses[-1]["config"]["data"]["digest"] == rows.digest


def test_a_recording_brings_its_rows(tmp_path: Path) -> None:
    rows = drawn(4)
    run = Run(on(rows), rows=rows)
    run.train(2)
    with remote(tmp_path / "session") as session:
        run.save(session.folder / "opened.spiral.zip")
        session.obey(do="open", file="opened.spiral.zip")
        session.step_to(3)
        run.train(1)
        assert torch.equal(session.state(), run.trainer.engine.state)
        session.obey(do="configure", config=on(rows).model_dump(mode="json"))


def test_what_was_used_longest_ago_is_forgotten_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "FILES_MAX", 3)
    folder = RowsFolder(tmp_path)
    sets = [drawn(seed) for seed in range(5)]
    for rows in sets[:3]:
        folder.put(rows)
    folder.put(sets[0])
    for rows in sets[3:]:
        folder.put(rows)
    there = [RowsFolder(tmp_path).get(on(rows)) is not None for rows in sets]
    assert there == [True, False, False, True, True]


def test_rows_without_room_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be kept here"):
        RowsFolder(tmp_path / "nowhere").put(drawn(1))
