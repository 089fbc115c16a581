"""Keras 3 on JAX: a Sequential or functional model and ``model.fit``."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from jobs import EPSILON, SEED, Job
from networks import AutoencoderNetwork, ConvAutoencoderNetwork, ConvNetwork, DecoderNetwork, VariationalNetwork
from peers import Prediction, Result, Stopwatch


class Sampling(keras.layers.Layer):
    """Draws a code for each mean and log-variance."""

    def __init__(self) -> None:
        super().__init__()
        self.seed_generator = keras.random.SeedGenerator(SEED)

    def call(self, means: Any, log_variances: Any) -> Any:
        noise = keras.random.normal(keras.ops.shape(means), seed=self.seed_generator)
        return means + keras.ops.exp(0.5 * log_variances) * noise


class VariationalAutoencoder(keras.Model):
    """Logits of pixels, means and log-variances from rows, with the negative ELBO as loss."""

    def compute_loss(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None, training: bool = True) -> Any:
        logits, means, log_variances = y_pred
        pixels = keras.ops.binary_crossentropy(x, logits, from_logits=True)
        divergences = 0.5 * (keras.ops.exp(log_variances) + keras.ops.square(means) - 1 - log_variances)
        return keras.ops.mean(keras.ops.sum(pixels, axis=1) + keras.ops.sum(divergences, axis=1))


class EpochListener(keras.callbacks.Callback):
    """Takes the time at the end of every epoch."""

    def __init__(self, stopwatch: Stopwatch) -> None:
        super().__init__()
        self.stopwatch = stopwatch

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self.stopwatch.lap()


def train(job: Job, X: NDArray[np.float32], y: NDArray[np.int64], settings: dict[str, Any]) -> Result:
    stopwatch = Stopwatch()
    model = build(job)
    model.compile(
        optimizer=keras.optimizers.Adam(job.learning_rate, beta_1=job.betas[0], beta_2=job.betas[1], epsilon=EPSILON),
        loss=loss_for(job),
        jit_compile=True,
        steps_per_execution=settings["steps_per_execution"],
    )
    listener = EpochListener(stopwatch)
    targets = None if job.is_variational else y
    model.fit(X, targets, batch_size=job.batch_size, epochs=job.epochs, verbose=0, callbacks=[listener])

    def predict(rows: NDArray[np.float32]) -> Prediction:
        outputs = model.predict(rows, batch_size=1024, verbose=0)
        if job.is_variational:
            logits, means, log_variances = outputs
            return expit(logits), means, log_variances
        return softmax(outputs) if job.classifies else outputs

    return stopwatch.result(predict)


def loss_for(job: Job) -> keras.losses.Loss | str | None:
    """Of a VAE none: the model has its own."""
    if job.is_variational:
        return None
    return keras.losses.SparseCategoricalCrossentropy(from_logits=True) if job.classifies else "mse"


def build(job: Job) -> keras.Model:
    keras.utils.set_random_seed(SEED)
    if isinstance(job.network, VariationalNetwork):
        return build_variational_autoencoder(job.network)
    if isinstance(job.network, ConvNetwork):
        return build_convolutional(job.network)
    if isinstance(job.network, DecoderNetwork):
        return build_decoder(job.network)
    if isinstance(job.network, AutoencoderNetwork):
        return build_autoencoder(job.network)
    if isinstance(job.network, ConvAutoencoderNetwork):
        return build_convolutional_autoencoder(job.network)
    n_in, *hidden, n_out = job.network.layer_sizes
    layers = [keras.layers.Dense(width, activation=job.network.activation) for width in hidden]
    return keras.Sequential([keras.Input((n_in,)), *layers, keras.layers.Dense(n_out)])


def build_convolutional(network: ConvNetwork) -> keras.Sequential:
    n_pixels = network.image_shape[0] * network.image_shape[1]
    layers = [keras.Input((n_pixels,)), keras.layers.Reshape((*network.image_shape, 1))]
    for n_out in network.channels:
        layers += [keras.layers.Conv2D(n_out, 3, padding="same", activation="relu"), keras.layers.MaxPooling2D()]
    return keras.Sequential([*layers, keras.layers.Flatten(), keras.layers.Dense(network.n_outputs)])


def build_decoder(network: DecoderNetwork) -> keras.Sequential:
    layers = [keras.Input((int(np.prod(network.code_shape)),)), keras.layers.Reshape(network.code_shape)]
    for number, n_out in enumerate(network.channels, 1):
        activation = "relu" if number < len(network.channels) else None
        layers.append(keras.layers.Conv2DTranspose(n_out, 3, strides=2, padding="same", activation=activation))
    return keras.Sequential([*layers, keras.layers.Flatten()])


def build_autoencoder(network: AutoencoderNetwork) -> keras.Sequential:
    return keras.Sequential(
        [
            keras.Input((network.n_inputs,)),
            keras.layers.Dense(network.latent_dim, activation=keras.layers.LeakyReLU(negative_slope=0.01)),
            keras.layers.Dense(network.n_inputs, activation="sigmoid"),
        ]
    )


def build_convolutional_autoencoder(network: ConvAutoencoderNetwork) -> keras.Sequential:
    shapes = network.map_shapes
    layers = [keras.Input((int(np.prod(shapes[0])),)), keras.layers.Reshape(shapes[0])]
    for _, _, n_out in shapes[1:]:
        layers.append(keras.layers.Conv2D(n_out, 3, strides=2, padding="same", activation="relu"))
    layers += [keras.layers.Flatten(), keras.layers.Dense(network.latent_dim)]
    layers += [keras.layers.Dense(network.n_features, activation="relu"), keras.layers.Reshape(shapes[-1])]
    for number, (_, _, n_out) in enumerate(reversed(shapes[:-1]), 1):
        activation = "relu" if number < len(network.channels) else "sigmoid"
        layers.append(keras.layers.Conv2DTranspose(n_out, 3, strides=2, padding="same", activation=activation))
    return keras.Sequential([*layers, keras.layers.Flatten()])


def build_variational_autoencoder(network: VariationalNetwork) -> VariationalAutoencoder:
    rows = keras.Input((network.n_inputs,))
    hidden = keras.layers.Dense(network.n_hidden, activation="relu")(rows)
    means = keras.layers.Dense(network.latent_dim)(hidden)
    log_variances = keras.layers.Dense(network.latent_dim)(hidden)
    decoded = keras.layers.Dense(network.n_hidden, activation="relu")(Sampling()(means, log_variances))
    return VariationalAutoencoder(rows, [keras.layers.Dense(network.n_inputs)(decoded), means, log_variances])


def softmax(logits: NDArray[np.floating]) -> NDArray[np.floating]:
    exponentials = np.exp(logits.astype(np.float64) - logits.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)
