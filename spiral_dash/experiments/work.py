"""One run from its configuration to its results, in whatever process it is done."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np

from spiral_dash.core.config import ConfigError, RunConfig
from spiral_dash.core.frame import encode_exact
from spiral_dash.core.probes import PROBES, Arrays, ProbeError, Subject
from spiral_dash.core.run import Run
from spiral_dash.experiments.plan import Job, Want


@dataclass(frozen=True)
class Found:
    """What a measurement gave: its arrays as a safetensors blob, or why there are none."""

    key: str
    probe: str
    options: str
    epoch: int
    arrays: bytes | None = None
    error: str | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of a run: how long it took, whether it diverged, and what was found."""

    run: str
    config: str
    seconds: float
    epoch: int
    diverged: str | None
    found: tuple[Found, ...]


def execute(job: Job) -> Outcome:
    """Train a run and take what is wanted of it; what cannot be taken is a result that says so."""
    try:
        return _executed(job)
    except Exception as error:
        return failed(job, _in_words(error))


def _executed(job: Job) -> Outcome:
    begun = time.perf_counter()
    run = Run(RunConfig.from_json(job.config), snapshot_bytes=0, evaluate_every=job.evaluate_every)
    found = []
    wanted = sorted(job.wants, key=lambda one: one.epoch)
    for epoch, wants in groupby(wanted, key=lambda one: one.epoch):
        run.train(max(epoch - run.epoch, 0))
        found += [_take(run, one) for one in wants]
    return Outcome(
        job.run, job.config, time.perf_counter() - begun, run.epoch, run.diverged, tuple(found)
    )


def failed(job: Job, reason: str) -> Outcome:
    """Return the outcome of a run of which nothing could be had."""
    found = tuple(Found(w.key, w.probe, w.options, w.epoch, error=reason) for w in job.wants)
    return Outcome(job.run, job.config, 0.0, 0, None, found)


def _take(run: Run, want: Want) -> Found:
    blob, error = None, None
    if run.epoch < want.epoch:
        error = run.diverged or "The run ended before this epoch."
    else:
        try:
            arrays = PROBES[want.probe](_subject(run, want), **json.loads(want.options))
            blob = encode_exact(_kept(want, arrays), {})
        except Exception as problem:
            error = _in_words(problem)
    return Found(want.key, want.probe, want.options, want.epoch, blob, error)


def _in_words(error: Exception) -> str:
    if isinstance(error, ConfigError | ProbeError):
        return str(error)
    return f"{type(error).__name__}: {error}"


def _subject(run: Run, want: Want) -> Subject:
    """Return what is measured; of its history the epochs that the measurement asks for alone."""
    subject = run.subject()
    if want.every is None:
        return subject
    epochs = subject.history["epoch"]
    asked = (epochs % want.every == 0) | (epochs == want.epoch)
    return replace(subject, history={k: v[asked] for k, v in subject.history.items()})


def _kept(want: Want, arrays: Arrays) -> Arrays:
    lacking = [name for name in want.keep if name not in arrays]
    if lacking:
        names = ", ".join(sorted(arrays))
        raise ProbeError(f"{PROBES[want.probe].name} has no {lacking[0]}: expected of {names}.")
    chosen = {name: arrays[name] for name in want.keep} if want.keep else arrays
    return {name: array for name, array in chosen.items() if not np.iscomplexobj(array)}
