"""What a test has done in a network namespace: `python -m tests.unit.experiments.on_cluster DIR`.

Sweeps run on three of Ray's nodes, one of which is killed; sessions on the other two, until another
is; then the head. Prints, as JSON, how each sweep ended and what it said, and what became of the
sessions.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from scripts.ray_nodes import Nodes, nodes
from spiral_dash.core.programs import module_command, module_environment
from tests.unit.experiments.harness import done_in
from tests.unit.live.on_ray import sessions

PATIENCE_SECONDS = 120.0


def until(condition: Callable[[], bool], what: str) -> None:
    """Wait for a condition."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.02)


def swept(
    made: Nodes, command: list[str], folder: Path, results: int, after: Callable[[], None]
) -> dict[str, object]:
    """Run a sweep, do something once it has so many results; return how it ended."""
    command = [*command, "--out", str(folder), "--cluster", made.address, "--quiet"]
    pipe, home = subprocess.PIPE, module_environment()
    with subprocess.Popen(command, env=home, stdout=pipe, stderr=pipe, text=True) as sweep:
        until(lambda: sweep.poll() is not None or done_in(folder) >= results, "first results")
        after()
        done = done_in(folder)
        out, err = sweep.communicate()
    return {"code": sweep.returncode, "out": out, "err": err, "done": done}


def main() -> None:
    """Do all of it."""
    folder, asked = Path(sys.argv[1]), json.loads(sys.argv[2])
    command = module_command("spiral_dash", *asked)
    with nodes(3) as made:
        said: dict[str, object] = {
            "killed": swept(made, command, folder / "killed", 1, lambda: made.signal(2))
        }
        said["sessions"] = asyncio.run(
            sessions(made.address, 2, lambda: made.signal(1))  # on the nodes that are left
        )
        longer = [*command, "--seeds", "500", "--yes"]
        said["lost"] = swept(made, longer, folder / "lost", 1, lambda: made.signal(0))
    print(json.dumps(said))


if __name__ == "__main__":
    main()
