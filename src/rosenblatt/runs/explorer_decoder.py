"""A decoder written out as data: its layers in the order in which they act, and all of their weights in one array."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from rosenblatt.nn.activations import ACTIVATIONS, LeakyReLU, identity
from rosenblatt.nn.autoencoder import AutoencoderNet, ConvDecoder
from rosenblatt.nn.convolution import TransposedConvolution
from rosenblatt.nn.dense import Dense
from rosenblatt.nn.mlp import MLP


@dataclass
class WrittenDecoder:
    """What computes g(h) from a code h.

    Attributes
    ----------
    layers : list of dict
        Each has a ``kind``: "dense", "transposed_convolution" (images are (height, width, channels), a signal has
        height 1) or "activation". ``weight`` and ``bias`` say where theirs start in ``numbers``.
    arrays : list of ndarray
        What they hold, in that order.
    """

    layers: list[dict[str, Any]] = field(default_factory=list)
    arrays: list[np.ndarray] = field(default_factory=list)
    n_numbers: int = 0

    @classmethod
    def of(cls, network: AutoencoderNet) -> WrittenDecoder:
        """Writes the decoder of a fitted network out.

        Raises
        ------
        ValueError
            If a layer or an activation is not one of this library's, or a parameter is not finite; it says which.
        """
        written = cls()
        for name, part in _parts(network):
            written._add(name, part)
        return written

    @property
    def numbers(self) -> np.ndarray:
        """All weights and biases (n_numbers,), float32."""
        return np.concatenate(self.arrays)

    def _add(self, name: str, part: Any) -> None:
        if type(part) is Dense:
            self._add_layer(name, part, {"kind": "dense", "inputs": part.weight.shape[0]})
        elif type(part) is TransposedConvolution:
            self._add_layer(name, part, _described(part))
        elif isinstance(part, _Activation):
            self._add_activation(name, part.function)
        else:
            raise ValueError(
                f"{name} of the decoder is a {type(part).__name__}, which an explorer cannot compute: it knows Dense "
                "and TransposedConvolution, and the activations. Explore an estimator with one of the built-in "
                "architectures, 'dense' or 'conv'"
            )

    def _add_layer(self, name: str, layer: Dense | TransposedConvolution, described: dict[str, Any]) -> None:
        places = {kind: self._store(name, getattr(layer, kind)) for kind in ("weight", "bias")}
        self.layers.append(described | {"units": int(np.size(layer.bias))} | places)

    def _store(self, name: str, array: Any) -> int:
        numbers = np.asarray(array, np.float32).ravel()
        if not np.isfinite(numbers).all():
            raise ValueError(f"{name} of the decoder holds parameters that are not finite; fit the estimator again")
        self.arrays.append(numbers)
        self.n_numbers += numbers.size
        return self.n_numbers - numbers.size

    def _add_activation(self, name: str, function: Callable) -> None:
        if function is identity:
            return
        if isinstance(function, LeakyReLU):
            self.layers.append({"kind": "activation", "name": "leaky_relu", "slope": function.slope})
            return
        known = next((key for key, value in ACTIVATIONS.items() if value is function), None)
        if known is None:
            raise ValueError(
                f"{name} of the decoder is a function of your own, {_name_of(function)}, and the page computes without "
                f"Python: it knows {', '.join(ACTIVATIONS)}. Fit with one of these names"
            )
        self.layers.append({"kind": "activation", "name": known})


@dataclass(frozen=True)
class _Activation:
    function: Callable


def _parts(network: AutoencoderNet) -> Iterator[tuple[str, Any]]:
    """What acts on a code, one after the other, by names that a reader of the network finds it by."""
    decoder = network.decoder
    if type(decoder) is MLP:
        yield from _dense_parts("", decoder)
    elif type(decoder) is ConvDecoder:
        yield from _dense_parts("head.", decoder.head)
        for index, (function, layer) in enumerate(zip(decoder.activations, decoder.layers, strict=True)):
            yield f"activations[{index}]", _Activation(function)
            yield f"layers[{index}]", layer
    else:
        yield "the whole", decoder
    yield "output_activation", _Activation(network.output_activation)


def _dense_parts(prefix: str, network: MLP) -> Iterator[tuple[str, Any]]:
    if type(network) is not MLP:
        yield prefix.rstrip("."), network
        return
    for index, (layer, function) in enumerate(zip(network.layers, network.activations, strict=False)):
        yield f"{prefix}layers[{index}]", layer
        yield f"{prefix}activations[{index}]", _Activation(function)
    yield f"{prefix}layers[{len(network.layers) - 1}]", network.layers[-1]


def _described(layer: TransposedConvolution) -> dict[str, Any]:
    """Sizes with two spatial axes, also of a signal; where entry m puts pixel a is S a + D m - P."""
    window = layer.window
    missing = (1,) * (2 - len(layer.shape))
    smallest = window.output_shape(layer.shape)
    return {
        "kind": "transposed_convolution",
        "inputs": [*missing, *smallest, layer.weight.shape[-2]],
        "outputs": [*missing, *layer.shape, int(np.size(layer.bias))],
        "size": [*missing, *window.size],
        "stride": [*missing, *window.stride],
        "dilation": [*missing, *window.dilation],
        "before": [*(0 for _ in missing), *(before for before, _ in window.pads(layer.shape))],
        "groups": layer.groups,
    }


def _name_of(function: Callable) -> str:
    return getattr(function, "__qualname__", None) or type(function).__name__
