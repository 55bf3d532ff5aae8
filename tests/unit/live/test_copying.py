"""A copy of a session goes on exactly as the original does, and shares nothing with it."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import torch

from spiral_dash.core.data.points import PointsData
from spiral_dash.live.copying import copy_file
from tests.unit.live.harness import SMALL, Remote, remote


def copied(one: Remote) -> Path:
    one.obey(do="copy", file="copy")
    target = one.folder.parent / "copied"
    os.replace(one.folder / "copy", target)
    return target


@pytest.mark.parametrize("batches", [0, 2])
def test_a_copy_trains_as_the_original(tmp_path: Path, batches: int) -> None:
    with remote(tmp_path / "original") as one:
        one.step_to(3)
        one.obey(
            do="adjust",
            training=one.saved().training.replace(learning_rate=0.01).model_dump(mode="json"),
        )
        for _ in range(batches):
            one.obey(do="step", unit="batch")
            one.wait_for("paused")
        with remote(copied(one), restore=True) as other:
            assert torch.equal(one.state(), other.state())
            assert one.saved().config == other.saved().config
            one.step_to(6)
            assert other.saved().epoch == 3
            other.step_to(6)
            assert torch.equal(one.state(), other.state())
            histories = [each.saved().history for each in (one, other)]
            assert all(
                np.array_equal(histories[0][name], histories[1][name]) for name in histories[0]
            )
            # What is past is there, too, and each has its own.
            other.obey(do="branch", epoch=1)
            one.obey(do="seek", epoch=2)
            assert (one.saved().epoch, other.saved().epoch) == (6, 1)


def test_points_of_ones_own_go_with_it(tmp_path: Path) -> None:
    with remote(tmp_path / "original") as one:
        one.obey(do="draw", add=[[0.0, 0.0, 1], [1.0, 0.0, 0]], stroke=1)
        with remote(copied(one), restore=True) as other:
            data = other.saved().config.data
            assert isinstance(data, PointsData) and data.digest
            one.step()
            other.step()
            assert torch.equal(one.state(), other.state())


def test_a_copy_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    with remote(tmp_path / "original", SMALL) as one:
        (one.folder / "copy").mkdir()
        assert "cannot be copied" in one.ask(do="copy", file="copy")
        assert "expected" in one.ask(do="copy", file="../copy")
        one.step()


def test_a_file_is_copied_with_its_holes(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    with source.open("wb") as file:
        for place in (0, 3 * 2**20, 9 * 2**20 + 5):
            file.seek(place)
            file.write(b"written")
        file.truncate(20 * 2**20)
    copy_file(source, target)
    assert target.read_bytes() == source.read_bytes()
    assert target.stat().st_blocks <= source.stat().st_blocks + 8
