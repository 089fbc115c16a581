"""The multi-layer perceptron: dense layers, each unit a weighted sum and an activation.

f(x) = W_L a(... a(W_1 x + b_1) ...) + b_L, trained by backpropagation (Rumelhart, Hinton and Williams 1986). The risk
is J(S; w) = (1/n) sum l(f(x), y) + l1 sum |w| + l2 sum w^2.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from rosenblatt.models import fields
from rosenblatt.models.classification import NetworkClassifier
from rosenblatt.models.regression import NetworkRegressor
from rosenblatt.models.supervised import SupervisedEstimator, call_factory
from rosenblatt.nn import activations
from rosenblatt.nn.mlp import MLP


@dataclass(kw_only=True, repr=False, eq=False)
class DenseEstimator(ClassNamePrefixFeaturesOutMixin, TransformerMixin, SupervisedEstimator):
    """Fields and verbs of the estimators that are a multi-layer perceptron.

    Parameters
    ----------
    hidden_layer_sizes : int or sequence of int, default=(100,)
        Units of each hidden layer; an empty sequence is a linear model.
    activation : str, callable, or a sequence with one for each hidden layer, default="relu"
        "tanh", "sigmoid", "relu", "leaky_relu", "softplus", "elu", "gelu", "identity", or an element-wise JAX function.
    negative_slope : float >= 0, default=0.01
        The slope of "leaky_relu" below 0.
    initializer : {"auto", "he", "glorot", "lecun", "normal", "zeros"}, default="auto"
        How weights start; "auto" is He's for rectifying activations and Glorot's otherwise. "zeros" cannot train a
        hidden layer: all its units stay the same.
    network : callable, optional
        A network of your own in place of the dense layers: ``network(n_inputs, n_outputs, key=...)`` returns an
        Equinox module that maps one sample x (n_inputs,) to (n_outputs,) logits or numbers and takes the keyword
        arguments ``dropout`` and ``key`` (or ``**kwargs``).
    """

    hidden_layer_sizes: fields.HiddenLayerSizes = (100,)
    activation: fields.ActivationField = "relu"
    negative_slope: fields.NonNegativeFloat = 0.01
    initializer: fields.InitializerName = "auto"
    network: Callable | None = None

    def transform(self, X: Any) -> np.ndarray:
        """What the last hidden layer puts out for each row (n_samples, n_units), in the dtype of X."""
        check_is_fitted(self)
        dtype = np.float64 if getattr(X, "dtype", None) == np.float64 else np.float32
        return self._apply(X, lambda layers: layers[-2])[:, : self._n_features_out].astype(dtype)

    def unit_outputs(self, X: Any) -> list[np.ndarray]:
        """What every layer puts out for each row: (n_samples, n_units) for each hidden layer, then the last layer's."""
        check_is_fitted(self)
        *hidden, outputs = self._apply(X, lambda layers: layers[1:])
        return [*hidden, outputs[:, : self.n_outputs_]]

    @property
    def coefs_(self) -> list[np.ndarray]:
        """The weight matrix of each layer, (n_inputs, n_units)."""
        return [np.asarray(layer.weight) for layer in self._fitted_network().layers]

    @property
    def intercepts_(self) -> list[np.ndarray]:
        """The biases of each layer, (n_units,)."""
        return [np.asarray(layer.bias) for layer in self._fitted_network().layers]

    @property
    def _n_features_out(self) -> int:
        return self._fitted_network().layers[-1].weight.shape[0]

    def _fitted_network(self) -> MLP:
        return self._network_of(MLP)

    def _build(self, n_inputs: int, n_outputs: int, rng: np.random.Generator) -> Any:
        if self.network is not None:
            return call_factory(self.network, n_inputs, n_outputs, rng)
        hidden = np.atleast_1d(np.asarray(self.hidden_layer_sizes, int)).tolist()
        widths = [n_inputs, *hidden, n_outputs]
        functions = activations.resolve_each(self.activation, float(self.negative_slope), len(hidden))
        return MLP.initialize(widths, functions, self.initializer, rng)


@dataclass(kw_only=True, repr=False, eq=False)
class MLPClassifier(DenseEstimator, NetworkClassifier):
    """A multi-layer perceptron that classifies.

    ``predict``, ``predict_proba`` and ``decision_function`` are scikit-learn's; ``transform`` gives the last hidden
    layer. The fields are those of ``DenseEstimator``, ``SupervisedClassifier``, ``NetworkEstimator`` and
    ``EngineEstimator``.

    Attributes
    ----------
    classes_ : ndarray (n_classes,)
    coefs_, intercepts_ : lists of ndarray, a layer each

    References
    ----------
    D. E. Rumelhart, G. E. Hinton, R. J. Williams, "Learning representations by back-propagating errors", Nature 323,
    1986.

    Examples
    --------
    >>> from rosenblatt import MLPClassifier
    >>> from sklearn.datasets import load_digits
    >>> X, y = load_digits(return_X_y=True)
    >>> model = MLPClassifier(hidden_layer_sizes=(32,), max_epochs=50, random_state=0).fit(X / 16, y)
    >>> model.score(X / 16, y) > 0.97
    True
    """


@dataclass(kw_only=True, repr=False, eq=False)
class MLPRegressor(DenseEstimator, NetworkRegressor):
    """A multi-layer perceptron that predicts numbers.

    ``predict`` and ``score`` (R²) are scikit-learn's; ``transform`` gives the last hidden layer. The fields are those
    of ``DenseEstimator``, ``NetworkRegressor``, ``NetworkEstimator`` and ``EngineEstimator``.

    Attributes
    ----------
    coefs_, intercepts_ : lists of ndarray, a layer each

    References
    ----------
    D. E. Rumelhart, G. E. Hinton, R. J. Williams, "Learning representations by back-propagating errors", Nature 323,
    1986.

    Examples
    --------
    >>> import numpy as np
    >>> from rosenblatt import MLPRegressor
    >>> x = np.linspace(-3, 3, 200).reshape(-1, 1)
    >>> model = MLPRegressor(hidden_layer_sizes=(32,), activation="tanh", learning_rate=0.01, random_state=0)
    >>> model.fit(x, np.sin(x[:, 0])).score(x, np.sin(x[:, 0])) > 0.99
    True
    """
