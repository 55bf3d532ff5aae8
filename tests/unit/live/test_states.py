"""Which state may follow which: the whole table."""

from __future__ import annotations

from itertools import product

import pytest

from spiral_dash.live.states import IllegalTransitionError, State, follow, may_follow

LEGAL = {
    ("ready", "ready"),
    ("ready", "playing"),
    ("ready", "paused"),
    ("ready", "diverged"),
    ("ready", "ended"),
    ("playing", "playing"),
    ("playing", "paused"),
    ("playing", "diverged"),
    ("playing", "ready"),
    ("playing", "ended"),
    ("paused", "paused"),
    ("paused", "playing"),
    ("paused", "ready"),
    ("paused", "ended"),
    ("paused", "replaying"),
    ("replaying", "replaying"),
    ("replaying", "paused"),
    ("replaying", "diverged"),
    ("replaying", "ready"),
    ("replaying", "ended"),
    ("diverged", "replaying"),
    ("diverged", "diverged"),
    ("diverged", "paused"),
    ("diverged", "ready"),
    ("diverged", "ended"),
}


@pytest.mark.parametrize(("before", "after"), list(product(State, State)))
def test_a_state_follows_only_where_the_table_says_so(before: State, after: State) -> None:
    legal = (before, after) in LEGAL
    assert may_follow(before, after) is legal
    if legal:
        assert follow(before, after) is after
    else:
        with pytest.raises(IllegalTransitionError, match=f"{after} cannot follow {before}"):
            follow(before, after)
