"""How good it is: NumPy arrays in, floats out."""

from typing import TYPE_CHECKING

from rosenblatt.lazy import attach

if TYPE_CHECKING:
    from rosenblatt.metrics.frechet import frechet_distance as frechet_distance
    from rosenblatt.metrics.game import KnownGame as KnownGame
    from rosenblatt.metrics.game import jensen_shannon as jensen_shannon
    from rosenblatt.metrics.game import known_game as known_game
    from rosenblatt.metrics.game import optimal_discriminator as optimal_discriminator
    from rosenblatt.metrics.game import value_at_optimum as value_at_optimum
    from rosenblatt.metrics.generation import Comparison as Comparison
    from rosenblatt.metrics.generation import DensityCoverage as DensityCoverage
    from rosenblatt.metrics.generation import PrecisionRecall as PrecisionRecall
    from rosenblatt.metrics.generation import density_coverage as density_coverage
    from rosenblatt.metrics.generation import maximum_mean_discrepancy as maximum_mean_discrepancy
    from rosenblatt.metrics.generation import precision_recall as precision_recall
    from rosenblatt.metrics.intervals import Interval as Interval
    from rosenblatt.metrics.intervals import bootstrap_interval as bootstrap_interval
    from rosenblatt.metrics.intervals import bootstrap_intervals as bootstrap_intervals
    from rosenblatt.metrics.kernel_density import log_kernel_density as log_kernel_density
    from rosenblatt.metrics.latent import active_units as active_units
    from rosenblatt.metrics.latent import hole_share as hole_share
    from rosenblatt.metrics.latent import kl_of_latents as kl_of_latents
    from rosenblatt.metrics.memorisation import Memorisation as Memorisation
    from rosenblatt.metrics.memorisation import nearest_training_rows as nearest_training_rows
    from rosenblatt.metrics.modes import ModeCount as ModeCount
    from rosenblatt.metrics.modes import modes_covered as modes_covered
    from rosenblatt.metrics.reconstruction import blur as blur
    from rosenblatt.metrics.reconstruction import unexplained as unexplained
    from rosenblatt.metrics.reconstruction import unexplained_by_pca as unexplained_by_pca
    from rosenblatt.metrics.two_sample import TwoSampleTest as TwoSampleTest
    from rosenblatt.metrics.two_sample import two_sample_test as two_sample_test

_HOMES = {
    "Comparison": "generation",
    "DensityCoverage": "generation",
    "Interval": "intervals",
    "KnownGame": "game",
    "Memorisation": "memorisation",
    "ModeCount": "modes",
    "PrecisionRecall": "generation",
    "TwoSampleTest": "two_sample",
    "active_units": "latent",
    "blur": "reconstruction",
    "bootstrap_interval": "intervals",
    "bootstrap_intervals": "intervals",
    "density_coverage": "generation",
    "frechet_distance": "frechet",
    "hole_share": "latent",
    "jensen_shannon": "game",
    "kl_of_latents": "latent",
    "known_game": "game",
    "log_kernel_density": "kernel_density",
    "maximum_mean_discrepancy": "generation",
    "modes_covered": "modes",
    "nearest_training_rows": "memorisation",
    "optimal_discriminator": "game",
    "precision_recall": "generation",
    "two_sample_test": "two_sample",
    "unexplained": "reconstruction",
    "unexplained_by_pca": "reconstruction",
    "value_at_optimum": "game",
}

__all__ = sorted(_HOMES)
__getattr__, __dir__ = attach(__name__, _HOMES)
