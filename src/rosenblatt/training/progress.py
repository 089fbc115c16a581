"""The progress of a fit, drawn by rich."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from rosenblatt.training.callbacks import Callback, Logs

if TYPE_CHECKING:
    from rosenblatt.training.loop import Training

_SECONDS_BETWEEN_LINES = 5.0


class ProgressBar(Callback):
    """A live bar on a terminal or in a notebook; elsewhere a line every few seconds, and one at the end.

    Parameters
    ----------
    verbose : {1, 2}, default=1
        2 writes a line for every epoch instead of the bar.
    console : rich.console.Console, optional
        Where to write; standard error by default, so that results on standard output stay clean.
    """

    def __init__(self, verbose: int = 1, console: Console | None = None):
        self.verbose = verbose
        self.console = console or Console(stderr=True)
        self.bar: Progress | None = None

    def on_train_begin(self, training: Training) -> None:
        self.training, self.logs = training, {}
        self.last_line = time.monotonic()
        self.lines = self.verbose == 2 or not (self.console.is_terminal or self.console.is_jupyter)
        if not self.lines:
            self.bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.fields[numbers]}"),
                TimeElapsedColumn(),
                TimeRemainingColumn(),
                console=self.console,
                refresh_per_second=5,
            )
            total = training.settings.max_epochs
            self.task = self.bar.add_task("epoch", total=total, completed=training.state.epoch, numbers="compiling")
            self.bar.start()

    def on_steps(self, training: Training, step: int, n_steps: int) -> None:
        if self.bar:
            numbers = f"{self._numbers(self.logs)} {100 * step // n_steps:3d} % of epoch {training.state.epoch + 1}"
            self.bar.update(self.task, completed=training.state.epoch + step / n_steps, numbers=numbers)

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        self.logs = logs
        if self.bar:
            self.bar.update(self.task, completed=epoch, numbers=self._numbers(logs))
        elif self.verbose == 2 or time.monotonic() - self.last_line > _SECONDS_BETWEEN_LINES:
            self._write_line(epoch, logs)

    def _write_line(self, epoch: int, logs: Logs) -> None:
        self.last_line, self.logs = time.monotonic(), {}
        seconds = sum(value for name, value in logs.items() if name.endswith("_seconds"))
        total = self.training.settings.max_epochs
        line = f"epoch {epoch}/{total}  {self._numbers(logs)}  {seconds:.2f} s"
        self.console.print(line, highlight=False, soft_wrap=True)

    def on_train_end(self, training: Training) -> None:
        if self.bar:
            self.bar.stop()
        elif self.logs:
            self._write_line(int(self.logs["epoch"]), self.logs)

    def _numbers(self, logs: Logs) -> str:
        """The columns that are results, not times: "train risk 0.123"."""
        results = [name for name in logs if name != "epoch" and not name.endswith("_seconds")]
        shown = {name: logs[name] for name in self.training.settings.shown or results if name in logs}
        named = ((name.replace("_", " "), value) for name, value in shown.items() if not math.isnan(value))
        return "  ".join(f"{name} {value:.4g}" for name, value in named)
