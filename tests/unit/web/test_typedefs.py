"""What the scripts share with Python: up to date, and what is really sent."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scripts import typedefs
from spiral_dash.live.events import EVENTS
from spiral_dash.live.texts import FrameTexts
from tests.unit.live.harness import SMALL, remote

AS_THEY_ARE = {"state", "notice", "speed"}


@pytest.mark.parametrize("path", typedefs.files(), ids=lambda path: path.name)
def test_a_generated_file_is_what_the_code_says(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == typedefs.files()[path], "run `make typedefs`"


def read(texts: dict[str, str]) -> FrameTexts:
    """Return the texts of a frame as its definition says that they are read."""
    assert FrameTexts.model_fields.keys() - texts.keys() <= {"data"}
    values = {
        name: text if name in AS_THEY_ARE else json.loads(text) if text else None
        for name, text in texts.items()
    }
    return FrameTexts.model_validate_json(json.dumps(values), strict=True)


@pytest.mark.parametrize(
    "data",
    [{"kind": "spiral", "samples_per_arm": 60}, {"kind": "digits"}, {"kind": "xor"}],
    ids=lambda data: str(data["kind"]),
)
def test_every_text_of_a_frame_is_as_defined(data: dict[str, object], tmp_path: Path) -> None:
    config = SMALL.replace(data=data)
    with remote(tmp_path / "session", config) as session:
        session.watch(
            {"key": "good", "probe": "norms", "over_time": True},
            {"key": "bad", "probe": "weights", "options": {"layer": 99}},
        )
        session.credit(have=(0,))
        first = read(session.frame().texts)
        assert first.data is not None and first.data.kind == config.data.kind
        assert first.parts["bad"].error and first.parts["good"].arrays
        session.step()
        session.obey(do="adjust", training={**SMALL.training.model_dump(), "learning_rate": 0.02})
        session.step()
        session.obey(do="seek", epoch=1)
        session.obey(do="speed", epochs_per_second=7.5)
        session.credit(have=(first.run,))
        later = read(session.frame().texts)
        assert later.data is None and later.speed == "7.5"


def test_events_are_told_apart_by_name() -> None:
    names = [event.model_fields["event"].default for event in EVENTS]
    assert len(set(names)) == len(names)
