"""What every estimator that is trained by the engine shares: its training fields and its way through a fit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import jax
import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state, estimator_html_repr
from sklearn.utils.validation import validate_data

from rosenblatt.data.checks import as_float32, check_varies, flatten_images
from rosenblatt.models import fields
from rosenblatt.models.sklearn_callbacks import CallbackSupport
from rosenblatt.models.summary import summary_html
from rosenblatt.nn.augmentation import Augmentation
from rosenblatt.nn.parameters import ParameterCount, count_parameters
from rosenblatt.training import devices, optimizers
from rosenblatt.training.errors import NonFiniteRiskError
from rosenblatt.training.history import History
from rosenblatt.training.loop import Judge, Training
from rosenblatt.training.players import Game, Objective, Player, Rows, number
from rosenblatt.training.progress import ProgressBar
from rosenblatt.training.state import Settings


class Fitted:
    """What a fit sets. (No dataclass: these are no fields.)"""

    networks_: dict[str, Any]
    history_: History
    n_epochs_: int
    best_epoch_: int
    n_parameters_: ParameterCount
    stopped_: str
    n_features_in_: int
    n_outputs_: int
    image_shape_: tuple[int, ...] | None


@dataclass(kw_only=True, repr=False, eq=False)
class EngineEstimator(Fitted, CallbackSupport, BaseEstimator):
    """Fields of everything that the engine trains.

    Parameters
    ----------
    max_epochs : int, default=100
        How often the whole training set is gone through, at most.
    random_state : int, RandomState or None, default=None
        Seed of the initial weights, the batches and the noise: the same number gives the same bits on one machine.
    verbose : {0, 1, 2}, default=0
        0 is silent, 1 shows a progress bar (a line now and then where the output is no terminal), 2 a line an epoch.
    callbacks : sequence, default=()
        Functions ``f(epoch, logs) -> bool | None`` or instances of ``Callback``, called after each epoch; true ends
        the fit.
    warm_start : bool, default=False
        Whether ``fit`` starts from the parameters of the fit before.
    device : str, default="auto"
        "auto" is JAX's default device; otherwise a platform such as "cpu" or "gpu".

    Attributes
    ----------
    networks_ : dict of networks by name, whose parameters are NumPy arrays
        A single network is called "model".
    history_ : History
    n_epochs_, best_epoch_ : int
        Whole epochs that were trained, and the one of the lowest validation risk (the last one without validation).
    n_parameters_ : ParameterCount (weights, biases)
    stopped_ : {"max_epochs", "early_stopping", "callback", "interrupted"}
        Why the fit ended.
    n_features_in_ : int
    feature_names_in_ : ndarray of str, where X had names
    image_shape_ : (height, width, channels) where X was images, else None
    """

    max_epochs: fields.PositiveInt = 100
    random_state: fields.RandomState = None
    verbose: Literal[0, 1, 2] = 0
    callbacks: Sequence[Any] = ()
    warm_start: bool = False
    device: str = "auto"

    def _check_inputs(self, X: Any, *, reset: bool) -> np.ndarray:
        """X as float32 rows; images are flattened, sparse rows filled in."""
        X, image_shape = flatten_images(X)
        # Integers become float32 without a detour; all else may hold numbers that float32 does not, so it is looked at.
        kind = getattr(getattr(X, "dtype", None), "kind", "unknown")
        dtypes = (np.float32, np.float64) if kind in ("b", "i", "u") else (np.float64, np.float32)
        X = validate_data(self, X, reset=reset, accept_sparse="csr", dtype=dtypes)
        X = as_float32(X if isinstance(X, np.ndarray) else X.toarray())
        if reset:
            check_varies(X, type(self).__name__)
            self.image_shape_ = image_shape
        return X

    def _generators(self) -> dict[str, np.random.Generator]:
        """Independent generators for the parts of a fit, from ``random_state``."""
        seed = self.random_state
        if not isinstance(seed, int | np.integer):
            seed = check_random_state(seed).randint(2**31 - 1)
        parts = ("split", "initialize", "train")
        children = np.random.SeedSequence(int(seed)).spawn(len(parts))
        return {part: np.random.default_rng(child) for part, child in zip(parts, children, strict=True)}

    def _train(
        self,
        game: Game,
        networks: dict[str, Any],
        rows: Rows,
        validation: Rows | None,
        settings: Settings,
        rng: np.random.Generator,
        callbacks: Sequence[Any] = (),
        optimizer_states: Any = None,
        epochs_before: int = 0,
        judge: Judge | None = None,
    ) -> Training:
        """Plays the game and keeps what came out of it, also where it ends in a risk that is not finite."""
        bars = [ProgressBar(self.verbose)] if self.verbose else []
        callbacks = [*self.callbacks, *callbacks, *bars]
        identity = fields.describe_fields(self, without=("max_epochs", "verbose", "callbacks", "device"))
        training = Training(
            game,
            networks,
            rows,
            validation,
            settings,
            rng,
            callbacks,
            optimizer_states,
            {"class": type(self).__name__} | identity,
            epochs_before,
            judge,
        )
        try:
            training.run()
        except NonFiniteRiskError:
            self._keep(training)
            raise
        self._keep(training)
        return training

    def _keep(self, training: Training) -> None:
        """Sets the fitted attributes from the training."""
        self.networks_ = self._public_networks(training.final_networks())
        self.history_ = training.history
        self.n_epochs_ = training.state.epoch
        best = training.state.best
        self.best_epoch_ = best.epoch if best else training.state.epoch
        self.n_parameters_ = count_parameters(self._learned())
        self.stopped_ = training.stopped
        self._resumable = (jax.tree.map(np.asarray, training.state.optimizer_states), training.rng)

    def _fitted_attributes(self, training: Training) -> dict[str, Any]:
        """The fitted attributes as if the fit had ended now, for callbacks."""
        return {"networks_": self._public_networks(training.networks()), "history_": training.history}

    def _public_networks(self, networks: dict[str, Any]) -> dict[str, Any]:
        """The networks as the user sees them: NumPy arrays, without padding."""
        raise NotImplementedError

    def _learned(self) -> dict[str, Any]:
        """The fitted networks that players own, whose parameters count."""
        return self.networks_

    def _settings(self, max_epochs: int) -> Settings:
        """How to play."""
        raise NotImplementedError

    def _held_out_share(self) -> float | None:
        """The part of X that is set aside for validation, if any."""
        return None

    def _placement(self) -> Any:
        """The device, or the devices, that train."""
        return devices.select(self.device)

    def _micro_batch(self, networks: Mapping[str, Any], n_rows: int) -> int | None:
        """How many rows' gradient is computed at a time, if not that of a whole batch of a set of that size."""
        del networks, n_rows
        return None

    def _augmentation(self) -> Augmentation | None:
        """The random changes of training images, if any."""
        return None

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "networks_")

    def _html_repr(self) -> str:
        """scikit-learn's diagram, and below it the network once there is one."""
        return estimator_html_repr(self) + (summary_html(self) if hasattr(self, "networks_") else "")


@dataclass(kw_only=True, repr=False, eq=False)
class NetworkEstimator(EngineEstimator):
    """Fields of the estimators that descend a risk.

    Parameters
    ----------
    batch_size : int or "full", default=64
        Rows for each update: "full" is gradient descent, 1 stochastic gradient descent, anything between mini-batch
        gradient descent. The rows are shuffled before each epoch; the last batch may be shorter.
    optimizer : str or optax.GradientTransformation, default="adam"
        "sgd", "momentum", "nesterov" (both with momentum 0.9), "rmsprop", "adam", "adamw" (whose l2 does not pass
        through the moments), or an Optax object.
    learning_rate : float, function of the step number, or None, default=None
        None is 0.001 for adam, adamw and rmsprop, 0.01 for sgd, momentum and nesterov; an Optax object has its own
        and needs None. An Optax schedule is such a function.
    early_stopping : bool, default=False
        Whether to end when the validation risk has not fallen for ``patience`` epochs, and to keep the parameters of
        the epoch where it was lowest. The validation rows are ``validation_data`` or a part of X.
    validation_fraction : float in (0, 1), default=0.1
        The part of X that is set aside by early stopping where ``fit`` gets no ``validation_data``.
    patience : int, default=10
        Epochs to wait for a lower validation risk.
    dropout : float in [0, 1), default=0.0
        The probability with which each hidden unit is dropped at each update; none is when predicting.
    l1, l2 : float >= 0, default=0.0
        The risk has the penalty l1 sum |w| + l2 sum w^2 over all weights (not biases).
    """

    batch_size: fields.BatchSize = 64
    optimizer: fields.OptimizerField = "adam"
    learning_rate: fields.LearningRate = None
    early_stopping: bool = False
    validation_fraction: fields.Share = 0.1
    patience: fields.PositiveInt = 10
    dropout: fields.Rate = 0.0
    l1: fields.NonNegativeFloat = 0.0
    l2: fields.NonNegativeFloat = 0.0

    def _player(self, name: str, objective: Objective) -> Player:
        """The owner of the network of that name, who learns as the fields say."""
        optimizer, _ = optimizers.resolve(self.optimizer, self.learning_rate)
        penalties = number(self.l1), number(self.l2)
        return Player(name, (name,), objective, optimizer, *penalties)

    def _settings(self, max_epochs: int) -> Settings:
        _, rate = optimizers.resolve(self.optimizer, self.learning_rate)
        patience = self.patience if self.early_stopping else None
        return Settings(self.batch_size, max_epochs, (rate,), patience)

    def _held_out_share(self) -> float | None:
        return self.validation_fraction if self.early_stopping else None
