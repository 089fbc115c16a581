"""What leads through a tour: bars while its networks train, and the results that are told at its end."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from rosenblatt.training.callbacks import Callback, Logs

if TYPE_CHECKING:
    from rosenblatt.training.loop import Training

__all__ = ["Guide", "Visit"]

Estimator = TypeVar("Estimator", bound=Any)
Item = TypeVar("Item")


@dataclass
class Visit:
    """A chapter that was gone through: its title, what was found there by name, and how long it took in seconds."""

    title: str
    results: dict[str, object] = field(default_factory=dict)
    seconds: float = 0.0


class Guide:
    """Passed to each chapter of a tour.

    Parameters
    ----------
    console : rich.console.Console
        Where progress and results are shown.
    explorer : path, default="explorer.html"
        Where a chapter writes a page to explore what it trained.

    Attributes
    ----------
    visits : list of Visit
    """

    def __init__(self, console: Console, explorer: Path = Path("explorer.html")) -> None:
        self.console, self.explorer = console, explorer
        self.visits: list[Visit] = []
        self._progress: Progress | None = None

    @contextmanager
    def chapter(self, title: str) -> Iterator[None]:
        """Shows the bars of one chapter while the body runs, and notes its seconds."""
        self.visits.append(Visit(title))
        began = time.perf_counter()
        self.console.print(title, style="bold", highlight=False, markup=False)
        try:
            with _bars(self.console) as self._progress:
                task = self._progress.add_task("  text and pictures", total=None, numbers="")
                yield
                self._progress.update(task, total=1, completed=1)
        finally:
            self._progress = None
            self.visits[-1].seconds = time.perf_counter() - began

    def fit(self, label: str, estimator: Estimator, X: Any, y: Any, **arguments: Any) -> Estimator:
        """Trains an estimator with a bar of its own.

        Parameters
        ----------
        label : str
            What is trained, in a few words.
        estimator : an estimator that the engine trains
        X, y : array-like
        **arguments
            The others of ``fit``.

        Returns
        -------
        the estimator, fitted
        """
        callbacks = estimator.callbacks
        estimator.set_params(callbacks=[*callbacks, _Bar(self._shown_progress(), f"  {label}")])
        try:
            return estimator.fit(X, y, **arguments)
        finally:
            estimator.set_params(callbacks=callbacks)

    def track(self, label: str, items: Iterable[Item]) -> Iterator[Item]:
        """Goes through items with one bar for all of them, for many fits that are quick."""
        items = list(items)
        progress = self._shown_progress()
        task = progress.add_task(f"  {label}", total=len(items), numbers="")
        for item in items:
            yield item
            progress.advance(task)

    def result(self, name: str, value: object) -> None:
        """Notes a number or a text of the chapter for the table at the end."""
        self.visits[-1].results[name] = value

    def _shown_progress(self) -> Progress:
        if self._progress is None:
            raise RuntimeError(
                "no chapter has begun, so there is no place for a bar; do it in `with guide.chapter(title)`"
            )
        return self._progress

    def table(self) -> Table:
        """What was found, chapter by chapter."""
        table = Table(show_header=False, pad_edge=False, box=box.SIMPLE)
        table.add_column(max_width=60)
        table.add_column(justify="right")
        for visit in self.visits:
            table.add_row(f"[bold]{visit.title}", f"[dim]{visit.seconds:.1f} s")
            for name, value in visit.results.items():
                table.add_row(f"  {name}", _shown(value))
            table.add_section()
        return table


class _Bar(Callback):
    """A bar of a progress display that is there already, for one fit."""

    def __init__(self, progress: Progress, label: str) -> None:
        self.progress, self.label = progress, label

    def on_train_begin(self, training: Training) -> None:
        total = training.settings.max_epochs
        self.task: TaskID = self.progress.add_task(self.label, total=total, numbers="compiling")

    def on_steps(self, training: Training, step: int, n_steps: int) -> None:
        self.progress.update(self.task, completed=training.state.epoch + step / n_steps)

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        self.progress.update(self.task, completed=epoch, numbers=_numbers(logs))

    def on_train_end(self, training: Training) -> None:
        self.progress.update(self.task, total=max(training.state.epoch, 1))


def _bars(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=14),
        MofNCompleteColumn(),
        TextColumn("{task.fields[numbers]}"),
        TimeElapsedColumn(),
        console=console,
        refresh_per_second=8,
    )


def _numbers(logs: Logs) -> str:
    """What D says in a game; else the risk on rows that were held out where there are any, or on the training rows."""
    if "train_discriminator_real" in logs:
        return f"D(x) {logs['train_discriminator_real']:.2f}, D(G(z)) {logs['train_discriminator_fake']:.2f}"
    return f"risk {logs.get('validation_risk', logs['train_risk']):.4f}"


def _shown(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
