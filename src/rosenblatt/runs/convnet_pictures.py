"""What a report shows of a convolutional network: its kernels, its maps of an image, and which pixels decided."""

from __future__ import annotations

from typing import Any

import numpy as np

from rosenblatt.nn.convnet import Block, ConvNet
from rosenblatt.runs.picture import Picture

_MOST_KERNELS, _KERNEL_COLUMNS = 32, 8
_MAPS = 5
_MOST_IMAGES = 4  # whose saliency is drawn
_WIDTH = 5.2  # inches
_TEXT = 0.45  # inches of captions above a row of pictures, and of space below


def convnet_pictures(estimator: Any, X: Any, part: str) -> list[Picture]:
    """The pictures of a fitted convolutional network.

    Parameters
    ----------
    estimator : fitted
    X : array-like
        Images, or rows of their numbers.
    part : {"test", "training"}
        Which rows they are.

    Returns
    -------
    list of Picture
        None of a network of another kind.
    """
    network = getattr(estimator, "networks_", {}).get("model")
    if not isinstance(network, ConvNet):
        return []
    images = np.asarray(X)
    return [
        _kernels(estimator, network),
        _maps(estimator, network, images[0], part),
        _saliency(estimator, network, images, part),
    ]


def _kernels(estimator: Any, network: ConvNet) -> Picture:
    from rosenblatt.display import FilterDisplay

    *size, n_inputs, n_kernels = network.features.blocks[0].convolution.weight.shape
    n_columns = min(n_kernels, _KERNEL_COLUMNS)
    n_rows = -(-min(n_kernels, _MOST_KERNELS) // n_columns)
    colours = "Gray is 0." if n_inputs == 3 else "Blue weights count for what the kernel looks for, orange against it."
    return Picture(
        "kernels",
        "What the first layer looks for",
        lambda ax: FilterDisplay.from_estimator(estimator, n_kernels=_MOST_KERNELS, n_columns=n_columns, ax=ax),
        "Small grids of weights, one for each kernel",
        f"The kernels of the first convolution. {colours}",
        (_WIDTH, 0.4 + _height(n_rows, n_columns + 2, tuple(size))),
    )


def _maps(estimator: Any, network: ConvNet, image: np.ndarray, part: str) -> Picture:
    from rosenblatt.display import FeatureMapDisplay

    n_rows = 1 + sum(map(_n_layers, network.features.blocks))
    return Picture(
        "maps",
        "What each layer makes of an image",
        lambda ax: FeatureMapDisplay.from_estimator(estimator, image, n_maps=_MAPS, ax=ax),
        "An image, and below it a row of maps for each layer",
        f"The first {part} row, and what the layers make of it: of each block the {_MAPS} channels that are most "
        "active, each row with the range of its numbers.",
        (_WIDTH, _height(n_rows, _MAPS, network.features.image_shape[:-1])),
    )


def _n_layers(block: Block) -> int:
    """How many rows of maps a block has."""
    return 2 if block.pooling is None else 3


def _saliency(estimator: Any, network: ConvNet, images: np.ndarray, part: str) -> Picture:
    from rosenblatt.display import SaliencyDisplay
    from rosenblatt.explain import grad_cam, input_gradient, integrated_gradients

    chosen = images[differently_answered(estimator.predict(images[:100]))]
    found = [ask(estimator, chosen) for ask in (input_gradient, integrated_gradients, grad_cam)]
    asked = "the class that was predicted" if hasattr(estimator, "classes_") else "the first number that is predicted"
    return Picture(
        "saliency",
        "Which pixels decided",
        lambda ax: SaliencyDisplay(found).plot(ax),
        "Images, and beside each which pixels speak for the prediction by three methods",
        f"Some {part} rows, and what their pixels have to do with f(x), the network's output for {asked}: blue speaks "
        "for it, orange against it. The gradient is what a small change would do; integrated gradients are what each "
        "pixel has added, from an image of zeros on; Grad-CAM is where the last convolution's maps speak for it.",
        (_WIDTH, _height(len(chosen), 4, network.features.image_shape[:-1])),
    )


def differently_answered(predicted: np.ndarray) -> np.ndarray:
    """The first rows that are answered differently, and if they are too few, the first of the others."""
    _, first = np.unique(predicted, axis=0, return_index=True)
    return np.concatenate([np.sort(first), np.setdiff1d(np.arange(len(predicted)), first)])[:_MOST_IMAGES]


def _height(n_rows: int, n_columns: int, shape: tuple[int, ...]) -> float:
    """Inches of rows of pictures that fill the width, with their captions; those of signals are flat."""
    aspect = shape[0] / shape[1] if len(shape) == 2 else 0.25
    return n_rows * (0.85 * _WIDTH / n_columns * aspect + _TEXT)
