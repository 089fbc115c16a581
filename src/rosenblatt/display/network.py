"""A diagram of a small network: units as circles, weights as lines between them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from rosenblatt.display.canvas import short_number
from rosenblatt.display.diagram import Column, Diagram, Texts

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class NetworkDisplay:
    """Units in layers as in the lecture notes: f(1,1), f(1,2), ..., with lines whose width and colour are weights.

    Parameters
    ----------
    weights : sequence of ndarray (n_inputs, n_units)
        One for each layer; those of scikit-learn's networks, ``coefs_``, are such.
    biases : sequence of ndarray (n_units,)
    values : sequence of array-like, optional
        What each unit puts out, the input layer first: written into the circles.
    input_names, output_names : sequence of str, optional
        Written beside the circles.

    Attributes
    ----------
    ax_, figure_ : matplotlib axes and figure, after ``plot``
    edges_ : matplotlib LineCollection
    circles_ : list of matplotlib circles

    Raises
    ------
    ValueError
        If shapes do not belong together.

    Examples
    --------
    >>> from rosenblatt import MLPClassifier
    >>> from rosenblatt.data import load
    >>> from rosenblatt.display import NetworkDisplay
    >>> moons = load("moons")
    >>> model = MLPClassifier(hidden_layer_sizes=(4, 3), max_epochs=5, random_state=0).fit(moons.X, moons.y)
    >>> NetworkDisplay.from_estimator(model, moons.X[0]).ax_.get_title(loc="center")
    '31 parameters: 23 weights, 8 biases'
    """

    def __init__(
        self,
        weights: Sequence[Any],
        biases: Sequence[Any],
        *,
        values: Sequence[Any] | None = None,
        input_names: Sequence[str] | None = None,
        output_names: Sequence[str] | None = None,
    ):
        self.weights = [np.asarray(W, float) for W in weights]
        self.biases = [np.asarray(b, float) for b in biases]
        self.widths = _widths(self.weights, self.biases)
        self.values = None if values is None else [np.asarray(of_layer, float).ravel() for of_layer in values]
        if self.values is not None and [len(of_layer) for of_layer in self.values] != self.widths:
            raise ValueError(
                f"values has layers of {[len(of_layer) for of_layer in self.values]} units, and the network of "
                f"{self.widths}; one value for each unit is needed, the input layer first"
            )
        self.input_names = _names("input_names", input_names, self.widths[0])
        self.output_names = _names("output_names", output_names, self.widths[-1])

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        x: Any = None,
        *,
        input_names: Sequence[str] | None = None,
        output_names: Sequence[str] | None = None,
        max_units: int = 8,
        ax: Axes | None = None,
    ) -> Self:
        """Draws a fitted network of dense layers, with every unit's value for one input where that is given.

        Parameters
        ----------
        estimator : MLPClassifier, MLPRegressor or Perceptron
            Fitted. Without ``x`` also scikit-learn's networks.
        x : array-like (n_features,), optional
            The output layer's values are what the estimator predicts: probabilities, numbers, 1 or 0 of a perceptron.
        input_names, output_names : sequence of str, optional
            By default those of the features and classes that the estimator knows.
        max_units, ax
            As in ``plot``.

        Returns
        -------
        NetworkDisplay

        Raises
        ------
        TypeError
            If the estimator has no dense layers.
        ValueError
            If x does not fit the estimator.
        """
        from sklearn.utils.validation import check_is_fitted

        check_is_fitted(estimator)
        weights, biases = _layers(estimator)
        display = cls(
            weights,
            biases,
            values=None if x is None else _unit_values(estimator, x),
            input_names=getattr(estimator, "feature_names_in_", None) if input_names is None else input_names,
            output_names=_class_names(estimator) if output_names is None else output_names,
        )
        return display.plot(ax, max_units=max_units)

    def plot(self, ax: Axes | None = None, *, max_units: int = 8) -> Self:
        """Draws the diagram.

        Parameters
        ----------
        ax : matplotlib axes, optional
            Without it a figure of fitting size is made.
        max_units : int, default=8
            At least 3: a larger layer takes as many places, for its first units, dots, and its last unit.

        Returns
        -------
        NetworkDisplay
        """
        if max_units < 3:
            raise ValueError(f"max_units={max_units}; at least 3 are needed, for the first unit, dots, and the last")
        columns = [Column.of(width, max_units) for width in self.widths]
        self.ax_, self.edges_, self.circles_ = Diagram(columns, self.weights, self._texts()).draw(ax)
        self.figure_ = self.ax_.figure
        return self

    def _texts(self) -> Texts:
        n_weights, n_biases = [W.size for W in self.weights], [b.size for b in self.biases]
        of_layer = [_counted_parameters(*numbers, "\n") for numbers in zip(n_weights, n_biases, strict=True)]
        of_all = _counted_parameters(sum(n_weights), sum(n_biases), ", ")
        hidden = [f"layer {layer}" for layer in range(1, len(self.widths) - 1)]
        sizes = [_counted(self.widths[0], "value"), *(_counted(width, "unit") for width in self.widths[1:])]
        return Texts(
            title=f"{sum(n_weights) + sum(n_biases):,} parameters: {of_all}",
            headings=[f"{name}\n{size}" for name, size in zip(["input", *hidden, "output"], sizes, strict=True)],
            counts=["", *of_layer],
            units=[[self._unit_lines(layer, unit) for unit in range(n)] for layer, n in enumerate(self.widths)],
            input_names=self.input_names,
            output_names=self.output_names,
        )

    def _unit_lines(self, layer: int, unit: int) -> list[str]:
        """A unit's name as in the lecture notes, and its value where that is known."""
        if layer == 0:
            name = f"$x_{{{unit + 1}}}$"
        elif layer < len(self.widths) - 1:
            name = f"$f_{{{layer},{unit + 1}}}$"
        else:
            name = f"$y_{{{unit + 1}}}$" if self.widths[-1] > 1 else "$y$"
        return [name] if self.values is None else [name, short_number(self.values[layer][unit])]


def _widths(weights: list[np.ndarray], biases: list[np.ndarray]) -> list[int]:
    if not weights or len(weights) != len(biases):
        raise ValueError(
            f"there are {len(weights)} weight matrices and {len(biases)} bias vectors; give one for each layer"
        )
    shapes = [W.shape for W in weights]
    widths = [W.shape[0] for W in weights] + [weights[-1].shape[-1]]
    if (
        any(W.ndim != 2 for W in weights)
        or shapes != list(pairwise(widths))
        or [b.shape for b in biases] != [(width,) for width in widths[1:]]
    ):
        raise ValueError(
            f"weights of shapes {shapes} and biases of shapes {[b.shape for b in biases]} make no network; "
            "(n_inputs, n_units) and (n_units,) are needed, the units of a layer being the inputs of the next"
        )
    return widths


def _names(what: str, names: Sequence[str] | None, n_units: int) -> list[str] | None:
    if names is None:
        return None
    if len(names) != n_units:
        raise ValueError(f"{what} has {len(names)} names; the layer has {_counted(n_units, 'unit')}")
    return [str(name) for name in names]


def _counted(number: int, noun: str, ending: str = "s") -> str:
    return f"{number:,} {noun}{'' if number == 1 else ending}"


def _counted_parameters(n_weights: int, n_biases: int, separator: str) -> str:
    return f"{_counted(n_weights, 'weight')}{separator}{_counted(n_biases, 'bias', 'es')}"


def _layers(estimator: Any) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Weights and biases of an estimator with dense layers."""
    if hasattr(estimator, "coefs_"):
        return estimator.coefs_, estimator.intercepts_
    if hasattr(estimator, "coef_"):
        return [np.atleast_2d(estimator.coef_).T], [np.atleast_1d(estimator.intercept_)]
    raise TypeError(
        f"{type(estimator).__name__} has no dense layers (coefs_, intercepts_); MLPClassifier, MLPRegressor and "
        "Perceptron have, where they were fitted without network="
    )


def _class_names(estimator: Any) -> list[str] | None:
    """What the outputs stand for."""
    classes = getattr(estimator, "classes_", None)
    if classes is None or len(classes) > 2:
        return None if classes is None else [str(label) for label in classes]
    return [f"P({classes[1]})" if hasattr(estimator, "predict_proba") else str(classes[1])]


def _unit_values(estimator: Any, x: Any) -> list[np.ndarray]:
    """What every unit puts out for the input x, the input layer first."""
    row = np.asarray(x, float).reshape(1, -1)
    if row.shape[1] != estimator.n_features_in_:
        raise ValueError(
            f"x has {row.shape[1]} values; one input of this {type(estimator).__name__} has {estimator.n_features_in_}"
        )
    X = _named(row, estimator)
    hidden = estimator.unit_outputs(X)[:-1] if hasattr(estimator, "unit_outputs") else []
    return [row[0], *(values[0] for values in hidden), _outputs(estimator, X)]


def _outputs(estimator: Any, X: Any) -> np.ndarray:
    if hasattr(estimator, "predict_proba"):
        probabilities = estimator.predict_proba(X)[0]
        return probabilities[1:] if estimator.n_outputs_ == 1 else probabilities
    if hasattr(estimator, "classes_"):
        return np.ravel(estimator.decision_function(X) > 0)
    return np.ravel(estimator.predict(X))


def _named(row: np.ndarray, estimator: Any) -> Any:
    """The row with the names of the features that the estimator was fitted on, where those had names."""
    if not hasattr(estimator, "feature_names_in_"):
        return row
    import pandas as pd

    return pd.DataFrame(row, columns=estimator.feature_names_in_)
