"""Points drawn and erased: the data become one's own, and every stroke can be taken back."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from spiral_dash import Run, RunConfig
from spiral_dash.core.data.dataset import Dataset, make_dataset
from spiral_dash.core.data.drawing import drawn_on, erased_from
from spiral_dash.core.data.registry import KINDS
from spiral_dash.core.validation import ConfigError
from tests.unit.live.harness import SMALL, Remote, remote

GENERATED = sorted(KINDS.keys() - {"points"})


def dataset(kind: str, **settings: object) -> Dataset:
    return make_dataset(RunConfig.parse({"data": {"kind": kind, **settings}}).data, 3)


@pytest.mark.parametrize("kind", [*GENERATED, "codimension"])
def test_a_drawn_point_lies_where_it_was_drawn(kind: str) -> None:
    data = dataset("spiral", codimension=7) if kind == "codimension" else dataset(kind)
    places = np.random.default_rng(1).uniform(-1, 1, (20, 2)) * data.extent + data.centre
    rows = drawn_on(data, data.rows, places.tolist(), [0, 1] * 10)
    assert len(rows.y) == len(data.rows.y) + 20
    landed = data.project(torch.from_numpy(rows.x[-20:].astype(float))).numpy()
    np.testing.assert_allclose(landed, places, atol=1e-5 * data.extent)
    np.testing.assert_array_equal(rows.x[:-20], data.rows.x)


@pytest.mark.parametrize("kind", GENERATED)
def test_what_is_erased_is_what_lies_near(kind: str) -> None:
    data = dataset(kind)
    place, radius = data.project(data.x_train[:1].double()).numpy(), data.extent / 5
    rows = erased_from(data, data.rows, place.tolist(), radius)
    plane = data.project(torch.from_numpy(data.rows.x.astype(float))).numpy()
    near = np.hypot(*(plane - place).T) <= radius
    assert near.sum() > 0
    assert len(rows.y) >= len(near) - near.sum()
    assert len(np.unique(rows.y)) == len(rows.class_names) >= 2


def test_erasing_everything_leaves_a_point_of_two_classes() -> None:
    data = dataset("gaussians", classes=4)
    rows = erased_from(data, data.rows, [[0, 0]], 1e6)
    assert len(rows.y) == 2 == len(rows.class_names)


def test_a_new_class_gets_the_next_name() -> None:
    for kind, name in (("spiral", "2"), ("moons", "class 2"), ("digits", "10")):
        data = dataset(kind)
        rows = drawn_on(data, data.rows, [[0, 0]], [data.classes])
        assert rows.class_names == (*data.class_names, name)


def test_a_class_beyond_the_next_is_refused() -> None:
    data = dataset("moons")
    with pytest.raises(ConfigError, match="expected one of 0 to 2, got 3"):
        drawn_on(data, data.rows, [[0, 0]], [3])


def draw(session: Remote, stroke: int, *points: tuple[float, float, int]) -> None:
    session.obey(do="draw", stroke=stroke, add=points)


def strokes(session: Remote) -> int:
    session.credit()
    return int(session.frame().texts["strokes"])


def test_a_stroke_is_taken_back_as_a_whole_and_gives_the_same_run(tmp_path: Path) -> None:
    with remote(tmp_path / "session") as session:
        session.step_to(2)
        draw(session, 1, (0.5, 0.25, 0))
        draw(session, 1, (0.75, 0.25, 0), (1.0, 0.25, 1))
        first = session.statuses[-1]["config"]
        assert first["data"]["kind"] == "points"
        draw(session, 2, (3.0, 3.0, 2))
        session.step_to(2)
        assert strokes(session) == 2
        session.obey(do="undraw")
        assert session.statuses[-1]["config"] == first
        session.obey(do="undraw")
        assert session.statuses[-1]["config"] == SMALL.model_dump(mode="json")
        assert session.ask(do="undraw") == "There is no stroke to take back."
        session.step_to(2)
        alone = Run(SMALL)
        alone.train(2)
        assert torch.equal(session.state(), alone.trainer.engine.state)


def test_a_drawn_run_is_the_run_of_its_points(tmp_path: Path) -> None:
    with remote(tmp_path / "session") as session:
        draw(session, 5, (0.5, 0.25, 0), (-2.0, 1.0, 1))
        session.obey(do="draw", stroke=6, erase=[[0.0, 0.0]], radius=1.0)
        session.step_to(3)
        run = session.saved()
        assert run.rows is not None
        again = Run(run.config, rows=run.rows)
        again.train(3)
        assert torch.equal(session.state(), again.trainer.engine.state)


def test_other_data_end_the_strokes_and_other_settings_do_not(tmp_path: Path) -> None:
    with remote(tmp_path / "session") as session:
        draw(session, 1, (0.5, 0.25, 0))
        config = RunConfig.parse(session.statuses[-1]["config"])
        wider = config.replace(network=config.network.replace(hidden=(3, 3)))
        session.obey(do="configure", config=wider.model_dump(mode="json"))
        assert strokes(session) == 1
        session.obey(do="undraw")
        assert session.statuses[-1]["config"]["network"]["hidden"] == [3, 3]
        draw(session, 2, (0.5, 0.25, 0))
        session.obey(do="configure", config={"data": {"kind": "moons"}})
        assert "no stroke" in session.ask(do="undraw")


def test_what_plays_plays_on(tmp_path: Path) -> None:
    with remote(tmp_path / "session") as session:
        session.obey(do="play")
        draw(session, 1, (0.5, 0.25, 0))
        assert session.statuses[-1]["state"] == "playing"
        session.obey(do="pause")


@pytest.mark.parametrize(
    "command",
    [
        {"stroke": 1, "add": [[0, 0, 9]]},
        {"stroke": 1, "add": [[0, 0, -1]]},
        {"stroke": 1, "add": [[0, 0, 1.5]]},
        {"stroke": 1, "add": [[0, 0]]},
        {"stroke": 1, "add": [["x", 0, 0]]},
        {"stroke": 1, "add": [[1e300, 0, 0]]},
        {"stroke": 1, "add": [[0, 0, 0]] * 501},
        {"stroke": -1, "add": [[0, 0, 0]]},
        {"stroke": 1, "erase": [[0, 0]], "radius": -1},
        {"stroke": 1, "erase": [[0]], "radius": 1},
        {"add": [[0, 0, 0]]},
        {"stroke": 1, "add": 3},
    ],
    ids=json.dumps,
)
def test_what_is_no_stroke_is_refused_and_the_run_goes_on(
    tmp_path: Path, command: dict[str, object]
) -> None:
    with remote(tmp_path / "session") as session:
        session.step_to(1)
        assert session.ask(do="draw", **command).endswith(".")
        assert session.statuses[-1]["config"] == SMALL.model_dump(mode="json")
        session.step_to(2)
