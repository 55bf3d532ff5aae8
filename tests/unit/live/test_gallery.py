"""Frames go out by credit, hold what is new, and cost training no more than its share."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spiral_dash import Run
from spiral_dash.core.probes import PROBES, Arrays, Cost, ProbeError, Subject
from tests.unit.live.harness import SMALL, Counted, Level, Remote, make_probe, remote

BOUNDARY = {"key": "boundary", "probe": "boundary", "options": {"resolution": 12}}


def parts(texts: dict[str, str]) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(texts["parts"])
    return read


def test_no_credit_no_frame_and_one_credit_one_frame(tmp_path: Path) -> None:
    with remote(tmp_path / "session") as session:
        session.watch(BOUNDARY)
        session.obey(do="play")
        assert session.no_frame()
        session.credit()
        first = session.frame()
        assert session.no_frame()
        session.credit(first.message.serial)
        assert session.frame().message.serial > first.message.serial
        assert session.no_frame()


def test_a_frame_waits_until_something_changes(tmp_path: Path) -> None:
    with remote(tmp_path / "session") as session:
        session.watch(BOUNDARY)
        session.credit()
        serial = session.frame().message.serial
        session.credit(serial)
        assert session.no_frame()
        session.obey(do="speed", epochs_per_second=3.0)
        frame = session.frame()
        assert frame.texts["speed"] == "3"
        # The weights are the same, so the boundary is the one the viewer has.
        assert parts(frame.texts) == {}


def test_a_newer_credit_takes_the_place_of_an_older_one(tmp_path: Path) -> None:
    with remote(tmp_path / "session") as session:
        session.credit()
        serial = session.frame().message.serial
        for _ in range(3):
            session.credit(serial)
        session.step()
        session.frame()
        assert session.no_frame()


def test_points_travel_to_who_does_not_have_them(tmp_path: Path) -> None:
    with remote(tmp_path / "session") as session:
        session.credit(have=(0,))
        frame = session.frame()
        train = frame.arrays["points/train"]
        assert train.shape == (len(frame.arrays["points/train_label"]), 2)
        assert train.dtype == np.float32
        assert frame.arrays["points/test_label"].dtype == np.uint8
        assert frame.arrays["points/test_coordinate"].dtype == np.float32
        data = json.loads(frame.texts["data"])
        facts = {fact["name"]: fact["value"] for fact in data["facts"]}
        assert facts["entanglement"] == 4.0
        assert facts.keys() >= {"codimension", "distance_l2", "distance_linf"}
        assert (data["dimension"], data["classes"], data["class_names"]) == (2, 2, ["0", "1"])
        assert sum(count for count, _ in data["counts"]) == len(train)
        session.credit(frame.message.serial, have=(0, 1))
        assert "points/train" in session.frame().arrays
        session.step()
        session.credit(have=(1,))
        assert "points/train" not in session.frame().arrays
        session.obey(do="configure", config={"data": {"samples_per_arm": 50}})
        session.credit(have=(1,))
        frame = session.frame()
        assert frame.texts["run"] == "2"
        assert len(frame.arrays["points/train"]) == 67


def test_a_frame_says_what_the_session_does(tmp_path: Path) -> None:
    with remote(tmp_path / "session") as session:
        session.step()
        session.step()
        session.credit()
        texts = session.frame().texts
        saved = session.saved()
    assert texts["state"] == "paused"
    assert texts["epoch"] == texts["shown_epoch"] == "2"
    assert texts["progress"] == "0"
    assert json.loads(texts["epochs"]) == [0, 2, 3]
    assert json.loads(texts["metrics"]) == pytest.approx(saved.metrics)
    assert json.loads(texts["config"]) == SMALL.model_dump(mode="json")
    assert texts["speed"] == "full"
    assert texts["seeking"] == texts["notice"] == texts["reach"] == texts["stop"] == ""
    assert (texts["step"], texts["batches"]) == ("0", "8")


def test_arrays_travel_in_the_types_of_the_screen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrays = {
        "share": np.array([0.0, 0.123456, 1.0]),
        "picture": np.linspace(0.0, 1.0, 257),
        "broken_picture": np.append(np.linspace(0.0, 1.0, 256), np.nan),
        "real": np.array([1.5, np.inf]),
        "flag": np.array([True, False]),
        "count": np.array([3]),
        "complex": np.array([1j]),
    }
    shares = ("share", "picture", "broken_picture")
    probe = make_probe("typed", lambda subject, options: arrays, unit_interval=shares)
    monkeypatch.setitem(PROBES, "typed", probe)
    with remote(tmp_path / "session") as session:
        session.watch({"key": "t", "probe": "typed"})
        session.credit()
        frame = session.frame()
    assert parts(frame.texts)["t"]["arrays"] == sorted(
        arrays.keys() - {"complex"}, key=list(arrays).index
    )
    # A few shares are read as numbers, many are seen as a picture.
    np.testing.assert_array_equal(
        frame.arrays["t/share"], np.array([0.0, 0.123456, 1.0], np.float32)
    )
    assert frame.arrays["t/picture"].dtype == np.uint8
    assert frame.arrays["t/picture"][[0, 128, 256]].tolist() == [0, 128, 255]
    assert frame.arrays["t/broken_picture"].dtype == np.float32
    assert frame.arrays["t/real"].dtype == np.float32
    assert frame.arrays["t/flag"].tolist() == [1, 0]
    assert frame.arrays["t/count"].dtype == np.int64


def test_a_part_that_fails_costs_itself_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> dict[str, Any]:
        raise ProbeError("There is nothing to measure here.")

    def crash(*_: object) -> dict[str, Any]:
        raise ZeroDivisionError("by accident")

    for name, measure in (("refuses", refuse), ("crashes", crash)):
        for cost in Cost:
            full = f"{name}-{cost.value}"
            monkeypatch.setitem(PROBES, full, make_probe(full, measure, cost))
    watched: list[dict[str, Any]] = [
        *({"key": name, "probe": name} for name in PROBES if name.startswith(("refuses", "crash"))),
        {"key": "layer", "probe": "weights", "options": {"nothing": 1}},
        {"key": "over", "probe": "norms", "options": {"nothing": 1}, "over_time": True},
        BOUNDARY,
    ]
    with remote(tmp_path / "session") as session:
        session.watch(*watched)
        known: dict[str, Any] = {}
        since = 0
        while any("error" not in known.get(part["key"], {}) for part in watched[:-1]):
            session.credit(since)
            frame = session.frame()
            since = frame.message.serial
            known |= parts(frame.texts)
        assert known["boundary"]["arrays"]
        for key in ("refuses-cheap", "refuses-slow"):
            assert known[key] == {"error": "There is nothing to measure here."}
        for key in ("crashes-cheap", "crashes-slow"):
            assert "by accident" in known[key]["error"]
        for key in ("layer", "over"):
            assert "nothing: there is no such setting" in known[key]["error"]
        session.step()


def test_what_is_not_watched_is_not_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = {cost: Counted() for cost in Cost}
    for cost, count in counts.items():
        monkeypatch.setitem(PROBES, cost.value, make_probe(cost.value, count, cost))
    with remote(tmp_path / "session") as session:
        session.watch(*({"key": cost.value, "probe": cost.value} for cost in Cost))
        # A hidden page gives no credit.
        session.play_for(0.1)
        assert [count.count for count in counts.values()] == [0, 0]
        session.credit()
        session.frame()
        session.watch(BOUNDARY)
        session.obey(do="play")
        time.sleep(0.05)
        before = counts[Cost.CHEAP].count
        for _ in range(3):
            session.credit()
            session.frame()
        assert counts[Cost.CHEAP].count == before == 1


def follow(session: Remote, seconds: float, known: dict[str, Any]) -> int:
    """Take every frame for a while; return how many came."""
    since, frames, end = 0, 0, time.monotonic() + seconds
    while time.monotonic() < end:
        session.credit(since)
        frame = session.frame()
        since, frames = frame.message.serial, frames + 1
        known |= parts(frame.texts) | {"state": frame.texts["state"]}
        for name, array in frame.arrays.items():
            known[name] = array
    return frames


def test_a_slow_probe_holds_neither_frames_nor_training_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = Counted(seconds=0.05)
    monkeypatch.setitem(PROBES, "slow", make_probe("slow", slow, Cost.SLOW))
    with remote(tmp_path / "session") as session:
        session.watch({"key": "slow", "probe": "slow"})
        session.obey(do="play")
        frames = follow(session, 2.0, {})
        # At once, and then after half a second, which is ten times what it costs, or somewhat more.
        assert 2 <= slow.count <= 4
        assert frames > 20
        session.obey(do="pause")
        # The last picture is that of the last weights.
        weights = float(session.saved().network.flat.double().sum())
        since, shown = 0, None
        while shown != np.float32(weights):
            session.credit(since)
            frame = session.frame()
            since = frame.message.serial
            shown = frame.arrays.get("slow/sum", [None])[0]
        count = slow.count
        session.credit(since)
        assert session.no_frame()
        assert slow.count == count
        assert slow.threads == {"measuring"}


def test_many_slow_probes_leave_half_of_the_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = Counted(seconds=0.05)
    monkeypatch.setitem(PROBES, "slow", make_probe("slow", slow, Cost.SLOW))
    with remote(tmp_path / "session") as session:
        session.watch(
            *({"key": f"s{n}", "probe": "slow", "options": {"level": n}} for n in range(20))
        )
        session.obey(do="play")
        follow(session, 1.0, {})
        playing = slow.count
        session.obey(do="pause")
        follow(session, 0.6, {})
    # However busy the machine is, there is progress, and never more than the share.
    assert 2 <= playing <= 11
    # At rest there is no frame to wait for: the rest follow each other.
    assert slow.count - playing >= 7


def test_at_rest_what_is_soon_done_comes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []

    def taking(name: str, seconds: float) -> None:
        counted = Counted(seconds)

        def measure(subject: Subject, options: Level) -> Arrays:
            order.append(name)
            return counted(subject, options)

        monkeypatch.setitem(PROBES, name, make_probe(name, measure, Cost.SLOW))

    for name, seconds in (("long", 0.3), ("short", 0.02), ("new", 0.0)):
        taking(name, seconds)
    watched = [{"key": name, "probe": name} for name in ("long", "short", "new")]

    def all_taken(session: Remote, *names: str) -> None:
        since = 0
        while not all(known[name].get("pending") is False for name in names):
            session.credit(since)
            frame = session.frame()
            since = frame.message.serial
            known.update(parts(frame.texts))

    with remote(tmp_path / "session") as session:
        known: dict[str, Any] = {name: {} for name in ("long", "short", "new")}
        session.watch(*watched[:2])
        all_taken(session, "long", "short")
        session.step()
        known = {name: {} for name in known}
        session.watch(*watched)
        all_taken(session, *known)
    assert order == ["long", "short", "short", "long", "new"]


def test_a_new_run_shows_at_once_and_without_the_old_slow_results(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PROBES, "slow", make_probe("slow", Counted(2.0), Cost.SLOW))
    with remote(tmp_path / "session") as session:
        session.watch({"key": "slow", "probe": "slow"}, BOUNDARY)
        session.credit()
        first = session.frame()
        assert parts(first.texts)["slow"]["pending"] is True
        session.credit(first.message.serial)
        while not parts((arrived := session.frame()).texts)["slow"]["arrays"]:
            session.credit(arrived.message.serial)
        session.credit(arrived.message.serial)
        begun = time.monotonic()
        session.obey(do="configure", config={"network": {"hidden": [3]}})
        frame = session.frame()
        assert time.monotonic() - begun < 1.5
        assert parts(frame.texts)["slow"]["arrays"] == []
        assert parts(frame.texts)["slow"]["pending"] is True
        assert parts(frame.texts)["boundary"]["arrays"]


def test_a_curve_over_time_grows_to_its_end(tmp_path: Path) -> None:
    with remote(tmp_path / "session") as session:
        session.play_for(0.3)
        session.watch({"key": "norms", "probe": "norms", "over_time": True})
        known: dict[str, Any] = {"norms": {"pending": True}}
        since = 0
        while known["norms"]["pending"]:
            session.credit(since)
            frame = session.frame()
            since = frame.message.serial
            known |= parts(frame.texts) | frame.arrays
        run = session.saved()
        assert known["norms/epochs"][0] == 0
        assert known["norms/epochs"][-1] == run.epoch
        session.credit(since)
        assert session.no_frame()


def test_a_mapping_is_that_of_its_epoch_however_one_got_there(tmp_path: Path) -> None:
    with remote(tmp_path / "session") as session:
        session.watch({"key": "m", "probe": "mapping", "options": {"layer": 1}})
        shown: dict[int, np.ndarray[Any, Any]] = {}
        for epoch in range(1, 9):
            session.step()
            session.credit()
            shown[epoch] = session.frame().arrays["m/train"]
        again = Run(session.saved().config)
        again.train(8)
        for epoch in (2, 7, 3, 8, 1):
            session.obey(do="seek", epoch=epoch)
            session.credit()
            np.testing.assert_array_equal(session.frame().arrays["m/train"], shown[epoch])
            measured = again.measure("mapping", epoch=epoch, layer=1)["train"]
            np.testing.assert_allclose(shown[epoch], measured, atol=1e-5)


def test_training_keeps_half_of_the_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dear = Counted(seconds=0.03)
    monkeypatch.setitem(PROBES, "dear", make_probe("dear", dear))
    with remote(tmp_path / "session") as session:
        session.watch({"key": "dear", "probe": "dear"})
        session.obey(do="play")
        begun = time.monotonic()
        frames = follow(session, 0.9, {})
        elapsed = time.monotonic() - begun
    assert 5 <= frames <= 0.55 * elapsed / 0.03 + 2


def test_two_audiences_have_frames_of_their_own(tmp_path: Path) -> None:
    with remote(tmp_path / "session") as session:
        for number, resolution in enumerate((12, 20)):
            part = {"key": "b", "probe": "boundary", "options": {"resolution": resolution}}
            session.watch(part, audience=number)
        session.credit(audience=1)
        frame = session.frame()
        assert frame.message.audience == 1
        assert frame.arrays["b/probability"].shape == (20, 20)
        assert session.no_frame()
        session.credit(audience=0)
        assert session.frame().arrays["b/probability"].shape == (12, 12)


def test_every_audience_has_its_turn_and_the_first_every_second_one(tmp_path: Path) -> None:
    counted = dict.fromkeys(range(3), 0)
    with remote(tmp_path / "session") as session:
        for number in counted:
            part = {"key": "b", "probe": "boundary", "options": {"resolution": 12 + number}}
            session.watch(part, audience=number)
        session.obey(do="play")
        for number in counted:
            session.credit(audience=number)
        for _ in range(60):
            message = session.frame().message
            counted[message.audience] += 1
            session.credit(message.serial, audience=message.audience)
    assert counted[0] >= 20 and min(counted[1], counted[2]) >= 8, counted
