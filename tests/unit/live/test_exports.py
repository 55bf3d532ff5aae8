"""Exports are made in processes of their own: one at a time, bounded, and no harm to a session."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from spiral_dash import Run, RunConfig
from spiral_dash.live import exporting, exports
from spiral_dash.live.exporting import ExportingTask
from spiral_dash.live.opening import CommandRefused
from spiral_dash.live.pool import READINGS_MAX, InProcess

CONFIG = RunConfig.parse({"data": {"samples_per_arm": 60}, "network": {"hidden": [4]}})


@pytest.fixture
def task(tmp_path: Path) -> ExportingTask:
    run = Run(CONFIG)
    run.train(2)
    source = tmp_path / "run"
    source.write_bytes(run.pack(1))
    return ExportingTask(source=source, out=tmp_path / "out", format="npz", epoch=1)


def made(task: ExportingTask) -> dict[str, Any]:
    return asyncio.run(exports.Exports(InProcess()).make(task))


def test_a_file_is_made_of_the_one_epoch_that_is_packed(task: ExportingTask) -> None:
    assert list(Run.unpack(task.source).epochs) == [1, 2]  # the present one is there in any case
    assert made(task) == {"name": "spiral-tanh-1.npz", "epoch": 1}
    assert task.out.stat().st_size > 0


def test_a_newer_wish_ends_the_one_before(task: ExportingTask) -> None:
    async def both() -> list[dict[str, Any] | BaseException]:
        pool = InProcess()
        files = exports.Exports(pool)
        for _ in range(READINGS_MAX):  # none is hired yet
            await pool.reading.acquire()
        wishes = [asyncio.create_task(files.make(task)) for _ in range(2)]
        await asyncio.sleep(0)
        pool.reading.release()
        return await asyncio.gather(*wishes, return_exceptions=True)

    first, second = asyncio.run(both())
    assert isinstance(first, CommandRefused) and str(first) == exports.OVERTAKEN
    assert second == {"name": "spiral-tanh-1.npz", "epoch": 1}


def test_it_takes_no_longer_than_it_may(
    task: ExportingTask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "SECONDS_MAX", 0.0)
    with pytest.raises(CommandRefused, match="made within 0 s, got one that takes longer"):
        made(task)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (MemoryError(), "more memory to make"),
        (OSError(28, "No space left on device"), "cannot be written here: No space left"),
        (RuntimeError("oh"), "cannot be made here: RuntimeError: oh"),
    ],
)
def test_whatever_goes_wrong_is_a_sentence(
    task: ExportingTask, error: Exception, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> bytes:
        raise error

    monkeypatch.setattr(exporting, "exported", fail)
    assert sentence in exporting.answer(task.model_dump(mode="json"))["error"]


def test_a_source_that_is_no_run_leaves_nothing_behind(task: ExportingTask) -> None:
    task.source.write_bytes(b"no run")
    task.out.write_bytes(b"half")
    with pytest.raises(CommandRefused, match="Expected a recorded run"):
        made(task)
    assert not task.out.exists()
