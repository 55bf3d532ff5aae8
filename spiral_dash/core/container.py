"""The limits of the container that this process runs in: control groups, versions 2 and 1 (Linux).

Source: the kernel's documentation, admin-guide/cgroup-v2 and admin-guide/cgroup-v1.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

ROOT = Path("/")
UNLIMITED = 2**60
"""Control groups of version 1 write a number above this where there is no limit."""
LEAST_CORES = 0.1


def core_share(root: Path = ROOT) -> float:
    """Return how many cores this process may use, at least a tenth of one."""
    try:
        count = float(len(os.sched_getaffinity(0)))
    except AttributeError:
        count = float(os.cpu_count() or 1)
    for folder in control_groups("cpu", root):
        quota, period = _quota(folder)
        if quota is not None and period:
            count = min(count, quota / period)
    return max(count, LEAST_CORES)


def control_groups(controller: str, root: Path = ROOT) -> Iterator[Path]:
    """Yield the folders of the control groups that hold here, from the innermost out."""
    groups = root / "sys/fs/cgroup"
    for line in read_text(root / "proc/self/cgroup").splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers and controller not in controllers.split(","):
            continue
        base = groups / controllers if controllers else groups
        inner = base / path.lstrip("/")
        # Within a container, its own group is the root of what can be seen.
        yield from (
            folder for folder in (inner, *inner.parents) if base in (folder, *folder.parents)
        )


def read_text(path: Path) -> str:
    """Return what a file of the system says, "" where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def read_number(path: Path) -> int | None:
    """Return the number that a file of the system says, None where it is no limit."""
    text = read_text(path).strip()
    if not text.isdigit() or int(text) >= UNLIMITED:
        return None
    return int(text)


def _quota(folder: Path) -> tuple[float | None, float]:
    words = read_text(folder / "cpu.max").split()
    if len(words) == 2:
        return (None if words[0] == "max" else float(words[0])), float(words[1])
    quota = read_number(folder / "cpu.cfs_quota_us")
    period = read_number(folder / "cpu.cfs_period_us")
    return (None if quota is None else float(quota)), float(period or 0)
