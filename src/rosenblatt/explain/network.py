"""What a fitted estimator of dense layers computes, read off its fitted attributes as float64 numbers and names."""

from typing import Any, NamedTuple

import numpy as np

from rosenblatt.data.checks import flatten_images
from rosenblatt.explain import functions
from rosenblatt.losses.regression import Huber
from rosenblatt.models.examples import check_weights
from rosenblatt.nn.activations import ACTIVATIONS, LeakyReLU
from rosenblatt.nn.mlp import MLP


class DenseNetwork(NamedTuple):
    """Dense layers in a chain, the last one linear up to its output function, and the risk that they descend.

    Attributes
    ----------
    weights : tuple of ndarray (n_inputs, n_units), a layer each
    biases : tuple of ndarray (n_units,), a layer each
    activations : tuple of Activation, a hidden layer each
    output : {"identity", "exp", "sigmoid", "softmax", "step"}
        From the last layer's sums to what the estimator predicts.
    loss : Loss
    l1, l2 : float
    """

    weights: tuple[np.ndarray, ...]
    biases: tuple[np.ndarray, ...]
    activations: tuple[functions.Activation, ...]
    output: str
    loss: functions.Loss
    l1: float = 0.0
    l2: float = 0.0

    @property
    def widths(self) -> tuple[int, ...]:
        """Inputs, units of each hidden layer, outputs."""
        return (self.weights[0].shape[0], *(bias.size for bias in self.biases))

    @property
    def n_parameters(self) -> int:
        return sum(array.size for array in (*self.weights, *self.biases))


def fitted_layers(estimator: Any) -> MLP:
    """The fitted network of an estimator.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        If the estimator was not fitted.
    TypeError
        If it has no network, or one that is not a chain of dense layers.
    """
    from sklearn.utils.validation import check_is_fitted

    if not hasattr(estimator, "fit"):
        raise TypeError(f"got {type(estimator).__name__}; a fitted MLPClassifier, MLPRegressor or Perceptron is needed")
    check_is_fitted(estimator)
    network = getattr(estimator, "networks_", {}).get("model")
    if not isinstance(network, MLP):
        what = "no network" if network is None else f"a network of class {type(network).__name__}"
        raise TypeError(
            f"this {type(estimator).__name__} has {what}; only dense layers can be written out, "
            "those of MLPClassifier, MLPRegressor (without network=) and Perceptron"
        )
    return network


def read_network(estimator: Any) -> DenseNetwork:
    """The numbers and names of a fitted estimator.

    Raises
    ------
    ValueError
        If an activation or the loss is a function of the user's own, whose slope is not known here.
    """
    network = fitted_layers(estimator)
    output, loss = _output_and_loss(estimator)
    return DenseNetwork(
        weights=tuple(np.asarray(layer.weight, np.float64) for layer in network.layers),
        biases=tuple(np.asarray(layer.bias, np.float64) for layer in network.layers),
        activations=tuple(_activation(activation) for activation in network.activations),
        output=output,
        loss=loss,
        l1=float(getattr(estimator, "l1", 0.0)),
        l2=float(getattr(estimator, "l2", 0.0)),
    )


def read_rows(estimator: Any, X: Any) -> np.ndarray:
    """Rows or images as float64 rows with as many columns as the estimator was fitted on.

    Raises
    ------
    ValueError
        If they are no finite numbers, or the number of columns does not fit.
    """
    from sklearn.utils import check_array

    X, _ = flatten_images(X)
    X = check_array(X, dtype="float64", input_name="X")
    if X.shape[1] != estimator.n_features_in_:
        raise ValueError(
            f"X has {X.shape[1]} features a row; this {type(estimator).__name__} was fitted on "
            f"{estimator.n_features_in_}"
        )
    return X


def read_targets(estimator: Any, y: Any, n_rows: int) -> np.ndarray:
    """Targets as float64 (n_rows, n_outputs): numbers as they are, classes as 0 and 1.

    Raises
    ------
    ValueError
        If there is not one for each row, the number of outputs does not fit, a class is not known, or a number is
        not finite.
    """
    from sklearn.utils import check_array

    y = np.asarray(y)
    if y.ndim == 0 or len(y) != n_rows:
        raise ValueError(f"X has {n_rows} rows and y has shape {y.shape}; y needs one entry, or one row, for each")
    is_one_column = y.ndim == 1 or y.shape[1] == 1
    if hasattr(estimator, "classes_") and is_one_column:
        return _classes_as_columns(y.ravel(), estimator.classes_, estimator.n_outputs_)
    columns = check_array(y.reshape(n_rows, -1), dtype="float64", input_name="y")
    if hasattr(estimator, "classes_") and not np.isin(columns, (0.0, 1.0)).all():
        raise ValueError(f"y has {columns.shape[1]} columns, one for each label, which may hold 0 and 1 only")
    if columns.shape[1] != estimator.n_outputs_:
        raise ValueError(
            f"y has {columns.shape[1]} outputs a row; this {type(estimator).__name__} has {estimator.n_outputs_}"
        )
    return columns


def read_weights(estimator: Any, y: Any, sample_weight: Any, n_rows: int) -> np.ndarray:
    """How much each row counts, of mean 1: ``sample_weight`` times the estimator's class weights.

    Raises
    ------
    ValueError
        If there is not one weight for each row, or one is negative or not finite, or all are 0.
    """
    from sklearn.utils import compute_sample_weight

    weights = check_weights(sample_weight, n_rows)
    weights = np.ones(n_rows) if weights is None else weights
    if getattr(estimator, "class_weight", None) is not None:
        weights = weights * compute_sample_weight(estimator.class_weight, y)
    return weights / weights.mean()


def _classes_as_columns(y: np.ndarray, classes: np.ndarray, n_outputs: int) -> np.ndarray:
    unknown = np.setdiff1d(y, classes)
    if len(unknown):
        raise ValueError(f"y holds classes {unknown.tolist()} that are not among {classes.tolist()}")
    one_hot = (y[:, None] == classes).astype(np.float64)
    return one_hot[:, 1:] if n_outputs == 1 else one_hot


def _activation(activation: Any) -> functions.Activation:
    if isinstance(activation, LeakyReLU):
        return functions.leaky_relu(activation.slope)
    for name, known in ACTIVATIONS.items():
        if activation is known:
            return functions.ACTIVATIONS[name]
    raise ValueError(
        f"the activation {getattr(activation, '__name__', activation)!r} is a function of your own, whose slope is not "
        f"known; those that can be written out are {', '.join(sorted([*functions.ACTIVATIONS, 'leaky_relu']))}"
    )


def _output_and_loss(estimator: Any) -> tuple[str, functions.Loss]:
    if not hasattr(estimator, "classes_"):
        return _regression_loss(estimator.loss)
    if not hasattr(estimator, "predict_proba"):
        return "step", functions.LOSSES["perceptron"]
    several_labels = estimator.predict(np.zeros((1, estimator.n_features_in_), np.float32)).ndim == 2
    if estimator.n_outputs_ == 1 or several_labels:
        return "sigmoid", functions.LOSSES["binary cross-entropy"]
    return "softmax", functions.LOSSES["categorical cross-entropy"]


def _regression_loss(loss: Any) -> tuple[str, functions.Loss]:
    if isinstance(loss, Huber):
        return "identity", functions.huber(loss.delta)
    if not isinstance(loss, str):
        raise ValueError(
            f"the loss {getattr(loss, '__name__', loss)!r} is a function of your own, whose slope is not known; those "
            "that can be written out are absolute, huber, poisson and square"
        )
    return "exp" if loss == "poisson" else "identity", functions.LOSSES[loss]
