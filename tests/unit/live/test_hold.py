"""A run that is compared waits where the other one is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.live.harness import SMALL, remote, wait_for_epoch


def test_a_run_waits_at_the_epoch_as_if_playing_and_goes_on(tmp_path: Path) -> None:
    with remote(tmp_path / "s") as session:
        session.obey(do="hold", epoch=3)
        session.obey(do="play")
        session.credit()
        shown = session.frame()
        assert (shown.texts["epoch"], shown.texts["state"]) == ("3", "playing")
        session.credit(shown.message.serial)
        assert session.no_frame()
        session.obey(do="hold", epoch=7)
        assert session.frame().texts["epoch"] == "7"


def test_no_frame_of_what_lies_between_while_it_hurries(tmp_path: Path) -> None:
    slow = SMALL.replace(training=SMALL.training.replace(batch_size=1))
    with remote(tmp_path / "s", slow) as session:
        session.obey(do="play")
        session.obey(do="hold", epoch=5)
        for _ in range(3):
            session.credit()
            if (shown := session.frame()).texts["epoch"] == "5":
                break
        assert shown.texts["epoch"] == "5"
        session.obey(do="hold", epoch=6)
        session.credit(shown.message.serial)
        assert session.frame().texts["progress"] == "0"


def test_a_step_and_a_new_hold_end_the_waiting(tmp_path: Path) -> None:
    with remote(tmp_path / "s") as session:
        session.obey(do="hold", epoch=0)
        session.obey(do="step")
        session.wait_for("paused")
        assert session.statuses[-1]["epoch"] == 1
        session.obey(do="play")
        session.obey(do="hold", epoch=None)
        wait_for_epoch(session, 2)
        session.obey(do="pause")
        session.wait_for("paused")


@pytest.mark.parametrize("epoch", [-1, 2**60, 1.5, "3", True])
def test_what_is_no_epoch_is_refused(epoch: object, tmp_path: Path) -> None:
    with remote(tmp_path / "s") as session:
        assert session.ask(do="hold", epoch=epoch).startswith("epoch: expected")
