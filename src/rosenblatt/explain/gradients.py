"""Four computations of one gradient, compared: formulas, automatic differentiation, differences, and a scalar graph."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from rosenblatt.explain.agreement import DIFFERENCES, JAX, SCALARS, Agreement, GradientCheck
from rosenblatt.explain.differences import CentralDifferences
from rosenblatt.explain.formulas import Backpropagation, written_out
from rosenblatt.explain.network import (
    DenseNetwork,
    fitted_layers,
    read_network,
    read_rows,
    read_targets,
    read_weights,
)
from rosenblatt.explain.replay import MOST_PARAMETERS, replay
from rosenblatt.losses import classification, regression
from rosenblatt.losses.penalties import elastic_slope
from rosenblatt.nn.mlp import MLP

_EXACT, _APPROXIMATE = 1e-10, 1e-5  # allowed, relative to the sum of the absolute terms of a slope
_STEP = 1e-6  # of the sums z in central differences; with a larger one, more steps lie across a kink of ReLU
_WORK = 1e9  # multiplications for the central differences of one array: about a second
_ROUNDING = 1e-14  # of the risk, relative; a central difference divides it by the step


def check_gradients(
    estimator: Any, X: Any, y: Any, *, sample_weight: Any = None, max_differences: int = 100
) -> GradientCheck:
    """Compares a fitted network's gradient, computed in four ways, in float64, layer by layer.

    The ways are: the written-out formulas of ``backpropagate``; ``jax.grad`` of the risk that the engine descends,
    through the network that it trains; central differences of that risk; and a graph of single
    numbers (``scalar_graph``). All are taken at the fitted parameters, without dropout.

    Parameters
    ----------
    estimator : MLPClassifier, MLPRegressor or Perceptron
        Fitted.
    X : array-like (n_samples, n_features), or images
        Some tens of rows are enough.
    y : array-like (n_samples,) or (n_samples, n_outputs)
    sample_weight : array-like (n_samples,), optional
        As in ``fit``.
    max_differences : int, default=100
        At least 1. Central differences are taken of as many weights and biases of each layer, drawn from a fixed
        seed; of fewer where rows times parameters is so large that it would take long.

    Returns
    -------
    GradientCheck

    Raises
    ------
    ValueError
        If rows, targets or weights do not fit the estimator, or it has an activation or a loss of the user's own.
    TypeError
        If the estimator's network is no chain of dense layers.

    Examples
    --------
    >>> from rosenblatt import MLPClassifier
    >>> from rosenblatt.data import load
    >>> from rosenblatt.explain import check_gradients
    >>> moons = load("moons")
    >>> model = MLPClassifier(hidden_layer_sizes=(4, 3), activation="tanh", max_epochs=5, random_state=0)
    >>> check_gradients(model.fit(moons.X, moons.y), moons.X[:20], moons.y[:20]).agree
    True
    """
    if max_differences < 1:
        raise ValueError(f"max_differences={max_differences}; at least 1 is needed")
    network = read_network(estimator)
    X = read_rows(estimator, X)
    targets = read_targets(estimator, y, len(X))
    weights = read_weights(estimator, y, sample_weight, len(X))
    result = written_out(network, X, targets, weights)
    arrays = _Arrays.of(network, X, result)
    by_jax = _jax_slopes(fitted_layers(estimator), network, X, targets, weights)
    differences = CentralDifferences(network, X, targets, weights)
    most = min(max_differences, max(5, int(_WORK / (2 * len(X) * network.n_parameters))))
    by_differences = [
        differences.slopes(parameter, _places(parameter.size, most), step)
        for parameter, step in zip(arrays.parameters, arrays.steps, strict=True)
    ]
    n_replayed = min(len(X), 2 * MOST_PARAMETERS // network.n_parameters)
    n_replayed = n_replayed if network.n_parameters <= MOST_PARAMETERS else 0
    agreements = (
        *arrays.compare(JAX, by_jax, arrays.exact()),
        *arrays.compare(DIFFERENCES, by_differences, arrays.approximate(result.risk)),
        *_replayed(network, X[:n_replayed], targets[:n_replayed]),
    )
    return GradientCheck(agreements, result.risk, len(X), n_replayed, differences.n_kinks)


def _places(size: int, most: int) -> np.ndarray:
    """Which entries of an array central differences are taken of."""
    return np.sort(np.random.default_rng(0).choice(size, min(most, size), replace=False))


class _Arrays(NamedTuple):
    """What is compared, in the order W(1), b(1), W(2), ...

    Attributes
    ----------
    names : list of str
    parameters, slopes : lists of ndarray
        The slopes are those of the formulas.
    sizes : list of float
        The largest sum of absolute values of the terms that an array's slopes are sums of: rounding errors are
        relative to it, however small the slopes themselves are.
    steps : list of float
        Of central differences: smaller where a layer's inputs are large.
    """

    names: list[str]
    parameters: list[np.ndarray]
    slopes: list[np.ndarray]
    sizes: list[float]
    steps: list[float]

    @classmethod
    def of(cls, network: DenseNetwork, X: np.ndarray, result: Backpropagation) -> "_Arrays":
        arrays = cls([], [], [], [], [])
        before = X
        for number, (W, b, layer) in enumerate(zip(network.weights, network.biases, result.layers, strict=True), 1):
            terms, shrinkage = np.abs(layer.delta), network.l1 + 2.0 * network.l2 * np.abs(W)
            arrays.names.extend([f"W({number})", f"b({number})"])
            arrays.parameters.extend([W, b])
            arrays.slopes.extend([layer.dW, layer.db])
            arrays.sizes.extend([float((np.abs(before).T @ terms + shrinkage).max()), float(terms.sum(axis=0).max())])
            arrays.steps.extend([_STEP / max(1.0, float(np.abs(before).max())), _STEP])
            before = layer.a
        return arrays

    def exact(self) -> list[float]:
        """How far apart slopes may be that differ by rounding only."""
        return [_EXACT * size for size in self.sizes]

    def approximate(self, risk: float) -> list[float]:
        """How far central differences may be off: by the step's curvature, and by rounding of the risk."""
        rounding = _ROUNDING * max(1.0, abs(risk))
        return [_APPROXIMATE * size + rounding / step for size, step in zip(self.sizes, self.steps, strict=True)]

    def compare(self, way: str, others: Sequence[np.ndarray], allowed: Sequence[float]) -> Iterator[Agreement]:
        """Slopes computed in another way, masked where there are none, against those of the formulas."""
        for name, slopes, other, limit in zip(self.names, self.slopes, others, allowed, strict=True):
            difference = np.ma.abs(np.ma.asarray(other) - slopes).compressed()
            yield Agreement(
                parameter=name,
                way=way,
                largest_slope=float(np.abs(slopes).max()),
                largest_difference=float(difference.max(initial=0.0)),
                allowed=limit,
                n_compared=difference.size,
                n_parameters=slopes.size,
            )


def _jax_slopes(
    layers: MLP, network: DenseNetwork, X: np.ndarray, targets: np.ndarray, weights: np.ndarray
) -> list[np.ndarray]:
    """The engine's gradient: autodiff of the mean loss, plus the slope of the penalty."""
    with _float64():
        double = jax.tree.map(lambda array: np.asarray(array, np.float64), layers)
        loss, coded = _engine_loss(network, targets)
        rows, l1, l2 = jnp.asarray(X), np.asarray(network.l1), np.asarray(network.l2)

        def risk(mlp: MLP) -> jax.Array:
            return (weights * loss(jax.vmap(mlp)(rows), coded, np.int32(targets.shape[1]))).mean()

        @jax.jit  # all in one program: each operation by itself would be compiled for itself
        def slopes(mlp: MLP) -> list[jax.Array]:
            pairs = zip(mlp.layers, jax.grad(risk)(mlp).layers, strict=True)
            each = [(of.weight + elastic_slope(jnp.asarray(layer.weight), l1, l2), of.bias) for layer, of in pairs]
            return [array for pair in each for array in pair]

        return [np.asarray(array) for array in slopes(double)]


def _engine_loss(network: DenseNetwork, targets: np.ndarray) -> tuple[Callable[..., Any], np.ndarray]:
    """The engine's own loss, and the targets as it takes them."""
    name = network.loss.name
    if name == "categorical cross-entropy":
        return classification.categorical_cross_entropy, targets.argmax(1)
    if name == "binary cross-entropy":
        return classification.binary_cross_entropy, targets
    if name == "perceptron":
        return classification.perceptron, 2.0 * targets - 1.0
    element = regression.Huber(network.loss.parameter) if name == "huber" else regression.REGRESSION_LOSSES[name]
    return regression.MeanOverOutputs(element), targets


def _float64() -> Any:
    """A context in which JAX computes in float64; afterwards the user's setting is back."""
    if hasattr(jax, "enable_x64"):
        return jax.enable_x64(True)
    from jax import experimental

    return experimental.enable_x64()  # pyright: ignore


def _replayed(network: DenseNetwork, X: np.ndarray, targets: np.ndarray) -> Iterator[Agreement]:
    """The scalar graph against the formulas: the mean loss on these rows, without weights and penalties."""
    if not len(X):
        return
    network = network._replace(l1=0.0, l2=0.0)
    arrays = _Arrays.of(network, X, written_out(network, X, targets, np.ones(len(X))))
    means = [np.zeros_like(slopes) for slopes in arrays.slopes]
    for x, target in zip(X, targets, strict=True):
        of_row = [array for pair in replay(network, x, target).slopes() for array in pair]
        means = [mean + slopes / len(X) for mean, slopes in zip(means, of_row, strict=True)]
    yield from arrays.compare(SCALARS, means, arrays.exact())
