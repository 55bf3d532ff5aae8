"""A run under remote control: one thread trains it, obeys commands and makes its frames."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from spiral_dash.core.config import RunConfig
from spiral_dash.core.data.drawing import drawn_on, erased_from, own_data
from spiral_dash.core.data.kind import DataConfig
from spiral_dash.core.edits import Edit
from spiral_dash.core.probes import ProbeError
from spiral_dash.core.recording import RecordingError
from spiral_dash.core.run import Run
from spiral_dash.core.validation import ConfigError
from spiral_dash.live import commands as do
from spiral_dash.live.checkpoint import Checkpoint, HistoryFile
from spiral_dash.live.facts import facts
from spiral_dash.live.gallery import Gallery, Scene
from spiral_dash.live.log import LOG
from spiral_dash.live.measuring import Outcome, Task
from spiral_dash.live.pace import Pace, Rates
from spiral_dash.live.rows import RowsFolder
from spiral_dash.live.states import State, follow
from spiral_dash.live.strokes import Strokes
from spiral_dash.live.wire import pack_frame, pack_json

SLICE_SECONDS = 0.005
LAST_SECONDS = 0.1
"""A pause waits so long for the epoch under way, so that what is shown is the end of one."""
SAVE_SECONDS = 1.0
SAVE_COST_FACTOR = 20.0


class CommandRefused(ValueError):  # noqa: N818 - the name says what happened
    """A command that this session does not carry out; the message says why."""


class Opening(BaseModel):
    """How a session begins: its configuration, a folder of its own, the number of its run.

    With `restore`, it goes on from the checkpoint in the folder if there is one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    config: RunConfig
    folder: Path
    run: int = 1
    restore: bool = False


class Session:
    """One run, its state and its viewers' wishes.

    `run` is the training thread's whole life: between slices of a few milliseconds it obeys
    what `post` and `close` brought from another thread. Nothing else touches the run, and how
    training is sliced does not change it, so its weights are those of the same run alone.
    `send` takes a packed message and may block.
    """

    def __init__(self, opening: Opening, send: Callable[[bytes], object]) -> None:
        self._inbox: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._send = send
        self._folder = opening.folder
        self.rows = RowsFolder(opening.folder)
        self._pace = Pace()
        self._rates = Rates()
        self._gallery = Gallery(
            lambda frame: send(pack_frame(frame)), self._slow_done, self._slow_progress
        )
        self._number = opening.run
        self._state = State.READY
        self._seeking: int | None = None
        self._stepping = False
        self._past = self._era = self._weights = 0
        self._opening = opening
        self._strokes = Strokes()
        self._unsaved = False
        self._save_at = 0.0

    # From any thread.

    def post(self, message: object, number: int | None = None) -> None:
        """Have a message taken as a command, and answered under `number` if one is given."""
        self._inbox.put(partial(self._answer, message, number))

    def close(self) -> None:
        """Have the session end."""
        self._inbox.put(self._end)

    def _slow_done(self, task: Task, outcome: Outcome) -> None:
        self._inbox.put(lambda: self._gallery.accept(task, outcome, self._scene()))

    def _slow_progress(self) -> None:
        self._inbox.put(self._gallery.changed)

    # The training thread.

    def run(self, on_ready: Callable[[], object] = lambda: None) -> None:
        """Open the session, call `on_ready` once it can be used, and serve it until it ends."""
        restored = self._open()
        self._save()
        self._tell("ready", restored=restored)
        on_ready()
        again: float | None = None
        while self._state is not State.ENDED:
            self._obey_waiting(again)
            if self._state is State.PLAYING and time.monotonic() >= self._epoch_due():
                self._train(SLICE_SECONDS)
            if self._unsaved and time.monotonic() >= self._save_at:
                self._save()
            again = self._gallery.serve(self._scene())
        self._gallery.close()

    def _open(self) -> bool:
        if self._opening.restore and self._restore():
            return True
        self._run, self._snapshots = self._build(self._opening.config, self._number)
        self._history = HistoryFile(self._folder, self._number)
        self._state = State.DIVERGED if self._run.diverged else State.READY
        self._diverged = self._run.diverged or ""
        return False

    def _restore(self) -> bool:
        try:
            saved = Checkpoint.read(self._folder)
            if saved is None:
                return False
            path = self._folder / saved.snapshots
            self._run = Run.restore(
                saved.blob,
                history=HistoryFile.read(self._folder, saved),
                rows=self.rows.get(RunConfig.from_json(saved.config)),
                snapshot_path=path,
            )
            self._history = HistoryFile.opened(self._folder, saved, self._run.trainer.history)
        except ValueError as error:
            LOG.warning("a session starts anew: %s", error)
            return False
        self._snapshots = path
        self._state, self._number, self._diverged = saved.state, saved.run, saved.diverged
        if saved.seeking is not None:
            self._seeking = self._run.nearest_epoch(saved.seeking)
        self._pace.set_limit(saved.speed, time.monotonic())
        return True

    def _build(self, config: RunConfig, number: int) -> tuple[Run, Path]:
        path = self._snapshots_path(number)
        return Run(config, rows=self.rows.get(config), snapshot_path=path), path

    def _snapshots_path(self, number: int) -> Path:
        return self._folder / f"snapshots-{number}"

    def _obey_waiting(self, again: float | None) -> None:
        """Do what was posted; wait for something to be if there is nothing to train."""
        due = [] if again is None else [again]
        if self._state is State.PLAYING:
            due.append(self._epoch_due())
        if self._unsaved:
            due.append(self._save_at)
        try:
            if not due:
                self._inbox.get()()
            elif (wait := min(due) - time.monotonic()) > 0:
                self._inbox.get(timeout=wait)()
            while self._state is not State.ENDED:
                self._inbox.get_nowait()()
        except queue.Empty:
            pass

    def _epoch_due(self) -> float:
        """When training may go on: an epoch once begun is not held up."""
        return self._pace.due() if self._run.progress == 0.0 and not self._stepping else 0.0

    def _train(self, seconds: float) -> None:
        run = self._run
        finished = run.advance(seconds)
        now = time.monotonic()
        self._weights += 1
        self._unsaved = True
        self._rates.add(now, run.epoch + run.progress, run.trainer.steps)
        if run.diverged:
            self._diverged = run.diverged
            self._become(State.DIVERGED)
            return
        if run.training is not self._told:
            self._tell("status")
        if finished:
            self._pace.epoch_finished(now)
            if self._stepping:
                self._become(State.PAUSED)
                return
        self._gallery.changed()

    def _become(self, state: State) -> None:
        """Change the state, and let everyone know at once."""
        self._state = follow(self._state, state)
        self._stepping = False
        self._rates.clear()
        self._announce()

    def _announce(self) -> None:
        """Save and tell what a person changed; viewers see it with the next frame, at once."""
        self._gallery.changed(urgent=True)
        if self._state is not State.ENDED:
            self._save()
        self._tell("status")

    def _tell(self, event: str, **more: object) -> None:
        status = {
            "event": event,
            "state": self._state,
            "epoch": self._run.epoch,
            "run": self._number,
            "config": self._run.config.model_dump(mode="json"),
            "training": self._run.training.model_dump(mode="json"),
        }
        self._told = self._run.training
        self._send(pack_json({**status, **more}))

    def _save(self) -> None:
        started = time.monotonic()
        try:
            rows, columns = self._history.extend(self._run.trainer.history)
            Checkpoint(
                run=self._number,
                state=self._state,
                speed=self._pace.limit,
                seeking=self._seeking,
                snapshots=self._snapshots.name,
                history=self._history.name,
                rows=rows,
                columns=columns,
                diverged=self._diverged,
                config=self._run.config.compact,
                blob=self._run.checkpoint(history=False, rows=False),
            ).write(self._folder)
            self._history.count(rows)
        except OSError as error:
            LOG.warning("a session could not be saved: %s", error)
        finished = time.monotonic()
        self._unsaved = False
        self._save_at = finished + max(SAVE_SECONDS, SAVE_COST_FACTOR * (finished - started))

    def _scene(self) -> Scene:
        return Scene(
            run=self._run,
            number=self._number,
            past=self._past,
            era=self._era,
            weights=self._weights,
            shown=self._seeking,
            playing=self._state is State.PLAYING,
            texts=self._texts,
        )

    def _texts(self) -> Mapping[str, str]:
        told = facts(
            self._run, self._state, self._seeking, self._pace.limit, self._rates, self._diverged
        )
        return {**told, "strokes": str(len(self._strokes))}

    # Commands.

    def _answer(self, message: object, number: int | None) -> None:
        error = ""
        try:
            self._obey(do.parse_command(message))
        except (CommandRefused, ConfigError, ProbeError) as refusal:
            error = str(refusal)
        if number is not None:
            self._send(pack_json({"event": "reply", "id": number, "error": error}))

    def _obey(self, command: do.Command) -> None:
        match command:
            case do.Frame():
                self._gallery.ask(command)
            case do.Watch():
                self._gallery.watch(command)
            case do.Play() | do.Step():
                self._play(stepping=isinstance(command, do.Step))
            case do.Pause():
                self._pause()
            case do.Seek():
                self._seek(command.epoch)
            case do.Speed():
                self._pace.set_limit(command.epochs_per_second, time.monotonic())
                self._announce()
            case do.Adjust():
                self._run.adjust(command.training)
                self._announce()
            case do.Edit():
                self._edit(command.edit)
            case do.Branch():
                self._branch(command.epoch)
            case do.Pack():
                self._pack(self._folder / command.file)
            case do.Open():
                self._open_recording(self._folder / command.file)
            case do.Draw():
                self._draw(command)
            case do.Undraw():
                self._undraw()
            case do.Reset():
                self._run.reset()
                self._start_anew()
            case do.Configure():
                if command.config.data != self._run.config.data:
                    self._strokes.clear()
                self._configure(command.config)
            case do.End():
                self._end()

    def _play(self, stepping: bool) -> None:
        if self._state is State.DIVERGED:
            raise CommandRefused(f"{self._diverged} Or go back to an earlier epoch.")
        self._jump_to(None)
        self._become(State.PLAYING)
        self._stepping = stepping
        self._pace.set_limit(self._pace.limit, time.monotonic())

    def _pause(self) -> None:
        if self._state is State.PLAYING and self._run.progress:
            self._train(LAST_SECONDS)
        if self._state is State.PLAYING:
            self._become(State.PAUSED)

    def _seek(self, epoch: int | None) -> None:
        if epoch is not None and epoch > self._run.epoch:
            raise CommandRefused(
                f"Epoch {epoch} is not in the history: expected 0 to {self._run.epoch}."
            )
        self._pause()
        self._jump_to(None if epoch is None else self._run.nearest_epoch(epoch))
        self._announce()

    def _jump_to(self, epoch: int | None) -> None:
        if epoch != self._seeking:
            self._seeking = epoch
            self._era += 1

    def _edit(self, edit: Edit) -> None:
        if self._seeking is not None:
            raise CommandRefused(
                f"The network of epoch {self._seeking} is past and cannot be changed: go back to "
                "the present one, or branch from here first."
            )
        if self._state is State.DIVERGED:
            raise CommandRefused(f"{self._diverged} Or go back to an earlier epoch.")
        self._run.edit(**edit.model_dump(exclude={"epoch", "step"}))
        self._weights += 1
        self._past += 1
        if self._run.diverged:
            self._diverged = self._run.diverged
            self._become(State.DIVERGED)
        else:
            self._announce()

    def _branch(self, epoch: int) -> None:
        self._run.branch(epoch)
        self._seeking = None
        self._diverged = ""
        self._era += 1
        self._past += 1
        self._pause()
        self._become(State.READY if epoch == 0 else State.PAUSED)

    def _configure(self, config: RunConfig) -> None:
        try:
            run, snapshots = self._build(config, self._number + 1)
        except (MemoryError, RuntimeError, OSError) as error:
            raise CommandRefused(
                f"This configuration cannot be built here: {error}. The present run goes on."
            ) from error
        self._replace(run, snapshots)

    def _draw(self, command: do.Draw) -> None:
        data, config = self._run.data, self._run.config
        rows = self._run.rows or data.rows
        if command.erase:
            rows = erased_from(data, rows, command.erase, command.radius)
        if command.add:
            places = [(x1, x2) for x1, x2, _ in command.add]
            rows = drawn_on(data, rows, places, [label for *_, label in command.add])
        self.rows.put(rows)
        self._take_data(own_data(rows, config.data))
        self._strokes.begin(command.stroke, config.data)

    def _undraw(self) -> None:
        before = self._strokes.take_back()
        if before is None:
            raise CommandRefused("There is no stroke to take back.")
        self._take_data(before)

    def _take_data(self, data: DataConfig) -> None:
        """Begin anew on other points; what plays goes on playing."""
        playing = self._state is State.PLAYING
        self._configure(self._run.config.replace(data=data, schedule=()))
        if playing:
            self._play(stepping=False)

    def _pack(self, path: Path) -> None:
        try:
            self._run.save(path)
        except (MemoryError, OSError, ConfigError) as error:
            with suppress(OSError):
                path.unlink(missing_ok=True)
            raise CommandRefused(f"The run cannot be recorded here: {error}.") from error
        # The server names the file after what it holds.
        self._tell("status")

    def _open_recording(self, path: Path) -> None:
        snapshots = self._snapshots_path(self._number + 1)
        try:
            run = Run.unpack(path, snapshot_path=snapshots)
            if run.rows is not None:
                self.rows.put(run.rows)
        except Exception as error:
            snapshots.unlink(missing_ok=True)
            reason = str(error)
            if not isinstance(error, RecordingError):
                # A file from outside must not end the session, whatever is wrong with it.
                LOG.exception("a recorded run could not be opened")
                reason = f"This file cannot be opened here: {error}."
            raise CommandRefused(f"{reason} The present run goes on.") from error
        self._strokes.clear()
        self._replace(run, snapshots, State.PAUSED if run.epoch or run.progress else State.READY)

    def _replace(self, run: Run, snapshots: Path, state: State = State.READY) -> None:
        former, self._run, self._snapshots = self._snapshots, run, snapshots
        self._start_anew(state)
        former.unlink(missing_ok=True)

    def _start_anew(self, state: State = State.READY) -> None:
        self._number += 1
        former, self._history = self._history, HistoryFile(self._folder, self._number)
        self._seeking = None
        self._era += 1
        self._past += 1
        self._diverged = self._run.diverged or ""
        self._gallery.forget()
        self._become(State.READY)
        following = State.DIVERGED if self._diverged else state
        if following is not State.READY:
            self._become(following)
        former.path.unlink(missing_ok=True)

    def _end(self) -> None:
        self._become(State.ENDED)
