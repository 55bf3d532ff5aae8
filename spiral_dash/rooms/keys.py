"""Keys to a room: what a person may do there depends on the key, and on nothing else.

A viewer's key is signed and says whose it is and which run it shows; the server keeps none of them,
so that they hold after it was restarted, and end with the room and its secret. The presenter's key
is a secret of which the room keeps a hash.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass

VIEWER, PRESENTER = "viewer", "presenter"
FIRST, SECOND = "1", "2"
"""The presenter's run, and the one that it is compared with; else the member whose run it is."""
LOOKING = "board"
"""Who holds a key to a member's run: nobody in particular."""
SIGNATURE_CHARACTERS = 32
ID_BYTES = 9
SECRET_BYTES = 32
KEY_MAX = 200


@dataclass(frozen=True)
class Key:
    """A key as it is read: its kind, the tag of its room, and the rest.

    `member` and `shows` are a viewer's: who it is, and which run it shows. `secret` is the
    presenter's.
    """

    kind: str
    room: str
    member: str = ""
    shows: str = ""
    secret: str = ""
    text: str = ""


def viewer_key(secret: str, room: str, member: str, shows: str) -> str:
    """Return the key of a viewer of the room with a tag, signed with its secret."""
    said = f"{VIEWER}.{room}.{member}.{shows}"
    return f"{said}.{_signature(secret, said)}"


def new_member() -> str:
    """Return an id for someone who comes in."""
    return secrets.token_hex(ID_BYTES)


def presenter_key(room: str) -> str:
    """Return a new key to present in a room."""
    return f"{PRESENTER}.{room}.{secrets.token_urlsafe(SECRET_BYTES)}"


def digest_of(key: str) -> str:
    """Return what the room keeps of a presenter's key."""
    return hashlib.sha256(key.encode()).hexdigest()


def read_key(text: str) -> Key | None:
    """Return what a key says, None for a text that is none. Nothing of it is believed yet."""
    if not text.isascii() or len(text) > KEY_MAX:
        return None
    match text.split("."):
        case ["viewer", room, member, shows, _]:
            return Key(VIEWER, room, member, shows, text=text)
        case ["presenter", room, secret]:
            return Key(PRESENTER, room, secret=secret, text=text)
    return None


def is_signed(key: Key, secret: str) -> bool:
    """Whether a viewer's key was made with a room's secret."""
    made = viewer_key(secret, key.room, key.member, key.shows)
    return key.kind == VIEWER and hmac.compare_digest(made, key.text)


def is_presenters(key: Key, digest: str) -> bool:
    """Whether a key is the one of which the room keeps this hash."""
    return key.kind == PRESENTER and hmac.compare_digest(digest_of(key.text), digest)


def _signature(secret: str, said: str) -> str:
    made = hmac.new(secret.encode(), said.encode(), hashlib.sha256)
    return made.hexdigest()[:SIGNATURE_CHARACTERS]
