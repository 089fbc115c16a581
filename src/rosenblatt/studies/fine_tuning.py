"""What a trained encoder is worth to a network that learns from few labels: fine-tuned, frozen, or not used at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from rich.table import Table
from sklearn.base import clone

from rosenblatt.models.fine_tuning import fine_tune
from rosenblatt.models.tables import PrintedTable
from rosenblatt.studies.few_labels import check_study, label_table, labelled_rows, written_rows

_STRATEGIES = ("fine-tuned", "frozen encoder", "from scratch")


@dataclass(frozen=True)
class FineTuningReport(PrintedTable):
    """Test accuracy of one network over the number of labels, by how its layers began; prints as a table.

    Attributes
    ----------
    n_labels : ndarray of int (n_counts,)
        Labelled rows of each class.
    strategies : tuple of str
        "fine-tuned": the head learns on the frozen encoder, then all layers do. "frozen encoder": the head alone
        learns, for all epochs. "from scratch": the same network, for as many epochs, from random weights.
    accuracies : ndarray (n_strategies, n_counts, n_seeds)
    freeze_epochs, max_epochs : int
    """

    n_labels: np.ndarray
    strategies: tuple[str, ...]
    accuracies: np.ndarray
    freeze_epochs: int
    max_epochs: int

    def curves(self) -> dict[str, np.ndarray]:
        """The accuracies (n_counts, n_seeds), by the name of the strategy."""
        return dict(zip(self.strategies, self.accuracies, strict=True))

    def __rich__(self) -> Table:
        table = label_table(
            f"Test accuracy after {self.max_epochs} epochs, {self.freeze_epochs} of them frozen where fine-tuned",
            f"mean and standard deviation over {self.accuracies.shape[-1]} draws of the labelled rows",
            self.n_labels,
        )
        for row in written_rows(self.curves()):
            table.add_row(*row)
        return table


def fine_tuning_report(
    encoder: Any,
    X: Any,
    y: Any,
    X_test: Any,
    y_test: Any,
    *,
    n_labels: Sequence[int] = (1, 3, 10, 30),
    n_seeds: int = 5,
    random_state: int = 0,
    freeze_epochs: int = 20,
    max_epochs: int = 100,
    **settings: Any,
) -> FineTuningReport:
    """Compares networks that begin with a trained encoder with the same network trained from scratch.

    All learn from the same labelled rows for the same epochs with the same settings, so what differs is where they
    start, and which layers learn.

    Parameters
    ----------
    encoder : Autoencoder
        Fitted.
    X : ndarray (n_samples, n_features), or images (n, height, width[, channels])
        Rows as for ``fine_tune``, of which only the labelled ones are learned from.
    y : array-like (n_samples,)
        Classes.
    X_test, y_test : as X and y
        What the accuracies are measured on.
    n_labels : sequence of int, default=(1, 3, 10, 30)
        Labelled rows of each class, at most as many as X has.
    n_seeds : int, default=5
        How often the labelled rows are drawn, and the networks trained.
    random_state : int, default=0
        The first seed.
    freeze_epochs, max_epochs : int, default=20 and 100
        As for ``fine_tune``.
    **settings
        Others of ``fine_tune``: ``learning_rate``, ``hidden_layer_sizes``, ``batch_size``, ...

    Returns
    -------
    FineTuningReport

    Raises
    ------
    TypeError
        If the encoder is no autoencoder, or a setting is not one of ``fine_tune``, or is for rows of one fit.
    ValueError
        If y holds no classes, a class has too few rows, or a number is out of its range.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from rosenblatt import Autoencoder
    >>> from rosenblatt.studies import fine_tuning_report
    >>> X, y = load_digits(return_X_y=True)
    >>> encoder = Autoencoder(latent_dim=16, learning_rate=0.003, max_epochs=40, random_state=0).fit(X[:1300] / 16)
    >>> report = fine_tuning_report(
    ...     encoder, X[:1300] / 16, y[:1300], X[1300:] / 16, y[1300:], n_labels=(3,), n_seeds=2, batch_size=16
    ... )
    >>> report.strategies, report.accuracies.shape
    (('fine-tuned', 'frozen encoder', 'from scratch'), (3, 1, 2))
    """
    of_rows = {"sample_weight", "validation_data"} & set(settings)
    if of_rows:
        raise TypeError(f"{', '.join(sorted(of_rows))} cannot be given, since every fit has other rows")
    labels, counts = check_study(y, n_labels, n_seeds)
    rows, settings = np.asarray(X), settings | {"task": "classification", "max_epochs": max_epochs}
    accuracies = np.empty((len(_STRATEGIES), len(counts), n_seeds))
    for column in range(n_seeds):
        seed = random_state + column
        for line, chosen in enumerate(labelled_rows(labels, counts, seed)):
            few, targets = rows[chosen], labels[chosen]
            tuned, frozen = (
                fine_tune(encoder, few, targets, freeze_epochs=n, random_state=seed, **settings)
                for n in (freeze_epochs, max_epochs)
            )
            scratch: Any = clone(tuned)
            scratch.fit(few, targets)
            accuracies[:, line, column] = [model.score(X_test, y_test) for model in (tuned, frozen, scratch)]
    return FineTuningReport(counts, _STRATEGIES, accuracies, freeze_epochs, max_epochs)
