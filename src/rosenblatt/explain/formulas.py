"""Forward propagation and backpropagation of dense layers, written out layer by layer in plain NumPy and float64.

Forward, for each layer l, with a_0 = x:

    z_l = a_(l-1) W_l + b_l        a_l = f_l(z_l)

Backward, for the risk J = (1/n) sum_i v_i l(z_L, y_i) + l1 sum |W| + l2 sum W^2, with row weights v of mean 1:

    delta_L = (v / n) dl/dz_L      delta_l = (delta_(l+1) W_(l+1)^T) * f_l'(z_l)
    dJ/dW_l = a_(l-1)^T delta_l + l1 sign(W_l) + 2 l2 W_l
    dJ/db_l = sum of delta_l over rows

(D. E. Rumelhart, G. E. Hinton, R. J. Williams, "Learning representations by back-propagating errors", Nature 323,
1986.) They share nothing with the compiled engine but the parameters.
"""

from typing import Any, NamedTuple

import numpy as np

from rosenblatt.explain.functions import OUTPUTS
from rosenblatt.explain.network import DenseNetwork, read_network, read_rows, read_targets, read_weights


class Forward(NamedTuple):
    """What a layer computes for each row: weighted sums z and outputs a, both (n_rows, n_units)."""

    z: np.ndarray
    a: np.ndarray


class Layer(NamedTuple):
    """Everything that both passes compute in one layer.

    Attributes
    ----------
    z, a : ndarray (n_rows, n_units)
        Weighted sums, and what the layer puts out; in the last layer that is the prediction.
    delta : ndarray (n_rows, n_units)
        dJ/dz.
    dW : ndarray (n_inputs, n_units)
        dJ/dW, with the penalties.
    db : ndarray (n_units,)
        dJ/db.
    """

    z: np.ndarray
    a: np.ndarray
    delta: np.ndarray
    dW: np.ndarray  # noqa: N815
    db: np.ndarray


class Backpropagation(NamedTuple):
    """The result of ``backpropagate``.

    Attributes
    ----------
    risk : float
        J, with the penalties.
    penalty : float
        l1 sum |W| + l2 sum W^2.
    losses : ndarray (n_rows,)
        Each row's loss, before its weight.
    layers : tuple of Layer
        From the first hidden layer to the output layer.
    """

    risk: float
    penalty: float
    losses: np.ndarray
    layers: tuple[Layer, ...]


def forward(network: DenseNetwork, X: np.ndarray) -> tuple[Forward, ...]:
    """The forward pass, layer by layer.

    Parameters
    ----------
    network : DenseNetwork
    X : ndarray (n_rows, n_inputs)

    Returns
    -------
    tuple of Forward
    """
    outputs = [activation.value for activation in network.activations] + [OUTPUTS[network.output]]
    passes, a = [], X
    for W, b, f in zip(network.weights, network.biases, outputs, strict=True):
        z = a @ W + b
        a = f(z)
        passes.append(Forward(z, a))
    return tuple(passes)


def backward(network: DenseNetwork, X: np.ndarray, passes: tuple[Forward, ...], delta: np.ndarray) -> tuple[Layer, ...]:
    """The backward pass, from the last layer to the first; the result is in the order of the layers.

    Parameters
    ----------
    network : DenseNetwork
    X : ndarray (n_rows, n_inputs)
    passes : tuple of Forward
        Those of the same rows.
    delta : ndarray (n_rows, n_outputs)
        The slope of the risk with respect to the last layer's sums z.

    Returns
    -------
    tuple of Layer
    """
    layers: list[Layer] = []
    for depth in reversed(range(len(passes))):
        before = passes[depth - 1].a if depth else X
        W = network.weights[depth]
        dW = before.T @ delta + network.l1 * np.sign(W) + 2.0 * network.l2 * W
        layers.append(Layer(*passes[depth], delta, dW, delta.sum(axis=0)))
        if depth:
            delta = (delta @ W.T) * network.activations[depth - 1].slope(passes[depth - 1].z)
    return tuple(reversed(layers))


def backpropagate(estimator: Any, X: Any, y: Any, *, sample_weight: Any = None) -> Backpropagation:
    """Both passes of a fitted network on some rows, with every intermediate.

    The risk is that of gradient descent on exactly these rows, without dropout.

    Parameters
    ----------
    estimator : MLPClassifier, MLPRegressor or Perceptron
        Fitted.
    X : array-like (n_samples, n_features), or images
    y : array-like (n_samples,) or (n_samples, n_outputs)
    sample_weight : array-like (n_samples,), optional
        As in ``fit``; the estimator's ``class_weight`` multiplies it.

    Returns
    -------
    Backpropagation

    Raises
    ------
    ValueError
        If rows, targets or weights do not fit the estimator, or it has an activation or a loss of the user's own.
    TypeError
        If the estimator's network is no chain of dense layers.

    Examples
    --------
    >>> import numpy as np
    >>> from rosenblatt import MLPRegressor
    >>> from rosenblatt.explain import backpropagate
    >>> X, y = np.eye(3), np.array([1.0, 2.0, 3.0])
    >>> model = MLPRegressor(hidden_layer_sizes=(4,), activation="tanh", max_epochs=1, random_state=0).fit(X, y)
    >>> result = backpropagate(model, X, y)
    >>> [layer.dW.shape for layer in result.layers]
    [(3, 4), (4, 1)]
    """
    network = read_network(estimator)
    X = read_rows(estimator, X)
    targets = read_targets(estimator, y, len(X))
    return written_out(network, X, targets, read_weights(estimator, y, sample_weight, len(X)))


def written_out(network: DenseNetwork, X: np.ndarray, targets: np.ndarray, weights: np.ndarray) -> Backpropagation:
    """``backpropagate`` of what was read already: rows, targets (n_rows, n_outputs) and row weights of mean 1."""
    passes = forward(network, X)
    losses = network.loss.value(passes[-1].z, targets)
    delta = (weights / len(X))[:, None] * network.loss.slope(passes[-1].z, targets)
    risk = float(weights @ losses / len(X)) + penalty(network)
    return Backpropagation(risk, penalty(network), losses, backward(network, X, passes, delta))


def penalty(network: DenseNetwork) -> float:
    """l1 sum |W| + l2 sum W^2 over all weights."""
    return float(sum(network.l1 * np.abs(W).sum() + network.l2 * (W**2).sum() for W in network.weights))
