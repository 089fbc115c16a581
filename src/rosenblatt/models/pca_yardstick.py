"""How an autoencoder compares with principal component analysis, which no linear one can beat."""

import functools
import warnings
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from rich.table import Table
from scipy.linalg import subspace_angles
from sklearn.decomposition import PCA

from rosenblatt.models.encoder_decoder import encode
from rosenblatt.models.reconstruction import RowLoss
from rosenblatt.models.tables import PrintedTable
from rosenblatt.nn.activations import identity
from rosenblatt.nn.autoencoder import AutoencoderNet
from rosenblatt.nn.convnet import LARGEST_BYTE
from rosenblatt.nn.mlp import MLP

_MOST_ROWS, _MOST_NUMBERS = 10_000, 2**25  # that are compared after a fit
_WORSE = 1.02  # times PCA's error, from where on it is worth a warning
_EXACT = 1e-6  # of the variance: what PCA leaves where it loses nothing
_FALLING = 0.01  # of the risk, in the last tenth of the epochs


class WorseThanPCAWarning(UserWarning):
    """A fit reconstructs worse than principal component analysis with as many numbers."""


@dataclass(frozen=True)
class PCAComparison(PrintedTable):
    """Reconstruction by an autoencoder and by PCA with as many components, on the same rows; prints as a table.

    Attributes
    ----------
    error, pca_error : float
        Mean over rows of the squared error sum (x - x')^2.
    variance : float
        The same of the mean row in the place of each: what there is to explain.
    n_rows, n_components : int
        PCA has at most as many components as there are rows or columns.
    angles : tuple of float or None
        Of a linear autoencoder, the principal angles between what its decoder spans and the principal subspace, in
        degrees, largest first.
    axis_angles : tuple of float or None
        Of a linear autoencoder, the angle between each axis of its decoder (the left singular vectors of its matrix,
        longest first) and the principal axis of that rank, in degrees. The error alone leaves them free; l2 > 0 turns
        them to 0 (Kunin, Bloom, Goeva and Seed, "Loss landscapes of regularized linear autoencoders", ICML 2019). The
        numbers of a code are free all the same: turning a code costs nothing.
    """

    error: float
    pca_error: float
    variance: float
    n_rows: int
    n_components: int
    angles: tuple[float, ...] | None = None
    axis_angles: tuple[float, ...] | None = None

    @property
    def ratio(self) -> float:
        """The error in parts of PCA's: below 1 the autoencoder is better. Infinite where PCA loses nothing."""
        return self.error / self.pca_error if self.pca_error > _EXACT * self.variance else np.inf

    def __rich__(self) -> Table:
        table = Table(title=f"Reconstruction of {self.n_rows:,} rows", caption=self.sentence())
        for name in ("", "squared error a row", "of the variance"):
            table.add_column(name, justify="right" if name else "left")
        for name, error in (("autoencoder", self.error), (f"PCA, {self.n_components} components", self.pca_error)):
            table.add_row(name, f"{error:.4g}", f"{error / max(self.variance, 1e-300):.2%}")
        return table

    def sentence(self) -> str:
        """The comparison in a sentence."""
        if np.isinf(self.ratio):
            return f"PCA with {self.n_components} components loses nothing here: there is nothing to win"
        if self.ratio < 1:
            text = f"the autoencoder leaves {1 - self.ratio:.1%} less error than PCA"
        else:
            text = f"the autoencoder leaves {self.ratio - 1:.1%} more error than PCA"
        if self.angles is None:
            return text
        return f"{text}; it is linear, and its subspace is at most {self.angles[0]:.2g} degrees from the principal one"


def compare(estimator: Any, X: np.ndarray) -> PCAComparison:
    """Compares on the rows X, checked, of numbers or bytes; PCA is fitted to them.

    No linear map can do better on these rows than the PCA of these rows.
    """
    rows = as_float64(X)
    n_components = min(estimator.latent_dim, *X.shape)
    pca: Any = PCA(n_components, random_state=0).fit(rows)
    missed = rows - pca.inverse_transform(pca.transform(rows))
    centred = rows - pca.mean_
    error = estimator._each_checked(RowLoss("square", X.shape[1]), X).astype(np.float64).mean()
    return PCAComparison(
        float(error),
        float((missed**2).sum(1).mean()),
        float((centred**2).sum(1).mean()),
        len(X),
        int(n_components),
        *_angles(estimator.networks_["model"], pca.components_),
    )


def as_float64(X: np.ndarray) -> np.ndarray:
    """X as float64; bytes as numbers from 0 to 1."""
    return X.astype(np.float64) / (LARGEST_BYTE if X.dtype == np.uint8 else 1)


def n_comparable(n_rows: int, n_numbers: int) -> int:
    """How many of the rows, of so many numbers each, PCA takes a second or two for."""
    return min(n_rows, _MOST_ROWS, max(_MOST_NUMBERS // n_numbers, 2))


def compare_after_fit(estimator: Any, X: np.ndarray, rng: np.random.Generator) -> PCAComparison:
    """Compares on the training rows, or ten thousand of them (fewer of large images), and warns where PCA is better."""
    n_rows = n_comparable(*X.shape)
    chosen = X if n_rows == len(X) else X[np.sort(rng.choice(len(X), n_rows, replace=False))]
    found = compare(estimator, chosen)
    if np.isfinite(found.ratio) and found.ratio > _WORSE:
        warnings.warn(
            f"this {type(estimator).__name__} reconstructs worse than PCA with {found.n_components} components: its "
            f"squared error is {found.ratio:.3g} times PCA's. {likely_cause(estimator, chosen)}",
            WorseThanPCAWarning,
            stacklevel=4,
        )
    return found


def likely_cause(estimator: Any, X: np.ndarray) -> str:
    """Why a fit may be worse than PCA, the likeliest reason first, and what to change."""
    others = [name for name in ("sparsity", "smoothness", "noise", "l1", "l2", "dropout") if getattr(estimator, name)]
    besides = f"It does not only minimise the error: {', '.join(others)} ask for something else; lower them"
    output = getattr(estimator, "output_activation", None)
    low, high = float(X.min()), float(X.max())
    if output == "sigmoid" and X.dtype != np.uint8 and (low < 0 or high > 1):
        return (
            f"Its outputs are in (0, 1) by output_activation='sigmoid', and X holds {low:.3g} to {high:.3g}: scale X, "
            "or take output_activation='identity'"
        )
    if _still_falling(estimator.history_):
        return (
            f"The risk was still falling when it ended after {estimator.n_epochs_} epochs: raise max_epochs (now "
            f"{estimator.max_epochs}) or learning_rate{f'. {besides}' if others else ''}"
        )
    idle = int((np.ptp(estimator._each_checked(encode, X), axis=0) == 0).sum())
    if idle:
        return (
            f"{idle} of its {estimator.latent_dim} latents are the same for every row: take a smaller learning_rate, "
            "another random_state, or code_activation='identity'"
        )
    if others:
        return besides
    return "Take more or wider hidden layers, a smaller learning_rate, or scale the columns of X alike"


def _still_falling(history: Any) -> bool:
    """Whether the risk fell by a percent of what is left over the last tenth of the epochs."""
    risk = history["train_risk"]
    earlier = risk[-1 - max(len(risk) // 10, 1)] if len(risk) > 1 else np.inf
    return bool(earlier - risk[-1] > _FALLING * abs(risk[-1]))


def _angles(network: AutoencoderNet, components: np.ndarray) -> tuple[tuple[float, ...] | None, ...]:
    """Of a linear decoder, the angles of its span, and those of its axes, from the components, in degrees."""
    decoder = network.decoder
    functions = (*getattr(decoder, "activations", ()), network.output_activation)
    if not isinstance(decoder, MLP) or any(function is not identity for function in functions):
        return None, None
    matrix = functools.reduce(np.matmul, (np.float64(layer.weight) for layer in decoder.layers))
    axes = np.linalg.svd(matrix, full_matrices=False)[2][: len(components)]
    along = np.abs((axes * components).sum(axis=1))
    return tuple(map(_degrees, (subspace_angles(matrix.T, components.T), np.arccos(np.minimum(along, 1)))))


def _degrees(angles: np.ndarray) -> tuple[float, ...]:
    return tuple(np.degrees(angles).tolist())


def as_result(found: PCAComparison) -> dict[str, Any]:
    """What a saved model holds of a comparison."""
    return asdict(found)
