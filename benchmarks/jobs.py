"""What is timed: every job's data, network and training settings, in one place for all contestants.

A job that a contestant cannot do is left out of its table by naming the able ones in ``Job.contestants``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

LEARNING_RATE = 1e-3
BETAS = (0.9, 0.999)
EPSILON = 1e-8
SEED = 0
N_IMAGES = 12_800  # enough for steady epochs of convolutional networks

Arrays = tuple[NDArray[np.float32], NDArray[Any]]


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


Network = DenseNetwork | ConvNetwork | DecoderNetwork | AutoencoderNetwork | ConvAutoencoderNetwork | VariationalNetwork


@dataclass(frozen=True)
class Job:
    """One measured training.

    ``measure`` is ``"rate"`` (training rows a second once everything is compiled) or ``"fit"`` (seconds of a whole
    ``fit`` call, with an empty and with a filled compilation cache). ``targets`` maps the state of the compilation
    cache to how many times as fast as the fastest peer we mean to be, ``target_share`` is the share of the machine's
    matrix-product rate to reach.
    """

    name: str
    title: str
    load: Callable[[], Arrays]
    network: Network
    batch_size: int
    epochs: int
    measure: str
    targets: dict[str, float] = field(default_factory=dict)
    target_share: float | None = None
    contestants: tuple[str, ...] | None = None

    @property
    def classifies(self) -> bool:
        """Whether classes are learned, by the cross-entropy."""
        return isinstance(self.network, DenseNetwork | ConvNetwork)

    @property
    def is_variational(self) -> bool:
        """Whether the negative ELBO is minimised; otherwise, and without classes, it is the mean squared error."""
        return isinstance(self.network, VariationalNetwork)


def load_moons() -> Arrays:
    from sklearn.datasets import make_moons

    X, y = make_moons(19_200, noise=0.2, random_state=SEED)
    return X.astype(np.float32), y.astype(np.int64)


def load_digits() -> Arrays:
    from sklearn.datasets import load_digits

    X, y = load_digits(return_X_y=True)
    return (X / 16).astype(np.float32), y.astype(np.int64)


def load_fashion_mnist(n_images: int | None = None) -> Arrays:
    dataset = rosenblatt_data("fashion-mnist")
    return dataset.X[:n_images], np.asarray(dataset.y[:n_images], dtype=np.int64)


def load_images() -> Arrays:
    """Images of Fashion-MNIST, which are their own targets."""
    images = np.asarray(rosenblatt_data("fashion-mnist").X, dtype=np.float32)
    return images, images


def load_some_images() -> Arrays:
    images = load_images()[0][:N_IMAGES]
    return images, images


def load_codes() -> Arrays:
    """Random projections of images as codes, the images as targets."""
    dataset = rosenblatt_data("fashion-mnist")
    images = np.asarray(dataset.X[:N_IMAGES], dtype=np.float32)
    projection = np.random.default_rng(SEED).standard_normal((images.shape[1], 7 * 7 * 32), dtype=np.float32)
    return np.maximum(images @ projection / np.float32(28), 0), images


def rosenblatt_data(name: str) -> Any:
    import rosenblatt.data

    return rosenblatt.data.load(name)


JOBS = {
    job.name: job
    for job in (
        Job(
            name="tiny",
            title="2-16-16-2 tanh, 19,200 rows of two moons, batch 32",
            load=load_moons,
            network=DenseNetwork((2, 16, 16, 2), "tanh"),
            batch_size=32,
            epochs=6,
            measure="rate",
            targets={"warm": 15.0},
        ),
        Job(
            name="digits",
            title="64-100-10 ReLU, 1,797 handwritten digits, batch 200, a whole fit of 200 epochs",
            load=load_digits,
            network=DenseNetwork((64, 100, 10), "relu"),
            batch_size=200,
            epochs=200,
            measure="fit",
            targets={"cold": 1.0, "warm": 2.0},
        ),
        Job(
            name="mlp",
            title="784-256-10 ReLU, Fashion-MNIST (60,000 images), batch 128",
            load=load_fashion_mnist,
            network=DenseNetwork((784, 256, 10), "relu"),
            batch_size=128,
            epochs=5,
            measure="rate",
            targets={"warm": 1.3},
            target_share=0.75,
        ),
        Job(
            name="cnn",
            title="conv 32, pool, conv 64, pool, dense 10 (3 x 3, ReLU, maximum), 12,800 images of Fashion-MNIST, "
            "batch 128",
            load=partial(load_fashion_mnist, N_IMAGES),
            network=ConvNetwork((28, 28), (32, 64), 10),
            batch_size=128,
            epochs=6,
            measure="rate",
            targets={"warm": 1.2},
            contestants=("rosenblatt", "pytorch", "pytorch-dataloader", "keras-jax"),
        ),
        Job(
            name="decoder",
            title="decoder 7 x 7 x 32, 14 x 14 x 16, 28 x 28 x 1 (transposed 3 x 3, stride 2, ReLU), 12,800 images, "
            "squared error, batch 128",
            load=load_codes,
            network=DecoderNetwork((7, 7, 32), (16, 1)),
            batch_size=128,
            epochs=8,
            measure="rate",
            targets={"warm": 1.2},
            contestants=("rosenblatt", "pytorch", "pytorch-dataloader", "keras-jax"),
        ),
        Job(
            name="ae",
            title="784-32-784, leaky ReLU, sigmoid, squared error, Fashion-MNIST (60,000 images), batch 128",
            load=load_images,
            network=AutoencoderNetwork(784, 32),
            batch_size=128,
            epochs=8,
            measure="rate",
            targets={"warm": 1.8},
            contestants=("rosenblatt", "pytorch", "pytorch-dataloader", "keras-jax"),
        ),
        Job(
            name="convae",
            title="conv 16, conv 32 (3 x 3, stride 2, ReLU), dense 32 and back, sigmoid, squared error, 12,800 images "
            "of Fashion-MNIST, batch 128",
            load=load_some_images,
            network=ConvAutoencoderNetwork((28, 28, 1), (16, 32), 32),
            batch_size=128,
            epochs=8,
            measure="rate",
            targets={"warm": 1.2},
            contestants=("rosenblatt", "pytorch", "pytorch-dataloader", "keras-jax"),
        ),
        Job(
            name="vae",
            title="VAE 784-400-20-400-784, ReLU, Bernoulli, beta 1, Fashion-MNIST (60,000 images), batch 128",
            load=load_images,
            network=VariationalNetwork(784, 400, 20),
            batch_size=128,
            epochs=8,
            measure="rate",
            contestants=("rosenblatt", "pytorch", "pytorch-dataloader", "keras-jax", "pythae"),
        ),
    )
}


def save_data(job: Job, folder: Path) -> None:
    """Write the job's arrays, so that every process maps the very same bytes."""
    X, y = job.load()
    np.save(folder / "X.npy", X)
    if y is not X:
        np.save(folder / "y.npy", y)


def load_data(folder: Path) -> Arrays:
    """X and y, which are the same array where rows are their own targets."""
    X = np.load(folder / "X.npy")
    return X, np.load(folder / "y.npy") if (folder / "y.npy").exists() else X
