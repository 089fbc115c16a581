"""The networks of the jobs: their sizes, and the floating-point operations of one training step for one row."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import prod


@dataclass(frozen=True)
class DenseNetwork:
    """Dense layers with one activation between them, biases everywhere, logits at the end."""

    layer_sizes: tuple[int, ...]
    activation: str

    def flops_per_row(self) -> int:
        """Multiplications and additions of the matrix products of one training step, for one row.

        Forward 2 n_in n_out, weight gradient the same, input gradient the same in all layers but the first.
        """
        products = [n_in * n_out for n_in, n_out in pairwise(self.layer_sizes)]
        return 6 * sum(products) - 2 * products[0]


@dataclass(frozen=True)
class ConvNetwork:
    """3 x 3 convolutions that keep the size, each followed by ReLU and 2 x 2 max-pooling; then one dense layer."""

    image_shape: tuple[int, int]
    channels: tuple[int, ...]
    n_outputs: int

    def flops_per_row(self) -> int:
        """As for a dense network: each layer's product forward, for its weights and, but for the first, its inputs."""
        (height, width), n_in, products = self.image_shape, 1, []
        for n_out in self.channels:
            products.append(height * width * 9 * n_in * n_out)
            height, width, n_in = height // 2, width // 2, n_out
        products.append(self.n_features * self.n_outputs)
        return 6 * sum(products) - 2 * products[0]

    @property
    def n_features(self) -> int:
        """What the last pooling puts out."""
        height, width = (size // 2 ** len(self.channels) for size in self.image_shape)
        return height * width * self.channels[-1]


@dataclass(frozen=True)
class DecoderNetwork:
    """3 x 3 transposed convolutions of stride 2 that double the size, with ReLU between them: codes to images."""

    code_shape: tuple[int, int, int]
    channels: tuple[int, ...]

    def flops_per_row(self) -> int:
        """As for the others; each pixel spreads 3 x 3 entries, whatever the stride."""
        (height, width, n_in), products = self.code_shape, []
        for n_out in self.channels:
            products.append(height * width * 9 * n_in * n_out)
            height, width, n_in = 2 * height, 2 * width, n_out
        return 6 * sum(products) - 2 * products[0]


@dataclass(frozen=True)
class AutoencoderNetwork:
    """Dense layers to a code and back: leaky ReLU (0.01 below 0) on the code, sigmoid on the outputs."""

    n_inputs: int
    latent_dim: int

    def flops_per_row(self) -> int:
        return 2 * (3 + 2) * self.n_inputs * self.latent_dim


@dataclass(frozen=True)
class ConvAutoencoderNetwork:
    """3 x 3 convolutions of stride 2 and a dense layer to a linear code; dense and transposed convolutions back.

    ReLU follows all layers but those of the code and of the outputs, which have a sigmoid.
    """

    image_shape: tuple[int, int, int]
    channels: tuple[int, ...]
    latent_dim: int

    @property
    def map_shapes(self) -> list[tuple[int, int, int]]:
        """Of the image and of what each convolution puts out."""
        shapes = [self.image_shape]
        for n_out in self.channels:
            height, width, _ = shapes[-1]
            shapes.append((-(-height // 2), -(-width // 2), n_out))
        return shapes

    @property
    def n_features(self) -> int:
        height, width, n_channels = self.map_shapes[-1]
        return height * width * n_channels

    def flops_per_row(self) -> int:
        """The first convolution has no input gradient; its mirror image, the last layer, has one."""
        convolutions = [
            height * width * 9 * n_in * n_out for (_, _, n_in), (height, width, n_out) in pairwise(self.map_shapes)
        ]
        return 12 * sum(convolutions) - 2 * convolutions[0] + 12 * self.n_features * self.latent_dim


@dataclass(frozen=True)
class VariationalNetwork:
    """A hidden layer (ReLU) to the mean and log-variance of a code, and one from the code to logits of pixels."""

    n_inputs: int
    n_hidden: int
    latent_dim: int

    def flops_per_row(self) -> int:
        """The decoder's first layer has an input gradient: it leads back to the encoder."""
        first = self.n_inputs * self.n_hidden
        return 6 * (2 * first + 3 * self.n_hidden * self.latent_dim) - 2 * first


@dataclass(frozen=True)
class DenseGame:
    """Generator and discriminator with the same hidden layers: codes to rows, and rows to one logit.

    Leaky ReLU (0.2 below 0) follows every hidden layer; the generator's outputs are linear.
    """

    n_features: int
    hidden_layer_sizes: tuple[int, ...]
    latent_dim: int

    def flops_per_row(self) -> int:
        generator = products((self.latent_dim, *self.hidden_layer_sizes, self.n_features))
        return flops_of_game(generator, products((self.n_features, *self.hidden_layer_sizes, 1)))


@dataclass(frozen=True)
class ConvGame:
    """4 x 4 convolutions of stride 2 and a dense layer to one logit; a generator that is their mirror image.

    Leaky ReLU (0.2 below 0) follows all layers but the last ones; the generator's outputs have a tanh.
    """

    image_shape: tuple[int, int, int]
    channels: tuple[int, ...]
    latent_dim: int

    @property
    def map_shapes(self) -> list[tuple[int, int, int]]:
        """Of the image and of what each convolution of the discriminator puts out."""
        shapes = [self.image_shape]
        for n_out in self.channels:
            height, width, _ = shapes[-1]
            shapes.append((height // 2, width // 2, n_out))
        return shapes

    @property
    def n_features(self) -> int:
        """What the last convolution puts out."""
        return prod(self.map_shapes[-1])

    def flops_per_row(self) -> int:
        convolutions = [
            height * width * 16 * n_in * n_out for (_, _, n_in), (height, width, n_out) in pairwise(self.map_shapes)
        ]
        generator = [self.latent_dim * self.n_features, *reversed(convolutions)]
        return flops_of_game(generator, [*convolutions, self.n_features])


def products(layer_sizes: tuple[int, ...]) -> list[int]:
    return [n_in * n_out for n_in, n_out in pairwise(layer_sizes)]


def flops_of_game(generator: list[int], discriminator: list[int]) -> int:
    """Of one real row, from the products of one row in each layer, where both players learn from the same sample.

    The discriminator's move takes its whole training step of two rows; the generator's takes the discriminator's
    outputs and input gradients for one row, and its own training step.
    """
    of_discriminator = 2 * (6 * sum(discriminator) - 2 * discriminator[0])
    return of_discriminator + 4 * sum(discriminator) + 6 * sum(generator) - 2 * generator[0]


Game = DenseGame | ConvGame
Network = (
    DenseNetwork
    | ConvNetwork
    | DecoderNetwork
    | AutoencoderNetwork
    | ConvAutoencoderNetwork
    | VariationalNetwork
    | Game
)
