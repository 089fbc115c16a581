"""The variational autoencoder: an encoder of distributions q(z | x), a decoder p(x | z), and the prior p(z) = N(0, I).

It descends E -log p(x | z) + beta KL(q(z | x) || p(z)), a mean over rows in nats, with z = mean + deviation * epsilon
(Kingma and Welling 2014, equation 10); with beta = 1 that is a bound on -log p(x).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from rosenblatt.models import fields
from rosenblatt.models.variational import VariationalEstimator
from rosenblatt.models.variational_risk import Regularizer
from rosenblatt.training.schedules import Ramp, Schedule


@dataclass(kw_only=True, repr=False, eq=False)
class VAE(VariationalEstimator):
    """A transformer that encodes rows, images or signals as distributions over codes, and generates new ones.

    The other fields are those of ``VariationalEstimator``, ``EncoderDecoder``, ``ImageInputs``, ``NetworkEstimator``
    and ``EngineEstimator``. ``capacity``, ``free_bits`` and ``total_correlation`` exclude one another.

    Parameters
    ----------
    capacity : float >= 0 or None, default=None
        Nats that the KL is held at: the risk has beta |KL - capacity| (Burgess et al. 2018). The schedule then is
        that of the capacity.
    free_bits : float >= 0, default=0.0
        Nats of each latent, in the mean over a batch, that cost nothing more: the risk has beta sum_j
        max(KL_j, free_bits), so that latents do not fall silent (Kingma et al. 2016).
    total_correlation : float >= 0 or None, default=None
        The weight of the total correlation, which says how far the latents are from independent: the risk has
        beta (mutual information + dimension-wise KL) + total_correlation times it, estimated from each batch, and all
        three are in the history (a beta-TC-VAE, Chen et al. 2018).

    Attributes
    ----------
    encoder_, decoder_ : the two networks
        The encoder puts out means, then what becomes log-variances.
    beta_ : float
        Where beta's schedule leads.
    kl_weight_ : KLWeight
        What that is in the units of other tools.
    data_variance_ : float
        Mean variance of the columns of X.
    n_rows_ : int
        Rows that ``fit`` saw.
    n_outputs_ : int
        Numbers of a row, which the decoder puts out.
    row_shape_ : shape of what ``inverse_transform`` and ``sample`` give for each code

    References
    ----------
    D. P. Kingma, M. Welling, "Auto-encoding variational Bayes", ICLR 2014.
    I. Higgins et al., "beta-VAE: learning basic visual concepts with a constrained variational framework", ICLR 2017.
    D. P. Kingma et al., "Improved variational inference with inverse autoregressive flow", NeurIPS 2016.
    C. P. Burgess et al., "Understanding disentangling in beta-VAE", arXiv:1804.03599, 2018.
    R. T. Q. Chen, X. Li, R. Grosse, D. Duvenaud, "Isolating sources of disentanglement in variational autoencoders",
    NeurIPS 2018.
    O. Rybkin, K. Daniilidis, S. Levine, "Simple and effective VAE training with calibrated decoders", ICML 2021.

    Examples
    --------
    >>> from rosenblatt import VAE
    >>> from sklearn.datasets import load_digits
    >>> X = load_digits().data / 16
    >>> model = VAE(latent_dim=4, loss="bernoulli", learning_rate=0.005, max_epochs=50, random_state=0).fit(X)
    >>> model.sample(3, random_state=0).shape
    (3, 64)
    >>> model.score(X) > -30
    True
    """

    capacity: fields.NonNegativeFloat | None = None
    free_bits: fields.NonNegativeFloat = 0.0
    total_correlation: fields.NonNegativeFloat | None = None

    def _targets(self, X: np.ndarray, y: Any, *, reset: bool) -> None:
        super()._targets(X, y, reset=reset)
        given = {
            "capacity": self.capacity is not None,
            "free_bits": self.free_bits > 0,
            "total_correlation": self.total_correlation is not None,
        }
        named = [f"{name}={getattr(self, name)}" for name, is_given in given.items() if is_given]
        if len(named) > 1:
            raise ValueError(f"{' and '.join(named)} each say what is made of the KL; give one of them")

    def _regularizer(self) -> Regularizer:
        if self.capacity is not None:
            return "capacity"
        if self.free_bits > 0:
            return "free_bits"
        return "kl" if self.total_correlation is None else "total_correlation"

    def _penalties(self) -> dict[str, float]:
        return {
            "capacity": self.capacity or 0.0,
            "free_bits": self.free_bits,
            "total_correlation": self.total_correlation or 0.0,
        }

    def _couples_rows(self) -> bool:
        return super()._couples_rows() or self._regularizer() != "kl"

    def _scheduled(self) -> dict[str, float | Schedule]:
        if self.capacity is None:
            return super()._scheduled()
        beta = {"beta": self.beta} if callable(self.beta) else {}
        return beta | {"capacity": Ramp(float(self.capacity), self.schedule, int(self.schedule_epochs))}
