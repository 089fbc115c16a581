"""The way through a fit on rows: they are checked, divided, put on the device, and networks learn from them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, NamedTuple, Self, TypeVar

import equinox as eqx
import jax
import numpy as np
from sklearn.model_selection import train_test_split
from sklearn.utils import check_array, check_consistent_length

from rosenblatt.models import fields
from rosenblatt.models.base import EngineEstimator
from rosenblatt.models.sklearn_callbacks import sklearn_callbacks
from rosenblatt.nn.describe import Chain, describe_layers
from rosenblatt.nn.mlp import MLP, pad_columns, padded_widths
from rosenblatt.training import devices
from rosenblatt.training.batches import make_rows
from rosenblatt.training.callbacks import Callback
from rosenblatt.training.history import History
from rosenblatt.training.inference import ROWS, AtOnce
from rosenblatt.training.loop import Judge
from rosenblatt.training.players import Game, Player, Rows

Known = TypeVar("Known")


class Examples(NamedTuple):
    """Rows on the host; ``y`` is None where nothing but X is learned."""

    X: np.ndarray
    y: Any
    weights: np.ndarray | None

    def part(self, indices: np.ndarray) -> "Examples":
        y, weights = (None if column is None else column[indices] for column in self[1:])
        return Examples(self.X[indices], y, weights)


def check_weights(sample_weight: Any, n_rows: int) -> np.ndarray | None:
    """Weights as float64.

    Raises
    ------
    ValueError
        If there is not one for each row, or one is negative or not finite, or all are 0.
    """
    if sample_weight is None:
        return None
    weights = check_array(sample_weight, ensure_2d=False, dtype="float64", input_name="sample_weight")
    if weights.ndim == 0:
        weights = np.full(n_rows, float(weights))
    if weights.shape != (n_rows,):
        raise ValueError(f"sample_weight has shape {weights.shape}; it must be ({n_rows},), one number for each row")
    if weights.min() < 0:
        raise ValueError(f"sample_weight must be >= 0; the smallest weight is {weights.min():g}")
    if not weights.any():
        raise ValueError("sample_weight is zero for every row, so none counts; give some rows a weight above zero")
    return weights


@dataclass(kw_only=True, repr=False, eq=False)
class ExampleEstimator(EngineEstimator):
    """The way of the estimators that learn from rows, with or without a target.

    What they put to use is one network, named "model"; others may play against it.
    """

    # Whether the scale and the number of rows need no word of warning: they are scaled here, and none is a target.
    _prepares_rows: ClassVar[bool] = False

    @property
    def _at_once(self) -> AtOnce:
        """How many rows are predicted at a time."""
        return ROWS

    def _targets(self, X: np.ndarray, y: Any, *, reset: bool) -> Any:
        """Checked targets as the loss wants them, if it wants any; with ``reset`` they define the outputs."""
        raise NotImplementedError

    def _build(self, n_inputs: int, n_outputs: int, rng: np.random.Generator) -> Any:
        """A fresh network "model", with NumPy parameters."""
        raise NotImplementedError

    def _learner(self) -> Player:
        """The player that owns the network "model"."""
        raise NotImplementedError

    def _game(self) -> Game:
        """All players, in the order of their moves."""
        return (self._learner(),)

    def _judge(self, training_set: Examples, validation: Examples | None, max_epochs: int) -> Judge | None:
        """Who looks at the networks at the end of an epoch, beside the risks of the validation rows.

        One that is a callback hears the fit too.
        """
        del training_set, validation, max_epochs
        return None

    def _chains(self, networks: Mapping[str, Any]) -> list[Chain]:
        """The layers of the networks that are described."""
        return [Chain(f"{self.n_features_in_} inputs", describe_layers(networks["model"], self.n_features_in_))]

    def _weights(self, y: Any, weights: np.ndarray | None) -> np.ndarray | None:
        """The rows' weights, once those of their classes are in."""
        del y
        return weights

    def _stratify(self, y: Any) -> np.ndarray | None:
        """The labels whose shares a validation split keeps, if any."""
        del y
        return None

    def _network_of(self, kind: type[Known]) -> Known:
        """The fitted network, whose parts are known where it is none of the user's own.

        Raises
        ------
        AttributeError
            If there is none yet, or it is another one.
        """
        if not hasattr(self, "networks_"):
            raise AttributeError(f"this {type(self).__name__} has no layers yet: call fit first")
        network = self.networks_["model"]
        if not isinstance(network, kind):
            raise AttributeError(
                f"this {type(self).__name__} has a network of your own ({type(network).__name__}), whose parts are "
                "not known here; it is networks_['model']"
            )
        return network

    def _fit(self, X: Any, y: Any, sample_weight: Any, validation_data: Any) -> Self:
        """Learns afresh or, with ``warm_start``, from where the fit before ended."""
        fields.validate_fields(self)
        warm = self.warm_start and hasattr(self, "networks_")
        generators = self._generators()
        examples = self._examples(X, y, sample_weight, reset=not warm)
        training_set, validation = self._split(examples, validation_data, generators["split"])
        networks = self.networks_ if warm else self._new_networks(generators["initialize"])
        told = sklearn_callbacks(self, X, y, self._fitted_attributes)
        self._play(networks, training_set, validation, generators["train"], self.max_epochs, told)
        return self

    def _partial_fit(self, X: Any, y: Any, sample_weight: Any) -> Self:
        """One epoch from where the estimator stands; the first call starts it."""
        fields.validate_fields(self)
        first = not hasattr(self, "networks_")
        examples = self._examples(X, y, sample_weight, reset=first)
        if first:
            generators = self._generators()
            networks, rng = self._new_networks(generators["initialize"]), generators["train"]
            self._play(networks, examples, None, rng, 1)
        else:
            states, rng = self._resumable
            earlier = self.history_.rows
            self._play(self.networks_, examples, None, rng, 1, optimizer_states=states, epochs_before=len(earlier))
            self.history_ = History([*earlier, *(row | {"epoch": len(earlier) + 1} for row in self.history_.rows)])
            self.n_epochs_ = self.best_epoch_ = len(self.history_.rows)
        return self

    def _examples(self, X: Any, y: Any, sample_weight: Any, *, reset: bool) -> Examples:
        """Checked rows; with ``reset`` they define inputs and outputs, otherwise they must fit those."""
        X = self._check_inputs(X, reset=reset)
        targets = self._targets(X, y, reset=reset)
        if targets is not None:
            check_consistent_length(X, targets)
        return Examples(X, targets, self._weights(targets, check_weights(sample_weight, len(X))))

    def _split(
        self, examples: Examples, validation_data: Any, rng: np.random.Generator
    ) -> tuple[Examples, Examples | None]:
        """The training and the validation rows."""
        if validation_data is not None:
            return examples, self._examples(*self._held_out(validation_data), reset=False)
        share = self._held_out_share()
        if share is None:
            return examples, None
        try:
            train, validation = train_test_split(
                np.arange(len(examples.X)),
                test_size=share,
                stratify=self._stratify(examples.y),
                random_state=int(rng.integers(2**31)),
            )
        except ValueError as error:
            instead = ", or set early_stopping=False" if hasattr(self, "early_stopping") else ""
            raise ValueError(
                f"{share:.0%} of {len(examples.X)} rows cannot be set aside for validation: {error}. Pass "
                f"validation_data{instead}"
            ) from error
        return examples.part(np.asarray(train)), examples.part(np.asarray(validation))

    def _held_out(self, validation_data: Any) -> tuple[Any, Any, Any]:
        """X, y and sample_weight from what ``fit`` was given as ``validation_data``."""
        if not isinstance(validation_data, tuple | list) or len(validation_data) not in (2, 3):
            raise ValueError(
                "validation_data must be (X, y) or (X, y, sample_weight), "
                f"got {type(validation_data).__name__} of length {np.size(validation_data)}"
            )
        X, y, *weight = validation_data
        return X, y, weight[0] if weight else None

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
        """Trains the networks as a game."""
        playing, widths = self._padded_networks(networks)
        rows, held_out = self._rows(training_set, widths), self._validation_rows(validation, widths)
        settings = self._settings(max_epochs)
        micro_batch = self._micro_batch(playing, len(training_set.X))
        game = tuple(replace(player, micro_batch=micro_batch) for player in self._game())
        judge = self._judge(training_set, validation, max_epochs)
        heard = [each for each in (*callbacks, judge) if isinstance(each, Callback)]
        self._train(game, playing, rows, held_out, settings, rng, heard, optimizer_states, epochs_before, judge)

    def _padded_networks(self, networks: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[int, int]]:
        """The networks in the shapes that they run in, and how many inputs and outputs they then have."""
        network, widths = self._padded(networks["model"])
        return {**networks, "model": network}, widths

    def _validation_rows(self, validation: Examples | None, widths: tuple[int, int]) -> Rows | None:
        """The rows whose risk is evaluated after each epoch."""
        return None if validation is None else self._rows(validation, widths)

    def _padded(self, network: Any) -> tuple[Any, tuple[int, int]]:
        """The network in the shape that it runs in, and how many inputs and outputs that has."""
        widths = (self.n_features_in_, self.n_outputs_)
        if not isinstance(network, MLP):
            return network, widths
        widths = padded_widths(*widths)
        return network.padded(*widths), widths

    def _rows(self, examples: Examples, widths: tuple[int, int]) -> Rows:
        """The examples on the device, with as many columns as the network that is trained has inputs and outputs."""
        X = pad_columns(examples.X, widths[0])
        y = examples.y
        if y is not None and y.ndim == 2:
            y = pad_columns(y, widths[1])
        return make_rows(X, y, examples.weights, self._placement())

    def _new_network(self, rng: np.random.Generator) -> Any:
        devices.prepare()  # a network of the user's own may start JAX
        return self._build(self.n_features_in_, self.n_outputs_, rng)

    def _new_networks(self, rng: np.random.Generator) -> dict[str, Any]:
        """The networks of all players."""
        return {"model": self._new_network(rng)}

    def _public_networks(self, networks: dict[str, Any]) -> dict[str, Any]:
        public = {**networks, "model": self._trimmed(networks["model"])}
        return jax.tree.map(lambda leaf: np.array(leaf) if eqx.is_array(leaf) else leaf, public)

    def _trimmed(self, network: Any) -> Any:
        """The network "model" as the user sees it, without padding."""
        return network.trimmed(self.n_features_in_, self.n_outputs_) if isinstance(network, MLP) else network
