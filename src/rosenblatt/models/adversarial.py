"""What a game of generator and discriminator is played with: its fields, its networks and its players."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, cast

import jax
import numpy as np
from sklearn.utils import check_array

from rosenblatt.models import fields
from rosenblatt.models.adversarial_risk import DiscriminatorRisk, GeneratorRisk, Scaling
from rosenblatt.models.data_range import centers_and_scales, check_range, range_of
from rosenblatt.models.examples import Examples
from rosenblatt.models.frames import frame_kind
from rosenblatt.models.image_inputs import ImageInputs, row_shape
from rosenblatt.models.referee import BEST_BY, DISCREPANCY, TOLERANCE
from rosenblatt.nn import activations
from rosenblatt.nn.autoencoder import Decoder, Encoder, fresh_decoder
from rosenblatt.nn.convnet import ConvNet
from rosenblatt.nn.describe import Chain, bytes_of_layers, describe_layers
from rosenblatt.nn.gan import Discriminator, Generator, resized
from rosenblatt.nn.initializers import initializer_for
from rosenblatt.nn.mlp import MLP, padded_widths
from rosenblatt.nn.spectral import SpectralVectors
from rosenblatt.nn.windows import Window
from rosenblatt.training import optimizers
from rosenblatt.training.players import Game, Player, Rows, number
from rosenblatt.training.schedules import Decay, Schedule, Warming
from rosenblatt.training.state import Settings

_ADAM_RATE = 0.002  # twice what is usual elsewhere, since it decays
_FEWEST_LATENTS, _MOST_LATENTS = 2, 64
_HIDDEN = (128, 128, 128)
_R1_PER_NUMBER = 0.01
_RISKS = "train_discriminator_risk", "train_generator_risk"
_SHOWN = (*_RISKS, "train_discriminator_real", "train_discriminator_fake", DISCREPANCY)

AdversarialLossName = Literal["hinge", "least-squares", "non-saturating", "saturating", "wasserstein"]


@dataclass(kw_only=True, repr=False, eq=False)
class AdversarialEstimator(ImageInputs):
    """Fields of a game of two networks on rows of numbers or images.

    Parameters
    ----------
    latent_dim : int or "auto", default="auto"
        Numbers of a code z ~ N(0, I), of which the generator makes a row. "auto" is as many as a row has, but at
        least 2 and at most 64: with more than the data vary in, the generator takes longer to learn which to leave
        alone, and of one number it cannot make two heaps without a bridge between them.
    architecture : {"dense", "conv"}, default="dense"
        Dense layers, or for images of any size strided convolutions in the discriminator and transposed ones in the
        generator, which is its mirror image.
    hidden_layer_sizes : int, sequence of int or None, default=None
        Units of the hidden dense layers of both, which the discriminator has backwards; with "conv", those between
        maps and output. None is (128, 128, 128), since two layers find fewer of many heaps, and with "conv" none,
        which is the usual DCGAN.
    channels : int or sequence of int, default=(32, 64)
        Kernels of each convolution layer of the discriminator ("conv" only).
    kernel_size : int or sequence of int, default=4
        Height and width of the kernels.
    stride : int or sequence of int, default=2
        Pixels by which the kernels move.
    padding : {"same", "valid"} or int, default="same"
        Pixels of border around the image.
    activation : str or callable, default="relu"
        Of the hidden layers of both. Kinks let the generator tear its samples apart where the data are.
    negative_slope : float >= 0, default=0.2
        The slope of "leaky_relu" below 0.
    initializer : {"auto", "he", "glorot", "lecun", "normal", "zeros"}, default="auto"
        How weights start.
    loss : {"non-saturating", "saturating", "least-squares", "hinge", "wasserstein"}, default="non-saturating"
        What the players minimise. "saturating" is the game of the paper, whose generator hardly learns while its
        samples are bad; "non-saturating" has the same equilibrium and the opposite slope. "wasserstein" has a critic
        instead of a discriminator, and needs its ``gradient_penalty``.
    r1 : float >= 0 or "auto", default="auto"
        Weight of the penalty r1 / 2 E |grad D|^2 on real rows, with which the game converges (Mescheder et al. 2018).
        It does not move the equilibrium, where D is flat. "auto" is 0.01 for each number of a row, since in rows of d
        numbers of one scale distances grow, and slopes shrink, with the root of d; and 0 for "wasserstein", whose
        critic is to have slope 1.
    gradient_penalty : float >= 0 or None, default=None
        Weight of the penalty E (|grad D| - 1)^2 between rows and samples; None is 10 for "wasserstein" and otherwise 0.
    spectral_normalization : bool, default=False
        Whether the discriminator's weights are divided by their largest singular values.
    discriminator_steps : int, default=1
        The discriminator's moves, each on a batch of its own, for each move of the generator.
    batch_size : int or "full", default=64
        Rows for each move.
    optimizer : str or optax.GradientTransformation, default="adam"
        Of both players, as for ``MLPClassifier``; "adam" forgets its mean slope with ``momentum``.
    momentum : float in [0, 1), default=0.5
        Adam's decay of the mean slope (beta 1); 0.9, which is usual elsewhere, makes games circle.
    learning_rate : float, function of the step number, or None, default=None
        Of the generator. None is 0.002 for "adam", and otherwise that of the optimizer.
    discriminator_learning_rate : float, function of the step number, or None, default=None
        None is ``learning_rate``.
    decay : bool, default=True
        Whether rates that are numbers fall to 0 in a straight line over ``max_epochs``, so that the game comes to
        rest: two players who keep moving circle around the equilibrium. Not in ``partial_fit``, whose end is open.
    averaging : float in [0, 1), default=0.999
        Samples come from the average of the generators of the game so far, which keeps this share of itself at each
        move (less in the first ones). With 0 they come from the last generator.
    label_smoothing : float in [0, 1), default=0.0
        By how much the targets of real rows are below 1 ("non-saturating", "saturating" and "least-squares" only).
        D then is (1 - label_smoothing) / 2 at the equilibrium instead of 1/2, and its risk another.
    instance_noise : float >= 0, default=0.0
        Standard deviation of noise on all that the discriminator sees, in units of what the networks see. The
        equilibrium then is one of the blurred distributions, whose details below it the game does not see.
    conditional : bool, default=False
        Whether to learn to make rows of a class: ``fit`` then needs y, and ``sample`` takes it.
    data_range : "auto", (low, high) or None, default="auto"
        Between which numbers all rows lie, and all samples are made. "auto" is 0 to 1 for bytes, and for images of
        numbers in between; the smallest and the largest number of other images; and nothing for rows of a table. None
        leaves samples without bounds.
    validation_fraction : float in (0, 1), default=0.1
        The part of X that the players never see, where ``fit`` gets no ``validation_data``.
    referee : bool, default=True
        Whether to look at the game now and then, on rows that the players do not learn from and on samples. What is
        found are the columns ``referee_*`` of the history: what the discriminator says of both, its and the generator's
        risk, and measures of how alike they are (see ``rosenblatt.metrics.Comparison``). A look never changes what is
        learned. It needs 20 held-out rows, and ``partial_fit``, which holds none out, has none.
    restore_best : bool, default=True
        Whether the networks of the best look are kept, instead of the last ones: the last one with a
        ``referee_shortfall`` of at most 0.05, which may be chance, above the smallest so far. It is the energy distance
        between samples and held-out rows, and the parts of precision and coverage that are missing to what training
        rows get in the place of samples.
    """

    _prepares_rows: ClassVar[bool] = True

    latent_dim: fields.LatentDim = "auto"
    architecture: Literal["conv", "dense"] = "dense"
    hidden_layer_sizes: fields.HiddenLayerSizes | None = None
    channels: fields.Channels = (32, 64)
    kernel_size: fields.Sizes = 4
    stride: fields.Sizes = 2
    padding: Literal["same", "valid"] | fields.NonNegativeInt = "same"
    activation: fields.ActivationName | Callable = "relu"
    negative_slope: fields.NonNegativeFloat = 0.2
    initializer: fields.InitializerName = "auto"
    loss: AdversarialLossName = "non-saturating"
    r1: fields.AutoWeight = "auto"
    gradient_penalty: fields.NonNegativeFloat | None = None
    spectral_normalization: bool = False
    discriminator_steps: fields.PositiveInt = 1
    batch_size: fields.BatchSize = 64
    optimizer: fields.OptimizerField = "adam"
    momentum: fields.Rate = 0.5
    learning_rate: fields.LearningRate = None
    discriminator_learning_rate: fields.LearningRate = None
    decay: bool = True
    averaging: fields.Rate = 0.999
    label_smoothing: fields.Rate = 0.0
    instance_noise: fields.NonNegativeFloat = 0.0
    conditional: bool = False
    data_range: fields.DataRange = "auto"
    validation_fraction: fields.Share = 0.1
    referee: bool = True
    restore_best: bool = True

    def _convolves(self) -> bool:
        return self.architecture == "conv"

    def _check_inputs(self, X: Any, *, reset: bool) -> np.ndarray:
        rows = super()._check_inputs(X, reset=reset)
        if reset:
            self.data_range_ = range_of(self.data_range, rows, self._are_images())
            self.row_shape_ = row_shape(X, rows.shape[1])
            self.frame_ = frame_kind(X)
        return rows

    def _are_images(self) -> bool:
        return self.image_shape_ is not None and len(self.image_shape_) == 3

    def _targets(self, X: np.ndarray, y: Any, *, reset: bool) -> np.ndarray | None:
        self._check_rows(X)
        if reset:
            self.n_outputs_ = X.shape[1]
            names = getattr(self, "feature_names_in_", None)
            self.center_, self.scale_ = centers_and_scales(X, self.data_range_, self._are_images(), names)
        if not self.conditional:
            return None
        return self._classes_of(y, len(X), reset=reset)

    def _check_rows(self, X: np.ndarray) -> None:
        check_range(X, self.data_range_, self._are_images())

    def _classes_of(self, y: Any, n_rows: int, *, reset: bool) -> np.ndarray:
        if y is None:
            raise ValueError(f"conditional=True learns rows of a class, so {type(self).__name__} requires y: pass it")
        given = check_array(y, ensure_2d=False, dtype=cast(Any, None), input_name="y")
        if given.ndim != 1:
            raise ValueError(f"y has shape {given.shape}; it must be ({n_rows},), one class for each row")
        if reset:
            self.classes_, counts = np.unique(given, return_counts=True)
            self.class_shares_ = counts / counts.sum()
        return self._encoded(given)

    def _encoded(self, y: np.ndarray) -> np.ndarray:
        places = {label: place for place, label in enumerate(self.classes_.tolist())}
        labels = y.tolist()
        unknown = list(dict.fromkeys(label for label in labels if label not in places))
        if unknown:
            raise ValueError(f"y holds {unknown[:5]}, which no training row had: the classes are {list(places)}")
        return np.array([places[label] for label in labels], np.int32)

    def _held_out_share(self) -> float | None:
        return self.validation_fraction

    def _held_out(self, validation_data: Any) -> tuple[Any, Any, Any]:
        is_pair = isinstance(validation_data, tuple) and len(validation_data) in (2, 3)
        return super()._held_out(validation_data) if is_pair else (validation_data, None, None)

    def _split(
        self, examples: Examples, validation_data: Any, rng: np.random.Generator
    ) -> tuple[Examples, Examples | None]:
        self._check_batch(len(examples.X))
        return super()._split(examples, validation_data, rng)

    def _rows(self, examples: Examples, widths: tuple[int, int]) -> Rows:
        self._check_batch(len(examples.X))
        return super()._rows(examples, widths)

    def _check_batch(self, n_rows: int) -> None:
        if self.batch_size != "full" and n_rows < self.batch_size:
            raise ValueError(
                f"there are n_samples={n_rows} rows to learn from, fewer than batch_size={self.batch_size}: a game "
                f"needs whole batches. Give more rows, or batch_size={max(n_rows // 4, 1)}, or 'full' (of X, "
                f"validation_fraction={self.validation_fraction:g} is held out, where there is no validation_data)"
            )

    def _stratify(self, y: np.ndarray | None) -> np.ndarray | None:
        if y is None:
            return None
        counts, n_held_out = np.bincount(y), int(np.ceil(self.validation_fraction * len(y)))
        suffice = counts.min() >= 2 and min(n_held_out, len(y) - n_held_out) >= len(counts)
        return y if suffice else None  # too few for some of each class on either side

    def _game(self) -> Game:
        optimizer = self._optimizer()
        common: dict[str, Any] = {
            "loss": self.loss,
            "has_noise": self.instance_noise > 0,
            "instance_noise": number(self.instance_noise),
            "scaling": self._scaling(self._width()),
            "n_features": np.asarray(self.n_features_in_, np.int32),
        }
        penalty = self._gradient_penalty()
        discriminator = DiscriminatorRisk(
            **common,
            has_r1=self._r1() > 0,
            has_gradient_penalty=penalty > 0,
            r1=number(self._r1()),
            gradient_penalty=number(penalty),
            label_smoothing=number(self.label_smoothing),
        )
        generator = GeneratorRisk(**common, averaging=number(self.averaging))
        moves = int(self.discriminator_steps)
        return (
            Player("discriminator", ("discriminator",), discriminator, optimizer, moves=moves, shows_gradient=True),
            Player("generator", ("generator",), generator, optimizer, shows_gradient=True),
        )

    def _r1(self) -> float:
        return self._r1_of(self.r1)

    def _r1_of(self, weight: float | str) -> float:
        if not isinstance(weight, str):
            return float(weight)
        return 0.0 if self.loss == "wasserstein" else _R1_PER_NUMBER * self.n_features_in_

    def _gradient_penalty(self) -> float:
        if self.gradient_penalty is None:
            return 10.0 if self.loss == "wasserstein" else 0.0
        return float(self.gradient_penalty)

    def _optimizer(self) -> optimizers.Optimizer:
        if self.optimizer == "adam":
            return optimizers.adam(float(self.momentum))
        return optimizers.resolve(self.optimizer, self.learning_rate)[0]

    def _settings(self, max_epochs: int) -> Settings:
        if self.label_smoothing and self.loss in ("hinge", "wasserstein"):
            raise ValueError(f"label_smoothing={self.label_smoothing} needs targets, which loss={self.loss!r} has not")
        rate = self._rate()
        judging = rate if self.discriminator_learning_rate is None else self.discriminator_learning_rate
        if self.discriminator_learning_rate is not None and not isinstance(self.optimizer, str):
            raise ValueError(
                f"discriminator_learning_rate={judging!r} is given beside an Optax object, which contains the rate of "
                "both players; leave it None, or name an optimizer"
            )
        averaging = {"averaging": Warming(float(self.averaging))} if self.averaging else {}
        rates = tuple(self._scheduled(each, max_epochs) for each in (judging, rate))
        best = {"best_by": BEST_BY, "tolerance": TOLERANCE, "keep_best": self.restore_best}
        return Settings(self.batch_size, max_epochs, rates, schedules=({}, averaging), shown=_SHOWN, **best)

    def _rate(self) -> float | Schedule:
        """The generator's learning rate, before it decays."""
        given = _ADAM_RATE if self.optimizer == "adam" and self.learning_rate is None else self.learning_rate
        return optimizers.resolve(self.optimizer, given)[1]

    def _scheduled(self, rate: float | Schedule, max_epochs: int) -> float | Schedule:
        """The rate over a whole game; a single epoch is one of ``partial_fit``, or too short to come to rest."""
        falls = self.decay and max_epochs > 1 and isinstance(self.optimizer, str)
        return Decay(float(rate), max_epochs) if falls and not callable(rate) else rate

    def _n_latents(self) -> int:
        usual = max(_FEWEST_LATENTS, min(self.n_features_in_, _MOST_LATENTS))
        return usual if isinstance(self.latent_dim, str) else int(self.latent_dim)

    def _new_networks(self, rng: np.random.Generator) -> dict[str, Any]:
        network = self._new_network(rng)  # the discriminator's, whose mirror image the generator is
        n_classes = len(self.classes_) if self.conditional else 0
        made = self._generator_network(network, n_classes, rng)
        output = activations.identity if self.data_range_ is None else activations.tanh
        generator = Generator(made, output, n_classes)
        discriminator = Discriminator(network, self._embedding(network, n_classes, rng))
        networks: dict[str, Any] = {"generator": generator, "discriminator": discriminator}
        if self.averaging:
            networks["average"] = jax.tree.map(np.copy, generator)
        if self.spectral_normalization:
            networks["spectral"] = SpectralVectors.initialize(discriminator, rng)
        return networks

    def _build(self, n_inputs: int, n_outputs: int, rng: np.random.Generator) -> Encoder:
        """The discriminator's network."""
        usual = () if self._convolves() else _HIDDEN
        sizes = usual if self.hidden_layer_sizes is None else self.hidden_layer_sizes
        hidden = np.atleast_1d(np.asarray(sizes, int)).tolist()[::-1]
        channels = np.atleast_1d(np.asarray(self.channels, int)).tolist() if self._convolves() else []
        functions = [activations.resolve(self.activation, float(self.negative_slope))] * (len(channels) + len(hidden))
        if not channels:
            return MLP.initialize([n_inputs, *hidden, 1], functions, self.initializer, rng)
        shape = self.image_shape_ or ()
        window = Window.of(self.kernel_size, self.stride, self.padding, n_axes=len(shape) - 1)
        return ConvNet.initialize(shape, channels, window, None, None, hidden, 1, functions, self.initializer, rng)

    def _generator_network(self, discriminator: Encoder, n_classes: int, rng: np.random.Generator) -> Decoder:
        return fresh_decoder(discriminator, self._n_latents() + n_classes, self.initializer, rng)

    def _embedding(self, network: Encoder, n_classes: int, rng: np.random.Generator) -> np.ndarray | None:
        """Of the classes, all 0 at first, so that labels mean nothing before it is learned what.

        Weights that are normalised have no small values: those start like others.
        """
        if not n_classes:
            return None
        head = network if isinstance(network, MLP) else network.head
        shape = head.layers[-1].weight.shape[0], n_classes
        if not self.spectral_normalization:
            return np.zeros(shape, np.float32)
        return initializer_for(self.initializer, activations.identity)(shape, *shape, rng).astype(np.float32)

    def _width(self) -> int:
        """Numbers of a row in the networks that run, which may be padded."""
        return self.n_features_in_ if self._convolves() else padded_widths(self.n_features_in_, 1)[0]

    def _scaling(self, width: int) -> Scaling:
        if self._convolves():
            return Scaling(np.asarray(self.center_), np.asarray(self.scale_))
        # Padding must stay 0, as in samples: one number for all columns would give it away to the discriminator.
        missing = (0, width - self.n_features_in_)
        center, scale = (np.broadcast_to(each, self.n_features_in_) for each in (self.center_, self.scale_))
        return Scaling(np.pad(center, missing), np.pad(scale, missing, constant_values=1.0))

    def _padded_networks(self, networks: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[int, int]]:
        width = self._width()
        return resized(networks, "padded", width), (width, width)

    def _public_networks(self, networks: dict[str, Any]) -> dict[str, Any]:
        trimmed = resized(networks, "trimmed", self.n_features_in_)
        return jax.tree.map(lambda leaf: np.array(leaf) if hasattr(leaf, "shape") else leaf, trimmed)

    def _validation_rows(self, validation: Any, widths: tuple[int, int]) -> None:
        return None  # they are the referee's

    def _learned(self) -> dict[str, Any]:
        return {name: self.networks_[name] for name in ("generator", "discriminator")}

    def _chains(self, networks: Mapping[str, Any]) -> list[Chain]:
        generator, discriminator = networks["generator"], networks["discriminator"]
        n_inputs = generator.latent_dim + generator.n_classes
        classes = f" + {generator.n_classes} classes" if generator.n_classes else ""
        return [
            Chain(f"{generator.latent_dim} latents{classes}", describe_layers(generator, n_inputs)),
            Chain(f"{self.n_features_in_} inputs", describe_layers(discriminator, self.n_features_in_)),
        ]

    def _bytes_of_layers(self, networks: Mapping[str, Any]) -> int:
        generator, discriminator = networks["generator"], networks["discriminator"]
        of_codes = bytes_of_layers(generator.network, generator.network.head.n_inputs)
        return of_codes + 2 * bytes_of_layers(discriminator.network, self.n_features_in_)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.target_tags.required = self.conditional
        return tags
