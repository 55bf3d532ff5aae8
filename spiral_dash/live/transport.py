"""How a run goes: it plays, pauses, goes by steps and back to an earlier epoch."""

from __future__ import annotations

import time
from collections.abc import Callable

from spiral_dash.core.edits import Edit
from spiral_dash.core.run import Run
from spiral_dash.live import commands as do
from spiral_dash.live.drive import Drive
from spiral_dash.live.hold import Hold
from spiral_dash.live.opening import CommandRefused
from spiral_dash.live.replay import Replay, following
from spiral_dash.live.states import State, follow
from spiral_dash.live.stop import why_not

SLICE_SECONDS = 0.005
LAST_SECONDS = 0.1
"""A pause waits so long for the epoch under way, so that what is shown is the end of one."""


class Transport:
    """Where a run is, and what moves it.

    `seeking` is the epoch on show, None for the network as it is now; `diverged` the sentence of a
    run that diverged, or "". `weights` counts the slices of training, `era` how often something
    else was shown, and `past` how often there was another past. `moved` is called after a slice,
    or with another epoch on show; `changed` with another state, or when a person changed something.
    """

    def __init__(
        self, speed: do.Speed, moved: Callable[[], None], changed: Callable[[], None]
    ) -> None:
        self.drive = Drive(speed)
        self.state = State.READY
        self.seeking: int | None = None
        self.diverged = ""
        self.suspended = False
        self.past = self.era = self.weights = 0
        self._replay = Replay()
        self._moved, self._changed = moved, changed
        self.run: Run

    def begin(self, run: Run, reach: int | None) -> None:
        """Take a run's first moment, and train to the epoch `reach` if one is given."""
        self.run = run
        self.diverged = run.diverged or ""
        self.state = State.DIVERGED if self.diverged else State.READY
        if reach and not self.diverged:
            self.state = State.PLAYING
            self.drive.begin(reach=reach)

    def restore(
        self, run: Run, drive: Drive, state: State, seeking: int | None, diverged: str
    ) -> None:
        """Go on from where a run was."""
        self.run, self.drive, self.state = run, drive, state
        self.seeking, self.diverged = seeking, diverged
        if state is State.REPLAYING and not self._is_past:
            self.state = self._resting

    def begin_anew(self, run: Run, state: State = State.READY) -> None:
        """Take another run, or the same one that begins anew."""
        self.run = run
        self.seeking = None
        self.era += 1
        self.past += 1
        self.diverged = run.diverged or ""
        self.become(State.READY)
        after = State.DIVERGED if self.diverged else state
        if after is not State.READY:
            self.become(after)

    # What moves by itself.

    def due(self) -> float | None:
        """When what moves by itself may go on; None where nothing does."""
        if self.suspended:
            return None
        if self.state is State.PLAYING:
            return self.drive.due(self.run)
        if self.state is State.REPLAYING and self.seeking is not None:
            return self._replay.due(self.run, self.seeking, self.drive.pace.speed)
        return None

    def hurries_until(self) -> float | None:
        """Until when no frame is made, because the one that counts is that of the hold's end."""
        if self.state is not State.PLAYING or self.suspended:
            return None
        until = self.drive.hold.hurries_until(self.run)
        return until if until is not None and time.monotonic() < until else None

    def move(self, due: float) -> None:
        """Train a slice, or show the next epoch, which was `due`."""
        if self.state is State.PLAYING:
            self._train(SLICE_SECONDS)
        else:
            self._show_next()
            self._replay.showed(due, time.monotonic())

    def _show_next(self) -> None:
        """Show the kept epoch that followed the one on show, and rest at the newest."""
        assert self.seeking is not None
        after = following(self.run, self.seeking)
        self._jump_to(after)
        if after is None:
            self._rest()
        self._moved()

    def _train(self, seconds: float, *, to_end: bool = False) -> None:
        rests = self.drive.train(self.run, seconds, to_end=to_end)
        self.weights += 1
        self.diverged = self.run.diverged or ""
        self._moved()
        if rests:
            self._rest()

    @property
    def _resting(self) -> State:
        return State.DIVERGED if self.diverged else State.PAUSED

    def _rest(self) -> None:
        self.become(self._resting)

    def become(self, state: State) -> None:
        """Change the state, and let everyone know at once."""
        self.state = follow(self.state, state)
        if state is not State.PLAYING:
            self.drive.rest()
        self._changed()

    # What a person asks for.

    @property
    def _is_past(self) -> bool:
        """Whether an epoch is on show that others followed."""
        run, shown = self.run, self.seeking
        return shown is not None and (shown < run.epoch or run.progress > 0.0)

    def play(self) -> None:
        """Play again what was, or train on."""
        if self.state is State.REPLAYING:
            return
        if self._is_past:
            self._replay.begin(time.monotonic())
            self.become(State.REPLAYING)
        else:
            self.train_on()

    def train_on(self, *, step: do.Unit | None = None, reach: int | None = None) -> None:
        """Train from the newest epoch; raise `CommandRefused` where that is the end."""
        if self.diverged:
            raise CommandRefused(f"{self.diverged} Or go back to an earlier epoch.")
        self._jump_to(None)
        self.drive.begin(step=step, reach=reach)
        self.become(State.PLAYING)

    def step(self, unit: do.Unit) -> None:
        """Train a batch or an epoch, or show the next one; raise `CommandRefused`."""
        if not self._is_past:
            self._pause_replay()
            self.train_on(step=unit)
        elif unit is do.Unit.BATCH:
            raise CommandRefused(
                f"The batches after epoch {self.seeking} are past, and only whole epochs are "
                "kept: branch here to train them again."
            )
        else:
            self._pause_replay()
            self._show_next()
            self._changed()

    def reach(self, epoch: int) -> None:
        """Train to an epoch, or show it."""
        self._pause_replay()
        if epoch > self.run.epoch:
            self.train_on(reach=epoch)
        elif epoch < self.run.epoch:
            self.seek(epoch)
        else:
            self.seek(None)

    def stop_at(self, stop: do.Stop) -> None:
        """Take what to stop at; raise `CommandRefused` where that cannot be reached."""
        refusal = why_not(stop, self.run)
        if refusal:
            raise CommandRefused(refusal)
        self.drive.stop = stop
        self._changed()

    def set_speed(self, speed: do.Speed) -> None:
        """Train, or show again, as fast as that."""
        self.drive.set_speed(speed)
        self._replay.begin(time.monotonic())
        self._changed()

    def hold(self, epoch: int | None) -> None:
        """Wait at the end of an epoch, None for no such wait."""
        self.drive.hold = Hold(epoch, time.monotonic())

    def suspend(self, suspended: bool) -> None:
        """Stand still while nobody is there."""
        self.suspended = suspended
        self.drive.rates.clear()

    def pause(self) -> None:
        """Rest, at the end of an epoch where that is soon."""
        self._pause_replay()
        if self.state is State.PLAYING and self.drive.finishes_epochs(self.run):
            self._train(LAST_SECONDS, to_end=True)
        if self.state is State.PLAYING:
            self.become(State.PAUSED)

    def _pause_replay(self) -> None:
        if self.state is State.REPLAYING:
            self._rest()

    def seek(self, epoch: int | None) -> None:
        """Show an epoch, None for the network as it is now; raise `CommandRefused`."""
        if epoch is not None and epoch > self.run.epoch:
            raise CommandRefused(
                f"Epoch {epoch} is not in the history: expected 0 to {self.run.epoch}."
            )
        self.pause()
        self._jump_to(None if epoch is None else self.run.nearest_epoch(epoch))
        self._changed()

    def _jump_to(self, epoch: int | None) -> None:
        if epoch != self.seeking:
            self.seeking = epoch
            self.era += 1

    def edit(self, edit: Edit) -> None:
        """Change the network by hand; raise `CommandRefused`, or `ConfigError`."""
        if self.seeking is not None:
            raise CommandRefused(
                f"The network of epoch {self.seeking} is past and cannot be changed: go back to "
                "the present one, or branch from here first."
            )
        if self.state is State.DIVERGED:
            raise CommandRefused(f"{self.diverged} Or go back to an earlier epoch.")
        self.run.edit(**edit.model_dump(exclude={"epoch", "step"}))
        self.weights += 1
        self.past += 1
        if self.run.diverged:
            self.diverged = self.run.diverged
            self.become(State.DIVERGED)
        else:
            self._changed()

    def branch(self, epoch: int) -> None:
        """Have an epoch be the newest; raise `ConfigError`."""
        self.run.branch(epoch)
        self.seeking = None
        self.diverged = ""
        self.era += 1
        self.past += 1
        self.pause()
        self.become(State.READY if epoch == 0 else State.PAUSED)
