"""What a report shows of a GAN: how the game went, what is generated, and the referee's verdict."""

from __future__ import annotations

from typing import Any

from rosenblatt.models.game_recorder import GameRecorder
from rosenblatt.runs.picture import Picture
from rosenblatt.runs.report import Report
from rosenblatt.runs.rows import Split

_SAMPLES = 16
_WIDTH = 5.2  # inches


def game_pictures(estimator: Any, X: Any, y: Any, part: str) -> list[Picture]:
    """The pictures of a fitted GAN.

    Parameters
    ----------
    estimator : fitted
    X : array-like
        Images, or rows of numbers.
    y : ndarray or None
        Their classes, where the model is conditional.
    part : {"test", "training"}
        Which rows they are.

    Returns
    -------
    list of Picture
        The history of the game, its end, and where rows are images samples.
    """
    samples = [] if estimator.image_shape_ is None else [_samples(estimator)]
    history = [_history(estimator)] if estimator.history_.rows else []
    return [*history, *samples, _end(estimator, X, y, part)]


def add_game(report: Report, estimator: Any, rows: Split, recorder: GameRecorder | None) -> None:
    """Add the chapters with the phases of the game and with the verdict, where they are known."""
    if recorder is not None:
        chapter = report.chapter("The phases of the game", "phases")
        chapter.figure(
            lambda: _phases(estimator, rows, recorder),
            alt="The game at its start, after its first update, and as it goes on",
            caption="Each phase at its first moment, found by what was measured.",
            wide=True,
        )
    if hasattr(estimator, "diagnosis_"):
        found = estimator.diagnose()
        chapter = report.chapter("What the referee says", "referee")
        chapter.text(f"On {found.n_rows:,} rows that no player learned from: **{found.verdict}**. {found.remedy}")
        columns = ["", "found", "95 %", "ideal", "what it means"]
        chapter.table(columns, found.rows(), f"Rows and samples are compared by {found.features}.")


def _history(estimator: Any) -> Picture:
    from rosenblatt.display import GameHistoryDisplay

    return Picture(
        "game-history",
        "How the game went",
        lambda ax: GameHistoryDisplay.from_estimator(estimator, ax=ax),
        "Curves of the discriminator's confidence on rows and on samples by epoch",
        "What the discriminator says of rows and of samples, means over each epoch; they meet where it cannot tell.",
    )


def _samples(estimator: Any) -> Picture:
    from rosenblatt.display import SamplesDisplay

    return Picture(
        "samples",
        "What is generated",
        lambda ax: SamplesDisplay.from_estimator(estimator, n_samples=_SAMPLES, random_state=0, ax=ax),
        "A grid of generated images",
        "Codes from N(0, I), and what the generator makes of them.",
        (_WIDTH, 3.4),
    )


def _end(estimator: Any, X: Any, y: Any, part: str) -> Picture:
    from rosenblatt.display import GameDisplay

    return Picture(
        "game",
        "The end of the game",
        lambda ax: GameDisplay.from_estimator(estimator, X, y, ax=ax),
        "Rows and samples, and the discriminator's confidence",
        f"Some of the {part} rows, as many samples, and what the discriminator thinks of them.",
        (_WIDTH, 4.6),
    )


def _phases(estimator: Any, rows: Split, recorder: GameRecorder) -> Any:
    from rosenblatt.display import GameDisplay

    return GameDisplay.of_game(estimator, rows.X, rows.y, recorder=recorder).plot_phases().figure_
