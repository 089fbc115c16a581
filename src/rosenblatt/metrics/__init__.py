"""How good it is: NumPy arrays in, floats out."""

from typing import TYPE_CHECKING

from rosenblatt.lazy import attach

if TYPE_CHECKING:
    from rosenblatt.metrics.latent import active_units as active_units
    from rosenblatt.metrics.latent import hole_share as hole_share
    from rosenblatt.metrics.latent import kl_of_latents as kl_of_latents
    from rosenblatt.metrics.reconstruction import blur as blur
    from rosenblatt.metrics.reconstruction import unexplained as unexplained
    from rosenblatt.metrics.reconstruction import unexplained_by_pca as unexplained_by_pca
    from rosenblatt.metrics.two_sample import TwoSampleTest as TwoSampleTest
    from rosenblatt.metrics.two_sample import two_sample_test as two_sample_test

_HOMES = {
    "TwoSampleTest": "two_sample",
    "active_units": "latent",
    "blur": "reconstruction",
    "hole_share": "latent",
    "kl_of_latents": "latent",
    "two_sample_test": "two_sample",
    "unexplained": "reconstruction",
    "unexplained_by_pca": "reconstruction",
}

__all__ = sorted(_HOMES)
__getattr__, __dir__ = attach(__name__, _HOMES)
