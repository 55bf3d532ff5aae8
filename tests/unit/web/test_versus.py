"""The second run of an address: what differs is read, what cannot be used harms nothing."""

from __future__ import annotations

from urllib.parse import parse_qsl

import numpy as np
import pytest

from spiral_dash.core.config import RunConfig
from spiral_dash.core.data.registry import KINDS
from spiral_dash.core.data.rows import Rows
from spiral_dash.web import versus
from spiral_dash.web.address import read_address
from spiral_dash.web.form import Reading, query_of
from spiral_dash.web.versus import read_versus, versus_of

FIRST = "network.activation=relu&network.hidden=50,50&seed=7"


def second(search: str) -> RunConfig:
    found = read_address(search).page.vs
    assert found is not None
    return RunConfig.from_query(found)


@pytest.mark.parametrize(
    ("differing", "changes"),
    [
        ("vs=same", {}),
        ("vs.network.activation=sine", {"network": {"activation": "sine"}}),
        ("vs.network.activation=tanh", {"network": {"activation": "tanh"}}),
        ("vs.network.hidden=", {"network": {"hidden": []}}),
        (
            "vs.seed=8&vs.training.learning_rate=0.5",
            {"seed": 8, "training": {"learning_rate": 0.5}},
        ),
        ("vs.data.seed=3", {"data": {"seed": 3}}),
        ("vs.data.kind=circle", {"data": {"kind": "circle"}}),
        ("vs.training.adversary=fgsm", {"training": {"adversary": "fgsm"}}),
    ],
)
def test_the_second_run_is_the_first_but_for_what_differs(
    differing: str, changes: dict[str, object]
) -> None:
    expected = RunConfig.from_query(FIRST).model_dump()
    for group, values in changes.items():
        if isinstance(values, dict):
            inherited = {} if "kind" in values else expected[group]
            expected[group] = {**inherited, **values}
        else:
            expected[group] = values
    assert second(f"{FIRST}&{differing}") == RunConfig.parse(expected)
    assert read_address(f"{FIRST}&{differing}").problems == []


def test_a_setting_that_may_have_no_value_can_lose_it() -> None:
    assert second("network.seed=5&vs.network.seed=").network.seed is None
    assert second("network.seed=5&vs=same").network.seed == 5


def test_what_kinds_of_data_share_is_kept_where_the_kind_differs() -> None:
    assert second("data.seed=9&data.entanglement=5&vs.data.kind=moons").data.seed == 9


def test_the_second_run_has_the_points_of_the_first() -> None:
    generator = np.random.default_rng(0)
    rows = Rows.of(generator.normal(size=(20, 2)).astype(np.float32), np.arange(20) % 2)
    config = RunConfig(data={"kind": "points", "digest": rows.digest})
    address = read_address(f"{query_of(config, rows.to_text())}&vs.network.activation=relu")
    assert address.problems == []
    assert address.page.vs is not None
    assert f"data.rows={rows.to_text()}" in address.page.vs


BAD = [
    "vs",
    "vs=",
    "vs=other",
    "vs.=3",
    "vs.foo=3",
    "vs.network=3",
    "vs.network.foo=3",
    "vs.network.activation=tan",
    "vs.network.activation=",
    "vs.network.hidden=8,x",
    "vs.network.hidden=999999",
    "vs.training.learning_rate=nan",
    "vs.training.learning_rate=-1",
    "vs.training.batch_size=1e99",
    "vs.seed=-1",
    "vs.vs.seed=3",
    "vs.panels=boundary",
    "vs.speed=3",
    "vs.panel.boundary.test=on",
    "vs.data.kind=torus",
    "vs.data.rows=zzz",
    "vs.schedule=1:2",
    "vs.data.noise=1",
    "vs.%00=1",
]


@pytest.mark.parametrize("differing", BAD)
def test_a_second_run_of_nothing_usable_is_left_out_with_a_sentence(differing: str) -> None:
    address = read_address(f"{FIRST}&{differing}&panels=boundary")
    assert address.reading.config == RunConfig.from_query(FIRST)
    assert address.page.panels == ("boundary",)
    assert address.page.vs is None
    assert len(address.problems) == 1
    assert address.problems[0].startswith("vs")
    assert "Traceback" not in address.problems[0]


@pytest.mark.parametrize("differing", [each for each in BAD if "seed" not in each])
def test_what_cannot_be_used_is_as_in_the_first_run(differing: str) -> None:
    search = f"{FIRST}&{differing}&vs.network.initializer=zeros"
    first = RunConfig.from_query(FIRST)
    network = first.network.replace(initializer="zeros")
    assert second(search) == first.replace(network=network)
    assert len(read_address(search).problems) == 1


def test_a_change_to_which_the_schedule_does_not_apply_is_made_without_it() -> None:
    search = "network.hidden=8,8&schedule=3:unit.2.5=silent&vs.network.hidden=4"
    address = read_address(search)
    assert [each.startswith("vs.schedule: ") for each in address.problems] == [True]
    assert address.reading.config.schedule != ()
    assert second(search).network.hidden == (4,)


@pytest.mark.parametrize("field", ["vs.nothing{}=1", "vs.data.seed=3", "vs=what{}"])
def test_what_many_fields_cost_grows_with_their_length_alone(
    field: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []

    def counting(text: str, keep_blank_values: bool) -> list[tuple[str, str]]:
        read.append(len(text))
        return parse_qsl(text, keep_blank_values=keep_blank_values)

    monkeypatch.setattr(versus, "parse_qsl", counting)

    def cost(count: int) -> int:
        read.clear()
        read_versus(Reading(RunConfig()), [field.format(each) for each in range(count)])
        return sum(read)

    assert 0 < cost(versus.FIELDS_MAX) <= 2.5 * cost(versus.FIELDS_MAX // 2)


@pytest.mark.parametrize("field", ["vs.nothing=1", "vs.data.seed=3", "vs=same", "vs=what"])
def test_of_too_many_fields_there_is_no_second_run_and_a_sentence(field: str) -> None:
    count = versus.FIELDS_MAX + 1
    address = read_address(f"{FIRST}&" + "&".join([field] * count))
    assert address.problems == [
        "vs: expected at most 200 settings that differ, got 201. Leave some out."
    ]
    assert address.page.vs is None
    assert address.reading.config == RunConfig.from_query(FIRST)


def test_a_second_run_may_differ_in_every_setting_of_any_kind_of_data() -> None:
    assert max(len(RunConfig(data={"kind": kind}).texts) for kind in KINDS) < versus.FIELDS_MAX


OTHERS = [
    "",
    FIRST,
    "data.kind=gaussians&data.classes=3",
    "network.hidden=&seed=3",
    "data.kind=circle",
]


@pytest.mark.parametrize("one", OTHERS)
@pytest.mark.parametrize("other", OTHERS)
def test_what_is_written_of_a_second_run_is_read_as_it(one: str, other: str) -> None:
    first, wanted = RunConfig.from_query(one), RunConfig.from_query(other)
    assert second(f"{one}&{versus_of(first, wanted)}") == wanted
