"""Epochs, metrics and snapshots around the engine's step."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import torch

from spiral_dash.core import schedule
from spiral_dash.core.adversary import Adversary
from spiral_dash.core.config import ConfigError, RunConfig, TrainingConfig
from spiral_dash.core.data.dataset import Dataset
from spiral_dash.core.edits import NOTHING_HELD, Edit
from spiral_dash.core.engine import Engine
from spiral_dash.core.evaluation import Truth
from spiral_dash.core.history import History
from spiral_dash.core.initializers import fill
from spiral_dash.core.inputs import InputMap
from spiral_dash.core.network import Network
from spiral_dash.core.passes import TiledPass, one_hot, with_ones
from spiral_dash.core.snapshots import Snapshots
from spiral_dash.core.threads import single_thread

DIVERGED = (
    "The loss is no longer a finite number at epoch {epoch}: the weights grew without bound. "
    "Try a lower learning rate (now {rate:g}) or another initialiser, then reset."
)

NOWHERE = (-1, 0)
"""A place before the beginning."""


class Trainer:
    """Trains one network on one dataset, in slices of any length.

    How the time is sliced has no influence on the weights: the order of an epoch's batches is
    drawn from the seed and the epoch's number alone. `training` is what holds for the next batch:
    what the configuration begins with, and what its schedule has changed up to here. Both sets are
    evaluated every `evaluate_every` epochs; the metrics of the others are NaN.
    """

    def __init__(
        self,
        config: RunConfig,
        data: Dataset,
        snapshot_bytes: int,
        snapshot_path: Path | None = None,
        evaluate_every: int = 1,
    ) -> None:
        self.config = config
        self.evaluate_every = evaluate_every
        self.training: TrainingConfig = config.training
        self._change_due: schedule.Place | None = None
        self._applied = NOWHERE
        self.hold = NOTHING_HELD
        inputs = InputMap.fit(data.x_train, config.network.features, config.network.scaling)
        sizes = (inputs.units, *config.network.hidden, data.classes)
        try:
            schedule.check_entries(config.schedule, sizes)
        except ValueError as error:
            raise ConfigError({"schedule": f"schedule: {error}."}) from error
        self.engine = Engine(
            sizes, config.network.activation, config.training.optimizer, inputs=inputs
        )
        self._seeds = config.seeds
        network = self.engine.network
        layers = list(zip(network.weights, network.biases, strict=True))
        generator = torch.Generator().manual_seed(self._seeds.weights)
        fill(config.network.initializer, layers, generator)
        self.initial: Network = network.copy()
        self._start = self.engine.state.clone()
        # What the first layer gets is worked out once: a step starts from there.
        self._tiles = TiledPass(network, inputs=InputMap.identity(inputs.units))
        places = with_ones(data.x_train.numpy(), np.float32)
        self._train = inputs.columns(places), _targets(data.y_train, data.classes)
        self._test = inputs.columns(with_ones(data.x_test.numpy(), np.float32))
        self._truths = [Truth(y.numpy(), data.classes) for y in (data.y_train, data.y_test)]
        self._x = np.empty_like(self._train[0])
        self._targets = np.empty_like(self._train[1])
        self._adversary = Adversary(self.engine, places)
        self._prepared: tuple[int, float] | None = None
        self.history = History(data.classes)
        self.snapshots = Snapshots(len(self.engine.state), snapshot_bytes, snapshot_path)
        self.epoch = 0
        self.position = 0
        self.step = 0
        self.steps = 0
        self.diverged: str | None = None
        self._catch_up()

    @property
    def points(self) -> int:
        """Number of training points."""
        return int(self._x.shape[1])

    @property
    def place(self) -> schedule.Place:
        """Epochs completed, and batches of the next one taken."""
        return self.epoch, self.step

    def follow(self, config: RunConfig) -> None:
        """Train by `config` from here on; what it did to the network up to here has been done."""
        assert config.training.optimizer == self.training.optimizer
        self.config = config
        self._applied = self.place
        self._catch_up()

    def edit(self, config: RunConfig, edit: Edit) -> None:
        """Do `edit` to the network here, and train by `config` from here on, which says so.

        At the end of an epoch it is then as if it had always been so: what was recorded of the
        epoch is recorded again.
        """
        self.engine.edit(edit, self.hold)
        self.follow(config)
        if not self.position:
            self.history.truncate(self.epoch - 1)
            self.snapshots.drop(self.epoch)
            self._record()

    def _catch_up(self) -> None:
        """Bring the training and the network to what holds here; see when that changes next."""
        changes, place = self.config.schedule, self.place
        hold = schedule.held_at(changes, self._applied)
        for edit in schedule.edits_between(changes, self._applied, place):
            self.engine.edit(edit, hold)
            hold = hold.after([edit])
        self._applied = place
        self.hold = schedule.held_at(changes, place)
        self.engine.hold(self.hold)
        self.training = self.config.training_at(*place)
        self._change_due = next((c.place for c in changes if c.place > place), None)

    def begin(self) -> None:
        """Record epoch 0; called once for a new run, not for a restored one."""
        self.snapshots.clear()
        self._record()

    def reset(self) -> None:
        """Go back to the same initial weights."""
        self.engine.state.copy_(self._start)
        self.epoch = self.position = self.step = 0
        self.diverged = None
        self._applied = NOWHERE
        self._catch_up()
        self.history.truncate(-1)
        self.begin()

    def resume(self, epoch: int, position: int, state: torch.Tensor) -> None:
        """Take up `state` after `epoch` epochs and `position` points of the next one."""
        self.engine.state.copy_(state)
        self.epoch, self.position = epoch, position
        self.step = schedule.steps_at(self.config.training, self.config.schedule, epoch, position)
        self.diverged = None
        self._applied = self.place
        self._catch_up()
        self.history.truncate(epoch)
        self.snapshots.drop_after(epoch)
        if position:
            self._shuffle()

    def judge(self) -> None:
        """Say whether the run taken up has diverged already."""
        if not self.position:
            self.evaluate()
        if self.epoch % self.evaluate_every == 0:
            self._check_finite(float(self.history.arrays()["train_loss"][-1]))
        self._check_finite(float(self.engine.network.flat.sum()))

    @property
    def batches(self) -> int:
        """Batches of the epoch under way, as the present batch size makes them."""
        return self.step + -(-(self.points - self.position) // self.training.batch_size)

    def advance(self, seconds: float, steps: int | None = None) -> bool:
        """Train until the epoch ends, and return True, or until the time is up: False.

        Takes no more than `steps` batches if that is given. Does nothing, and returns True, once
        the run has diverged.
        """
        if self.diverged:
            return True
        last = None if steps is None else self.steps + steps
        deadline = time.perf_counter() + seconds
        with single_thread(), np.errstate(all="ignore"):
            while True:
                self._take_step()
                if self.position >= self.points:
                    self._finish_epoch()
                    return True
                if self.steps == last or time.perf_counter() >= deadline:
                    self._check_finite(float(self.engine.network.flat.sum()))
                    return False

    def _take_step(self) -> None:
        if self.position == 0:
            self._shuffle()
        setting = self.training
        start = self.position
        stop = min(start + setting.batch_size, self.points)
        columns = slice(start, stop)
        x, targets = self._x[:, columns], self._targets[:, columns]
        if setting.adversary != "none":
            self._prepare_adversary()
            x = self._adversary.batch(targets, columns, setting)
        self.engine.step(
            x,
            targets,
            setting.learning_rate,
            setting.momentum,
            setting.l1,
            setting.l2,
        )
        self.position = stop
        self.step += 1
        self.steps += 1
        if self._change_due is not None and self.place >= self._change_due:
            self._catch_up()

    def _shuffle(self) -> None:
        order = self._order()
        np.take(self._train[0], order, axis=1, out=self._x)
        np.take(self._train[1], order, axis=1, out=self._targets)

    def _order(self) -> np.ndarray:
        return np.random.default_rng([self._seeds.batches, self.epoch]).permutation(self.points)

    def _prepare_adversary(self) -> None:
        """Prepare the adversary for this epoch's order, once for each epsilon."""
        wanted = (self.epoch, self.training.adversary_epsilon)
        if self._prepared != wanted:
            starts = np.random.default_rng([self._seeds.batches, self.epoch, 1])
            self._adversary.shuffle(self._order(), wanted[1], starts)
            self._prepared = wanted

    def _finish_epoch(self) -> None:
        self.epoch += 1
        self.position = self.step = 0
        if self._change_due is not None and self.place >= self._change_due:
            self._catch_up()
        self._record()

    def evaluate(self) -> None:
        """Evaluate the network at the end of an epoch, where that was left out."""
        if np.isnan(self.history.arrays()["train_loss"][-1]):
            self.history.truncate(self.epoch - 1)
            self._evaluate()

    def _record(self) -> None:
        self.snapshots.keep(self.epoch, self.engine.state.numpy())
        if self.epoch % self.evaluate_every == 0:
            self._evaluate()
        else:
            self.history.skip(self.epoch)
            self._check_finite(float(self.engine.network.flat.sum()))

    def _evaluate(self) -> None:
        with single_thread(), np.errstate(all="ignore"):
            parts = zip(self._truths, (self._train[0], self._test), strict=True)
            train, test = (truth.metrics(self._tiles.logits(x)) for truth, x in parts)
        self.history.append(self.epoch, train, test)
        self._check_finite(train.loss)

    def _check_finite(self, value: float) -> None:
        if not np.isfinite(value):
            self.diverged = DIVERGED.format(epoch=self.epoch, rate=self.training.learning_rate)


def _targets(y: torch.Tensor, classes: int) -> np.ndarray:
    return one_hot(y.numpy(), classes, np.float32)
