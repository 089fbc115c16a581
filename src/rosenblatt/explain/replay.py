"""A fitted network replayed, for one sample, on a graph of single numbers: every weight, unit and sum is a node."""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from rosenblatt.explain.functions import Activation, Loss
from rosenblatt.explain.network import DenseNetwork, read_network, read_rows, read_targets
from rosenblatt.explain.scalar import Scalar, topological_order, total

MOST_PARAMETERS = 50_000  # of a network that is replayed: about a second


class ScalarGraph(NamedTuple):
    """A network, one sample, and the loss of its prediction, as nodes whose ``gradient`` is the slope of the loss.

    Attributes
    ----------
    inputs : list of Scalar
    weights : list of list of list of Scalar
        ``weights[layer][i][j]``, counted from 0; its name counts from 1, as in the notes: "W(layer,in,out)".
    biases : list of list of Scalar
    sums : list of list of Scalar
        The weighted sums z.
    units : list of list of Scalar
        What each hidden layer puts out.
    loss : Scalar
        The row's loss, without weight and penalties.
    """

    inputs: list[Scalar]
    weights: list[list[list[Scalar]]]
    biases: list[list[Scalar]]
    sums: list[list[Scalar]]
    units: list[list[Scalar]]
    loss: Scalar

    @property
    def nodes(self) -> list[Scalar]:
        """Every node, inputs before what is computed from them."""
        return topological_order(self.loss)

    def slopes(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """(dl/dW, dl/db) of each layer, as arrays."""
        pairs = zip(self.weights, self.biases, strict=True)
        return [(_gradients(W), _gradients(b)) for W, b in pairs]


def scalar_graph(estimator: Any, x: Any, y: Any) -> ScalarGraph:
    """Replays a fitted network for one sample, forward and backward, in Python numbers.

    Parameters
    ----------
    estimator : MLPClassifier, MLPRegressor or Perceptron
        Fitted, with at most 50,000 parameters.
    x : array-like (n_features,)
    y : class or number, or array-like (n_outputs,)

    Returns
    -------
    ScalarGraph

    Raises
    ------
    ValueError
        If x or y do not fit the estimator, or the network is too large.

    Examples
    --------
    >>> import numpy as np
    >>> from rosenblatt import MLPRegressor
    >>> from rosenblatt.explain import scalar_graph
    >>> X, y = np.eye(2), np.array([1.0, 2.0])
    >>> model = MLPRegressor(hidden_layer_sizes=(3,), activation="tanh", max_epochs=1, random_state=0).fit(X, y)
    >>> graph = scalar_graph(model, X[0], y[0])
    >>> graph.weights[0][1][2].name, len(graph.nodes)
    ('W(1,2,3)', 41)
    """
    network = read_network(estimator)
    if network.n_parameters > MOST_PARAMETERS:
        raise ValueError(
            f"the network has {network.n_parameters:,} parameters; a graph of single numbers is for networks of at "
            f"most {MOST_PARAMETERS:,}. backpropagate does the same layer by layer at any size"
        )
    x = read_rows(estimator, np.asarray(x).reshape(1, -1))[0]
    targets = read_targets(estimator, np.asarray(y).reshape(1, -1) if np.ndim(y) else [y], 1)[0]
    return replay(network, x, targets)


def replay(network: DenseNetwork, x: np.ndarray, targets: np.ndarray) -> ScalarGraph:
    """``scalar_graph`` of what was read already: a row of inputs, and one target for each output."""
    inputs = [Scalar(value, f"x({i})") for i, value in enumerate(x, 1)]
    weights, biases, sums, units = [], [], [], []
    values = inputs
    for layer, (W, b) in enumerate(zip(network.weights, network.biases, strict=True), 1):
        weights.append([[Scalar(w, f"W({layer},{i},{j})") for j, w in enumerate(row, 1)] for i, row in enumerate(W, 1)])
        biases.append([Scalar(value, f"b({layer},{j})") for j, value in enumerate(b, 1)])
        sums.append(_weighted_sums(values, weights[-1], biases[-1], layer))
        if layer < len(network.weights):
            f = _activate(network.activations[layer - 1])
            values = [f(z).named(f"f({layer},{j})") for j, z in enumerate(sums[-1], 1)]
            units.append(values)
    loss = _LOSSES[network.loss.name](sums[-1], targets, network.loss).named("loss")
    loss.backward()
    return ScalarGraph(inputs, weights, biases, sums, units, loss)


def _weighted_sums(values: list[Scalar], W: list[list[Scalar]], b: list[Scalar], layer: int) -> list[Scalar]:
    return [
        (total([w[j] * value for w, value in zip(W, values, strict=True)]) + bias).named(f"z({layer},{j + 1})")
        for j, bias in enumerate(b)
    ]


def _gradients(nodes: list[Any]) -> np.ndarray:
    """The gradients of a list of nodes, or of a list of lists of them."""
    return np.array([[n.gradient for n in row] if isinstance(row, list) else row.gradient for row in nodes])


def _activate(activation: Activation) -> Callable[[Scalar], Scalar]:
    if activation.name != "leaky_relu":
        return _ACTIVATIONS[activation.name]
    slope = activation.parameter
    return lambda z: z * slope + z.relu() * (1.0 - slope)


def _softplus(z: Scalar) -> Scalar:
    """log(1 + exp(z)), by the branch whose exponential cannot overflow."""
    return z + (1.0 + (-z).exp()).log() if z.value > 0 else (1.0 + z.exp()).log()


def _elu(z: Scalar) -> Scalar:
    return z * 1.0 if z.value > 0 else z.exp() - 1.0


def _gelu(z: Scalar) -> Scalar:
    return 0.5 * z * (1.0 + (z * math.sqrt(0.5)).erf())


_ACTIVATIONS: dict[str, Callable[[Scalar], Scalar]] = {
    "elu": _elu,
    "gelu": _gelu,
    "identity": lambda z: z * 1.0,
    "relu": Scalar.relu,
    "sigmoid": Scalar.sigmoid,
    "softplus": _softplus,
    "tanh": Scalar.tanh,
}


def _mean_of(element: Callable[[Scalar, float], Scalar]) -> Callable[[list[Scalar], np.ndarray, Loss], Scalar]:
    def loss(z: list[Scalar], y: np.ndarray, _: Loss) -> Scalar:
        return total([element(*pair) for pair in zip(z, y.tolist(), strict=True)]) / len(z)

    return loss


def _absolute(z: Scalar, y: float) -> Scalar:
    return (z - y).relu() + (y - z).relu()


def _poisson(z: Scalar, y: float) -> Scalar:
    return z.exp() - z * y + (y * math.log(y) - y if y > 0 else 0.0)


def _huber(z: list[Scalar], y: np.ndarray, loss: Loss) -> Scalar:
    delta = loss.parameter

    def element(z: Scalar, y: float) -> Scalar:
        size = _absolute(z, y)
        return size**2 * 0.5 if size.value <= delta else (size - 0.5 * delta) * delta

    return _mean_of(element)(z, y, loss)


def _binary_cross_entropy(z: list[Scalar], y: np.ndarray, _: Loss) -> Scalar:
    return total([_softplus(logit) - logit * target for logit, target in zip(z, y.tolist(), strict=True)])


def _categorical_cross_entropy(z: list[Scalar], y: np.ndarray, _: Loss) -> Scalar:
    largest = max(logit.value for logit in z)  # taken off before exp and put back after log: nothing overflows
    log_sum = total([(logit - largest).exp() for logit in z]).log() + largest
    return log_sum - z[int(y.argmax())]


def _perceptron(z: list[Scalar], y: np.ndarray, _: Loss) -> Scalar:
    signs = [1.0 if target > 0 else -1.0 for target in y]
    return total([score * (-sign if sign * score.value <= 0 else 0.0) for score, sign in zip(z, signs, strict=True)])


_LOSSES: dict[str, Callable[[list[Scalar], np.ndarray, Loss], Scalar]] = {
    "absolute": _mean_of(_absolute),
    "binary cross-entropy": _binary_cross_entropy,
    "categorical cross-entropy": _categorical_cross_entropy,
    "huber": _huber,
    "perceptron": _perceptron,
    "poisson": _mean_of(_poisson),
    "square": _mean_of(lambda z, y: (y - z) ** 2),
}
