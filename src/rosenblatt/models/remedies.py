"""From what was found in a variational autoencoder to a verdict, and to the one change that comes first.

The thresholds lie in the middle of what fits with and without a fault have shown.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

_OVER, _UNDER = 1.1, 0.9  # an effective beta that is more, or less, than the bound's, but for errors of estimation
_IGNORED = 0.01  # an effective beta that leaves an autoencoder, whose codes are where they happen to be
_LOST = 0.5  # of the variance
_GAP = 0.1  # energy distance: healthy fits have up to 0.06, those with beta = 0 from 0.05 to 0.2
_HOLES = 0.5  # of samples; their pictures are good below 0.3 and are visibly broken above 0.7
_SILENT = "of {} latents {} {} silent: latent_dim={} would do as well"


@dataclass(frozen=True)
class Findings:
    """The numbers of a ``Diagnosis`` that a verdict rests on."""

    kl: tuple[float, ...]
    active: tuple[bool, ...]
    effective_beta: float | None
    unexplained: float
    gap: float
    gap_p_value: float
    holes: float


class Advice(NamedTuple):
    """A verdict, a sentence on what to change, and the fields to change."""

    verdict: str
    remedy: str
    change: dict[str, Any]


def advise(found: Findings, estimator: Any, unexplained_by_pca: Callable[[], float]) -> Advice:
    """The verdict and the remedy; ``unexplained_by_pca`` is only asked where it matters."""
    verdict = _verdict(found, unexplained_by_pca)
    remedy, change = _REMEDIES[verdict](found, estimator)
    return Advice(verdict, remedy, change)


def _verdict(found: Findings, unexplained_by_pca: Callable[[], float]) -> str:
    beta = found.effective_beta
    too_much = beta is None or beta > _OVER
    if not any(found.active):
        return "over-regularised" if too_much and beta is not None else "collapsed"
    # Few latents lose much whatever the weight, but not more than as many numbers of PCA.
    if too_much and found.unexplained > _LOST and found.unexplained > unexplained_by_pca():
        return "over-regularised"
    if beta is not None and beta < _IGNORED:
        return "under-regularised"
    if found.gap > _GAP or found.holes > _HOLES:
        return "under-regularised" if beta is not None and beta < _UNDER else "holes"
    return "healthy"


def _healthy(found: Findings, estimator: Any) -> tuple[str, dict[str, Any]]:
    n_active, n_latents = sum(found.active), len(found.active)
    if n_active == n_latents:
        return "", {}
    # No fault: the KL shuts off what is not needed, and shut off it costs nothing but time.
    n_silent = n_latents - n_active
    verb = "is" if n_silent == 1 else "are"
    return _SILENT.format(n_latents, n_silent, verb, n_active).capitalize(), {"latent_dim": n_active}


def _collapsed(found: Findings, estimator: Any) -> tuple[str, dict[str, Any]]:
    if getattr(estimator, "capacity", None) is not None:
        return _more_capacity(found, estimator)
    if _has_fixed_variance(estimator):
        text = f"With variance={estimator.variance:g} the decoder takes what codes could tell for noise"
        return f"{text}: try variance='calibrated'", {"variance": "calibrated"}
    if estimator.schedule == "constant" and not callable(estimator.beta):
        n_epochs = max(estimator.max_epochs // 2, 1)
        text = "The KL silenced the latents before the decoder had learned to use them: let it come in slowly"
        change = {"schedule": "linear", "schedule_epochs": n_epochs}
        return f"{text}, with schedule='linear', schedule_epochs={n_epochs}", change
    rate = _lower_rate(estimator)
    return f"The latents stayed silent even so: try learning_rate={rate:g}", {"learning_rate": rate}


def _over(found: Findings, estimator: Any) -> tuple[str, dict[str, Any]]:
    if getattr(estimator, "capacity", None) is not None:
        return _more_capacity(found, estimator)
    text = f"A nat of KL counts {found.effective_beta:.3g} times, so that codes cost more than they are worth"
    if estimator.beta_ <= 1:
        return f"{text}: try variance='calibrated'", {"variance": "calibrated"}
    return f"{text}: try beta=1 (it is {estimator.beta_:g})", {"beta": 1.0}


def _under(found: Findings, estimator: Any) -> tuple[str, dict[str, Any]]:
    beta = found.effective_beta
    text = f"A nat of KL counts {beta:.3g} of a nat of reconstruction, so that codes are not where the prior is"
    if estimator.beta_ < 1:
        return f"{text}: try beta=1 (it is {estimator.beta_:g})", {"beta": 1.0}
    return f"{text}: try variance='calibrated'", {"variance": "calibrated"}


def _holes(found: Findings, estimator: Any) -> tuple[str, dict[str, Any]]:
    text = f"{found.holes:.0%} of the samples of the prior are like no data"
    otherwise = "If sampling stays poor, decode codes from a density fitted to those of sample_posterior(X)"
    if found.effective_beta is None:
        capacity = float(f"{sum(found.kl) / 2:.3g}")
        return f"{text}: try capacity={capacity:g}. {otherwise}", {"capacity": capacity}
    beta = 2.0 * estimator.beta_
    return f"{text}: try beta={beta:g} (it is {estimator.beta_:g}), or fewer latents. {otherwise}", {"beta": beta}


_REMEDIES = {
    "healthy": _healthy,
    "collapsed": _collapsed,
    "over-regularised": _over,
    "under-regularised": _under,
    "holes": _holes,
}


def _more_capacity(found: Findings, estimator: Any) -> tuple[str, dict[str, Any]]:
    capacity = float(f"{max(2 * sum(found.kl), 2 * estimator.capacity, len(found.kl) / 2):.3g}")
    text = (
        f"The reconstructions lose {found.unexplained:.0%} of the variance at a KL of {sum(found.kl):.2g} nats, which"
    )
    return f"{text} capacity={estimator.capacity:g} asks for: try capacity={capacity:g}", {"capacity": capacity}


def _has_fixed_variance(estimator: Any) -> bool:
    return estimator.loss == "gaussian" and not isinstance(estimator.variance, str)


def _lower_rate(estimator: Any) -> float:
    rate = estimator.learning_rate
    return rate / 10 if isinstance(rate, int | float) else 1e-4
