"""How a game of two networks stands: what the discriminator says, how like the data samples are, and the verdict."""

import warnings
from collections.abc import Collection
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

import numpy as np
from rich.table import Table
from scipy.stats import norm

from rosenblatt.losses.adversarial import ADVERSARIAL_LOSSES
from rosenblatt.metrics.generation import Comparison
from rosenblatt.metrics.intervals import bootstrap_intervals
from rosenblatt.metrics.memorisation import nearest_training_rows
from rosenblatt.models.diagnosis import DiagnosisWarning
from rosenblatt.models.game_alarms import ENOUGH_STEPS
from rosenblatt.models.game_verdict import ALARMS, State, advise
from rosenblatt.models.referee import Referee, columns, looks_of, opinions
from rosenblatt.models.tables import PrintedTable
from rosenblatt.training import batches

_LEVEL = 0.95
_HALVES = 20  # of the bootstrap
_PAIRS = 10**7  # of samples and training rows whose distances are computed after a fit


class Found(NamedTuple):
    """A number with its interval of 95 %, and what it should be (None where nothing is known)."""

    estimate: float
    low: float
    high: float
    ideal: float | None


@dataclass(frozen=True)
class GameDiagnosis(PrintedTable):
    """How a game stands on rows that no player learned from; prints as a table that says what each number means.

    Attributes
    ----------
    verdict : {"at equilibrium", "still learning", "collapsed", "discriminator has won", "oscillating"}
        "collapsed": samples are like some of the rows, and most rows have none like them. "discriminator has won": it
        tells all samples from rows, and they come no nearer. "oscillating": their distance from the data rises and
        falls and has no trend. These three are of the game at its end, also where earlier networks were kept.
    remedy : str
        The one change to try first; "" where there is none.
    change : dict
        The same as fields of the estimator, for ``set_params``.
    n_rows : int
        Real rows, and samples.
    features : str
        What the rows are compared by.
    found : dict of str to (estimate, low, high, ideal)
        ``real`` and ``fake`` (mean D(x) of rows and of samples), ``accuracy_real`` and ``accuracy_fake``,
        ``discriminator_risk`` and ``generator_risk`` without penalties, whose ideals are those of the equilibrium; and
        ``precision``, ``recall``, ``density``, ``coverage``, ``discrepancy`` (energy) and ``frechet_distance``, whose
        ideals are what training rows get in the place of samples. Distances are in units of the mean distance between
        two rows. Intervals of means are two standard errors wide on each side, those of measures are of
        ``bootstrap_intervals``.
    gradient_norms : (float, float)
        Mean lengths of the slopes of discriminator and generator in the epoch that was kept; NaN where unknown.
    memorisation : (probability, low, high, copies) or None
        See ``rosenblatt.metrics.Memorisation``: 0.5 is none, 1 are copies of training rows. None where these are not
        at hand. Which rows are nearest tells ``rosenblatt.metrics.nearest_training_rows``.
    epoch, n_epochs : int
        The epoch whose networks are kept, and how many there were.
    end : float or None
        The discrepancy at the last look; None without looks.
    """

    verdict: str
    remedy: str
    n_rows: int
    features: str
    found: dict[str, Found]
    gradient_norms: tuple[float, float]
    memorisation: tuple[float, float, float, float] | None
    epoch: int
    n_epochs: int
    end: float | None
    change: dict[str, Any] = field(default_factory=dict)

    @property
    def value(self) -> float:
        """V(D, G) = E log D(x) + E log(1 - D(G(z))) for the classic losses, whose equilibrium is -log 4 = -1.386."""
        return -self.found["discriminator_risk"].estimate

    def sentence(self) -> str:
        """Verdict and remedy."""
        return f"{self.verdict}. {self.remedy}" if self.remedy else self.verdict

    def __rich__(self) -> Table:
        title = f"The game on {self.n_rows:,} held-out rows and samples, by {self.features}: {self.verdict}"
        table = Table(title=title, caption=f"{self.sentence()}\n{self._kept()}")
        for name in ("", "found", "95 %", "ideal", "what it means"):
            table.add_column(name, justify="right" if name in _NUMBERS else "left")
        for row in self.rows():
            table.add_row(*row)
        return table

    def rows(self) -> list[tuple[str, str, str, str, str]]:
        """The lines of the table: what, what was found, its interval, what it should be, and what it means."""
        rows = [self._row(name, label, meaning) for name, (label, meaning) in _MEANINGS.items()]
        of_discriminator, of_generator = self.gradient_norms
        rows.append(("slopes", f"{of_discriminator:.3g}, {of_generator:.3g}", "", "", "lengths, of D and of G"))
        if self.memorisation is not None:
            probability, low, high, copies = self.memorisation
            meaning = f"a sample is nearer to a training row than a held-out row is; {copies:.1%} are copies"
            rows.append(("memorisation", f"{probability:.2f}", f"{low:.2f} to {high:.2f}", "0.50", meaning))
        return rows

    def _row(self, name: str, label: str, meaning: str) -> tuple[str, str, str, str, str]:
        estimate, low, high, ideal = self.found[name]
        shown = "-" if ideal is None else f"{ideal + 0.0:.3f}"
        return label, f"{estimate:.3f}", f"{low:.3f} to {high:.3f}", shown, meaning

    def _kept(self) -> str:
        at_end = "" if self.end is None else f"; the discrepancy at its end was {self.end:.3f}"
        return f"Networks of epoch {self.epoch} of {self.n_epochs}{at_end}"


_NUMBERS = ("found", "95 %", "ideal")
_SHARES = ("accuracy_real", "accuracy_fake", "precision", "recall", "coverage")
_MEANINGS = {
    "real": ("D of rows", "mean D(x): how real the rows look"),
    "fake": ("D of samples", "mean D(G(z))"),
    "accuracy_real": ("rows known", "share that D calls real"),
    "accuracy_fake": ("samples known", "share that D calls made"),
    "discriminator_risk": ("risk of D", "without penalties; -V(D, G) of the classic losses"),
    "generator_risk": ("risk of G", ""),
    "precision": ("precision", "share of samples that lie among rows"),
    "recall": ("recall", "share of rows that lie among samples"),
    "density": ("density", "of rows around samples"),
    "coverage": ("coverage", "share of rows that have a sample near"),
    "discrepancy": ("discrepancy", "energy distance; 1 is the mean distance of two rows"),
    "frechet_distance": ("Frechet distance", "of means and covariances"),
}


def diagnose_game(referee: Referee, estimator: Any, *, after_fit: bool) -> GameDiagnosis:
    """Looks at the networks that the estimator has.

    Parameters
    ----------
    referee : Referee
    estimator : GAN
    after_fit : bool
        Whether the referee's training rows are those of the game, and time counts.
    """
    judged = referee.look(estimator)
    of_real, looks = referee.of_real, looks_of(estimator.history_)
    state = State(looks, columns(judged, estimator.loss), of_real)
    measures = bootstrap_intervals(Comparison.measures, judged.comparison, _HALVES, _LEVEL)
    found = _said(opinions(judged, estimator.loss), estimator)
    found |= {
        name: _bounded(name, each.estimate, each.low, each.high, of_real[name]) for name, each in measures.items()
    }
    return GameDiagnosis(
        n_rows=len(referee.rows),
        features=referee.features.name,
        found=found,
        gradient_norms=_gradient_norms(estimator),
        memorisation=_memorisation(referee, judged.generated) if after_fit else None,
        epoch=int(_kept_epoch(estimator)),
        n_epochs=int(estimator.n_epochs_),
        end=looks[-1]["discrepancy"] if looks else None,
        **advise(state, estimator)._asdict(),
    )


def diagnose_after_fit(referee: Referee, estimator: Any, told: Collection[str]) -> GameDiagnosis:
    """Looks at the game at its end, and warns if it is lost, had steps enough to tell, and this was not told before."""
    found = diagnose_game(referee, estimator, after_fit=True)
    n_steps = estimator.n_epochs_ * batches.n_steps(estimator.batch_size, len(referee.training_set.X))
    if found.verdict in ALARMS and found.verdict not in told and n_steps >= ENOUGH_STEPS:
        kept = f"; the networks of epoch {found.epoch} are kept" if found.epoch < found.n_epochs else ""
        warnings.warn(
            f"the game of this {type(estimator).__name__}: {found.verdict}{kept}. {found.remedy}. diagnose() shows the "
            "numbers; referee=False ends this",
            DiagnosisWarning,
            stacklevel=4,
        )
    return found


def as_result(found: GameDiagnosis) -> dict[str, Any]:
    """What a saved model holds of a diagnosis."""
    return asdict(found) | {"found": {name: tuple(each) for name, each in found.found.items()}}


def from_result(result: dict[str, Any]) -> GameDiagnosis:
    """The diagnosis that a model holds."""
    values: dict[str, Any] = result | {"found": {name: Found(*each) for name, each in result["found"].items()}}
    return GameDiagnosis(**values)


def _said(rows: dict[str, tuple[np.ndarray, ...]], estimator: Any) -> dict[str, Found]:
    """Means of what the discriminator says, beside their values at the equilibrium."""
    of_discriminator, of_generator = ADVERSARIAL_LOSSES[estimator.loss].equilibrium
    half = None if estimator.loss == "wasserstein" else 0.5
    moved = estimator.label_smoothing > 0  # an equilibrium that is not written down
    ideals = {
        "real": None if moved else half,
        "fake": None if moved else half,
        "accuracy_real": None if moved else 0.5,
        "accuracy_fake": None if moved else 0.5,
        "discriminator_risk": None if moved else of_discriminator,
        "generator_risk": None if moved else of_generator,
    }
    return {name: _mean(name, parts, ideals[name]) for name, parts in rows.items()}


def _mean(name: str, parts: tuple[np.ndarray, ...], ideal: float | None) -> Found:
    estimate = float(sum(part.mean() for part in parts))
    error = float(np.sqrt(sum(part.var(ddof=1) / len(part) for part in parts)))
    margin = float(norm.ppf((1 + _LEVEL) / 2)) * error
    return _bounded(name, estimate, estimate - margin, estimate + margin, ideal)


def _bounded(name: str, estimate: float, low: float, high: float, ideal: float | None) -> Found:
    """A number whose interval ends where shares do."""
    if name in _SHARES:
        low, high = max(low, 0.0), min(high, 1.0)
    return Found(estimate, low, high, ideal)


def _kept_epoch(estimator: Any) -> int:
    return estimator.best_epoch_ if estimator.restore_best else estimator.n_epochs_


def _gradient_norms(estimator: Any) -> tuple[float, float]:
    history, row = estimator.history_, _kept_epoch(estimator) - 1
    names = (f"train_{player}_gradient_norm" for player in ("discriminator", "generator"))
    first, second = (float(history[name][row]) if name in history else float("nan") for name in names)
    return first, second


def _memorisation(referee: Referee, generated: np.ndarray) -> tuple[float, float, float, float]:
    training = referee.features(referee.training_set.X)
    real = referee.of_training.real
    n_rows = min(len(real), max(_PAIRS // (2 * len(training)), 50))
    found = nearest_training_rows(referee.features(generated[:n_rows]), training, real[:n_rows], _LEVEL)
    return found.probability, found.low, found.high, found.copies
