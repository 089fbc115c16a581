"""The convolutional network: a feature extractor of convolution blocks, then a task learner of dense layers."""

import math
from collections.abc import Sequence

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PRNGKeyArray

from rosenblatt.nn.activations import Activation, is_monotone
from rosenblatt.nn.convolution import Convolution
from rosenblatt.nn.initializers import initializer_for
from rosenblatt.nn.mlp import MLP
from rosenblatt.nn.normalization import GroupNorm
from rosenblatt.nn.pooling import Pooling
from rosenblatt.nn.windows import Window
from rosenblatt.types import AnyArray

LARGEST_BYTE = 255


def as_numbers(x: Array) -> Float[Array, "..."]:
    """Bytes as numbers from 0 to 1; numbers as they are."""
    return x.astype(jnp.float32) / LARGEST_BYTE if x.dtype == jnp.uint8 else x


def as_image(x: Float[Array, "..."], shape: Sequence[int]) -> Float[Array, "*shape"]:
    """One row of numbers as an image; bytes become numbers from 0 to 1."""
    return as_numbers(x.reshape(shape))


class Block(eqx.Module):
    """Convolution, normalisation, activation and pooling of one image."""

    convolution: Convolution
    normalization: GroupNorm | None
    activation: Activation = eqx.field(static=True)
    pooling: Pooling | None

    def __call__(self, image: Float[Array, "..."]) -> Float[Array, "..."]:
        if self.pooling is None or self.pooling.kind != "max" or not is_monotone(self.activation):
            return self.maps(image)[-1]
        # The largest activation is that of the largest pixel, biased or not: the same function on fewer pixels.
        if self.normalization is None:
            return self.activation(self.pooling(self.convolution.without_bias(image)) + self.convolution.bias)
        return self.activation(self.pooling(self.linear(image)))

    def linear(self, image: Float[Array, "..."]) -> Float[Array, "..."]:
        """The linear activation: the convolution, normalised where there is a normalisation."""
        linear = self.convolution(image)
        return linear if self.normalization is None else self.normalization(linear)

    def maps(self, image: Float[Array, "..."]) -> tuple[Float[Array, "..."], ...]:
        """What each of its layers puts out: the linear activation, the activation, and the pooled one if there is."""
        linear = self.linear(image)
        active = self.activation(linear)
        return (linear, active) if self.pooling is None else (linear, active, self.pooling(active))


class Features(eqx.Module):
    """The feature extractor: an image to features.

    ``image_shape`` is (height, width, channels), or (length, channels) of a signal.
    """

    blocks: tuple[Block, ...]
    image_shape: tuple[int, ...] = eqx.field(static=True)

    def __call__(self, x: Float[Array, "..."]) -> Float[Array, " features"]:
        image = as_image(x, self.image_shape)
        for block in self.blocks:
            image = block(image)
        return image.reshape(-1)

    def maps(self, x: Float[Array, "..."]) -> tuple[tuple[Float[Array, "..."], ...], ...]:
        """What each layer of each block puts out."""
        image, maps = as_image(x, self.image_shape), []
        for block in self.blocks:
            maps.append(block.maps(image))
            image = maps[-1][-1]
        return tuple(maps)

    def shapes(self) -> list[tuple[int, ...]]:
        """The image's shape, and the shape of what each block puts out."""
        shapes = [self.image_shape]
        for block in self.blocks:
            shape = block.convolution.window.output_shape(shapes[-1][:-1])
            shape = shape if block.pooling is None else block.pooling.window.output_shape(shape)
            shapes.append((*shape, block.convolution.weight.shape[-1]))
        return shapes


class ConvNet(eqx.Module):
    """f(x) for one image x, or one row of its numbers: features first, then what is to be learned from them."""

    features: Features
    head: MLP

    def __call__(
        self,
        x: Float[Array, "..."],
        *,
        dropout: Float[AnyArray, ""] | None = None,
        key: PRNGKeyArray | None = None,
    ) -> Float[Array, " outputs"]:
        """The last layer's output; with a ``key``, hidden units of the dense layers are dropped at rate ``dropout``."""
        return self.head(self.features(x), dropout=dropout, key=key)

    def units(self, x: Float[Array, "..."]) -> tuple[Float[Array, " units"], ...]:
        """The features, and what each dense layer puts out."""
        features = self.features(x)
        return (features, *self.head.units(features))

    @classmethod
    def initialize(
        cls,
        image_shape: Sequence[int],
        channels: Sequence[int],
        window: Window,
        pooling: tuple[str, int] | None,
        groups: int | None,
        hidden_layer_sizes: Sequence[int],
        n_outputs: int,
        activations: Sequence[Activation],
        initializer: str,
        rng: np.random.Generator,
    ) -> "ConvNet":
        """A network filled by NumPy.

        Parameters
        ----------
        image_shape : (height, width, channels) or (length, channels)
        channels : sequence of int
            Output channels of each block.
        window : Window
            Of every convolution.
        pooling : (kind, size) or None
            "max" or "average", over windows of that size that do not overlap; a smaller image is pooled as a whole.
        groups : int or None
            Groups of channels that are normalised together; None does not normalise.
        hidden_layer_sizes : sequence of int
        n_outputs : int
        activations : sequence of functions, one for each block and each hidden layer
        initializer : str
            A key of ``INITIALIZERS`` or ``"auto"``.
        rng : numpy.random.Generator

        Raises
        ------
        ValueError
            If an image, or what the layers before made of it, is too small for a window.
        """
        *shape, n_inputs = image_shape
        blocks = []
        for number, (n_channels, activation) in enumerate(zip(channels, activations, strict=False), 1):
            fill = initializer_for(initializer, activation)
            convolution = Convolution.initialize(n_inputs, n_channels, window, fill, rng)
            try:
                shape, n_inputs = window.output_shape(shape), n_channels
            except ValueError as error:
                raise ValueError(f"convolution layer {number}: {error}") from error
            normalization = None if groups is None else GroupNorm.initialize(n_channels, math.gcd(groups, n_channels))
            pool = None
            if pooling is not None:
                kind, size = pooling
                sizes = [min(size, width) for width in shape]
                pool = Pooling(Window.of(sizes, sizes, n_axes=len(shape)), kind)
                shape = pool.window.output_shape(shape)
            blocks.append(Block(convolution, normalization, activation, pool))
        features = Features(tuple(blocks), tuple(image_shape))
        widths = [math.prod(shape) * n_inputs, *hidden_layer_sizes, n_outputs]
        return cls(features, MLP.initialize(widths, activations[len(blocks) :], initializer, rng))
