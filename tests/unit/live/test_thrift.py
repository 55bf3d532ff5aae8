"""Where many share few cores, panels take turns, each has its own, and frames go on."""

from __future__ import annotations

import math

from spiral_dash import Run
from spiral_dash.live.commands import Frame, Part, Watch
from spiral_dash.live.gallery import Gallery
from spiral_dash.live.measurements import Measurements, Moment
from spiral_dash.live.thrift import PERIOD_SECONDS, Thrift
from tests.unit.live.harness import SMALL

PARTS = [
    Part(key="boundary", probe="boundary", options={"resolution": 10}),
    Part(key="weights", probe="weights"),
    Part(key="norms", probe="norms", over_time=True),
    Part(key="history", probe="history"),
]


def moment(weights: int) -> Moment:
    return Moment(past=0, era=0, weights=weights, serial=weights + 1, shown=None, playing=True)


def test_panels_take_turns_and_each_has_its_own() -> None:
    run = Run(SMALL)
    measurements = Measurements(lambda _task, _outcome: None, lambda: None)
    assert not measurements.refresh(run, PARTS, moment(0), 1.0, computing=0.0), "all are new"
    for turn in range(1, 2 * len(PARTS) + 1):
        run.train(1)
        before = {part.key: measurements.taken(part) for part in PARTS}
        # Without any time, one is taken all the same.
        assert measurements.refresh(run, PARTS, moment(turn), 1.0, computing=0.0)
        renewed = [part for part in PARTS if measurements.taken(part) is not before[part.key]]
        assert len(renewed) == 1
        oldest = min(before.values(), key=lambda taken: taken.at if taken else 0.0)
        assert before[renewed[0].key] is oldest
    assert not measurements.refresh(run, PARTS, moment(99), 1.0), "and all with time enough"


def test_a_session_alone_is_not_thrifty() -> None:
    thrift = Thrift()
    for _ in range(50):
        thrift.learn(took=0.010, computed=0.009, measuring=0.005)
    assert thrift.budget(hurried=False) == thrift.budget(hurried=True) == math.inf
    assert thrift.pause(took=0.010, usual=0.033) == 0.033


def test_the_more_there_are_the_less_a_frame_may_take() -> None:
    budgets = []
    for slowness in (2.0, 5.0, 15.0):
        thrift = Thrift()
        for _ in range(100):
            thrift.learn(took=0.010 * slowness, computed=0.010, measuring=0.008)
        budgets.append(thrift.budget(hurried=False))
        # What it computes, and waits for its turn, fits the period with time left to train.
        assert (budgets[-1] + 0.0019) * slowness < 0.6 * PERIOD_SECONDS
        assert thrift.budget(hurried=True) < budgets[-1], "who waits for it has it sooner"
    assert budgets == sorted(budgets, reverse=True)


def test_where_nothing_is_left_for_measuring_nothing_is_owed() -> None:
    thrift = Thrift()
    for _ in range(100):
        thrift.learn(took=0.4, computed=0.010, measuring=0.001)
    assert thrift.budget(hurried=False) == thrift.budget(hurried=True) == 0.0


def test_what_would_take_too_long_waits_for_its_turn() -> None:
    run = Run(SMALL)
    measurements = Measurements(lambda _task, _outcome: None, lambda: None)
    measurements.refresh(run, PARTS, moment(0), 1.0)
    for turn, (cost, renewed) in enumerate([(50.0, 1), (0.0, len(PARTS))], start=1):
        run.train(1)
        before = [measurements.taken(part) for part in PARTS]
        measurements._computed = {part.identity: cost for part in PARTS}
        measurements.refresh(run, PARTS, moment(turn), 1.0, computing=40.0)
        after = [measurements.taken(part) for part in PARTS]
        assert sum(one is not other for one, other in zip(before, after, strict=True)) == renewed


def test_training_waits_for_no_frame_that_will_not_come() -> None:
    gallery = Gallery(lambda _: None, lambda _task, _outcome: None, lambda: None)
    gallery.watch(Watch(audience=0, parts=tuple(PARTS)))
    hurried = [gallery.hurried]
    for request, since in ((1, 0), (2, 10**6)):
        gallery.ask(Frame(audience=0, request=request, run=(1,), since=since))
        hurried.append(gallery.hurried)
    # Nobody has asked for one; somebody has; nothing is new to whoever has seen more.
    assert hurried == [False, True, False]
    gallery.close()


def test_frames_come_before_training_once_they_would_be_late() -> None:
    thrift = Thrift()
    assert thrift.pause(took=0.05, usual=0.1) == 0.1
    assert thrift.pause(took=0.12, usual=0.24) == PERIOD_SECONDS
    assert thrift.pause(took=0.2, usual=0.4) == 0.25
