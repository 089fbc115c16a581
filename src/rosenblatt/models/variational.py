"""What the variational autoencoders share: their fields, their verbs, and how a fit is set up."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal, Self

import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from rosenblatt.models import fields
from rosenblatt.models.diagnosis import Diagnosis, as_result, diagnose, diagnose_after_fit
from rosenblatt.models.elbo import LogLikelihood, RowLogLikelihood, RowTerms, posterior
from rosenblatt.models.encoder_decoder import EncoderDecoder, dtype_of
from rosenblatt.models.examples import Examples
from rosenblatt.models.kl_weight import KLWeight
from rosenblatt.models.variational_risk import Regularizer, Variance, VariationalRisk
from rosenblatt.nn.vae import VAENet
from rosenblatt.training import batches
from rosenblatt.training.callbacks import Callback
from rosenblatt.training.inference import AtOnce
from rosenblatt.training.players import Player, number
from rosenblatt.training.schedules import Ramp, Schedule, evaluate_schedule
from rosenblatt.training.state import Settings

_SCORE_SAMPLES = 16  # codes for each row's bound
_MOST_VARIANCES = 4096  # rows, from which the variance of X is taken
_SMALLEST_VARIANCE = 1e-6  # of a calibrated decoder, in parts of that of X
_TINY = 1e-30  # a variance above 0 in float32
_SMALLEST_SHARE = 0.01  # of beta or capacity that a schedule must reach within the fit
_WEIGHTS_AT_ONCE = AtOnce(32, all_cores=True)  # each row has many codes


@dataclass(kw_only=True, repr=False, eq=False)
class VariationalEstimator(EncoderDecoder):
    """Fields and verbs of the estimators that encode rows as distributions of codes, and generate.

    Every term is in nats for each row: the reconstruction is summed over the row's numbers, the KL over the latents.

    Parameters
    ----------
    loss : {"gaussian", "bernoulli"}, default="gaussian"
        The decoder's distribution p(x | z): normal, for any numbers, or "bernoulli" for numbers from 0 to 1.
    variance : {"calibrated", "learned"} or float > 0, default="calibrated"
        The variance of a Gaussian decoder, one for all numbers: where the likelihood of each batch is largest, which
        is its mean squared error (Rybkin et al. 2021); a parameter that is learned like the others; or a number. With
        variance 0.5 the risk is the squared error and beta times the KL.
    beta : float >= 0 or function of the step number, default=1.0
        The weight of the KL. 1 is the bound on log p(x); more means simpler, more independent codes and worse
        reconstructions (a beta-VAE); 0 an autoencoder with noise. ``kl_weight_`` has it in other units.
    schedule : {"constant", "linear", "sigmoid", "cyclic"}, default="constant"
        How beta comes to its value: at once, up to it in a straight line or an S, or in cycles of which one half goes
        up and one half stays there .
    schedule_epochs : int, default=10
        Epochs of the way up, or of a cycle.
    posterior_samples : int, default=1
        Codes that are drawn for each row at each update.
    diagnosis : bool, default=True
        Whether ``fit`` looks for faults when it ends; ``diagnose()`` then shows what it found, and where the verdict
        is not "healthy" a warning says so and what to try. It changes nothing of the fit.

    Attributes
    ----------
    diagnosis_ : dict
        What ``diagnose()`` shows.
    """

    _ANY_NUMBERS: ClassVar = "gaussian"

    loss: Literal["bernoulli", "gaussian"] = "gaussian"
    variance: Literal["calibrated", "learned"] | fields.PositiveFloat = "calibrated"
    beta: fields.NonNegativeFloat | Callable = 1.0
    schedule: Literal["constant", "cyclic", "linear", "sigmoid"] = "constant"
    schedule_epochs: fields.PositiveInt = 10
    posterior_samples: fields.PositiveInt = 1
    diagnosis: bool = True

    def posterior(self, X: Any) -> tuple[np.ndarray, np.ndarray]:
        """q(z | x) of each row: its mean and its standard deviation, two arrays (n_samples, latent_dim).

        Raises
        ------
        ValueError
            If a log-variance is not finite, which needs parameters that are not.
        """
        mean, log_variance = self._each(posterior, X)
        broken = np.flatnonzero(~np.isfinite(mean + log_variance).all(axis=1))
        if len(broken):
            raise ValueError(
                f"the posterior of row {broken[0]} (and {len(broken) - 1} others) is not finite: its log-variance is "
                f"{log_variance[broken[0]]}. Look at networks_['model'] for parameters that are not finite, or fit "
                "again with a smaller learning_rate"
            )
        dtype = dtype_of(X)
        return mean.astype(dtype), np.exp(0.5 * log_variance.astype(np.float64)).astype(dtype)

    def sample_posterior(self, X: Any, random_state: Any = None) -> np.ndarray:
        """One code z ~ q(z | x) for each row (n_samples, latent_dim).

        Parameters
        ----------
        X : array-like
        random_state : int, RandomState or None, default=None
        """
        mean, deviation = self.posterior(X)
        return mean + deviation * check_random_state(random_state).standard_normal(mean.shape).astype(mean.dtype)

    def sample(self, n_samples: int = 1, random_state: Any = None) -> np.ndarray:
        """New rows or images (n_samples, *row_shape_): the mean of p(x | z) for z ~ N(0, I).

        Parameters
        ----------
        n_samples : int, default=1
        random_state : int, RandomState or None, default=None
        """
        check_is_fitted(self)
        if not isinstance(n_samples, int | np.integer) or n_samples < 1:
            raise ValueError(f"n_samples={n_samples!r}; it must be a whole number of at least 1")
        codes = check_random_state(random_state).standard_normal((n_samples, self._n_features_out))
        return self.inverse_transform(codes.astype(np.float32))

    def elbo_terms(self, X: Any) -> tuple[np.ndarray, np.ndarray]:
        """What the bound on log p(x) consists of, in nats.

        Returns
        -------
        reconstruction : ndarray (n_samples,)
            E -log p(x | z), over 16 codes of q(z | x).
        kl : ndarray (n_samples, latent_dim)
            KL(q(z_j | x) || N(0, 1)) of each latent.
        """
        return self._each(RowTerms(self.loss, self._n_numbers(), _SCORE_SAMPLES), X)

    def score_samples(self, X: Any) -> np.ndarray:
        """The bound on log p(x) of each row (n_samples,), in nats, whatever ``beta`` was: strange rows have low ones.

        E log p(x | z) - KL(q(z | x) || p(z)), the evidence lower bound (ELBO).
        """
        reconstruction, kl = self.elbo_terms(X)
        return -(reconstruction + kl.sum(axis=1))

    def log_likelihood(self, X: Any, n_samples: int = 1000) -> LogLikelihood:
        """An estimate of log p(x) of each row, nearer than the bound: codes of q(z | x), weighted by importance.

        Parameters
        ----------
        X : array-like
        n_samples : int, default=1000
            Codes for each row.

        References
        ----------
        Y. Burda, R. Grosse, R. Salakhutdinov, "Importance weighted autoencoders", ICLR 2016, equation 8.
        """
        if not isinstance(n_samples, int | np.integer) or n_samples < 1:
            raise ValueError(f"n_samples={n_samples!r}; it must be a whole number of at least 1")
        weights = RowLogLikelihood(self.loss, self._n_numbers(), int(n_samples))
        rows, errors = self._each(weights, X, at_once=_WEIGHTS_AT_ONCE)
        return LogLikelihood(rows.astype(np.float64), errors.astype(np.float64), int(n_samples))

    def diagnose(self, X: Any = None) -> Diagnosis:
        """What the latents hold and whether the prior is the codes' distribution; a verdict, and the change to try.

        Parameters
        ----------
        X : array-like, optional
            Rows to look at: two thousand of them where there are more (fewer of large images). By default what was
            found in training rows after ``fit``, in fewer of them after a short one.

        Returns
        -------
        Diagnosis
            Prints as a table.
        """
        check_is_fitted(self)
        if X is not None:
            return diagnose(self, self._check_inputs(X, reset=False))
        if not hasattr(self, "diagnosis_"):
            raise ValueError(
                "there is no diagnosis of the training rows: partial_fit does not keep its rows, and fit makes none "
                "with diagnosis=False. Pass X"
            )
        return Diagnosis(**self.diagnosis_)

    @property
    def kl_weight_(self) -> KLWeight:
        """The weight of the KL, at the value that its schedule leads to, in nats and in the units of other tools."""
        log_variance = self._network_of(VAENet).log_variance
        variance = None if log_variance is None else float(np.exp(log_variance))
        return KLWeight.of(self.beta_, self.n_features_in_, self._n_features_out, variance)

    @property
    def _loss(self) -> str:
        return self.loss

    def _fit(self, X: Any, y: Any, sample_weight: Any, validation_data: Any) -> Self:
        fields.validate_fields(self)
        self._check_schedules(X)
        super()._fit(X, y, sample_weight, validation_data)
        if self.diagnosis:
            self.diagnosis_ = as_result(diagnose_after_fit(self, self._check_inputs(X, reset=False)))
        return self

    def _partial_fit(self, X: Any, y: Any, sample_weight: Any) -> Self:
        super()._partial_fit(X, y, sample_weight)
        self.__dict__.pop("diagnosis_", None)  # it was of other parameters
        return self

    def _check_schedules(self, X: Any) -> None:
        """Refuses schedules that stay at 0 for the whole fit."""
        if self.schedule == "constant" and not callable(self.beta):
            return
        n_steps = batches.n_steps(self.batch_size, np.shape(X)[0])
        steps = np.arange(self.max_epochs * n_steps + 1)
        for name, schedule in self._scheduled().items():
            reached = evaluate_schedule(schedule, steps, n_steps, name).max()
            if reached <= _SMALLEST_SHARE * getattr(schedule, "value", 0.0):
                raise ValueError(
                    f"{name} never starts: in max_epochs={self.max_epochs} epochs its schedule reaches {reached:.2g}. "
                    f"Make schedule_epochs={self.schedule_epochs} smaller or max_epochs larger; a function of the step "
                    f"number is called with 0 to {steps[-1] - 1} here"
                )

    def _play(
        self,
        networks: Mapping[str, Any],
        training_set: Examples,
        validation: Examples | None,
        rng: np.random.Generator,
        max_epochs: int,
        callbacks: Sequence[Callback] = (),
        optimizer_states: Any = None,
        epochs_before: int = 0,
    ) -> None:
        n_steps = batches.n_steps(self.batch_size, len(training_set.X))
        last = np.array([(epochs_before + max_epochs) * n_steps - 1])
        self.beta_ = float(evaluate_schedule(self.beta, last, n_steps, "beta")[0])
        super()._play(networks, training_set, validation, rng, max_epochs, callbacks, optimizer_states, epochs_before)
        if self._is_calibrated() and self.history_.rows:
            variance = self.history_["train_variance"][self.best_epoch_ - 1]
            network = replace(self.networks_["model"], log_variance=np.asarray(np.log(variance), np.float32))
            self.networks_ = {**self.networks_, "model": network}

    def _targets(self, X: np.ndarray, y: Any, *, reset: bool) -> None:
        super()._targets(X, y, reset=reset)
        if reset:
            part = X[:: -(-len(X) // _MOST_VARIANCES)].astype(np.float64) / (self.pixel_maximum_ or 1)
            self.data_variance_ = float(part.var(axis=0).mean())
            self.n_rows_ = len(X)
        if callable(self.beta) and self.schedule != "constant":
            raise ValueError(f"schedule={self.schedule!r} leads to a number, but beta is a function: give one of them")

    def _build(self, n_inputs: int, n_outputs: int, rng: np.random.Generator) -> VAENet:
        start = self.data_variance_ if isinstance(self.variance, str) else float(self.variance)
        log_variance = float(np.log(max(start, _TINY))) if self.loss == "gaussian" else None
        return VAENet.over(super()._build(n_inputs, n_outputs, rng), log_variance)

    def _is_calibrated(self) -> bool:
        return self.loss == "gaussian" and self.variance == "calibrated"

    def _couples_rows(self) -> bool:
        return self._is_calibrated()

    def _regularizer(self) -> Regularizer:
        """What is made of the KL."""
        return "kl"

    def _penalties(self) -> dict[str, float]:
        """The numbers of the risk that it needs beside beta."""
        return {}

    def _learner(self) -> Player:
        kind: Variance = self.variance if isinstance(self.variance, str) else "fixed"
        penalties = {"capacity": 0.0, "free_bits": 0.0, "total_correlation": 0.0} | self._penalties()
        risk = VariationalRisk(
            self.loss,
            kind,
            self._regularizer(),
            int(self.posterior_samples),
            np.asarray(self.n_features_in_, np.int32),
            np.asarray(self.n_rows_, np.int32),
            number(self.dropout),
            number(self.beta_),
            smallest_variance=number(max(_SMALLEST_VARIANCE * self.data_variance_, _TINY)),
            **{name: number(value) for name, value in penalties.items()},
        )
        return self._player("model", risk)

    def _scheduled(self) -> dict[str, float | Schedule]:
        """The numbers of the risk that change from step to step."""
        if callable(self.beta):
            return {"beta": self.beta}
        return {"beta": Ramp(float(self.beta), self.schedule, int(self.schedule_epochs))}

    def _settings(self, max_epochs: int) -> Settings:
        return replace(super()._settings(max_epochs), schedules=(self._scheduled(),))
