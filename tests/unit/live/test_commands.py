"""What may be asked of a session, and how everything else is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from spiral_dash import ConfigError, RunConfig
from spiral_dash.core.config import TrainingConfig
from spiral_dash.live import commands as do
from spiral_dash.live.commands import Command, parse_command, parse_credit, parse_watch

PART = {"key": "boundary", "probe": "boundary", "options": {"resolution": 20}, "over_time": False}

GOOD: list[tuple[dict[str, Any], Command]] = [
    ({"do": "play"}, do.Play()),
    ({"do": "pause"}, do.Pause()),
    ({"do": "step"}, do.Step()),
    ({"do": "reset"}, do.Reset()),
    ({"do": "end"}, do.End()),
    ({"do": "configure", "config": {"seed": 4}}, do.Configure(config=RunConfig(seed=4))),
    (
        {"do": "adjust", "training": {"learning_rate": 0.01}},
        do.Adjust(training=TrainingConfig(learning_rate=0.01)),
    ),
    ({"do": "speed", "epochs_per_second": 2.5}, do.Speed(epochs_per_second=2.5)),
    ({"do": "speed", "epochs_per_second": None}, do.Speed()),
    ({"do": "seek", "epoch": 12}, do.Seek(epoch=12)),
    ({"do": "seek", "epoch": None}, do.Seek()),
    ({"do": "branch", "epoch": 0}, do.Branch(epoch=0)),
    ({"do": "pack", "file": "run.spiral.zip"}, do.Pack(file="run.spiral.zip")),
    ({"do": "open", "file": "opened-1"}, do.Open(file="opened-1")),
    ({"do": "watch", "parts": []}, do.Watch(parts=())),
    ({"do": "watch", "parts": [PART]}, do.Watch(parts=(do.Part.model_validate(PART),))),
    ({"do": "frame", "run": [0, 3]}, do.Frame(run=(0, 3))),
]


@pytest.mark.parametrize(("values", "command"), GOOD)
def test_a_command_survives_the_way_through_json(values: dict[str, Any], command: Command) -> None:
    assert parse_command(values) == command
    assert parse_command(json.dumps(values)) == command
    assert parse_command(json.dumps(values).encode()) == command
    assert parse_command(command.model_dump(mode="json")) == command


BAD: list[tuple[object, str]] = [
    (b"", "JSON"),
    (b"play", "JSON"),
    (b"\xff\xfe", "JSON"),
    (b'{"do": "speed", "epochs_per_second": NaN}', "NaN"),
    (b"[" * 100_000, "JSON"),
    (b'["play"]', "JSON object"),
    (b"null", "JSON object"),
    (None, "JSON object"),
    (["play"], "JSON object"),
    ({}, "do: expected one of play, pause"),
    ({"do": "fly"}, "do: expected one of play, pause"),
    ({"do": ["play"]}, "do: expected one of"),
    ({"do": 7}, "do: expected one of"),
    ({"do": "play", "now": True}, "now: there is no such setting"),
    ({"do": "play", "x" * 5_000: 1}, "no such setting"),
    ({"do": "speed", "epochs_per_second": 0}, "epochs_per_second"),
    ({"do": "speed", "epochs_per_second": -1}, "epochs_per_second"),
    ({"do": "speed", "epochs_per_second": "fast"}, "epochs_per_second"),
    ({"do": "speed", "epochs_per_second": float("inf")}, "epochs_per_second"),
    ({"do": "seek", "epoch": -1}, "epoch"),
    ({"do": "seek", "epoch": 1.5}, "epoch"),
    ({"do": "seek", "epoch": "3"}, "epoch"),
    ({"do": "seek", "epoch": True}, "epoch"),
    ({"do": "seek", "epoch": 10**30}, "epoch"),
    ({"do": "branch"}, "epoch: expected a value, got none"),
    ({"do": "open"}, "file: expected a value, got none"),
    ({"do": "open", "file": "../../etc/passwd"}, "file"),
    ({"do": "open", "file": "/etc/passwd"}, "file"),
    ({"do": "pack", "file": ".."}, "file"),
    ({"do": "pack", "file": ""}, "file"),
    ({"do": "pack", "file": "a\n"}, "file"),
    ({"do": "pack", "file": "x" * 81}, "file"),
    ({"do": "branch", "epoch": None}, "epoch"),
    ({"do": "configure"}, "config: expected a value, got none"),
    ({"do": "configure", "config": 3}, "got 3"),
    ({"do": "configure", "config": {"data": {"entanglement": 99}}}, "data.entanglement"),
    ({"do": "configure", "config": {"network": {"hidden": [8] * 10_000}}}, "network.hidden"),
    ({"do": "configure", "config": {"data": {"samples_per_arm": 10**9}}}, "samples_per_arm"),
    ({"do": "adjust", "training": {"batch_size": 0}}, "batch_size"),
    ({"do": "adjust", "training": {"batches": 1}}, "batches: there is no such setting"),
    ({"do": "edit"}, "edit: expected a value, got none"),
    ({"do": "edit", "edit": 3}, "change: expected one of weight, bias, layer, unit, got 3"),
    ({"do": "edit", "edit": {"change": "layer", "layer": 1}}, "value: expected a value, got none"),
    ({"do": "watch"}, "parts: expected a value, got none"),
    ({"do": "watch", "parts": "boundary"}, "parts"),
    ({"do": "watch", "parts": [PART] * 2}, "a key of its own"),
    ({"do": "watch", "parts": [{**PART, "key": str(i)} for i in range(65)]}, "a list of 0 to 64"),
    ({"do": "watch", "parts": [{**PART, "probe": "nothing"}]}, "parts.0.probe: expected one of"),
    ({"do": "watch", "parts": [{**PART, "key": ""}]}, "parts.0.key: expected a text of 1"),
    ({"do": "watch", "parts": [{**PART, "key": "a/b"}]}, "that matches"),
    ({"do": "watch", "parts": [{**PART, "key": "k" * 81}]}, "parts.0.key"),
    ({"do": "watch", "parts": [{**PART, "options": [1]}]}, "parts.0.options"),
    ({"do": "watch", "parts": [{**PART, "over_time": "yes"}]}, "parts.0.over_time"),
    ({"do": "watch", "parts": [{**PART, "over_time": True}]}, "cannot be followed"),
    ({"do": "watch", "parts": [], "audience": -1}, "audience"),
    ({"do": "watch", "parts": [], "audience": 10**6}, "audience"),
    ({"do": "frame"}, "run: expected a value, got none"),
    ({"do": "frame", "run": 1}, "run"),
    ({"do": "frame", "run": [-1]}, "run: expected"),
    ({"do": "frame", "run": ["1"]}, "run: expected"),
    ({"do": "frame", "run": list(range(1_000))}, "run"),
    ({"do": "draw", "stroke": 1, "add": [[0, 1]]}, "add.0.2: expected a value, got none"),
    ({"do": "frame", "run": [], "since": -5}, "since"),
]


@pytest.mark.parametrize(("message", "expected"), BAD)
def test_what_is_no_command_is_refused_in_a_sentence(message: object, expected: str) -> None:
    with pytest.raises(ConfigError) as refusal:
        parse_command(message)
    text = str(refusal.value)
    assert expected in text
    assert text.endswith(".")
    assert len(text) < 1_000
    assert "pydantic" not in text


def test_two_parts_that_show_the_same_have_one_identity() -> None:
    one = do.Part(key="a", probe="boundary", options={"resolution": 20, "grid": 1})
    same = do.Part(key="b", probe="boundary", options={"grid": 1, "resolution": 20})
    other = do.Part(key="a", probe="boundary", options={"resolution": 21, "grid": 1})
    assert one.identity == same.identity
    assert one.identity != other.identity


def test_a_watch_list_is_checked_as_in_the_command() -> None:
    assert parse_watch([PART]).parts[0].key == "boundary"
    with pytest.raises(ConfigError, match="parts"):
        parse_watch({"key": "boundary"})


@pytest.mark.parametrize("have", [-1, 1.5, "1", None, True, 2**60])
def test_a_credit_names_a_run_by_its_number(have: object) -> None:
    assert parse_credit(3) == 3
    with pytest.raises(ConfigError, match="run"):
        parse_credit(have)
