"""What the machine, or the container, has room for: memory, processes, cores (Linux)."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from spiral_dash.core.container import control_groups, core_share, read_number, read_text

MIB = 2**20
KIB = 2**10
NICENESS, NICENESS_FRAMES = 10, 5


class Machine:
    """Reads the limits of the control groups (versions 2 and 1) and of the system under `root`.

    What cannot be read is None, which stands for no limit.
    """

    def __init__(self, root: Path = Path("/")) -> None:
        self._root = root
        self._proc = root / "proc"

    @property
    def cores(self) -> float:
        """How many cores may be used, at least a tenth of one."""
        return core_share(self._root)

    @property
    def memory(self) -> int | None:
        """Bytes of memory that there are in all."""
        limits = [
            read_number(folder / name)
            for folder in control_groups("memory", self._root)
            for name in ("memory.max", "memory.limit_in_bytes")
        ]
        return _least([self._meminfo("MemTotal"), *limits])

    @property
    def memory_left(self) -> int | None:
        """Bytes of memory that can still be had, with what the system would give back."""
        left = [self._meminfo("MemAvailable")]
        for folder in control_groups("memory", self._root):
            for limit, used, cache in (
                ("memory.max", "memory.current", "inactive_file"),
                ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
            ):
                most, now = read_number(folder / limit), read_number(folder / used)
                if most is not None and now is not None:
                    left.append(max(0, most - now + _field(folder / "memory.stat", cache)))
        return _least(left)

    @property
    def processes_left(self) -> int | None:
        """How many more processes and threads there may be."""
        left: list[int | None] = []
        for folder in control_groups("pids", self._root):
            most, now = read_number(folder / "pids.max"), read_number(folder / "pids.current")
            left.append(None if most is None or now is None else max(0, most - now))
        return _least(left)

    def _meminfo(self, name: str) -> int | None:
        size = _field(self._proc / "meminfo", f"{name}:")
        return size * KIB or None


def own_bytes(pid: int) -> int | None:
    """Bytes of memory that a process, and those it has begun, share with no other process.

    None where that cannot be read.
    """
    begun = read_text(Path(f"/proc/{pid}/task/{pid}/children")).split()
    sizes = [
        int(line.split()[1])
        for each in (pid, *begun)
        for line in read_text(Path(f"/proc/{each}/smaps_rollup")).splitlines()
        if line.startswith("Private_")
    ]
    return KIB * sum(sizes) if sizes else None


def kill_first() -> None:
    """Have the system, where it must end a process for its memory, end this one before others."""
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("800", encoding="ascii")


def lower_priority(niceness: int = NICENESS) -> None:
    """Let the server go first from now on: holds for this thread and those it starts."""
    if hasattr(os, "nice"):
        with suppress(OSError):
            os.nice(niceness)


def _field(path: Path, name: str) -> int:
    for line in read_text(path).splitlines():
        words = line.split()
        if words[:1] == [name] and words[1].isdigit():
            return int(words[1])
    return 0


def _least(values: list[int | None]) -> int | None:
    return min((value for value in values if value is not None), default=None)
