"""What beta means in the units of other tools."""

from typing import NamedTuple


class KLWeight(NamedTuple):
    """The weight of the KL, in the units in which one meets it elsewhere.

    Attributes
    ----------
    beta : float
        Nats of reconstruction that a nat of KL weighs as much as, both summed over a row: 1 is the bound on log p(x).
    per_number : float
        The same weight where the reconstruction is a mean over the row's numbers (pixels) instead of a sum.
    normalized : float
        beta latent_dim / numbers of a row, the weight where the KL is a mean over the latents as well (Higgins et al.
        2017, "beta-VAE", section 4.2).
    beside_squared_error : float or None
        The weight beside the plain squared error sum (x - x')^2, of a Gaussian decoder: 2 beta times its variance.
    """

    beta: float
    per_number: float
    normalized: float
    beside_squared_error: float | None

    @classmethod
    def of(cls, beta: float, n_numbers: int, latent_dim: int, variance: float | None) -> "KLWeight":
        beside = None if variance is None else 2 * beta * variance
        return cls(beta, beta / n_numbers, beta * latent_dim / n_numbers, beside)

    def sentence(self) -> str:
        """The weight in a sentence."""
        text = (
            f"beta = {self.beta:g} in nats a row; {self.per_number:.3g} beside a reconstruction that is a mean over "
            f"the row's numbers (pixels), {self.normalized:.3g} if the KL is a mean over latents as well"
        )
        if self.beside_squared_error is None:
            return text
        return f"{text}; {self.beside_squared_error:.3g} beside the squared error of a row"
