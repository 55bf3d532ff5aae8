"""A run: one configuration's data, network and training, and every measurement of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import torch

from spiral_dash.core.attacks import ATTACKS, Attack, AttackSettings
from spiral_dash.core.config import ConfigError, RunConfig, TrainingConfig, validated
from spiral_dash.core.data.dataset import Dataset, make_dataset
from spiral_dash.core.frame import decode, encode_exact
from spiral_dash.core.network import Network
from spiral_dash.core.probes import PROBES, Arrays, Probe, ProbeError, Subject
from spiral_dash.core.recording import Recording, RecordingError, pack, unpack
from spiral_dash.core.timeline import POINTS_MAX, Timeline
from spiral_dash.core.trainer import Trainer

Array = npt.NDArray[Any]
SNAPSHOT_BYTES = 32 * 2**20
CHECKPOINT_VERSION = "1"


class Run:
    """The same `RunConfig` gives the same weights bit for bit, however the run is driven.

    >>> run = Run(RunConfig(network={"hidden": [4, 2]}, seed=1))
    >>> run.train(epochs=2)
    >>> run.history["train_loss"].shape
    (2,)
    """

    def __init__(
        self,
        config: RunConfig | None = None,
        *,
        snapshot_bytes: int = SNAPSHOT_BYTES,
        snapshot_path: Path | None = None,
    ) -> None:
        self._prepare(config or RunConfig(), snapshot_bytes, snapshot_path)
        self.trainer.begin()

    def _prepare(self, config: RunConfig, snapshot_bytes: int, snapshot_path: Path | None) -> None:
        self.config = config
        self.data: Dataset = make_dataset(config.data, config.seeds.data)
        self.trainer = Trainer(config, self.data, snapshot_bytes, snapshot_path)
        self._timelines: dict[str, Timeline] = {}

    @property
    def network(self) -> Network:
        """The network as it is now, a `torch.nn.Module`: (N, n) float32 to (N, classes) logits."""
        return self.trainer.engine.network

    @property
    def epoch(self) -> int:
        """Epochs completed."""
        return self.trainer.epoch

    @property
    def progress(self) -> float:
        """Share of the epoch under way, in [0, 1)."""
        return self.trainer.position / self.trainer.points

    @property
    def diverged(self) -> str | None:
        """None, or what happened and what to try when the loss is no longer finite."""
        return self.trainer.diverged

    @property
    def history(self) -> dict[str, Array]:
        """Name -> values, one entry a completed epoch: `epoch`, losses, accuracies, per class."""
        return {name: values[1:] for name, values in self.trainer.history.arrays().items()}

    @property
    def metrics(self) -> dict[str, float]:
        """Train and test loss and accuracy of the weights after the last completed epoch."""
        arrays = self.trainer.history.arrays()
        names = ("train_loss", "train_accuracy", "test_loss", "test_accuracy")
        return {name: float(arrays[name][-1]) for name in names}

    @property
    def epochs(self) -> Array:
        """The epochs that can be shown, ascending (K,): those kept, and the last one at its end."""
        kept = self.trainer.snapshots.epochs
        return np.union1d(kept, self.epoch) if self._is_present(self.epoch) else kept

    def _is_present(self, epoch: int) -> bool:
        """Whether the network is as it was at the end of `epoch`."""
        return epoch == self.epoch and not self.trainer.position

    def advance(self, seconds: float) -> bool:
        """Train until the epoch ends (True) or `seconds` are over (False)."""
        return self.trainer.advance(seconds)

    def train(self, epochs: int, on_epoch: Callable[[Self], None] | None = None) -> None:
        """Train `epochs` more epochs, calling `on_epoch(run)` after each; stop if it diverges."""
        if epochs < 0:
            raise ValueError(f"Expected a number of epochs from 0, got {epochs}.")
        for _ in range(epochs):
            while not self.advance(60.0):
                pass
            if self.diverged:
                return
            if on_epoch is not None:
                on_epoch(self)

    def adjust(self, training: TrainingConfig) -> None:
        """Change learning rate, momentum, batch size, L1 or L2 from the next step on.

        Raises `ConfigError` for another optimiser, whose memory would not fit.
        """
        if training.optimizer != self.config.training.optimizer:
            raise ConfigError(
                {
                    "training.optimizer": "training.optimizer: a run in progress keeps its "
                    f"optimiser {self.config.training.optimizer}; start a new run for "
                    f"{training.optimizer}."
                }
            )
        self.trainer.adjust(training)
        self.config = self.config.replace(training=training)

    def reset(self) -> None:
        """Go back to epoch 0 and the same initial weights."""
        self.trainer.reset()
        self._timelines.clear()

    def subject(self, epoch: int | None = None) -> Subject:
        """Return what probes measure: the network as it is, or as it was at a kept epoch.

        Raises `ProbeError` for an epoch that is not kept.
        """
        trainer = self.trainer
        network = self.network
        if epoch is not None and not self._is_present(epoch):
            network = self._network_at(epoch)
        return Subject(
            network=network,
            data=self.data,
            initial=trainer.initial,
            history=trainer.history.arrays(),
            epoch=self.epoch if epoch is None else epoch,
            seed=self.config.seeds.measurements,
            config=self.config,
        )

    def _network_at(self, epoch: int) -> Network:
        flat = torch.from_numpy(self._parameters_at(epoch).copy())
        return Network(self.network.sizes, self.network.activation, flat, self.network.inputs)

    def _parameters_at(self, epoch: int) -> Array:
        return self._state_at(epoch)[: len(self.network.flat)]

    def _state_at(self, epoch: int) -> Array:
        try:
            return self.trainer.snapshots.state(epoch)
        except KeyError:
            kept = self.epochs
            raise ProbeError(
                f"Epoch {epoch} is not kept: expected 0 to {self.epoch}, of which "
                f"{len(kept)} are, the nearest being {self.nearest_epoch(epoch)}."
            ) from None

    def nearest_epoch(self, epoch: int) -> int:
        """Return the kept epoch nearest to `epoch`."""
        kept = self.epochs
        return int(kept[np.abs(kept - epoch).argmin()])

    def measure(self, name: str, /, *, epoch: int | None = None, **options: object) -> Arrays:
        """Take the named probe, now or at a kept epoch; `spiral_dash.probes()` lists them.

        Raises `ProbeError` for an unknown probe or a measurement that cannot be taken, and
        `ConfigError` for options out of range.
        """
        return _probe(name)(self.subject(epoch), **options)

    def attack(
        self, method: str, /, *, epsilon: float, epoch: int | None = None, **options: object
    ) -> Array:
        """Return one example for each test point, (N, n) float32, within epsilon of it.

        `method` is noise, fgsm, bim or pgd; `options` are those of the `attack` probe. An example
        is the first misclassified point that the search met, or the last it looked at. Raises
        `ConfigError` for options out of range, `AttackTooLargeError` for a search without end.
        """
        attacks: Mapping[str, type[Attack]] = ATTACKS
        if method not in attacks:
            names = ", ".join(attacks)
            raise ConfigError({"method": f"method: expected one of {names}, got {method!r}."})
        settings = validated(AttackSettings, {"epsilons": [epsilon], **options})
        subject = self.subject(epoch)
        found = attacks[method](settings).run(
            subject.network,
            self.data.x_test.numpy(),
            self.data.y_test.numpy(),
            subject.generator("attack"),
        )
        return np.asarray(found.examples[0])

    def over_time(
        self,
        name: str,
        /,
        *,
        budget: float | None = None,
        points: int = POINTS_MAX,
        **options: object,
    ) -> Arrays:
        """Follow a probe's summary over the kept epochs.

        Returns `epochs` (E,), each summary array stacked (E, ...) and `missing` (), the number
        of epochs not measured because `budget` seconds were over or no more than `points` of them
        were asked for. Results are remembered.
        """
        probe = _probe(name)
        if not probe.summary:
            raise ProbeError(f"{name} cannot be followed over the epochs: it has no summary.")
        wanted = validated(probe.options, options)
        timeline = self._timelines.setdefault(
            f"{name} {wanted.model_dump_json()}", Timeline(probe.summary)
        )
        epochs = [int(e) for e in self.trainer.snapshots.epochs]
        # One network serves all epochs, one after the other: making one takes longer than most
        # summaries.
        past = replace(self.subject(), network=self.network.copy())

        def measure(epoch: int) -> Arrays:
            past.network.flat.copy_(torch.from_numpy(self._parameters_at(epoch)))
            return probe.measure(replace(past, epoch=epoch), wanted)

        return timeline.read(epochs, measure, budget, points)

    def branch(self, epoch: int) -> None:
        """Forget every epoch after a kept one and go on from there, optimiser memory included."""
        state = self.trainer.engine.state
        if not self._is_present(epoch):
            state = torch.from_numpy(self._state_at(epoch))
        self.trainer.resume(epoch, 0, state.clone())
        for timeline in self._timelines.values():
            timeline.forget_after(epoch)

    def checkpoint(self) -> bytes:
        """Return everything needed to go on bit for bit, the snapshots of the past excepted."""
        trainer = self.trainer
        arrays = {"state": trainer.engine.state.numpy(), "history": trainer.history.rows}
        texts = {
            "version": CHECKPOINT_VERSION,
            "config": self.config.to_json(),
            "epoch": str(trainer.epoch),
            "position": str(trainer.position),
        }
        return encode_exact(arrays, texts)

    @classmethod
    def restore(
        cls,
        blob: bytes,
        *,
        snapshot_bytes: int = SNAPSHOT_BYTES,
        snapshot_path: Path | None = None,
    ) -> Self:
        """Go on from a checkpoint; raise `ValueError` or `ConfigError` where it is not one."""
        arrays, texts = decode(blob)
        if texts.get("version") != CHECKPOINT_VERSION:
            raise ValueError(
                f"Expected a run of version {CHECKPOINT_VERSION}, "
                f"got {texts.get('version', 'no version')!r}."
            )
        missing = {"config", "epoch", "position"} - texts.keys() | {
            "state",
            "history",
        } - arrays.keys()
        if missing:
            raise ValueError(f"The run lacks {', '.join(sorted(missing))}.")
        run = cls.__new__(cls)
        run._prepare(RunConfig.from_json(texts["config"]), snapshot_bytes, snapshot_path)
        trainer = run.trainer
        state, epoch, position = arrays["state"], int(texts["epoch"]), int(texts["position"])
        expected = tuple(trainer.engine.state.shape)
        if state.shape != expected or state.dtype != np.float32:
            raise ValueError(
                f"Expected a state of {expected[0]} float32 numbers, "
                f"got {state.dtype} of shape {state.shape}."
            )
        trainer.history.restore(arrays["history"])
        if len(trainer.history) != epoch + 1 or not 0 <= position < trainer.points:
            raise ValueError(
                f"Expected {epoch + 1} epochs of history and a position below "
                f"{trainer.points}, got {len(trainer.history)} and {position}."
            )
        trainer.resume(epoch, position, torch.from_numpy(np.array(state)))
        trainer.judge()
        return run

    def pack(self) -> bytes:
        """Return the run as the bytes of one file: configuration, history, every kept state."""
        kept = self.trainer.snapshots
        epochs = kept.epochs
        states = np.stack([kept.state(int(epoch)) for epoch in epochs])
        return pack(Recording(self.checkpoint(), epochs, states), self.config.to_json())

    @classmethod
    def unpack(
        cls,
        source: bytes | Path,
        *,
        snapshot_bytes: int = SNAPSHOT_BYTES,
        snapshot_path: Path | None = None,
    ) -> Self:
        """Open a recorded run, with the same numbers bit for bit; raise `RecordingError`."""
        recording = unpack(source)
        try:
            run = cls.restore(
                recording.checkpoint, snapshot_bytes=snapshot_bytes, snapshot_path=snapshot_path
            )
        except ConfigError as error:
            raise RecordingError(f"The recorded configuration is not valid: {error}") from error
        except ValueError as error:
            raise RecordingError(f"The recorded run is not whole: {error}") from error
        width = len(run.trainer.engine.state)
        if recording.states.shape[1] != width or (recording.epochs > run.epoch).any():
            raise RecordingError(
                f"Expected snapshots of {width} numbers up to epoch {run.epoch}, got "
                f"{recording.states.shape[1]} up to {recording.epochs.max(initial=0)}."
            )
        run.trainer.snapshots.clear()
        for epoch, state in zip(recording.epochs, recording.states, strict=True):
            run.trainer.snapshots.keep(int(epoch), state)
        return run

    def save(self, path: Path | str) -> None:
        """Write the run to one file; see `load`."""
        Path(path).write_bytes(self.pack())

    @classmethod
    def load(cls, path: Path | str) -> Self:
        """Read what `save` wrote; raise `RecordingError` where it is not that."""
        return cls.unpack(Path(path))


def _probe(name: str) -> Probe[Any]:
    if name not in PROBES:
        raise ProbeError(
            f"There is no probe {name!r}: expected one of {', '.join(sorted(PROBES))}."
        )
    return PROBES[name]
