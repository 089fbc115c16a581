"""What an estimator will train, before it is trained, and what looks wrong with the data for it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from rich.table import Table
from sklearn.base import clone
from sklearn.utils import get_tags

from rosenblatt.models.tables import PrintedTable
from rosenblatt.nn.convnet import ConvNet
from rosenblatt.nn.describe import DenseTwin, LayerDescription, dense_twin
from rosenblatt.nn.mlp import MLP
from rosenblatt.nn.parameters import ParameterCount
from rosenblatt.nn.windows import times

_BYTES = 4  # of a float32
_LEFT = ("layer", "inputs x units + biases")  # columns of texts


@dataclass(frozen=True)
class Description(PrintedTable):
    """The layers of a network, its size, and warnings; prints as a table.

    Attributes
    ----------
    title : str
    layers : tuple of LayerDescription
    parameters : ParameterCount
    multiply_adds : int
        Of one sample's forward pass.
    memory : int
        Bytes of parameters, gradients, optimizer state (as for Adam), one batch of inputs, and the activations and
        slopes of as many of its rows as are computed together.
    warnings : tuple of str
    dense : DenseTwin or None
        The size of a convolutional network if its convolutions were dense layers of the same width.
    """

    title: str
    layers: tuple[LayerDescription, ...]
    parameters: ParameterCount
    multiply_adds: int
    memory: int
    warnings: tuple[str, ...]
    dense: DenseTwin | None = None

    def __rich__(self) -> Table:
        count = f"{self.parameters.weights:,} weights + {self.parameters.biases:,} biases"
        caption = f"{count}, {self.multiply_adds:,} multiply-adds a sample, {self.memory / 2**20:.1f} MiB to train"
        lines = [caption, *self._comparison(), *(f"! {w}" for w in self.warnings)]
        table = Table(title=self.title, caption="\n".join(lines))
        for name in (*_LEFT, "output", "weights", "biases", "multiply-adds", "sees"):
            table.add_column(name, justify="left" if name in _LEFT else "right")
        for layer in self.layers:
            sees = layer.receptive_field
            sees = f"{sees:,}" if isinstance(sees, int) else times(sees)
            numbers = (f"{n:,}" for n in (layer.weights, layer.biases, layer.multiply_adds))
            table.add_row(layer.name, layer.formula, times(layer.output_shape), *numbers, sees)
        return table

    def _comparison(self) -> list[str]:
        """The parameters and the work of the dense network of the same width, and how many times those of this one."""
        if self.dense is None:
            return []
        parameters, work = self.dense.parameters.total, self.dense.multiply_adds
        return [
            f"with dense layers of the same width for convolutions: {parameters:,} parameters "
            f"(x {parameters / self.parameters.total:,.3g}), {work:,} multiply-adds "
            f"(x {work / self.multiply_adds:,.3g})"
        ]


def describe(estimator: Any, X: Any = None, y: Any = None) -> Description:
    """The networks that ``estimator`` trains on (X, y), without training it; or of a fitted one, those it has.

    Parameters
    ----------
    estimator : an estimator of this library that has networks
    X : array-like (n_samples, n_features) or images, optional for a fitted estimator
    y : array-like, optional for a fitted estimator and for one that learns without

    Returns
    -------
    Description

    Raises
    ------
    ValueError
        If the estimator is not fitted and X or y is missing, or does not fit it.
    """
    if not hasattr(estimator, "_chains"):
        raise ValueError(f"{type(estimator).__name__} has no network to describe")
    fitted = hasattr(estimator, "networks_")
    model = estimator if fitted else _prepared(estimator, X, y)
    networks = model.networks_ if fitted else model._new_networks(np.random.default_rng(0))
    network = networks.get("model")
    layers = tuple(layer for chain in model._chains(networks) for layer in chain.layers)
    parameters = ParameterCount(sum(layer.weights for layer in layers), sum(layer.biases for layer in layers))
    warnings: list[str] = []
    if X is not None:
        table = model._check_inputs(X, reset=False)
        is_table = isinstance(network, MLP) or model.image_shape_ is None
        found = data_warnings(table) if is_table else pixel_warnings(table)
        found += _fit_warnings(model, parameters, len(table))
        warnings = _start_warnings(model) if model._prepares_rows else found + _start_warnings(model)
    return Description(
        f"{type(estimator).__name__}: {model.n_features_in_} inputs, {model.n_outputs_} outputs",
        layers,
        parameters,
        sum(layer.multiply_adds for layer in layers),
        _memory(model, networks, layers, parameters),
        tuple(warnings),
        dense_twin(network) if isinstance(network, ConvNet) else None,
    )


def data_warnings(X: np.ndarray) -> list[str]:
    """What is suspicious about the columns of X: constant ones, and scales that a network learns badly from."""
    X = X.astype(np.float64)
    spread = X.std(axis=0)
    constant = np.flatnonzero(spread == 0)
    found = []
    if len(constant):
        found.append(f"{len(constant)} of {X.shape[1]} columns are constant ({_some(constant)}): they teach nothing")
    scale = np.abs(X).max(axis=0)[spread > 0]
    if len(scale) and (scale.max() > 100 or scale.max() > 1000 * scale.min()):
        found.append(
            f"X is not scaled (largest values of its columns from {scale.min():.3g} to {scale.max():.3g}): put "
            "sklearn.preprocessing.StandardScaler before the network"
        )
    return found


def pixel_warnings(X: np.ndarray) -> list[str]:
    """What is suspicious about the numbers of images: pixels from 0 to 255 that are no bytes, which none scales."""
    largest = 0.0 if X.dtype == np.uint8 else float(np.abs(X).max())
    if largest <= 100:
        return []
    return [f"X is not scaled (its largest number is {largest:.3g}): pass bytes (uint8), or divide X by {largest:.3g}"]


def _prepared(estimator: Any, X: Any, y: Any) -> Any:
    """A copy that knows its inputs and outputs."""
    needs_y = get_tags(estimator).target_tags.required
    if X is None or (needs_y and y is None):
        needed = "X and y" if needs_y else "X"
        raise ValueError(f"describe needs {needed}, since this {type(estimator).__name__} is not fitted yet")
    copy: Any = clone(estimator)
    copy._examples(X, y, None, reset=True)
    return copy


def _fit_warnings(model: Any, parameters: ParameterCount, n_rows: int) -> list[str]:
    found = []
    if parameters.total > n_rows and hasattr(model, "early_stopping"):
        found.append(
            f"{parameters.total:,} parameters for {n_rows:,} rows: it can learn them by heart; watch the risk on "
            "validation rows (early_stopping=True), or use l2 or dropout"
        )
    found += _code_warnings(model)
    batch_size = getattr(model, "batch_size", 1)
    if isinstance(batch_size, int | np.integer) and batch_size > n_rows:
        found.append(f"batch_size={batch_size} is more than the {n_rows} rows: it is gradient descent on all of them")
    return found


def _start_warnings(model: Any) -> list[str]:
    if getattr(model, "initializer", None) != "zeros":
        return []
    return ["initializer='zeros': all units of a hidden layer get the same gradient and stay equal"]


def _code_warnings(model: Any) -> list[str]:
    """A code as wide as the rows: nothing then keeps an autoencoder from copying them."""
    if not hasattr(model, "sparsity"):
        return []
    latent_dim, held_back = model.latent_dim, model.sparsity or model.smoothness or model.noise
    if latent_dim < model.n_features_in_ or held_back:
        return []
    return [
        f"latent_dim={latent_dim} is not fewer than the {model.n_features_in_} numbers of a row: it can copy them; "
        "take a smaller latent_dim, or sparsity, smoothness or noise"
    ]


def _memory(
    model: Any, networks: Mapping[str, Any], layers: tuple[LayerDescription, ...], parameters: ParameterCount
) -> int:
    batch_size = getattr(model, "batch_size", 1)
    rows = batch_size if isinstance(batch_size, int | np.integer) else 1
    activations = sum(math.prod(layer.output_shape) for layer in layers if layer.name != "flatten")
    together = model._micro_batch(networks, rows) or rows
    return _BYTES * (4 * parameters.total + rows * model.n_features_in_ + 2 * together * activations)


def _some(columns: np.ndarray) -> str:
    shown = ", ".join(map(str, columns[:5]))
    return shown if len(columns) <= 5 else f"{shown}, ..."
