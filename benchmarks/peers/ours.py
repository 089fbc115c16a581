"""Our own estimator as a user would call it; epochs are timed by a plain callback."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import equinox as eqx
import jax
import numpy as np
from jax import Array
from numpy.typing import NDArray

from jobs import SEED, Job
from networks import (
    AutoencoderNetwork,
    ConvAutoencoderNetwork,
    ConvGame,
    ConvNetwork,
    DecoderNetwork,
    DenseGame,
    Network,
    VariationalNetwork,
)
from peers import Prediction, Result, Stopwatch
from rosenblatt import GAN, VAE, Autoencoder, ConvClassifier, ConvRegressor, MLPClassifier
from rosenblatt.nn.convolution import TransposedConvolution
from rosenblatt.nn.initializers import INITIALIZERS
from rosenblatt.nn.windows import Window

PURPOSES = ("data_seconds", "compile_seconds", "step_seconds", "evaluation_seconds")

import_module("optax")  # imports are not timed, and ours may be lazy


class Decoder(eqx.Module):
    """Transposed convolutions with ReLU between them."""

    layers: list[TransposedConvolution]
    code_shape: tuple[int, int, int] = eqx.field(static=True)

    def __call__(self, x: Array, **_: Any) -> Array:
        *hidden, last = self.layers
        image = x.reshape(self.code_shape)
        for layer in hidden:
            image = jax.nn.relu(layer(image))
        return last(image).reshape(-1)

    @classmethod
    def initialize(cls, network: DecoderNetwork, rng: np.random.Generator) -> Decoder:
        height, width, n_in = network.code_shape
        layers = []
        for n_out in network.channels:
            height, width = 2 * height, 2 * width
            doubling = Window.of(3, stride=2, padding="same")
            # Fans as PyTorch and Keras count them; ours, which leave out entries that a pixel misses, start larger.
            weight = INITIALIZERS["glorot"]((3, 3, n_in, n_out), 9 * n_in, 9 * n_out, rng).astype(np.float32)
            layers.append(TransposedConvolution(weight, np.zeros(n_out, np.float32), doubling, (height, width)))
            n_in = n_out
        return cls(layers, network.code_shape)


def decoder_factory(network: DecoderNetwork) -> Callable[..., Decoder]:
    return lambda image_shape, n_outputs, *, key: Decoder.initialize(network, np.random.default_rng(SEED))


Estimator = Autoencoder | ConvClassifier | ConvRegressor | GAN | MLPClassifier | VAE


def estimator_for(network: Network) -> Estimator:
    if isinstance(network, DenseGame):
        return GAN(latent_dim=network.latent_dim, hidden_layer_sizes=network.hidden_layer_sizes, r1=0.0)
    if isinstance(network, ConvGame):
        return GAN(
            architecture="conv",
            image_shape=network.image_shape,
            channels=network.channels,
            hidden_layer_sizes=(),
            latent_dim=network.latent_dim,
            data_range=(-1, 1),
            r1=0.0,
        )
    if isinstance(network, VariationalNetwork):
        return VAE(
            latent_dim=network.latent_dim, hidden_layer_sizes=(network.n_hidden,), loss="bernoulli", diagnosis=False
        )
    if isinstance(network, AutoencoderNetwork):
        return Autoencoder(
            latent_dim=network.latent_dim,
            hidden_layer_sizes=(),
            code_activation="leaky_relu",
            output_activation="sigmoid",
        )
    if isinstance(network, ConvAutoencoderNetwork):
        return Autoencoder(
            architecture="conv",
            image_shape=network.image_shape,
            channels=network.channels,
            hidden_layer_sizes=(),
            latent_dim=network.latent_dim,
            output_activation="sigmoid",
        )
    if isinstance(network, DecoderNetwork):
        return ConvRegressor(image_shape=network.code_shape, network=decoder_factory(network))
    if isinstance(network, ConvNetwork):
        return ConvClassifier(image_shape=network.image_shape, channels=network.channels, hidden_layer_sizes=())
    return MLPClassifier(hidden_layer_sizes=network.layer_sizes[1:-1], activation=network.activation)


def train(job: Job, X: NDArray[np.float32], y: NDArray[np.int64], settings: dict[str, Any]) -> Result:
    stopwatch = Stopwatch()
    estimator = estimator_for(job.network).set_params(
        batch_size=job.batch_size,
        max_epochs=job.epochs,
        initializer="glorot",
        optimizer="adam",
        learning_rate=job.learning_rate,
        random_state=SEED,
        verbose=0,
        callbacks=[lambda epoch, logs: stopwatch.lap()],
    )
    if isinstance(estimator, GAN):
        estimator.set_params(momentum=job.betas[0], decay=False, referee=False)  # as the peers do
        estimator.fit(X, validation_data=X[: job.batch_size])  # so that none is held out
    else:
        estimator.fit(X, y)
    breakdown = {purpose: float(np.sum(estimator.history_[purpose])) for purpose in PURPOSES}
    return stopwatch.result(predictor(estimator), breakdown=breakdown)


def predictor(estimator: Estimator) -> Callable[[NDArray[np.float32]], Prediction]:
    """As `peers.Result` says."""
    if isinstance(estimator, GAN):
        return lambda rows: game_prediction(estimator, rows)
    if isinstance(estimator, VAE):
        return lambda rows: variational_prediction(estimator, rows)
    if isinstance(estimator, Autoencoder):
        return estimator.reconstruct
    return estimator.predict if isinstance(estimator, ConvRegressor) else estimator.predict_proba


def variational_prediction(estimator: VAE, rows: NDArray[np.float32]) -> Prediction:
    means, deviations = estimator.posterior(rows)
    codes = estimator.sample_posterior(rows, random_state=SEED)
    return estimator.inverse_transform(codes), means, 2 * np.log(deviations)


def game_prediction(estimator: GAN, rows: NDArray[np.float32]) -> Prediction:
    samples = estimator.sample(len(rows), random_state=SEED)
    return estimator.score_samples(rows), samples, estimator.score_samples(samples)
