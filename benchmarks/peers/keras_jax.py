"""Keras 3 on JAX: a Sequential model and ``model.fit``."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from jobs import (
    BETAS,
    EPSILON,
    LEARNING_RATE,
    SEED,
    AutoencoderNetwork,
    ConvAutoencoderNetwork,
    ConvNetwork,
    DecoderNetwork,
    Job,
)
from peers import Result, Stopwatch


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
        optimizer=keras.optimizers.Adam(LEARNING_RATE, beta_1=BETAS[0], beta_2=BETAS[1], epsilon=EPSILON),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True) if job.classifies else "mse",
        jit_compile=True,
        steps_per_execution=settings["steps_per_execution"],
    )
    listener = EpochListener(stopwatch)
    model.fit(X, y, batch_size=job.batch_size, epochs=job.epochs, verbose=0, callbacks=[listener])

    def predict(rows: NDArray[np.float32]) -> NDArray[np.floating]:
        outputs = model.predict(rows, batch_size=1024, verbose=0)
        return softmax(outputs) if job.classifies else outputs

    return stopwatch.result(predict)


def build(job: Job) -> keras.Sequential:
    keras.utils.set_random_seed(SEED)
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


def softmax(logits: NDArray[np.floating]) -> NDArray[np.floating]:
    exponentials = np.exp(logits.astype(np.float64) - logits.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)
