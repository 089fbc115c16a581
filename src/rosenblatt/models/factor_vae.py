"""FactorVAE: a variational autoencoder and a discriminator that tells whether its latents are independent.

The discriminator's logit estimates log q(z) - sum_j log q(z_j), whose mean, the total correlation, the autoencoder
then lowers (Kim and Mnih 2018, equation 2): a game of two players.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from rosenblatt.models import fields
from rosenblatt.models.variational import VariationalEstimator
from rosenblatt.models.variational_risk import DensityRatioRisk, Regularizer
from rosenblatt.nn.activations import LeakyReLU
from rosenblatt.nn.mlp import MLP
from rosenblatt.training.optimizers import OPTIMIZERS
from rosenblatt.training.players import Game, Player
from rosenblatt.training.state import Settings


@dataclass(kw_only=True, repr=False, eq=False)
class FactorVAE(VariationalEstimator):
    """A ``VAE`` whose latents are held independent by a discriminator.

    The verbs are those of ``VAE``; the other fields are those of ``VariationalEstimator``, ``EncoderDecoder``,
    ``ImageInputs``, ``NetworkEstimator`` and ``EngineEstimator``. The history also has the discriminator's risk,
    which is log 2 = 0.69 where it cannot tell, and its accuracy. Early stopping looks at the autoencoder's risk, in
    which the discriminator's estimate is.

    Parameters
    ----------
    total_correlation : float >= 0, default=10.0
        The weight of the total correlation, beside beta KL; the paper's gamma.
    discriminator_hidden_layer_sizes : int or sequence of int, default=(256, 256)
        Units of the discriminator's hidden layers, with leaky ReLU of slope 0.2.
    discriminator_learning_rate : float > 0, default=0.0001
        Of its optimizer, which is Adam.

    Attributes
    ----------
    networks_ : dict of networks by name, whose parameters are NumPy arrays
        "model" and "discriminator".
    beta_ : float
        Where beta's schedule leads.
    data_variance_ : float
        Mean variance of the columns of X.
    n_rows_ : int
        Rows that ``fit`` saw.
    n_outputs_ : int
        Numbers of a row, which the decoder puts out.
    row_shape_ : shape of what ``inverse_transform`` and ``sample`` give for each code

    References
    ----------
    H. Kim, A. Mnih, "Disentangling by factorising", ICML 2018.

    Examples
    --------
    >>> from rosenblatt import FactorVAE
    >>> from sklearn.datasets import load_digits
    >>> X = load_digits().data / 16
    >>> model = FactorVAE(latent_dim=4, loss="bernoulli", max_epochs=5, random_state=0).fit(X)
    >>> sorted(model.networks_)
    ['discriminator', 'model']
    """

    total_correlation: fields.NonNegativeFloat = 10.0
    discriminator_hidden_layer_sizes: fields.HiddenLayerSizes = (256, 256)
    discriminator_learning_rate: fields.PositiveFloat = 1e-4

    def _regularizer(self) -> Regularizer:
        return "density_ratio"

    def _penalties(self) -> dict[str, float]:
        return {"total_correlation": self.total_correlation}

    def _couples_rows(self) -> bool:
        return True  # the discriminator sees latents of different rows together

    def _game(self) -> Game:
        return (*super()._game(), Player("discriminator", ("discriminator",), DensityRatioRisk(), OPTIMIZERS["adam"]))

    def _new_networks(self, rng: np.random.Generator) -> dict[str, Any]:
        networks = super()._new_networks(rng)  # first, so that it starts as a VAE of the same seed does
        hidden = np.atleast_1d(np.asarray(self.discriminator_hidden_layer_sizes, int)).tolist()
        widths = [int(self.latent_dim), *hidden, 1]
        return networks | {"discriminator": MLP.initialize(widths, [LeakyReLU(0.2)] * len(hidden), "auto", rng)}

    def _settings(self, max_epochs: int) -> Settings:
        settings = super()._settings(max_epochs)
        rates = (*settings.learning_rates, self.discriminator_learning_rate)
        return replace(settings, learning_rates=rates, schedules=(*settings.schedules, {}))
