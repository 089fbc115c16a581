"""One question asked of a trained network, or of many fits, and answered by numbers."""

from typing import TYPE_CHECKING

from rosenblatt.lazy import attach

if TYPE_CHECKING:
    from rosenblatt.studies.fine_tuning import FineTuningReport as FineTuningReport
    from rosenblatt.studies.fine_tuning import fine_tuning_report as fine_tuning_report
    from rosenblatt.studies.generator_losses import GeneratorGame as GeneratorGame
    from rosenblatt.studies.generator_losses import GeneratorLossComparison as GeneratorLossComparison
    from rosenblatt.studies.generator_losses import compare_generator_losses as compare_generator_losses
    from rosenblatt.studies.latent_comparison import LatentComparison as LatentComparison
    from rosenblatt.studies.latent_comparison import compare_latents as compare_latents
    from rosenblatt.studies.latent_dim_sweep import LatentSweep as LatentSweep
    from rosenblatt.studies.latent_dim_sweep import latent_sweep as latent_sweep
    from rosenblatt.studies.latent_samples import LatentSamples as LatentSamples
    from rosenblatt.studies.latent_samples import sample_latents as sample_latents
    from rosenblatt.studies.latent_space import LatentSpace as LatentSpace
    from rosenblatt.studies.rate_distortion import BetaSweep as BetaSweep
    from rosenblatt.studies.rate_distortion import beta_sweep as beta_sweep
    from rosenblatt.studies.representation import RepresentationReport as RepresentationReport
    from rosenblatt.studies.representation import representation_report as representation_report
    from rosenblatt.studies.shift import ShiftReport as ShiftReport
    from rosenblatt.studies.shift import shift_report as shift_report
    from rosenblatt.studies.twin import twin_autoencoder as twin_autoencoder

_HOMES = {
    "BetaSweep": "rate_distortion",
    "FineTuningReport": "fine_tuning",
    "GeneratorGame": "generator_losses",
    "GeneratorLossComparison": "generator_losses",
    "LatentComparison": "latent_comparison",
    "LatentSamples": "latent_samples",
    "LatentSpace": "latent_space",
    "LatentSweep": "latent_dim_sweep",
    "RepresentationReport": "representation",
    "ShiftReport": "shift",
    "beta_sweep": "rate_distortion",
    "compare_generator_losses": "generator_losses",
    "compare_latents": "latent_comparison",
    "fine_tuning_report": "fine_tuning",
    "latent_sweep": "latent_dim_sweep",
    "representation_report": "representation",
    "sample_latents": "latent_samples",
    "shift_report": "shift",
    "twin_autoencoder": "twin",
}

__all__ = sorted(_HOMES)
__getattr__, __dir__ = attach(__name__, _HOMES)
