"""What differs between two configurations, in the words of an address."""

from __future__ import annotations

from typing import NamedTuple

from spiral_dash.core.config import RunConfig


class Difference(NamedTuple):
    """A field such as `network.activation`, and its values as an address writes them.

    None stands for no value: a seed that is derived, or a field that data of that kind lack.
    """

    field: str
    before: str | None
    after: str | None


def differences(one: RunConfig, other: RunConfig) -> tuple[Difference, ...]:
    """Return what has to be changed of `one` to get `other`, in the order of the fields.

    Where the kinds of data differ, what only the former kind has is left out, and so is what only
    the other kind has and is as usual there.

    >>> differences(RunConfig(), RunConfig(network={"hidden": [4, 2]}))
    (Difference(field='network.hidden', before='8,8,8', after='4,2'),)
    """
    before, usual = one.texts, other.usual.texts
    return tuple(
        Difference(path, before.get(path), text)
        for path, text in other.texts.items()
        if text != before.get(path, usual[path])
    )
