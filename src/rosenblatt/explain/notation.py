"""The lecture notes' names for what is inside a network: W(layer, in, out), b(layer, out) and f(layer, unit).

Everything counts from 1, the output layer is also called "o", and ":" stands for all.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from rosenblatt.explain.formulas import forward
from rosenblatt.explain.network import fitted_layers, read_network, read_rows


class Weights:
    """The weights of a fitted network: ``W(layer, i, j)`` leads from input i of the layer to its unit j.

    Parameters
    ----------
    estimator : MLPClassifier, MLPRegressor or Perceptron
        Fitted.

    Examples
    --------
    >>> from rosenblatt import MLPClassifier
    >>> from rosenblatt.data import load
    >>> from rosenblatt.explain import Weights
    >>> moons = load("moons")
    >>> W = Weights(MLPClassifier(hidden_layer_sizes=(4, 3), max_epochs=1, random_state=0).fit(moons.X, moons.y))
    >>> W
    Weights(W(1, 1..2, 1..4), W(2, 1..4, 1..3), W(3, 1..3, 1..1): 23 in all)
    >>> float(W(1, ":", 3)[1]) == W(1, 2, 3)  # from the second input to the third unit of the first layer
    True
    >>> W[1, :, 3].shape, W("o").shape  # all weights into a unit: of the first layer, of the output layer
    ((2,), (3,))
    """

    def __init__(self, estimator: Any):
        self._layers = [np.array(layer.weight) for layer in fitted_layers(estimator).layers]

    def __call__(self, layer: Any, i: Any = ":", j: Any = None) -> Any:
        """One weight, or an array of them.

        Parameters
        ----------
        layer : int from 1, or "o" for the output layer
        i : int from 1, ":" or slice(None), default=":"
            Input of the layer.
        j : int from 1, ":" or slice(None), default=None
            Unit of the layer; may be left out where it has only one.

        Returns
        -------
        float, or ndarray where ":" was given: (n_inputs,), (n_units,) or (n_inputs, n_units)

        Raises
        ------
        IndexError
            If there is no such layer, input or unit.
        """
        number = _layer_number(layer, len(self._layers))
        weight = self._layers[number - 1]
        n_inputs, n_units = weight.shape
        if j is None and n_units > 1:
            raise IndexError(
                f"W({layer}, {i}) has no third index, and layer {number} has {n_units} units: write W({layer}, {i}, j) "
                f'with j from 1 to {n_units}, or ":" for all'
            )
        column = 0 if j is None else _place(j, n_units, f"layer {number} has units")
        return _plain(weight[_place(i, n_inputs, f"layer {number} has inputs"), column])

    def __getitem__(self, indices: Any) -> Any:
        return self(*indices) if isinstance(indices, tuple) else self(indices)

    def __repr__(self) -> str:
        shapes = ", ".join(f"W({n}, 1..{W.shape[0]}, 1..{W.shape[1]})" for n, W in enumerate(self._layers, 1))
        return f"Weights({shapes}: {sum(W.size for W in self._layers)} in all)"


class Biases:
    """The biases of a fitted network: ``b(layer, j)`` belongs to unit j of the layer.

    Parameters
    ----------
    estimator : MLPClassifier, MLPRegressor or Perceptron
        Fitted.

    Examples
    --------
    >>> from rosenblatt import Perceptron
    >>> from rosenblatt.explain import Biases
    >>> b = Biases(Perceptron(random_state=0).fit([[0.0], [1.0]], [0, 1]))
    >>> b
    Biases(b(1, 1..1): 1 in all)
    """

    def __init__(self, estimator: Any):
        self._layers = [np.array(layer.bias) for layer in fitted_layers(estimator).layers]

    def __call__(self, layer: Any, j: Any = ":") -> Any:
        """One bias, or those of a whole layer.

        Parameters
        ----------
        layer : int from 1, or "o" for the output layer
        j : int from 1, ":" or slice(None), default=":"

        Returns
        -------
        float, or ndarray (n_units,)

        Raises
        ------
        IndexError
            If there is no such layer or unit.
        """
        return _of_unit(self._layers, layer, j)

    def __getitem__(self, indices: Any) -> Any:
        return self(*indices) if isinstance(indices, tuple) else self(indices)

    def __repr__(self) -> str:
        shapes = ", ".join(f"b({n}, 1..{b.size})" for n, b in enumerate(self._layers, 1))
        return f"Biases({shapes}: {sum(b.size for b in self._layers)} in all)"


class Units:
    """What every unit of a fitted network puts out for one input x: ``f(layer, unit)``.

    They are computed by the written-out formulas in float64. The output layer's are what the estimator predicts: the
    probability of the second class where there are two, of each class where there are more, numbers in a regression;
    1 or 0 of a perceptron.

    Parameters
    ----------
    estimator : MLPClassifier, MLPRegressor or Perceptron
        Fitted.
    x : array-like (n_features,)

    Raises
    ------
    ValueError
        If x does not fit the estimator.

    Examples
    --------
    >>> from rosenblatt import Perceptron
    >>> from rosenblatt.explain import Units
    >>> gate = Perceptron(random_state=0).fit([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 0, 0, 1])
    >>> Units(gate, [1, 1])("o", 1), Units(gate, [1, 0])("o", 1)
    (1.0, 0.0)
    """

    def __init__(self, estimator: Any, x: Any):
        self._network = read_network(estimator)
        self._x = read_rows(estimator, np.asarray(x).reshape(1, -1))[0]
        self._passes = forward(self._network, self._x[None])
        self._layers = [layer.a[0] for layer in self._passes]

    def __call__(self, layer: Any, unit: Any = ":") -> Any:
        """One unit's value, or those of a whole layer.

        Parameters
        ----------
        layer : int from 1, or "o" for the output layer
        unit : int from 1, ":" or slice(None), default=":"

        Returns
        -------
        float, or ndarray (n_units,)

        Raises
        ------
        IndexError
            If there is no such layer or unit.
        """
        return _of_unit(self._layers, layer, unit)

    def __getitem__(self, indices: Any) -> Any:
        return self(*indices) if isinstance(indices, tuple) else self(indices)

    def __iter__(self) -> Iterator[tuple[tuple[int, int], float]]:
        """((layer, unit), value) of every unit."""
        for layer, values in enumerate(self._layers, 1):
            for unit, value in enumerate(values, 1):
                yield (layer, unit), float(value)

    def __repr__(self) -> str:
        return "Units(" + ", ".join(f"f({layer},{unit}) = {value:.4g}" for (layer, unit), value in self) + ")"

    def written_out(self, layer: Any, unit: int) -> str:
        """How a unit's value comes about: the formula with names, then with numbers, then the value.

        Parameters
        ----------
        layer : int from 1, or "o" for the output layer
        unit : int from 1

        Returns
        -------
        str
            Lines such as ``f(1,3) = tanh(W(1,1,3)·x(1) + W(1,2,3)·x(2) + b(1,3))``; of more than eight terms the
            middle ones are left out.

        Raises
        ------
        IndexError
            If there is no such layer or unit.
        """
        number = _layer_number(layer, len(self._layers))
        column = _place(unit, self._layers[number - 1].size, f"layer {number} has units")
        if isinstance(column, slice):
            raise IndexError(f"written_out shows one unit, got {unit!r}; give its number, from 1")
        names, numbers = self._weighted_sum(number, column)
        z, value = self._passes[number - 1].z[0, column], self._layers[number - 1][column]
        f = [*(activation.name for activation in self._network.activations), self._network.output][number - 1]
        if f == "softmax":
            fraction = f"exp(z({number},{unit})) / Σ exp(z({number},k))"
            return (
                f"z({number},{unit}) = {names}\n= {numbers}\n= {z:.4g}\nf({number},{unit}) = {fraction}\n= {value:.4g}"
            )
        return f"f({number},{unit}) = {f}({names})\n= {f}({numbers})\n= {f}({z:.4g})\n= {value:.4g}"

    def _weighted_sum(self, number: int, column: int) -> tuple[str, str]:
        """The sum that a unit is a function of, with names and with numbers."""
        inputs, source = (self._layers[number - 2], f"f({number - 1},{{}})") if number > 1 else (self._x, "x({})")
        weights, bias = self._network.weights[number - 1][:, column], self._network.biases[number - 1][column]
        unit, places = column + 1, range(1, len(weights) + 1)
        names = _summed([f"W({number},{i},{unit})·{source.format(i)}" for i in places])
        numbers = _summed([f"{_factor(w)}·{_factor(a)}" for w, a in zip(weights, inputs, strict=True)])
        return f"{names} + b({number},{unit})", f"{numbers} + {_factor(bias)}"


def _of_unit(layers: list[np.ndarray], layer: Any, unit: Any) -> Any:
    number = _layer_number(layer, len(layers))
    values = layers[number - 1]
    return _plain(values[_place(unit, values.size, f"layer {number} has units")])


def _layer_number(layer: Any, n_layers: int) -> int:
    if _is_text(layer, "o"):
        return n_layers
    if not _exists(layer, n_layers):
        exist = f'the layers are 1 to {n_layers}, and "o" is the output layer {n_layers}'
        raise IndexError(f"layer {layer!r} does not exist: {exist}")
    return int(layer)


def _place(index: Any, size: int, what: str) -> Any:
    """An index that counts from 1, or ":", as NumPy's."""
    if _exists(index, size):
        return int(index) - 1
    if _is_text(index, ":") or (isinstance(index, slice) and index == slice(None)):
        return slice(None)
    raise IndexError(f'{what} 1 to {size}, got {index!r}; counting starts at 1, and ":" takes all')


def _is_text(index: Any, text: str) -> bool:
    return isinstance(index, str) and index == text


def _exists(index: Any, size: int) -> bool:
    return isinstance(index, int | np.integer) and not isinstance(index, bool) and bool(1 <= index <= size)


def _plain(value: Any) -> Any:
    return float(value) if np.ndim(value) == 0 else value.copy()


def _summed(terms: list[str], most: int = 8) -> str:
    """Terms with plus signs, the middle left out where there are many."""
    return " + ".join(terms if len(terms) <= most else [*terms[: most - 2], "...", terms[-1]])


def _factor(value: float) -> str:
    return f"({value:.4g})" if value < 0 else f"{value:.4g}"
