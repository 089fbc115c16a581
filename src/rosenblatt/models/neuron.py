"""The neuron of McCulloch and Pitts: it counts its active inputs and compares the count with a threshold.

y = 1 if x_1 + ... + x_m > theta, else 0. It has no weights and learns nothing. (W. S. McCulloch, W. Pitts, "A logical
calculus of the ideas immanent in nervous activity", Bulletin of Mathematical Biophysics 5, 1943.)
"""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import validate_data

from rosenblatt.models import fields


@dataclass(kw_only=True, repr=False, eq=False)
class McCullochPittsNeuron(ClassifierMixin, BaseEstimator):
    """A threshold on the number of active inputs.

    Parameters
    ----------
    threshold : float >= 0, default=0.0
        The neuron fires when more than this many inputs are 1.

    Attributes
    ----------
    classes_ : ndarray, [0, 1]

    Examples
    --------
    >>> from rosenblatt import McCullochPittsNeuron
    >>> X = [[0, 0], [0, 1], [1, 0], [1, 1]]
    >>> McCullochPittsNeuron.and_gate(2).predict(X)
    array([0, 0, 0, 1])
    >>> McCullochPittsNeuron.or_gate(2).predict(X)
    array([0, 1, 1, 1])
    """

    threshold: fields.NonNegativeFloat = 0.0

    @classmethod
    def and_gate(cls, n_inputs: int) -> Self:
        """Fires when all of ``n_inputs`` inputs are 1: the threshold is n - 1."""
        return cls(threshold=float(_at_least_one(n_inputs) - 1))

    @classmethod
    def or_gate(cls, n_inputs: int) -> Self:
        """Fires when any of ``n_inputs`` inputs is 1: the threshold is 0."""
        _at_least_one(n_inputs)
        return cls(threshold=0.0)

    def predict(self, X: Any) -> np.ndarray:
        """1 or 0 for each row.

        Parameters
        ----------
        X : array-like (n_samples, n_inputs) of 0 and 1, or of booleans

        Returns
        -------
        ndarray of int (n_samples,)

        Raises
        ------
        ValueError
            If an input is neither 0 nor 1.
        """
        fields.validate_fields(self)
        X = validate_data(self, X, reset=True, skip_check_array=False)
        strange = np.unique(X[(X != 0) & (X != 1)])
        if len(strange):
            raise ValueError(
                f"a McCulloch-Pitts neuron takes inputs 0 and 1 only, got {strange[:3].tolist()}; "
                "make them binary first, or use Perceptron, which has weights"
            )
        return (X.sum(axis=1) > self.threshold).astype(int)

    @property
    def classes_(self) -> np.ndarray:
        return np.array([0, 1])

    def __sklearn_is_fitted__(self) -> bool:
        return True


def _at_least_one(n_inputs: int) -> int:
    if n_inputs < 1:
        raise ValueError(f"a gate needs at least one input, got n_inputs={n_inputs}")
    return n_inputs
