"""What the estimators that encode and decode share: their network, dense or convolutional, and their verbs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self

import numpy as np
from jaxtyping import Array, Float, PyTree
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import check_array
from sklearn.utils.validation import check_is_fitted

from rosenblatt.models import fields
from rosenblatt.models.base import NetworkEstimator
from rosenblatt.models.image_inputs import ImageInputs, row_shape
from rosenblatt.models.interpolation import ways
from rosenblatt.models.reconstruction import RowLoss
from rosenblatt.models.sklearn_callbacks import with_callbacks
from rosenblatt.nn import activations
from rosenblatt.nn.autoencoder import AutoencoderNet, Decoder, Encoder
from rosenblatt.nn.convnet import ConvNet
from rosenblatt.nn.mlp import MLP, pad_columns, padded_widths
from rosenblatt.nn.windows import Window
from rosenblatt.training import devices
from rosenblatt.training.inference import AtOnce, apply


@dataclass(kw_only=True, repr=False, eq=False)
class EncoderDecoder(ClassNamePrefixFeaturesOutMixin, TransformerMixin, ImageInputs, NetworkEstimator):
    """Fields and verbs of the estimators that encode rows as short codes and decode them again.

    X is rows of numbers, images (n, height, width) or (n, height, width, channels), or rows of their numbers with
    ``image_shape``. Bytes (uint8) are scaled to numbers from 0 to 1, also in what is decoded.

    Parameters
    ----------
    latent_dim : int, default=32
        Numbers of a code.
    architecture : {"dense", "conv"}, default="dense"
        Dense layers, or for images strided convolutions that transposed ones undo. The decoder is the encoder's mirror
        image, and restores images of any size.
    hidden_layer_sizes : int or sequence of int, default=(128,)
        Units of the encoder's hidden dense layers, which the decoder has backwards. An empty sequence leads from the
        numbers, or from the last maps, right to the code.
    channels : int or sequence of int, default=(16, 32)
        Kernels of each convolution layer ("conv" only).
    kernel_size : int or sequence of int, default=3
        Height and width of the kernels.
    stride : int or sequence of int, default=2
        Pixels by which the kernels move: how many times smaller each layer makes an image.
    padding : {"same", "valid"} or int, default="same"
        Pixels of border around the image.
    activation : str, callable, or a sequence with one for each convolution and hidden layer, default="relu"
        As for ``MLPClassifier``; the decoder has them backwards.
    negative_slope : float >= 0, default=0.01
        The slope of "leaky_relu" below 0.
    output_activation : str or callable, default="identity"
        What the decoder's outputs pass through; "sigmoid" suits numbers from 0 to 1. With ``loss="bernoulli"`` it is
        always "sigmoid".
    initializer : {"auto", "he", "glorot", "lecun", "normal", "zeros"}, default="auto"
        How weights start.
    """

    _ANY_NUMBERS: ClassVar = "square"  # the loss for numbers that are not from 0 to 1

    latent_dim: fields.PositiveInt = 32
    architecture: Literal["conv", "dense"] = "dense"
    hidden_layer_sizes: fields.HiddenLayerSizes = (128,)
    channels: fields.Channels = (16, 32)
    kernel_size: fields.Sizes = 3
    stride: fields.Sizes = 2
    padding: Literal["same", "valid"] | fields.NonNegativeInt = "same"
    activation: fields.ActivationField = "relu"
    negative_slope: fields.NonNegativeFloat = 0.01
    output_activation: fields.ActivationName | Callable = "identity"
    initializer: fields.InitializerName = "auto"

    @with_callbacks
    def fit(self, X: Any, y: Any = None, *, sample_weight: Any = None, validation_data: Any = None) -> Self:
        """Learns from X, afresh or, with ``warm_start``, from where the fit before ended.

        Parameters
        ----------
        X : array-like, sparse matrix or data frame (n_samples, n_features), or images (n, height, width[, channels])
        y : ignored
        sample_weight : array-like (n_samples,), optional
            Numbers >= 0: how much each row counts in the risk. Only their ratios matter.
        validation_data : X, or (X, y) or (X, y, sample_weight) with y ignored, optional
            Its risk is in the history after each epoch, and decides early stopping.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If a field or the data are not fit to learn from.
        NonFiniteRiskError
            If the fit diverged; the estimator then holds the last good parameters.
        """
        return self._fit(X, None, sample_weight, validation_data)

    def partial_fit(self, X: Any, y: Any = None, *, sample_weight: Any = None) -> Self:
        """One epoch on X from where the estimator stands; the first call starts it."""
        return self._partial_fit(X, None, sample_weight)

    def transform(self, X: Any) -> np.ndarray:
        """The code of each row (n_samples, latent_dim), in the dtype of X."""
        return self._each(encode, X).astype(dtype_of(X))

    def inverse_transform(self, X: Any) -> np.ndarray:
        """The row, or the image, that each code stands for.

        Parameters
        ----------
        X : array-like (n_samples, latent_dim)
            Codes.

        Returns
        -------
        ndarray (n_samples, n_features), or (n_samples, *shape of an image as ``fit`` saw them), in the dtype of X
        """
        check_is_fitted(self)
        codes = check_array(X, dtype="numeric")
        if codes.shape[1] != self._n_features_out:
            raise ValueError(
                f"X holds codes of {codes.shape[1]} numbers; this {type(self).__name__} has codes of "
                f"latent_dim={self._n_features_out}, such as transform gives"
            )
        network, _ = self._padded(self.networks_["model"])
        rows = apply(network, codes.astype(np.float32), _decode, self.device, at_once=self._at_once)
        return rows[:, : self.n_features_in_].astype(dtype_of(codes)).reshape(-1, *self.row_shape_)

    def reconstruct(self, X: Any) -> np.ndarray:
        """Each row, or image, encoded and decoded again, in the shape and dtype of X; bytes as numbers from 0 to 1."""
        rows = self._each(_reconstruct, X)[:, : self.n_features_in_]
        return rows.astype(dtype_of(X)).reshape(-1, *row_shape(X, self.n_features_in_))

    def interpolate(
        self, X: Any, to: Any, n_steps: int = 8, kind: Literal["linear", "spherical"] = "linear"
    ) -> np.ndarray:
        """What lies between rows: the way from one code to the other, decoded.

        Parameters
        ----------
        X, to : array-like (n_pairs, ...)
            Rows or images, paired.
        n_steps : int, default=8
            Places on each way, both ends counted.
        kind : {"linear", "spherical"}, default="linear"
            The straight line, or the arc around 0, on which the length of the codes changes steadily too: with many
            latents nearly all of N(0, I) lies at one distance from 0, and the middle of a straight line far inside.

        Returns
        -------
        ndarray (n_pairs, n_steps, ...)
        """
        if n_steps < 2:
            raise ValueError(f"n_steps={n_steps}; at least 2 are needed, since both ends are counted")
        starts, ends = self.transform(X), self.transform(to)
        if len(starts) != len(ends):
            raise ValueError(f"X has {len(starts)} rows and to has {len(ends)}; they are paired, so give as many")
        lines = ways(starts, ends, n_steps, kind)
        return self.inverse_transform(lines.reshape(-1, lines.shape[-1])).reshape(-1, n_steps, *self.row_shape_)

    def reconstruction_error(self, X: Any) -> np.ndarray:
        """The squared error of each row, sum (x - x')^2 (n_samples,): the larger, the stranger the row."""
        return self._each(RowLoss("square", self._n_numbers()), X)

    def score_samples(self, X: Any) -> np.ndarray:
        """How well each row is reconstructed (n_samples,): minus its loss, so that strange rows have low scores.

        For likelihoods it is log p(x | h) in nats, otherwise minus the squared error.
        """
        return -self._each(RowLoss(self._loss, self._n_numbers()), X)

    def score(self, X: Any, y: Any = None) -> float:
        """The mean of ``score_samples``."""
        return float(self.score_samples(X).astype(np.float64).mean())

    @property
    def encoder_(self) -> Encoder:
        """The encoder: a module that maps one row to the numbers that become its code."""
        return self._network_of(AutoencoderNet).encoder

    @property
    def decoder_(self) -> Decoder:
        """The decoder: a module that maps one code to the numbers that become its row."""
        return self._network_of(AutoencoderNet).decoder

    @property
    def _n_features_out(self) -> int:
        return self._network_of(AutoencoderNet).latent_dim

    @property
    def _loss(self) -> str:
        """What a reconstruction costs: a key of ``RECONSTRUCTION_LOSSES``."""
        raise NotImplementedError

    def _n_numbers(self) -> int:
        """How many numbers a row has."""
        check_is_fitted(self)
        return self.n_features_in_

    def _convolves(self) -> bool:
        return self.architecture == "conv"

    def _check_inputs(self, X: Any, *, reset: bool) -> np.ndarray:
        rows = super()._check_inputs(X, reset=reset)
        if reset:
            self.row_shape_ = row_shape(X, rows.shape[1])
        return rows

    def _targets(self, X: np.ndarray, y: Any, *, reset: bool) -> None:
        if reset:
            self.n_outputs_ = X.shape[1]
        if self._loss == "bernoulli" and X.dtype != np.uint8 and (X.min() < 0 or X.max() > 1):
            raise ValueError(
                f"loss='bernoulli' needs numbers from 0 to 1; X holds {X.min():g} to {X.max():g}: scale it, for "
                f"example with sklearn.preprocessing.MinMaxScaler, or take loss={self._ANY_NUMBERS!r}"
            )

    def _held_out(self, validation_data: Any) -> tuple[Any, Any, Any]:
        is_pair = isinstance(validation_data, tuple) and len(validation_data) in (2, 3)
        return super()._held_out(validation_data) if is_pair else (validation_data, None, None)

    def _build(self, n_inputs: int, n_outputs: int, rng: np.random.Generator) -> AutoencoderNet:
        output = "sigmoid" if self._loss == "bernoulli" else self.output_activation
        return AutoencoderNet.initialize(
            self._encoder(n_inputs, rng),
            tied=self._is_tied(),
            code_activation=self._code_activation(),
            output_activation=activations.resolve(output, float(self.negative_slope)),
            learns_variance=self._loss == "gaussian",
            initializer=self.initializer,
            rng=rng,
        )

    def _code_activation(self) -> activations.Activation:
        """What the code passes through."""
        return activations.identity

    def _is_tied(self) -> bool:
        """Whether the decoder has the encoder's weights."""
        return False

    def _couples_rows(self) -> bool:
        """Whether the risk of a batch is more than the mean of its rows', so that it cannot be cut up."""
        return False

    def _micro_batch(self, networks: Mapping[str, Any], n_rows: int) -> int | None:
        return None if self._couples_rows() else super()._micro_batch(networks, n_rows)

    def _placement(self) -> Any:
        return devices.select(self.device) if self._couples_rows() else super()._placement()

    def _encoder(self, n_inputs: int, rng: np.random.Generator) -> Encoder:
        hidden = np.atleast_1d(np.asarray(self.hidden_layer_sizes, int)).tolist()
        channels = np.atleast_1d(np.asarray(self.channels, int)).tolist() if self._convolves() else []
        n_layers = len(channels) + len(hidden)
        functions = activations.resolve_each(self.activation, float(self.negative_slope), n_layers)
        if not channels:
            return MLP.initialize([n_inputs, *hidden, int(self.latent_dim)], functions, self.initializer, rng)
        shape = self.image_shape_ or ()
        window = Window.of(self.kernel_size, self.stride, self.padding, n_axes=len(shape) - 1)
        return ConvNet.initialize(
            shape, channels, window, None, None, hidden, int(self.latent_dim), functions, self.initializer, rng
        )

    def _padded(self, network: AutoencoderNet) -> tuple[AutoencoderNet, tuple[int, int]]:
        if not isinstance(network.encoder, MLP):
            return network, (self.n_features_in_, self.n_outputs_)
        width, _ = padded_widths(self.n_features_in_, 1)
        return network.padded(width), (width, width)

    def _trimmed(self, network: AutoencoderNet) -> AutoencoderNet:
        return network.trimmed(self.n_features_in_) if isinstance(network.encoder, MLP) else network

    def _each(self, function: Callable[..., PyTree[Array]], X: Any, at_once: AtOnce | None = None) -> Any:
        """The function of the network and each row of X; both may be padded."""
        check_is_fitted(self)
        return self._each_checked(function, self._check_inputs(X, reset=False), at_once)

    def _each_checked(
        self, function: Callable[..., PyTree[Array]], rows: np.ndarray, at_once: AtOnce | None = None
    ) -> Any:
        network, (width, _) = self._padded(self.networks_["model"])
        return apply(network, pad_columns(rows, width), function, self.device, at_once=at_once or self._at_once)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


def dtype_of(X: Any) -> type[np.floating]:
    """The dtype of what is computed for X: float64 for float64, else float32."""
    return np.float64 if getattr(X, "dtype", None) == np.float64 else np.float32


def encode(network: AutoencoderNet, x: Float[Array, " inputs"]) -> Float[Array, " latents"]:
    return network.encode(x)


def _decode(network: AutoencoderNet, code: Float[Array, " latents"]) -> Float[Array, " outputs"]:
    return network.decode(code)


def _reconstruct(network: AutoencoderNet, x: Float[Array, " inputs"]) -> Float[Array, " outputs"]:
    return network(x)
