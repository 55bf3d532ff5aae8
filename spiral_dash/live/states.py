"""The life of a session: its states, and which may follow which."""

from __future__ import annotations

import enum


class State(enum.StrEnum):
    """What a session is doing."""

    READY = "ready"
    """At epoch 0, not started."""
    PLAYING = "playing"
    """Training."""
    REPLAYING = "replaying"
    """Showing the kept epochs again, up to the newest."""
    PAUSED = "paused"
    """Trained to some point, by itself or before it was recorded, and waiting."""
    DIVERGED = "diverged"
    """Stopped because the loss is no longer a finite number."""
    ENDED = "ended"
    """Gone; nothing follows."""


MOVING = frozenset({State.PLAYING, State.REPLAYING})
"""What goes on by itself until it is paused."""
_ANY_TIME = {State.READY, State.ENDED}
_FOLLOWERS = {
    State.READY: {State.PLAYING, State.PAUSED, State.DIVERGED, *_ANY_TIME},
    State.PLAYING: {State.PAUSED, State.DIVERGED, *_ANY_TIME},
    State.REPLAYING: {State.PAUSED, State.DIVERGED, *_ANY_TIME},
    State.PAUSED: {State.PLAYING, State.REPLAYING, *_ANY_TIME},
    State.DIVERGED: {State.PAUSED, State.REPLAYING, *_ANY_TIME},
    State.ENDED: set[State](),
}


class IllegalTransitionError(RuntimeError):
    """A state was to follow one that it cannot follow."""


def may_follow(state: State, following: State) -> bool:
    """Whether `following` may come after `state`; every state but the last may stay as it is."""
    return following in _FOLLOWERS[state] or (state is following is not State.ENDED)


def follow(state: State, following: State) -> State:
    """Return `following`, or raise `IllegalTransitionError` where it cannot come after `state`."""
    if not may_follow(state, following):
        possible = ", ".join(sorted(_FOLLOWERS[state])) or "nothing"
        raise IllegalTransitionError(
            f"{following} cannot follow {state}: expected one of {possible}."
        )
    return following
