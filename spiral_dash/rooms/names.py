"""What rooms and the people in them are called."""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata
from collections.abc import Collection

from spiral_dash.core.validation import ConfigError, shown

NAME_MAX = 40
PERSON_MAX = 24
TAG_CHARACTERS = 16
MARKS = ("Mn", "Mc")
"""Vowels and accents that follow a letter: signs of their own in many scripts."""
GAPS = re.compile(r"[\s_-]+")
QUICK = (
    "brave", "bright", "calm", "clever", "eager", "fair", "gentle", "keen", "kind", "lively",
    "merry", "nimble", "quick", "quiet", "sunny", "swift", "tidy", "warm", "wise", "young",
)  # fmt: skip
ANIMALS = (
    "badger", "beaver", "crane", "dolphin", "falcon", "finch", "fox", "gecko", "heron", "ibex",
    "lark", "lynx", "marten", "newt", "otter", "owl", "puffin", "raven", "seal", "stork",
    "swan", "tapir", "vole", "wren", "yak",
)  # fmt: skip


def read_room_name(text: str) -> str:
    """Return the name of a room as an address has it: "Room 5b" is `room-5b`.

    Letters and digits of any script stay, with their marks; spaces become hyphens. Raises
    `ConfigError` for another.
    """
    folded = unicodedata.normalize("NFKC", text[: 4 * NAME_MAX]).strip().casefold()
    name = GAPS.sub("-", unicodedata.normalize("NFKC", folded)).strip("-")
    fits = all(map(_is_word, name.replace("-", " ").split()))
    if not (1 <= len(name) <= NAME_MAX and fits) or len(text) > 4 * NAME_MAX:
        raise ConfigError(
            {
                "name": f"name: expected 1 to {NAME_MAX} letters, digits and hyphens, such as "
                f"physics-2b, got {shown(text)}."
            }
        )
    return name


def _is_word(text: str) -> bool:
    marks = all(each.isalnum() or unicodedata.category(each) in MARKS for each in text)
    return marks and text[0].isalnum()


def tag_of(name: str) -> str:
    """Return what stands for a room in keys and files, where its name may not."""
    return hashlib.sha256(name.encode()).hexdigest()[:TAG_CHARACTERS]


def read_person(text: str) -> str:
    """Return a name that a person has chosen; raise `ConfigError` for one that cannot be shown."""
    name = " ".join(unicodedata.normalize("NFC", text[: 4 * PERSON_MAX]).split())
    if not (1 <= len(name) <= PERSON_MAX and name.isprintable()) or len(text) > 4 * PERSON_MAX:
        raise ConfigError(
            {"person": f"Your name: expected 1 to {PERSON_MAX} characters, got {shown(text)}."}
        )
    return name


def pseudonym(taken: Collection[str] = ()) -> str:
    """Return a name for someone who has chosen none; nobody has it, while there is one such."""
    every = [f"{quick} {animal}" for quick in QUICK for animal in ANIMALS]
    free = sorted(set(every).difference(each.casefold() for each in taken))
    return secrets.choice(free or every)


def free_name(name: str, taken: Collection[str]) -> str:
    """Return a name that nobody has who is there: the chosen one, or with a number after it."""
    folded = {each.casefold() for each in taken}
    free, number = name, 1
    while free.casefold() in folded:
        number += 1
        free = f"{name[: PERSON_MAX - len(f' {number}')]} {number}"
    return free
