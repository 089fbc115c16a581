"""Learning a target from inputs: the objective, and the verbs that supervised estimators share."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

import equinox as eqx
import jax
import numpy as np
from jaxtyping import Array, Float, Int, PRNGKeyArray

from rosenblatt.models.examples import ExampleEstimator, Examples
from rosenblatt.models.sklearn_callbacks import with_callbacks
from rosenblatt.nn.augmentation import Augmentation
from rosenblatt.nn.convnet import ConvNet, as_image
from rosenblatt.nn.mlp import MLP, pad_columns
from rosenblatt.training.inference import apply
from rosenblatt.training.players import Batch, Networks, Terms, number
from rosenblatt.types import AnyArray

RowLoss = Callable[[Array, Array, Int[AnyArray, ""]], Float[Array, " rows"]]
Measure = Callable[[Array, Array, Int[AnyArray, ""]], Float[Array, " rows"]]


_AUGMENTATION = 2**16  # keeps its random numbers apart from those of the layers


class SupervisedRisk(eqx.Module):
    """The mean loss of a network's outputs against targets: (1/n) sum l(f(x), y).

    Attributes
    ----------
    loss : function of (outputs, targets, n_outputs)
        One loss a row.
    measures : tuple of (name, function of the same arguments)
        Evaluated on the validation set only.
    n_outputs : int32 scalar
        How many outputs are real; the others are padding.
    dropout : float32 scalar
        The rate at which hidden units are dropped in training.
    augmentation : Augmentation or None
        Random changes of each training image.
    image_shape : tuple of int or None
        What a row is to the augmentation.
    """

    loss: RowLoss = eqx.field(static=True)
    measures: tuple[tuple[str, Measure], ...] = eqx.field(static=True)
    n_outputs: Int[AnyArray, ""]
    dropout: Float[AnyArray, ""]
    augmentation: Augmentation | None = eqx.field(static=True, default=None)
    image_shape: tuple[int, ...] | None = eqx.field(static=True, default=None)

    def __call__(self, networks: Networks, batch: Batch, key: PRNGKeyArray | None) -> tuple[Float[Array, ""], Terms]:
        network = networks["model"]
        if key is None:
            outputs = jax.vmap(network)(batch.inputs)
            values = {name: measure(outputs, batch.targets, self.n_outputs) for name, measure in self.measures}
        else:
            keys = jax.random.split(key, len(batch.weights))
            outputs = jax.vmap(lambda x, key: network(self._changed(x, key), dropout=self.dropout, key=key))(
                batch.inputs, keys
            )
            values = {}
        loss = self.loss(outputs, batch.targets, self.n_outputs)
        return batch.mean(loss), {name: batch.mean(value) for name, value in values.items()}

    def _changed(self, x: Float[Array, "..."], key: PRNGKeyArray) -> Float[Array, "..."]:
        if self.augmentation is None or self.image_shape is None:
            return x
        changed = self.augmentation(as_image(x, self.image_shape), jax.random.fold_in(key, _AUGMENTATION))
        return changed.reshape(x.shape)  # a network of the user's own takes rows, when it learns as when it predicts


def risk_of(estimator: Any, loss: RowLoss, measures: tuple[tuple[str, Measure], ...] = ()) -> SupervisedRisk:
    """The risk that an estimator descends, with its dropout and its augmentation."""
    n_outputs = np.asarray(estimator.n_outputs_, np.int32)
    changes = estimator._augmentation()
    shape = None if changes is None else estimator.image_shape_
    return SupervisedRisk(loss, measures, n_outputs, number(estimator.dropout), changes, shape)


def call_factory(network: Callable, inputs: Any, n_outputs: int, rng: np.random.Generator) -> Any:
    """A network of the user's own, for these inputs (their number, or the shape of an image), freshly drawn.

    Raises
    ------
    TypeError
        If what it returns is no function of a row.
    ValueError
        If its output is not a vector of ``n_outputs`` numbers.
    """
    made = network(inputs, n_outputs, key=jax.random.key(int(rng.integers(2**31))))
    n_inputs = int(np.prod(inputs))
    if not callable(made):
        raise TypeError(
            f"network= returned {type(made).__name__}; an Equinox module is needed that maps a row of {n_inputs} "
            f"numbers to {n_outputs}"
        )

    def both(row: Array) -> tuple[Any, Any]:
        return made(row), made(row, dropout=np.float32(0), key=jax.random.key(0))

    try:
        output, _ = eqx.filter_eval_shape(both, jax.ShapeDtypeStruct((n_inputs,), np.float32))
    except Exception as error:
        error.add_note(
            f"Raised by the network that network= returned, for a row of {n_inputs} numbers; when it learns it is "
            "also given the keyword arguments dropout and key, which it has to take (or **kwargs)."
        )
        raise
    if getattr(output, "shape", None) != (n_outputs,):
        got = getattr(output, "shape", type(output).__name__)
        raise ValueError(
            f"the network that network= returned maps a row of {n_inputs} numbers to {got}; an output of shape "
            f"({n_outputs},) is needed, as its second argument says"
        )
    return made


def _layers(network: Any, x: Float[Array, " inputs"]) -> tuple[Array, ...]:
    """The input and each layer's output; of a network that is not ours, the input and the output."""
    return (x, *network.units(x)) if isinstance(network, MLP | ConvNet) else (x, network(x))


@dataclass(kw_only=True, repr=False, eq=False)
class SupervisedEstimator(ExampleEstimator):
    """Verbs of the estimators that learn y from X.

    Attributes
    ----------
    n_outputs_ : int
        Outputs of the network: one for two classes or one number, otherwise one for each class, label or number.
    """

    def _encode(self, y: Any, *, reset: bool) -> np.ndarray:
        """Checked targets as the loss wants them; with ``reset`` they define the classes or outputs."""
        raise NotImplementedError

    def _targets(self, X: np.ndarray, y: Any, *, reset: bool) -> np.ndarray:
        del X
        return self._encode(y, reset=reset)

    @with_callbacks
    def fit(self, X: Any, y: Any, *, sample_weight: Any = None, validation_data: Any = None) -> Self:
        """Learns from (X, y), afresh or, with ``warm_start``, from where the fit before ended.

        Parameters
        ----------
        X : array-like, sparse matrix or data frame (n_samples, n_features), or images (n, height, width[, channels])
        y : array-like (n_samples,) or (n_samples, n_outputs)
        sample_weight : array-like (n_samples,), optional
            Numbers >= 0: how much each row counts in the risk. Only their ratios matter.
        validation_data : (X, y) or (X, y, sample_weight), optional
            Its risk is in the history after each epoch, and decides early stopping.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If a field or the data are not fit to learn from.
        NonFiniteRiskError
            If the fit diverged; the estimator then holds the last good parameters.
        """
        return self._fit(X, y, sample_weight, validation_data)

    def partial_fit(self, X: Any, y: Any, *, sample_weight: Any = None) -> Self:
        """One epoch on (X, y) from where the estimator stands; the first call starts it."""
        return self._partial_fit(X, y, sample_weight)

    def _examples(self, X: Any, y: Any, sample_weight: Any, *, reset: bool) -> Examples:
        if y is None:
            raise ValueError(f"{type(self).__name__} requires y to be passed, but the target y is None")
        return super()._examples(X, y, sample_weight, reset=reset)

    def _logits(self, X: Any) -> np.ndarray:
        """The network's outputs (n_samples, n_outputs)."""
        return self._apply(X, select=lambda layers: layers[-1])[:, : self.n_outputs_]

    def _apply(self, X: Any, select: Callable[[tuple[Array, ...]], Any]) -> Any:
        """What ``select`` picks from the outputs of the network's layers, for each row of X, as NumPy arrays.

        One program gives all layers, so that predicting and transforming compile once. The first and last widths are
        those of the network that runs, which may be padded.
        """
        network, widths = self._padded(self.networks_["model"])
        X = pad_columns(self._check_inputs(X, reset=False), widths[0])
        return apply(network, X, _layers, self.device, select, self._at_once)
