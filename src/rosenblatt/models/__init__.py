"""The estimators, one family a file."""

from typing import TYPE_CHECKING

from rosenblatt.lazy import attach

if TYPE_CHECKING:
    from rosenblatt.models.autoencoder import Autoencoder as Autoencoder
    from rosenblatt.models.convnet import ConvClassifier as ConvClassifier
    from rosenblatt.models.convnet import ConvRegressor as ConvRegressor
    from rosenblatt.models.describe import Description as Description
    from rosenblatt.models.describe import describe as describe
    from rosenblatt.models.diagnosis import Diagnosis as Diagnosis
    from rosenblatt.models.diagnosis import DiagnosisWarning as DiagnosisWarning
    from rosenblatt.models.elbo import LogLikelihood as LogLikelihood
    from rosenblatt.models.factor_vae import FactorVAE as FactorVAE
    from rosenblatt.models.fine_tuning import fine_tune as fine_tune
    from rosenblatt.models.game_course import GameCourse as GameCourse
    from rosenblatt.models.game_course import measure_game as measure_game
    from rosenblatt.models.game_phases import GamePhases as GamePhases
    from rosenblatt.models.game_phases import find_phases as find_phases
    from rosenblatt.models.game_recorder import GameRecorder as GameRecorder
    from rosenblatt.models.game_recorder import GameSnapshot as GameSnapshot
    from rosenblatt.models.gan import GAN as GAN
    from rosenblatt.models.kl_weight import KLWeight as KLWeight
    from rosenblatt.models.latent_monitor import LatentMonitor as LatentMonitor
    from rosenblatt.models.latent_monitor import LatentRecord as LatentRecord
    from rosenblatt.models.mlp import MLPClassifier as MLPClassifier
    from rosenblatt.models.mlp import MLPRegressor as MLPRegressor
    from rosenblatt.models.neuron import McCullochPittsNeuron as McCullochPittsNeuron
    from rosenblatt.models.pca_yardstick import PCAComparison as PCAComparison
    from rosenblatt.models.pca_yardstick import WorseThanPCAWarning as WorseThanPCAWarning
    from rosenblatt.models.perceptron import Perceptron as Perceptron
    from rosenblatt.models.vae import VAE as VAE

_HOMES = {
    "Autoencoder": "autoencoder",
    "ConvClassifier": "convnet",
    "ConvRegressor": "convnet",
    "Description": "describe",
    "Diagnosis": "diagnosis",
    "DiagnosisWarning": "diagnosis",
    "FactorVAE": "factor_vae",
    "GameCourse": "game_course",
    "GamePhases": "game_phases",
    "GameRecorder": "game_recorder",
    "GameSnapshot": "game_recorder",
    "GAN": "gan",
    "KLWeight": "kl_weight",
    "LatentMonitor": "latent_monitor",
    "LatentRecord": "latent_monitor",
    "LogLikelihood": "elbo",
    "MLPClassifier": "mlp",
    "MLPRegressor": "mlp",
    "McCullochPittsNeuron": "neuron",
    "PCAComparison": "pca_yardstick",
    "Perceptron": "perceptron",
    "VAE": "vae",
    "WorseThanPCAWarning": "pca_yardstick",
    "describe": "describe",
    "find_phases": "game_phases",
    "fine_tune": "fine_tuning",
    "measure_game": "game_course",
}

__all__ = sorted(_HOMES)
__getattr__, __dir__ = attach(__name__, _HOMES)
