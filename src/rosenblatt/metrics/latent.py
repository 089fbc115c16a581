"""What the latents of a variational autoencoder hold, and whether codes drawn from its prior are codes of data."""

import numpy as np
from numpy.typing import ArrayLike

from rosenblatt.metrics.distances import nearest

CHANCE = 0.05  # of data that themselves count as lying in a hole
_ACTIVE = 0.01  # variance of a latent's posterior mean; Burda et al. 2016, appendix C
_FAR = 1e30  # where codes are that are not finite


def active_units(means: ArrayLike, threshold: float = _ACTIVE) -> np.ndarray:
    """Which latents say something of the row: those whose posterior mean varies over the rows.

    Of the others, the silent ones, the posterior is the prior for every row.

    Parameters
    ----------
    means : array-like (n_samples, latent_dim)
        Posterior means E[z | x].
    threshold : float, default=0.01
        The variance over rows above which a latent is active; that of the prior is 1.

    Returns
    -------
    ndarray of bool (latent_dim,)

    References
    ----------
    Y. Burda, R. Grosse, R. Salakhutdinov, "Importance weighted autoencoders", ICLR 2016, section 5.2.
    """
    return np.var(np.asarray(means, np.float64), axis=0) > threshold


def kl_of_latents(means: ArrayLike, deviations: ArrayLike) -> np.ndarray:
    """KL(N(mean, deviation^2) || N(0, 1)) of each latent, in nats, a mean over rows (latent_dim,).

    Parameters
    ----------
    means, deviations : array-like (n_samples, latent_dim)
        Of the posterior; deviations > 0.
    """
    means, deviations = np.asarray(means, np.float64), np.asarray(deviations, np.float64)
    return (0.5 * (means**2 + deviations**2 - 1) - np.log(deviations)).mean(axis=0)


def hole_share(codes: ArrayLike, again: ArrayLike, sampled: ArrayLike) -> float:
    """The share of what is sampled from the prior whose codes lie where no data do.

    A code lies in a hole when the nearest code of data is farther than it is for 95 % of data that went the same way:
    were encoded, decoded and encoded again. So 0.05 is chance: what one finds where the prior is the distribution of
    the codes.

    Parameters
    ----------
    codes : array-like (n, latent_dim)
        Of data.
    again : array-like (m, latent_dim)
        Of reconstructions of other data.
    sampled : array-like (k, latent_dim)
        Of what the decoder makes of codes drawn from the prior. Codes that are not finite lie in a hole.

    Returns
    -------
    float from 0 to 1

    Notes
    -----
    Codes are compared, not rows: a decoder maps codes that it never met to rows that its encoder never met, and these
    land beside the codes of data (Rosca, Lakshminarayanan and Mohamed, "Distribution matching in variational
    inference", 2018, find such holes). That a nearest neighbour within the data's own distances makes a sample one of
    theirs is the idea of T. Kynkäänniemi et al., "Improved precision and recall metric for assessing generative
    models", NeurIPS 2019.
    """
    data, control, samples = (_finite(part) for part in (codes, again, sampled))
    limit = np.quantile(nearest(control, data), 1 - CHANCE)
    return float((nearest(samples, data) > limit).mean())


def _finite(codes: ArrayLike) -> np.ndarray:
    return np.nan_to_num(np.asarray(codes, np.float64), nan=_FAR, posinf=_FAR, neginf=-_FAR)
