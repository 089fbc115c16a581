"""The autoencoder: a code h = f(x) that is short, sparse or smooth, and from which x' = g(h) restores the row.

It learns without labels, by J = (1/n) sum L(x, g(f(x))) + penalties of the code. Without hidden layers, and by the
squared error, it finds the subspace of principal component analysis (Baldi and Hornik 1989), though not its axes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from rosenblatt.models import fields
from rosenblatt.models.encoder_decoder import EncoderDecoder
from rosenblatt.models.pca_yardstick import PCAComparison, as_result, compare, compare_after_fit
from rosenblatt.models.reconstruction import ReconstructionRisk, Smoothness, Sparsity
from rosenblatt.nn.activations import Activation, resolve, sigmoid
from rosenblatt.training.players import Player, number

_LARGEST_JACOBIAN = 2**14  # numbers of a row's, up to which it is computed exactly


@dataclass(kw_only=True, repr=False, eq=False)
class Autoencoder(EncoderDecoder):
    """A transformer that compresses rows, images or signals to short codes, and restores them.

    After each fit it is compared with PCA of as many components; if that is better, a warning says so, and the likely
    cause. The other fields are those of ``EncoderDecoder``, ``ImageInputs``, ``NetworkEstimator`` and
    ``EngineEstimator``.

    Parameters
    ----------
    code_activation : str or callable, default="identity"
        What the code passes through.
    loss : {"square", "bernoulli", "gaussian"}, default="square"
        What a reconstruction costs, summed over a row's numbers: the squared error, or -log p(x | h) in nats of a
        probabilistic decoder: "bernoulli" for numbers from 0 to 1, "gaussian" with one variance that is learned.
    tied : bool, default=False
        Whether the decoder's weights are the encoder's, transposed.
    sparsity : float >= 0, default=0.0
        The risk has the penalty sparsity |h|_1, so that most numbers of a code are near 0; or, with
        ``sparsity_target``, sparsity sum KL(target || mean activity) over the units of the code.
    sparsity_target : float in (0, 1) or None, default=None
        The mean activity that each unit of the code shall have, over the rows of a batch; needs
        ``code_activation="sigmoid"``.
    smoothness : float >= 0, default=0.0
        The risk has the penalty smoothness sum_i |grad_x h_i|^2, so that a code changes little where a row does
        (a contractive autoencoder).
    smoothness_method : {"auto", "exact", "projection"}, default="auto"
        How that is had: by the exact Jacobian, which costs a pass through the encoder for each number of the code, or
        by an unbiased estimate from one random projection at each step. "auto" is exact up to 16,384 numbers
        (latent_dim x n_features); ``smoothness_method_`` says what was chosen.
    noise : float >= 0, default=0.0
        Makes it a denoising autoencoder: while learning it sees rows with noise, and restores them without.
    noise_kind : {"gaussian", "masking"}, default="gaussian"
        Gaussian noise of that standard deviation, or numbers that are set to 0 with that probability.

    Attributes
    ----------
    encoder_, decoder_ : the two networks
    n_outputs_ : int
        Numbers of a row, which the decoder puts out.
    row_shape_ : shape of what ``inverse_transform`` gives for each code
    smoothness_method_ : {"exact", "projection"} or None
    pca_comparison_ : dict
        What ``compare_pca()`` shows.

    References
    ----------
    P. Baldi, K. Hornik, "Neural networks and principal component analysis: learning from examples without local
    minima", Neural Networks 2, 1989.
    P. Vincent, H. Larochelle, Y. Bengio, P.-A. Manzagol, "Extracting and composing robust features with denoising
    autoencoders", ICML 2008.

    Examples
    --------
    >>> from rosenblatt import Autoencoder
    >>> from sklearn.datasets import load_digits
    >>> X = load_digits().data / 16
    >>> model = Autoencoder(latent_dim=8, learning_rate=0.005, random_state=0).fit(X)
    >>> model.transform(X).shape, model.reconstruct(X).shape
    ((1797, 8), (1797, 64))
    >>> model.compare_pca().ratio < 0.8
    True
    """

    code_activation: fields.ActivationName | Callable = "identity"
    loss: Literal["bernoulli", "gaussian", "square"] = "square"
    tied: bool = False
    sparsity: fields.NonNegativeFloat = 0.0
    sparsity_target: fields.Share | None = None
    smoothness: fields.NonNegativeFloat = 0.0
    smoothness_method: Literal["auto", "exact", "projection"] = "auto"
    noise: fields.NonNegativeFloat = 0.0
    noise_kind: Literal["gaussian", "masking"] = "gaussian"

    def compare_pca(self, X: Any = None) -> PCAComparison:
        """The reconstruction error beside that of PCA with as many components.

        Parameters
        ----------
        X : array-like, optional
            Rows to compare on; PCA is fitted to them. By default the training rows (ten thousand of them where there
            are more), as they were compared after ``fit``.

        Returns
        -------
        PCAComparison
            Prints as a table.
        """
        check_is_fitted(self)
        if X is not None:
            return compare(self, self._check_inputs(X, reset=False))
        if not hasattr(self, "pca_comparison_"):
            raise ValueError("partial_fit does not keep its rows to compare on: pass X")
        return PCAComparison(**self.pca_comparison_)

    def _fit(self, X: Any, y: Any, sample_weight: Any, validation_data: Any) -> Self:
        super()._fit(X, y, sample_weight, validation_data)
        rng = np.random.default_rng(0)
        self.pca_comparison_ = as_result(compare_after_fit(self, self._check_inputs(X, reset=False), rng))
        return self

    def _targets(self, X: np.ndarray, y: Any, *, reset: bool) -> None:
        super()._targets(X, y, reset=reset)
        if self.noise_kind == "masking" and self.noise >= 1:
            raise ValueError(f"noise={self.noise} sets every number to 0; masking needs a probability below 1")
        if self.sparsity_target is not None and self.code_activation not in ("sigmoid", sigmoid):
            raise ValueError(
                f"sparsity_target={self.sparsity_target} is a mean activity between 0 and 1; it needs "
                f"code_activation='sigmoid', not {self.code_activation!r}"
            )
        self.smoothness_method_ = self._smooth()

    def _sparse(self) -> Sparsity | None:
        if not self.sparsity:
            return None
        return "l1" if self.sparsity_target is None else "kl"

    def _smooth(self) -> Smoothness | None:
        if not self.smoothness:
            return None
        if self.smoothness_method != "auto":
            return self.smoothness_method
        return "exact" if self.latent_dim * self.n_features_in_ <= _LARGEST_JACOBIAN else "projection"

    @property
    def _loss(self) -> str:
        return self.loss

    def _code_activation(self) -> Activation:
        return resolve(self.code_activation, float(self.negative_slope))

    def _is_tied(self) -> bool:
        return self.tied

    def _learner(self) -> Player:
        risk = ReconstructionRisk(
            self.loss,
            np.asarray(self.n_features_in_, np.int32),
            number(self.dropout),
            number(self.sparsity),
            number(self.sparsity_target or 0.0),
            number(self.smoothness),
            number(self.noise),
            self._sparse(),
            self._smooth(),
            self.noise_kind if self.noise else None,
        )
        return self._player("model", risk)

    def _couples_rows(self) -> bool:
        return self._sparse() == "kl"
