"""The models of the command line, in plain data: nothing heavy is imported until one of them is used.

A model is added by one line. Its flags and their help come from its estimator.
"""

from dataclasses import dataclass
from importlib import import_module
from typing import Any

RECONSTRUCTION, GENERATION = "reconstruction", "generation"
WITHOUT_TARGET = {RECONSTRUCTION, GENERATION}


@dataclass(frozen=True)
class Model:
    """A model by its name on the command line.

    Parameters
    ----------
    summary : str
        One line for ``rosenblatt fit --help``.
    estimators : dict of str to str
        ``"module:class"`` for each task, ``"classification"`` or ``"regression"``; where both are there, the target
        decides. ``"reconstruction"`` and ``"generation"`` need no target.
    """

    summary: str
    estimators: dict[str, str]

    def classes(self) -> dict[str, type[Any]]:
        """Import the estimator of each task."""
        return {task: _imported(path) for task, path in self.estimators.items()}


MODELS: dict[str, Model] = {
    "autoencoder": Model(
        "Autoencoder: compresses rows or images to short codes, and restores them; dense or convolutional.",
        {RECONSTRUCTION: "rosenblatt.models.autoencoder:Autoencoder"},
    ),
    "conv": Model(
        "Convolutional network: kernels that slide over images, then dense layers, for classes or for numbers.",
        {
            "classification": "rosenblatt.models.convnet:ConvClassifier",
            "regression": "rosenblatt.models.convnet:ConvRegressor",
        },
    ),
    "factorvae": Model(
        "FactorVAE: a variational autoencoder whose latents a discriminator holds independent.",
        {RECONSTRUCTION: "rosenblatt.models.factor_vae:FactorVAE"},
    ),
    "gan": Model(
        "GAN: makes new rows or images, by a game between a generator and a discriminator.",
        {GENERATION: "rosenblatt.models.gan:GAN"},
    ),
    "mlp": Model(
        "Multi-layer perceptron: dense layers, for classes or for numbers.",
        {
            "classification": "rosenblatt.models.mlp:MLPClassifier",
            "regression": "rosenblatt.models.mlp:MLPRegressor",
        },
    ),
    "perceptron": Model(
        "Rosenblatt's perceptron: a linear threshold unit that learns from its mistakes.",
        {"classification": "rosenblatt.models.perceptron:Perceptron"},
    ),
    "vae": Model(
        "Variational autoencoder: encodes rows or images as distributions of codes, and generates new ones.",
        {RECONSTRUCTION: "rosenblatt.models.vae:VAE"},
    ),
}


def _imported(path: str) -> type[Any]:
    module, _, name = path.partition(":")
    return getattr(import_module(module), name)
