"""Predicting numbers with a network."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.utils import check_array
from sklearn.utils.validation import check_is_fitted

from rosenblatt.losses.regression import REGRESSION_LOSSES, MeanOverOutputs
from rosenblatt.models.base import NetworkEstimator
from rosenblatt.models.supervised import SupervisedEstimator, risk_of
from rosenblatt.training.players import Player


@dataclass(kw_only=True, repr=False, eq=False)
class NetworkRegressor(RegressorMixin, SupervisedEstimator, NetworkEstimator):
    """Fields and verbs of the regressors.

    Parameters
    ----------
    loss : {"square", "absolute", "huber", "poisson"} or callable, default="square"
        What an error costs, averaged over outputs. "huber" is quadratic up to 1 and linear beyond (for another limit
        pass ``losses.Huber(delta)``); "poisson" is half the Poisson deviance of counts y >= 0, and ``predict`` gives
        rates. A function takes (prediction, target) and returns the loss element by element, in JAX.
    """

    loss: Literal["absolute", "huber", "poisson", "square"] | Callable = "square"

    def predict(self, X: Any) -> np.ndarray:
        """The predicted numbers (n_samples,), or (n_samples, n_outputs) where y had columns."""
        check_is_fitted(self)
        outputs = self._logits(X).astype(np.float64)
        outputs = np.exp(outputs) if self.loss == "poisson" else outputs
        return outputs if self._has_columns else outputs[:, 0]

    def _encode(self, y: Any, *, reset: bool) -> np.ndarray:
        if np.asarray(y).dtype.kind in "US":
            raise ValueError(f"y holds texts such as {np.ravel(y).tolist()[0]!r}; regression needs numbers")
        y = check_array(y, ensure_2d=False, allow_nd=False, dtype="numeric", input_name="y")
        columns = y if y.ndim == 2 else y.reshape(-1, 1)
        if reset:
            self._has_columns, self.n_outputs_ = y.ndim == 2, columns.shape[1]
        if columns.shape[1] != self.n_outputs_:
            raise ValueError(f"y has {columns.shape[1]} outputs a row; the fit before had {self.n_outputs_}")
        if self.loss == "poisson" and columns.min() < 0:
            raise ValueError(f"loss='poisson' needs counts y >= 0; the smallest y is {columns.min():g}")
        return columns.astype(np.float32)

    def _learner(self) -> Player:
        loss = REGRESSION_LOSSES[self.loss] if isinstance(self.loss, str) else self.loss
        return self._player("model", risk_of(self, MeanOverOutputs(loss)))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        tags.input_tags.sparse = True
        return tags
