"""A run under remote control: one thread trains it, obeys commands and makes its frames."""

from __future__ import annotations

import queue
import shutil
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path

from spiral_dash.core.config import RunConfig
from spiral_dash.core.data.drawing import drawn_on, erased_from, own_data
from spiral_dash.core.data.kind import DataConfig
from spiral_dash.core.probes import ProbeError
from spiral_dash.core.recording import RecordingError
from spiral_dash.core.run import Run
from spiral_dash.core.threads import single_thread
from spiral_dash.core.validation import ConfigError
from spiral_dash.live import commands as do
from spiral_dash.live.beside import Answer, Beside
from spiral_dash.live.facts import facts
from spiral_dash.live.gallery import Gallery, Scene
from spiral_dash.live.log import LOG
from spiral_dash.live.measuring import Outcome, Task
from spiral_dash.live.opening import CommandRefused, Opening
from spiral_dash.live.rows import RowsFolder
from spiral_dash.live.saving import Saved, Saving
from spiral_dash.live.states import State
from spiral_dash.live.strokes import Strokes
from spiral_dash.live.transport import Transport
from spiral_dash.live.wire import pack_frame, pack_json

LEAVE_SECONDS = 0.1
"""What is saved is handed out so often at the most: commands may come one after another."""


class Session:
    """One run, its state and its viewers' wishes.

    `run` is the training thread's whole life: between slices of a few milliseconds it obeys
    what `post` and `close` brought from another thread. Nothing else touches the run, and how
    training is sliced does not change it, so its weights are those of the same run alone.
    `send` takes a packed message and may block; `on_left` is called soon after it has saved, and
    before an answer that speaks of a file it has left.
    """

    def __init__(
        self, opening: Opening, send: Callable[[bytes], object], beside: Beside | None = None
    ) -> None:
        self._inbox: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._send = send
        self._folder = opening.folder
        self.rows = RowsFolder(opening.folder)
        self._transport = Transport(opening.speed, self._moved, self._announce)
        self._gallery = Gallery(
            lambda frame: send(pack_frame(frame)), self._slow_done, self._slow_progress, beside
        )
        self._beside = beside
        self._number = opening.run
        self._short = self.asleep = False
        self._opening = opening
        self._strokes = Strokes()
        self._saving = Saving(opening.folder)
        self.on_left: Callable[[], None] = lambda: None
        self._newly_saved = False
        self._left_at = 0.0

    # From any thread.

    def post(self, message: object, number: int | None = None) -> None:
        """Have a message taken as a command, and answered under `number` if one is given."""
        self._inbox.put(partial(self._answer, message, number))

    def close(self) -> None:
        """Have the session end, or sleep where its folder outlives the server."""
        self._inbox.put(self._leave)

    def _slow_done(self, task: Task, outcome: Outcome) -> None:
        self._inbox.put(lambda: self._gallery.accept(task, outcome, self._scene()))

    def _slow_progress(self) -> None:
        self._inbox.put(self._gallery.changed)

    def _measured_beside(self, answer: Answer | None) -> None:
        self._inbox.put(lambda: self._gallery.gather(answer, self._scene()))

    # The training thread.

    def run(self, on_ready: Callable[[], object] = lambda: None) -> None:
        """Open the session, call `on_ready` once it can be used, and serve it until it ends."""
        with single_thread():
            self._serve(on_ready)

    def _serve(self, on_ready: Callable[[], object]) -> None:
        restored = self._open()
        self._save()
        self._tell("ready", restored=restored)
        on_ready()
        if self._beside is not None:
            self._beside.listen(self._measured_beside)
        again: float | None = None
        while not self._over:
            self._obey_waiting(again)
            due = self._transport.due()
            if due is not None and time.monotonic() >= due and not self._shows_first:
                self._transport.move(due)
            save_at = self._saving.due()
            if save_at is not None and time.monotonic() >= save_at:
                self._save()
            leave_at = self._leave_due
            if leave_at is not None and (self._over or time.monotonic() >= leave_at):
                self._leave_files()
            again = self._transport.hurries_until()
            if again is None:
                again = self._gallery.serve(self._scene())
        self._gallery.close()
        if self._beside is not None:
            self._beside.close()

    def _open(self) -> bool:
        saved = self._saving.restore(self.rows) if self._opening.restore else None
        if saved is None:
            self._begin()
            return False
        self._number = saved.number
        self._transport.restore(saved.run, saved.drive, saved.state, saved.seeking, saved.diverged)
        return True

    def _begin(self) -> None:
        run, snapshots = self._build(self._opening.config, self._number)
        self._saving.begin(self._number, snapshots)
        self._transport.begin(run, self._opening.reach)

    @property
    def _run(self) -> Run:
        return self._transport.run

    def _build(self, config: RunConfig, number: int) -> tuple[Run, Path]:
        path = self._saving.snapshots(number)
        return Run(config, rows=self.rows.get(config), snapshot_path=path), path

    def _obey_waiting(self, again: float | None) -> None:
        """Do what was posted; wait for something to be if there is nothing to train."""
        moments = again, self._transport.due(), self._saving.due(), self._leave_due
        due = [at for at in moments if at is not None]
        try:
            if not due:
                self._inbox.get()()
            elif (wait := min(due) - time.monotonic()) > 0:
                self._inbox.get(timeout=wait)()
            while not self._over:
                self._inbox.get_nowait()()
        except queue.Empty:
            pass

    @property
    def _over(self) -> bool:
        return self.asleep or self._transport.state is State.ENDED

    @property
    def _shows_first(self) -> bool:
        """Whether a frame goes before training: that of what a person has just changed."""
        return self._transport.hurries_until() is None and self._gallery.hurried

    def _moved(self) -> None:
        """The run is another slice further, or another epoch is on show."""
        self._saving.changed()
        self._gallery.changed()
        self._tell_of_short_disk()
        if self._run.training is not self._told:
            self._tell("status")

    def _tell_of_short_disk(self) -> None:
        short = self._run.trainer.snapshots.is_short
        if short and not self._short:
            text = (
                "The server's disk has no room for more epochs of this run: fewer of them are "
                "kept. Training goes on."
            )
            self._send(pack_json({"event": "notice", "level": "warning", "text": text}))
        self._short = short

    def _announce(self) -> None:
        """Save and tell what a person changed; viewers see it with the next frame, at once."""
        self._gallery.changed(urgent=True)
        if self._transport.state is not State.ENDED:
            self._save()
        self._tell("status")

    def _tell(self, event: str, **more: object) -> None:
        status = {
            "event": event,
            "state": self._transport.state,
            "epoch": self._run.epoch,
            "run": self._number,
            "config": self._run.config.model_dump(mode="json"),
            "training": self._run.training.model_dump(mode="json"),
        }
        self._told = self._run.training
        self._send(pack_json({**status, **more}))

    def _save(self) -> str:
        transport = self._transport
        problem = self._saving.save(
            Saved(
                transport.run,
                transport.drive,
                self._number,
                transport.state,
                transport.seeking,
                transport.diverged,
            )
        )
        self._newly_saved = True
        return problem

    @property
    def _leave_due(self) -> float | None:
        """When to hand out what was saved; None where nothing was."""
        return self._left_at + LEAVE_SECONDS if self._newly_saved else None

    def _leave_files(self) -> None:
        self._newly_saved = False
        self._left_at = time.monotonic()
        self.on_left()

    def _scene(self) -> Scene:
        transport = self._transport
        return Scene(
            run=transport.run,
            number=self._number,
            past=transport.past,
            era=transport.era,
            weights=transport.weights,
            shown=transport.seeking,
            playing=transport.state is State.PLAYING,
            waits=transport.drive.idles(transport.run),
            texts=self._texts,
        )

    def _texts(self) -> Mapping[str, str]:
        transport = self._transport
        told = facts(
            transport.run, transport.state, transport.seeking, transport.drive, transport.diverged
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
        transport = self._transport
        match command:
            case do.Frame():
                self._gallery.ask(command)
            case do.Watch():
                self._gallery.watch(command)
            case do.Play():
                transport.play()
            case do.Step():
                transport.step(command.unit)
            case do.Reach():
                transport.reach(command.epoch)
            case do.Stop():
                transport.stop_at(command)
            case do.Pause():
                transport.pause()
            case do.Seek():
                transport.seek(command.epoch)
            case do.Speed():
                transport.set_speed(command)
            case do.Hold():
                transport.hold(command.epoch)
            case do.Adjust():
                self._run.adjust(command.training)
                self._announce()
            case do.Edit():
                transport.edit(command.edit)
            case do.Branch():
                transport.branch(command.epoch)
            case do.Pack():
                self._pack(self._folder / command.file, command.epoch)
            case do.Copy():
                self._copy(self._folder / command.file)
            case do.Open():
                self._open_recording(self._folder / command.file)
            case do.Draw():
                self._draw(command)
            case do.Undraw():
                self._undraw()
            case do.Reset():
                self._run.reset()
                self._start_anew(self._run, None)
            case do.Configure():
                if command.config.data != self._run.config.data:
                    self._strokes.clear()
                self._configure(command.config)
            case do.Suspend():
                transport.suspend(command.suspended)
            case do.Sleep():
                self._fall_asleep()
            case do.End():
                self._end()

    def _configure(self, config: RunConfig) -> None:
        try:
            run, snapshots = self._build(config, self._number + 1)
        except (MemoryError, RuntimeError, OSError) as error:
            raise CommandRefused(
                f"This configuration cannot be built here: {error}. The present run goes on."
            ) from error
        self._start_anew(run, snapshots)

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
        playing = self._transport.state is State.PLAYING
        self._configure(self._run.config.replace(data=data, schedule=()))
        if playing:
            self._transport.train_on()

    def _pack(self, path: Path, epoch: int | None) -> None:
        try:
            path.write_bytes(self._run.pack(epoch))
        except (MemoryError, OSError, ConfigError) as error:
            with suppress(OSError):
                path.unlink(missing_ok=True)
            raise CommandRefused(f"The run cannot be recorded here: {error}.") from error
        self._leave_files()
        # The server names the file after what it holds.
        self._tell("status")

    def _copy(self, folder: Path) -> None:
        problem = self._save()
        if not problem:
            try:
                self._saving.copy(folder, self.rows.file_of(self._run.config))
                self._leave_files()
                return
            except OSError as error:
                problem = str(error)
                shutil.rmtree(folder, ignore_errors=True)
        raise CommandRefused(f"This run cannot be copied here: {problem}.")

    def _open_recording(self, path: Path) -> None:
        snapshots = self._saving.snapshots(self._number + 1)
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
        state = State.PAUSED if run.epoch or run.progress else State.READY
        self._start_anew(run, snapshots, state)

    def _start_anew(self, run: Run, snapshots: Path | None, state: State = State.READY) -> None:
        self._number += 1
        former = self._saving.begin(self._number, snapshots)
        self._gallery.forget()
        self._transport.begin_anew(run, state)
        for path in former:
            path.unlink(missing_ok=True)

    def _fall_asleep(self) -> None:
        problem = self._save()
        if problem:
            raise CommandRefused(f"This session cannot be put to sleep: {problem}.")
        self.asleep = True
        self._leave_files()

    def _leave(self) -> None:
        if self._opening.keep:
            self._save()
            self.asleep = True
        else:
            self._end()

    def _end(self) -> None:
        self._transport.become(State.ENDED)
