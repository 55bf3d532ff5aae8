"""A session's folder on another machine: what is sent makes it the same, and no more is sent."""

from __future__ import annotations

import random
from collections.abc import Iterable
from pathlib import Path

import pytest

from spiral_dash.live.mirror import Mirror
from spiral_dash.live.wire import FileMessage, Message, Wire, WireError, pack_file, pack_json


class Packed:
    """A port from which a packed message comes."""

    def __init__(self, packed: bytes) -> None:
        self.rest = packed

    def read(self, count: int) -> bytes:
        found, self.rest = self.rest[:count], self.rest[count:]
        return found

    def write(self, rest: memoryview) -> int:
        raise AssertionError("nothing is sent")


def unpacked(packed: bytes) -> Message:
    message = Wire(Packed(packed)).receive()
    assert message is not None
    return message


def carry(pieces: Iterable[bytes], to: Mirror) -> int:
    """Have one side take what the other sends; return how many bytes that were."""
    count = 0
    for piece in pieces:
        count += len(piece)
        message = unpacked(piece)
        if isinstance(message, FileMessage):
            to.take(message)
        else:
            assert isinstance(message, dict)
            to.keep(message["files"])
    return count


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture(name="sides")
def _sides(tmp_path: Path) -> tuple[Path, Path]:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    ours.mkdir()
    theirs.mkdir()
    return ours, theirs


@pytest.mark.parametrize("seed", range(5))
def test_whatever_a_session_leaves_the_server_has_the_same(
    sides: tuple[Path, Path], seed: int
) -> None:
    chance = random.Random(seed)
    ours, theirs = sides
    session, server = Mirror(ours), Mirror(theirs)
    history = b""
    for number in range(20):
        (ours / "checkpoint").write_bytes(chance.randbytes(chance.randrange(1, 5000)))
        history = history[: chance.choice([0, len(history), len(history)])] + chance.randbytes(400)
        name = f"history-{number // 7}-0"
        (ours / name).write_bytes(history)
        for path in ours.glob("history-*"):
            if path.name != name:
                path.unlink()
        (ours / f"rows-{chance.randrange(3)}").write_bytes(chance.randbytes(50))
        carry(session.left(snapshots=False), server)
        assert contents(theirs) == contents(ours)


def test_of_a_history_the_rows_that_are_new_are_sent_and_of_what_is_the_same_nothing(
    sides: tuple[Path, Path],
) -> None:
    ours, theirs = sides
    session, server = Mirror(ours), Mirror(theirs)
    path = ours / "history-1-0"
    path.write_bytes(b"h" * 100_000)
    assert carry(session.left(snapshots=False), server) > 100_000
    assert carry(session.left(snapshots=False), server) == 0
    with path.open("ab") as file:
        file.write(b"i" * 100)
    assert carry(session.left(snapshots=False), server) < 200
    assert contents(theirs) == contents(ours)


@pytest.mark.parametrize("size", [0, 1, 2**18, 2**18 + 1, 2**22 + 5])
def test_snapshots_go_where_a_session_sleeps_without_their_holes(
    sides: tuple[Path, Path], size: int
) -> None:
    ours, theirs = sides
    session, server = Mirror(ours), Mirror(theirs)
    path = ours / "snapshots-1"
    with path.open("wb") as file:
        file.truncate(size + 2**24)
        file.seek(2**23)
        file.write(b"s" * size)
    carry(session.left(snapshots=False), server)
    assert not (theirs / "snapshots-1").exists()
    assert carry(session.left(snapshots=True), server) < size + 2**20
    assert contents(theirs) == contents(ours)


def test_a_session_that_begins_gets_all_and_its_snapshots_are_the_true_ones_from_then_on(
    sides: tuple[Path, Path],
) -> None:
    server, there = sides
    for name in ("checkpoint", "history-2-1", "snapshots-2", "rows-ab", "table-9"):
        (server / name).write_bytes(name.encode())
    before = contents(server)
    carry(Mirror(server).whole(), Mirror(there))
    del before["table-9"]
    assert contents(there) == before
    assert not (server / "snapshots-2").exists()


def test_a_recording_and_a_copy_go_to_the_server_and_do_not_stay(
    sides: tuple[Path, Path],
) -> None:
    ours, theirs = sides
    (ours / "recording-1").write_bytes(b"r")
    (ours / "copy-1").mkdir()
    (ours / "copy-1" / "snapshots-3").write_bytes(b"s")
    (ours / "copy-1" / "checkpoint").write_bytes(b"c")
    expected = contents(ours)
    carry(Mirror(ours).left(snapshots=False), Mirror(theirs))
    assert contents(theirs) == expected
    assert contents(ours) == {}


def test_a_session_gets_the_rows_and_the_file_that_a_command_needs(
    sides: tuple[Path, Path],
) -> None:
    server, there = sides
    (server / "rows-1").write_bytes(b"1")
    (server / "recording-1").write_bytes(b"r")
    (server / "table-1").write_bytes(b"t")
    mirror, session = Mirror(server), Mirror(there)
    carry(mirror.needed({"do": "play"}), session)
    assert set(contents(there)) == {"rows-1"}
    carry(mirror.needed({"do": "open", "file": "recording-1"}), session)
    assert set(contents(there)) == {"rows-1", "recording-1"}
    assert [*mirror.needed({"do": "play"})] == []


@pytest.mark.parametrize("name", ["", "../x", "a/../../x", "/etc/x", "a/b/c", "..", "a/..", "a\0"])
def test_a_file_of_another_place_is_no_file_of_a_session(tmp_path: Path, name: str) -> None:
    with pytest.raises(WireError):
        Mirror(tmp_path).take(FileMessage(name, 0, b"x"))
    assert contents(tmp_path) == {}


def test_a_piece_of_a_file_crosses_the_wire() -> None:
    piece = FileMessage("history-1-0", 2**40, b"\0\xff")
    assert unpacked(pack_file(piece)) == piece
    assert unpacked(pack_json({"event": "kept"})) == {"event": "kept"}
