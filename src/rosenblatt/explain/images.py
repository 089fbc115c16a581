"""Images, and the convolutional network, as a fitted estimator takes them and has it."""

from typing import Any

import numpy as np
from sklearn.utils import check_array
from sklearn.utils.validation import check_is_fitted

from rosenblatt.nn.convnet import LARGEST_BYTE, ConvNet


def fitted_network(estimator: Any) -> Any:
    """The network "model" of a fitted estimator.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        If the estimator was not fitted.
    TypeError
        If it has no network.
    """
    if not hasattr(estimator, "fit"):
        raise TypeError(f"got {type(estimator).__name__}; a fitted estimator with a network is needed")
    check_is_fitted(estimator)
    network = getattr(estimator, "networks_", {}).get("model")
    if network is None:
        raise TypeError(f"this {type(estimator).__name__} has no network; one such as ConvClassifier has")
    return network


def fitted_convnet(estimator: Any) -> ConvNet:
    """The convolutional network of a fitted estimator.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        If the estimator was not fitted.
    TypeError
        If its network has no convolutions that are known here.
    """
    network = fitted_network(estimator)
    if not isinstance(network, ConvNet):
        raise TypeError(
            f"this {type(estimator).__name__} has a network of class {type(network).__name__}, without convolution "
            "blocks; fit a ConvClassifier or a ConvRegressor (without network=)"
        )
    return network


def block_index(network: ConvNet, block: int) -> int:
    """The number of a block from 0; negative ones count from the last.

    Raises
    ------
    ValueError
        If there is no such block.
    """
    n_blocks = len(network.features.blocks)
    if not isinstance(block, int | np.integer) or not -n_blocks <= block < n_blocks:
        raise ValueError(
            f"block={block!r}; this network has {n_blocks} convolution block{'' if n_blocks == 1 else 's'}: 0 to "
            f"{n_blocks - 1}, or negative to count from the last"
        )
    return int(block) % n_blocks


def input_shape(estimator: Any) -> tuple[int, ...]:
    """The shape of one input: an image's, or that of a row where the estimator was fitted on rows."""
    return getattr(estimator, "image_shape_", None) or (estimator.n_features_in_,)


def read_images(estimator: Any, X: Any) -> np.ndarray:
    """Images (n_images, *input_shape) as the estimator's network sees them, in float32, from 0 to 1 if X is bytes.

    Parameters
    ----------
    estimator : fitted
    X : images, rows of their numbers, or one of either

    Raises
    ------
    ValueError
        If they have another shape than those that the estimator was fitted on, or are not finite.
    """
    X = check_shape(estimator, X)
    images = X.reshape(len(X), *input_shape(estimator))
    is_bytes = X.dtype == np.uint8 and getattr(estimator, "pixel_maximum_", None)
    images = check_array(images, dtype="float32", allow_nd=True, input_name="X")
    return images / np.float32(LARGEST_BYTE) if is_bytes else images


def check_shape(estimator: Any, X: Any) -> np.ndarray:
    """X as an array of images or rows, several of them, in its own dtype.

    Raises
    ------
    ValueError
        If one has another shape than what the estimator was fitted on.
    """
    X, shape = np.asarray(X), input_shape(estimator)
    plain = shape[:-1] if len(shape) > 1 and shape[-1] == 1 else shape
    if X.shape in (shape, plain, (estimator.n_features_in_,)):
        X = X[None]
    if X.shape[1:] not in (shape, plain, (estimator.n_features_in_,)) or len(X) == 0:
        raise ValueError(
            f"X has shape {X.shape}; this {type(estimator).__name__} was fitted on images of shape {plain}: "
            f"give (n_images, {', '.join(map(str, plain))}) with at least one image, rows of "
            f"{estimator.n_features_in_} numbers, or one of either"
        )
    return X.reshape(len(X), -1)
