"""The generative adversarial network: a generator that makes rows from noise, and a discriminator that judges them.

The two play min_G max_D V(D, G) = E log D(x) + E log(1 - D(G(z))) (Goodfellow et al. 2014, equation 1), or what other
losses make of it. At the equilibrium the samples are distributed as the rows, D is 1/2 everywhere and V is -log 4.
"""

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

import equinox as eqx
import numpy as np
from jaxtyping import Array, Float, Int
from sklearn.utils import check_array, check_random_state
from sklearn.utils.validation import check_is_fitted

from rosenblatt.losses.adversarial import ADVERSARIAL_LOSSES
from rosenblatt.models.adversarial import AdversarialEstimator
from rosenblatt.models.adversarial_risk import ScaledDiscriminator, Scaling, playing_discriminator
from rosenblatt.models.examples import Examples
from rosenblatt.models.feature_space import GivenFeatures
from rosenblatt.models.frames import FrameKind, as_frame
from rosenblatt.models.game_diagnosis import GameDiagnosis, as_result, diagnose_after_fit, diagnose_game, from_result
from rosenblatt.models.interpolation import ways
from rosenblatt.models.referee import FEWEST_ROWS, Looks, Referee
from rosenblatt.models.sklearn_callbacks import with_callbacks
from rosenblatt.nn.gan import Generator
from rosenblatt.nn.mlp import pad_columns
from rosenblatt.training.inference import apply
from rosenblatt.training.loop import Judge

_DIAGNOSED = 1000  # rows


@dataclass(kw_only=True, repr=False, eq=False)
class GAN(AdversarialEstimator):
    """Learns to make rows like those of a table, or images, by a game of two networks.

    X is rows of numbers (an array or a data frame), images (n, height, width) or (n, height, width, channels), or rows
    of their numbers with ``image_shape``. The networks see columns of mean 0 and standard deviation 1, or bounded
    numbers from -1 to 1; what comes out is in the units of X. The fields are those of
    ``AdversarialEstimator``, ``ImageInputs`` and ``EngineEstimator``.

    The history has the risks of both players, and what the discriminator says: ``train_discriminator_real`` and
    ``..._fake`` are its mean D(x) of rows and of samples, ``..._accuracy_real`` and ``..._accuracy_fake`` the shares
    that it tells rightly, ``..._value`` is V(D, G), and the lengths of both players' slopes are ``..._gradient_norm``.
    At the equilibrium of the classic losses D(x) is 1/2, the discriminator's risk 2 log 2 = 1.386, V its negative, and
    the generator's log 2 = 0.693 (non-saturating) or -log 2 (saturating).

    Attributes
    ----------
    networks_ : dict of networks by name, whose parameters are NumPy arrays
        "generator" and "discriminator"; "average" with ``averaging``, and "spectral" with ``spectral_normalization``,
        the vectors that it goes by.
    classes_ : ndarray, where it is conditional
    class_shares_ : ndarray (n_classes,), where it is conditional
        How often each is in y.
    data_range_ : (low, high) or None
    center_, scale_ : ndarrays
        What is subtracted from rows, and what they are divided by, for the networks.
    n_outputs_ : int
        Numbers of a row.
    row_shape_ : shape of a sample
    frame_ : (library, names, dtypes) of the columns where X was a data frame, else None
    best_epoch_ : int
        That of the best look, whose networks are kept with ``restore_best``.
    diagnosis_ : dict, where there was a referee
        What ``diagnose()`` shows.

    References
    ----------
    I. Goodfellow et al., "Generative adversarial nets", NIPS 2014.
    A. Radford, L. Metz, S. Chintala, "Unsupervised representation learning with deep convolutional generative
    adversarial networks", ICLR 2016.

    Examples
    --------
    >>> import numpy as np
    >>> from rosenblatt import GAN
    >>> X = np.random.default_rng(0).normal(5.0, 2.0, size=(1000, 1))
    >>> model = GAN(latent_dim=2, hidden_layer_sizes=16, max_epochs=60, random_state=0).fit(X)
    >>> model.sample(3, random_state=0).shape
    (3, 1)
    >>> bool(abs(model.sample(2000, random_state=0).mean() - 5) < 0.5)
    True
    """

    @with_callbacks
    def fit(self, X: Any, y: Any = None, *, sample_weight: Any = None, validation_data: Any = None) -> Self:
        """Plays the game on X, afresh or, with ``warm_start``, from where the fit before ended.

        Parameters
        ----------
        X : array-like, sparse matrix or data frame (n_samples, n_features), or images (n, height, width[, channels])
        y : array-like (n_samples,), where it is conditional
            The class of each row; otherwise ignored.
        sample_weight : array-like (n_samples,), optional
            Numbers >= 0: how much each row counts. Only their ratios matter.
        validation_data : X, or (X, y), optional
            Rows that the players do not learn from, instead of a part of X.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If a field or the data are not fit to learn from.
        NonFiniteRiskError
            If the game diverged; the estimator then holds the last good parameters.
        """
        return self._fit(X, y, sample_weight, validation_data)

    def partial_fit(self, X: Any, y: Any = None, *, sample_weight: Any = None) -> Self:
        """One epoch on X from where the game stands; the first call starts it, with the scale and classes of its X."""
        return self._partial_fit(X, y, sample_weight)

    def sample(self, n_samples: int = 1, y: Any = None, random_state: Any = None) -> Any:
        """New rows or images (n_samples, *row_shape_), in the units of X; a data frame where X was one.

        Parameters
        ----------
        n_samples : int, default=1
        y : a class, or array-like (n_samples,) of classes, optional
            Of what class the rows are to be, where the model is conditional; by default classes are drawn as often as
            they were in the training rows.
        random_state : int, RandomState or None, default=None
        """
        check_is_fitted(self)
        if not isinstance(n_samples, int | np.integer) or n_samples < 1:
            raise ValueError(f"n_samples={n_samples!r}; it must be a whole number of at least 1")
        random = check_random_state(random_state)
        codes = random.standard_normal((n_samples, self._n_latents())).astype(np.float32)
        if self.conditional and y is None:
            y = random.choice(self.classes_, n_samples, p=self.class_shares_)
        return self.generate(codes, y)

    def generate(self, codes: Any, y: Any = None) -> Any:
        """G(z): the row, or the image, that each code stands for, in the units of X; a data frame where X was one.

        Parameters
        ----------
        codes : array-like (n_samples, latent_dim)
        y : a class, or array-like (n_samples,) of classes, where the model is conditional
        """
        check_is_fitted(self)
        codes = self._check_codes(codes)
        rows = self._made(codes, self._labels(y, len(codes)))
        return rows.reshape(-1, *self.row_shape_) if self.frame_ is None else as_frame(rows, FrameKind(*self.frame_))

    def discriminate(self, X: Any, y: Any = None) -> np.ndarray:
        """D(x): how real each row looks to the discriminator (n_samples,), from 0 to 1; at 1/2 it cannot tell.

        For the classic losses it estimates p(x) / (p(x) + q(x)), of the densities of rows and samples. For "hinge",
        whose outputs are no probabilities, it is their logistic function.

        Raises
        ------
        ValueError
            With ``loss="wasserstein"``, whose critic has a scale without a middle: see ``score_samples``.
        """
        if self.loss == "wasserstein":
            raise ValueError(
                "the critic of loss='wasserstein' gives scores and no probabilities: use score_samples(X), in which "
                "higher is more real and only differences mean something"
            )
        return self._judged(X, y, _Confidence(self.loss))

    def score_samples(self, X: Any, y: Any = None) -> np.ndarray:
        """The discriminator's raw output for each row (n_samples,): the higher, the more real the row looks.

        For the classic losses it is the logit of D(x), an estimate of log p(x) / q(x): how much more often such rows
        are in the data than among the samples.
        """
        return self._judged(X, y, _evaluate)

    def interpolate(
        self,
        codes: Any,
        to: Any,
        n_steps: int = 8,
        kind: Literal["linear", "spherical"] = "spherical",
        y: Any = None,
    ) -> np.ndarray:
        """What lies between samples: the rows on the way from one code to the other.

        Parameters
        ----------
        codes, to : array-like (n_pairs, latent_dim)
            Paired.
        n_steps : int, default=8
            Places on each way, both ends counted.
        kind : {"spherical", "linear"}, default="spherical"
            The arc around 0, on which codes keep the length that they have when they are drawn, or the straight line.
        y : a class, or array-like (n_pairs,) of classes, where the model is conditional

        Returns
        -------
        ndarray (n_pairs, n_steps, *row_shape_)
        """
        check_is_fitted(self)
        if n_steps < 2:
            raise ValueError(f"n_steps={n_steps}; at least 2 are needed, since both ends are counted")
        starts, ends = (self._check_codes(each) for each in (codes, to))
        if starts.shape != ends.shape:
            raise ValueError(f"codes have shape {starts.shape} and to has {ends.shape}; they are paired")
        labels = self._labels(y, len(starts))
        between = ways(starts, ends, n_steps, kind).reshape(-1, starts.shape[1])
        rows = self._made(between, None if labels is None else np.repeat(labels, n_steps))
        return rows.reshape(-1, n_steps, *self.row_shape_)

    def with_networks(self, networks: Mapping[str, Any]) -> Self:
        """A copy of the fitted model that plays with other networks, such as those of an earlier moment of its game.

        Parameters
        ----------
        networks : dict of networks by name
            As ``networks_``, or as a callback finds them in ``training.networks()``.
        """
        check_is_fitted(self)
        return self._playing_with(dict(networks))

    def diagnose(self, X: Any = None, y: Any = None, features: Any = None) -> GameDiagnosis:
        """How the game stands, on rows that no player learned from and on samples; a verdict, and the change to try.

        Parameters
        ----------
        X : array-like, optional
            At least 40 rows, of which one half (at most 1,000) is compared with samples, and the other half is what
            real rows get. By default what was found on held-out rows after ``fit``.
        y : a class, or array-like (n_samples,) of classes, where X is given and the model is conditional
        features : fitted transformer, optional
            What rows are compared by: the numbers of its ``transform(X)``, such as those of an ``Autoencoder`` or of an
            ``MLPClassifier``. By default columns, or principal components of many.

        Returns
        -------
        GameDiagnosis
            Prints as a table.

        Notes
        -----
        ``memorisation`` is of shares. The rows themselves: ``nearest_training_rows(samples, X, held_out)`` of
        ``rosenblatt.metrics``, of rows of numbers all three, has in ``rows`` which training row is the nearest to each
        sample, so that ``X[found.rows]`` are these; and ``SamplesDisplay.from_estimator(model, X)`` draws them below
        the samples, where they are images.
        """
        check_is_fitted(self)
        if X is not None:
            return self._diagnosis_of(self._check_inputs(X, reset=False), y, features)
        if features is not None:
            raise ValueError("features are given without rows, and held-out rows are not kept: give X too")
        if not hasattr(self, "diagnosis_"):
            raise ValueError(
                "there is no diagnosis of held-out rows: partial_fit has none, and fit makes none with referee=False "
                f"or fewer than {FEWEST_ROWS} of them. Give X"
            )
        return from_result(self.diagnosis_)

    def _diagnosis_of(self, rows: np.ndarray, y: Any, features: Any) -> GameDiagnosis:
        if len(rows) < 2 * FEWEST_ROWS:
            raise ValueError(f"X has {len(rows)} rows; at least {2 * FEWEST_ROWS} are needed to compare with samples")
        examples = Examples(rows, self._labels(y, len(rows)), None)
        order = np.random.default_rng(0).permutation(len(rows))
        others, looked_at = (examples.part(part) for part in np.array_split(order, 2))
        given = None if features is None else GivenFeatures.of(features, rows, self.row_shape_)
        referee = Referee(self, others, looked_at, given, _DIAGNOSED)
        return diagnose_game(referee, self, after_fit=False)

    def _judge(self, training_set: Examples, validation: Examples | None, max_epochs: int) -> Judge | None:
        if not self.referee or validation is None or len(validation.X) < FEWEST_ROWS:
            return None
        self._looks = Looks(Referee(self, training_set, validation), max_epochs)
        return self._looks

    def _fit(self, X: Any, y: Any, sample_weight: Any, validation_data: Any) -> Self:
        self.__dict__.pop("diagnosis_", None)
        try:
            super()._fit(X, y, sample_weight, validation_data)
            if hasattr(self, "_looks"):
                found = diagnose_after_fit(self._looks.referee, self, self._looks.alarms.raised)
                self.diagnosis_ = as_result(found)
        finally:
            self.__dict__.pop("_looks", None)  # it holds the rows
        return self

    def _partial_fit(self, X: Any, y: Any, sample_weight: Any) -> Self:
        super()._partial_fit(X, y, sample_weight)
        self.__dict__.pop("diagnosis_", None)  # it was of other parameters
        return self

    def _labels(self, y: Any, n_rows: int) -> np.ndarray | None:
        """Numbers of classes for each row, or None where the model knows no classes."""
        if not self.conditional:
            if y is not None:
                raise ValueError("y is given, but this model was not fitted with conditional=True: it knows no classes")
            return None
        if y is None:
            raise ValueError("this model is conditional: give y, the class of each row")
        given = np.full(n_rows, y) if np.ndim(y) == 0 else np.asarray(y)
        if given.shape != (n_rows,):
            raise ValueError(f"y has shape {given.shape}; it must be one class, or ({n_rows},), one for each row")
        return self._encoded(given)

    def _check_codes(self, codes: Any) -> np.ndarray:
        codes = check_array(codes, dtype="float32", input_name="codes")
        if codes.shape[1] != self._n_latents():
            raise ValueError(
                f"codes have {codes.shape[1]} numbers each; this {type(self).__name__} makes rows of codes of "
                f"latent_dim={self._n_latents()}"
            )
        return codes

    def _playing_with(self, networks: dict[str, Any]) -> Self:
        other = copy.copy(self)
        other.networks_ = self._public_networks(networks)
        return other

    def _made(self, codes: np.ndarray, labels: np.ndarray | None) -> np.ndarray:
        """The rows of checked codes (n_samples, n_numbers), in the units of X."""
        generator = self.networks_.get("average", self.networks_["generator"])
        playing, _ = self._padded_networks({"generator": generator})
        rows = apply(playing["generator"], (codes, labels), _generate, self.device, at_once=self._at_once)
        rows = Scaling(self.center_, self.scale_).undo(rows[:, : self.n_outputs_]).astype(np.float32)
        return rows if self.data_range_ is None else np.clip(rows, *self.data_range_)  # of what rounding leaves outside

    def _judged(self, X: Any, y: Any, function: Callable[..., Float[Array, ""]]) -> np.ndarray:
        """The function of the discriminator and each row."""
        check_is_fitted(self)
        rows = self._check_inputs(X, reset=False)
        return self._said(rows, self._labels(y, len(rows)), function)

    def _score(self, rows: np.ndarray, labels: np.ndarray | None) -> np.ndarray:
        """The discriminator's raw output for each checked row."""
        return self._said(rows, labels, _evaluate)

    def _said(self, rows: np.ndarray, labels: np.ndarray | None, function: Callable[..., Any]) -> np.ndarray:
        judging = {name: self.networks_[name] for name in ("discriminator", "spectral") if name in self.networks_}
        playing, (width, _) = self._padded_networks(judging)
        network = ScaledDiscriminator(_playing_discriminator(playing), self._scaling(width))
        return apply(network, (pad_columns(rows, width), labels), function, self.device, at_once=self._at_once)


_playing_discriminator = eqx.filter_jit(playing_discriminator)


def _generate(
    network: Generator, inputs: tuple[Float[Array, " latents"], Int[Array, ""] | None]
) -> Float[Array, " outputs"]:
    return network(*inputs)


def _evaluate(
    network: ScaledDiscriminator, inputs: tuple[Float[Array, " inputs"], Int[Array, ""] | None]
) -> Float[Array, ""]:
    return network(*inputs)


@dataclass(frozen=True)
class _Confidence:
    """D(x) by a loss of that name; equal where the names are, so that programs are shared."""

    loss: str

    def __call__(
        self, network: ScaledDiscriminator, inputs: tuple[Float[Array, " inputs"], Int[Array, ""] | None]
    ) -> Float[Array, ""]:
        return ADVERSARIAL_LOSSES[self.loss].confidence(network(*inputs))
