"""Classifying with a network: labels in, probabilities out."""

from dataclasses import dataclass
from typing import Any, Self

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int
from scipy.special import expit, log_expit, log_softmax, softmax
from sklearn.base import ClassifierMixin
from sklearn.utils import assert_all_finite, column_or_1d, compute_sample_weight
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import check_is_fitted

from rosenblatt.losses.classification import binary_cross_entropy, categorical_cross_entropy, real_outputs
from rosenblatt.models import fields
from rosenblatt.models.base import NetworkEstimator
from rosenblatt.models.supervised import Measure, RowLoss, SupervisedEstimator, risk_of
from rosenblatt.training.players import Player
from rosenblatt.types import AnyArray


def binary_accuracy(
    logits: Float[Array, "rows labels"], targets: Float[Array, "rows labels"], n_outputs: Int[AnyArray, ""]
) -> Float[Array, " rows"]:
    """1 where all labels of the row are right, else 0."""
    right = ((logits > 0) == (targets > 0.5)) | (real_outputs(logits, n_outputs) == 0)
    return right.all(-1).astype(jnp.float32)


def categorical_accuracy(
    logits: Float[Array, "rows classes"], targets: Int[Array, " rows"], n_outputs: Int[AnyArray, ""]
) -> Float[Array, " rows"]:
    """1 where the largest logit is that of the target, else 0."""
    possible = jnp.where(real_outputs(logits, n_outputs) > 0, logits, -jnp.inf)
    return (possible.argmax(-1) == targets).astype(jnp.float32)


def _some(classes: np.ndarray) -> str:
    """The classes as a list, the first ten of them where there are more."""
    shown = ", ".join(map(repr, classes[:10].tolist()))
    return f"[{shown}]" if len(classes) <= 10 else f"[{shown}, ... {len(classes)} in all]"


_KINDS: dict[str, tuple[RowLoss, Measure]] = {
    "binary": (binary_cross_entropy, binary_accuracy),
    "multiclass": (categorical_cross_entropy, categorical_accuracy),
    "multilabel": (binary_cross_entropy, binary_accuracy),
}


@dataclass(kw_only=True, repr=False, eq=False)
class SupervisedClassifier(ClassifierMixin, SupervisedEstimator):
    """Fields and verbs of the classifiers.

    Two classes are learned with one output, more with an output each; a table of 0 and 1, with a column for each
    label, with an output for each label.

    Parameters
    ----------
    class_weight : dict, "balanced" or None, default=None
        A weight for each class, which multiplies ``sample_weight``; "balanced" makes all classes count the same.
    """

    class_weight: fields.ClassWeight = None

    def partial_fit(self, X: Any, y: Any, classes: Any = None, *, sample_weight: Any = None) -> Self:
        """One epoch on (X, y) from where the estimator stands; the first call starts it.

        Parameters
        ----------
        X, y : as for ``fit``
        classes : array-like (n_classes,), optional
            All classes that will ever be seen; needed in the first call where y does not hold them all.
        sample_weight : array-like (n_samples,), optional

        Returns
        -------
        self
        """
        if classes is not None:
            known = np.unique(classes)
            if hasattr(self, "networks_") and not np.array_equal(known, self.classes_):
                raise ValueError(
                    f"classes={known.tolist()} differ from those of the first call, {self.classes_.tolist()}"
                )
            self._announced_classes = known
        try:
            return super().partial_fit(X, y, sample_weight=sample_weight)
        finally:
            self.__dict__.pop("_announced_classes", None)

    def predict(self, X: Any) -> np.ndarray:
        """The most probable class of each row (n_samples,), or its labels (n_samples, n_labels)."""
        check_is_fitted(self)
        logits = self._logits(X)
        if self._kind == "multilabel":
            return (logits > 0).astype(int)
        return self.classes_[logits.argmax(1) if self._kind == "multiclass" else (logits[:, 0] > 0).astype(int)]

    def decision_function(self, X: Any) -> np.ndarray:
        """The network's outputs: (n_samples,) for two classes, otherwise (n_samples, n_classes or n_labels)."""
        check_is_fitted(self)
        logits = self._logits(X)
        return logits[:, 0] if self._kind == "binary" else logits

    def _encode(self, y: Any, *, reset: bool) -> np.ndarray:
        if getattr(y, "dtype", None) in (np.float32, np.float64):
            assert_all_finite(y, input_name="y")
        check_classification_targets(y)
        multilabel = type_of_target(y, input_name="y") == "multilabel-indicator"
        if multilabel:
            return self._encode_labels(y, reset=reset)
        if not reset and self._kind == "multilabel":
            raise ValueError(f"y is one-dimensional; the fit before had a table of {self.n_outputs_} labels a row")
        y = column_or_1d(y, warn=True)
        if reset:
            self._set_classes(y)
        unknown = np.setdiff1d(y, self.classes_)
        if len(unknown):
            raise ValueError(f"y holds classes {_some(unknown)} that are not among {_some(self.classes_)}")
        codes = np.searchsorted(self.classes_, y)
        return codes.astype(np.int32) if self._kind == "multiclass" else codes[:, None].astype(np.float32)

    def _encode_labels(self, y: Any, *, reset: bool) -> np.ndarray:
        y = np.asarray(y.todense() if hasattr(y, "todense") else y)
        if reset:
            self._kind, self.n_outputs_, self.classes_ = "multilabel", y.shape[1], np.arange(y.shape[1])
        if self._kind != "multilabel" or y.shape[1] != self.n_outputs_:
            raise ValueError(f"y has {y.shape[1]} labels a row; the fit before had {self.n_outputs_} outputs")
        return y.astype(np.float32)

    def _set_classes(self, y: np.ndarray) -> None:
        classes = getattr(self, "_announced_classes", None)
        self.classes_ = np.unique(y) if classes is None else classes
        if len(self.classes_) < 2:
            raise ValueError(
                f"{type(self).__name__} needs at least two classes to tell apart; y holds one class only: "
                f"{self.classes_.tolist()[0]!r}"
            )
        self._kind = "binary" if len(self.classes_) == 2 else "multiclass"
        self.n_outputs_ = 1 if self._kind == "binary" else len(self.classes_)

    def _weights(self, y: np.ndarray, weights: np.ndarray | None) -> np.ndarray | None:
        if self.class_weight is None:
            return weights
        labels = y if self._kind == "multilabel" else self.classes_[y.ravel().astype(int)]
        of_class = compute_sample_weight(self.class_weight, labels)
        return of_class if weights is None else weights * of_class

    def _stratify(self, y: np.ndarray) -> np.ndarray | None:
        return None if self._kind == "multilabel" else y.ravel()

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        tags.input_tags.sparse = True
        return tags


@dataclass(kw_only=True, repr=False, eq=False)
class NetworkClassifier(SupervisedClassifier, NetworkEstimator):
    """Verbs of the classifiers that learn probabilities: by binary cross-entropy for two classes, by categorical
    cross-entropy for more, and by binary cross-entropy summed over labels where a row has several.
    """

    def predict_proba(self, X: Any) -> np.ndarray:
        """The probability of each class (n_samples, n_classes); of each label where there are several labels a row."""
        check_is_fitted(self)
        logits = self._logits(X).astype(np.float64)
        if self._kind == "multiclass":
            return softmax(logits, axis=1)
        positive = expit(logits)
        return positive if self._kind == "multilabel" else np.hstack([expit(-logits), positive])

    def predict_log_proba(self, X: Any) -> np.ndarray:
        """The logarithm of ``predict_proba``, exact where a probability is too small for a float."""
        check_is_fitted(self)
        logits = self._logits(X).astype(np.float64)
        if self._kind == "multiclass":
            return log_softmax(logits, axis=1)
        positive = log_expit(logits)
        return positive if self._kind == "multilabel" else np.hstack([log_expit(-logits), positive])

    def _learner(self) -> Player:
        loss, accuracy = _KINDS[self._kind]
        return self._player("model", risk_of(self, loss, (("accuracy", accuracy),)))
