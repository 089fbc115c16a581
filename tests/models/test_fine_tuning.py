"""Fine-tuning against its two phases done by hand: a head on codes, and a warm start of the joined layers."""

from functools import partial

import jax
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.exceptions import NotFittedError

from rosenblatt import Autoencoder, ConvClassifier, ConvRegressor, MLPClassifier, MLPRegressor, fine_tune, load, save
from rosenblatt.nn.mlp import MLP

pytestmark = pytest.mark.filterwarnings("ignore::rosenblatt.models.pca_yardstick.WorseThanPCAWarning")

tune = partial(fine_tune, freeze_epochs=3, max_epochs=5, learning_rate=0.01, random_state=0)


@pytest.fixture(scope="module")
def digits():
    """300 digits: rows (300, 64) of numbers from 0 to 1, and their classes."""
    data = load_digits()
    return (data.data[:300] / 16).astype(np.float32), data.target[:300]


@pytest.fixture(scope="module")
def images(digits):
    """The same as images of bytes (300, 8, 8)."""
    return np.round(digits[0] * 255).astype(np.uint8).reshape(-1, 8, 8)


@pytest.fixture(scope="module")
def dense(digits):
    model = Autoencoder(
        latent_dim=5, hidden_layer_sizes=(12, 8), activation=("tanh", "relu"), code_activation="sigmoid", max_epochs=3
    )
    return model.set_params(random_state=0).fit(digits[0])


@pytest.fixture(scope="module")
def convolutional(images):
    model = Autoencoder(
        architecture="conv", latent_dim=5, channels=(4, 6), hidden_layer_sizes=(7,), padding="valid", max_epochs=3
    )
    return model.set_params(kernel_size=(3, 2), activation="leaky_relu", negative_slope=0.1, random_state=0).fit(images)


def head_on(encoder, digits, X=None, **settings):
    settings = {"hidden_layer_sizes": (), "learning_rate": 0.01, "max_epochs": 3, "random_state": 0} | settings
    return MLPClassifier(**settings).fit(encoder.transform(digits[0] if X is None else X), digits[1])


def assert_same_arrays(found, expected):
    found, expected = map(jax.tree.leaves, (found, expected))
    assert len(found) == len(expected) > 0
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one, other)


def test_frozen_epochs_are_a_perceptron_on_codes(dense, digits):
    X, _ = digits
    model = tune(dense, *digits, max_epochs=3, hidden_layer_sizes=(6,))
    head = head_on(dense, digits, hidden_layer_sizes=(6,))
    assert_same_arrays(model.networks_["model"].layers[:3], dense.encoder_.layers)
    assert_same_arrays(model.networks_["model"].layers[3:], head.networks_["model"].layers)
    np.testing.assert_array_equal(model.predict(X), head.predict(dense.transform(X)))
    # The same arrays, but in one program rather than two, which may sum in another order.
    np.testing.assert_allclose(
        model.decision_function(X), head.decision_function(dense.transform(X)), rtol=1e-5, atol=1e-5
    )
    np.testing.assert_array_equal(model.history_["train_risk"], head.history_["train_risk"])
    assert model.history_["frozen"].tolist() == [1, 1, 1]
    assert (model.n_epochs_, model.best_epoch_, model.stopped_) == (3, 3, "max_epochs")
    assert model.n_parameters_.total == 64 * 12 + 12 + 12 * 8 + 8 + 8 * 5 + 5 + 5 * 6 + 6 + 6 * 10 + 10


def test_frozen_epochs_of_images_of_bytes(convolutional, images, digits):
    model = tune(convolutional, images, digits[1], max_epochs=3)
    head = head_on(convolutional, digits, images)
    assert type(model) is ConvClassifier
    assert_same_arrays(model.features_, convolutional.encoder_.features)
    assert_same_arrays(model.task_learner_.layers[:2], convolutional.encoder_.head.layers)
    assert_same_arrays(model.task_learner_.layers[2:], head.networks_["model"].layers)
    np.testing.assert_array_equal(model.predict(images), head.predict(convolutional.transform(images)))
    assert (model.image_shape_, model.pixel_maximum_, model.n_features_in_) == ((8, 8, 1), 255, 64)
    # Numbers from 0 to 1, in rows, are as good.
    rows = tune(convolutional, images.reshape(300, 64) / np.float32(255), digits[1], max_epochs=3)
    assert (rows.image_shape_, rows.pixel_maximum_) == ((8, 8, 1), None)
    np.testing.assert_allclose(
        rows.decision_function(images.reshape(300, 64) / np.float32(255)), model.decision_function(images), atol=1e-4
    )


def test_then_all_layers_learn_as_in_a_warm_start(dense, digits):
    """With whole batches, no epoch depends on what was drawn before it."""
    head = head_on(dense, digits, batch_size="full").networks_["model"]
    functions = (*dense.encoder_.activations, dense.networks_["model"].code_activation, *head.activations)
    by_hand = MLPClassifier(
        hidden_layer_sizes=(12, 8, 5), activation=("tanh", "relu", "sigmoid"), learning_rate=0.01, batch_size="full"
    ).set_params(random_state=0, warm_start=True, max_epochs=2)
    by_hand.fit(*digits).networks_ = {"model": MLP((*dense.encoder_.layers, *head.layers), functions)}
    by_hand.fit(*digits)
    model = tune(dense, *digits, batch_size="full")
    assert_same_arrays(model.networks_, by_hand.networks_)
    np.testing.assert_array_equal(model.history_["train_risk"][3:], by_hand.history_["train_risk"])
    assert model.history_["epoch"].tolist() == [1, 2, 3, 4, 5]
    assert model.history_["frozen"].tolist() == [1, 1, 1, 0, 0]
    assert (model.n_epochs_, model.best_epoch_, model.stopped_) == (5, 5, "max_epochs")


def test_without_frozen_epochs_the_head_starts_fresh(dense, digits):
    model = tune(dense, *digits, freeze_epochs=0, max_epochs=1, learning_rate=1e-12)
    fresh = head_on(dense, digits, max_epochs=1, learning_rate=1e-12)
    np.testing.assert_allclose(model.coefs_[-1], fresh.coefs_[-1], atol=1e-9)
    np.testing.assert_allclose(model.coefs_[0], dense.encoder_.layers[0].weight, atol=1e-9)
    assert model.history_["frozen"].tolist() == [0]


def test_the_encoder_stays_as_it_is(dense, digits):
    before = [leaf.copy() for leaf in jax.tree.leaves(dense.networks_)]
    model = tune(dense, *digits)
    model.networks_["model"].layers[0].weight[:] = 0
    tune(dense, *digits, max_epochs=3).networks_["model"].layers[0].weight[:] = 0
    assert_same_arrays(dense.networks_, before)


def test_the_same_seed_gives_the_same_bits(dense, digits):
    one, two, other = (tune(dense, *digits, random_state=seed, dropout=0.2) for seed in (1, 1, 2))
    assert_same_arrays(one.networks_, two.networks_)
    assert not np.array_equal(one.coefs_[-1], other.coefs_[-1])


def test_saved_and_loaded_it_predicts_the_same_bits(dense, convolutional, digits, images, tmp_path):
    for name, encoder, X in (("dense", dense, digits[0]), ("conv", convolutional, images)):
        model = tune(encoder, X, digits[1], hidden_layer_sizes=(6,), activation="tanh")
        again = load(save(model, tmp_path / name))
        np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))
        assert again.history_["frozen"].tolist() == [1, 1, 1, 0, 0]
        assert again.get_params() == model.get_params()
        again.partial_fit(X, digits[1])
        assert again.n_epochs_ == 6


def test_the_fields_are_those_of_the_same_network_untrained(convolutional, images, digits):
    model = tune(convolutional, images, digits[1], hidden_layer_sizes=(6,), activation="tanh")
    twin = clone(model).fit(images, digits[1])
    assert jax.tree.structure(twin.networks_) == jax.tree.structure(model.networks_)
    assert [leaf.shape for leaf in jax.tree.leaves(twin.networks_)] == [
        leaf.shape for leaf in jax.tree.leaves(model.networks_)
    ]


def test_partial_fit_goes_on_with_a_frozen_model(dense, digits):
    model = tune(dense, *digits, max_epochs=3).partial_fit(*digits)
    assert model.n_epochs_ == 4
    assert not np.array_equal(model.coefs_[0], dense.encoder_.layers[0].weight)


def test_weights_repeat_rows(dense, digits):
    X, y = digits[0][:40], digits[1][:40]
    twice = np.r_[np.arange(40), np.arange(20)]
    whole = partial(tune, dense, batch_size="full")
    weighted = whole(X, y, sample_weight=np.r_[np.full(20, 2.0), np.ones(20)])
    repeated = whole(X[twice], y[twice])
    np.testing.assert_allclose(weighted.coefs_[0], repeated.coefs_[0], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(weighted.coefs_[-1], repeated.coefs_[-1], rtol=1e-4, atol=1e-5)


def test_validation_is_looked_at_in_both_phases(dense, digits):
    X, y = digits
    model = tune(dense, X[:200], y[:200], validation_data=(X[200:], y[200:]), l2=0.01)
    risk = model.history_["validation_risk"]
    assert np.isfinite(risk).all()
    assert model.best_epoch_ == risk.argmin() + 1
    proba = model.predict_proba(X[200:])[np.arange(100), y[200:]]
    penalty = 0.01 * sum((np.float64(weight) ** 2).sum() for weight in model.coefs_)
    assert risk[-1] == pytest.approx(-np.log(proba).mean() + penalty, rel=1e-5)
    head = head_on(dense, (X[:200], y[:200]), l2=0.01)
    proba = head.predict_proba(dense.transform(X[200:]))[np.arange(100), y[200:]]
    weights = [*(layer.weight for layer in dense.encoder_.layers), head.coefs_[0]]
    penalty = 0.01 * sum((np.float64(weight) ** 2).sum() for weight in weights)
    assert risk[2] == pytest.approx(-np.log(proba).mean() + penalty, rel=1e-5)  # of all layers, also the frozen ones


def test_early_stopping_keeps_the_best_epoch_of_both_phases(dense, digits):
    X, y = digits
    held_out = {"validation_data": (X[200:], y[200:]), "early_stopping": True, "patience": 2}
    # Too fast for all layers, though not for the head: it reaches 2.1, and with them the risk is 3.5 and more.
    settings = {"freeze_epochs": 20, "max_epochs": 40, "learning_rate": 0.3, "batch_size": "full"}
    model = tune(dense, X[:200], y[:200], **settings, **held_out)
    risk, frozen = model.history_["validation_risk"], model.history_["frozen"]
    assert model.stopped_ == "early_stopping"
    assert model.best_epoch_ == risk.argmin() + 1 <= frozen.sum() < model.n_epochs_
    proba = model.predict_proba(X[200:])[np.arange(100), y[200:]]
    assert -np.log(proba).mean() == pytest.approx(risk.min(), rel=1e-4)
    assert_same_arrays(model.networks_["model"].layers[:3], dense.encoder_.layers)


def test_early_stopping_sets_the_same_rows_aside_in_both_phases(dense, digits):
    model = tune(dense, *digits, max_epochs=3, early_stopping=True)
    head = head_on(dense, digits, early_stopping=True)
    np.testing.assert_array_equal(model.history_["validation_risk"], head.history_["validation_risk"])
    assert_same_arrays(model.networks_["model"].layers[3:], head.networks_["model"].layers)


def test_numbers_are_regressed_and_labels_told_apart(dense, convolutional, digits, images):
    X, y = digits
    frozen = partial(tune, max_epochs=3)  # which compiles the small programs of heads only
    model = frozen(dense, X, X.mean(1))
    assert type(model) is MLPRegressor
    assert model.predict(X).shape == (300,)
    assert type(frozen(convolutional, images, y, task="regression", loss="huber")) is ConvRegressor
    assert frozen(dense, X, np.c_[X.mean(1), X.max(1)]).predict(X).shape == (300, 2)
    assert frozen(dense, X, y > 4).classes_.tolist() == [False, True]
    letters = np.array(list("abcdefghij"))
    assert set(frozen(dense, X, letters[y], class_weight="balanced").predict(X)) <= set(letters)
    assert frozen(dense, X, np.c_[y > 4, y % 2].astype(int)).predict(X).shape == (300, 2)


def test_three_labels_a_class_are_enough_for_most_digits():
    X, y = load_digits(return_X_y=True)
    X = (X / 16).astype(np.float32)
    encoder = Autoencoder(latent_dim=16, noise=0.3, learning_rate=0.003, max_epochs=60, random_state=0).fit(X[:1200])
    few = np.concatenate([np.flatnonzero(y[:1200] == label)[:3] for label in range(10)])
    model = fine_tune(encoder, X[few], y[few], learning_rate=0.003, random_state=0, max_epochs=60)
    # Chance is 0.10; seeds 0 to 3 gave 0.69 to 0.75.
    assert model.score(X[1200:], y[1200:]) > 0.65


def test_mistakes_are_named(dense, convolutional, digits, images):
    X, y = digits
    with pytest.raises(TypeError, match="encoder is of type MLPClassifier; a fitted Autoencoder is needed"):
        fine_tune(MLPClassifier(), X, y)
    with pytest.raises(TypeError, match="encoder is of type Autoencoder; a fitted Autoencoder is needed"):
        fine_tune(Autoencoder, X, y)
    with pytest.raises(NotFittedError, match="This Autoencoder instance is not fitted yet"):
        fine_tune(Autoencoder(), X, y)
    for epochs in ({"freeze_epochs": 0, "max_epochs": 0}, {"freeze_epochs": 9}, {"freeze_epochs": -1}):
        with pytest.raises(ValueError, match=r"0 <= freeze_epochs <= max_epochs and max_epochs >= 1, since max_epochs"):
            tune(dense, X, y, **epochs)
    with pytest.raises(ValueError, match="freeze_epochs=1.5 and max_epochs=5; whole numbers are needed"):
        tune(dense, X, y, freeze_epochs=1.5)
    with pytest.raises(ValueError, match="task='ranking' is not known; use one of 'auto', 'classification', 'regress"):
        tune(dense, X, y, task="ranking")
    with pytest.raises(TypeError, match="kernel_size, pooling follow from the encoder, whose layers stay what they ar"):
        tune(convolutional, images, y, kernel_size=3, pooling="max")
    with pytest.raises(TypeError, match="warm_start belong to one fit, and fine_tune makes two: leave them out"):
        tune(dense, X, y, warm_start=True)
    with pytest.raises(TypeError, match="MLPClassifier has no field 'bach_size'. Did you mean 'batch_size'?"):
        tune(dense, X, y, bach_size=3)
    with pytest.raises(ValueError, match="MLPClassifier cannot be fitted with learning_rate=-1"):
        tune(dense, X, y, learning_rate=-1)
    with pytest.raises(ValueError, match="X has 63 features, but Autoencoder is expecting 64 features"):
        tune(dense, X[:, 1:], y)
    with pytest.raises(ValueError, match="activation has 1 functions for 2 hidden layers"):
        tune(dense, X, y, hidden_layer_sizes=(3, 3), activation=("relu",))
    with pytest.raises(ValueError, match="validation_data must be"):
        tune(dense, X, y, validation_data=X)


def test_a_dense_encoder_of_bytes_needs_them_divided(images, digits):
    rows = images.reshape(300, 64)
    encoder = Autoencoder(latent_dim=5, hidden_layer_sizes=(8,), max_epochs=2, random_state=0).fit(rows)
    scaled = rows / np.float32(255)
    model = tune(encoder, scaled, digits[1], max_epochs=3)
    head = head_on(encoder, digits, rows)
    assert np.mean(model.predict(scaled) == head.predict(encoder.transform(rows))) > 0.99
    for X, held_out in ((rows, None), (scaled, (rows, digits[1]))):
        with pytest.raises(ValueError, match="which a dense autoencoder divides by 255 .*: pass X / 255 here and to"):
            tune(encoder, X, digits[1], validation_data=held_out)
