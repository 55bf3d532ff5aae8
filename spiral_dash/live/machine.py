"""What the machine, or the container, has room for: memory, processes, cores (Linux)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

MIB = 2**20
KIB = 2**10
UNLIMITED = 2**60
"""Control groups of version 1 write a number above this where there is no limit."""


class Machine:
    """Reads the limits of the control groups (versions 2 and 1) and of the system under `root`.

    What cannot be read is None, which stands for no limit.
    """

    def __init__(self, root: Path = Path("/")) -> None:
        self._proc = root / "proc"
        self._groups = root / "sys/fs/cgroup"

    @property
    def cores(self) -> float:
        """How many cores may be used, at least a tenth of one."""
        try:
            count = float(len(os.sched_getaffinity(0)))
        except AttributeError:
            count = float(os.cpu_count() or 1)
        for folder in self._folders("cpu"):
            quota, period = _quota(folder)
            if quota is not None and period:
                count = min(count, quota / period)
        return max(count, 0.1)

    @property
    def memory(self) -> int | None:
        """Bytes of memory that there are in all."""
        limits = [_number(folder / "memory.max") for folder in self._folders("memory")]
        limits += [_number(folder / "memory.limit_in_bytes") for folder in self._folders("memory")]
        return _least([self._meminfo("MemTotal"), *limits])

    @property
    def memory_left(self) -> int | None:
        """Bytes of memory that can still be had, with what the system would give back."""
        left = [self._meminfo("MemAvailable")]
        for folder in self._folders("memory"):
            for limit, used, cache in (
                ("memory.max", "memory.current", "inactive_file"),
                ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
            ):
                most, now = _number(folder / limit), _number(folder / used)
                if most is not None and now is not None:
                    left.append(max(0, most - now + _field(folder / "memory.stat", cache)))
        return _least(left)

    @property
    def processes_left(self) -> int | None:
        """How many more processes and threads there may be."""
        left: list[int | None] = []
        for folder in self._folders("pids"):
            most, now = _number(folder / "pids.max"), _number(folder / "pids.current")
            left.append(None if most is None or now is None else max(0, most - now))
        return _least(left)

    def _meminfo(self, name: str) -> int | None:
        size = _field(self._proc / "meminfo", f"{name}:")
        return size * KIB or None

    def _folders(self, controller: str) -> Iterator[Path]:
        """Yield the control groups that hold here, from the innermost out."""
        for line in _read(self._proc / "self/cgroup").splitlines():
            _, controllers, path = line.split(":", 2)
            if controllers and controller not in controllers.split(","):
                continue
            base = self._groups / controllers if controllers else self._groups
            inner = base / path.lstrip("/")
            # Within a container, its own group is the root of what can be seen.
            yield from (
                folder for folder in (inner, *inner.parents) if base in (folder, *folder.parents)
            )


def own_bytes(pid: int) -> int | None:
    """Bytes of memory that a process shares with no other; None where that cannot be read."""
    rollup = _read(Path(f"/proc/{pid}/smaps_rollup"))
    sizes = [int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Private_")]
    return KIB * sum(sizes) if sizes else None


def kill_first() -> None:
    """Have the system, where it must end a process for its memory, end this one before others."""
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("800", encoding="ascii")


def _quota(folder: Path) -> tuple[float | None, float]:
    words = _read(folder / "cpu.max").split()
    if len(words) == 2:
        return (None if words[0] == "max" else float(words[0])), float(words[1])
    quota, period = _number(folder / "cpu.cfs_quota_us"), _number(folder / "cpu.cfs_period_us")
    return (None if quota is None else float(quota)), float(period or 0)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _number(path: Path) -> int | None:
    text = _read(path).strip()
    if not text.isdigit() or int(text) >= UNLIMITED:
        return None
    return int(text)


def _field(path: Path, name: str) -> int:
    for line in _read(path).splitlines():
        words = line.split()
        if words[:1] == [name] and words[1].isdigit():
            return int(words[1])
    return 0


def _least(values: list[int | None]) -> int | None:
    return min((value for value in values if value is not None), default=None)
