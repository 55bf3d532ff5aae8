"""Several machines: runs a minute on a Ray cluster against a pool with as many processes.

The nodes are this machine's, in a network namespace of their own, in which `python -m
benchmarks.cluster` prints the seconds that each takes for the same runs, as JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing

from benchmarks.framework import Result, at_least, interleave
from scripts.ray_nodes import NAMESPACE, nodes, why_not
from spiral_dash.core.programs import module_environment
from spiral_dash.experiments import Experiment, Measurement
from spiral_dash.experiments.cluster import RayCluster
from spiral_dash.experiments.plan import jobs
from spiral_dash.experiments.pool import ProcessPool, Workers

NODES = 3
RUNS = Experiment(
    id="short",
    question="How many runs a minute?",
    base={"network.hidden": [50] * 5},
    seeds=24,
    epochs=20,
    measurements=(Measurement(probe="metrics", keep=("test_accuracy",)),),
)
WARM = RUNS.replace(seeds=4 * NODES, epochs=1)


def measure() -> list[Result]:
    """Return runs a minute on a cluster against a pool; nothing, and why, where there is none."""
    if reason := why_not():
        print(f"not measured: a cluster against a pool. {reason}", file=sys.stderr)
        return []
    command = [*NAMESPACE, sys.executable, "-m", "benchmarks.cluster"]
    done = subprocess.run(
        command, env=module_environment(), stdout=subprocess.PIPE, text=True, check=True
    )
    rounds = [tuple(one) for one in json.loads(done.stdout)]
    ratio, cluster, pool = sorted((pool / cluster, cluster, pool) for cluster, pool in rounds)[
        len(rounds) // 2
    ]
    detail = {"runs_per_minute": 60 * RUNS.runs / cluster, "pool": 60 * RUNS.runs / pool}
    name = f"{NODES} nodes of Ray against a pool of {NODES}, runs a minute"
    return [Result(name, ratio, "×", at_least(0.9), detail)]


def main() -> None:
    """Measure both, warm, in turn."""
    with nodes(NODES) as made:

        def seconds(start: Callable[[], Workers]) -> float:
            with closing(start()) as workers:
                assert len([*workers.run(jobs([WARM], ()))]) == WARM.runs
                begun = time.perf_counter()
                assert len([*workers.run(jobs([RUNS], ()))]) == RUNS.runs
                return time.perf_counter() - begun

        rounds = interleave(
            lambda: seconds(lambda: RayCluster(made.address)),
            lambda: seconds(lambda: ProcessPool(NODES)),
            rounds=3,
        )
    print(json.dumps(rounds))


if __name__ == "__main__":
    main()
