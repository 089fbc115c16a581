"""What is timed: every job's data, network and training settings, in one place for all contestants.

A job that a contestant cannot do is left out of its table by naming the able ones in ``Job.contestants``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from networks import (
    AutoencoderNetwork,
    ConvAutoencoderNetwork,
    ConvGame,
    ConvNetwork,
    DecoderNetwork,
    DenseGame,
    DenseNetwork,
    Game,
    Network,
    VariationalNetwork,
)

EPSILON = 1e-8
SEED = 0
N_IMAGES = 12_800  # enough for steady epochs of convolutional networks
N_POINTS = 51_200

Arrays = tuple[NDArray[np.float32], NDArray[Any]]


@dataclass(frozen=True)
class Job:
    """One measured training.

    ``measure`` is ``"rate"`` (training rows a second once everything is compiled) or ``"fit"`` (seconds of a whole
    ``fit`` call, with an empty and with a filled compilation cache). ``targets`` maps the state of the compilation
    cache to how many times as fast as the fastest peer we mean to be, ``target_share`` is the share of the machine's
    matrix-product rate to reach. All contestants take Adam with ``learning_rate`` and ``betas``.
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
    learning_rate: float = 1e-3
    betas: tuple[float, float] = (0.9, 0.999)

    @property
    def classifies(self) -> bool:
        """Whether classes are learned, by the cross-entropy."""
        return isinstance(self.network, DenseNetwork | ConvNetwork)

    @property
    def is_variational(self) -> bool:
        """Whether the negative ELBO is minimised."""
        return isinstance(self.network, VariationalNetwork)

    @property
    def is_game(self) -> bool:
        """Whether a generator plays against a discriminator, with the non-saturating loss.

        What neither classifies nor is one of these minimises the mean squared error.
        """
        return isinstance(self.network, Game)

    @property
    def measures(self) -> tuple[str, ...]:
        """Of how well each contestant learned."""
        if self.is_game:
            return "loss", "distance"
        return ("loss", "accuracy") if self.classifies else ("loss",)


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


def load_signed_images() -> Arrays:
    """Images from -1 to 1, as a tanh puts them out."""
    images = 2 * load_some_images()[0] - 1
    return images, images


def load_ring() -> Arrays:
    """Eight round clouds, evenly on a circle, in units in which each column has a standard deviation of 1."""
    rng = np.random.default_rng(SEED)
    angles = 2 * np.pi * rng.integers(8, size=N_POINTS) / 8
    points = np.column_stack([np.cos(angles), np.sin(angles)]) + 0.02 * rng.standard_normal((N_POINTS, 2))
    points = ((points - points.mean(axis=0)) / points.std(axis=0)).astype(np.float32)
    return points, points


def load_codes() -> Arrays:
    """Random projections of images as codes, the images as targets."""
    dataset = rosenblatt_data("fashion-mnist")
    images = np.asarray(dataset.X[:N_IMAGES], dtype=np.float32)
    projection = np.random.default_rng(SEED).standard_normal((images.shape[1], 7 * 7 * 32), dtype=np.float32)
    return np.maximum(images @ projection / np.float32(28), 0), images


def rosenblatt_data(name: str) -> Any:
    import rosenblatt.data

    return rosenblatt.data.load(name)


GAME_OPTIMIZER: dict[str, Any] = {"learning_rate": 2e-4, "betas": (0.5, 0.999)}  # Radford, Metz and Chintala (2016)

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
        Job(
            name="dcgan",
            title="GAN of images: dense 64 to 7 x 7 x 64, transposed to 32 and 1 channels; conv 32, conv 64, dense 1 "
            "(4 x 4, stride 2), 12,800 images of Fashion-MNIST, batch 128",
            load=load_signed_images,
            network=ConvGame((28, 28, 1), (32, 64), 64),
            batch_size=128,
            epochs=5,
            measure="rate",
            targets={"warm": 1.2},
            contestants=("rosenblatt", "pytorch"),
            **GAME_OPTIMIZER,
        ),
        Job(
            name="game",
            title="GAN in the plane: 16-64-64-2 and 2-64-64-1, ring of 8, 51,200 points, batch 256",
            load=load_ring,
            network=DenseGame(2, (64, 64), 16),
            batch_size=256,
            epochs=8,
            measure="rate",
            targets={"warm": 8.0},
            contestants=("rosenblatt", "pytorch", "lightning"),
            **GAME_OPTIMIZER,
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
