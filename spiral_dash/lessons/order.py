"""In which order steps may be gone through: no loop, and no step that nothing leads to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def loop(followers: Mapping[int, Sequence[int]]) -> list[int]:
    """Return steps that lead back to the first of them, in their order; none where there are none.

    `followers` are the steps that each may lead to.
    """
    done: set[int] = set()
    for first in followers:
        path: list[int] = []
        trail = [(first, iter(followers.get(first, ())))] if first not in done else []
        path = [first] if trail else []
        while trail:
            step, rest = trail[-1]
            following = next(rest, None)
            if following is None:
                done.add(step)
                trail.pop()
                path.pop()
            elif following in path:
                return path[path.index(following) :]
            elif following not in done:
                path.append(following)
                trail.append((following, iter(followers.get(following, ()))))
    return []


def unreached(followers: Mapping[int, Sequence[int]]) -> list[int]:
    """Return the steps to which no way leads from the first."""
    reached: set[int] = set()
    waiting = [min(followers)] if followers else []
    while waiting:
        step = waiting.pop()
        if step not in reached:
            reached.add(step)
            waiting.extend(followers.get(step, ()))
    return sorted(followers.keys() - reached)
