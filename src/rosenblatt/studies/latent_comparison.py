"""The latent spaces of an autoencoder and of a variational one beside each other, with numbers.

It is said that an autoencoder's is scattered, and that a variational one's has compact classes that are well apart, is
centred, is continuous (codes that are near decode to rows that are near) and complete (each code decodes to something
like the data). Each of these claims has a number here, and the table says which of them hold on the rows given.
"""

import math
from dataclasses import dataclass
from numbers import Integral
from typing import Any, NamedTuple

import numpy as np
from rich.table import Table
from sklearn.base import clone
from sklearn.model_selection import train_test_split
from sklearn.utils import column_or_1d
from sklearn.utils.multiclass import check_classification_targets

from rosenblatt.models.tables import PrintedTable
from rosenblatt.studies.latent_space import LatentSpace, Yardstick
from rosenblatt.studies.twin import twin_autoencoder

_TIE = 0.05  # difference of means, in parts of the larger, below which neither is called better
_NEITHER = "neither"
_TEST_SHARE = 0.25


class Measure(NamedTuple):
    """A line of the table: what is measured, whether small is good, and what is said of the better one."""

    name: str
    small_is_good: bool
    is_share: bool
    praise: str
    is_claimed: bool = True


MEASURES = {
    "within_class_share": Measure("variance within classes", True, True, "its classes are more compact"),
    "silhouette": Measure("silhouette of the classes", False, False, "its classes are better separated"),
    "neighbor_error": Measure("error of the neighbours' vote", True, True, "its classes overlap less"),
    "off_center": Measure("mean code, from 0", True, False, "its codes are better centred"),
    "kl_to_prior": Measure("KL to N(0, I), nats a latent", True, False, "its codes lie more as the prior's do"),
    "detour": Measure("detour of decoded lines", True, False, "rows change more directly between codes"),
    "largest_step": Measure("largest step by the mean one", True, False, "rows change more evenly between codes"),
    "prior_garbage": Measure("garbage of N(0, I)", True, True, "more samples of the prior are like the data"),
    "fitted_garbage": Measure("garbage of the codes' Gaussian", True, True, "more samples of that are like the data"),
    "reconstruction_error": Measure("squared error of a row", True, False, "its codes keep more of a row", False),
}


@dataclass(frozen=True)
class LatentComparison(PrintedTable):
    """Two latent spaces in numbers, of one pair of fits or of several; prints as a table.

    The numbers, of test rows unless said otherwise:

    - ``within_class_share``: of the variance of the codes; 0 is each class in one point, 1 no difference of their means
    - ``silhouette``: mean of (b - a) / max(a, b), with a the mean distance of a code to those of its class, and b to
      those of the nearest other class (Rousseeuw 1987); 1 is far apart, 0 is overlapping
    - ``neighbor_error``: share of the codes that the 5 nearest codes of the training rows vote into another class
    - ``off_center``: length of the mean code, by the root mean square of the codes' lengths
    - ``kl_to_prior``: KL(N(m, S) || N(0, I)) in nats a latent, with the mean and covariance of the codes, which of a
      variational autoencoder are drawn from the posteriors
    - ``detour``: length of the decoded way between two codes by the straight distance of its ends, over 200 pairs of
      rows; 1 is straight
    - ``largest_step``: of 64 on such a way, by the mean one
    - ``prior_garbage``, ``fitted_garbage``: share of samples that are garbage, as ``sample_latents`` counts it, of
      codes from N(0, I) and from the Gaussian with the mean and covariance of the training rows' codes
    - ``reconstruction_error``: squared error of a row, which is the price of the order

    Attributes
    ----------
    autoencoders, vaes : tuple of LatentSpace (n_fits,)
        The pairs have the same seeds.
    y_test : ndarray (n_test,)
    n_train : int
        Rows that were learned from.
    """

    autoencoders: tuple[LatentSpace, ...]
    vaes: tuple[LatentSpace, ...]
    y_test: np.ndarray
    n_train: int

    def scores(self, name: str) -> np.ndarray:
        """A number of the autoencoders and of the variational ones (2, n_fits)."""
        if name not in MEASURES:
            raise ValueError(f"name={name!r} is not known; use one of {', '.join(map(repr, MEASURES))}")
        return np.array([[space.scores[name] for space in spaces] for spaces in (self.autoencoders, self.vaes)])

    def better(self, name: str) -> str:
        """Which has the better number: "VAE", "autoencoder" or "neither".

        It is better where it is so in each pair of fits, and the means differ by at least 5% of the larger one.
        """
        autoencoder, vae = self.scores(name)
        if math.isclose(autoencoder.mean(), vae.mean(), rel_tol=_TIE):
            return _NEITHER
        vae_wins = vae < autoencoder if MEASURES[name].small_is_good else vae > autoencoder
        if vae_wins.all():
            return "VAE"
        return "autoencoder" if not (vae_wins | (vae == autoencoder)).any() else _NEITHER

    @property
    def n_claims(self) -> int:
        """In how many of the numbers a variational autoencoder is said to be better."""
        return sum(measure.is_claimed for measure in MEASURES.values())

    @property
    def unconfirmed(self) -> tuple[str, ...]:
        """The numbers in which the variational autoencoder is not the better one, though it is said to be."""
        return tuple(name for name, measure in MEASURES.items() if measure.is_claimed and self.better(name) != "VAE")

    def __rich__(self) -> Table:
        n_fits = len(self.vaes)
        fits = "one fit of each" if n_fits == 1 else f"mean and standard deviation over {n_fits} fits of each"
        table = Table(
            title=f"Latent spaces learned from {self.n_train:,} rows, on {len(self.y_test):,} others",
            caption=f"{fits}; better: in each fit, and by at least {_TIE:.0%} of the mean\na VAE is said to be better "
            f"in the first {self.n_claims} lines; it is in {self.n_claims - len(self.unconfirmed)}",
        )
        for name in ("", "autoencoder", "VAE", "better", "which means"):
            table.add_column(name, justify="right" if name in ("autoencoder", "VAE") else "left")
        for name, measure in MEASURES.items():
            if not measure.is_claimed:
                table.add_section()
            written = (_written(scores, measure.is_share) for scores in self.scores(name))
            table.add_row(measure.name, *written, self.better(name), self._meaning(name))
        return table

    def _meaning(self, name: str) -> str:
        better, measure = self.better(name), MEASURES[name]
        said = "not as said: " if measure.is_claimed and better != "VAE" else ""
        return said + ("no clear difference" if better == _NEITHER else measure.praise)


def compare_latents(
    autoencoder: Any,
    vae: Any,
    X: Any,
    y: Any,
    X_test: Any = None,
    y_test: Any = None,
    *,
    n_fits: int = 3,
    n_samples: int = 500,
    quantile: float = 0.95,
    random_state: int = 0,
) -> LatentComparison:
    """Compares the latent space of a variational autoencoder with that of an autoencoder.

    Parameters
    ----------
    autoencoder : Autoencoder or None
        Fitted or not; None is ``twin_autoencoder(vae)``, which has the same network and seed.
    vae : VAE or FactorVAE
        One that is not fitted stays so: clones are fitted to X. A fitted one is taken as it is.
    X : array-like (n_rows, n_features), or images
        Training rows.
    y : array-like (n_rows,)
        Their classes, which no fit sees.
    X_test, y_test : the same, of other rows, optional
        On which the spaces are judged; some hundred at least. By default a quarter of X, with as much of each class,
        which then is not learned from: fitted estimators may have seen it.
    n_fits : int >= 1, default=3
        Pairs of fits, since two fits of one network differ too: with ``random_state`` that of ``vae`` (0 where it is no
        whole number), one more, and so on. Where one of the two comes fitted there is one pair, and an autoencoder that
        is not fitted keeps its ``random_state``.
    n_samples : int >= 1, default=500
        Codes that are drawn to count garbage.
    quantile : float in (0, 1), default=0.95
        The share of test rows that shall not count as garbage.
    random_state : int, default=0
        Of the pairs of rows and of the codes that are drawn, which are the same for all.

    Returns
    -------
    LatentComparison

    Raises
    ------
    TypeError
        If ``vae`` or ``autoencoder`` is not what it shall be.
    ValueError
        If y holds no classes, or less than two of them, or a number is out of its range.

    Notes
    -----
    Garbage is counted in each space by its own encoder, so that it says how often a decoded row is unlike all others to
    that encoder. A blurred mixture of two rows, which pixels would show, may pass.

    References
    ----------
    P. J. Rousseeuw, "Silhouettes: a graphical aid to the interpretation and validation of cluster analysis", Journal of
    Computational and Applied Mathematics 20, 1987.

    Examples
    --------
    >>> from rosenblatt import VAE
    >>> from rosenblatt.studies import compare_latents
    >>> from sklearn.datasets import load_digits
    >>> X, y = load_digits(return_X_y=True)
    >>> vae = VAE(latent_dim=2, loss="bernoulli", learning_rate=0.005, max_epochs=40, random_state=0)
    >>> found = compare_latents(None, vae, X[:1300] / 16, y[:1300], X[1300:] / 16, y[1300:], n_fits=1)
    >>> found.better("kl_to_prior"), found.better("detour")
    ('VAE', 'VAE')
    """
    X, X_test, y, y_test = _with_test_rows(X, y, X_test, y_test)
    labels, truth = _classes(y, y_test)
    if not isinstance(n_fits, Integral) or n_fits < 1:
        raise ValueError(f"n_fits={n_fits!r}; a whole number above 0 is needed")
    yardstick = Yardstick(X, labels, X_test, truth, int(n_samples), quantile, random_state)
    pairs = _pairs_of_fits(vae, autoencoder, int(n_fits), X)
    autoencoders, vaes = (tuple(map(yardstick.measure, fits)) for fits in zip(*pairs, strict=True))
    return LatentComparison(autoencoders, vaes, truth, len(labels))


def _with_test_rows(X: Any, y: Any, X_test: Any, y_test: Any) -> list[Any]:
    if (X_test is None) != (y_test is None):
        raise ValueError("X_test and y_test belong together: give both, or neither")
    if X_test is not None:
        return [X, X_test, y, y_test]
    column_or_1d(y)
    return train_test_split(X, y, test_size=_TEST_SHARE, stratify=y, random_state=0)


def _pairs_of_fits(vae: Any, autoencoder: Any, n_fits: int, X: Any) -> list[list[Any]]:
    """Pairs of a fitted autoencoder and a fitted variational one."""
    twin: Any = twin_autoencoder(vae)
    pair = [twin if autoencoder is None else autoencoder, vae]
    if not (hasattr(pair[0], "inverse_transform") and hasattr(pair[0], "reconstruction_error")):
        raise TypeError(f"got autoencoder={type(autoencoder).__name__}; an Autoencoder, fitted or not, is needed")
    if any(map(_is_fitted, pair)):
        return [[each if _is_fitted(each) else _fit(each, X) for each in pair]]
    first = int(vae.random_state) if isinstance(vae.random_state, Integral) else 0
    return [[_fit(each, X, random_state=first + i) for each in pair] for i in range(n_fits)]


def _fit(estimator: Any, X: Any, **parameters: Any) -> Any:
    copied: Any = clone(estimator)
    return copied.set_params(**parameters).fit(X)


def _is_fitted(estimator: Any) -> bool:
    return bool(estimator.__sklearn_is_fitted__())


def _classes(*given: Any) -> list[np.ndarray]:
    """The labels as arrays."""
    found = []
    for name, y in zip(("y", "y_test"), given, strict=True):
        labels = column_or_1d(y)
        check_classification_targets(labels)
        if len(np.unique(labels)) < 2:
            raise ValueError(f"{name} holds one class only, {labels[:1].tolist()}; at least two are needed to compare")
        found.append(labels)
    return found


def _written(scores: np.ndarray, is_share: bool) -> str:
    """The mean over fits, and their standard deviation where there are several."""
    numbers = [np.mean(scores), np.std(scores, ddof=1)] if len(scores) > 1 else [np.mean(scores)]
    return " ± ".join(f"{number:.1%}" if is_share else f"{number:.3f}" for number in numbers)
