"""A run: one configuration's data, network and training, and every measurement of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import torch
from numpy.typing import ArrayLike

from spiral_dash.core.attacks import ATTACKS, Attack, AttackSettings
from spiral_dash.core.config import ConfigError, RunConfig, TrainingConfig, validated
from spiral_dash.core.data.dataset import Dataset, make_dataset
from spiral_dash.core.data.points import PointsData
from spiral_dash.core.data.rows import Rows
from spiral_dash.core.edits import check, read_edit
from spiral_dash.core.frame import decode, encode_exact
from spiral_dash.core.network import Network
from spiral_dash.core.probes import PROBES, Arrays, Probe, ProbeError, Subject
from spiral_dash.core.recording import Recording, RecordingError, pack, unpack
from spiral_dash.core.timeline import POINTS_MAX, Timeline
from spiral_dash.core.trainer import Trainer
from spiral_dash.core.validation import duration, shown, whole_number

Array = npt.NDArray[Any]
SNAPSHOT_BYTES = 32 * 2**20
CHECKPOINT_VERSION = "1"
METRICS = ("train_loss", "train_accuracy", "test_loss", "test_accuracy")
MADE_ANEW = frozenset({"config", "data", "trainer", "_timelines"})
"""What a copy of a run derives from its recording."""


class Run:
    """The same `RunConfig` gives the same weights bit for bit, however the run is driven.

    A copy (`copy.deepcopy`, `pickle`) goes on as the run itself would, in memory of its own.
    Epochs may be counted from the end: -1 is the last one completed. What cannot be done raises
    `ConfigError` or `ProbeError`, both `ValueError`, with a sentence that says why. Both sets are
    evaluated every `evaluate_every` epochs and where `train` ends; the metrics of other epochs are
    NaN, and the weights the same.

    >>> run = Run(RunConfig(network={"hidden": [4, 2]}, seed=1))
    >>> run.train(epochs=2)
    >>> run.history["train_loss"].shape
    (2,)
    """

    evaluate_every: int = 1

    def __init__(
        self,
        config: RunConfig | None = None,
        *,
        rows: Rows | None = None,
        evaluate_every: int = 1,
        snapshot_bytes: int = SNAPSHOT_BYTES,
        snapshot_path: Path | None = None,
    ) -> None:
        chosen = RunConfig() if config is None else RunConfig.parse(config)
        self.evaluate_every = whole_number("evaluate_every", evaluate_every, least=1)
        self._prepare(chosen, rows, snapshot_bytes, snapshot_path)
        self.trainer.begin()

    @classmethod
    def from_points(
        cls,
        x: ArrayLike,
        y: ArrayLike,
        *,
        class_names: Sequence[str] | None = None,
        feature_names: Sequence[str] | None = None,
        image: tuple[int, int] | None = None,
        config: RunConfig | None = None,
    ) -> Self:
        """Return a run on points of one's own: x (N, n) numbers, y (N,) labels of any kind.

        `config` says the rest: network, training, seed, and of its data what every kind has, such
        as the train share. `image` is the (height, width) of points that are images. Raises
        `ConfigError` for what is no such points.

        >>> corners = [[0, 0], [1, 1], [0, 1], [1, 0]]
        >>> run = Run.from_points(corners * 9, ["same", "same", "other", "other"] * 9)
        >>> run.data.class_names
        ('other', 'same')
        """
        rows = Rows.of(x, y, class_names=class_names, feature_names=feature_names, image=image)
        config = config or RunConfig()
        return cls(config.replace(data=PointsData.of(rows, config.data)), rows=rows)

    def _prepare(
        self,
        config: RunConfig,
        rows: Rows | None,
        snapshot_bytes: int,
        snapshot_path: Path | None,
    ) -> None:
        self.config = config
        self.rows = rows if isinstance(config.data, PointsData) else None
        self.data: Dataset = make_dataset(config.data, config.seeds.data, rows)
        self.trainer = Trainer(
            config, self.data, snapshot_bytes, snapshot_path, self.evaluate_every
        )
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
    def training(self) -> TrainingConfig:
        """What the next batch is trained with: the configuration's, as its schedule changed it."""
        return self.trainer.training

    @property
    def diverged(self) -> str | None:
        """None, or what happened and what to try when the loss is no longer finite."""
        return self.trainer.diverged

    @property
    def history(self) -> dict[str, Array]:
        """Name -> values, one entry a completed epoch: `epoch`, losses, accuracies, per class.

        An epoch whose loss is no finite number has no accuracy: NaN.
        """
        return {name: values[1:] for name, values in self.trainer.history.arrays().items()}

    @property
    def metrics(self) -> dict[str, float]:
        """Train and test loss and accuracy of the weights after the last completed epoch."""
        arrays = self.trainer.history.arrays()
        return {name: float(arrays[name][-1]) for name in METRICS}

    @property
    def epochs(self) -> Array:
        """The epochs that can be shown, ascending (K,): those kept, and the last one at its end."""
        kept = self.trainer.snapshots.epochs
        return np.union1d(kept, self.epoch) if self._is_present(self.epoch) else kept

    def _is_present(self, epoch: int) -> bool:
        """Whether the network is as it was at the end of `epoch`."""
        return epoch == self.epoch and not self.trainer.position

    def advance(self, seconds: float, steps: int | None = None) -> bool:
        """Train until the epoch ends: True; or until the time, or `steps` batches, are over: False.

        However an epoch is divided, its weights are the same bit for bit.
        """
        if steps is not None:
            steps = whole_number("steps", steps, least=1)
        return self.trainer.advance(duration("seconds", seconds), steps)

    def train(self, epochs: int, on_epoch: Callable[[Self], None] | None = None) -> None:
        """Train `epochs` more epochs, calling `on_epoch(run)` after each; stop if it diverges."""
        for _ in range(whole_number("epochs", epochs, least=0)):
            while not self.advance(60.0):
                pass
            if self.diverged:
                break
            if on_epoch is not None:
                on_epoch(self)
        if not self.trainer.position:
            self.trainer.evaluate()

    def adjust(self, training: TrainingConfig) -> None:
        """Change learning rate, momentum, batch size, penalties or adversary from here on.

        The change becomes part of the configuration's schedule, and what the schedule held
        beyond this place is cut: `run.adjust(run.training.replace(learning_rate=0.01))`. Raises
        `ConfigError` for another optimiser, whose memory would not fit.
        """
        if not isinstance(training, TrainingConfig):
            raise ConfigError(
                {
                    "training": "training: expected a TrainingConfig, such as "
                    f"run.training.replace(learning_rate=0.01), got {shown(training)}."
                }
            )
        if training.optimizer != self.training.optimizer:
            raise ConfigError(
                {
                    "training.optimizer": "training.optimizer: a run in progress keeps its "
                    f"optimiser {self.training.optimizer}; start a new run for "
                    f"{training.optimizer}."
                }
            )
        self._follow(self.config.adjusted(self.trainer.place, training))

    def edit(self, change: str, **values: object) -> None:
        """Do something to the network here, by hand; the configuration's schedule remembers it.

        `change` is `weight` (layer, unit, input, value), `bias` (layer, unit, value), `layer`
        (layer, and `frozen` or `free` for value) or `unit` (layer, unit, and `silent` or `active`);
        layers count from 1 to the outputs', units and inputs from 1. What the schedule held beyond
        this place is cut. Raises `ConfigError` for what is not there or is out of bounds.

        >>> run = Run(RunConfig(network={"hidden": [4, 2]}, seed=1))
        >>> run.edit("weight", layer=2, unit=1, input=3, value=0.5)
        >>> run.edit("layer", layer=1, value="frozen")
        >>> run.edit("unit", layer=1, unit=4, value="silent")
        >>> [mark.text for mark in run.config.changes]  # doctest: +NORMALIZE_WHITESPACE
        ['weight 3 → 1 of layer 2 set to 0.5', 'layer 1 frozen', 'unit 4 of layer 1 silenced']
        """
        epoch, step = self.trainer.place
        edit = read_edit({**values, "change": change, "epoch": epoch, "step": step})
        check(edit, self.network.sizes)
        config = self.config.edited(edit)
        if config == self.config.cut(edit.place):
            self._follow(config)  # it is so already
            return
        self.trainer.edit(config, edit)
        self.config = config
        for timeline in self._timelines.values():
            timeline.forget_after(epoch - 1 if self._is_present(epoch) else epoch)

    def _follow(self, config: RunConfig) -> None:
        self.trainer.follow(config)
        self.config = config

    def reset(self) -> None:
        """Go back to epoch 0 and the same initial weights; the schedule takes effect again."""
        self.trainer.reset()
        self._timelines.clear()

    def subject(self, epoch: int | None = None) -> Subject:
        """Return what probes measure: the network as it is, or as it was at a kept epoch.

        Raises `ProbeError` for an epoch that is not kept.
        """
        trainer = self.trainer
        network = self.network
        epoch = None if epoch is None else self._numbered(epoch)
        if epoch is not None and not self._is_present(epoch):
            network = self._network_at(epoch)
        return Subject(
            network=network,
            data=self.data,
            initial=trainer.initial,
            history=trainer.history.arrays(),
            epoch=self.epoch if epoch is None else epoch,
            seed=self.config.seeds.measurements,
            hold=trainer.hold if epoch is None else self.config.held_at(epoch),
        )

    def _numbered(self, epoch: int) -> int:
        """Return an epoch as it is counted from 0."""
        number = whole_number("epoch", epoch)
        if number < -self.epoch - 1:
            raise ProbeError(
                f"Epoch {number} is not in the history: expected 0 to {self.epoch}, or -1 for the "
                f"last to {-self.epoch - 1} for the first."
            )
        return number if number >= 0 else self.epoch + 1 + number

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
        return int(kept[np.abs(kept - self._numbered(epoch)).argmin()])

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
        `ConfigError` for options out of range, `ProbeError` for an epoch that is not kept and a
        search without end.
        """
        attacks: Mapping[str, type[Attack]] = ATTACKS
        if not isinstance(method, str) or method not in attacks:
            names = ", ".join(attacks)
            raise ConfigError({"method": f"method: expected one of {names}, got {shown(method)}."})
        if "epsilons" in options:
            raise ConfigError({"epsilons": "epsilons: expected one epsilon, got several."})
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
        were asked for. An epoch that cannot be measured, as the last one of a run that diverged, is
        left out. Results are remembered.
        """
        if budget is not None:
            budget = duration("budget", budget)
        points = whole_number("points", points, least=1)
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
        """Forget every epoch after a kept one and go on from there, optimiser memory included.

        The schedule ends there too.
        """
        epoch = self._numbered(epoch)
        state = self.trainer.engine.state
        if not self._is_present(epoch):
            state = torch.from_numpy(self._state_at(epoch))
        state = state.clone()
        self._follow(self.config.cut((epoch, 0)))
        self.trainer.resume(epoch, 0, state)
        for timeline in self._timelines.values():
            timeline.forget_after(epoch)

    def checkpoint(self, *, history: bool = True, rows: bool = True) -> bytes:
        """Return everything needed to go on bit for bit, the snapshots of the past excepted.

        Without `history`, or the `rows` that a person brought, whoever keeps them elsewhere gives
        them to `restore`.
        """
        trainer = self.trainer
        arrays = {"state": trainer.engine.state.numpy()}
        if history:
            arrays["history"] = trainer.history.rows
        if rows and self.rows is not None:
            arrays["rows"] = np.frombuffer(self.rows.pack(), np.uint8)
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
        history: Array | None = None,
        rows: Rows | None = None,
        snapshot_bytes: int = SNAPSHOT_BYTES,
        snapshot_path: Path | None = None,
    ) -> Self:
        """Go on from a checkpoint; raise `ConfigError` where it is none.

        `history` and `rows` are what it was made without.
        """
        if not isinstance(blob, bytes):
            raise RecordingError(f"Expected the bytes of a checkpoint, got {shown(blob)}.")
        run = cls.__new__(cls)
        try:
            run._resume(blob, history, rows, snapshot_bytes, snapshot_path)
        except ConfigError:
            raise
        except ValueError as error:
            raise RecordingError(f"The run is not whole: {_sentence(error)}") from error
        return run

    def _resume(
        self,
        blob: bytes,
        history: Array | None,
        rows: Rows | None,
        snapshot_bytes: int,
        snapshot_path: Path | None,
    ) -> None:
        arrays, texts = decode(blob)
        if texts.get("version") != CHECKPOINT_VERSION:
            raise ValueError(
                f"Expected a run of version {CHECKPOINT_VERSION}, "
                f"got {texts.get('version', 'no version')!r}."
            )
        if history is not None:
            arrays["history"] = history
        missing = {"config", "epoch", "position"} - texts.keys() | {
            "state",
            "history",
        } - arrays.keys()
        if missing:
            raise ValueError(f"The run lacks {', '.join(sorted(missing))}.")
        if "rows" in arrays:
            rows = Rows.unpack(arrays["rows"].tobytes())
        config = RunConfig.from_json(texts["config"])
        self._prepare(config, rows, snapshot_bytes, snapshot_path)
        trainer = self.trainer
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

    def _recording(self, near: int | None = None) -> Recording:
        kept = self.trainer.snapshots
        epochs = kept.epochs if near is None else np.array([self.nearest_epoch(near)])
        present = self.trainer.engine.state.numpy()
        states = np.empty((len(epochs), len(present)), np.float32)
        for row, epoch in zip(states, map(int, epochs), strict=True):
            row[:] = present if self._is_present(epoch) else kept.state(epoch)
        return Recording(self.checkpoint(), epochs, states)

    def _take_up(
        self, recording: Recording, snapshot_bytes: int, snapshot_path: Path | None
    ) -> None:
        try:
            self._resume(recording.checkpoint, None, None, snapshot_bytes, snapshot_path)
        except ConfigError as error:
            raise RecordingError(f"The recorded configuration is not valid: {error}") from error
        except ValueError as error:
            raise RecordingError(f"The recorded run is not whole: {_sentence(error)}") from error
        width = len(self.trainer.engine.state)
        if recording.states.shape[1] != width or (recording.epochs > self.epoch).any():
            raise RecordingError(
                f"Expected snapshots of {width} numbers up to epoch {self.epoch}, got "
                f"{recording.states.shape[1]} up to {recording.epochs.max(initial=0)}."
            )
        self.trainer.snapshots.restore(recording.epochs, recording.states)

    def pack(self, near: int | None = None) -> bytes:
        """Return the run as the bytes of one file: configuration, history, every kept state.

        With an epoch, of the states only that of the kept epoch that is `near` it.
        """
        return pack(self._recording(near), self.config.to_json())

    @classmethod
    def unpack(
        cls,
        source: bytes | Path,
        *,
        snapshot_bytes: int = SNAPSHOT_BYTES,
        snapshot_path: Path | None = None,
    ) -> Self:
        """Open a recorded run, with the same numbers bit for bit; raise `RecordingError`."""
        run = cls.__new__(cls)
        run._take_up(unpack(source), snapshot_bytes, snapshot_path)
        return run

    def __getstate__(self) -> dict[str, Any]:
        """Return what a copy is made of: the recording, and what was added to the run."""
        return {
            "recording": self._recording(),
            "snapshot_bytes": self.trainer.snapshots.budget,
            "diverged": self.diverged,
            "added": {n: v for n, v in self.__dict__.items() if n not in MADE_ANEW},
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state["added"])
        self._take_up(state["recording"], state["snapshot_bytes"], None)
        self.trainer.diverged = state["diverged"]

    def save(self, path: Path | str) -> None:
        """Write the run to one file; see `load`. Raises `ConfigError` where it cannot be."""
        _write(_path(path), self.pack())

    def export(
        self,
        format: str,
        path: Path | str,
        *,
        epoch: int | None = None,
        points: int | Sequence[int] = 10,
        epsilon: float | Sequence[float] = 0.5,
        overwrite: bool = False,
    ) -> None:
        """Write the run, now or as it was at a kept epoch, to a file that other tools read.

        `format` is pytorch, onnx, vnnlib, safetensors, npz, data-csv, history-csv or history-json.
        For vnnlib, `points` counts test points or lists their indices, and `epsilon` is the half
        side of the boxes about them, or several, in units of the data plane. Raises `ConfigError`
        or `ProbeError` for what is not there, and for a file that is, unless `overwrite`.
        """
        from spiral_dash.core.export import ExportOptions, exported

        file = _path(path)
        chosen = ExportOptions.of(points, epsilon)
        content = exported(self, format, epoch, chosen)
        _write(file, content, overwrite=overwrite)

    @classmethod
    def load(cls, path: Path | str) -> Self:
        """Read what `save` wrote; raise `RecordingError` where it is not that."""
        return cls.unpack(_path(path))


def _sentence(error: ValueError) -> str:
    return str(error).removesuffix(".") + "."


def _path(path: object) -> Path:
    if not isinstance(path, str | Path):
        raise ConfigError({"path": f"path: expected the path of a file, got {shown(path)}."})
    return Path(path)


def _write(file: Path, content: bytes, *, overwrite: bool = True) -> None:
    try:
        with file.open("wb" if overwrite else "xb") as opened:
            opened.write(content)
    except FileExistsError as error:
        raise ConfigError(
            {
                "path": f"path: expected a file that is not there yet, {shown(str(file))} is. "
                "Choose another, or overwrite it."
            }
        ) from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConfigError(
            {"path": f"path: expected a file to write to, got {shown(str(file))}: {reason}."}
        ) from error


def _probe(name: str) -> Probe[Any]:
    if not isinstance(name, str) or name not in PROBES:
        raise ProbeError(
            f"There is no probe {shown(name)}: expected one of {', '.join(sorted(PROBES))}."
        )
    return PROBES[name]
