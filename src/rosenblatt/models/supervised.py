"""Learning a target from inputs: the objective, and the way through a fit that supervised estimators share."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, NamedTuple, Self, TypeVar

import equinox as eqx
import jax
import numpy as np
from jaxtyping import Array, Float, Int, PRNGKeyArray
from sklearn.model_selection import train_test_split
from sklearn.utils import check_array, check_consistent_length

from rosenblatt.models import fields
from rosenblatt.models.base import EngineEstimator
from rosenblatt.models.sklearn_callbacks import sklearn_callbacks, with_callbacks
from rosenblatt.nn.augmentation import Augmentation
from rosenblatt.nn.convnet import ConvNet, as_image
from rosenblatt.nn.mlp import MLP, pad_columns, padded_widths
from rosenblatt.training import devices
from rosenblatt.training.batches import make_rows
from rosenblatt.training.callbacks import Callback
from rosenblatt.training.history import History
from rosenblatt.training.inference import ROWS, AtOnce, apply
from rosenblatt.training.players import Batch, Networks, Player, Rows, Terms, number
from rosenblatt.types import AnyArray

RowLoss = Callable[[Array, Array, Int[AnyArray, ""]], Float[Array, " rows"]]
Known = TypeVar("Known")
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


class Examples(NamedTuple):
    """Rows on the host."""

    X: np.ndarray
    y: np.ndarray
    weights: np.ndarray | None

    def part(self, indices: np.ndarray) -> "Examples":
        weights = None if self.weights is None else self.weights[indices]
        return Examples(self.X[indices], self.y[indices], weights)


def _layers(network: Any, x: Float[Array, " inputs"]) -> tuple[Array, ...]:
    """The input and each layer's output; of a network that is not ours, the input and the output."""
    return (x, *network.units(x)) if isinstance(network, MLP | ConvNet) else (x, network(x))


def check_weights(sample_weight: Any, n_rows: int) -> np.ndarray | None:
    """Weights as float64.

    Raises
    ------
    ValueError
        If there is not one for each row, or one is negative or not finite, or all are 0.
    """
    if sample_weight is None:
        return None
    weights = check_array(sample_weight, ensure_2d=False, dtype="float64", input_name="sample_weight")
    if weights.ndim == 0:
        weights = np.full(n_rows, float(weights))
    if weights.shape != (n_rows,):
        raise ValueError(f"sample_weight has shape {weights.shape}; it must be ({n_rows},), one number for each row")
    if weights.min() < 0:
        raise ValueError(f"sample_weight must be >= 0; the smallest weight is {weights.min():g}")
    if not weights.any():
        raise ValueError("sample_weight is zero for every row, so none counts; give some rows a weight above zero")
    return weights


@dataclass(kw_only=True, repr=False, eq=False)
class SupervisedEstimator(EngineEstimator):
    """Verbs of the estimators that learn y from X with one network, named "model".

    Attributes
    ----------
    n_outputs_ : int
        Outputs of the network: one for two classes or one number, otherwise one for each class, label or number.
    """

    _at_once: ClassVar[AtOnce] = ROWS

    def _encode(self, y: Any, *, reset: bool) -> np.ndarray:
        """Checked targets as the loss wants them; with ``reset`` they define the classes or outputs."""
        raise NotImplementedError

    def _build(self, n_inputs: int, n_outputs: int, rng: np.random.Generator) -> Any:
        """A fresh network, with NumPy parameters."""
        raise NotImplementedError

    def _learner(self) -> Player:
        """The player that owns the network."""
        raise NotImplementedError

    def _network_of(self, kind: type[Known]) -> Known:
        """The fitted network, whose parts are known where it is none of the user's own.

        Raises
        ------
        AttributeError
            If there is none yet, or it is another one.
        """
        if not hasattr(self, "networks_"):
            raise AttributeError(f"this {type(self).__name__} has no layers yet: call fit first")
        network = self.networks_["model"]
        if not isinstance(network, kind):
            raise AttributeError(
                f"this {type(self).__name__} has a network of your own ({type(network).__name__}), whose parts are "
                "not known here; it is networks_['model']"
            )
        return network

    def _weights(self, y: np.ndarray, weights: np.ndarray | None) -> np.ndarray | None:
        """The rows' weights, once those of their classes are in."""
        del y
        return weights

    def _stratify(self, y: np.ndarray) -> np.ndarray | None:
        """The labels whose shares a validation split keeps, if any."""
        del y
        return None

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
        fields.validate_fields(self)
        warm = self.warm_start and hasattr(self, "networks_")
        generators = self._generators()
        examples = self._examples(X, y, sample_weight, reset=not warm)
        training_set, validation = self._split(examples, validation_data, generators["split"])
        network = self.networks_["model"] if warm else self._new_network(generators["initialize"])
        told = sklearn_callbacks(self, X, y, self._fitted_attributes)
        self._play(network, training_set, validation, generators["train"], self.max_epochs, told)
        return self

    def partial_fit(self, X: Any, y: Any, *, sample_weight: Any = None) -> Self:
        """One epoch on (X, y) from where the estimator stands; the first call starts it."""
        fields.validate_fields(self)
        first = not hasattr(self, "networks_")
        examples = self._examples(X, y, sample_weight, reset=first)
        if first:
            generators = self._generators()
            network, rng = self._new_network(generators["initialize"]), generators["train"]
            self._play(network, examples, None, rng, 1)
        else:
            states, rng = self._resumable
            earlier = self.history_.rows
            self._play(self.networks_["model"], examples, None, rng, 1, optimizer_states=states)
            self.history_ = History([*earlier, *(row | {"epoch": len(earlier) + 1} for row in self.history_.rows)])
            self.n_epochs_ = self.best_epoch_ = len(self.history_.rows)
        return self

    def _examples(self, X: Any, y: Any, sample_weight: Any, *, reset: bool) -> Examples:
        """Checked rows; with ``reset`` they define inputs and outputs, otherwise they must fit those."""
        if y is None:
            raise ValueError(f"{type(self).__name__} requires y to be passed, but the target y is None")
        X = self._check_inputs(X, reset=reset)
        encoded = self._encode(y, reset=reset)
        check_consistent_length(X, encoded)
        return Examples(X, encoded, self._weights(encoded, check_weights(sample_weight, len(X))))

    def _split(
        self, examples: Examples, validation_data: Any, rng: np.random.Generator
    ) -> tuple[Examples, Examples | None]:
        """The training and the validation rows."""
        if validation_data is not None:
            if not isinstance(validation_data, tuple | list) or len(validation_data) not in (2, 3):
                raise ValueError(
                    "validation_data must be (X, y) or (X, y, sample_weight), "
                    f"got {type(validation_data).__name__} of length {np.size(validation_data)}"
                )
            X, y, *weight = validation_data
            return examples, self._examples(X, y, weight[0] if weight else None, reset=False)
        share = self._held_out_share()
        if share is None:
            return examples, None
        try:
            train, validation = train_test_split(
                np.arange(len(examples.X)),
                test_size=share,
                stratify=self._stratify(examples.y),
                random_state=int(rng.integers(2**31)),
            )
        except ValueError as error:
            raise ValueError(
                f"early_stopping=True cannot set {share:.0%} of {len(examples.X)} rows aside: {error}. "
                "Pass validation_data, or set early_stopping=False"
            ) from error
        return examples.part(np.asarray(train)), examples.part(np.asarray(validation))

    def _play(
        self,
        network: Any,
        training_set: Examples,
        validation: Examples | None,
        rng: np.random.Generator,
        max_epochs: int,
        callbacks: Sequence[Callback] = (),
        optimizer_states: Any = None,
    ) -> None:
        """Trains the network as a game of one player."""
        network, widths = self._padded(network)
        rows = self._rows(training_set, widths)
        held_out = None if validation is None else self._rows(validation, widths)
        settings = self._settings(max_epochs)
        micro_batch = self._micro_batch(network, len(training_set.X))
        game, networks = (replace(self._learner(), micro_batch=micro_batch),), {"model": network}
        self._train(game, networks, rows, held_out, settings, rng, callbacks, optimizer_states)

    def _padded(self, network: Any) -> tuple[Any, tuple[int, int]]:
        """The network in the shape that it runs in, and how many inputs and outputs that has."""
        widths = (self.n_features_in_, self.n_outputs_)
        if not isinstance(network, MLP):
            return network, widths
        widths = padded_widths(*widths)
        return network.padded(*widths), widths

    def _rows(self, examples: Examples, widths: tuple[int, int]) -> Rows:
        """The examples on the device, with as many columns as the network that is trained has inputs and outputs."""
        X = pad_columns(examples.X, widths[0])
        y = pad_columns(examples.y, widths[1]) if examples.y.ndim == 2 else examples.y
        return make_rows(X, y, examples.weights, self._placement())

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

    def _new_network(self, rng: np.random.Generator) -> Any:
        devices.prepare()  # a network of the user's own may start JAX
        return self._build(self.n_features_in_, self.n_outputs_, rng)

    def _public_networks(self, networks: dict[str, Any]) -> dict[str, Any]:
        network = networks["model"]
        if isinstance(network, MLP):
            return {"model": network.trimmed(self.n_features_in_, self.n_outputs_)}
        return {"model": jax.tree.map(lambda leaf: np.array(leaf) if eqx.is_array(leaf) else leaf, network)}
