"""What comes out of an autoencoder's decoder for codes that are drawn: new rows, or garbage.

Nothing in an autoencoder's risk says where codes lie, so codes that are drawn may lie where no row was ever encoded,
and the decoder has not learned what to do there. The encoder tells: a decoded row is encoded again, and if its code is
far from the code of every row that was learned from, further than those of nearly all rows that are held out, then it
is like none of them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from rich.table import Table
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import StandardScaler
from sklearn.utils import check_random_state

from rosenblatt.models.pca_yardstick import as_float64
from rosenblatt.models.tables import PrintedTable


@dataclass(frozen=True)
class LatentSamples(PrintedTable):
    """Codes that were drawn, what they decode to, and how much of it is garbage; prints as a table.

    Distances are Euclidean, between codes each of whose numbers is divided by its standard deviation over X: the units
    of a latent are arbitrary, since the decoder undoes whatever the encoder multiplies by. What is drawn "uniform" or
    "gaussian" follows the codes, so that scaling a latent changes no distance at all. A number that is the same for all
    rows stays as it is.

    Attributes
    ----------
    how : {"uniform", "gaussian", "standard-normal"}
    quantile : float
    samples : ndarray (n_samples, *shape of a row)
        What was decoded, in the order of ``distances``: the best first.
    codes : ndarray (n_samples, latent_dim)
        What was drawn.
    distances : ndarray (n_samples,)
        From the code of each sample, encoded again, to the nearest code of X.
    code_errors : ndarray (n_samples,)
        From the code that was drawn to that of its sample: how far the sample is from where it was asked for.
    held_out_distances, held_out_code_errors : ndarray (n_held_out,)
        The same for held-out rows, as they are, and for their reconstructions, from the codes of the rows.
    limit : float
        The quantile of ``held_out_distances``: a sample is garbage where its distance is larger.
    value_range : (float, float)
        The smallest and the largest number of the held-out rows, for pictures.
    """

    how: str
    quantile: float
    samples: np.ndarray
    codes: np.ndarray
    distances: np.ndarray
    code_errors: np.ndarray
    held_out_distances: np.ndarray
    held_out_code_errors: np.ndarray
    limit: float
    value_range: tuple[float, float]

    @property
    def is_garbage(self) -> np.ndarray:
        """Of each sample (n_samples,), whether it is."""
        return self.distances > self.limit

    @property
    def garbage_share(self) -> float:
        """The share of the samples that are garbage."""
        return float(self.is_garbage.mean())

    @property
    def held_out_share(self) -> float:
        """The share of the held-out rows that count as garbage: by construction about 1 - quantile."""
        return float((self.held_out_distances > self.limit).mean())

    def __rich__(self) -> Table:
        beyond = f"{100 * (1 - self.quantile):.3g}% of the {len(self.held_out_distances):,} held-out rows"
        table = Table(
            title=f"{len(self.samples):,} codes drawn ({self.how}), decoded and encoded again",
            caption=f"garbage: further than {self.limit:.3g} from the nearest code of X,\nas {beyond} are\n"
            "distances: medians, in standard deviations of the codes of X",
        )
        for name in ("", "samples", "held-out rows"):
            table.add_column(name, justify="right" if name else "left")
        table.add_row("garbage", f"{self.garbage_share:.1%}", f"{self.held_out_share:.1%}")
        for name, pair in (
            ("to the nearest code of X", (self.distances, self.held_out_distances)),
            ("from a code to that of what it decodes to", (self.code_errors, self.held_out_code_errors)),
        ):
            table.add_row(name, *(f"{np.median(values):.3g}" for values in pair))
        return table


def sample_latents(
    estimator: Any,
    X: Any,
    X_held_out: Any,
    *,
    n_samples: int = 500,
    how: str = "gaussian",
    random_state: Any = None,
    quantile: float = 0.95,
) -> LatentSamples:
    """Draws codes, decodes them, and counts how many of the rows that come out are unlike any that was learned from.

    Parameters
    ----------
    estimator : Autoencoder, or another with ``transform`` and ``inverse_transform``
        Fitted. Where it was fitted on bytes, what it decodes is clipped to 0 to 1, as bytes are.
    X : array-like (n_rows, n_features), or images
        The rows that it was fitted on.
    X_held_out : array-like (n_held_out, n_features), or images
        Rows of the same kind that it was not fitted on; some hundred at least, since a quantile of theirs is the limit.
    n_samples : int >= 1, default=500
    how : {"uniform", "gaussian", "standard-normal"}, default="gaussian"
        From the box of the codes of X, each number uniformly between its smallest and largest; from a Gaussian with
        the codes' mean and covariance; or each number from a Gaussian of mean 0 and variance 1, whatever the codes.
    random_state : int, RandomState or None, default=None
    quantile : float in (0, 1), default=0.95
        The share of held-out rows that shall not count as garbage.

    Returns
    -------
    LatentSamples

    Raises
    ------
    TypeError
        If the estimator cannot encode or decode.
    ValueError
        If an argument is out of its range, or the rows do not fit.

    Examples
    --------
    >>> from rosenblatt import Autoencoder
    >>> from rosenblatt.studies import sample_latents
    >>> from sklearn.datasets import load_digits
    >>> X = load_digits().data / 16
    >>> model = Autoencoder(latent_dim=8, learning_rate=0.005, random_state=0).fit(X[:1200])
    >>> found = sample_latents(model, X[:1200], X[1200:], how="uniform", random_state=0)
    >>> found.garbage_share > 0.2
    True
    """
    _check(estimator, n_samples, how, quantile)
    space = _LatentSpace(estimator, X)
    held_out, drawn = space.encode(X_held_out), _DRAWS[how](space, n_samples, check_random_state(random_state))
    samples = space.decode(drawn)
    found, restored = space.encode(samples), space.encode(space.decode(held_out))
    distances, held_out_distances = space.distances(found), space.distances(held_out)
    order = np.argsort(distances, kind="stable")
    return LatentSamples(
        how,
        float(quantile),
        samples[order],
        space.unscaled(drawn)[order],
        distances[order],
        np.linalg.norm(found - drawn, axis=1)[order],
        held_out_distances,
        np.linalg.norm(restored - held_out, axis=1),
        float(np.quantile(held_out_distances, quantile)),
        _value_range(estimator, X_held_out),
    )


class _LatentSpace:
    """Codes in units of the standard deviations of those of X."""

    def __init__(self, estimator: Any, X: Any):
        self.estimator = estimator
        codes = _as_array(estimator.transform(X))
        self.scaler: Any = StandardScaler().fit(codes)
        self.codes: np.ndarray = self.scaler.transform(codes)
        self.neighbors = NearestNeighbors(n_neighbors=1).fit(self.codes)

    def scaled(self, codes: np.ndarray) -> np.ndarray:
        return self.scaler.transform(codes)

    def unscaled(self, codes: np.ndarray) -> np.ndarray:
        return self.scaler.inverse_transform(codes)

    def encode(self, X: Any) -> np.ndarray:
        return self.scaled(_as_array(self.estimator.transform(X)))

    def decode(self, codes: np.ndarray) -> np.ndarray:
        rows = _as_array(self.estimator.inverse_transform(self.unscaled(codes)))
        return rows.clip(0, 1) if _takes_bytes(self.estimator) else rows

    def distances(self, codes: np.ndarray) -> np.ndarray:
        """From each code to the nearest of X."""
        return self.neighbors.kneighbors(codes)[0][:, 0]


def _from_box(space: _LatentSpace, n_samples: int, rng: np.random.RandomState) -> np.ndarray:
    codes = space.codes
    return rng.uniform(codes.min(0), codes.max(0), (n_samples, codes.shape[1]))


def _from_gaussian(space: _LatentSpace, n_samples: int, rng: np.random.RandomState) -> np.ndarray:
    covariance = np.atleast_2d(np.cov(space.codes, rowvar=False, ddof=0))
    return rng.multivariate_normal(space.codes.mean(0), covariance, n_samples)


def _from_standard_normal(space: _LatentSpace, n_samples: int, rng: np.random.RandomState) -> np.ndarray:
    return space.scaled(rng.standard_normal((n_samples, space.codes.shape[1])))


_DRAWS: dict[str, Callable[[_LatentSpace, int, np.random.RandomState], np.ndarray]] = {
    "uniform": _from_box,
    "gaussian": _from_gaussian,
    "standard-normal": _from_standard_normal,
}


def _as_array(values: Any) -> np.ndarray:
    return np.asarray(values, np.float64)


def _takes_bytes(estimator: Any) -> bool:
    return bool(getattr(estimator, "pixel_maximum_", None))


def _value_range(estimator: Any, X: Any) -> tuple[float, float]:
    values = np.asarray(X)
    values = as_float64(values) if _takes_bytes(estimator) else values
    return float(values.min()), float(values.max())


def _check(estimator: Any, n_samples: int, how: str, quantile: float) -> None:
    if not (hasattr(estimator, "transform") and hasattr(estimator, "inverse_transform")):
        raise TypeError(
            f"{type(estimator).__name__} has no transform or no inverse_transform; an estimator that encodes and "
            "decodes is needed, such as a fitted Autoencoder"
        )
    if n_samples < 1:
        raise ValueError(f"n_samples={n_samples}; at least 1 is needed")
    if how not in _DRAWS:
        raise ValueError(f"how={how!r} is not known; use one of {', '.join(map(repr, _DRAWS))}")
    if not 0 < quantile < 1:
        raise ValueError(f"quantile={quantile}; a number between 0 and 1 is needed, such as 0.95")
