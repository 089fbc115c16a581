"""What is wrong with a variational autoencoder, if anything: what its latents hold, its prior, its reconstructions."""

import warnings
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from rich.table import Table

from rosenblatt.metrics.latent import CHANCE, active_units, hole_share, kl_of_latents
from rosenblatt.metrics.reconstruction import blur, unexplained, unexplained_by_pca
from rosenblatt.metrics.two_sample import two_sample_test
from rosenblatt.models.elbo import posterior
from rosenblatt.models.pca_yardstick import as_float64
from rosenblatt.models.remedies import Findings, advise
from rosenblatt.models.tables import PrintedTable
from rosenblatt.training import batches

_MOST_ROWS, _MOST_NUMBERS = 2000, 2**22  # that are looked at
_FEW_ROWS, _PASSES = 500, 300  # after a fit no more than one row for so many that passed through the network
_COMPARED = 200  # codes beside as many of the prior; the test's cost grows with the square
_ENOUGH_ROWS, _ENOUGH_STEPS = 300, 1000  # from which a verdict is worth a warning: a shorter fit is just unfinished
_LATENTS_SHOWN = 12
_HELD = 1.2  # times its capacity: up to it the KL is held there, and beta is no weight
_TINY = 1e-30


class DiagnosisWarning(UserWarning):
    """What was fitted is not healthy."""


@dataclass(frozen=True)
class Diagnosis(PrintedTable):
    """What was found in a variational autoencoder on some rows; prints as a table that says what each number means.

    Attributes
    ----------
    verdict : {"healthy", "collapsed", "over-regularised", "under-regularised", "holes"}
        "collapsed": the codes say nothing of the rows, though the weight of the KL does not ask for that.
        "over-regularised": it does, and what it costs is most of the data's variance. "under-regularised": codes of
        data are not where the prior is, since the KL weighs too little. "holes": nor are they at the full weight, and
        much of what is sampled is like no data.
    remedy : str
        The one change to try first; "" where there is none.
    change : dict
        The same as fields of the estimator, for ``set_params``.
    n_rows : int
    kl : tuple of float
        KL(q(z_j | x) || N(0, 1)) of each latent, in nats, a mean over rows.
    active : tuple of bool
        Latents whose posterior mean has a variance above 0.01 over the rows (Burda et al. 2016).
    effective_beta : float or None
        The weight of the KL in nats, at the variance of the decoder that suits its errors: beta times the variance it
        has over its mean squared error. A decoder whose variance is too large weighs the KL more. None where a
        ``capacity`` holds the KL, so that beta is no weight.
    unexplained : float
        Squared error of reconstructions from codes drawn from the posterior, in parts of the variance of the data.
    gap, gap_p_value : float
        Between codes z ~ q(z | x) and the prior, over the active latents: the energy distance from 0 to 1, and its
        two-sample test by permutation. With enough rows it rejects every model; the distance says how much it is.
    holes : float
        Share of samples of the prior that, decoded and encoded again, lie where no data do; 0.05 is chance.
    blur : float or None
        The part of the differences between neighbouring pixels that reconstructions lack; None for tables.
    weight : str
        ``kl_weight_`` in a sentence.

    Notes
    -----
    Why is the KL 0? Because codes that say nothing are cheapest: the weight of the KL is more than what they would
    save in reconstruction, as it also is where another tool takes the mean over pixels of the one and the sum over
    latents of the other ("over-regularised"), or the decoder has not yet learned to use them when the KL silences them
    ("collapsed"). Is a KL that rises a fault? No: codes begin to say something of their rows. Are silent latents one?
    No: they cost nothing, and say that fewer latents do.

    References
    ----------
    Y. Burda, R. Grosse, R. Salakhutdinov, "Importance weighted autoencoders", ICLR 2016.
    J. Lucas, G. Tucker, R. Grosse, M. Norouzi, "Don't blame the ELBO! A linear VAE perspective on posterior collapse",
    NeurIPS 2019.
    O. Rybkin, K. Daniilidis, S. Levine, "Simple and effective VAE training with calibrated decoders", ICML 2021.
    """

    verdict: str
    remedy: str
    n_rows: int
    kl: tuple[float, ...]
    active: tuple[bool, ...]
    effective_beta: float | None
    unexplained: float
    gap: float
    gap_p_value: float
    holes: float
    blur: float | None
    weight: str
    change: dict[str, Any] = field(default_factory=dict)

    @property
    def silent(self) -> tuple[int, ...]:
        """The latents that say nothing of the row: their posterior is the prior."""
        return tuple(i for i, is_active in enumerate(self.active) if not is_active)

    def sentence(self) -> str:
        """Verdict and remedy."""
        return f"{self.verdict}. {self.remedy}" if self.remedy else self.verdict

    def __rich__(self) -> Table:
        caption = f"{self.sentence()}\nThe weight of the KL: {self.weight}"
        table = Table(title=f"Diagnosis on {self.n_rows:,} rows: {self.verdict}", caption=caption)
        for name in ("", "found", "what it means"):
            table.add_column(name, justify="right" if name == "found" else "left")
        for row in self.rows():
            table.add_row(*row)
        return table

    def rows(self) -> list[tuple[str, str, str]]:
        """The lines of the table: what, what was found, and what it means."""
        order = np.argsort(self.kl)[::-1][:_LATENTS_SHOWN]
        each = ", ".join(f"{i + 1}: {self.kl[i]:.2g}" for i in order) + (" ..." if len(self.kl) > len(order) else "")
        beta = "-" if self.effective_beta is None else f"{self.effective_beta:.3g}"
        blurred = "-" if self.blur is None else f"{self.blur:.0%}"
        chance = f"energy distance, from 0 to 1; p = {self.gap_p_value:.3g} of a two-sample test"
        return [
            ("KL", f"{sum(self.kl):.3g} nats", "what codes say of a row; 0 is nothing, and it rises in learning"),
            ("of latents", "", each),
            ("active latents", f"{sum(self.active)} of {len(self.active)}", "whose mean varies by over 0.01 over rows"),
            ("effective beta", beta, "weight of the KL in nats, at the decoder's best variance: 1 is the bound"),
            ("unexplained", f"{self.unexplained:.1%}", "of the variance is lost; 100% where codes say nothing"),
            ("codes to prior", f"{self.gap:.3f}", chance),
            ("holes", f"{self.holes:.0%}", f"of samples are where no data are; {CHANCE:.0%} is chance"),
            ("blur", blurred, "of the differences between pixels are lost (images only)"),
        ]


def diagnose(estimator: Any, X: np.ndarray, most_rows: int = _MOST_ROWS) -> Diagnosis:
    """Looks at checked rows, of numbers or bytes: at most so many of them, always the same."""
    rng = np.random.default_rng(0)
    n_rows = min(len(X), most_rows, max(_MOST_NUMBERS // X.shape[1], _FEW_ROWS))
    rows = X[rng.permutation(len(X))[:n_rows]]  # in random order, whatever theirs was
    means, log_variances = estimator._each_checked(posterior, rows)
    deviations = np.exp(0.5 * log_variances.astype(np.float64))
    codes = (means + deviations * rng.standard_normal(means.shape)).astype(np.float32)
    # The codes of one half are the data; the other half goes the way of the samples.
    half = n_rows // 2
    prior = rng.standard_normal((n_rows - half, means.shape[1])).astype(np.float32)
    made = estimator.inverse_transform(np.concatenate([codes[half:], prior])).reshape(2 * len(prior), -1)
    again, _ = estimator._each_checked(posterior, made.astype(np.float32))
    originals, reconstructions = as_float64(rows[half:]), made[: len(prior)].astype(np.float64)
    active = active_units(means)
    seen = active if active.any() else ~active  # silent latents match the prior and would hide what others do
    kl = kl_of_latents(means, deviations)
    test = two_sample_test(codes[:_COMPARED, seen], prior[:_COMPARED, seen])
    found = Findings(
        kl=tuple(kl.tolist()),
        active=tuple(active.tolist()),
        effective_beta=_effective_beta(estimator, kl.sum(), float(((originals - reconstructions) ** 2).mean())),
        unexplained=unexplained(originals, reconstructions),
        gap=test.share,
        gap_p_value=test.p_value,
        holes=hole_share(means[: max(half, 1), seen], again[: len(prior), seen], again[len(prior) :, seen]),
    )
    advice = advise(found, estimator, lambda: unexplained_by_pca(originals, means.shape[1]))
    return Diagnosis(
        n_rows=n_rows,
        blur=_blur(estimator, originals, reconstructions),
        weight=estimator.kl_weight_.sentence(),
        **asdict(found),
        **advice._asdict(),
    )


def diagnose_after_fit(estimator: Any, X: np.ndarray) -> Diagnosis:
    """Looks at the training rows, and warns of what is not healthy if rows and steps were enough to tell."""
    most_rows = min(_MOST_ROWS, max(estimator.n_epochs_ * len(X) // _PASSES, _FEW_ROWS))
    found = diagnose(estimator, X, most_rows)
    n_steps = estimator.n_epochs_ * batches.n_steps(estimator.batch_size, len(X))
    if found.verdict != "healthy" and len(X) >= _ENOUGH_ROWS and n_steps >= _ENOUGH_STEPS:
        warnings.warn(
            f"this {type(estimator).__name__} is {_WORDS.get(found.verdict, found.verdict)}. {found.remedy}. "
            "diagnose() shows the numbers; diagnosis=False ends this",
            DiagnosisWarning,
            stacklevel=4,
        )
    return found


_WORDS = {"holes": "not sampled well from its prior, which has holes"}


def as_result(found: Diagnosis) -> dict[str, Any]:
    """What a saved model holds of a diagnosis."""
    return asdict(found)


def _effective_beta(estimator: Any, kl: float, error: float) -> float | None:
    if estimator._regularizer() == "capacity" and kl <= _HELD * estimator.capacity:
        return None
    log_variance = estimator.networks_["model"].log_variance
    if log_variance is None or estimator.variance == "calibrated":
        return estimator.beta_  # the variance then is the error
    return float(estimator.beta_ * np.exp(float(log_variance)) / max(error, _TINY))


def _blur(estimator: Any, rows: np.ndarray, reconstructions: np.ndarray) -> float | None:
    shape = estimator.image_shape_
    if shape is None:
        return None
    found = blur(rows.reshape(-1, *shape), reconstructions.reshape(-1, *shape))
    return found if np.isfinite(found) else None
