"""What a learned representation is good for: classifying with few labels, clustering and retrieval.

A representation is judged by what simple methods make of it (Bengio, Courville and Vincent, "Representation learning: a
review and new perspectives", IEEE TPAMI 35, 2013), beside what they make of the raw rows and of as many principal
components, which need no training to speak of.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from rich.console import Group
from rich.table import Table
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import adjusted_rand_score
from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors
from sklearn.svm import SVC
from sklearn.utils import check_array
from sklearn.utils.validation import check_is_fitted

from rosenblatt.data.checks import flatten_images
from rosenblatt.models.tables import PrintedTable
from rosenblatt.studies.few_labels import check_study, label_table, labelled_rows, mean_and_spread, written_rows

_STARTS = 3  # of k-means, for each seed
_NEIGHBORS = 5  # of k-nearest neighbours, at most
_LINEAR: dict[str, Callable[[], Any]] = {
    "logistic regression": lambda: LogisticRegression(max_iter=5000),
    "linear SVM": lambda: SVC(kernel="linear"),
}
_NEAREST = "nearest neighbours"


@dataclass(frozen=True)
class RepresentationReport(PrintedTable):
    """How well simple methods do on representations of the same rows; prints as tables.

    Attributes
    ----------
    n_labels : ndarray of int (n_counts,)
        Labelled rows of each class.
    representations, classifiers : tuple of str
    accuracies : ndarray (n_classifiers, n_representations, n_counts, n_seeds)
        On the test rows.
    cluster_scores : ndarray (n_representations, n_seeds)
        The adjusted Rand index of k-means, which sees no labels, on the test rows: 0 is chance, 1 the classes.
    precisions : ndarray (n_representations,)
        Retrieval: the share of the ``n_neighbors`` training rows nearest to a test row that are of its class.
    n_neighbors : int
    n_rows : int
        Training rows, all of which PCA, the scales, k-means and retrieval see without labels.
    """

    n_labels: np.ndarray
    representations: tuple[str, ...]
    classifiers: tuple[str, ...]
    accuracies: np.ndarray
    cluster_scores: np.ndarray
    precisions: np.ndarray
    n_neighbors: int
    n_rows: int

    def curves(self, classifier: str = "logistic regression") -> dict[str, np.ndarray]:
        """The accuracies of a classifier (n_counts, n_seeds), by the name of the representation."""
        if classifier not in self.classifiers:
            known = ", ".join(map(repr, self.classifiers))
            raise ValueError(f"classifier={classifier!r} is not known; use one of {known}")
        return dict(zip(self.representations, self.accuracies[self.classifiers.index(classifier)], strict=True))

    def __rich__(self) -> Group:
        n_seeds = self.accuracies.shape[-1]
        few = label_table(
            f"Test accuracy by representation; {self.n_rows:,} rows without labels",
            f"mean and standard deviation over {n_seeds} draws of the labelled rows",
            self.n_labels,
        )
        for classifier in self.classifiers:
            few.add_section()
            few.add_row(classifier)
            for row in written_rows(self.curves(classifier)):
                few.add_row(*row)
        rest = Table()
        for name in ("", "k-means: adjusted Rand index", f"retrieval: precision at {self.n_neighbors}"):
            rest.add_column(name, justify="right" if name else "left")
        for name, scores, precision in zip(self.representations, self.cluster_scores, self.precisions, strict=True):
            rest.add_row(name, mean_and_spread(scores), f"{precision:.3f}")
        return Group(few, rest)


def representation_report(
    encoder: Any,
    X: Any,
    y: Any,
    X_test: Any,
    y_test: Any,
    *,
    n_labels: Sequence[int] = (1, 3, 10, 30),
    n_seeds: int = 5,
    n_neighbors: int = 10,
    random_state: int = 0,
) -> RepresentationReport:
    """Compares a trained encoder's codes with the raw rows, and with as many principal components.

    Logistic regression, a linear support vector machine and nearest neighbours (5 of them, but no more than labels a
    class) learn from few labelled rows, which are the same for all representations; k-means and retrieval need no
    labels. For the linear classifiers, whose penalty depends on the scale, a representation is centred and divided by
    one number, so that its columns have variance 1 on average over all training rows.

    Parameters
    ----------
    encoder : fitted transformer, such as an Autoencoder
    X : ndarray (n_samples, n_features), or images (n, height, width[, channels])
        Rows as the encoder was fitted on.
    y : array-like (n_samples,)
        Classes.
    X_test, y_test : as X and y
        What the scores are measured on.
    n_labels : sequence of int, default=(1, 3, 10, 30)
        Labelled rows of each class, at most as many as X has.
    n_seeds : int, default=5
        How often the labelled rows are drawn, and k-means is started.
    n_neighbors : int, default=10
        Rows that are retrieved for each test row.
    random_state : int, default=0
        The first seed.

    Returns
    -------
    RepresentationReport

    Raises
    ------
    sklearn.exceptions.NotFittedError
        If the encoder is not fitted.
    ValueError
        If y holds no classes, a class has too few rows, or a number is out of its range.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from rosenblatt import Autoencoder
    >>> from rosenblatt.studies import representation_report
    >>> X, y = load_digits(return_X_y=True)
    >>> encoder = Autoencoder(latent_dim=16, learning_rate=0.003, max_epochs=40, random_state=0).fit(X[:1300] / 16)
    >>> report = representation_report(
    ...     encoder, X[:1300] / 16, y[:1300], X[1300:] / 16, y[1300:], n_labels=(1, 10), n_seeds=2
    ... )
    >>> report.representations, report.accuracies.shape
    (('raw rows', 'PCA, 16 components', 'Autoencoder, 16 numbers'), (3, 3, 2, 2))
    """
    check_is_fitted(encoder)
    labels, counts = check_study(y, n_labels, n_seeds)
    truth, seeds = np.asarray(y_test), range(random_state, random_state + n_seeds)
    if not 1 <= n_neighbors <= len(labels):
        raise ValueError(f"n_neighbors={n_neighbors!r}; a number from 1 to the {len(labels)} rows of X is needed")
    found = _representations(encoder, X, X_test)
    drawn = [labelled_rows(labels, counts, seed) for seed in seeds]
    accuracies = np.stack([_accuracies(each, labels, truth, drawn) for each in found], axis=1)
    return RepresentationReport(
        counts,
        tuple(each.name for each in found),
        (*_LINEAR, _NEAREST),
        accuracies,
        np.array([[_cluster_score(each, labels, truth, seed) for seed in seeds] for each in found]),
        np.array([_precision(each, labels, truth, n_neighbors) for each in found]),
        int(n_neighbors),
        len(labels),
    )


class _Representation(NamedTuple):
    name: str
    train: np.ndarray
    test: np.ndarray


def _representations(encoder: Any, X: Any, X_test: Any) -> list[_Representation]:
    codes = [np.asarray(encoder.transform(each)) for each in (X, X_test)]
    rows, test_rows = _rows(X), _rows(X_test)
    n_components = min(codes[0].shape[1], *rows.shape)
    pca: Any = PCA(n_components, random_state=0).fit(rows)
    return [
        _Representation("raw rows", rows, test_rows),
        _Representation(f"PCA, {n_components} components", pca.transform(rows), pca.transform(test_rows)),
        _Representation(f"{type(encoder).__name__}, {codes[0].shape[1]} numbers", codes[0], codes[1]),
    ]


def _rows(X: Any) -> np.ndarray:
    return np.asarray(check_array(flatten_images(X)[0], dtype="float32"))


def _accuracies(each: _Representation, y: np.ndarray, y_test: np.ndarray, drawn: list[list[np.ndarray]]) -> np.ndarray:
    """(n_classifiers, n_counts, n_seeds)."""
    # One scale for all columns: each by its own would make the last principal components as large as the first.
    mean, scale = each.train.mean(axis=0), np.sqrt(each.train.var(axis=0).mean())
    scaled, scaled_test = ((rows - mean) / scale for rows in (each.train, each.test))

    def of(chosen: np.ndarray) -> list[float]:
        per_class = len(chosen) // len(np.unique(y))
        nearest = KNeighborsClassifier(min(_NEIGHBORS, per_class)).fit(each.train[chosen], y[chosen])
        linear = [make().fit(scaled[chosen], y[chosen]).score(scaled_test, y_test) for make in _LINEAR.values()]
        return [*linear, nearest.score(each.test, y_test)]

    return np.moveaxis(np.array([[of(chosen) for chosen in rows] for rows in drawn]), (0, 1, 2), (2, 1, 0))


def _cluster_score(each: _Representation, y: np.ndarray, y_test: np.ndarray, seed: int) -> float:
    means = KMeans(len(np.unique(y)), random_state=seed).set_params(n_init=_STARTS).fit(each.train)
    return float(adjusted_rand_score(y_test, means.predict(each.test)))


def _precision(each: _Representation, y: np.ndarray, y_test: np.ndarray, n_neighbors: int) -> float:
    nearest = NearestNeighbors(n_neighbors=n_neighbors).fit(each.train).kneighbors(each.test, return_distance=False)
    return float((y[nearest] == y_test[:, None]).mean())
