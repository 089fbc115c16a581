"""What a report shows of a variational autoencoder: what it generates, what its latents do, and the diagnosis."""

from __future__ import annotations

from typing import Any

from rosenblatt.runs.picture import Picture
from rosenblatt.runs.report import Report
from rosenblatt.runs.rows import Split

_SAMPLES = 16
_LATENTS = 8
_WIDTH = 5.2  # inches


def variational_pictures(estimator: Any, X: Any, part: str) -> list[Picture]:
    """The pictures of a fitted variational autoencoder, beside those of any autoencoder.

    Parameters
    ----------
    estimator : fitted
    X : array-like
        Images, or rows of numbers.
    part : {"test", "training"}
        Which rows they are.

    Returns
    -------
    list of Picture
        Samples, where rows are images, and traversals.
    """
    samples = [] if estimator.image_shape_ is None else [_samples(estimator)]
    return [*samples, _traversals(estimator, X, part)]


def add_diagnosis(report: Report, estimator: Any, rows: Split) -> None:
    """Add the chapter with the verdict, and what it rests on."""
    X, part = (rows.X, "training") if rows.X_test is None else (rows.X_test, "test")
    found = estimator.diagnose(X)
    chapter = report.chapter("Diagnosis", "diagnosis")
    chapter.text(f"On {found.n_rows:,} {part} rows: **{found.verdict}**. {found.remedy}")
    chapter.table(["", "found", "what it means"], found.rows(), f"The weight of the KL: {found.weight}.")


def _samples(estimator: Any) -> Picture:
    from rosenblatt.display import SamplesDisplay

    return Picture(
        "samples",
        "What is generated",
        lambda ax: SamplesDisplay.from_estimator(estimator, n_samples=_SAMPLES, random_state=0, ax=ax),
        "A grid of generated images",
        "Codes from N(0, I), decoded.",
        (_WIDTH, 3.4),
    )


def _traversals(estimator: Any, X: Any, part: str) -> Picture:
    from rosenblatt.display import TraversalDisplay

    n_latents = min(estimator.latent_dim, _LATENTS)
    return Picture(
        "traversals",
        "What the latents do",
        lambda ax: TraversalDisplay.from_estimator(estimator, X, n_latents=_LATENTS, ax=ax),
        "For each latent a row of what is decoded along it",
        f"One latent at a time, the others at 0, in the order of their KL on the {part} rows.",
        (_WIDTH, 0.6 * n_latents + 0.8),
    )
