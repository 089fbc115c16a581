"""The autoencoder: an encoder h = f(x), a decoder x' = g(h) that undoes it layer by layer, and what they share.

The decoder is the encoder's mirror image: dense layers backwards, and a transposed convolution for each convolution,
which restores the image's size whatever it was.
"""

import dataclasses
from collections.abc import Callable, Iterator

import equinox as eqx
import jax
import numpy as np
from jaxtyping import Array, Float, PRNGKeyArray

from rosenblatt.nn.activations import Activation, identity
from rosenblatt.nn.convnet import ConvNet, as_numbers
from rosenblatt.nn.convolution import Convolution, TransposedConvolution
from rosenblatt.nn.dense import Dense
from rosenblatt.nn.initializers import initializer_for
from rosenblatt.nn.mlp import MLP
from rosenblatt.types import AnyArray

Code = Float[Array, " latents"]
Encoder = MLP | ConvNet

_DECODER = 2**15  # keeps the random numbers of the decoder's dropout apart from those of the encoder's


class ConvDecoder(eqx.Module):
    """A code to the numbers of an image: dense layers, then transposed convolutions, the last one linear.

    Attributes
    ----------
    head : MLP
        From a code to the numbers of the smallest maps.
    layers : tuple of TransposedConvolution
    activations : tuple of functions
        One before each of the layers.
    shape : tuple of int
        Of the smallest maps, (height, width, channels) or (length, channels).
    """

    head: MLP
    layers: tuple[TransposedConvolution, ...]
    activations: tuple[Activation, ...] = eqx.field(static=True)
    shape: tuple[int, ...] = eqx.field(static=True)

    def __call__(
        self, code: Code, *, dropout: Float[AnyArray, ""] | None = None, key: PRNGKeyArray | None = None
    ) -> Float[Array, " outputs"]:
        """The numbers of the image in one row; with a ``key``, hidden units of the dense layers are dropped."""
        maps = self.head(code, dropout=dropout, key=key).reshape(self.shape)
        for layer, activation in zip(self.layers, self.activations, strict=True):
            maps = layer(activation(maps))
        return maps.reshape(-1)


Decoder = MLP | ConvDecoder


class Biases(eqx.Module):
    """What is left to learn of a decoder whose weights are its encoder's, transposed: its biases, in its order."""

    biases: tuple[Float[AnyArray, " units"], ...]


class AutoencoderNet(eqx.Module):
    """x' = g(f(x)) for one row x, of numbers or of bytes.

    Attributes
    ----------
    encoder : MLP or ConvNet
        Its last layer's outputs, through ``code_activation``, are the code.
    decoder_parameters : MLP, ConvDecoder or Biases
        The decoder, or with tied weights its biases.
    code_activation, output_activation : functions
    log_variance : float32 scalar or None
        The logarithm of the variance of a Gaussian decoder, which is learned.
    """

    encoder: Encoder
    decoder_parameters: Decoder | Biases
    code_activation: Activation = eqx.field(static=True, default=identity)
    output_activation: Activation = eqx.field(static=True, default=identity)
    log_variance: Float[AnyArray, ""] | None = None

    @property
    def decoder(self) -> Decoder:
        """The decoder as a network: a code to the linear outputs, before ``output_activation``."""
        if isinstance(self.decoder_parameters, Biases):
            return mirrored(self.encoder, _Tied(iter(self.decoder_parameters.biases)))
        return self.decoder_parameters

    def encode(
        self,
        x: Float[Array, " inputs"],
        *,
        dropout: Float[AnyArray, ""] | None = None,
        key: PRNGKeyArray | None = None,
    ) -> Code:
        """h = f(x)."""
        return self.code_activation(self.encoder(as_numbers(x), dropout=dropout, key=key))

    def decode_linear(
        self, code: Code, *, dropout: Float[AnyArray, ""] | None = None, key: PRNGKeyArray | None = None
    ) -> Float[Array, " outputs"]:
        """What the decoder's last layer puts out for a code: x' before ``output_activation``, such as logits."""
        key = None if key is None else jax.random.fold_in(key, _DECODER)
        return self.decoder(code, dropout=dropout, key=key)

    def decode(self, code: Code) -> Float[Array, " outputs"]:
        """x' = g(h)."""
        return self.output_activation(self.decode_linear(code))

    def __call__(self, x: Float[Array, " inputs"]) -> Float[Array, " outputs"]:
        """x' = g(f(x)), the reconstruction."""
        return self.decode(self.encode(x))

    @property
    def latent_dim(self) -> int:
        return (self.encoder if isinstance(self.encoder, MLP) else self.encoder.head).n_outputs

    def deterministic(self) -> "AutoencoderNet":
        """The autoencoder x' = g(f(x)), without anything random about its code."""
        return self

    def padded(self, n_numbers: int) -> "AutoencoderNet":
        """The same function with rows that are longer, of a dense network; what is added is disconnected."""
        return self._resized(n_numbers, MLP.padded, lambda bias: np.pad(np.asarray(bias), (0, n_numbers - len(bias))))

    def trimmed(self, n_numbers: int) -> "AutoencoderNet":
        """Undoes ``padded``; the parameters become NumPy arrays."""
        return self._resized(n_numbers, MLP.trimmed, lambda bias: np.array(bias[:n_numbers]))

    def _resized(
        self, n_numbers: int, resize: Callable[[MLP, int, int], MLP], resize_bias: Callable[[AnyArray], np.ndarray]
    ) -> "AutoencoderNet":
        assert isinstance(self.encoder, MLP)
        encoder, parameters = resize(self.encoder, n_numbers, self.encoder.n_outputs), self.decoder_parameters
        if isinstance(parameters, Biases):
            *hidden, last = parameters.biases
            parameters = Biases((*map(np.asarray, hidden), resize_bias(last)))
        else:
            assert isinstance(parameters, MLP)
            parameters = resize(parameters, self.latent_dim, n_numbers)
        variance = None if self.log_variance is None else np.asarray(self.log_variance)
        return type(self)(encoder, parameters, self.code_activation, self.output_activation, variance)

    @classmethod
    def initialize(
        cls,
        encoder: Encoder,
        *,
        tied: bool,
        code_activation: Activation,
        output_activation: Activation,
        learns_variance: bool,
        initializer: str,
        rng: np.random.Generator,
    ) -> "AutoencoderNet":
        """The autoencoder of an encoder: its mirror image, filled by NumPy, or with ``tied`` its own weights."""
        decoder: Decoder | Biases = mirrored(encoder, _Fresh(initializer, rng))
        if tied:
            decoder = Biases(tuple(layer.bias for layer in _layers(decoder)))
        variance = np.zeros((), np.float32) if learns_variance else None
        return cls(encoder, decoder, code_activation, output_activation, variance)


def fresh_decoder(encoder: Encoder, n_inputs: int, initializer: str, rng: np.random.Generator) -> Decoder:
    """The mirror image of an encoder whose outputs were as many as the decoder is to have inputs."""
    head = encoder if isinstance(encoder, MLP) else encoder.head
    *hidden, last = head.layers
    output = Dense(np.zeros((last.weight.shape[0], n_inputs), np.float32), np.zeros(n_inputs, np.float32))
    head = MLP((*hidden, output), head.activations)
    shaped = head if isinstance(encoder, MLP) else dataclasses.replace(encoder, head=head)
    return mirrored(shaped, _Fresh(initializer, rng))


class _Fresh:
    """Makes the layers that undo those of an encoder, with weights of their own."""

    def __init__(self, initializer: str, rng: np.random.Generator):
        self.initializer, self.rng = initializer, rng

    def dense(self, layer: Dense, activation: Activation) -> Dense:
        n_inputs, n_units = layer.weight.shape
        return Dense.initialize(n_units, n_inputs, initializer_for(self.initializer, activation), self.rng)

    def convolution(self, layer: Convolution, shape: tuple[int, ...], activation: Activation) -> TransposedConvolution:
        n_inputs, n_outputs = layer.weight.shape[-2:]
        fill = initializer_for(self.initializer, activation)
        return TransposedConvolution.initialize(n_outputs, n_inputs, layer.window, shape, fill, self.rng)


class _Tied:
    """Makes the layers that undo those of an encoder from its own weights, transposed, and given biases."""

    def __init__(self, biases: Iterator[Float[AnyArray, " units"]]):
        self.biases = biases

    def dense(self, layer: Dense, activation: Activation) -> Dense:
        return Dense(layer.weight.T, next(self.biases))

    def convolution(self, layer: Convolution, shape: tuple[int, ...], activation: Activation) -> TransposedConvolution:
        return TransposedConvolution(layer.weight.swapaxes(-1, -2), next(self.biases), layer.window, shape)


def mirrored(encoder: Encoder, make: _Fresh | _Tied) -> Decoder:
    """The decoder that undoes an encoder: its layers backwards, each made by ``make``, and its activations."""
    if isinstance(encoder, MLP):
        return _mirrored_dense(encoder, identity, make)
    blocks, shapes = encoder.features.blocks, encoder.features.shapes()
    activations = tuple(block.activation for block in reversed(blocks))
    head = _mirrored_dense(encoder.head, activations[0], make)
    layers = tuple(
        make.convolution(block.convolution, shape[:-1], activation)
        for block, shape, activation in zip(
            reversed(blocks), reversed(shapes[:-1]), (*activations[1:], identity), strict=True
        )
    )
    return ConvDecoder(head, layers, activations, shapes[-1])


def _mirrored_dense(encoder: MLP, last: Activation, make: _Fresh | _Tied) -> MLP:
    """``last`` is the activation that follows the outputs."""
    activations = tuple(reversed(encoder.activations))
    following = (*activations, last)
    pairs = zip(reversed(encoder.layers), following, strict=True)
    return MLP(tuple(make.dense(layer, activation) for layer, activation in pairs), activations)


def _layers(decoder: Decoder) -> tuple[Dense | TransposedConvolution, ...]:
    """The layers of a decoder, from the code on."""
    return decoder.layers if isinstance(decoder, MLP) else (*decoder.head.layers, *decoder.layers)
