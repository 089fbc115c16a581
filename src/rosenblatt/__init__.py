"""Deep learning from the single neuron to the GAN as scikit-learn estimators, each fit compiled into one JAX program.

Names are loaded when they are first used: importing the package starts no JAX, no matplotlib and no scikit-learn.
"""

from typing import TYPE_CHECKING

from rosenblatt.lazy import attach

__version__ = "0.1.0"

_HOMES = {
    "Autoencoder": "models.autoencoder",
    "Callback": "training.callbacks",
    "Checkpoint": "runs.checkpoint",
    "ConvClassifier": "models.convnet",
    "ConvRegressor": "models.convnet",
    "FactorVAE": "models.factor_vae",
    "GAN": "models.gan",
    "MLPClassifier": "models.mlp",
    "MLPRegressor": "models.mlp",
    "McCullochPittsNeuron": "models.neuron",
    "ModelFileError": "runs.model_file",
    "NonFiniteRiskError": "training.errors",
    "Perceptron": "models.perceptron",
    "VAE": "models.vae",
    "describe": "models.describe",
    "export_explorer": "runs.explorer",
    "fine_tune": "models.fine_tuning",
    "load": "runs.model_file",
    "save": "runs.model_file",
}
_PACKAGES = ("data", "display", "explain", "losses", "metrics", "models", "nn", "runs", "studies", "training")

if TYPE_CHECKING:
    from rosenblatt.models.autoencoder import Autoencoder as Autoencoder
    from rosenblatt.models.convnet import ConvClassifier as ConvClassifier
    from rosenblatt.models.convnet import ConvRegressor as ConvRegressor
    from rosenblatt.models.describe import describe as describe
    from rosenblatt.models.factor_vae import FactorVAE as FactorVAE
    from rosenblatt.models.fine_tuning import fine_tune as fine_tune
    from rosenblatt.models.gan import GAN as GAN
    from rosenblatt.models.mlp import MLPClassifier as MLPClassifier
    from rosenblatt.models.mlp import MLPRegressor as MLPRegressor
    from rosenblatt.models.neuron import McCullochPittsNeuron as McCullochPittsNeuron
    from rosenblatt.models.perceptron import Perceptron as Perceptron
    from rosenblatt.models.vae import VAE as VAE
    from rosenblatt.runs.checkpoint import Checkpoint as Checkpoint
    from rosenblatt.runs.explorer import export_explorer as export_explorer
    from rosenblatt.runs.model_file import ModelFileError as ModelFileError
    from rosenblatt.runs.model_file import load as load
    from rosenblatt.runs.model_file import save as save
    from rosenblatt.training.callbacks import Callback as Callback
    from rosenblatt.training.errors import NonFiniteRiskError as NonFiniteRiskError


def estimators() -> dict[str, str]:
    """The module of each public estimator, by the estimator's name."""
    return {name: f"rosenblatt.{home}" for name, home in _HOMES.items() if name[0].isupper() and "models." in home}


__all__ = sorted([*_HOMES, *_PACKAGES, "__version__", "estimators"])
__getattr__, _ = attach(__name__, _HOMES | dict.fromkeys(_PACKAGES, ""))


def __dir__() -> list[str]:
    return __all__
