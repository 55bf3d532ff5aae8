"""What a folder of results keeps when more is asked of it, and what it refuses."""

from __future__ import annotations

import fcntl
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from spiral_dash.core.config import ConfigError
from spiral_dash.core.frame import encode_exact
from spiral_dash.experiments import (
    Experiment,
    Measurement,
    Results,
    Store,
    StoreError,
    factor,
    run_experiment,
)
from spiral_dash.experiments.plan import jobs, run_digest, wants
from spiral_dash.experiments.quantities import Quantity
from spiral_dash.experiments.store import FILE, LOCK, NoResultsError, is_written
from spiral_dash.experiments.work import Found, Outcome

ONE = Experiment(
    id="one",
    question="?",
    base={"data.samples_per_arm": 50, "network.hidden": [2]},
    seeds=1,
    epochs=100,
    measurements=(Measurement(probe="norms"),),
)
SHORT = ONE.replace(id="short", epochs=10)


def outcome(experiment: Experiment, epoch: int, diverged: str | None = None) -> Outcome:
    """What a job of an experiment's first seed gave that trained so far."""
    config = next(experiment.cells()).config(experiment.first_seed)
    found = tuple(
        Found(one.key, one.probe, one.options, one.epoch, error="none")
        for one in wants(experiment, config, 0)
    )
    return Outcome(run_digest(config), config.compact, 0.1, epoch, diverged, found)


@pytest.mark.parametrize("short_first", [True, False])
def test_a_run_is_known_by_the_job_that_went_farthest(tmp_path: Path, short_first: bool) -> None:
    done = [outcome(ONE, 80, "It diverged."), outcome(SHORT, 10)]
    with Store(tmp_path, write=True) as store:
        for job in reversed(done) if short_first else done:
            store.add(job)
        assert [*store.runs([done[0].run]).values()] == [(80, "It diverged.")]
        assert Results.read(store, ONE).diverged == 1
        [short] = Results.read(store, SHORT).runs
        assert (short.epoch, short.diverged) == (10, None)


def made_up(experiment: Experiment) -> Iterator[Outcome]:
    """Outcomes of every run, with numbers that nobody measured; of some there are none."""
    generator = np.random.default_rng(3)
    for number, job in enumerate(jobs([experiment], ())):
        error = "It could not be measured." if number % 4 == 1 else None
        arrays = encode_exact({"frobenius": generator.random(2)}, {})
        found = tuple(
            Found(one.key, one.probe, one.options, one.epoch, None if error else arrays, error)
            for one in job.wants
        )
        yield Outcome(job.run, job.config, 0.1, experiment.epochs, None, found)


def test_what_was_read_before_and_what_came_since_is_what_there_is(tmp_path: Path) -> None:
    asked = ONE.replace(seeds=3, factors=(factor("network.activation", "tanh", "relu"),))
    quantity = Quantity(name="q", source="norms.frobenius")
    with Store(tmp_path, write=True) as store:
        known = Results.read(store, asked)
        for outcome in reversed(list(made_up(asked))):
            store.add(outcome)
            known, anew = Results.read(store, asked, known), Results.read(store, asked)
            assert (known.done, known.failed, known.seeds) == (anew.done, anew.failed, anew.seeds)
            np.testing.assert_array_equal(known.values(quantity), anew.values(quantity))
        assert (known.done, known.seeds, known.failed) == (6, 3, 2)
        other = asked.replace(seeds=1)
        assert Results.read(store, other, known).done == 2


def test_experiments_keep_the_order_in_which_they_were_first_asked_for(tmp_path: Path) -> None:
    with Store(tmp_path, write=True) as store:
        for asked in (ONE, SHORT, ONE.replace(seeds=3)):
            store.ask(asked)
        assert [(one.id, one.seeds) for one in store.experiments()] == [("one", 3), ("short", 1)]


@pytest.mark.parametrize(
    "changes",
    [
        {"epochs": 20},
        {"base": {"network.hidden": [3]}},
        {"factors": (factor("data.entanglement", 2, 4),)},
        {"measurements": (Measurement(probe="metrics"),)},
    ],
)
def test_a_name_is_not_taken_from_the_question_it_stands_for(
    tmp_path: Path, changes: dict[str, object]
) -> None:
    other = ONE.replace(**changes)
    with Store(tmp_path, write=True) as store:
        store.ask(ONE)
        with pytest.raises(ConfigError, match="one stands for a question with other settings"):
            store.ask(other)
        assert store.experiments() == [ONE]
        store.ask(ONE.replace(seeds=7, first_seed=3, question="Again?"))
        store.ask(other.replace(id="other"))
        store.ask(other.replace(section="4.2"))
        assert [known.id for known in store.experiments()] == ["one", "other"]


def test_a_design_that_another_version_wrote_gives_way(tmp_path: Path) -> None:
    with Store(tmp_path, write=True) as store:
        store.ask(ONE)
    with sqlite3.connect(tmp_path / FILE) as base:
        base.execute("UPDATE experiments SET design = '{\"id\": 1}'")
    base.close()
    with Store(tmp_path, write=True) as store:
        store.ask(ONE)
        assert store.experiments() == [ONE]


def test_whatever_reads_a_damaged_file_says_so(tmp_path: Path) -> None:
    run_experiment(ONE.replace(epochs=1), out=tmp_path, workers=0)
    with Store(tmp_path) as store:
        base = sqlite3.connect(tmp_path / FILE)
        base.executescript("DROP TABLE meta; DROP TABLE experiments;")
        base.close()
        for read in (lambda: store.meta("version"), store.experiments, lambda: store.command("a")):
            with pytest.raises(StoreError, match="damaged or something else"):
                read()
    with pytest.raises(StoreError, match="version 1, got none"):
        Store(tmp_path)


def test_who_looks_whether_a_folder_is_written_is_no_writer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not is_written(tmp_path)
    with Store(tmp_path, write=True):
        assert is_written(tmp_path)
    with (tmp_path / LOCK).open() as looking:
        fcntl.flock(looking, fcntl.LOCK_SH)
        assert not is_written(tmp_path)
        # It is held for an instant: gone after the first pause.
        pause = "spiral_dash.experiments.store.time.sleep"
        monkeypatch.setattr(pause, lambda _: fcntl.flock(looking, fcntl.LOCK_UN))
        Store(tmp_path, write=True).close()


def test_one_design_that_cannot_be_read_hides_no_other(tmp_path: Path) -> None:
    with Store(tmp_path, write=True) as store:
        for asked in (ONE, SHORT):
            store.ask(asked)
    with sqlite3.connect(tmp_path / FILE) as base:
        base.execute("UPDATE experiments SET design = '{' WHERE id = 'one'")
    base.close()
    with Store(tmp_path) as store:
        assert store.experiments() == [SHORT]
        assert ["one" in said for said in store.unreadable] == [True]
        store.refuse_other(ONE.replace(epochs=5))
        with pytest.raises(ConfigError, match="other settings"):
            store.refuse_other(SHORT.replace(epochs=5))


def test_a_folder_that_is_just_being_made_has_no_results_yet(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / FILE).close()
    with pytest.raises(NoResultsError):
        Store(tmp_path)
    Store(tmp_path, write=True).close()
    with Store(tmp_path) as store:
        assert store.experiments() == []
