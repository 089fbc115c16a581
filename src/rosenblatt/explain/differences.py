"""Slopes by central differences: (J(w + h) - J(w - h)) / 2h, one parameter at a time."""

from typing import Any

import numpy as np

from rosenblatt.explain.formulas import Forward, forward, penalty
from rosenblatt.explain.network import DenseNetwork


class CentralDifferences:
    """Slopes of a network's risk on some rows.

    Parameters
    ----------
    network : DenseNetwork
    X : ndarray (n_rows, n_inputs)
    targets : ndarray (n_rows, n_outputs)
    weights : ndarray (n_rows,) of mean 1

    Attributes
    ----------
    n_kinks : int
        How many slopes were left out so far, because activations, the loss or the penalty have a kink between the two
        ends of the step: a difference across it is the slope on neither side.
    """

    def __init__(self, network: DenseNetwork, X: np.ndarray, targets: np.ndarray, weights: np.ndarray):
        self.network, self.X, self.targets, self.weights = network, X, targets, weights
        self.n_kinks = 0

    def slopes(self, parameter: np.ndarray, places: np.ndarray, step: float) -> np.ma.MaskedArray:
        """The slopes with respect to some entries of one of the network's arrays.

        Parameters
        ----------
        parameter : ndarray
            One of ``network.weights`` or ``network.biases``; changed on the way, and restored.
        places : ndarray of int
            Positions in the flattened array.
        step : float > 0
            h.

        Returns
        -------
        masked array of the parameter's shape
            Masked where no slope was computed.
        """
        slopes = np.ma.masked_all(parameter.shape)
        for place in zip(*np.unravel_index(places, parameter.shape), strict=True):
            kept = float(parameter[place])
            above, sides_above = self._risk_at(parameter, place, kept + step)
            below, sides_below = self._risk_at(parameter, place, kept - step)
            parameter[place] = kept
            if all(map(np.array_equal, sides_above, sides_below)):
                slopes[place] = (above - below) / (2 * step)
            else:
                self.n_kinks += 1
        return slopes

    def _risk_at(self, parameter: np.ndarray, place: Any, value: float) -> tuple[float, list[np.ndarray]]:
        """The risk with that value in that place, and on which side of each kink everything is."""
        parameter[place] = value
        passes = forward(self.network, self.X)
        losses = self.network.loss.value(passes[-1].z, self.targets)
        return float(self.weights @ losses / len(losses)) + penalty(self.network), self._sides(passes)

    def _sides(self, passes: tuple[Forward, ...]) -> list[np.ndarray]:
        network = self.network
        sides = [layer.z > 0 for layer, f in zip(passes, network.activations, strict=False) if f.kinked]
        if network.loss.side is not None:
            sides.append(network.loss.side(passes[-1].z, self.targets))
        if network.l1:
            sides.extend(W > 0 for W in network.weights)
        return sides
