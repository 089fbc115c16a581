"""Convolutional networks: kernels that slide over images extract features, and dense layers learn the task from them.

LeCun, Bottou, Bengio and Haffner (1998). The risk is that of the multi-layer perceptron; so are the verbs.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from rosenblatt.models import fields
from rosenblatt.models.classification import NetworkClassifier
from rosenblatt.models.image_inputs import ImageInputs
from rosenblatt.models.regression import NetworkRegressor
from rosenblatt.models.supervised import SupervisedEstimator, call_factory
from rosenblatt.nn import activations
from rosenblatt.nn.augmentation import OF_SIGNALS, Augmentation
from rosenblatt.nn.convnet import ConvNet, Features
from rosenblatt.nn.mlp import MLP
from rosenblatt.nn.windows import Window

_GROUPS = 8  # of channels, for group normalisation (Wu and He 2018 found few differences between 4 and 32)


@dataclass(kw_only=True, repr=False, eq=False)
class ConvEstimator(ClassNamePrefixFeaturesOutMixin, TransformerMixin, ImageInputs, SupervisedEstimator):
    """Fields and verbs of the estimators that are a convolutional network.

    X is images (n, height, width) or (n, height, width, channels), or rows of their numbers with ``image_shape``.
    Images of bytes (uint8) are scaled to numbers from 0 to 1; other numbers are taken as they are.

    Parameters
    ----------
    channels : int or sequence of int, default=(32, 64)
        Kernels of each convolution layer.
    kernel_size : int or sequence of int, default=3
        Height and width of the kernels.
    stride : int or sequence of int, default=1
        Pixels by which the kernels move.
    padding : {"same", "valid"} or int, default="same"
        Pixels of border around the image; "same" keeps its size at stride 1, "valid" is none. A layer puts out
        O = (W - K + 2P) / S + 1 pixels, rounded down.
    dilation : int or sequence of int, default=1
        Pixels from one entry of a kernel to the next.
    pooling : {"max", "average"} or None, default="max"
        What follows each convolution layer.
    pool_size : int, default=2
        Height and width of the pooled windows, which do not overlap. A smaller image is pooled as a whole.
    normalization : {"group", "layer"} or None, default=None
        Normalises each image's channels, 8 groups of them or all together, between convolution and activation.
    hidden_layer_sizes : int or sequence of int, default=(128,)
        Units of the dense layers that learn from the features.
    activation : str, callable, or a sequence with one for each convolution and each dense layer, default="relu"
        As for ``MLPClassifier``.
    negative_slope : float >= 0, default=0.01
        The slope of "leaky_relu" below 0.
    initializer : {"auto", "he", "glorot", "lecun", "normal", "zeros"}, default="auto"
        How weights start.
    augmentation : sequence of {"crop", "flip", "noise", "rotate", "shift"}, default=()
        Random changes of each training image at each step. Signals can only have noise.
    network : callable, optional
        A network of your own: ``network(image_shape, n_outputs, key=...)`` returns an Equinox module that maps one row
        of numbers to (n_outputs,) logits or numbers and takes the keyword arguments ``dropout`` and ``key``.
    """

    channels: fields.Channels = (32, 64)
    kernel_size: fields.Sizes = 3
    stride: fields.Sizes = 1
    padding: Literal["same", "valid"] | fields.NonNegativeInt = "same"
    dilation: fields.Sizes = 1
    pooling: Literal["average", "max"] | None = "max"
    pool_size: fields.PositiveInt = 2
    normalization: Literal["group", "layer"] | None = None
    hidden_layer_sizes: fields.HiddenLayerSizes = (128,)
    activation: fields.ActivationField = "relu"
    negative_slope: fields.NonNegativeFloat = 0.01
    initializer: fields.InitializerName = "auto"
    augmentation: fields.Augmentations = ()
    network: Callable | None = None

    def transform(self, X: Any) -> np.ndarray:
        """The features of each image (n_samples, n_features), in the dtype of X.

        A network of your own has no features that are known here: its outputs.
        """
        check_is_fitted(self)
        dtype = np.float64 if getattr(X, "dtype", None) == np.float64 else np.float32
        return self._apply(X, lambda layers: layers[1]).astype(dtype)

    @property
    def features_(self) -> Features:
        """The feature extractor: a module that maps one image to its features."""
        return self._network_of(ConvNet).features

    @property
    def task_learner_(self) -> MLP:
        """The dense layers: a module that maps features to logits or numbers."""
        return self._network_of(ConvNet).head

    @property
    def _n_features_out(self) -> int:
        return self.n_outputs_ if self.network is not None else math.prod(self.features_.shapes()[-1])

    def _build(self, n_inputs: int, n_outputs: int, rng: np.random.Generator) -> Any:
        del n_inputs
        if self.network is not None:
            return call_factory(self.network, self.image_shape_, n_outputs, rng)
        channels = np.atleast_1d(np.asarray(self.channels, int)).tolist()
        hidden = np.atleast_1d(np.asarray(self.hidden_layer_sizes, int)).tolist()
        shape = self.image_shape_ or ()
        return ConvNet.initialize(
            shape,
            channels,
            Window.of(self.kernel_size, self.stride, self.padding, self.dilation, n_axes=len(shape) - 1),
            None if self.pooling is None else (self.pooling, int(self.pool_size)),
            {None: None, "layer": 1, "group": _GROUPS}[self.normalization],
            hidden,
            n_outputs,
            activations.resolve_each(self.activation, float(self.negative_slope), len(channels) + len(hidden)),
            self.initializer,
            rng,
        )

    def _augmentation(self) -> Augmentation | None:
        changes = tuple(self.augmentation)
        shape = self.image_shape_
        if shape is not None and len(shape) == 2 and not set(changes) <= set(OF_SIGNALS):
            raise ValueError(
                f"augmentation={changes} changes images, and a row of X is a signal of {shape[0]} numbers: give "
                f"images or image_shape=(height, width), or only augmentation={OF_SIGNALS}"
            )
        return Augmentation(changes) if changes else None


@dataclass(kw_only=True, repr=False, eq=False)
class ConvClassifier(ConvEstimator, NetworkClassifier):
    """A convolutional network that classifies images.

    ``predict``, ``predict_proba`` and ``decision_function`` are scikit-learn's; ``transform`` gives the features. The
    fields are those of ``ConvEstimator``, ``ImageInputs``, ``SupervisedClassifier``, ``NetworkEstimator`` and
    ``EngineEstimator``.

    Attributes
    ----------
    classes_ : ndarray (n_classes,)
    features_, task_learner_ : the two parts of the network

    References
    ----------
    Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied to document recognition", Proceedings
    of the IEEE 86, 1998.

    Examples
    --------
    >>> from rosenblatt import ConvClassifier
    >>> from sklearn.datasets import load_digits
    >>> digits = load_digits()
    >>> model = ConvClassifier(channels=(8,), hidden_layer_sizes=(), max_epochs=40, random_state=0)
    >>> model.fit(digits.images / 16, digits.target).score(digits.images / 16, digits.target) > 0.95
    True
    """


@dataclass(kw_only=True, repr=False, eq=False)
class ConvRegressor(ConvEstimator, NetworkRegressor):
    """A convolutional network that predicts numbers from images.

    ``predict`` and ``score`` (R²) are scikit-learn's; ``transform`` gives the features. The fields are those of
    ``ConvEstimator``, ``ImageInputs``, ``NetworkRegressor``, ``NetworkEstimator`` and ``EngineEstimator``.

    Attributes
    ----------
    features_, task_learner_ : the two parts of the network

    References
    ----------
    Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied to document recognition", Proceedings
    of the IEEE 86, 1998.

    Examples
    --------
    >>> import numpy as np
    >>> from rosenblatt import ConvRegressor
    >>> images, columns = np.zeros((64, 8, 8)), np.arange(64) % 8
    >>> images[np.arange(64), np.arange(64) // 8, columns] = 1  # one bright pixel: in which column?
    >>> model = ConvRegressor(channels=(8,), hidden_layer_sizes=(32,), learning_rate=0.01, random_state=0)
    >>> model.fit(images, columns).score(images, columns) > 0.95
    True
    """
