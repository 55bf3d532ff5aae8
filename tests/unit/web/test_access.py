"""Which dials a link hides and locks: names read from an address, and what goes with them."""

from __future__ import annotations

import pytest

from spiral_dash.core.config import RunConfig
from spiral_dash.web.access import GROUPS, all_but, dial_paths, read_dials
from spiral_dash.web.address import read_address
from spiral_dash.web.form import texts_of

UNKNOWN = ["nothing", "network.hidden.3", "panel.boundary", "<script>", "data.", "hide", "NETWORK"]


def test_every_dial_has_a_path_and_every_field_of_the_usual_run_is_a_dial() -> None:
    paths = dial_paths()
    assert len(set(paths)) == len(paths)
    assert set(texts_of(RunConfig())) <= set(paths)


@pytest.mark.parametrize("name", ["hide", "lock"])
@pytest.mark.parametrize("dial", [*dial_paths(), *GROUPS])
def test_a_known_name_is_taken(name: str, dial: str) -> None:
    page = read_address(f"?{name}={dial}")
    assert page.problems == []
    assert dial in (getattr(page.page, name) or ())


@pytest.mark.parametrize("text", UNKNOWN)
def test_an_unknown_name_has_a_sentence_and_harms_nothing_else(text: str) -> None:
    address = read_address(f"?network.activation=relu&lock={text},seed&speed=20")
    [problem] = address.problems
    assert problem.startswith("lock: expected names of dials")
    assert text[:20] in problem
    assert address.page.lock == ("seed",)
    assert address.page.speed == "20"
    assert address.reading.config.network.activation == "relu"


def test_of_many_unknown_names_three_are_told() -> None:
    problems: list[str] = []
    assert read_dials("hide", ",".join(f"x{each}" for each in range(50)), problems) == ()
    assert len(problems) == 1 and "and 47 more" in problems[0]


def test_each_name_is_compared_with_the_dials_and_not_with_the_other_names(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compared: list[str] = []

    class Name(str):
        __slots__ = ()
        __hash__ = str.__hash__

        def __eq__(self, other: object) -> bool:
            compared.append(self)
            return str(self) == other

    class Text(str):
        __slots__ = ()

        def split(self, *options: object) -> list[str]:
            return [Name(part) for part in str(self).split(",")]

    monkeypatch.setattr(Name, "strip", lambda name: name, raising=False)
    read_dials("hide", Text(",".join(f"x{each}" for each in range(400))), [])
    assert len(compared) < 400 * 4


def test_an_address_that_is_silent_says_nothing_of_the_dials() -> None:
    page = read_address("?speed=20").page
    assert page.hide is None and page.lock is None


def test_what_follows_another_dial_is_locked_with_it() -> None:
    assert set(read_dials("lock", "data.distance", [])) == {"data.distance", "data.b"}


@pytest.mark.parametrize("free", [[], ["seed"], ["network"], ["data.b", "training.l2"], GROUPS])
def test_all_dials_are_free_or_among_all_others(free: list[str]) -> None:
    locked = set(all_but(free))
    for path in dial_paths():
        is_free = path in free or path.partition(".")[0] in free
        assert not (is_free and path in locked)
    if "data.b" in free:
        assert "data.distance" not in locked
    assert not locked or locked <= set(dial_paths())
    assert "seed" in locked or "seed" in free
