"""Transfer learning: a head learns a task from the codes of a trained encoder, then all layers learn it together."""

from typing import Any, Literal

import numpy as np
from sklearn.utils.multiclass import type_of_target
from sklearn.utils.validation import check_is_fitted

from rosenblatt.data.wording import listed, suggestion
from rosenblatt.models import fields
from rosenblatt.models.convnet import ConvClassifier, ConvRegressor
from rosenblatt.models.encoder_decoder import EncoderDecoder, encode
from rosenblatt.models.examples import Examples
from rosenblatt.models.mlp import MLPClassifier, MLPRegressor
from rosenblatt.nn.activations import for_each
from rosenblatt.nn.autoencoder import AutoencoderNet, Encoder
from rosenblatt.nn.convnet import ConvNet
from rosenblatt.nn.mlp import MLP
from rosenblatt.nn.parameters import count_parameters
from rosenblatt.training.history import History

Task = Literal["auto", "classification", "regression"]

_HEADS = {"classification": MLPClassifier, "regression": MLPRegressor}
_CONVOLUTIONAL = {"classification": ConvClassifier, "regression": ConvRegressor}
_OF_THE_ENCODER = (
    *("channels", "dilation", "image_shape", "kernel_size", "negative_slope", "network"),
    *("normalization", "padding", "pool_size", "pooling", "stride"),
)
_OF_ONE_FIT = ("callbacks", "warm_start")
_OF_THE_TARGET = ("_has_columns", "_kind", "classes_", "n_outputs_")


def fine_tune(
    encoder: Any,
    X: Any,
    y: Any,
    *,
    task: Task = "auto",
    freeze_epochs: int = 20,
    max_epochs: int = 100,
    learning_rate: Any = None,
    hidden_layer_sizes: Any = (),
    activation: Any = "relu",
    sample_weight: Any = None,
    validation_data: Any = None,
    random_state: Any = None,
    **settings: Any,
) -> Any:
    """A classifier or regressor on a trained encoder, for tasks with fewer labels than rows.

    First the encoder is frozen and a head learns from its codes; then, with a fresh optimizer, the layers of both learn
    together. What comes back is an estimator like any other: it predicts, is saved and loaded, and ``partial_fit``
    goes on with it (``fit`` would start afresh). The autoencoder stays as it is.

    Parameters
    ----------
    encoder : Autoencoder
        Fitted, dense or convolutional.
    X : array-like (n_samples, n_features), or images (n, height, width[, channels])
        Rows as the encoder was fitted on. A dense encoder of bytes (uint8) needs them divided by 255 here, since the
        dense estimators take numbers as they are.
    y : array-like (n_samples,) or (n_samples, n_outputs)
    task : {"auto", "classification", "regression"}, default="auto"
        "auto" is regression where scikit-learn's ``type_of_target`` calls y continuous. Whole numbers are classes.
    freeze_epochs : int >= 0, default=20
        Epochs in which the head alone learns, without dropout or augmentation in the encoder. 0 begins with all layers;
        ``max_epochs`` never changes the encoder.
    max_epochs : int, default=100
        Epochs in all.
    learning_rate : float, function of the step number, or None, default=None
        Of both phases, as for ``MLPClassifier``; each counts its steps from 0.
    hidden_layer_sizes : int or sequence of int, default=()
        Units of the head's hidden layers, between the code and the outputs.
    activation : str, callable, or a sequence with one for each hidden layer of the head, default="relu"
    sample_weight : array-like (n_samples,), optional
    validation_data : (X, y) or (X, y, sample_weight), optional
        Its risk is in the history after each epoch, and decides early stopping.
    random_state : int, RandomState or None, default=None
        Seed of the head's weights, the batches and the noise.
    **settings
        Other training fields of the estimator: ``batch_size``, ``class_weight``, ``dropout``, ``early_stopping``,
        ``l2``, ``loss`` of a regressor, ... Under early stopping each phase has the patience to itself, and the
        parameters of the best epoch of both are kept.

    Returns
    -------
    MLPClassifier or MLPRegressor, or for convolutional encoders ConvClassifier or ConvRegressor
        Its hidden layers are the encoder's, the code, and the head's. ``history_`` has all epochs; its column
        ``frozen`` is 1 where the head alone learned.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        If the encoder is not fitted.
    TypeError
        If the encoder is no autoencoder, or a setting is none of the estimator's or follows from the encoder.
    ValueError
        If the epochs, a setting or the data are not fit to learn from.
    NonFiniteRiskError
        If the fit diverged.

    Examples
    --------
    >>> from rosenblatt import Autoencoder, fine_tune
    >>> from sklearn.datasets import load_digits
    >>> X, y = load_digits(return_X_y=True)
    >>> encoder = Autoencoder(latent_dim=16, learning_rate=0.003, max_epochs=40, random_state=0).fit(X / 16)
    >>> model = fine_tune(encoder, X[:200] / 16, y[:200], learning_rate=0.003, random_state=0)
    >>> type(model).__name__, model.hidden_layer_sizes
    ('MLPClassifier', (128, 16))
    >>> model.score(X[200:] / 16, y[200:]) > 0.75
    True
    """
    trained = _trained(encoder)
    _check_epochs(freeze_epochs, max_epochs)
    kind = _resolve_task(task, y)
    settings |= {"learning_rate": learning_rate, "max_epochs": max_epochs, "random_state": random_state}
    head = _head(kind, encoder, hidden_layer_sizes, activation, settings)
    model = _whole(kind, encoder, trained.encoder, head, settings)
    fields.validate_fields(model)
    _check_rows(encoder, X)
    if validation_data is not None:
        _check_rows(encoder, model._held_out(validation_data)[0])

    generators = model._generators()
    examples = model._examples(X, y, sample_weight, reset=True)
    sets = model._split(examples, validation_data, generators["split"])
    _learn_head(head, model, [_coded(encoder, each) for each in sets], generators, freeze_epochs)
    _learn_all(model, head, trained, sets, generators["train"], max_epochs - freeze_epochs)
    return model


def _trained(encoder: Any) -> AutoencoderNet:
    if not isinstance(encoder, EncoderDecoder):
        found = encoder.__name__ if isinstance(encoder, type) else type(encoder).__name__
        raise TypeError(f"encoder is of type {found}; a fitted Autoencoder is needed")
    check_is_fitted(encoder)
    return encoder._network_of(AutoencoderNet).deterministic()


def _check_epochs(freeze_epochs: Any, max_epochs: Any) -> None:
    whole = all(isinstance(each, int | np.integer) for each in (freeze_epochs, max_epochs))
    if not whole or max_epochs < 1 or not 0 <= freeze_epochs <= max_epochs:
        raise ValueError(
            f"freeze_epochs={freeze_epochs!r} and max_epochs={max_epochs!r}; whole numbers are needed with "
            "0 <= freeze_epochs <= max_epochs and max_epochs >= 1, since max_epochs counts the frozen epochs too"
        )


def _resolve_task(task: str, y: Any) -> str:
    if task == "auto":
        return "regression" if type_of_target(y, input_name="y").startswith("continuous") else "classification"
    if task not in _HEADS:
        raise ValueError(f"task={task!r} is not known; use one of 'auto', {', '.join(map(repr, _HEADS))}")
    return task


def _head(task: str, encoder: EncoderDecoder, hidden_layer_sizes: Any, activation: Any, settings: dict) -> Any:
    """What learns from codes; of images' settings it needs none."""
    kind = _HEADS[task]
    own = {name: value for name, value in settings.items() if name in fields.own_fields(kind)}
    layers = {"hidden_layer_sizes": hidden_layer_sizes, "activation": activation}
    head = kind(**layers, negative_slope=encoder.negative_slope, **own)
    fields.validate_fields(head)
    return head


def _whole(task: str, encoder: EncoderDecoder, trained: Encoder, head: Any, settings: dict) -> Any:
    """The unfitted estimator that has the layers of the encoder and of the head."""
    convolves = isinstance(trained, ConvNet)
    kind = (_CONVOLUTIONAL if convolves else _HEADS)[task]
    _check_settings(kind, settings)
    dense = trained.head if convolves else trained
    n_blocks = len(trained.features.blocks) if convolves else 0
    hidden = np.atleast_1d(np.asarray(head.hidden_layer_sizes, int)).tolist()
    layers = {
        "hidden_layer_sizes": (*(layer.weight.shape[1] for layer in dense.layers), *hidden),
        "activation": (
            *for_each(encoder.activation, n_blocks + len(dense.activations)),
            getattr(encoder, "code_activation", "identity"),
            *for_each(head.activation, len(hidden)),
        ),
        "negative_slope": encoder.negative_slope,
    }
    if convolves:
        shape = trained.features.image_shape
        windows = {name: getattr(encoder, name) for name in ("channels", "kernel_size", "stride", "padding")}
        layers |= windows | {"pooling": None, "image_shape": shape if len(shape) == 3 else shape[:1]}
    return kind(**layers, **settings)


def _check_settings(kind: type, settings: dict[str, Any]) -> None:
    own = fields.own_fields(kind)
    fixed = [name for name in settings if name in _OF_THE_ENCODER]
    if fixed:
        raise TypeError(f"{listed(fixed)} follow from the encoder, whose layers stay what they are: leave them out")
    twice = [name for name in settings if name in _OF_ONE_FIT]
    if twice:
        raise TypeError(f"{listed(twice)} belong to one fit, and fine_tune makes two: leave them out")
    for name in settings:
        if name not in own:
            raise TypeError(f"{kind.__name__} has no field {name!r}.{suggestion(name, own)}")


def _check_rows(encoder: EncoderDecoder, X: Any) -> None:
    """Refuses rows that the encoder, or the estimator that shall have its layers, would not understand."""
    rows = encoder._check_inputs(X, reset=False)
    if rows.dtype == np.uint8 and not encoder._convolves():
        raise ValueError(
            "X holds bytes (uint8), which a dense autoencoder divides by 255 and a multi-layer perceptron does not: "
            "pass X / 255 here and to predict"
        )


def _coded(encoder: EncoderDecoder, examples: Examples | None) -> Examples | None:
    """The examples with codes in the place of their rows."""
    return None if examples is None else examples._replace(X=encoder._each_checked(encode, examples.X))


def _learn_head(head: Any, model: Any, sets: list[Any], generators: dict[str, Any], n_epochs: int) -> None:
    """Trains the head on codes, as it would train itself."""
    codes, validation = sets
    head.n_features_in_ = codes.X.shape[1]
    for name in _OF_THE_TARGET:
        if hasattr(model, name):
            setattr(head, name, getattr(model, name))
    network = head._new_network(generators["initialize"])
    head.networks_, head.history_, head.n_epochs_, head.stopped_ = {"model": network}, History(), 0, ""
    if n_epochs:
        head._play(head.networks_, codes, validation, generators["train"], n_epochs)


def _learn_all(model: Any, head: Any, trained: AutoencoderNet, sets: Any, rng: np.random.Generator, n: int) -> None:
    """Trains encoder and head together for n epochs, and sets the fitted attributes from both phases."""
    joined = _joined(trained, head.networks_["model"])
    frozen = _frozen_rows(model, head, trained.encoder)
    n_frozen, rows = len(frozen), []
    if n and head.stopped_ != "interrupted":
        model._play({"model": joined}, *sets, rng, n)
        rows = [row | {"epoch": n_frozen + row["epoch"], "frozen": 0.0} for row in model.history_.rows]
    else:
        model.stopped_, model._resumable = head.stopped_, (None, rng)
    model.history_ = History([*frozen, *rows])
    model.n_epochs_ = model.best_epoch_ = n_frozen + len(rows)
    if "validation_risk" in model.history_:
        model.best_epoch_ = int(np.argmin(model.history_["validation_risk"])) + 1
    if not rows or (model.early_stopping and model.best_epoch_ <= n_frozen):
        model.networks_ = model._public_networks({"model": joined})  # copies: the autoencoder keeps its arrays
    model.n_parameters_ = count_parameters(model.networks_)


def _frozen_rows(model: Any, head: Any, trained: Encoder) -> list[dict[str, float]]:
    """The history of the head, with the penalty of the encoder's weights, which stays the same, in its risks."""
    penalty = model._learner().penalty({"model": trained})
    risks = ("train_risk", "validation_risk")
    return [
        row | {name: row[name] + penalty for name in risks if name in row} | {"frozen": 1.0}
        for row in head.history_.rows
    ]


def _joined(trained: AutoencoderNet, head: MLP) -> MLP | ConvNet:
    """The layers of the encoder, the activation of its code, and the layers of the head."""
    encoder = trained.encoder
    dense = encoder.head if isinstance(encoder, ConvNet) else encoder
    functions = (*dense.activations, trained.code_activation, *head.activations)
    whole = MLP((*dense.layers, *head.layers), functions)
    return ConvNet(encoder.features, whole) if isinstance(encoder, ConvNet) else whole
