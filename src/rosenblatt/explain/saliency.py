"""Saliency: how much each pixel of an image has to do with what a network says about it.

f is one output of the network, a logit (not a probability, whose slope vanishes where the network is sure) or a
predicted number.

- The gradient df/dx (Simonyan, Vedaldi and Zisserman 2013): what a small change of each pixel changes.
- Integrated gradients (Sundararajan, Taly and Yan 2017, "Axiomatic attribution for deep networks"): (x - b) times the
  mean gradient on the way from a baseline b to x. They are complete: their sum is f(x) - f(b).
- Grad-CAM (Selvaraju et al. 2017): ReLU(sum_k a_k A_k) for the maps A_k of one convolution block, where a_k is the
  mean of df/dA_k over the map; enlarged to the image.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
from jaxtyping import Array

from rosenblatt.explain.images import block_index, check_shape, fitted_convnet, fitted_network, read_images
from rosenblatt.nn.convnet import ConvNet, as_image
from rosenblatt.nn.receptive_field import ReceptiveField, receptive_fields
from rosenblatt.training.inference import IMAGES, apply

_LEAST_STEPS = 2


@dataclass(frozen=True)
class Saliency:
    """What each pixel of some images has to do with one output of a network.

    Attributes
    ----------
    method : str
    images : ndarray (n_images, *image_shape)
        As the network sees them.
    attributions : ndarray (n_images, *image_shape)
        Of Grad-CAM, which knows no channels of the image, (n_images, height, width) or (n_images, length).
    targets : ndarray (n_images,)
        The class or the number of the output that is explained.
    outputs : ndarray (n_images,)
        f(x): the logit of the target, or the predicted number.
    baseline_outputs : ndarray (n_images,) or None
        f(b), of integrated gradients.
    """

    method: str
    images: np.ndarray
    attributions: np.ndarray
    targets: np.ndarray
    outputs: np.ndarray
    baseline_outputs: np.ndarray | None = None

    @property
    def missing(self) -> np.ndarray:
        """f(x) - f(b) less the sum of the attributions: what too few steps leave out (n_images,).

        Raises
        ------
        ValueError
            If the method has no baseline.
        """
        if self.baseline_outputs is None:
            raise ValueError(f"the {self.method} has no baseline; only integrated gradients add up to a difference")
        return self.outputs - self.baseline_outputs - self.attributions.reshape(len(self.images), -1).sum(1)


def input_gradient(estimator: Any, X: Any, target: Any = None) -> Saliency:
    """The gradient of an output with respect to each pixel.

    Parameters
    ----------
    estimator : fitted estimator with a network
    X : array-like (n_images, *image_shape), or rows of their numbers, or one of either
    target : label, sequence of one for each image, or None, default=None
        Whose output: a class of a classifier (None: the predicted one), the number of an output of a regressor
        (None: 0). For two classes, which share a logit, that of the first class is minus that of the second.

    Returns
    -------
    Saliency

    Raises
    ------
    TypeError
        If the estimator has no network.
    ValueError
        If the images do not fit, or a target does not exist.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from rosenblatt import ConvClassifier
    >>> from rosenblatt.explain import input_gradient
    >>> digits = load_digits()
    >>> model = ConvClassifier(channels=(4,), max_epochs=3, random_state=0).fit(digits.images / 16, digits.target)
    >>> input_gradient(model, digits.images[:5] / 16).attributions.shape
    (5, 8, 8, 1)
    """
    explained = _Explained.of(estimator, X, target)
    outputs, gradients = gradients_of(explained.network, explained.images, explained.directions, estimator.device)
    return Saliency("gradient", explained.images, gradients, explained.targets, outputs)


def integrated_gradients(
    estimator: Any, X: Any, target: Any = None, *, baseline: Any = 0.0, n_steps: int = 128
) -> Saliency:
    """The pixel's difference from a baseline times the mean gradient on the straight way from there.

    Parameters
    ----------
    estimator, X, target : as for ``input_gradient``
    baseline : float or array-like of the shape of one image, default=0.0
        The image without content, in the numbers that the network sees (0 to 1 for bytes). 0 is black.
    n_steps : int >= 2, default=128
        Places on the way where the gradient is taken: the middles of as many equal parts.

    Returns
    -------
    Saliency
        Its ``missing`` says how far the sum is from f(x) - f(baseline).

    Raises
    ------
    TypeError
        If the estimator has no network.
    ValueError
        If the images or the baseline do not fit, a target does not exist, or there are too few steps.
    """
    if n_steps < _LEAST_STEPS:
        raise ValueError(f"n_steps={n_steps}; at least {_LEAST_STEPS} are needed, 128 are mostly enough")
    explained = _Explained.of(estimator, X, target)
    images, network = explained.images, explained.network
    start = _baseline(baseline, images.shape[1:])
    shares = ((np.arange(n_steps) + 0.5) / n_steps).astype(np.float32)
    total = np.zeros(images.shape)
    for i, (image, direction) in enumerate(zip(images, explained.directions, strict=True)):
        way = start + shares.reshape(-1, *[1] * image.ndim) * (image - start)
        _, gradients = gradients_of(network, way, np.repeat(direction[None], n_steps, 0), estimator.device)
        total[i] = (image - start) * gradients.mean(0, dtype=np.float64)
    ends = np.concatenate([images, np.broadcast_to(start, images.shape)])
    outputs, _ = gradients_of(network, ends, np.concatenate([explained.directions] * 2), estimator.device)
    at_images, at_baseline = np.split(outputs, 2)
    return Saliency("integrated gradients", images, total, explained.targets, at_images, at_baseline)


def grad_cam(estimator: Any, X: Any, target: Any = None, *, block: int = -1) -> Saliency:
    """Where the maps of a convolution block speak for an output.

    Parameters
    ----------
    estimator : ConvClassifier or ConvRegressor
        Fitted.
    X, target : as for ``input_gradient``
    block : int, default=-1
        The convolution block, from 0, or negative to count from the last. Its maps are those before pooling.

    Returns
    -------
    Saliency
        Its attributions are >= 0. Between the middles of what the units see they are interpolated linearly.

    Raises
    ------
    TypeError
        If the estimator has no convolutions.
    ValueError
        If there is no such block, the images do not fit, or a target does not exist.
    """
    network = fitted_convnet(estimator)
    depth = block_index(network, block)
    explained = _Explained.of(estimator, X, target)
    rows = explained.images, explained.directions
    outputs, cams = apply(network, rows, _Cam(depth), estimator.device, at_once=IMAGES)
    field = receptive_fields(network.features)[depth].convolution
    enlarged = enlarge(cams, field, network.features.image_shape[:-1])
    return Saliency("Grad-CAM", explained.images, enlarged, explained.targets, outputs)


def gradients_of(
    network: Any, inputs: np.ndarray, directions: np.ndarray, device: str = "auto"
) -> tuple[np.ndarray, np.ndarray]:
    """f(x) and df/dx for f = the network's outputs times a direction.

    Parameters
    ----------
    network : Equinox module that sees one sample
    inputs : ndarray (n_rows, ...)
    directions : ndarray (n_rows, n_outputs)
    device : str, default="auto"

    Returns
    -------
    outputs : ndarray (n_rows,)
    gradients : ndarray (n_rows, ...)
    """
    return apply(network, (inputs, directions), _output_and_slope, device, at_once=IMAGES)


def enlarge(maps: np.ndarray, field: ReceptiveField, shape: tuple[int, ...]) -> np.ndarray:
    """Maps (n_maps, ...) at the size of the image: each unit's value in the middle of what it sees, lines between."""
    for axis, (centers, width) in enumerate(zip(field.centers(maps.shape[1:]), shape, strict=True), 1):
        pixels = np.arange(width)
        maps = np.apply_along_axis(lambda values, at=centers, pixels=pixels: np.interp(pixels, at, values), axis, maps)
    return maps


@dataclass(frozen=True)
class _Explained:
    """Images, what a network says about them, and for each the combination of outputs that is to be explained."""

    network: Any
    images: np.ndarray
    targets: np.ndarray
    directions: np.ndarray

    @classmethod
    def of(cls, estimator: Any, X: Any, target: Any) -> "_Explained":
        network = fitted_network(estimator)
        images = read_images(estimator, X)
        return cls(network, images, *_directions(estimator, check_shape(estimator, X), target))


def _directions(estimator: Any, rows: np.ndarray, target: Any) -> tuple[np.ndarray, np.ndarray]:
    """For each image its target, and the factors (n_images, n_outputs) of the network's outputs."""
    n_outputs = estimator.n_outputs_
    labels = getattr(estimator, "classes_", np.arange(n_outputs))
    predicted = estimator.predict(rows)  # checks the numbers, too
    if target is None and not hasattr(estimator, "classes_"):
        target = 0
    elif target is None and np.ndim(predicted) == 2:
        target = labels[estimator.decision_function(rows).argmax(1)]
    elif target is None:
        target = predicted
    targets = np.asarray(target)
    targets = np.full(len(rows), targets) if targets.ndim == 0 else targets
    if targets.shape != (len(rows),):
        raise ValueError(f"target has shape {targets.shape}; give one, or one for each of the {len(rows)} images")
    unknown = np.setdiff1d(targets, labels)
    if len(unknown):
        raise ValueError(f"target {unknown.tolist()[0]!r} does not exist; it must be one of {labels.tolist()}")
    codes = np.searchsorted(labels, targets)
    if n_outputs == 1 and len(labels) == 2:
        return targets, np.where(codes == 1, 1.0, -1.0)[:, None].astype(np.float32)
    return targets, np.eye(n_outputs, dtype=np.float32)[codes]


def _baseline(baseline: Any, shape: tuple[int, ...]) -> np.ndarray:
    start = np.asarray(baseline, np.float32)
    if start.ndim and start.size != np.prod(shape):
        raise ValueError(f"baseline has shape {start.shape}; a number, or one image of shape {shape}, is needed")
    return np.broadcast_to(start, shape) if start.ndim == 0 else start.reshape(shape)


def _output_and_slope(network: Any, row: tuple[Array, Array]) -> tuple[Array, Array]:
    x, direction = row
    return jax.value_and_grad(lambda x: network(x.reshape(-1)) @ direction)(x)  # any network takes rows


@dataclass(frozen=True)
class _Cam:
    """An output, and the sum of a block's maps with the weights that Grad-CAM gives them."""

    depth: int

    def __call__(self, model: ConvNet, row: tuple[Array, Array]) -> tuple[Array, Array]:
        x, direction = row
        maps = _maps_before_pooling(model, self.depth, x)
        output, slopes = jax.value_and_grad(lambda maps: _from_maps(model, self.depth)(maps) @ direction)(maps)
        weights = slopes.mean(tuple(range(maps.ndim - 1)))
        return output, jax.nn.relu(maps @ weights)


def _maps_before_pooling(model: ConvNet, depth: int, x: Array) -> Array:
    image = as_image(x, model.features.image_shape)
    for block in model.features.blocks[:depth]:
        image = block(image)
    return model.features.blocks[depth].maps(image)[1]


def _from_maps(model: ConvNet, depth: int) -> Callable[[Array], Array]:
    """What the network makes of a block's maps."""

    def rest(maps: Array) -> Array:
        pooling = model.features.blocks[depth].pooling
        image = maps if pooling is None else pooling(maps)
        for block in model.features.blocks[depth + 1 :]:
            image = block(image)
        return model.head(image.reshape(-1))

    return rest
