"""Rosenblatt's perceptron: a weighted sum, a threshold at 0, and a rule that learns from mistakes.

After each mistake w <- w + eta y [1, x] with y in {-1, 1}; otherwise nothing changes. That is stochastic gradient
descent, one row at a time, on max(0, -y f(x)), and is trained as such by the engine. If a plane with margin gamma
separates the rows (of length at most R), the rule makes at most (R / gamma)^2 mistakes and then none (Novikoff 1962);
if no plane does, it never settles. (F. Rosenblatt, "The perceptron", Psychological Review 65, 1958.)
"""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, PRNGKeyArray
from scipy.optimize import linprog
from sklearn.exceptions import ConvergenceWarning

from rosenblatt.losses.classification import perceptron, real_outputs
from rosenblatt.models import fields
from rosenblatt.models.classification import SupervisedClassifier
from rosenblatt.models.examples import Examples
from rosenblatt.nn.mlp import MLP
from rosenblatt.training.callbacks import Callback, Logs
from rosenblatt.training.optimizers import OPTIMIZERS
from rosenblatt.training.players import Batch, Networks, Player, Terms
from rosenblatt.training.state import Settings
from rosenblatt.types import AnyArray

_SECONDS_FOR_PROOF = 5.0  # of linear programming, to tell "not separable" from "not yet"


class PerceptronRisk(eqx.Module):
    """The mean of max(0, -y f(x)) over rows, and the mean number of mistakes, y f(x) <= 0, a row.

    ``targets`` are class numbers (n,), or 0 and 1 for each output (n, outputs); y is 1 for the row's class and -1 for
    the others.
    """

    n_outputs: Int[AnyArray, ""]

    def __call__(self, networks: Networks, batch: Batch, key: PRNGKeyArray | None) -> tuple[Float[Array, ""], Terms]:
        del key
        scores = jax.vmap(networks["model"])(batch.inputs)
        targets = batch.targets
        if targets.ndim == 1:
            targets = jnp.arange(scores.shape[-1]) == targets[:, None]
        signs = jnp.where(targets > 0, 1.0, -1.0)
        wrong = ((signs * scores <= 0) * real_outputs(scores, self.n_outputs)).sum(-1)
        mistakes = (wrong * batch.real).sum() / jnp.maximum(batch.real.sum(), 1.0)
        return batch.mean(perceptron(scores, signs, self.n_outputs)), {"mistakes": mistakes}


class _UntilNoMistake(Callback):
    """Ends a fit after an epoch without a mistake: nothing would ever change again."""

    def on_epoch_end(self, epoch: int, logs: Logs) -> bool:
        return logs["train_mistakes"] == 0


@dataclass(kw_only=True, repr=False, eq=False)
class Perceptron(SupervisedClassifier):
    """A linear threshold unit that learns from its mistakes, one row at a time; for several classes, a unit each.

    Weights start at 0. The fit ends after an epoch without a mistake; where there is none, a linear program finds out
    whether any plane separates the classes, and a warning says it. The other fields are those of
    ``SupervisedClassifier`` and ``EngineEstimator``.

    Parameters
    ----------
    learning_rate : float > 0, default=1.0
        eta in w <- w + eta y [1, x]. Since the weights start at 0 it scales them and changes no prediction.

    Attributes
    ----------
    classes_ : ndarray (n_classes,)
    coef_ : ndarray (1, n_features) for two classes, otherwise (n_classes, n_features)
    intercept_ : ndarray (1,) or (n_classes,)
    n_mistakes_ : int
        How often a unit was wrong, and so changed, in the whole fit. An epoch's are in
        ``history_["train_mistakes"]``, as a mean over rows.
    separable_ : bool or None
        Whether planes separate the classes (each from the rest); None where that was not found out in five seconds.

    References
    ----------
    F. Rosenblatt, "The perceptron: a probabilistic model for information storage and organization in the brain",
    Psychological Review 65, 1958.

    Examples
    --------
    >>> from rosenblatt import Perceptron
    >>> X = [[0, 0], [0, 1], [1, 0], [1, 1]]
    >>> gate = Perceptron(random_state=0).fit(X, [0, 0, 0, 1])
    >>> gate.predict(X), gate.separable_
    (array([0, 0, 0, 1]), True)
    """

    learning_rate: fields.PositiveFloat = 1.0

    def fit(self, X: Any, y: Any, *, sample_weight: Any = None, validation_data: Any = None) -> Self:
        """Learns until an epoch passes without a mistake, or for ``max_epochs``.

        Parameters are those of every estimator: ``sample_weight`` multiplies the steps of the rows' mistakes.

        Warns
        -----
        sklearn.exceptions.ConvergenceWarning
            If the last epoch still had mistakes: it says whether any plane separates the classes.
        """
        self.n_mistakes_ = 0
        super().fit(X, y, sample_weight=sample_weight, validation_data=validation_data)
        if not self._settled():
            warnings.warn(self._complaint(), ConvergenceWarning, stacklevel=2)
        return self

    @property
    def coef_(self) -> np.ndarray:
        return np.asarray(self._layer().weight).T

    @property
    def intercept_(self) -> np.ndarray:
        return np.asarray(self._layer().bias)

    def _layer(self) -> Any:
        if not hasattr(self, "networks_"):
            raise AttributeError("this Perceptron has no weights yet: call fit first")
        return self.networks_["model"].layers[0]

    def _settled(self) -> bool:
        return self.history_["train_mistakes"][-1] == 0

    def _complaint(self) -> str:
        count = f"the last of {self.n_epochs_} epochs still had mistakes"
        if self.separable_ is None:
            return f"{count}; whether the classes can be separated by planes was not found out in time"
        if self.separable_:
            return f"{count}, but planes that separate the classes exist: raise max_epochs (now {self.max_epochs})"
        return (
            f"{count}, and no plane separates the classes (a linear program proves it): the rule never settles. "
            "Use an MLPClassifier, or add features"
        )

    def _play(
        self,
        networks: Mapping[str, Any],
        training_set: Examples,
        validation: Examples | None,
        rng: np.random.Generator,
        max_epochs: int,
        callbacks: Sequence[Callback] = (),
        optimizer_states: Any = None,
        epochs_before: int = 0,
    ) -> None:
        callbacks = [*callbacks, _UntilNoMistake()]
        super()._play(networks, training_set, validation, rng, max_epochs, callbacks, optimizer_states, epochs_before)
        means = self.history_["train_mistakes"]
        self.n_mistakes_ = getattr(self, "n_mistakes_", 0) + round(float(means.sum()) * len(training_set.X))
        self.separable_ = True if self._settled() else separable(training_set.X, self._signs(training_set.y))

    def _signs(self, y: np.ndarray) -> np.ndarray:
        """1 and -1 for each row and output."""
        columns = np.arange(self.n_outputs_) == y[:, None] if y.ndim == 1 else y > 0
        return np.where(columns, 1.0, -1.0)

    def _build(self, n_inputs: int, n_outputs: int, rng: np.random.Generator) -> MLP:
        return MLP.initialize([n_inputs, n_outputs], [], "zeros", rng)

    def _learner(self) -> Player:
        return Player("model", ("model",), PerceptronRisk(np.asarray(self.n_outputs_, np.int32)), OPTIMIZERS["sgd"])

    def _settings(self, max_epochs: int) -> Settings:
        return Settings(batch_size=1, max_epochs=max_epochs, learning_rates=(self.learning_rate,))


def separable(X: np.ndarray, signs: np.ndarray) -> bool | None:
    """Whether for each column of signs a plane has all rows of sign 1 on one side and those of -1 on the other.

    A plane (w, b) exists when y (w x + b) >= 1 has a solution, which is a linear program without an objective.

    Parameters
    ----------
    X : ndarray (n_rows, n_features)
    signs : ndarray (n_rows, n_planes) of 1 and -1

    Returns
    -------
    bool or None
        None where the program was not solved within five seconds a plane.
    """
    with_bias = np.hstack([X, np.ones((len(X), 1))]).astype(np.float64)
    for column in signs.T:
        solution = linprog(
            np.zeros(with_bias.shape[1]),
            A_ub=-column[:, None] * with_bias,
            b_ub=-np.ones(len(X)),
            bounds=(None, None),
            options={"time_limit": _SECONDS_FOR_PROOF},
        )
        if solution.status == 2:  # infeasible
            return False
        if solution.status != 0:
            return None
    return True
