"""What leads through a tour: bars while its networks train, and the results that are told at its end."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from rosenblatt.training.callbacks import Callback, Logs

if TYPE_CHECKING:
    from rosenblatt.training.loop import Training

__all__ = ["Guide", "Visit"]

Estimator = TypeVar("Estimator", bound=Any)


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

    Attributes
    ----------
    visits : list of Visit
    """

    def __init__(self, console: Console) -> None:
        self.console = console
        self.visits: list[Visit] = []
        self._progress: Progress | None = None

    @contextmanager
    def chapter(self, title: str) -> Iterator[None]:
        """Shows the bars of one chapter while the body runs, and notes its seconds."""
        self.visits.append(Visit(title))
        began = time.perf_counter()
        with _bars(self.console) as self._progress:
            task = self._progress.add_task(f"[bold]{title}", total=None, numbers="")
            yield
            self._progress.update(task, total=1, completed=1)
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
        if self._progress is None:
            raise RuntimeError("fit was called outside of a chapter; call it within `with guide.chapter(title):`")
        estimator.set_params(callbacks=[*estimator.callbacks, _Bar(self._progress, f"  {label}")])
        return estimator.fit(X, y, **arguments)

    def result(self, name: str, value: object) -> None:
        """Notes a number or a text of the chapter for the table at the end."""
        self.visits[-1].results[name] = value

    def table(self) -> Table:
        """What was found, chapter by chapter."""
        table = Table(title="What was found", title_justify="left", title_style="bold")
        for heading, justify in (("chapter", "left"), ("result", "left"), ("value", "right"), ("seconds", "right")):
            table.add_column(heading, justify=justify)
        for visit in self.visits:
            titles = [visit.title, *[""] * len(visit.results)]
            seconds = [f"{visit.seconds:.1f}", *[""] * len(visit.results)]
            for title, (name, value), taken in zip(titles, visit.results.items(), seconds, strict=False):
                table.add_row(title, name, _shown(value), taken)
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
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TextColumn("{task.fields[numbers]}"),
        TimeElapsedColumn(),
        console=console,
        refresh_per_second=8,
    )


def _numbers(logs: Logs) -> str:
    """The risk on rows that were held out where there are any, otherwise on the training rows."""
    part = "validation" if "validation_risk" in logs else "train"
    return f"{part} risk {logs[f'{part}_risk']:.4f}"


def _shown(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
