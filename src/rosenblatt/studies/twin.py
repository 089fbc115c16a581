"""The autoencoder that differs from a variational one in nothing but what makes that one variational."""

from dataclasses import fields
from typing import Any

from sklearn.base import clone

from rosenblatt.models.autoencoder import Autoencoder
from rosenblatt.models.variational import VariationalEstimator


def twin_autoencoder(vae: Any) -> Autoencoder:
    """An autoencoder with the network, the training and the seed of a variational autoencoder.

    A VAE and its twin of the same ``random_state``, a whole number, start with the same weights, so that the means of
    the posterior start as the codes of the twin. What the twin has not is the noise of the posterior, and the KL.

    Parameters
    ----------
    vae : VAE or FactorVAE
        Fitted or not; it stays as it is.

    Returns
    -------
    Autoencoder
        Not fitted. Its loss is that of the decoder of ``vae``: "bernoulli"; "gaussian" with a variance that is learned,
        where that of ``vae`` is calibrated or learned; and "square" where it is a number, which then is a factor of the
        risk only.

    Raises
    ------
    TypeError
        If ``vae`` is none.

    Examples
    --------
    >>> from rosenblatt import VAE
    >>> from rosenblatt.studies import twin_autoencoder
    >>> twin_autoencoder(VAE(latent_dim=2, beta=4.0, hidden_layer_sizes=(64,), random_state=0))
    Autoencoder(hidden_layer_sizes=(64,), latent_dim=2, loss='gaussian',
                random_state=0)
    """
    if not isinstance(vae, VariationalEstimator):
        raise TypeError(f"got {type(vae).__name__}; a VAE or FactorVAE, fitted or not, is needed to make its twin")
    copied: Any = clone(vae)
    names = {field.name for field in fields(Autoencoder)}
    shared = {name: value for name, value in copied.get_params(deep=False).items() if name in names}
    is_number = vae.loss == "gaussian" and not isinstance(vae.variance, str)
    return Autoencoder(**shared | {"loss": "square" if is_number else vae.loss})
