"""What beta buys: the same variational autoencoder with several weights of the KL, its rate beside its distortion.

The rate is the mean KL from the prior, what a code costs; the distortion is the mean -log p(x | z), what is missing of
the row then. Both are in nats for each row, and -(rate + distortion) is the bound on log p(x). Fits with other beta
trade one for the other (Alemi et al. 2018); where they are at their best, a nat more of the rate saves beta nats of
distortion.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from rich.table import Table
from sklearn.base import clone

from rosenblatt.metrics import active_units
from rosenblatt.models.tables import PrintedTable


@dataclass(frozen=True)
class BetaSweep(PrintedTable):
    """Rate and distortion of fits with several beta, on rows that none of them saw; prints as a table.

    Attributes
    ----------
    betas : ndarray (n_betas,)
        Ascending.
    rates : ndarray (n_betas,)
        Mean KL(q(z | x) || p(z)), in nats.
    distortions : ndarray (n_betas,)
        Mean E -log p(x | z), in nats; of a Gaussian decoder it may be negative.
    kl : ndarray (n_betas, latent_dim)
        The rate of each latent.
    n_active : ndarray of int (n_betas,)
        Latents whose posterior mean varies from row to row, by ``rosenblatt.metrics.active_units``.
    n_train, n_test : int
        Rows.
    estimators : tuple of estimators
        The fits.

    References
    ----------
    A. Alemi, B. Poole, I. Fischer, J. Dillon, R. A. Saurous, K. Murphy, "Fixing a broken ELBO", ICML 2018.
    """

    betas: np.ndarray
    rates: np.ndarray
    distortions: np.ndarray
    kl: np.ndarray
    n_active: np.ndarray
    n_train: int
    n_test: int
    estimators: tuple[Any, ...]

    @property
    def elbos(self) -> np.ndarray:
        """The bounds on log p(x) (n_betas,), in nats: minus rate and distortion, whatever beta was."""
        return -(self.rates + self.distortions)

    @property
    def best(self) -> int:
        """The place of the fit with the highest bound."""
        return int(self.elbos.argmax())

    def __rich__(self) -> Table:
        table = Table(
            title=f"Learned from {self.n_train:,} rows with several beta, measured on {self.n_test:,} others",
            caption="nats a row: rate is the KL, distortion is -log p(x | z), and ELBO is minus both\n"
            f"active: those of the {self.kl.shape[1]} latents whose posterior mean varies",
        )
        for name in ("beta", "rate", "distortion", "ELBO", "active"):
            table.add_column(name, justify="right")
        numbers = zip(self.rates, self.distortions, self.elbos, strict=True)
        for beta, row, n_active in zip(self.betas, numbers, self.n_active, strict=True):
            table.add_row(f"{beta:g}", *(f"{number:.2f}" for number in row), f"{n_active}")
        return table


def beta_sweep(
    estimator: Any, X: Any, X_test: Any, *, betas: Sequence[float] = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
) -> BetaSweep:
    """Fits a variational autoencoder with several beta, and measures rate and distortion on other rows.

    Parameters
    ----------
    estimator : VAE, or another with ``beta`` and ``elbo_terms``
        Its clones are fitted, each with another ``beta``; it stays as it is.
    X : array-like (n_train, n_features), or images
        What is learned from.
    X_test : array-like (n_test, n_features), or images
        Other rows, of the same kind.
    betas : sequence of float >= 0, default=(0.25, 0.5, 1, 2, 4, 8)
        Weights of the KL; each is fitted once.

    Returns
    -------
    BetaSweep

    Raises
    ------
    TypeError
        If the estimator has no beta, or no bound on log p(x).
    ValueError
        If a beta is negative or not finite, or the rows do not fit.

    Examples
    --------
    >>> from rosenblatt import VAE
    >>> from rosenblatt.studies import beta_sweep
    >>> from sklearn.datasets import load_digits
    >>> X = load_digits().data / 16
    >>> model = VAE(latent_dim=8, loss="bernoulli", learning_rate=0.005, max_epochs=20, random_state=0)
    >>> sweep = beta_sweep(model, X[:1200], X[1200:], betas=(0.25, 4))
    >>> bool(sweep.rates[0] > sweep.rates[1]), bool(sweep.distortions[0] < sweep.distortions[1])
    (True, True)
    """
    weights = _checked(estimator, betas)
    fits = tuple(_with_beta(float(beta), estimator).fit(X) for beta in weights)
    terms = [fit.elbo_terms(X_test) for fit in fits]
    kl = np.stack([of_latents.astype(np.float64).mean(0) for _, of_latents in terms])
    return BetaSweep(
        weights,
        kl.sum(1),
        np.array([misses.astype(np.float64).mean() for misses, _ in terms]),
        kl,
        np.array([np.count_nonzero(active_units(fit.transform(X_test))) for fit in fits]),
        len(X),
        len(X_test),
        fits,
    )


def _with_beta(beta: float, estimator: Any) -> Any:
    copied: Any = clone(estimator)
    return copied.set_params(beta=beta)


def _checked(estimator: Any, betas: Sequence[float]) -> np.ndarray:
    """The weights, ascending, each once."""
    if not (hasattr(estimator, "beta") and hasattr(estimator, "elbo_terms")):
        raise TypeError(
            f"got {type(estimator).__name__}, which has no beta or no elbo_terms; a VAE, fitted or not, is needed"
        )
    weights = np.unique(np.asarray(betas))
    is_number = weights.dtype.kind in "iuf"
    if weights.size == 0 or not is_number or not np.isfinite(weights).all() or weights[0] < 0:
        raise ValueError(f"betas={betas!r}; finite numbers from 0 on are needed, such as (0.5, 1, 2)")
    return weights.astype(float)
